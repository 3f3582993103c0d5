"""Proportional hazards within sets, as the conditional likelihood of rate models: at each event, who was still
waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]


def risk_rows(
    time: NDArray[np.float64] | Codes, came: NDArray[np.bool_], sets: Codes
) -> tuple[Codes, NDArray[np.float64], Codes]:
    """row, event, group: one row for each member of a set at each of its event times up to the member's own.

    Conditional on one event a group this is Cox's partial likelihood stratified by set; ties within a set are
    Breslow's.
    """
    events = np.flatnonzero(came)
    key, first = np.unique(np.column_stack([sets[events], time[events]]), axis=0, return_index=True)
    moments = events[first] if len(key) else events
    order = np.argsort(sets, kind="stable")
    begin, end = (np.searchsorted(sets[order], sets[moments], side=side) for side in ("left", "right"))
    size = end - begin
    group = np.repeat(np.arange(len(moments)), size)
    place = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + np.repeat(begin, size)
    row, when = order[place], np.repeat(time[moments], size)
    waiting = time[row] >= when
    event = (came[row] & (time[row] == when)).astype(np.float64)
    return row[waiting], event[waiting], group[waiting]
