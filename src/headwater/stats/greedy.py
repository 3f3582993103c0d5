"""Where to send whom: the harm averted is greatest, each sender within its own days.

max Σ_s h_s [1 − Π_{a ∈ X_s} (1 − p_sa)]  with  Σ_s d_sa ≤ B_a for each sender a.

The gain of a visit falls with every other visit to the same place (the function is submodular), so a visit's old gain
bounds
its new one: lazy evaluation (Minoux 1978). Taken by gain per day; the better of that and the best single visit is kept
(Khuller, Moss & Naor 1999, "The budgeted maximum coverage problem", Information Processing Letters 70), and in small
cases every seed of up to three visits is tried (Sviridenko 2004, Operations Research Letters 32). Each answer carries a
bound on the best there could be (Leskovec et al. 2007, "Cost-effective outbreak detection in networks", KDD), so that
how good it is need not be believed.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL = 40
"""Pairs up to which every seed of three is tried: 9,880 greedy runs of 40 pairs take well under a second."""


SLACK = 1e-9
"""Days by which a budget may be passed: sums of days round. One number for what may be chosen at all and what still
fits."""


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """visits: int[visit, (place, sender)] in the order chosen. value and bound: harm averted, and the most there could
    be."""

    visits: NDArray[np.int64]
    value: float
    bound: float

    @property
    def assured(self) -> float:
        """The share of the best possible that this surely is."""
        return self.value / self.bound if self.bound > 0 else 1.0


def best_visits(
    harm: NDArray[np.float64], chance: NDArray[np.float64], days: NDArray[np.float64], budget: NDArray[np.float64]
) -> Visits:
    """harm: float64[place]; chance, days: float64[place, sender]; budget: float64[sender].

    A pair with chance 0 or more days than its sender has (by more than SLACK) is never chosen; days are above 0.
    """
    place, sender = np.nonzero((chance > 0) & (days <= budget[None, :] + SLACK) & (harm[:, None] > 0))
    if not len(place):
        return Visits(np.empty((0, 2), dtype=np.int64), 0.0, 0.0)
    pairs = np.column_stack([place, sender]).astype(np.int64)
    p, d = chance[place, sender], days[place, sender]
    task = (harm, pairs, p, d, budget)
    order = _greedy(*task, np.empty(0, dtype=np.int64))
    single = np.array([np.argmax(harm[place] * p)])
    tried = [order, single] + ([_seeded(*task)] if len(p) <= SMALL else [])
    best = max(tried, key=lambda chosen: _value(harm, pairs, p, chosen))
    return Visits(pairs[best], float(_value(harm, pairs, p, best)), float(_bound(*task, best)))


@njit(cache=True)
def _value(harm, pairs, p, chosen):  # type: ignore[no-untyped-def]
    left = np.ones(len(harm))
    for at in chosen:
        left[pairs[at, 0]] *= 1 - p[at]
    return (harm * (1 - left)).sum()


@njit(cache=True)
def _greedy(harm, pairs, p, days, budget, seed):  # type: ignore[no-untyped-def]
    """Pair numbers in the order taken, the seed first. A heap entry is (−gain per day, pair, how often its place was
    visited)."""
    left, spare, visited = np.ones(len(harm)), budget.copy(), np.zeros(len(harm), dtype=np.int64)
    taken = np.zeros(len(p), dtype=np.bool_)
    order = np.empty(len(p), dtype=np.int64)
    count = 0
    for at in seed:
        left[pairs[at, 0]] *= 1 - p[at]
        spare[pairs[at, 1]] -= days[at]
        taken[at] = True
        order[count] = at
        count += 1
    heap = [(-harm[pairs[at, 0]] * left[pairs[at, 0]] * p[at] / days[at], at, 0) for at in range(len(p))]
    heapq.heapify(heap)
    while len(heap):
        _gain, at, version = heapq.heappop(heap)
        place, sender = pairs[at]
        if taken[at] or days[at] > spare[sender] + SLACK:
            continue
        if version != visited[place]:
            heapq.heappush(heap, (-harm[place] * left[place] * p[at] / days[at], at, visited[place]))
            continue
        left[place] *= 1 - p[at]
        spare[sender] -= days[at]
        visited[place] += 1
        taken[at] = True
        order[count] = at
        count += 1
    return order[:count]


@njit(cache=True)
def _seeded(harm, pairs, p, days, budget):  # type: ignore[no-untyped-def]
    """The best greedy completion of any one, two or three visits that fit."""
    best, value = np.empty(0, dtype=np.int64), -1.0
    count = len(p)
    for one in range(count):
        for two in range(one, count):
            for three in range(two, count):
                if two == three and one != two:
                    continue
                seed = np.unique(np.array([one, two, three]))
                if not _fits(pairs, days, budget, seed):
                    continue
                order = _greedy(harm, pairs, p, days, budget, seed)
                found = _value(harm, pairs, p, order)
                if found > value:
                    best, value = order, found
    return best


@njit(cache=True)
def _fits(pairs, days, budget, chosen):  # type: ignore[no-untyped-def]
    spare = budget.copy()
    for at in chosen:
        spare[pairs[at, 1]] -= days[at]
    return spare.min() >= -SLACK


@njit(cache=True)
def _bound(harm, pairs, p, days, budget, chosen):  # type: ignore[no-untyped-def]
    """Value + for each sender the most its whole budget could add, visits cut in pieces: none of the best is left out.

    Holds for any chosen set by submodularity; tight where it is nearly the best. Also taken from the empty set.
    """
    lowest = np.inf
    for start in range(2):
        left = np.ones(len(harm))
        base = 0.0
        if start == 1:
            for at in chosen:
                left[pairs[at, 0]] *= 1 - p[at]
            base = (harm * (1 - left)).sum()
        gains = np.array([harm[pairs[at, 0]] * left[pairs[at, 0]] * p[at] for at in range(len(p))])
        spare = budget.copy()
        for at in np.argsort(-gains / days):
            sender = pairs[at, 1]
            part = min(1.0, max(spare[sender], 0.0) / days[at])
            base += part * gains[at]
            spare[sender] -= part * days[at]
        lowest = min(lowest, base)
    return min(lowest, harm.sum())
