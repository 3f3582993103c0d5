"""Least squares over the simplex: weights that are not negative and sum to one, the kernel of every synthetic
control."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RELATIVE_TOLERANCE = 1e-10
ROUNDS = 40
"""Exchanges of whole blocks before the slower way is taken; where a ridge holds, three to eight are usual."""


@numba.njit(cache=True, nogil=True)
def _free_minimum(G, b, members, size):  # type: ignore[no-untyped-def]
    """The minimum over the members alone, with their sum held at one but their signs free."""
    A = np.empty((size, size))
    sides = np.ones((size, 2))
    for p in range(size):
        sides[p, 0] = b[members[p]]
        for q in range(size):
            A[p, q] = G[members[p], members[q]]
    solved = np.linalg.solve(A, sides)
    multiplier = (1.0 - solved[:, 0].sum()) / solved[:, 1].sum()
    return solved[:, 0] + multiplier * solved[:, 1]


@numba.njit(cache=True, nogil=True)
def _slope(G, b, w, members, size):  # type: ignore[no-untyped-def]
    """The objective's slope in each weight, and the members' mean of it."""
    slope = -b.copy()
    for p in range(size):
        slope += w[members[p]] * G[members[p]]
    level = 0.0
    for p in range(size):
        level += w[members[p]] * slope[members[p]]
    return slope, level


@numba.njit(cache=True, nogil=True)
def _steepest(G, b, w, allowed, members, size):  # type: ignore[no-untyped-def]
    """The allowed non-member whose entry lowers the objective fastest, and by how much a unit of weight."""
    slope, level = _slope(G, b, w, members, size)
    best, gain = -1, 0.0
    for j in range(b.shape[0]):
        if allowed[j] and w[j] == 0.0 and slope[j] - level < gain:
            best, gain = j, slope[j] - level
    return best, gain


@numba.njit(cache=True, nogil=True)
def _settle(G, b, w, members, size):  # type: ignore[no-untyped-def]
    """Walk from w to the members' minimum, dropping whoever reaches zero on the way; returns the members left."""
    while True:
        aim = _free_minimum(G, b, members, size)
        step = 1.0
        for p in range(size):
            if aim[p] <= 0.0:
                step = min(step, w[members[p]] / (w[members[p]] - aim[p]))
        kept = 0
        for p in range(size):
            j = members[p]
            w[j] += step * (aim[p] - w[j])
            if aim[p] <= 0.0 and w[j] <= 1e-14:
                w[j] = 0.0
            else:
                members[kept] = j
                kept += 1
        if kept == size:
            return size
        size = kept


@numba.njit(cache=True, nogil=True)
def _alone(G, b, w, allowed, members):  # type: ignore[no-untyped-def]
    """Begin with the one donor that is best by itself; returns the number of members."""
    lowest = np.inf
    for j in range(b.shape[0]):
        if allowed[j] and 0.5 * G[j, j] - b[j] < lowest:
            members[0], lowest = j, 0.5 * G[j, j] - b[j]
    w[members[0]] = 1.0
    return 1


@numba.njit(cache=True, nogil=True)
def _swapped(inside, allowed, w, slope, limit):  # type: ignore[no-untyped-def]
    """Take out whoever's weight is not above zero and bring in whoever would lower the objective; how many those
    were."""
    wrong = 0
    for j in range(w.shape[0]):
        out = inside[j] and w[j] <= 0.0
        enters = allowed[j] and not inside[j] and slope[j] < limit
        if out or enters:
            inside[j] = not inside[j]
            wrong += 1
    return wrong


