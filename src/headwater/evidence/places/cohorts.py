"""Staggered difference-in-differences over many units: imputation on counts, or group-time effects on log rates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.alike import alike
from headwater.evidence.places.fit import Fit, cannot
from headwater.stats.imputation import NEVER, imputed
from headwater.stats.staggered import group_time
from headwater.stats.synthetic import level_window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case

    Floats = NDArray[np.float64]

FEWEST_DONORS = 5
"""With fewer donors a bootstrap says too little about those; its tails are those of the smaller side."""


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """The used cells of treated and donor rows. counts, exposure: float64[unit, period]; starts: int[unit]; at: their
    periods in the panel; off: bool[unit, period], cells that are neither treated nor comparison."""

    counts: Floats
    exposure: Floats
    starts: NDArray[np.int64]
    at: NDArray[np.intp]
    off: NDArray[np.bool_]


def staggered(case: Case) -> Fit:
    """Treated cells from each unit's own start to the end of follow-up against all others alike and the not yet
    treated."""
    case, level = recent(replace(case, donors=alike(case)))
    rows, at = np.r_[case.treated, case.donors], np.flatnonzero(case.used)
    y, e = (part[np.ix_(rows, at)] for part in (case.panel.counts, case.panel.exposure))
    off = case.off[np.ix_(rows, at)] if len(case.off) else np.zeros(y.shape, dtype=bool)
    y = np.where(off, np.nan, y)
    starts = np.where(case.starts[rows] < NEVER, np.searchsorted(at, case.starts[rows]), NEVER)
    if len(case.donors) < FEWEST_DONORS:
        y = _beside_enough(y, starts, len(case.donors))
    window = _Window(y, e, starts.astype(np.int64), at, off)
    fit = _by_logs(case, window) if case.options.estimator == "callaway-santanna" else _by_imputation(case, window)
    return replace(fit, level=level, beside=case.donors)


def _beside_enough(y: Floats, starts: NDArray[np.int64], donors: int) -> Floats:
    """Where a few are never treated, periods in which they and those whose turn has not come are too few tell
    nothing."""
    untreated = (np.isfinite(y) & (np.arange(y.shape[1]) < starts[:, None])).sum(axis=0)
    return np.where(untreated < FEWEST_DONORS, np.nan, y) if donors else y


ROWS = 2000
"""Units looked at to choose the window, in equal steps: enough to see whether levels wander."""


def recent(case: Case) -> tuple[Case, int]:
    """The case with as much of the past as its units' levels are worth (as one treated series has it), and how many
    periods."""
    at, rows = np.flatnonzero(case.pre), np.r_[case.treated, case.donors]
    rates = case.rates[np.ix_(rows, at)]
    told = np.isfinite(rates).all(axis=1)
    rates = rates[told & (np.where(told[:, None], rates, 0.0).sum(axis=1) > 0)]
    if len(rates) < 2 or not len(at):
        return case, 0
    indexed = rates[:: max(1, len(rates) // ROWS)]
    indexed = indexed / indexed.mean(axis=1, keepdims=True)
    level = level_window(indexed - indexed.mean(axis=0), case.options.season)
    pre = case.pre.copy()
    pre[at[:-level]] = False
    return replace(case, pre=pre), level


def _by_imputation(case: Case, window: _Window) -> Fit:
    found = imputed(window.counts, window.exposure, window.starts, np.arange(len(window.starts)), case.draws, case.seed)
    before = case.pre[window.at]
    observed, expected, drawn = _on_panel(
        case,
        window.at,
        (
            np.where(before, found.before, found.observed),
            np.where(before, found.fitted, found.expected),
            _as_students(found.draws, found.expected, _smaller(case), case.seed),
        ),
    )
    return _told(case, observed, expected, drawn, "a bootstrap over units")


def _smaller(case: Case) -> int:
    """How many units the smaller side has: with few never treated or nobody, the waves' own halves."""
    waves = len(set(case.starts[case.treated].tolist())) > 1
    donors = max(len(case.donors), len(case.treated) // 2 if waves else 0)
    return max(2, min(len(case.treated), donors))


def _as_students(drawn: Floats, expected: Floats, treated: int, seed: int) -> Floats:
    """The draws with the spread and the tails that so few treated units ask for.

    Weights of a Bayesian bootstrap give a mean of n a variance of (n − 1)/n ÷ (n + 1) of its units', where 1/n is due,
    and normal tails where Student's with n − 1 degrees of freedom are (Cameron & Miller 2015, J. Human Resources
    50:317, §VI). Each draw's departure from the estimate, on the log scale, is stretched by both; all its periods move
    together.
    """
    told = np.isfinite(expected)
    if not told.any() or not expected[told].sum() > 0:
        return drawn
    freedom = treated - 1
    tails = np.sqrt(freedom / np.random.default_rng([seed, treated]).chisquare(freedom, len(drawn)))
    stretch = tails * np.sqrt((treated + 1) / (treated - 1))
    off = np.log(np.maximum(drawn[:, told].sum(axis=1), 1e-300) / expected[told].sum())
    return np.asarray(drawn * np.exp(np.clip((stretch - 1) * off, -20, 20))[:, None])


def _by_logs(case: Case, window: _Window) -> Fit:
    """Group-time effects on log rates: a cell's counterfactual is what it counted ÷ exp(its effect)."""
    periods = np.arange(len(window.at))
    total = np.where(case.used, np.nansum(case.panel.counts[case.treated], axis=0), np.nan)
    if not ((window.counts > 0) | window.off).all():
        return cannot("logarithms need a count above zero in every unit and period", total, case.pre, case.post)
    found = group_time(np.log(window.counts / window.exposure), window.starts)
    after = np.flatnonzero(found.after)
    influence = found.influence[:, after]
    root = np.linalg.svd(influence / len(influence), full_matrices=False)
    noise = np.random.default_rng(case.seed).standard_normal((case.draws, len(root[1]))) @ (root[1][:, None] * root[2])
    effects = found.effects[after] - np.r_[np.zeros((1, len(after))), noise]
    seen = np.array(
        [
            np.nansum(window.counts[window.starts == g, t])
            for g, t in zip(found.cohorts[after], found.times[after], strict=True)
        ]
    )
    cells = found.times[after][:, None] == periods
    sums, due = np.where(cells.any(axis=0), seen @ cells, np.nan), (seen * np.exp(-effects)) @ cells
    due = np.where(cells.any(axis=0), due, np.nan)
    observed, expected, drawn = _on_panel(case, window.at, (sums, due[0], due[1:]))
    observed[case.pre] = total[case.pre]
    expected[case.pre] = total[case.pre]
    return _told(case, observed, expected, drawn, "influence functions of group-time effects")


def _told(case: Case, observed: Floats, expected: Floats, drawn: Floats, inference: str) -> Fit:
    """The fit over the periods in which somebody untreated could tell what to expect."""
    post = case.post & np.isfinite(expected) & (np.nan_to_num(expected) > 0)
    if not post.any():
        return cannot("no untreated unit is left to compare with", observed, case.pre, case.post)
    width = np.std(np.log(np.maximum(drawn[:, post].sum(axis=1), 1e-300)))
    return Fit(observed, expected, drawn, case.pre, post, inference, detectable=float(np.exp(-2.8 * width)))


def _on_panel(case: Case, window: NDArray[np.intp], parts: tuple[Floats, ...]) -> list[Floats]:
    """The same arrays over the panel's periods, NaN outside the window."""
    whole = [np.full((*part.shape[:-1], len(case.used)), np.nan) for part in parts]
    for rows, part in zip(whole, parts, strict=True):
        rows[..., window] = part
    return whole
