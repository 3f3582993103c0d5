"""Did other programmes work on one group more than on the other?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.coarse import share
from headwater.domain.evidence import Check
from headwater.evidence.people.reading import NEVER
from headwater.evidence.people.together import by_both

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.case import Case


NAME = "contamination"
TOLD = 0.05
"""The step of the figure that is told: three of sixty must not be read off it."""
UNTOLD = (
    "No file says whom any other programme took on, so that who else worked on either group is not known. "
    "Add other programmes' lists to the table enrolment."
)
LIMIT = 0.10
"""How far the shares that came to another programme may lie apart; both are followed only until then."""


def contamination(case: Case) -> Check:
    """The shares of both groups whom another programme took on during the follow-up. `figure` is their difference."""
    units, rows = case.design.units, case.sets.row
    if not (case.people.elsewhere < NEVER).any() and not case.people.listed.others:
        return Check(NAME, None, UNTOLD, limit=LIMIT)
    if not (case.people.elsewhere < NEVER).any():
        return Check(NAME, True, "The enrolment list names no other programme for these people.", 0.0, limit=LIMIT)
    treated = units.treated[rows]
    if treated.all() or not treated.any():
        return Check(NAME, None, "Nobody is compared.", limit=LIMIT)
    ours, theirs = (
        float(np.average(units.elsewhere[rows][arm], weights=case.sets.weight[arm])) for arm in (treated, ~treated)
    )
    gap = ours - theirs
    both = by_both(case.people, units.person[rows][treated])
    also = (
        f"Another programme took on {both} of the enrolled at about the same time; what is told is what both did, and"
        " which of them did it cannot be told. "
        if case.people.joined is not None
        else ""
    )
    other = "At other times another" if also else "Another programme"
    chance = float(np.sqrt(max(ours * (1 - ours), 0.0) / treated.sum())) + 1e-9
    even = abs(gap) <= LIMIT + 2.5 * chance
    # Shares that are even say nothing of a programme that is part of what was done.
    return Check(
        NAME,
        None if also and even else even,
        f"{also}{other} took on {_of(ours, treated)} of the enrolled and {_of(theirs, ~treated)} of the compared during"
        " the follow-up; each is followed only until then, and people already in one are compared with such people"
        " alone.",
        round(gap / TOLD) * TOLD,
        limit=LIMIT,
    )


def _of(part: float, arm: NDArray[np.bool_]) -> str:
    """A share of an arm's people, too coarse to tell how few they are."""
    return share(part * arm.sum(), arm.sum())
