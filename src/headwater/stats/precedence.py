"""Who saw the demand first: events that a service's contact preceded, against the same person's shifted contacts.

Null: each person's contacts with the service are shifted round their observation window by a uniform number of days,
which keeps how often and how burstily they come and destroys how they lie to the events. The expected number needs no
drawing: an event with `a` days before it in the window (at most 180) is preceded in a share Σ min(gap, a) / length of
all shifts, the gaps being those between contacts round the circle.

Shifted contacts keep no season: a clinic that is busy in the weeks before a demand's winter would see it first by the
calendar alone. So the same is expected once more with the calendar kept: shifts are weighed by how many contacts the
service gives, a person-day of all, on the days to which the person's own would be moved; rates are even within four
weeks, weights of shifts too.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from headwater.stats.own_calendar import SPAN, people_at_risk
from headwater.stats.sccs import REACH, SHARDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.stats.sccs import Course

    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Precedence:
    """Axes: kind asked for, service. observed, chance: events with a contact 1–180 days before, and their number by
    shifts;
    calendar: their number where contacts keep the service's calendar.

    error: standard error of observed − chance, by person; lead: int64[kind, service, 181], by days since the latest
    contact;
    events: float64[kind]; days: float64[service, 181], days of all people by days since the latest contact; contacts:
    float64[service].
    """

    observed: Vector
    chance: Vector
    calendar: Vector
    error: Vector
    lead: NDArray[np.int64]
    events: Vector
    days: Vector
    contacts: Vector

    @property
    def beyond(self) -> Vector:
        """float64[kind, service]: events that the service saw first beyond both, what shifts and what its calendar
        would give."""
        return self.observed - np.maximum(self.chance, self.calendar)


def precedence(course: Course, kinds: Sequence[int]) -> Precedence:
    """All pairs of the kinds and all services, in one pass over the people; contacts outside their window do not
    count."""
    place = np.full(course.services, -1, dtype=np.int64)
    place[np.asarray(kinds, dtype=np.int64)] = np.arange(len(kinds))
    rows = (course.first, course.day, course.blur, course.service, course.start, course.end)
    edges = np.linspace(0, course.people, SHARDS + 1).astype(np.int64)
    zero = int(course.start.min()) if course.people else 0
    calendar = running_rates(course, zero)

    def work(part: tuple[int, int]) -> tuple[NDArray[Any], ...]:
        out = _nothing(len(kinds), course.services)
        _pass(rows, part, place, (REACH, zero, calendar), out)
        return out

    with ThreadPoolExecutor(max_workers=SHARDS) as pool:
        made = list(pool.map(work, pairwise(edges.tolist())))
    observed, chance, squares, lead, events, lasting, contacts, expected = (
        sum(part[1:], part[0]) for part in zip(*made, strict=True)
    )
    # A contact after which so many days pass before the next has a day at each lag up to that.
    days = np.cumsum(lasting[:, ::-1], axis=1)[:, ::-1] * (np.arange(REACH + 1) > 0)
    return Precedence(observed, chance, expected, np.sqrt(squares), lead, events, days, contacts)


def running_rates(course: Course, zero: int) -> Vector:
    """float64[service, day + 1]: contacts a person-day at risk, summed up before each day since `zero`; even within
    four weeks."""
    length = int(course.end.max()) - zero + 1 if course.people else 0
    rows = (course.first, course.day, course.blur, course.service, course.start, course.end)
    cells = -(-length // SPAN)
    seen = _by_cell(rows, course.services, (zero, SPAN, cells))
    at_risk = np.pad(people_at_risk(course, zero, length), (0, cells * SPAN - length)).reshape(cells, SPAN).sum(axis=1)
    daily = np.repeat(seen / np.maximum(at_risk, 1.0), SPAN, axis=1)[:, :length]
    return np.concatenate([np.zeros((course.services, 1)), np.cumsum(daily, axis=1)], axis=1)


@njit(cache=True)
def _by_cell(course, services, cells):  # type: ignore[no-untyped-def]
    first, day, blur, service, start, end = course
    zero, span, many = cells
    found = np.zeros((services, many))
    for person in range(len(start)):
        for row in range(first[person], first[person + 1]):
            if start[person] <= day[row] and day[row] + blur[row] <= end[person]:
                found[service[row], (day[row] + blur[row] - zero) // span] += 1.0
    return found


def _nothing(kinds: int, services: int) -> tuple[NDArray[Any], ...]:
    pairs = (kinds, services)
    return (
        np.zeros(pairs),
        np.zeros(pairs),
        np.zeros(pairs),
        np.zeros((*pairs, REACH + 1), dtype=np.int64),
        np.zeros(kinds),
        np.zeros((services, REACH + 1)),
        np.zeros(services),
        np.zeros(pairs),
    )


@njit(cache=True, nogil=True)
def _pass(course, part, place, by_calendar, out):  # type: ignore[no-untyped-def]
    """Add persons part[0] … part[1] − 1 to observed, chance, squares, lead, events, days until the next contact,
    contacts, and what the calendar gives. by_calendar: the reach, the first day, the running rates."""
    reach = by_calendar[0]
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
        _pairs(sorted_days, by[: many + 1], known, (since, until), by_calendar, place, out)


@njit(cache=True, nogil=True)
def _pairs(days, by, known, seen, by_calendar, place, out):  # type: ignore[no-untyped-def]
    """One person: contacts of service known[k] are days[by[k]] … days[by[k + 1] − 1], in order."""
    since, until = seen
    reach, zero, rates = by_calendar
    observed, chance, squares, lead, events, _, _, calendar = out
    length = until - since + 1
    for k in range(len(by) - 1):
        own = days[by[k] : by[k + 1]]
        covers = np.full(reach + 1, -1, dtype=np.int64)
        running = np.zeros(0)
        for e in range(len(by) - 1):
            kind = place[known[e]]
            if kind < 0:
                continue
            if k == e:
                events[kind] += len(own)
                continue
            u, before, expected, latest, kept = known[k], 0, 0.0, -1, 0.0
            if len(running) == 0:
                running = _weights(own - since, rates[u, since - zero : until + 2 - zero])
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
                kept += _weighed(own - since, running, length, today - since, arc)
            observed[kind, u] += before
            chance[kind, u] += expected
            calendar[kind, u] += kept
            squares[kind, u] += (before - expected) ** 2


@njit(cache=True, nogil=True, inline="always")
def _covered(own, length, arc):  # type: ignore[no-untyped-def]
    """Shifts, of `length`, by which some contact lies within `arc` days before a given day."""
    covered = 0
    for j in range(len(own)):
        gap = own[j + 1] - own[j] if j + 1 < len(own) else own[0] + length - own[j]
        covered += min(gap, arc)
    return covered


@njit(cache=True, nogil=True)
def _weights(own, rates):  # type: ignore[no-untyped-def]
    """Weights of shifts summed up before each fourth week of them, and of all. own: days in the window; rates: running
    over its days."""
    length = len(rates) - 1
    whole = rates[length] - rates[0]
    running = np.zeros(-(-length // SPAN) + 1)
    for cell in range(len(running) - 1):
        low, high = cell * SPAN, min((cell + 1) * SPAN, length)
        weight = 0.0
        for day in own:
            a, b = day + low, day + high
            weight += rates[b % length] - rates[a % length] + (b // length - a // length) * whole
        running[cell + 1] = running[cell] + weight
    return running


@njit(cache=True, nogil=True)
def _weighed(own, running, length, today, arc):  # type: ignore[no-untyped-def]
    """The weighed share of shifts by which some contact lies within `arc` days before a day of the window."""
    mass = 0.0
    for j in range(len(own)):
        gap = own[j + 1] - own[j] if j + 1 < len(own) else own[0] + length - own[j]
        by = length + today - own[j]
        mass += _before(running, by, length) - _before(running, by - min(gap, arc), length)
    return mass / running[-1]


@njit(cache=True, nogil=True, inline="always")
def _before(running, shift, length):  # type: ignore[no-untyped-def]
    """The weight of all shifts below one, which may be more than once round."""
    within = shift % length
    cell = within // SPAN
    width = min(SPAN, length - cell * SPAN)
    part = (running[cell + 1] - running[cell]) * (within - cell * SPAN) / width
    return (shift // length) * running[-1] + running[cell] + part