@numba.njit(cache=True, nogil=True)
def _exchanged(G, b, w, allowed, start, members, tolerance):  # type: ignore[no-untyped-def]
    """Exchange all who are on the wrong side at once until nobody is; returns the number of members, 0 if it circles.

    Block principal pivoting (Portugal, Júdice & Vicente 1994, Math. Comp. 63:625). Where a ridge spreads the weights
    over a third of the donors this takes a few solves, and entering one by one dozens.
    """
    inside = start > 0.0
    if not inside.any():
        even = allowed / allowed.sum()
        slope = G @ even - b
        inside = allowed & (slope <= (slope * even).sum())
    fewest, patience = b.shape[0] + 1, 3
    for _ in range(ROUNDS):
        size = np.int64(0)
        for j in range(b.shape[0]):
            if inside[j]:
                members[size] = j
                size += 1
        if size == 0:
            return 0
        w[:] = 0.0
        w[members[:size]] = _free_minimum(G, b, members, size)
        slope, level = _slope(G, b, w, members, size)
        wrong = _swapped(inside, allowed, w, slope, level - tolerance)
        if wrong == 0:
            return size
        patience = 3 if wrong < fewest else patience - 1
        fewest = min(fewest, wrong)
        if patience == 0:
            return 0
    return 0


@numba.njit(cache=True, nogil=True)
def _known(G, b, w, start, members):  # type: ignore[no-untyped-def]
    """Begin with the weights of a problem much like this one; returns the number of members."""
    size = np.int64(0)  # A literal 0 would have _settle compiled a second time for itself.
    for j in range(b.shape[0]):
        if start[j] > 0.0:
            w[j] = start[j]
            members[size] = j
            size += 1
    return _settle(G, b, w, members, size)


@numba.njit(cache=True, nogil=True)
def _one(G, b, allowed, start, tolerance, spread):  # type: ignore[no-untyped-def]
    n = b.shape[0]
    w = np.zeros(n)
    members = np.empty(n, np.int64)
    if spread and _exchanged(G, b, w, allowed, start, members, tolerance):
        return w / w.sum()
    w[:] = 0.0
    size = _known(G, b, w, start, members) if start.any() else _alone(G, b, w, allowed, members)
    for _ in range(4 * n):
        enters, gain = _steepest(G, b, w, allowed, members, size)
        if enters < 0 or gain > -tolerance:
            break
        members[size] = enters
        size = _settle(G, b, w, members, size + 1)
        if w[enters] == 0.0:
            break
    return w / w.sum()


@numba.njit(cache=True, nogil=True)
def _some(G, B, allowed, start, tolerance, spread, W):  # type: ignore[no-untyped-def]
    for i in range(B.shape[0]):
        W[i] = _one(G, B[i], allowed[i], start[i], tolerance, spread)


def simplex_weights(
    G: NDArray[np.float64],
    B: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    ridge: float = 0.0,
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Weights float64[target, donor] that minimise ½ w'Gw − b'w + ½ ridge·w'w, w ≥ 0, Σw = 1, for each row b of B.

    G: the donors' Gram matrix float64[donor, donor]; B: their products with each target; allowed: which donors a target
    may use, at least one each; start: weights of a problem much like this one, which only save time. One Gram matrix
    serves all targets, so a full set of placebos costs little more than one. Exact up to rounding: a primal active set
    as in Lawson & Hanson (1974), with the sum held at one (after Wolfe 1976), or by exchange of blocks where a ridge
    holds. Each target is solved by itself, so that the number of cores changes nothing.
    """
    if not allowed.any(axis=1).all():
        raise ValueError("every target needs at least one allowed donor")
    scale = float(np.max(np.diag(G))) or 1.0
    # A ridge of 1e-10 of the scale makes the system solvable when more donors than periods hold weight.
    held = G + (ridge + RELATIVE_TOLERANCE * scale) * np.eye(len(G))
    begun = np.zeros(B.shape) if start is None else start
    rows = [np.ascontiguousarray(part) for part in (B, allowed, begun)]
    tolerance, spread = RELATIVE_TOLERANCE * scale, ridge > 1e-6 * scale
    weights = np.zeros(B.shape)

    def solve(at: slice) -> None:
        _some(held, rows[0][at], rows[1][at], rows[2][at], tolerance, spread, weights[at])

    cores = min(os.cpu_count() or 1, len(B) // 16)
    if cores < 2:
        solve(slice(None))
        return weights
    cuts = np.linspace(0, len(B), cores + 1).astype(int)
    with ThreadPoolExecutor(cores) as threads:
        list(threads.map(solve, itertools.starmap(slice, itertools.pairwise(cuts))))
    return weights
