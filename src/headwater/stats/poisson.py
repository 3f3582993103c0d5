"""Rate ratios by Poisson pseudo-likelihood with matched-set effects taken out.

log E[y_i] = α_set(i) + x_i'β + log t_i. Given the set's total the α drop out (Hausman, Hall & Griliches 1984,
Econometrica 52): the likelihood is multinomial in the shares p_i = t_i exp(x_i'β) / Σ_set. It needs the rate to be
right, not the variance (Gourieroux, Monfort & Trognon 1984), which is why errors are clustered: by set, by person, and
by both where a person serves in several sets (Cameron, Gelbach & Miller 2011, JBES 29). Each of the three is the
jackknife that leaves a cluster out (CR3: Bell & McCaffrey 2002, Survey Methodology 28; MacKinnon, Nielsen & Webb 2023,
J. Applied Econometrics 38), a Newton step at a time. A set's effect is estimated from its few members, which shrinks
each one's residual by 1 − p: the common sandwich sees only (1 − p)² of how a person's counts in two sets go together,
about 56 % in sets of four, and its errors were up to 7 % too small for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from headwater.domain.uncertainty import Interval
from headwater.stats.content import steady

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

    _Fit = tuple[Vector, Vector, Vector, Codes, Vector]

CONVERGED = 1e-10
WHOLE = 1e-9
"""A share of a set that stays below this is nobody."""


@dataclass(frozen=True, slots=True, eq=False)
class RateModel:
    """beta: float64[covariate]; covariance: float64[covariate, covariate]; clusters: the smaller number of clusters."""

    beta: Vector
    covariance: Vector
    clusters: int
    sets_used: int

    @property
    def se(self) -> Vector:
        found: Vector = np.sqrt(np.maximum(np.diag(self.covariance), 0))
        return found

    def ratio(self, column: int = 0, level: float = 0.95) -> Interval:
        """exp(β) with its interval by Student's t on clusters − 1 degrees of freedom."""
        reach = float(student.ppf(0.5 + level / 2, max(self.clusters - 1, 1)) * self.se[column])
        mid = float(self.beta[column])
        low, high = (float(np.exp(np.clip(mid + sign * reach, -50, 50))) for sign in (-1, 1))
        return Interval(low, float(np.exp(mid)), high, level)

    def draws(self, count: int, rng: np.random.Generator, column: int = 0) -> Vector:
        """float64[draw]: log rate ratios, t-distributed around the estimate as its interval is."""
        found: Vector = self.beta[column] + self.se[column] * rng.standard_t(max(self.clusters - 1, 1), count)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """Of each row: x less its set's mean, its share of the set's total, that total, and observed less expected."""

    x: Vector
    share: Vector
    total: Vector
    gap: Vector


def rate_model(
    counts: Vector,
    exposure: Vector,
    design: Vector,
    sets: Codes,
    *,
    person: Codes | None = None,
    weights: Vector | None = None,
    leverage: bool = True,
) -> RateModel | None:
    """Fit it. counts, exposure, weights: float64[row]; design: float64[row, covariate]; sets, person: int64[row].

    leverage: whether errors are jackknifed; without it they are the common sandwich × G/(G − 1), as other software
    gives it.

    Rows without exposure and sets without an event or a comparison say nothing and are left out. None where nothing is
    left, or where one arm never has an event, so that the ratio would be nought or infinite.
    """
    kept = _kept(counts, exposure, design, sets, weights)
    beta = None if kept is None else _fitted(*kept[0])
    if kept is None or beta is None:
        return None
    fit, keep = kept
    people = None if person is None else person[keep]
    covariance, clusters = _sandwich(fit, beta, people, leverage)
    return RateModel(steady(beta), steady(covariance), clusters, int(fit[3].max()) + 1)


def log_ratios(
    counts: Vector, exposure: Vector, design: Vector, sets: Codes, weights: Vector | None = None
) -> Vector | None:
    """float64[covariate]: the estimates of `rate_model` alone, without their errors, which cost the most."""
    kept = _kept(counts, exposure, design, sets, weights)
    beta = None if kept is None else _fitted(*kept[0])
    return None if beta is None else steady(beta)


