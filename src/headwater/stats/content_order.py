"""People in the order of what is known of them, so that sums and samples are the same under any name and any order of
rows.

Each person's own rows are set by day, service and doubt first. The order is that of a 64-bit mix of the person's
window, band and rows; people who are alike in all of them may change places, which changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from headwater.stats.sccs import Course

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]


def in_content_order(course: Course) -> Course:
    """The same people and contacts; the rows of a person are sorted."""
    key = _keys(course.first, course.day, course.blur, course.service)
    mixed = _mixed(course.first, key, course.start, course.end, course.band)
    order = np.argsort(mixed, kind="stable")
    sizes = np.diff(course.first)[order]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    day, blur, service = _moved(course.first, order, first, key)
    return Course(
        first, day, blur, service, course.start[order], course.end[order], course.band[order], course.services
    )


@njit(cache=True)
def _keys(first, day, blur, service):  # type: ignore[no-untyped-def]
    """int64[row]: day, service and blur in one number, sorted within each person."""
    found = np.empty(len(day), np.int64)
    for person in range(len(first) - 1):
        a, b = first[person], first[person + 1]
        rising = True
        for row in range(a, b):
            found[row] = (np.int64(day[row]) << 24) | (np.int64(service[row]) << 8) | np.int64(blur[row])
            rising = rising and (row == a or found[row - 1] <= found[row])
        if not rising:
            found[a:b].sort()
    return found


@njit(cache=True)
def _mixed(first, key, start, end, band):  # type: ignore[no-untyped-def]
    """uint64[person], by the finaliser of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA) over all that is known of a
    person."""
    found = np.empty(len(start), np.uint64)
    for person in range(len(start)):
        mix = _mix(
            np.uint64(np.int64(start[person]) * 1_000_003 + np.int64(end[person]) * 101 + np.int64(band[person]))
        )
        for row in range(first[person], first[person + 1]):
            mix = _mix(mix ^ np.uint64(key[row]))
        found[person] = mix
    return found


@njit(cache=True, inline="always")
def _mix(x):  # type: ignore[no-untyped-def]
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True)
def _moved(first, order, to, key):  # type: ignore[no-untyped-def]
    """(day, blur, service) of the persons in their new order."""
    day, blur, service = np.empty(len(key), np.int32), np.empty(len(key), np.int8), np.empty(len(key), np.int16)
    for person in range(len(order)):
        at = first[order[person]]
        for k in range(to[person + 1] - to[person]):
            whole = key[at + k]
            day[to[person] + k] = whole >> 24
            service[to[person] + k] = (whole >> 8) & 0xFFFF
            blur[to[person] + k] = whole & 0xFF
    return day, blur, service
