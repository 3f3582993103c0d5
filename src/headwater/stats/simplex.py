"""Least squares over the simplex: weights that are not negative and sum to one, the kernel of every synthetic control."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RELATIVE_TOLERANCE = 1e-10


@numba.njit(cache=True)
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


@numba.njit(cache=True)
def _steepest(G, b, w, allowed, members, size):  # type: ignore[no-untyped-def]
    """The allowed non-member whose entry lowers the objective fastest, and by how much a unit of weight."""
    slope = -b.copy()
    for p in range(size):
        slope += w[members[p]] * G[members[p]]
    level = 0.0
    for p in range(size):
        level += w[members[p]] * slope[members[p]]
    best, gain = -1, 0.0
    for j in range(b.shape[0]):
        if allowed[j] and w[j] == 0.0 and slope[j] - level < gain:
            best, gain = j, slope[j] - level
    return best, gain


@numba.njit(cache=True)
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


@numba.njit(cache=True)
def _one(G, b, allowed, tolerance):  # type: ignore[no-untyped-def]
    n = b.shape[0]
    w = np.zeros(n)
    members = np.empty(n, np.int64)
    first, lowest = -1, np.inf
    for j in range(n):
        if allowed[j] and 0.5 * G[j, j] - b[j] < lowest:
            first, lowest = j, 0.5 * G[j, j] - b[j]
    w[first] = 1.0
    members[0] = first
    size = 1
    for _ in range(4 * n):
        enters, gain = _steepest(G, b, w, allowed, members, size)
        if enters < 0 or gain > -tolerance:
            break
        members[size] = enters
        size = _settle(G, b, w, members, size + 1)
        if w[enters] == 0.0:
            break
    return w / w.sum()


@numba.njit(cache=True)
def _all(G, B, allowed, tolerance):  # type: ignore[no-untyped-def]
    W = np.zeros(B.shape)
    for i in range(B.shape[0]):
        W[i] = _one(G, B[i], allowed[i], tolerance)
    return W


def simplex_weights(
    G: NDArray[np.float64], B: NDArray[np.float64], allowed: NDArray[np.bool_], ridge: float = 0.0
) -> NDArray[np.float64]:
    """Weights float64[target, donor] that minimise ½ w'Gw − b'w + ½ ridge·w'w, w ≥ 0, Σw = 1, for each row b of B.

    G: the donors' Gram matrix float64[donor, donor]; B: their products with each target; allowed: which donors a target
    may use, at least one each. One Gram matrix serves all targets, so a full set of placebos costs little more than one.
    Exact up to rounding: a primal active set as in Lawson & Hanson (1974), with the sum held at one (after Wolfe 1976).
    """
    if not allowed.any(axis=1).all():
        raise ValueError("every target needs at least one allowed donor")
    scale = float(np.max(np.diag(G))) or 1.0
    # A ridge of 1e-10 of the scale makes the system solvable when more donors than periods hold weight.
    held = G + (ridge + RELATIVE_TOLERANCE * scale) * np.eye(len(G))
    return np.asarray(_all(held, np.ascontiguousarray(B), allowed, RELATIVE_TOLERANCE * scale))
