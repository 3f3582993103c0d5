"""Two programmes on the same people: what can still be told.

Where most of the enrolled were taken on by another programme at about the same time, nothing tells the one from the
other; what both did together can be told, beside people whom neither took on. Where most came to it later, what was
done until then can be told: everybody is followed for so long and no longer. Where few did, each is followed until then
(Danaei et al. 2013, Statistical Methods in Medical Research 22:70: whoever leaves the strategy that is compared is
followed no further).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.coarse import share
from headwater.evidence.people.reading import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.reading import Population

BEFORE, AFTER = 30, 90
"""Days before and after an enrolment within which another is one with it: what came longer before is in the history
that people are matched on."""
MOST = 0.5
"""The share of the enrolled from which another programme is part of what was done to them, and not an accident of a
few."""
UNTIL = 0.1
"""Where most come to another programme later, all are followed until this share of the enrolled had come to it."""
SHORTEST = 60
"""Days of follow-up below which nothing is told of the time before the other programme."""


def beside(people: Population, follow_up_days: int) -> Population:
    """The people with who was taken on by both together, and for how long all can be followed before another programme
    comes."""
    ours = people.enrolled < NEVER
    apart = np.where(ours, people.elsewhere - people.enrolled, NEVER)
    both = ours & (apart >= -BEFORE) & (apart <= AFTER)
    if both.sum() >= MOST * max(int(ours.sum()), 1):
        return replace(people, joined=both)
    later = apart[ours & (apart > AFTER) & (apart <= follow_up_days)]
    if len(later) < MOST * max(int(ours.sum()), 1):
        return people
    until = int(np.sort(later)[int(UNTIL * len(later))]) - 1
    return replace(people, followed_days=until if until >= SHORTEST else None)


def joined(people: Population, who: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool[unit]: of people whose other programme is part of what is done to them."""
    found: NDArray[np.bool_] = np.zeros(len(who), dtype=bool) if people.joined is None else people.joined[who]
    return found


def by_both(people: Population, who: NDArray[np.int64]) -> str:
    """The share of these of the enrolled whom both took on, too coarse to tell how few: the one figure of it, wherever
    it is told."""
    return share(float(joined(people, who).sum()), len(who))


def taken_on(people: Population, who: NDArray[np.int64], index: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[unit]: the day on which somebody stops being a comparison because of what is evaluated: enrolled here, or
    by the other of both."""
    ours, other = people.enrolled[who], people.elsewhere[who]
    return np.where(joined(people, who) & (other > index), np.minimum(ours, other), ours)
