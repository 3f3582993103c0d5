"""Do the treated series' own other months say the same as the placebos do?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.evidence.places.donors import conformal

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "own-months"


def own_months(judged: Judged) -> Check:
    """The conformal interval beside the placebos'. Fails when an effect that those find is none by this. `figure`: its
    width over the placebos' (1 is alike)."""
    case, fit = judged.case, judged.fit
    interval = fit.ratio_interval(case.level)
    if interval is None or not fit.inference.endswith("placebos"):
        return Check(NAME, None, "Only one treated series beside donors can be judged by its own months.")
    found = conformal(case, judged.method)
    if found is None:
        return Check(NAME, None, f"{int(case.used.sum())} periods are too few to judge the treated by its own months.")
    low, high = found
    upper = f"{high:.3f}" if high < float("inf") else "no limit that was found"
    return Check(
        NAME,
        interval.holds(1.0) or not low <= 1 <= high,
        f"By the treated series' own other months (conformal inference) the ratio lies between {low:.3f} and {upper}; "
        f"by placebos between {interval.low:.3f} and {interval.high:.3f}.",
        (high - low) / (interval.high - interval.low),
    )
