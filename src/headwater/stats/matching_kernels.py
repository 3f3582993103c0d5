"""The searches of `matching`, compiled: by score alone, or by features among those whose score is within a caliper.

Candidates lie in order of stratum and score, the treated in order of stratum and then hardest first. No stratum shares
a candidate with another, so that each is emptied in rounds by itself, while what it holds lies near.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]


class Known(NamedTuple):
    """Candidates or treated in the order in which they are looked at. row, owner: int64[place]; score, moment:
    float64[place].

    features: float64[place, k], of candidates turned to float64[k, place]; of no size where the score alone decides.
    """

    row: Codes
    score: Vector
    moment: Vector
    owner: Codes
    features: Vector


NEAR = 5
"""The nearest kept of each treated unit, for each control asked for. Others take some of them; with more left than are
taken the stratum need not be searched again."""
CHUNK = 512
"""Candidates whose distances are reckoned together, so that a core does several at once."""


@njit(cache=True, nogil=True)
def settled(order, packed, score):  # type: ignore[no-untyped-def]
    """Put rows whose packed numbers are equal in the order of their scores, in place; they come in order of row."""
    start = 0
    for at in range(1, len(order) + 1):
        if at == len(order) or packed[at] != packed[start]:
            if at - start > 1:
                rows = order[start:at].copy()
                order[start:at] = rows[np.argsort(score[rows], kind="mergesort")]
            start = at


@njit(cache=True, nogil=True)
def columns(features, rows, found):  # type: ignore[no-untyped-def]
    """float64[k, row] of some rows of float64[row, k]: a column after another, as the search by features reads them."""
    for at in range(len(rows)):
        for k in range(features.shape[1]):
            found[k, at] = features[rows[at], k]


@njit(cache=True, nogil=True)
def by_score(first, last, pool, ours, rule, up, down):  # type: ignore[no-untyped-def]
    """int64[treated, turn], places in the pool or −1, and their distances. pool, ours: `Known`.

    up, down: int64[place], the place itself while it is free; later a step towards the next free one above and below.
    """
    per_unit, _caliper, _apart, replacement = rule
    mine = np.full((len(first), per_unit), -1, dtype=np.int64)
    far = np.empty((len(first), per_unit), dtype=np.float64)
    start = 0
    while start < len(first):
        end = _same(first, start)
        for turn in range(per_unit):
            for at in range(start, end):
                best, gap = _nearest(at, (first[at], last[at]), pool, ours, rule, (up, down), mine[at, :turn])
                mine[at, turn], far[at, turn] = best, gap
                if best >= 0 and not replacement:
                    up[best], down[best] = best + 1, best - 1
        start = end
    return mine, far


@njit(cache=True, nogil=True)
def by_features(first, last, pool, ours, rule, used):  # type: ignore[no-untyped-def]
    """As by score, but of those within the caliper the nearest by the features' Euclidean distance."""
    per_unit, _caliper, _apart, replacement = rule
    mine = np.full((len(first), per_unit), -1, dtype=np.int64)
    far = np.empty((len(first), per_unit), dtype=np.float64)
    start = 0
    while start < len(first):
        end = _same(first, start)
        near = np.empty((end - start, NEAR * per_unit), dtype=np.int64)
        gaps = np.empty((end - start, NEAR * per_unit))
        # How many of the nearest are kept, and how many of them are done with; −1: not looked for yet.
        kept, done = np.full(end - start, -1), np.zeros(end - start, dtype=np.int64)
        for turn in range(per_unit):
            for at in range(start, end):
                row = at - start
                some = (near[row], gaps[row])
                place = -1
                while kept[row] != 0 and place < 0:
                    if kept[row] < 0 or (done[row] == kept[row] and kept[row] == near.shape[1]):
                        taken = (used, mine[at, :turn])
                        kept[row] = _around(at, (first[at], last[at]), pool, ours, rule, taken, some)
                        done[row] = 0
                    if done[row] == kept[row]:
                        break
                    place = near[row, done[row]]
                    far[at, turn] = gaps[row, done[row]]
                    done[row] += 1
                    if used[place] or _theirs(ours.owner[at], pool.owner[place], pool.owner, mine[at, :turn]):
                        place = -1
                mine[at, turn] = place
                if place >= 0 and not replacement:
                    used[place] = True
        start = end
    return mine, far


@njit(cache=True, nogil=True)
def _same(first, start):  # type: ignore[no-untyped-def]
    """The end of the treated who are of the stratum of the one at `start`."""
    end = start + 1
    while end < len(first) and first[end] == first[start]:
        end += 1
    return end


