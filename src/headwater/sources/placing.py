"""Rows with coordinates get a place: the nearest declared one within a stated distance, or a square of the national
grid.

The engine finds it once all files are read, a point at a time: points that many rows share (a map's snap points) cost
once.
"""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.domain.tables import TABLES
from headwater.sources.coordinates import HIDDEN
from headwater.store import key_of
from headwater.store.expr import _, coalesce, joined_by, literal, null, row_number, union, window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.workspace import SourceSettings
    from headwater.store import Part, Store
    from headwater.store.expr import Table

CELL = "cell"
NOWHERE = "neither a person nor a place, and no coordinates"


@dataclass(frozen=True, slots=True)
class Placed:
    """rows: the file's rows with their places; refused: those of nobody and nowhere; cells: squares that became
    places."""

    rows: Part
    refused: Part
    cells: Part | None


def placed(store: Store, file: str, part: Part, source: SourceSettings, places: Sequence[Part]) -> Placed:
    """One file's rows, placed. Raises DataProblem where the nearest place is asked for and no place has a position."""
    size = float(str(source.at.get("cell") or source.at["nearest"]))
    code = inspect.getsource(sys.modules[__name__])
    key = key_of("placed", code, file, part.key, repr(sorted(source.at.items())), *(one.key for one in places))
    kept, refused = store.part(source.table, key), store.part("quarantine", key)
    if kept is None or refused is None:
        kept, refused = _write(store, (file, source.table, key), _found(store, part, source, size, places))
    cells = None
    if CELL in source.at:
        cells = store.part("place", key) or store.write("place", key, _cells(_points(store.part_table(part)), size))
    return Placed(kept, refused, cells)


def squares(store: Store, cells: Sequence[Part], places: Sequence[Part]) -> Part:
    """The table place as one part: what is declared, and the squares of all files, each once."""
    columns = (*TABLES["place"].names, "__row")
    declared = [store.part_table(part).select(*columns) for part in places]
    pieces = [store.part_table(part).select(*columns) for part in cells]
    found = (union(*pieces) if len(pieces) > 1 else pieces[0]).distinct()
    for rows in declared:
        found = found.anti_join(rows.select("place"), "place")
    found = union(*declared, found) if declared else found
    code = inspect.getsource(sys.modules[__name__])
    key = key_of("squares", code, *(part.key for part in (*cells, *places)))
    return store.write("place", key, found.order_by("place"))


def _found(store: Store, part: Part, source: SourceSettings, size: float, places: Sequence[Part]) -> Table:
    """The part's rows, their place filled where a point says it."""
    rows = store.part_table(part)
    points = _points(rows)
    found = _in_cells(points, size) if CELL in source.at else _nearest(points, _positions(store, places), size)
    found = found.select(e=found[HIDDEN[0]], n=found[HIDDEN[1]], found=found["place"])
    joined = rows.left_join(found, [rows[HIDDEN[0]] == found["e"], rows[HIDDEN[1]] == found["n"]])
    return joined.mutate(place=coalesce(joined["place"], joined["found"]))


def _write(store: Store, what: tuple[str, str, str], rows: Table) -> tuple[Part, Part]:
    """Kept rows in the order of the file; rows that name nobody and lie nowhere into quarantine."""
    file, table, key = what
    nobody = rows["record"].isnull() & rows["person"].isnull() & rows["place"].isnull()
    pointless = rows[HIDDEN[0]].isnull()
    # Only what is nobody's goes: a person's contact outside every place is still the person's.
    lost = rows.filter(nobody).mutate(
        file=literal(file),
        table=literal(table),
        row=_["__row"],
        columns=literal("place"),
        reasons=pointless.ifelse(literal(NOWHERE), literal("no place within the stated distance")),
    )
    kept = rows.filter(~nobody).select(*TABLES[table].names, "__row").order_by("__row")
    return store.write(table, key, kept), store.write(
        "quarantine", key, lost.select(*TABLES["quarantine"].names).order_by("row")
    )


def _points(rows: Table) -> Table:
    return rows.filter(rows[HIDDEN[0]].notnull() & rows["place"].isnull()).select(*HIDDEN).distinct()


def _positions(store: Store, places: Sequence[Part]) -> Table:
    pieces = [store.part_table(part).select("place", "easting", "northing") for part in places]
    known = union(*pieces) if len(pieces) > 1 else pieces[0] if pieces else None
    known = known.filter(known["easting"].notnull() & known["northing"].notnull()) if known is not None else None
    if known is None or not store.arrow(known.limit(1)).num_rows:
        raise DataProblem(
            "rows have coordinates, and no place has a position to be near to",
            given="[source.at] nearest",
            allowed="a source for the table place with easting and northing, or cell = METRES in place of nearest",
            next_step="mend headwater.toml and type headwater load again",
        )
    return known


def _nearest(points: Table, places: Table, metres: float) -> Table:
    """Each point with the nearest place within `metres`; ties by code. Squares of that size keep it to nine looks a
    point."""
    e, n = HIDDEN
    squared = places.mutate(
        x=(places["easting"] / metres).floor().cast("int64"), y=(places["northing"] / metres).floor().cast("int64")
    )
    around = union(
        *(squared.mutate(x=squared["x"] + dx, y=squared["y"] + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
    )
    points = points.mutate(x=(points[e] / metres).floor().cast("int64"), y=(points[n] / metres).floor().cast("int64"))
    pairs = points.join(around, ["x", "y"]).mutate(away=(_[e] - _["easting"]) ** 2 + (_[n] - _["northing"]) ** 2)
    order = window(group_by=[e, n], order_by=["away", "place"])
    return pairs.filter(_["away"] <= metres**2).mutate(__nth=row_number().over(order)).filter(_["__nth"] == 0)


def _in_cells(points: Table, size: float) -> Table:
    """Each point with the code of its square: cell, its size, and its south-west corner in metres."""
    e, n = (((points[name] / size).floor() * size).cast("int64").cast("string") for name in HIDDEN)
    return points.mutate(place=joined_by("-", literal(CELL), literal(f"{size:g}"), e, n))


def _cells(points: Table, size: float) -> Table:
    """The squares that hold a point, as places with their centre."""
    middle = {name: ((points[name] / size).floor() * size + size / 2).cast("float64") for name in HIDDEN}
    made = _in_cells(points, size).mutate(easting=middle[HIDDEN[0]], northing=middle[HIDDEN[1]])
    made = made.select("place", "easting", "northing").distinct()
    others = {
        column.name: null("int64" if column.type == "integer" else "float64" if column.type == "number" else "string")
        for column in TABLES["place"].columns
        if column.name not in made.columns
    }
    return (
        made.mutate(**others, __row=literal(None, type="int64"))
        .select(*TABLES["place"].names, "__row")
        .order_by("place")
    )
