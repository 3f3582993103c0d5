"""Who saw the demand first: events that a service's contact preceded, against the same person's shifted contacts.

Null: each person's contacts with the service are shifted round their observation window by a uniform number of days, which keeps
how often and how burstily they come and destroys how they lie to the events. The expected number needs no drawing: an event
with `a` days before it in the window (at most 180) is preceded in a share Σ min(gap, a) / length of all shifts, the gaps being
those between contacts round the circle.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from headwater.stats.sccs import REACH, SHARDS

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
    rows = (course.first, course.day, course.blur, course.service, course.start, course.end)
    edges = np.linspace(0, course.people, SHARDS + 1).astype(np.int64)

    def work(part: tuple[int, int]) -> tuple[NDArray[Any], ...]:
        out = _nothing(len(kinds), course.services)
        _pass(rows, part, place, REACH, out)
        return out

    with ThreadPoolExecutor(max_workers=SHARDS) as pool:
        made = list(pool.map(work, pairwise(edges.tolist())))
    observed, chance, squares, lead, events, lasting, contacts = (
        sum(part[1:], part[0]) for part in zip(*made, strict=True)
    )
    # A contact after which so many days pass before the next has a day at each lag up to that.
    days = np.cumsum(lasting[:, ::-1], axis=1)[:, ::-1] * (np.arange(REACH + 1) > 0)
    return Precedence(observed, chance, np.sqrt(squares), lead, events, days, contacts)


def _nothing(kinds: int, services: int) -> tuple[NDArray[Any], ...]:
    pairs = (kinds, services)
    return (
        np.zeros(pairs), np.zeros(pairs), np.zeros(pairs), np.zeros((*pairs, REACH + 1), dtype=np.int64), np.zeros(kinds),
        np.zeros((services, REACH + 1)), np.zeros(services),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _pass(course, part, place, reach, out):  # type: ignore[no-untyped-def]
    """Add persons part[0] … part[1] − 1 to observed, chance, squares, lead, events, days until the next contact, contacts."""
    first, day, blur, service, start, end = course
    lasting, contacts = out[5], out[6]
    services = len(place)
    by, size = np.zeros(services + 1, dtype=np.int64), np.zeros(services, dtype=np.int64)
    known = np.empty(services, dtype=np.int64)
    for person in range(part[0], part[1]):
        a, b = first[person], first[person + 1]
        since, until = start[person], end[person]
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
            contacts[known[k]] += by[k + 1] - by[k]
            for i in range(by[k], by[k + 1]):
                following = sorted_days[i + 1] if i + 1 < by[k + 1] else until
                lasting[known[k], min(reach, following - sorted_days[i])] += 1
        for k in range(many):
            size[known[k]] = 0
        _pairs(sorted_days, by[: many + 1], known, (since, until, reach), place, out)


@njit(cache=True, nogil=True)
def _pairs(days, by, known, seen, place, out):  # type: ignore[no-untyped-def]
    """One person: contacts of service known[k] are days[by[k]] … days[by[k + 1] − 1], in order."""
    since, until, reach = seen
    observed, chance, squares, lead, events, _, _ = out
    length = until - since + 1
    for k in range(len(by) - 1):
        own = days[by[k] : by[k + 1]]
        covers = np.full(reach + 1, -1, dtype=np.int64)
        for e in range(len(by) - 1):
            kind = place[known[e]]
            if kind < 0:
                continue
            if k == e:
                events[kind] += len(own)
                continue
            u, before, expected, latest = known[k], 0, 0.0, -1
            for today in days[by[e] : by[e + 1]]:
                while latest + 1 < len(own) and own[latest + 1] < today:
                    latest += 1
                if latest >= 0 and today - own[latest] <= reach:
                    before += 1
                    lead[kind, u, today - own[latest]] += 1
                arc = min(reach, today - since)
                if covers[arc] < 0:
                    covers[arc] = _covered(own, length, arc)
                expected += covers[arc] / length
            observed[kind, u] += before
            chance[kind, u] += expected
            squares[kind, u] += (before - expected) ** 2


@njit(cache=True, nogil=True, inline="always")
def _covered(own, length, arc):  # type: ignore[no-untyped-def]
    """Shifts, of `length`, by which some contact lies within `arc` days before a given day."""
    covered = 0
    for j in range(len(own)):
        gap = own[j + 1] - own[j] if j + 1 < len(own) else own[0] + length - own[j]
        covered += min(gap, arc)
    return covered
