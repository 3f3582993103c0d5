"""Would the word be another one if the counts that were not told lay elsewhere within their ranges?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.places.designs import ratio_of
from headwater.evidence.places.small import at_extremes

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "small-counts"


def small_counts(judged: Judged) -> Check:
    """`figure`: the share of the treated's cells that are hidden. None, which caps the grade, where the ratio can leave
    the interval or pass one, were all hidden counts as unfavourable as they may be."""
    case, fit = judged.case, judged.fit
    ends = at_extremes(case)
    if ends is None or case.panel.most is None:
        return Check(NAME, True, "Every count within the window is told.", 0.0)
    share = float(np.isfinite(case.panel.most[case.treated][:, case.used]).mean())
    said = (
        f"{share:.0%} of the treated's counts are told as small alone (such as <5) and are taken at what is to be"
        " expected"
    )
    held = fit.ratio_interval(case.level)
    if held is None:
        return Check(NAME, None, f"{said}.", share)
    low, high = sorted(ratio_of(end, judged.method) for end in ends)
    passed = True if held.low <= low and high <= held.high and (held.holds(1.0) or not low <= 1 <= high) else None
    depends = "" if passed else ": the figure rests on what is not told"
    return Check(
        NAME, passed, f"{said}; whatever they are, the ratio lies between {low:.3f} and {high:.3f}{depends}.", share
    )
