"""Coordinates that a file gives for its rows, as metres of the national grid; what is nonsense becomes a reason to
refuse the row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.tables import Column
from headwater.sources.convert import convert
from headwater.stats.national_grid import national_grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from headwater.domain.workspace import SourceSettings

    Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
    Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

GRID, DEGREES = ("easting", "northing"), ("longitude", "latitude")
LIMITS = {"easting": (0, 800_000), "northing": (0, 1_400_000), "longitude": (-9, 3), "latitude": (49, 62)}
"""Great Britain with its islands, in metres and in degrees."""
HIDDEN = ("__easting", "__northing")
"""How coordinates stand in a file's own piece of the store, until its rows have a place; no table has them."""
ASSIGNED = ("contact", "enrolment")
"""Tables whose rows get the place that lies at their coordinates."""
OTHERWISE = "otherwise"
"""The key of [source.at] that names the heading of an area, for rows without coordinates."""
LOCATED = ("place",)
"""Tables that have an easting and a northing of their own."""


def pair_of(at: Mapping[str, object]) -> tuple[str, str]:
    return DEGREES if DEGREES[0] in at else GRID


def points(
    texts: Callable[[str], pa.StringArray], source: SourceSettings, refuse: Callable[[Mask, str, str], None]
) -> tuple[pa.Array, pa.Array]:
    """Easting and northing of each row, whole metres, null where none is given.

    texts: the trimmed values under one of the file's headings; refuse: takes rows that cannot be kept, why, and the
    column.
    """
    pair = pair_of(source.at)
    values = []
    for name in pair:
        made = convert(texts(str(source.at[name])), Column(name, "number", ""))
        refuse(made.wrong, f"{name}: {made.reason}", name)
        values.append(pc.fill_null(made.values, np.nan).to_numpy(zero_copy_only=False))
    outside = ~_within(pair[0], values[0]) | ~_within(pair[1], values[1])
    (low, high), (south, north) = LIMITS[pair[0]], LIMITS[pair[1]]
    limits = f"{pair[0]} {low:,} to {high:,}, {pair[1]} {south:,} to {north:,}"
    swapped = outside & _within(pair[0], values[1]) & _within(pair[1], values[0])
    refuse(swapped, f"coordinates outside Great Britain ({limits}), are the two columns swapped?", pair[0])
    refuse(outside & ~swapped, f"coordinates outside Great Britain ({limits})", pair[0])
    refuse(np.isnan(values[0]) != np.isnan(values[1]), f"{pair[0]} without {pair[1]}, or the other way round", pair[0])
    sound = np.where(outside, np.nan, values[0]), np.where(outside, np.nan, values[1])
    found = national_grid(*sound) if pair == DEGREES else sound
    return tuple(pa.array(np.round(part), pa.float64(), from_pandas=True) for part in found)


def _within(name: str, values: Floats) -> Mask:
    low, high = LIMITS[name]
    return np.isnan(values) | ((values >= low) & (values <= high))


def problems(at: Mapping[str, object], table: object, where: str) -> Iterator[str]:
    """What is wrong with [source.at], a sentence each."""
    known = (*GRID, *DEGREES, "nearest", "cell", OTHERWISE)
    where = f"{where}[source.at] "
    yield from (f"{where}unknown key {key!r}; allowed: {', '.join(known)}" for key in at if key not in known)
    if table not in (*ASSIGNED, *LOCATED):
        yield f"{where}has no meaning for the table {table!r}; allowed: {', '.join((*ASSIGNED, *LOCATED))}"
    pairs = [pair for pair in (GRID, DEGREES) if any(name in at for name in pair)]
    if len(pairs) != 1 or not all(isinstance(at.get(name), str) for name in pairs[0]):
        given = ", ".join(name for name in (*GRID, *DEGREES) if name in at) or "neither"
        yield f"{where}needs the headings of easting and northing, or of longitude and latitude; given: {given}"
    ways = [way for way in ("nearest", "cell") if way in at]
    if table in ASSIGNED and len(ways) != 1:
        yield (
            f"{where}needs nearest = METRES (the nearest place within so many) or cell = METRES (squares of that size);"
            f" given: {' and '.join(ways) or 'neither'}"
        )
    if table in LOCATED and ways:
        yield f"{where}{ways[0]} has no meaning for a place, which lies where it lies"
    if OTHERWISE in at and (table not in ASSIGNED or not isinstance(at[OTHERWISE], str)):
        yield f"{where}{OTHERWISE} must be the heading of an area, for contacts and enrolments alone"
    for way in ways:
        size = at[way]
        if isinstance(size, bool) or not isinstance(size, int | float) or not 1 <= size <= 100_000:
            yield f"{where}{way} must be metres from 1 to 100,000, not {size!r}"
