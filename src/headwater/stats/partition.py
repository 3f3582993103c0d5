"""Which groups: every member in exactly one group, the sum of the groups' values greatest.

Set partitioning solved by HiGHS through `scipy.optimize.milp`; the next best partitions by cutting off those found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Partition:
    """Groups of member numbers and their summed value, recomputed from the values, never the solver's own."""

    groups: tuple[tuple[int, ...], ...]
    value: float


def best_partitions(
    members: int, groups: Sequence[tuple[int, ...]], values: NDArray[np.float64], count: int = 1
) -> tuple[Partition, ...]:
    """The `count` best partitions of `members` (0 … n−1) into the given groups, best first.

    values: float64[group]. Every member needs at least one group that holds it (its own, usually). Fewer partitions
    come back when fewer exist.
    """
    covers = _cover(members, groups)
    rules = [LinearConstraint(covers, 1, 1)]
    found: list[Partition] = []
    for _ in range(count):
        solved = milp(-values, constraints=rules, integrality=np.ones(len(groups)), bounds=Bounds(0, 1))
        if solved.x is None:
            break
        # A binary from a solver is a float near 0 or 1: it is read at one half.
        chosen = [int(at) for at in np.flatnonzero(solved.x > 0.5)]
        found.append(Partition(tuple(sorted(groups[at] for at in chosen)), float(values[chosen].sum())))
        cut = np.zeros(len(groups))
        cut[chosen] = 1
        rules.append(LinearConstraint(csr_matrix(cut), -np.inf, len(chosen) - 1))
    return tuple(found)


def connected_groups(neighbours: Sequence[Iterable[int]], largest: int) -> tuple[tuple[int, ...], ...]:
    """Every connected set of up to `largest` members of an undirected graph, each once, singletons first.

    Grown a member at a time; the number is exponential in `largest`, so 2 to 5 is what a register of 300 bears.
    """
    linked = [set(near) for near in neighbours]
    layer: set[tuple[int, ...]] = {(member,) for member in range(len(linked))}
    every = sorted(layer)
    for _ in range(largest - 1):
        layer = {tuple(sorted((*group, new))) for group in layer for new in _around(group, linked)}
        every += sorted(layer)
    return tuple(every)


def _around(group: tuple[int, ...], linked: list[set[int]]) -> set[int]:
    return set().union(*(linked[member] for member in group)) - set(group)


def _cover(members: int, groups: Sequence[tuple[int, ...]]) -> csr_matrix:
    rows = [member for group in groups for member in group]
    columns = [at for at, group in enumerate(groups) for _ in group]
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(members, len(groups)))
