"""Who saw the demand first: events that a service's contact preceded, against the same person's shifted contacts.

Null: each person's contacts with the service are shifted round their observation window by a uniform number of days, which keeps
how often and how burstily they come and destroys how they lie to the events. The expected number needs no drawing: an event
with `a` days before it in the window (at most 180) is preceded in a share Σ min(gap, a) / length of all shifts, the gaps being
those between contacts round the circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from headwater.stats.sccs import REACH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.stats.sccs import Course

    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Precedence:
    """Axes: kind asked for, service. observed, chance: events with a contact 1–180 days before, and their number by shifts.

    error: standard error of observed − chance, by person; lead: int64[kind, service, 181], by days since the latest contact;
    events: float64[kind]; days: float64[service, 181], days of all people by days since the latest contact; contacts: float64[service].
    """

    observed: Vector
    chance: Vector
    error: Vector
    lead: NDArray[np.int64]
    events: Vector
    days: Vector
    contacts: Vector


def precedence(course: Course, kinds: Sequence[int]) -> Precedence:
    """All pairs of the kinds and all services, in one pass over the people; contacts outside their window do not count."""
    place = np.full(course.services, -1, dtype=np.int64)
    place[np.asarray(kinds, dtype=np.int64)] = np.arange(len(kinds))
    shape = (len(kinds), course.services)
    observed, chance, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    lead = np.zeros((*shape, REACH + 1), dtype=np.int64)
    events, days, contacts = np.zeros(len(kinds)), np.zeros((course.services, REACH + 1)), np.zeros(course.services)
    c = course
    _pass(
        (c.first, c.day, c.blur, c.service, c.start, c.end), place, REACH, (observed, chance, squares), lead, events, days,
        contacts,
    )  # fmt: skip
    return Precedence(observed, chance, np.sqrt(squares), lead, events, days, contacts)


@njit(cache=True)
def _pass(course, place, reach, out, lead, events, days, contacts):  # type: ignore[no-untyped-def]
    first, day, blur, service, start, end = course
    observed, chance, squares = out
    services = len(place)
    by, size = np.zeros(services + 1, dtype=np.int64), np.zeros(services, dtype=np.int64)
    known = np.empty(services, dtype=np.int64)
    for person in range(len(first) - 1):
        a, b = first[person], first[person + 1]
        since, until = start[person], end[person]
        length = until - since + 1
        sorted_days = np.empty(b - a, dtype=np.int64)
        many = 0
        for row in range(a, b):
            if since <= day[row] and day[row] + blur[row] <= until:
                if size[service[row]] == 0:
                    known[many] = service[row]
                    many += 1
                size[service[row]] += 1
        at = 0
        for k in range(many):
            by[k] = at
            at += size[known[k]]
            size[known[k]] = k
        by[many] = at
        free = by[:many].copy()
        for row in range(a, b):
            if since <= day[row] and day[row] + blur[row] <= until:
                k = size[service[row]]
                sorted_days[free[k]] = day[row] + blur[row]
                free[k] += 1
        for k in range(many):
            u = known[k]
            contacts[u] += by[k + 1] - by[k]
            for i in range(by[k], by[k + 1]):
                following = sorted_days[i + 1] if i + 1 < by[k + 1] else until
                for lag in range(1, min(reach, following - sorted_days[i]) + 1):
                    days[u, lag] += 1
        for e in range(many):
            kind = place[known[e]]
            if kind < 0:
                continue
            events[kind] += by[e + 1] - by[e]
            for k in range(many):
                if k == e:
                    continue
                u, seen, expected = known[k], 0, 0.0
                latest = by[k] - 1
                for i in range(by[e], by[e + 1]):
                    today = sorted_days[i]
                    while latest + 1 < by[k + 1] and sorted_days[latest + 1] < today:
                        latest += 1
                    if latest >= by[k] and today - sorted_days[latest] <= reach:
                        seen += 1
                        lead[kind, u, today - sorted_days[latest]] += 1
                    arc = min(reach, today - since)
                    covered = 0
                    for j in range(by[k], by[k + 1]):
                        gap = (
                            sorted_days[j + 1] - sorted_days[j]
                            if j + 1 < by[k + 1]
                            else sorted_days[by[k]] + length - sorted_days[j]
                        )
                        covered += min(gap, arc)
                    expected += covered / length
                observed[kind, u] += seen
                chance[kind, u] += expected
                squares[kind, u] += (seen - expected) ** 2
        for k in range(many):
            size[known[k]] = 0
