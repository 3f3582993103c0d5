"""Counts that their owner told only as small (1 to 4, fewer than 5): read as ranges, and given their likeliest
number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.stats.imputation import NEVER
from headwater.stats.small_counts import expected_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.evidence import Panel

    Floats = NDArray[np.float64]

LARGEST = 11
"""Marks stand for numbers below ten or so; where no number told is as small as this, a bare mark says nothing of how
small."""


def small_cells(
    kind: str,
    counts: Floats,
    at: tuple[NDArray[np.intp], NDArray[np.intp]],
    ranges: list[Floats | None],
    problems: list[str],
) -> tuple[Floats, Floats] | None:
    """The ranges float64[unit, period] of the cells whose count was told as small alone, NaN elsewhere; None where none
    was.

    counts: float64[unit, period], NaN where none is told; at: the cells of the rows; ranges: least and most by row, as
    marks say them. A bare mark stands for less than the smallest number told above nought; nought is told as itself
    where any is.
    """
    least, most = (np.full(counts.shape, np.nan) for _ in range(2))
    for cells, told in zip((least, most), ranges, strict=True):
        if told is not None:
            cells[at] = told
    given = np.zeros(counts.shape, dtype=bool)
    given[at] = True
    bare = given & np.isnan(counts) & np.isnan(most)
    smallest = float(np.nanmin(np.where(counts > 0, counts, np.nan), initial=np.inf))
    if bare.any() and 2 <= smallest <= LARGEST:
        most = np.where(bare, np.ceil(smallest) - 1, most)
    elif bare.any():
        problems.append(
            f"{kind}: {bare.sum()} counts are withheld by who gave them, and nothing says below which number; they are"
            " gaps, and not missing at random (write 1-4 or <5 for the mark under [source.values.contacts])."
        )
    hidden = np.isfinite(most) & np.isnan(counts)
    if not hidden.any():
        return None
    least = np.where(np.isnan(least), float((counts == 0).any()), least)
    least, most = (np.where(hidden, part, np.nan) for part in (np.minimum(least, most), most))
    low, high = float(np.nanmin(least)), float(np.nanmax(most))
    problems.append(
        f"{kind}: {hidden.sum()} counts are told as small alone (a mark such as <5 or *) and lie between {low:.0f} and"
        f" {high:.0f}; they are taken at what the other counts of their unit lead to expect, and the interval is wider"
        " for it."
    )
    return least, most


def told_apart(panel: Panel, begun: NDArray[np.int64]) -> tuple[Panel, Floats]:
    """The panel with expected counts in its hidden cells, and float64[unit, side]: the variance of their sums, before
    and from each unit's start (the first one's for the untreated). A unit has one rate on each side, so that an effect
    is not smoothed away.
    """
    nothing = np.zeros((len(panel.units), 2))
    if panel.most is None or panel.least is None:
        return panel, nothing
    first = int(begun.min()) if (begun < NEVER).any() else len(panel.periods)
    late = np.arange(len(panel.periods)) >= np.where(begun < NEVER, begun, first)[:, None]
    counts, variance = panel.counts.copy(), nothing
    for side, cells in enumerate((~late, late)):
        parts = [np.where(cells, part, np.nan) for part in (panel.counts, panel.exposure, panel.least, panel.most)]
        rows = np.isfinite(parts[3]).any(axis=1)
        if not rows.any():
            continue
        found = expected_counts(*(part[rows] for part in parts))
        counts[rows] = np.where(cells[rows], found.counts, counts[rows])
        variance[rows, side] = found.variance
    return replace(panel, counts=counts), variance
