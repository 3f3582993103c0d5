"""What comes after a contact by way of ending: an observation that ends early, or silence from everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.stats.sccs import Course

    Vector = NDArray[np.float64]

EARLY = 31
"""Windows that end more days before the data do have ended for a reason."""
SOON = 90
"""Days before the end of an observation within which a contact belongs to it."""
QUIET = 365
"""Days that must be left in the window for silence to mean something."""


@dataclass(frozen=True, slots=True, eq=False)
class Endings:
    """float64[service]. ending: share of contacts within 90 days of an observation's early end.

    silent: share of users after whose latest contact with it nobody ever sees them again, of those with a year left to
    be seen in; usual: that share if each of their contacts, whichever service's, were as likely to be the last; users:
    how many.
    """

    ending: Vector
    silent: Vector
    usual: Vector
    users: Vector


def endings(course: Course, early: int) -> Endings:
    """early: int, days before the last day of all at which a window has ended for a reason."""
    rows = (course.first, course.day, course.service, course.start, course.end)
    last = int(course.end.max()) if course.people else 0
    contacts, ending, users, silent, usual = _pass(rows, course.services, last - early, SOON, QUIET)
    many = np.maximum(users, 1.0)
    return Endings(ending / np.maximum(contacts, 1.0), silent / many, usual / many, users)


@njit(cache=True)
def _pass(course, services, last, soon, quiet):  # type: ignore[no-untyped-def]
    first, day, service, start, end = course
    contacts, ending = np.zeros(services), np.zeros(services)
    users, silent, usual = np.zeros(services), np.zeros(services), np.zeros(services)
    own = np.zeros(services, np.int64)
    for person in range(len(start)):
        a, b = first[person], first[person + 1]
        count, final = 0, start[person] - 1
        for row in range(a, b):
            if start[person] <= day[row] <= end[person]:
                contacts[service[row]] += 1
                ending[service[row]] += end[person] < last and end[person] - day[row] <= soon
                if day[row] <= end[person] - quiet:
                    own[service[row]] += 1
                    count += 1
                final = max(final, day[row])
        for row in range(a, b):
            k = service[row]
            if own[k] == 0 or not start[person] <= day[row] <= end[person] - quiet:
                continue
            users[k] += 1
            # The share of this person's contacts that are this service's: the chance that a last one would be.
            usual[k] += (own[k] / count) * (final <= end[person] - quiet)
            own[k] = 0
        for row in range(a, b):
            if start[person] <= day[row] <= end[person] - quiet and day[row] == final and own[service[row]] == 0:
                silent[service[row]] += 1
                own[service[row]] = -1
        for row in range(a, b):
            own[service[row]] = 0
    return contacts, ending, users, silent, usual
