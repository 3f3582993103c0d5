"""The doubt that counts told only as small add to an effect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit

    Floats = NDArray[np.float64]


def doubt_of(case: Case) -> float:
    """The standard error of the log ratio that the hidden counts of treated and donors add."""
    total = 0.0
    for rows in (case.treated, case.donors):
        for side, part in enumerate((case.pre, case.post)):
            count = float(np.nansum(case.panel.counts[rows][:, part]))
            total += float(case.hidden[rows, side].sum()) / max(count, 0.5) ** 2 if len(rows) else 0.0
    return float(np.sqrt(total))


def doubted(case: Case, fit: Fit) -> Fit:
    """The fit with its draws moved about by what is not known of the hidden counts."""
    doubt = doubt_of(case) if fit.drawn is not None else 0.0
    if fit.drawn is None or not doubt:
        return fit
    moved = np.random.default_rng([case.seed, 5]).normal(0, doubt, len(fit.drawn))
    return replace(fit, drawn=fit.drawn * np.exp(moved)[:, None])


def at_extremes(case: Case) -> tuple[Case, Case] | None:
    """The case with the hidden counts where they make the treated's fall largest, and where they make it smallest."""
    least, most = case.panel.least, case.panel.most
    if least is None or most is None or not np.isfinite(most[:, case.used]).any():
        return None
    hidden, ours = np.isfinite(most), np.isin(np.arange(len(case.panel.units)), case.treated)
    late = np.arange(len(case.panel.periods)) >= case.starts[case.treated].min()
    fewer = np.where(late, ours[:, None], ~ours[:, None])  # the treated after and the others before at their least
    cells = [np.where(hidden, np.where(where, least, most), case.panel.counts) for where in (fewer, ~fewer)]
    low, high = (replace(case, panel=replace(case.panel, counts=counts)) for counts in cells)
    return low, high
