"""The calendar of those who use a service: how their demand moves over the years on days that no contact could have
touched.

A fit takes one calendar for all people of an age. Where users have another (a chest that is worse in winter) and
contacts come at one time of the year, the difference is taken for their doing. It is seen on the users' other days:
those without a contact within so many days before, each user at their own level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from headwater.stats.sccs import REACH, by_week

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.stats.sccs import Course

    Vector = NDArray[np.float64]

SPAN = 28
"""Days of a cell of the users' calendar."""
LEAN = 10.0
"""Events by which a cell leans on the calendar of all."""
MANY = 100_000
"""Of services that more people use, the calendar is that of so many of them, the first in order of content."""


def calendar_shift(course: Course, kind: int, service: int) -> tuple[float, float]:
    """(log ratio that users' own calendar would show after contacts although none did anything, its error by Poisson
    counts).

    The calendar is users' events over what the calendar of all gives, in cells of four weeks; it is weighed by days
    after contacts less all of users' days.
    """
    zero, last = int(course.start.min()), int(course.end.max())
    length = last - zero + 1
    rows = (course.first, course.day, course.blur, course.service, course.start, course.end)
    weekly = by_week(_daily(rows, kind, zero, length)[None], people_at_risk(course, zero, length))[0]
    running = np.concatenate([[0.0], np.cumsum(weekly)])
    cells = -(-length // SPAN)
    seen, expected, after, whole = _users(rows, (kind, service), running, zero, (cells, SPAN, REACH, MANY))
    if not after.sum() or not whole.sum():
        return 0.0, float("inf")
    log_ratio = np.log((seen + LEAN) / (expected + LEAN))
    weight = after / after.sum() - whole / whole.sum()
    # A cell's logarithm is known to seen ÷ (seen + lean)², the lean being known.
    error = np.sqrt((weight**2 * np.maximum(seen, 1.0) / (seen + LEAN) ** 2).sum())
    return float(weight @ log_ratio), float(error)


def people_at_risk(course: Course, zero: int, length: int) -> Vector:
    """float64[day]: people whose window holds the day, from day `zero` on."""
    edges = np.zeros(length + 1)
    np.add.at(edges, course.start - zero, 1.0)
    np.add.at(edges, course.end + 1 - zero, -1.0)
    found: Vector = np.cumsum(edges)[:-1]
    return found


@njit(cache=True)
def _daily(course, kind, zero, length):  # type: ignore[no-untyped-def]
    first, day, blur, service, start, end = course
    found = np.zeros(length, np.int64)
    for person in range(len(start)):
        for row in range(first[person], first[person + 1]):
            if service[row] == kind and blur[row] == 0 and start[person] <= day[row] <= end[person]:
                found[day[row] - zero] += 1
    return found


@njit(cache=True)
def _users(course, pair, running, zero, sizes):  # type: ignore[no-untyped-def]
    """Per cell, over users with events: events and expected on untouched days, days within reach after a contact, all
    days.

    Each user's expected events are their own number on untouched days, spread by the calendar of all over these days;
    days are weighed by the calendar and the user's level.
    """
    first, day, blur, service, start, end = course
    kind, own = pair
    cells, span, reach, most = sizes
    seen, expected = np.zeros(cells), np.zeros(cells)
    after, whole = np.zeros(cells), np.zeros(cells)
    free_of, touched_of = np.zeros(cells), np.zeros(cells)
    users = 0
    for person in range(len(start)):
        uses = False
        for row in range(first[person], first[person + 1]):
            uses = uses or service[row] == own
        if not uses:
            continue
        users += 1
        if users > most:
            break
        since, until = start[person] - zero, end[person] - zero
        free_of[:] = 0.0
        touched_of[:] = 0.0
        events, total, latest, row = 0, 0, -10 * reach, first[person]
        for today in range(since, until + 1):
            touched = today - latest <= reach
            cell = today // span
            rate = running[today + 1] - running[today]
            if touched:
                touched_of[cell] += rate
            else:
                free_of[cell] += rate
            while row < first[person + 1] and day[row] - zero <= today:
                if day[row] - zero == today:
                    if service[row] == kind and blur[row] == 0:
                        total += 1
                        if not touched:
                            seen[cell] += 1
                            events += 1
                    elif service[row] == own:
                        latest = today + blur[row]
                row += 1
        free = free_of.sum()
        level = total / max(running[until + 1] - running[since], 1e-12)
        for cell in range(cells):
            if free > 0:
                expected[cell] += events * free_of[cell] / free
            after[cell] += level * touched_of[cell]
            whole[cell] += level * (touched_of[cell] + free_of[cell])
    return seen, expected, after, whole
