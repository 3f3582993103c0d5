"""Does the answer hang on one donor?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.places.designs import ratio_of

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "leave-one-donor-out"
MOST = 10
"""The heaviest donors are left out one by one; a donor behind the tenth cannot carry the answer."""


def leave_one_donor_out(judged: Judged) -> Check:
    """Fails when leaving out one donor moves the ratio out of its own interval. `figure` is the largest move."""
    case, fit = judged.case, judged.fit
    interval = fit.ratio_interval(case.level)
    if interval is None or not fit.weights or len(case.donors) - 1 < case.options.min_donors:
        return Check(NAME, None, "No donor could be left out.")
    heavy = sorted(fit.weights, key=lambda row: -fit.weights[row])[:MOST]
    without = [replace(case, donors=np.setdiff1d(case.donors, [row])) for row in heavy]
    ratios = [ratio_of(other, judged.method) for other in without]
    worst = max(abs(ratio - fit.ratio) for ratio in ratios)
    passed = all(interval.low <= ratio <= interval.high for ratio in ratios)
    text = (
        f"Leaving out each of the {len(heavy)} heaviest donors gives ratios from {min(ratios):.3f} to {max(ratios):.3f}"
    )
    return Check(NAME, passed, f"{text} beside {fit.ratio:.3f} with all.", worst)
