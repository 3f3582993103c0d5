"""When each treated unit was in a programme, and the cells between two spells, which count for nobody."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from headwater.stats.imputation import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol

    Flags = NDArray[np.bool_]
    Spells = Mapping[str, Sequence[tuple[date, date | None]]]

FOREVER = np.datetime64("9999-01-01")


def off_cells(
    units: tuple[str, ...],
    days: NDArray[np.datetime64],
    begun: NDArray[np.int64],
    spells: Spells,
    protocol: Protocol,
    *,
    own: bool = True,
) -> Flags:
    """bool[unit, period]: cells after a unit's start in which it is not treated: beyond its own follow-up, after its
    own end, and between two stretches. They are neither treated nor comparison. begun: int[unit], the first treated
    period; own: whether a unit is followed for the protocol's days from its own start, or as long as the window lasts.
    """
    off = np.zeros((len(units), len(days)), dtype=bool)
    for row in np.flatnonzero(begun < NEVER).tolist():
        stretches = spells.get(units[row]) or ((protocol.start, None),)
        last = np.datetime64(stretches[0][0] + timedelta(days=protocol.follow_up_days)) if own else FOREVER
        on = np.zeros(len(days), dtype=bool)
        for start, end in stretches:
            until = last if end is None else min(last, np.datetime64(end + timedelta(days=1)))
            on |= (days >= np.datetime64(start)) & (days < until)
        off[row] = (np.arange(len(days)) >= begun[row]) & ~on
    return off
