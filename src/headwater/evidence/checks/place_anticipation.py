"""Did the treated change shortly before the start?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.evidence.checks.place_time import backdated
from headwater.evidence.places.designs import estimated

if TYPE_CHECKING:
    from headwater.evidence.checks.place_all import Judged

NAME = "anticipation"
LAST = 3


def anticipation(judged: Judged) -> Check:
    """Takes the last three periods before the start for an effect. `figure`: their ratio to the comparison."""
    sham = backdated(judged.case, LAST)
    fit = estimated(sham, judged.method) if sham is not None else None
    interval = fit.ratio_interval(judged.case.level) if fit is not None else None
    if fit is None or interval is None:
        return Check(NAME, None, "There are too few periods before the start to look for anticipation.")
    text = f"The last {LAST} periods before the start stand at {fit.ratio:.3f} of the comparison"
    return Check(NAME, interval.holds(1.0), f"{text} ({interval.low:.3f} to {interval.high:.3f}).", fit.ratio)
