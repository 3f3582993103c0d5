"""Who of the matched was observed how far back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from headwater.evidence.people.evaluation import Case


def observed_before(case: Case, days: int) -> NDArray[np.bool_]:
    """bool[member]: whether the whole time of so many days before the index day was observed."""
    units, rows = case.design.units, case.sets.row
    found: NDArray[np.bool_] = case.people.first[units.person[rows]] <= units.index[rows] - days
    return found
