"""What one more contact adds to those there are: days that no earlier contact covers already.

A further contact of somebody who has many falls largely on days on which an earlier one works still. With an effect of
D days, one more contact at any time of a user adds the days of D that are not covered, contacts going to users as they
do now: Σ cᵢ · D · (1 − coveredᵢ / Tᵢ) ÷ Σ cᵢ, where the average contact covers Σ coveredᵢ ÷ Σ cᵢ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from headwater.stats.sccs import POST, WINDOWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.stats.sccs import Course

    Vector = NDArray[np.float64]


def further_shares(course: Course) -> Vector:
    """float64[service, window]: of an effect that lasts to the end of the window, what one more contact averts over
    what the average one does; at most 1."""
    ends = np.ascontiguousarray(WINDOWS[POST, 1])
    rows = (course.first, course.day, course.service, course.start, course.end)
    contacts, covered, free = _pass(rows, course.services, ends)
    many = np.maximum(contacts, 1.0)[:, None]
    found: Vector = np.minimum((free / many) / np.maximum(covered / many, 1e-12), 1.0)
    return np.where(covered > 0, found, 1.0)


@njit(cache=True)
def _pass(course, services, ends):  # type: ignore[no-untyped-def]
    """contacts[service], covered[service, end], days; free[service, end], Σ cᵢ · D · (1 − coveredᵢ / Tᵢ)."""
    first, day, service, start, end = course
    contacts = np.zeros(services)
    covered, free = np.zeros((services, len(ends))), np.zeros((services, len(ends)))
    count, latest = np.zeros(services, np.int64), np.zeros(services, np.int64)
    own = np.zeros((services, len(ends)))
    for person in range(len(start)):
        a, b = first[person], first[person + 1]
        length = end[person] - start[person] + 1
        for row in range(a, b):
            if not start[person] <= day[row] <= end[person]:
                continue
            k = service[row]
            for e in range(len(ends)):
                if count[k]:
                    own[k, e] += min(day[row] - latest[k], ends[e])
            count[k], latest[k] = count[k] + 1, day[row]
        for row in range(a, b):
            k = service[row]
            if count[k] == 0:
                continue
            contacts[k] += count[k]
            for e in range(len(ends)):
                days = own[k, e] + min(end[person] - latest[k], ends[e])
                covered[k, e] += days
                free[k, e] += count[k] * ends[e] * (1 - days / length)
                own[k, e] = 0.0
            count[k] = 0
    return contacts, covered, free
