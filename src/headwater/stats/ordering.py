"""Rows that come in any order, set by person and, within one, by a key: a place for each person's rows, then many small
sorts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]

PARTS = 2


def by_person(pieces: list[tuple[NDArray[np.int32], Codes]], people: int) -> tuple[Codes, Codes]:
    """(first[person + 1], key[row]): keys of person i, sorted, are key[first[i]] … key[first[i + 1] − 1].

    pieces: (person, key) of some rows each; they are taken out as they are set, so that no row is held twice for long.
    A few bytes a row and no comparison across people: an engine would sort the whole.
    """
    sizes = np.zeros(people, dtype=np.int64)
    for person, _ in pieces:
        sizes += np.bincount(person, minlength=people)
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    keys, free = np.empty(first[-1], dtype=np.int64), first[:-1].copy()
    while pieces:
        _place(*pieces.pop(), free, keys)
    edges = np.linspace(0, people, PARTS + 1).astype(np.int64)
    with ThreadPoolExecutor(max_workers=PARTS) as pool:
        list(pool.map(lambda part: _sort_each(keys, first, *part), pairwise(edges.tolist())))
    return first, keys


@njit(cache=True, nogil=True)
def _place(person, key, free, keys):  # type: ignore[no-untyped-def]
    for row in range(len(person)):
        keys[free[person[row]]] = key[row]
        free[person[row]] += 1


@njit(cache=True, nogil=True)
def _sort_each(keys, first, low, high):  # type: ignore[no-untyped-def]
    for person in range(low, high):
        keys[first[person] : first[person + 1]].sort()
