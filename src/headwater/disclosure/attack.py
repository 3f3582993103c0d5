"""What an attacker who holds everything that left can reckon of a masked count, by whole-number programmes.

The attacker knows that counts are whole, which sums hold, what rounding leaves of each shown count, and between which
counts the rule masks. A masked count is *known* when no second whole number is possible for it. One solution in which
many masked counts differ from the truth clears all of them at once, so that few programmes answer for many cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

from headwater.domain.errors import DisclosureBlock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from headwater.disclosure.cells import Sum

    Numbers = NDArray[np.float64]

Ranges = dict[str, tuple[float, float]]
SWEEPS = 2
"""Programmes with drawn goals before cells are asked one by one."""


def known(sums: Collection[Sum], ranges: Ranges, masked: Collection[str]) -> set[str]:
    """The masked quantities that have one possible value. ranges: what is known of each quantity alone.

    Raises DisclosureBlock where no whole numbers fit, because nothing can then be said of what gives what away.
    """
    wanted, found = set(masked), set()
    tied: set[str] = set()
    for part in _connected(sums):
        names = sorted({name for total, parts in part for name in (total, *parts)})
        tied.update(names)
        if asked := [name for name in names if name in wanted]:
            found |= _known_in(part, ranges, names, asked)
    return found | {name for name in wanted - tied if ranges[name][0] == ranges[name][1]}


def _known_in(sums: Collection[Sum], ranges: Ranges, names: list[str], asked: list[str]) -> set[str]:
    """Of one group of connected sums: worlds are drawn, and a cell that differs between two of them is not known."""
    at = {name: column for column, name in enumerate(names)}
    low, high = (np.array([ranges[name][end] for name in names]) for end in (0, 1))
    matrix = _matrix(sums, at)
    world = _solved(matrix, np.zeros(len(names)), low, high)
    if world is None:
        raise DisclosureBlock(
            "the counts told do not fit each other",
            given=f"{names[0]} and those it adds up with",
            allowed="sums that hold",
        )
    left, rng = {at[name] for name in asked}, np.random.default_rng(len(names))
    for _ in range(SWEEPS):
        if left:
            goal = np.zeros(len(names))
            goal[sorted(left)] = rng.choice((-1.0, 1.0), len(left))
            left -= _moved(_solved(matrix, goal, low, high), world)
    for column in sorted(left):
        if column in left:
            left -= _moved(_another(matrix, world, (low, high), column), world)
    return {names[column] for column in left}


def _another(matrix: csr_matrix, world: Numbers, ends: tuple[Numbers, Numbers], column: int) -> Numbers | None:
    """A possible world in which this cell has another value than in the one given."""
    still = np.zeros(world.size)
    for side, edge in ((0, world[column] + 1), (1, world[column] - 1)):
        if ends[0][column] <= edge <= ends[1][column]:
            changed = [end.copy() for end in ends]
            changed[side][column] = edge
            other = _solved(matrix, still, *changed)
            if other is not None:
                return other
    return None


def _moved(other: Numbers | None, world: Numbers) -> set[int]:
    return set() if other is None else set(np.flatnonzero(np.abs(other - world) > 0.5).tolist())


def _solved(matrix: csr_matrix, goal: Numbers, low: Numbers, high: Numbers) -> Numbers | None:
    nought = np.zeros(matrix.shape[0])
    found = milp(
        goal,
        constraints=LinearConstraint(matrix, nought, nought),
        bounds=Bounds(low, high),
        integrality=np.ones(goal.size),
    )
    return None if found.x is None else np.round(found.x)


def _matrix(sums: Collection[Sum], at: Mapping[str, int]) -> csr_matrix:
    """One row a sum: its parts less its total are nought."""
    rows, columns, signs = [], [], []
    for row, (total, parts) in enumerate(sums):
        rows += [row] * (len(parts) + 1)
        columns += [at[total], *(at[part] for part in parts)]
        signs += [-1.0] + [1.0] * len(parts)
    return csr_matrix((signs, (rows, columns)), shape=(len(sums), len(at)))


def _connected(sums: Iterable[Sum]) -> Iterator[list[Sum]]:
    """Sums that share quantities, directly or through others; each group is a programme of its own."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    ordered = sorted(sums)
    for total, parts in ordered:
        for part in parts:
            parent[root(part)] = root(total)
    groups: dict[str, list[Sum]] = {}
    for one in ordered:
        groups.setdefault(root(one[0]), []).append(one)
    yield from groups.values()
