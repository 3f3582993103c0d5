"""The interval audit: what an attacker who holds every release can reckon of a masked cell, by linear programme.

Each masked cell is a variable; each visible sum an equation within its rounding. The attacker knows that counts are whole
and not negative. A cell is exactly known when its least and greatest feasible values round to one whole number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WIDTH = 1 - 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """Cells (by name) whose sum lies between low and high; what one visible total or one cell told."""

    cells: tuple[str, ...]
    low: float
    high: float


def intervals(equations: Sequence[Equation], wanted: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Least and greatest feasible value of each wanted cell, cells being at least 0; (0, inf) for a cell never named."""
    names = sorted({cell for equation in equations for cell in equation.cells})
    at = {name: column for column, name in enumerate(names)}
    if not names:
        return dict.fromkeys(wanted, (0.0, np.inf))
    rows = [row for row, equation in enumerate(equations) for _ in equation.cells]
    columns = [at[cell] for equation in equations for cell in equation.cells]
    sums = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(equations), len(names)))
    upper = np.array([equation.high for equation in equations])
    lower = np.array([equation.low for equation in equations])
    both = csr_matrix(np.vstack([sums.toarray(), -sums.toarray()]))
    limits = np.concatenate([upper, -lower])
    return {cell: _ends(at[cell], len(names), both, limits) if cell in at else (0.0, np.inf) for cell in wanted}


def _ends(cell: int, cells: int, sums: csr_matrix, limits: NDArray[np.float64]) -> tuple[float, float]:
    goal = np.zeros(cells)
    goal[cell] = 1
    ends = [linprog(sign * goal, A_ub=sums, b_ub=limits, bounds=(0, None), method="highs") for sign in (1, -1)]
    low = float(ends[0].fun) if ends[0].status == 0 else 0.0
    high = float(-ends[1].fun) if ends[1].status == 0 else np.inf
    return low, high


def known_exactly(interval: tuple[float, float]) -> bool:
    """Whether only one whole number lies in the interval."""
    low, high = np.ceil(interval[0] - 1e-6), np.floor(interval[1] + 1e-6) if np.isfinite(interval[1]) else np.inf
    return bool(high - low < WIDTH)


def exactly_known(counts: NDArray[np.float64], hidden: NDArray[np.bool_], base: int) -> list[tuple[int, int]]:
    """The masked cells of one table with totals that its visible cells give away; counts[-1], counts[:, -1] are sums."""
    wanted = [(int(row), int(column)) for row, column in np.argwhere(hidden)]
    # Most masked cells are safe for a reason that needs no programme; only the others are asked of it.
    wanted = [cell for cell in wanted if not _exchangeable(counts, hidden, cell)]
    if not wanted:
        return []
    found = intervals(equations_of("", counts, hidden, base), [_name("", *cell) for cell in wanted])
    return [cell for cell in wanted if known_exactly(found[_name("", *cell)])]


def _exchangeable(counts: NDArray[np.float64], hidden: NDArray[np.bool_], cell: tuple[int, int]) -> bool:
    """Whether one contact can change places with other masked inner cells so that every margin stays: then two tables are possible.

    In a table the four corners of a rectangle, in a single column any two cells.
    """
    rows, columns = counts.shape
    row, column = cell
    if row == rows - 1 or (columns > 1 and column == columns - 1):
        return False
    others = [at for at in np.flatnonzero(hidden[: rows - 1, column]) if at != row]
    if columns == 1:
        return any(counts[row, 0] + counts[at, 0] > 0 for at in others)
    for across in np.flatnonzero(hidden[row, : columns - 1]):
        for down in others:
            if across != column and hidden[down, across]:
                one, other = (
                    min(counts[row, column], counts[down, across]),
                    min(counts[row, across], counts[down, column]),
                )
                if one >= 1 or other >= 1:
                    return True
    return False


def equations_of(table: str, counts: NDArray[np.float64], hidden: NDArray[np.bool_], base: int) -> list[Equation]:
    """What one table tells: each visible cell within its rounding, and that rows and columns add up to their totals."""
    rows, columns = counts.shape
    told = [
        Equation((_name(table, row, column),), *_within(counts[row, column], base))
        for row in range(rows)
        for column in range(columns)
        if not hidden[row, column]
    ]
    for row in range(rows):
        told += _adds_up([_name(table, row, column) for column in range(columns)], told)
    for column in range(columns):
        told += _adds_up([_name(table, row, column) for row in range(rows)], told)
    return told


def _adds_up(cells: list[str], told: list[Equation]) -> list[Equation]:
    """Parts add up to the last cell: written on the range of the total, as parts ≤ its high and ≥ its low."""
    ranges = {equation.cells[0]: equation for equation in told if len(equation.cells) == 1}
    total = ranges.get(cells[-1])
    if total is None or len(cells) < 2:
        return []
    return [Equation(tuple(cells[:-1]), total.low, total.high)]


def _within(count: float, base: int) -> tuple[float, float]:
    """The whole numbers that round to what is shown; with base 1 the count itself."""
    shown = int(abs(count) / base + 0.5) * base
    if base == 1 or count == 0:
        return float(shown), float(shown)
    return shown - base / 2, shown + base / 2


def _name(table: str, row: int, column: int) -> str:
    return f"{table}|{row}|{column}"
