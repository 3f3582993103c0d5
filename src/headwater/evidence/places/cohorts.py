"""Staggered difference-in-differences over many units: imputation on counts, or group-time effects on log rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.fit import Fit, cannot
from headwater.stats.imputation import NEVER, imputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case

    Floats = NDArray[np.float64]

FEWEST_TREATED = 10
"""With fewer treated units a bootstrap over units says too little about them; placebos do the inference then."""


def staggered(case: Case) -> Fit:
    """Treated cells from each unit's own start to the end of follow-up against donors and the not yet treated."""
    rows = np.r_[case.treated, case.donors]
    window = np.flatnonzero(case.used)
    y, e = (part[np.ix_(rows, window)] for part in (case.panel.counts, case.panel.exposure))
    starts = np.where(case.starts[rows] < NEVER, np.searchsorted(window, case.starts[rows]), NEVER)
    found = imputed(y, e, starts.astype(np.int64), np.arange(len(rows)), case.draws, case.seed)
    told = np.isfinite(found.expected) & (found.expected > 0)
    before = case.pre[window]
    observed, expected, drawn = _on_panel(case, window, (
        np.where(before, found.before, found.observed), np.where(before, found.fitted, found.expected), found.draws,
    ))  # fmt: skip
    post = np.zeros_like(case.post)
    post[window[told]] = True
    if not post.any():
        return cannot("no untreated unit is left to compare with", observed, case.pre, case.post)
    width = np.std(np.log(drawn[:, post].sum(axis=1)))
    return Fit(
        observed, expected, drawn, case.pre, post, "bootstrap over units", detectable=float(np.exp(-2.8 * width))
    )


def _on_panel(case: Case, window: NDArray[np.intp], parts: tuple[Floats, ...]) -> list[Floats]:
    """The same arrays over the panel's periods, NaN outside the window."""
    whole = [np.full((*part.shape[:-1], len(case.used)), np.nan) for part in parts]
    for rows, part in zip(whole, parts, strict=True):
        rows[..., window] = part
    return whole
