"""Secondary suppression: what else must be masked so that no masked cell can be reckoned from its row and column.

A masked cell is safe when the visible cells and margins, seen through rounding, leave it a range that is wider than nothing
and reaches out of the masked ones. Cells are added greedily, smallest first, until the audit finds none exactly known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.disclosure.audit import exactly_known

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.disclosure.rules import Rule


def masked(counts: NDArray[np.float64], rule: Rule, *, totals: bool) -> NDArray[np.bool_]:
    """bool like counts: the cells to mask. counts: float64[row, column]; with `totals` the last row and column are sums.

    A table of one column has totals down it only.
    """
    hidden = np.vectorize(rule.masks, otypes=[bool])(counts) if counts.size else np.zeros(counts.shape, dtype=bool)
    if not totals:
        return hidden
    while known := exactly_known(counts, hidden, rule.base):
        extra = _cheapest(counts, hidden, known[0])
        if extra is None:
            hidden[-1, :], hidden[:, -1] = True, True
            return hidden
        hidden[extra] = True
    return hidden


def _cheapest(counts: NDArray[np.float64], hidden: NDArray[np.bool_], known: tuple[int, int]) -> tuple[int, int] | None:
    """The smallest visible cell above nought in the row or column of a cell that is still known; inner cells first."""
    row, column = known
    rows, columns = counts.shape
    near = [(row, at) for at in range(columns)] + [(at, column) for at in range(rows)]
    free = [cell for cell in near if not hidden[cell]]
    inner = [cell for cell in free if cell[0] < rows - 1 and (cell[1] < columns - 1 or columns == 1)]
    return min(inner or free, key=lambda cell: (counts[cell] == 0, counts[cell], cell), default=None)
