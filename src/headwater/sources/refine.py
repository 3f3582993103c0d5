"""Rules that one file cannot hold alone: a number that occurs twice, a service that nobody declared. The engine holds them."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

from headwater.domain.tables import TABLES
from headwater.store import arrow_schema, key_of
from headwater.store.expr import _, literal, row_number, union, window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headwater.store import Part, Store
    from headwater.store.expr import Table

    Find = Callable[[Store, Table, str, Sequence[Part]], Table | None]

DUPLICATE = "duplicate: the same {key} stands in an earlier row"
PLACE = ("__row", "__file", "__at")
"""Where a row stands: its number in its file, the file, and which of the table's pieces (one file may fill a table twice)."""
UNKNOWN = "unknown service: not in the service table"


def refined(
    store: Store, table: str, parts: Sequence[tuple[str, Part]], services: Sequence[Part]
) -> tuple[list[Part], list[Part]]:
    """The table's parts without rows that break a rule over several files, and the quarantine parts of those rows.

    Most loads break none: then one aggregation is paid once and nothing is written again.
    """
    kept, refused = list(parts), []
    for find in (_duplicates, _unknown):
        code = inspect.getsource(sys.modules[__name__])
        key = key_of(find.__name__, code, *(part.key for _, part in kept), *(part.key for part in services))
        told, good = store.part("quarantine", key), store.part(table, key)
        if told is None or (told.rows and good is None):
            told = _look(store, find, (table, kept, services), key)
            good = store.part(table, key)
        if told.rows and good:
            refused.append(told)
            kept = [("", good)]
    return [part for _, part in kept], refused


def _look(store: Store, find: Find, where: tuple[str, list[tuple[str, Part]], Sequence[Part]], key: str) -> Part:
    """Write what breaks a rule, after the rows that keep it: an empty part says that these pieces were looked at."""
    table, kept, services = where
    rows = _numbered(store, kept, table)
    wrong = find(store, rows, table, services)
    if wrong is None or not _any(store, wrong):
        return store.write("quarantine", key, arrow_schema(TABLES["quarantine"]).empty_table())
    good = rows.anti_join(wrong.select("__at", "__row"), ["__at", "__row"]).order_by("__at", "__row")
    store.write(table, key, good.select(*TABLES[table].names, *PLACE))
    return store.write("quarantine", key, _told(wrong, table))


def _numbered(store: Store, parts: Sequence[tuple[str, Part]], table: str) -> Table:
    """All parts as one table, each row with its file and its number in it."""
    pieces = []
    for at, (file, part) in enumerate(parts):
        rows = store.part_table(part)
        pieces.append(
            rows if "__file" in rows.columns else rows.mutate(__file=literal(file), __at=literal(at, "int32"))
        )
    columns = [*TABLES[table].names, *PLACE]
    return union(*(piece.select(*columns) for piece in pieces)) if len(pieces) > 1 else pieces[0].select(*columns)


def _duplicates(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    """Rows after the first with the same key, in the order of the settings, then file and row; nothing for a table without a key."""
    key = TABLES[table].key
    if not key:
        return None
    twice = rows.group_by(*key).agg(__n=_.count()).filter(_["__n"] > 1).drop("__n")
    if not _any(store, twice):
        return None
    several = rows.semi_join(twice, list(key))
    order = window(group_by=list(key), order_by=["__at", "__row"])
    later = several.mutate(__nth=row_number().over(order)).filter(_["__nth"] > 0)
    return later.mutate(reasons=literal(DUPLICATE.format(key=" and ".join(key))), columns=literal("; ".join(key)))


def _unknown(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    if table != "contact" or not services:
        return None
    strange = rows
    for part in services:
        strange = strange.anti_join(store.part_table(part).select("service"), "service")
    return strange.mutate(reasons=literal(UNKNOWN), columns=literal("service"))


def _told(wrong: Table, table: str) -> Table:
    said = wrong.mutate(file=wrong["__file"], table=literal(table), row=wrong["__row"])
    return said.select(*TABLES["quarantine"].names).order_by("file", "row", "reasons")


def _any(store: Store, rows: Table) -> bool:
    return bool(store.arrow(rows.limit(1).select(found=literal(1))).num_rows)
