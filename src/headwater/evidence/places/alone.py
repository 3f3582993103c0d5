"""A design without donors: the treated series against its own past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.fit import Fit, cannot, said_periods
from headwater.evidence.places.refusal import load_earlier, nobody
from headwater.stats.interrupted import interrupted, needed, two_sided

if TYPE_CHECKING:
    from headwater.evidence.places.case import Case


def against_its_past(case: Case) -> Fit:
    """Interrupted time series of the treated units' sum; gaps are left out, never filled."""
    case = case.whole
    counts, exposure = (part[case.treated].sum(axis=0) for part in (case.panel.counts, case.panel.exposure))
    observed = np.where(case.used, counts, np.nan)
    least = max(case.options.min_pre_periods, needed(case.options.season))
    if not len(case.treated) or not case.post.any() or case.pre.sum() < least:
        why = (
            f"{said_periods(int(case.pre.sum()))} before the start and {int(case.post.sum())} after; {least} and 1 are needed; "
            f"{load_earlier(case)}"
        )
        return cannot(nobody(case) or why, observed, case.pre, case.post)
    filled = np.where(np.isnan(exposure), np.nanmedian(exposure), exposure)
    found = interrupted(counts, filled, case.pre, case.post, case.options.season, case.draws, case.seed)
    expected = np.where(case.used, found.expected, np.nan)
    totals = found.draws[:, case.post].sum(axis=1)
    residual = (counts - found.expected)[case.pre] / found.expected[case.pre]
    return Fit(
        observed, expected, found.draws, case.pre, case.post, "Student's forecast error, autocorrelated and overdispersed",
        scale=float(np.sqrt(np.mean(residual**2))), typical_scale=float(np.sqrt(np.mean(residual**2))),
        p=two_sided(totals, float(observed[case.post].sum())),
        detectable=float(max(0.0, 1 - 2.8 * np.std(totals) / np.mean(totals))),
    )  # fmt: skip