def _kept(
    counts: Vector, exposure: Vector, design: Vector, sets: Codes, weights: Vector | None
) -> tuple[_Fit, NDArray[np.bool_]] | None:
    """The rows that say something, x centred, and which they are; None where nothing is left to compare."""
    weight = np.ones(len(counts)) if weights is None else weights
    keep = (exposure > 0) & (weight > 0)
    keep &= _telling(counts * keep, sets, keep)
    if not keep.any() or not _both_arms(counts[keep], design[keep, 0]):
        return None
    _, group = np.unique(sets[keep], return_inverse=True)
    x = design[keep]
    return (counts[keep], exposure[keep], x - x.mean(axis=0), group, weight[keep]), keep


def telling_rows(counts: Vector, exposure: Vector, design: Vector, sets: Codes) -> _Fit | None:
    """The rows that say something and what they are fitted from, also where one arm has no event; None where none
    does."""
    keep = exposure > 0
    keep &= _telling(counts * keep, sets, keep)
    if not keep.any():
        return None
    _, group = np.unique(sets[keep], return_inverse=True)
    x = design[keep]
    return counts[keep], exposure[keep], x - x.mean(axis=0), group, np.ones(int(keep.sum()))


def _telling(counts: Vector, sets: Codes, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows of sets with an event and at least two rows."""
    _, group = np.unique(sets, return_inverse=True)
    events, rows = np.bincount(group, counts), np.bincount(group, keep)
    found: NDArray[np.bool_] = ((events > 0) & (rows > 1))[group]
    return found


def _both_arms(counts: Vector, treated: Vector) -> bool:
    middle = (treated.min() + treated.max()) / 2
    return bool(counts[treated > middle].sum() > 0 and counts[treated <= middle].sum() > 0)


def _share(t: Vector, x: Vector, group: Codes, w: Vector, beta: Vector) -> Vector:
    risk = w * t * np.exp(np.clip(x @ beta, -30, 30))
    found: Vector = risk / np.bincount(group, risk)[group]
    return found


def _means(share: Vector, x: Vector, group: Codes) -> Vector:
    """float64[set, covariate]: the set means of x under the shares."""
    found: Vector = np.stack([np.bincount(group, share * column) for column in x.T], axis=1).astype(np.float64)
    return found


def _fitted(y: Vector, t: Vector, x: Vector, group: Codes, w: Vector) -> Vector | None:
    """Newton on the conditional likelihood; None where it does not settle."""
    beta, _, settled = _climbed(y, t, x, group, w, np.zeros(x.shape[1]))
    return beta if settled and np.abs(beta[0]) < 20 else None


def fitted_at(y: Vector, t: Vector, x: Vector, group: Codes, w: Vector, start: Vector) -> tuple[Vector, float]:
    """The coefficients of the rows of `telling_rows` from a start nearby, and the log-likelihood there; x may have no
    column."""
    if not x.shape[1]:
        return start, _loglik(y, w, _share(t, x, group, w, start))
    beta, level, _ = _climbed(y, t, x, group, w, start)
    return beta, level


def _climbed(y: Vector, t: Vector, x: Vector, group: Codes, w: Vector, beta: Vector) -> tuple[Vector, float, bool]:
    """Newton, halving steps that do not climb: the coefficients, the log-likelihood, and whether it settled."""
    total = np.bincount(group, w * y)
    held, share = -np.inf, _share(t, x, group, w, beta)
    level = _loglik(y, w, share)
    for _ in range(60):
        centred = x - _means(share, x, group)[group]
        score = centred.T @ (w * y)
        information = (centred * (total[group] * share)[:, None]).T @ centred
        step = np.linalg.lstsq(information + 1e-10 * np.eye(len(beta)), score, rcond=None)[0]
        scale, ahead = 1.0, _share(t, x, group, w, beta + step)
        while scale > 1e-4 and _loglik(y, w, ahead) < level - 1e-12:
            scale /= 2
            ahead = _share(t, x, group, w, beta + scale * step)
        beta, reached = beta + scale * step, _loglik(y, w, ahead)
        if np.abs(scale * step).max() < CONVERGED or (level - held) ** 2 < 1e-24:
            return beta, reached, True
        held, level, share = level, reached, ahead
    return beta, held, False


def _loglik(y: Vector, w: Vector, share: Vector) -> float:
    return float((w * y * np.log(np.maximum(share, 1e-300))).sum())


def _sandwich(fit: _Fit, beta: Vector, person: Codes | None, leverage: bool) -> tuple[Vector, int]:
    group = fit[3]
    terms = _terms(fit, beta)
    if person is None or not group.any():
        # Within one set the scores add up to nought, so that only people can be clusters.
        return _jackknifed(terms, group, group if person is None else person, leverage)
    by_set, sets = _jackknifed(terms, group, group, leverage)
    by_person, people = _jackknifed(terms, group, person, leverage)
    by_both, _ = _jackknifed(terms, group, group * (person.max() + 1) + person, leverage)
    covariance = by_set + by_person - by_both
    if (np.diag(covariance) <= 0).any():
        # The two-way sum need not be positive; the larger of the two one-way ones is the cautious choice.
        covariance = by_set if np.trace(by_set) > np.trace(by_person) else by_person
    return covariance, min(sets, people)


def _terms(fit: _Fit, beta: Vector) -> _Terms:
    y, t, x, group, w = fit
    share = _share(t, x, group, w, beta)
    means = _means(share, x, group)
    total = np.bincount(group, w * y)[group].astype(np.float64)
    return _Terms(x - means[group], share, total, w * y - total * share)


def _jackknifed(terms: _Terms, group: Codes, clusters: Codes, leverage: bool) -> tuple[Vector, int]:
    """(G − 1)/G Σ δδ' and G, where δ is one Newton step from the estimate of all to that without one cluster.

    A cluster is left out of each of its sets, whose total and shares are then those of the members who stay. With p, Z,
    e the sums over a cell (a cluster's rows in one set) of the shares, of share × centred x, and of observed less
    expected, and n the set's total, the score falls by Σ x̃e + Z e/(1 − p) and the information by n (Σ share x̃x̃' +
    ZZ'/(1 − p)). Without leverage both corrections are left out, which is the common sandwich.
    """
    _, cluster = np.unique(clusters, return_inverse=True)
    count = int(cluster.max()) + 1
    key, cell = np.unique(group * count + cluster, return_inverse=True)
    owner = key % count
    information = _outer_sums(terms.x, terms.total * terms.share, np.zeros(len(cell), dtype=np.int64), 1)[0]
    score = _sums(terms.x * terms.gap[:, None], cell, len(key))
    if not leverage:
        steps = _sums(score, owner, count) @ np.linalg.pinv(information)
        return steps.T @ steps * (count / max(count - 1, 1)), count
    pull, stays = _sums(terms.x * terms.share[:, None], cell, len(key)), 1 - np.bincount(cell, terms.share)
    # A set that leaves whole has nobody who stays: it takes its own score and information with it, and no more.
    more = np.where(stays > WHOLE, 1 / np.where(stays > WHOLE, stays, 1), 0)
    score += pull * (np.bincount(cell, terms.gap) * more)[:, None]
    total = np.zeros(len(key))
    total[cell] = terms.total
    lost = _outer_sums(terms.x, terms.total * terms.share, cluster, count) + _outer_sums(
        pull, total * more, owner, count
    )
    left = np.linalg.pinv(information - lost, hermitian=True)
    steps = np.einsum("gij,gj->gi", left, _sums(score, owner, count))
    return steps.T @ steps * ((count - 1) / count), count


def _sums(rows: Vector, code: Codes, count: int) -> Vector:
    return np.stack([np.bincount(code, column, count) for column in rows.T], axis=1).astype(np.float64)


def _outer_sums(rows: Vector, weight: Vector, code: Codes, count: int) -> Vector:
    """float64[code, column, column]: the sums of weight × row row'."""
    width = range(rows.shape[1])
    parts = [[np.bincount(code, weight * rows[:, i] * rows[:, j], count) for j in width] for i in width]
    return np.array(parts, dtype=np.float64).transpose(2, 0, 1)
