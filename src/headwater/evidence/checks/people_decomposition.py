"""How much of the before–after change the compared show too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.evidence.people.estimate import rates

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "regression-to-the-mean"


def regression_to_the_mean(case: Case) -> Check:
    """Not a pass or a fail: the decomposition itself."""
    if not len(case.sets.row):
        return Check(NAME, None, case.unmodelled)
    before, after, their_before, their_after = rates(case.design, case.sets, case.kind)
    if before <= 0 or their_before <= 0:
        return Check(NAME, None, "There was nothing before enrolment to fall back from.")
    change, theirs = after / before - 1, their_after / their_before - 1
    return Check(
        NAME,
        None,
        f"Contacts of those enrolled {_moved(change)}; those of people at the same point, with no programme,"
        f" {_moved(theirs)}.",
        theirs,
    )


def _moved(change: float) -> str:
    return f"{'fell' if change < 0 else 'rose'} by {abs(change):.0%}"
