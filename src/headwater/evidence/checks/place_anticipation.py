"""Did the treated change shortly before the start?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.evidence.checks.place_alike import alike
from headwater.evidence.checks.place_time import backdated
from headwater.evidence.places.designs import estimated

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "anticipation"
LAST = 3


def anticipation(judged: Judged) -> Check:
    """Takes the last three periods before the start for an effect. `figure`: their ratio to the comparison."""
    sham = backdated(judged.case, LAST)
    if sham is None:
        return Check(NAME, None, "There are too few periods before the start to look for anticipation.")
    limit = judged.case.options.alike_within
    return alike(
        NAME, estimated(sham, judged.method), limit, f"The last {LAST} periods before the start stand at the ratio"
    )