@njit(cache=True, nogil=True)
def _nearest(at, stratum, pool, ours, rule, free, mine):  # type: ignore[no-untyped-def]
    """The nearest free candidate of a stratum: outwards on both sides until nothing nearer can come. free: steps up and
    down."""
    first, last = stratum
    _per_unit, caliper, apart, _replacement = rule
    up, down = free
    number, score, when, owner, _features = pool
    level, moment, own = ours.score[at], ours.moment[at], ours.owner[at]
    middle = first + np.searchsorted(score[first:last], level)
    left, right = _free_down(down, middle - 1, first), _free_up(up, middle, last)
    best, nearest = -1, np.inf
    while left >= first or right < last:
        below = level - score[left] if left >= first else np.inf
        above = score[right] - level if right < last else np.inf
        gap = min(below, above)
        if gap > caliper or gap > nearest:
            break
        if below <= above:
            place, left = left, _free_down(down, left - 1, first)
        else:
            place, right = right, _free_up(up, right + 1, last)
        if abs(when[place] - moment) > apart or _theirs(own, owner[place], owner, mine):
            continue
        if gap < nearest or number[place] < number[best]:
            best, nearest = place, gap
    return best, nearest


@njit(cache=True, nogil=True)
def _free_up(up, place, last):  # type: ignore[no-untyped-def]
    """The first free place from here on, or `last`. Steps are remembered, so that no stretch is walked twice."""
    found = place
    while found < last and up[found] != found:
        found = up[found]
    while place < found:
        up[place], place = found, up[place]
    return found


@njit(cache=True, nogil=True)
def _free_down(down, place, first):  # type: ignore[no-untyped-def]
    """The first free place from here downwards, or one below `first`."""
    found = place
    while found >= first and down[found] != found:
        found = down[found]
    while place > found:
        down[place], place = found, down[place]
    return found


@njit(cache=True, nogil=True)
def _around(at, stratum, pool, ours, rule, taken, some):  # type: ignore[no-untyped-def]
    """Fill `some` (places, distances) with the nearest free candidates within the caliper, nearest first; how many
    there are.

    taken: bool[place], by anybody; int64[turn], the places of this one's own set.
    """
    _per_unit, caliper, apart, _replacement = rule
    number, score, when, owner, features = pool
    (used, mine), (near, gaps) = taken, some
    low, high = _within(score, ours.score[at], caliper, stratum)
    kept, bound, square = 0, np.inf, np.empty(CHUNK)
    for begin in range(low, high, CHUNK):
        size = min(CHUNK, high - begin)
        square[:size] = 0.0
        for k in range(features.shape[0]):
            here, column = ours.features[at, k], features[k]
            for step in range(size):
                gap = column[begin + step] - here
                square[step] += gap * gap
        for step in range(size):
            place = begin + step
            if square[step] > bound or used[place] or abs(when[place] - ours.moment[at]) > apart:
                continue
            if _theirs(ours.owner[at], owner[place], owner, mine):
                continue
            kept = _put(place, np.sqrt(square[step]), number, near, gaps, kept)
            if kept == len(near):
                # A little above the square, so that rounding parts no tie.
                bound = gaps[kept - 1] * gaps[kept - 1] * (1 + 1e-12)
    return kept


@njit(cache=True, nogil=True)
def _within(score, level, caliper, stratum):  # type: ignore[no-untyped-def]
    """Where in a stratum the scores within the caliper begin and end."""
    first, last = stratum
    low, high = first, last
    while low < high:
        middle = (low + high) // 2
        if level - score[middle] > caliper:
            low = middle + 1
        else:
            high = middle
    begin, high = low, last
    while low < high:
        middle = (low + high) // 2
        if score[middle] - level > caliper:
            high = middle
        else:
            low = middle + 1
    return begin, low


@njit(cache=True, nogil=True)
def _put(place, gap, number, near, gaps, kept):  # type: ignore[no-untyped-def]
    """Keep a candidate where it is among the nearest, equals by their numbers; how many are kept now."""
    at = kept
    while at > 0 and (gap < gaps[at - 1] or (gap == gaps[at - 1] and number[place] < number[near[at - 1]])):
        at -= 1
    if at == len(near):
        return kept
    kept = min(kept + 1, len(near))
    for later in range(kept - 1, at, -1):
        near[later], gaps[later] = near[later - 1], gaps[later - 1]
    near[at], gaps[at] = place, gap
    return kept


@njit(cache=True, nogil=True)
def _theirs(own, candidate, owner, mine):  # type: ignore[no-untyped-def]
    """Whether the candidate is the unit's own person, or one who stands in its set already."""
    if candidate == own:
        return True
    # numba compiles the loop, not a generator expression
    for place in mine:  # noqa: SIM110
        if place >= 0 and owner[place] == candidate:
            return True
    return False
