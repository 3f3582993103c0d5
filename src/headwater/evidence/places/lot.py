"""The design whose order was drawn by lot: a stepped wedge of places."""

from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.fit import Fit, cannot
from headwater.stats.stepped import stepped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case

FEWEST_ORDERS = 1000
"""With fewer possible orders than this the lot cannot speak at 5 % with any fineness."""


def by_lot(case: Case) -> Fit:
    """Every treated unit before and after its own start; the comparison is those whose turn has not come."""
    window = np.flatnonzero(case.used)
    y, e = (part[np.ix_(case.treated, window)] for part in (case.panel.counts, case.panel.exposure))
    off = case.off[np.ix_(case.treated, window)] if len(case.off) else np.zeros(y.shape, dtype=bool)
    y = np.where(off, np.nan, y)
    starts = np.searchsorted(window, case.starts[case.treated]).astype(np.int64)
    observed = np.where(case.used, case.panel.counts[case.treated].sum(axis=0), np.nan)
    if orders(starts) < FEWEST_ORDERS:
        why = f"{len(starts)} units in {len(np.unique(starts))} steps have too few possible orders"
        return cannot(why, observed, case.pre, case.post)
    found = stepped(y, e, (starts, off), case.draws, case.seed)
    treated = (np.arange(len(window)) >= starts[:, None]) & np.isfinite(y)
    sums, expected = np.where(treated, np.nan_to_num(y), 0).sum(axis=0), np.where(treated, found.fitted, 0).sum(axis=0)
    before = ~treated.any(axis=0)
    series, fitted, drawn = (
        np.full(shape, np.nan) for shape in (len(case.used), len(case.used), (case.draws, len(case.used)))
    )
    series[window] = np.where(before, np.nansum(y, axis=0), sums)
    fitted[window] = np.where(before, found.fitted.sum(axis=0), expected)
    # Each draw's expected total is the observed total over the drawn ratio, spread over periods as the estimate is.
    total = sums.sum() / np.exp(found.draws)
    drawn[:, window] = expected * (total / expected.sum())[:, None]
    return Fit(
        series,
        fitted,
        drawn,
        case.pre,
        case.post & np.isin(np.arange(len(case.used)), window[~before]),
        "the random order itself",
        p=found.p,
        detectable=float(np.exp(-2.8 * np.std(found.draws))),
    )


def orders(starts: NDArray[np.int64]) -> float:
    """How many different orders the lot could have drawn (capped at infinity)."""
    _, sizes = np.unique(starts, return_counts=True)
    return float(np.exp(min(700.0, lgamma(len(starts) + 1) - sum(lgamma(n + 1) for n in sizes))))
