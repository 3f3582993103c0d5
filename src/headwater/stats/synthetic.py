"""Synthetic control, synthetic difference-in-differences and plain difference-in-differences for one treated series.

Abadie, Diamond & Hainmueller (2010), JASA 105:493; Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), AER 111:4088.
Targets are the treated series and every placebo at once: they share the donors' Gram matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from headwater.stats.simplex import simplex_weights
from headwater.stats.structural import structural

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Kind = Literal["synthetic-control", "synthetic-did", "did", "augmented", "structural", "matched-did"]


@dataclass(frozen=True, slots=True, eq=False)
class Synthetic:
    """expected: float64[target, period]; weights: float64[target, donor]; scale: float64[target], the root mean square
    of the pre-period gap in blocks of periods that the weights were not fitted on; freedom: how many uncorrelated
    periods such a mean square is worth; level: how many of the last pre-periods set the level that did carries on (0:
    none is).
    """

    expected: Floats
    weights: Floats
    scale: Floats
    freedom: float
    level: int = 0


def synthetic(
    targets: Floats, donors: Floats, allowed: Flags, pre: Flags, post: Flags, kind: Kind, season: int = 0
) -> Synthetic:
    """Counterfactuals of each target from the donors it may use.

    targets: float64[target, period] and donors: float64[donor, period], without gaps; allowed: bool[target, donor];
    pre, post: bool[period], apart. Periods in neither get a counterfactual too and count for nothing. season: periods
    in a year, by whole ones of which did may carry on a recent level; 0 takes the whole pre-period's.
    """
    before = np.flatnonzero(pre)
    ridge = _ridge(donors, before, int(post.sum())) if kind == "synthetic-did" else 0.0
    problem, level = _Problem(targets, donors, allowed, kind, ridge), 0
    weights = problem.weights(before)
    expected = weights @ donors
    if kind == "synthetic-did":
        lambdas = _time_weights(donors, allowed, before, post)
        expected += np.sum(lambdas * (targets - expected)[:, before], axis=1, keepdims=True)
    elif kind in ("did", "matched-did"):
        gap = (targets - expected)[:, before]
        level = level_window(gap, season)
        expected += gap[:, -level:].mean(axis=1, keepdims=True)
    elif kind == "augmented":
        expected += _augmented(targets - expected, donors, allowed, before)
    elif kind == "structural":
        mean = donors.mean(axis=0)
        expected = np.array(
            [structural(row, np.column_stack([due, mean]), pre) for row, due in zip(targets, expected, strict=True)]
        )
    gap = _held_out_gap(problem, before, weights)
    return Synthetic(expected, weights, np.sqrt(np.mean(gap**2, axis=1)), _freedom(gap), level)


CLEARLY = 0.95
"""A shorter window is taken where it foretells a year with less than this share of the whole past's error."""


