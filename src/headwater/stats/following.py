"""Who follows the demand: contacts that an event preceded at any lag, against the same person's shifted events.

The mirror image of `precedence`: of the contacts with so many days of the window before them, how many have an event on
the day or within so many days before, and how many would if events were shifted round the window. The share that is not
chance, (seen − chance) / (all − chance) as in Cohen's kappa, is 0 where contacts come as they come and 1 where each one
answers an event.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from headwater.stats.sccs import SHARDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.stats.sccs import Course

    Vector = NDArray[np.float64]

MOSTLY = 0.5
"""Contacts of which half or more answer the demand are its consequence."""
LINKS_WRONG = 0.4
"""Up to so many pairs of contacts may be of two people where nobody has stated how many; such pairs show no
following."""
REACHES = np.array([180, 450], dtype=np.int64)
"""A waiting list of half a year, and a review after a year and some weeks."""


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """Axes: kind asked for, service, reach. contacts: with so many days before them; seen: of these with an event
    before.

    chance: their number by shifts; error: standard error of seen − chance, by person.
    """

    contacts: Vector
    seen: Vector
    chance: Vector
    error: Vector

    def share(self) -> tuple[Vector, Vector]:
        """float64[kind, service] twice: the share of contacts that follow the kind, the larger of the reaches, and its
        error."""
        room = np.maximum(self.contacts - self.chance, 1.0)
        share, error = (self.seen - self.chance) / room, self.error / room
        best = (share - error).argmax(axis=2)[:, :, None]
        return np.take_along_axis(share, best, 2)[:, :, 0], np.take_along_axis(error, best, 2)[:, :, 0]

    def mostly(self, wrong: float | None = None) -> NDArray[np.bool_]:
        """bool[kind, service]: surely more than half of the rightly linked contacts follow the kind: they are its
        consequence."""
        share, error = self.share()
        found: NDArray[np.bool_] = (share - 2 * error > 0) & (share > as_recorded(wrong))
        return found


def as_recorded(wrong: float | None) -> float:
    """The share from which contacts are a consequence, as data show it of which this share of pairs is wrongly linked
    (None: not stated)."""
    return MOSTLY * (1 - min(LINKS_WRONG if wrong is None else wrong, LINKS_WRONG))


def following(course: Course, kinds: Sequence[int]) -> Following:
    """All pairs of the kinds and all services, in one pass over the people."""
    place = np.full(course.services, -1, dtype=np.int64)
    place[np.asarray(kinds, dtype=np.int64)] = np.arange(len(kinds))
    rows = (course.first, course.day, course.blur, course.service, course.start, course.end)
    edges = np.linspace(0, course.people, SHARDS + 1).astype(np.int64)

    def work(part: tuple[int, int]) -> Vector:
        out = np.zeros((4, len(kinds), course.services, len(REACHES)))
        _pass(rows, part, place, REACHES, out)
        return out

    with ThreadPoolExecutor(max_workers=SHARDS) as pool:
        made = list(pool.map(work, pairwise(edges.tolist())))
    contacts, seen, chance, squares = sum(made[1:], made[0])
    return Following(contacts, seen, chance, np.sqrt(squares))


@njit(cache=True, nogil=True)
def _pass(course, part, place, reaches, out):  # type: ignore[no-untyped-def]
    """Add persons part[0] … part[1] − 1."""
    first, day, blur, service, start, end = course
    services = len(place)
    size, known = np.zeros(services, np.int64), np.empty(services, np.int64)
    for person in range(part[0], part[1]):
        a, b = first[person], first[person + 1]
        since, until = start[person], end[person]
        many, kinds = 0, 0
        for row in range(a, b):
            if since <= day[row] and day[row] + blur[row] <= until:
                if size[service[row]] == 0:
                    known[many] = service[row]
                    many += 1
                    kinds += place[service[row]] >= 0
                size[service[row]] += 1
        if kinds == 0:
            for k in range(many):
                size[known[k]] = 0
            continue
        by = np.zeros(many + 1, np.int64)
        for k in range(many):
            by[k + 1] = by[k] + size[known[k]]
            size[known[k]] = k
        free, days = by[:many].copy(), np.empty(by[many], np.int64)
        for row in range(a, b):
            if since <= day[row] and day[row] + blur[row] <= until:
                k = size[service[row]]
                days[free[k]] = day[row]
                free[k] += 1
        for k in range(many):
            size[known[k]] = 0
        for k in range(many):
            if place[known[k]] >= 0:
                _one(days, (by, known[:many], k), (since, until), place[known[k]], reaches, out)


@njit(cache=True, nogil=True)
def _one(days, people, seen, kind, reaches, out):  # type: ignore[no-untyped-def]
    """One person's events of one kind against all other contacts. days[by[k]] … days[by[k + 1] − 1]: those of service
    known[k]."""
    by, known, own = people
    since, until = seen
    events, length = days[by[own] : by[own + 1]], until - since + 1
    for r in range(len(reaches)):
        reach, covered = reaches[r], 0
        for e in range(len(events)):
            gap = events[e + 1] - events[e] if e + 1 < len(events) else events[0] + length - events[e]
            covered += min(gap, reach + 1)
        likely = covered / length
        for k in range(len(known)):
            if k == own:
                continue
            latest, all_of, before = -1, 0, 0
            for at in range(by[k], by[k + 1]):
                if days[at] - since < reach:
                    continue
                while latest + 1 < len(events) and events[latest + 1] <= days[at]:
                    latest += 1
                all_of += 1
                before += latest >= 0 and days[at] - events[latest] <= reach
            out[0, kind, known[k], r] += all_of
            out[1, kind, known[k], r] += before
            out[2, kind, known[k], r] += all_of * likely
            out[3, kind, known[k], r] += (before - all_of * likely) ** 2