def level_window(gap: Floats, season: int) -> int:
    """How many of the last pre-periods the level is taken from: all, or the last one or two whole years where these
    foretell the year that follows better, over all targets and every earlier moment. gap: float64[target, pre-period].

    Where levels wander the past of four years ago says little of the next one; where they stay, all of it is best.
    Whole years, so that the calendar stays out of it. Only periods before the start are looked at, and all targets get
    the same window.
    """
    periods = gap.shape[1]
    if not season or periods < 2 * season:
        return periods
    moments = range(season, periods - season // 2)

    def error(window: int) -> float:
        ahead = [
            np.abs(gap[:, at : at + season].mean(axis=1) - gap[:, max(0, at - window) : at].mean(axis=1))
            for at in moments
        ]
        return float(np.mean(ahead))

    best = min((2 * season, season), key=error)
    return best if error(best) < CLEARLY * error(periods) else periods


def residuals(targets: Floats, donors: Floats, after: int, kind: Kind) -> Floats:
    """float64[target, period]: the gaps of a fit on all periods, donors free to all; after: how many of the last
    periods would be the post-period, by which the ridge is set."""
    at = np.arange(donors.shape[1])
    ridge = _ridge(donors, at[: len(at) - after], after) if kind == "synthetic-did" else 0.0
    allowed = np.ones((len(targets), len(donors)), dtype=bool)
    gap = targets - _Problem(targets, donors, allowed, kind, ridge).weights(at) @ donors
    return gap if kind == "synthetic-control" else gap - gap.mean(axis=1, keepdims=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    targets: Floats
    donors: Floats
    allowed: Flags
    kind: Kind
    ridge: float

    def weights(self, at: NDArray[np.intp], start: Floats | None = None) -> Floats:
        """float64[target, donor], fitted on the periods `at`; start: weights near to these, which only save time."""
        if self.kind == "did":
            return self.allowed / self.allowed.sum(axis=1, keepdims=True)
        if self.kind == "matched-did":
            return self._nearest(at)
        centre = self.kind == "synthetic-did"
        X, Z = (rows[:, at] - rows[:, at].mean(axis=1, keepdims=True) * centre for rows in (self.donors, self.targets))
        return simplex_weights(X @ X.T, Z @ X.T, self.allowed, self.ridge * len(at), start)

    def _nearest(self, at: NDArray[np.intp]) -> Floats:
        """Equal weights on the donors whose paths over the periods `at`, each about its own mean, lie nearest to the
        target's."""
        X, Z = (rows[:, at] - rows[:, at].mean(axis=1, keepdims=True) for rows in (self.donors, self.targets))
        far = ((Z[:, None, :] - X[None]) ** 2).sum(axis=2)
        order = np.argsort(np.where(self.allowed, far, np.inf), axis=1, kind="stable")
        chosen = order[:, : max(1, min(NEAREST, len(self.donors) // 2))]
        weights = np.zeros(self.allowed.shape)
        np.put_along_axis(weights, chosen, 1.0, axis=1)
        weights *= self.allowed
        return np.asarray(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1.0))


NEAREST = 10
"""Donors that a matched comparison rests on."""


def _ridge(donors: Floats, before: NDArray[np.intp], post: int) -> float:
    """ζ² of Arkhangelsky et al. (2021), eq. 5 for one treated unit: √(post periods) × the variance of one-period
    changes."""
    if len(before) < 2:
        return 0.0
    return float(np.sqrt(post) * np.var(np.diff(donors[:, before], axis=1), ddof=1))


def _time_weights(donors: Floats, allowed: Flags, before: NDArray[np.intp], post: Flags) -> Floats:
    """float64[target, pre-period], λ of Arkhangelsky et al. (2021): the pre-periods whose mix looks like the
    post-period among the donors a target may use. All targets share the products over all donors, less those of the
    donors each leaves out and of the mean that this moves: a few multiplications of a vector where each by itself would
    need a matrix."""
    X = donors[:, before] - donors[:, before].mean(axis=0)
    after = donors[:, post].mean(axis=1)
    after -= after.mean()
    steps = np.diff(X, axis=1) if len(before) > 1 else np.zeros((len(X), 1))
    G, b = X.T @ X, after @ X
    found = np.empty((len(allowed), len(before)))
    for row, use in enumerate(allowed):
        n, out = int(use.sum()), np.flatnonzero(~use)
        mean, late = -X[out].sum(axis=0) / n, -after[out].sum() / n
        gram = G - X[out].T @ X[out] - n * np.outer(mean, mean)
        ridge = 1e-12 * float(np.var(steps[use], ddof=1)) * n if len(before) > 1 else 0.0
        beside = b - after[out] @ X[out] - n * late * mean
        found[row] = simplex_weights(gram, beside[None, :], np.ones((1, len(before)), dtype=bool), ridge)[0]
    return found


def blocks(before: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """The pre-period in up to five runs of at least three periods: whole runs are held out, as neighbours are alike."""
    return np.array_split(before, max(2, min(5, len(before) // 3)))


def _held_out_gap(problem: _Problem, before: NDArray[np.intp], weights: Floats) -> Floats:
    """float64[target, pre-period]: the gap in each block under weights (and intercept) from the others."""
    held = np.full((len(problem.targets), len(before)), np.nan)
    if len(before) < 4:
        return held
    for block in blocks(before):
        rest = np.setdiff1d(before, block)
        gap = problem.targets - problem.weights(rest, weights) @ problem.donors
        if problem.kind != "synthetic-control":
            gap = gap - gap[:, rest].mean(axis=1, keepdims=True)
        held[:, np.searchsorted(before, block)] = gap[:, block]
    return held


def _freedom(gap: Floats) -> float:
    """Periods × (1 − ρ²)/(1 + ρ²), the worth of a mean square of a first-order process; ρ over all targets."""
    power = float(np.sum(gap**2))
    rho = float(np.clip(np.sum(gap[:, 1:] * gap[:, :-1]) / power, 0.0, 0.95)) if power > 0 else 0.0
    return max(1.0, gap.shape[1] * (1 - rho**2) / (1 + rho**2))


RIDGES = 10.0 ** np.arange(-4, 3)
"""Penalties tried, as shares of the donors' largest squared singular value."""


def _augmented(gap: Floats, donors: Floats, allowed: Flags, before: NDArray[np.intp]) -> Floats:
    """float64[target, period]: what a ridge regression on the donors adds to a synthetic control for the gap it left
    before the start; the penalty is the one that foretells held-out blocks best (Ben-Michael, Feller & Rothstein 2021,
    JASA 116:1789).
    """
    found = np.empty((len(gap), donors.shape[1]))
    for row, use in enumerate(allowed):
        Z = donors[use] - donors[use].mean(axis=0)
        level = gap[row, before].mean()
        found[row] = level + _ridged(gap[row] - level, Z, before)
    return found


def _ridged(gap: Floats, Z: Floats, before: NDArray[np.intp]) -> Floats:
    """float64[period]: the gap as a penalised mix of the donors' departures from their mean."""
    size = float(np.linalg.norm(Z[:, before], 2)) ** 2 or 1.0
    errors = np.zeros(len(RIDGES))
    for block in blocks(before) if len(before) >= 6 else []:
        rest = np.setdiff1d(before, block)
        errors += [np.sum((gap[block] - _mixed(gap, Z, rest, ridge * size)[block]) ** 2) for ridge in RIDGES]
    best = RIDGES[int(np.argmin(errors))] if errors.any() else RIDGES[-1]
    return _mixed(gap, Z, before, best * size)


def _mixed(gap: Floats, Z: Floats, at: NDArray[np.intp], penalty: float) -> Floats:
    gram = Z[:, at].T @ Z[:, at] + penalty * np.eye(len(at))
    return np.asarray(Z.T @ (Z[:, at] @ np.linalg.solve(gram, gap[at])))
