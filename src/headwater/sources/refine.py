"""Rules that one file cannot hold alone: a number that occurs twice, a service that nobody declared. The engine holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.tables import TABLES
from headwater.store import key_of
from headwater.store.expr import _, literal, row_number, union, window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.store import Part, Store
    from headwater.store.expr import Table

DUPLICATE = "duplicate: the same {key} stands in an earlier row"
UNKNOWN = "unknown service: not in the service table"


def refined(
    store: Store, table: str, parts: Sequence[tuple[str, Part]], services: Sequence[Part]
) -> tuple[list[Part], list[Part]]:
    """The table's parts without rows that break a rule over several files, and the quarantine parts of those rows.

    Most loads break none: then one aggregation has been paid and nothing is written again.
    """
    kept, refused = [part for _, part in parts], []
    for name, find in (("duplicates", _duplicates), ("services", _unknown)):
        rows = _numbered(store, parts if name == "duplicates" else [("", part) for part in kept], table)
        wrong = find(store, rows, table, services)
        if wrong is None or not _any(store, wrong):
            continue
        key = key_of(name, *(part.key for part in kept), *(part.key for part in services))
        bad = wrong.select("__file", "__row")
        good = rows.anti_join(bad, ["__file", "__row"]).order_by("__file", "__row")
        refused.append(store.write("quarantine", key, _told(wrong, table)))
        kept = [store.write(table, key, good.select(*TABLES[table].names, "__row", "__file"))]
    return kept, refused


def _numbered(store: Store, parts: Sequence[tuple[str, Part]], table: str) -> Table:
    """All parts as one table, each row with its file and its number in it."""
    pieces = []
    for file, part in parts:
        rows = store.part_table(part)
        pieces.append(rows if "__file" in rows.columns else rows.mutate(__file=literal(file)))
    columns = [*TABLES[table].names, "__row", "__file"]
    return union(*(piece.select(*columns) for piece in pieces)) if len(pieces) > 1 else pieces[0].select(*columns)


def _duplicates(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    """Rows after the first with the same key, by file and row; nothing for a table without a key."""
    key = TABLES[table].key
    if not key:
        return None
    twice = rows.group_by(*key).agg(__n=_.count()).filter(_["__n"] > 1).drop("__n")
    if not _any(store, twice):
        return None
    several = rows.semi_join(twice, list(key))
    order = window(group_by=list(key), order_by=["__file", "__row"])
    later = several.mutate(__at=row_number().over(order)).filter(_["__at"] > 0)
    return later.mutate(reasons=literal(DUPLICATE.format(key=" and ".join(key))), columns=literal("; ".join(key)))


def _unknown(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    if table != "contact" or not services:
        return None
    known = union(*(store.part_table(part).select("service") for part in services)) if len(services) > 1 else store.part_table(services[0]).select("service")  # fmt: skip
    strange = rows.anti_join(known, "service")
    return strange.mutate(reasons=literal(UNKNOWN), columns=literal("service"))


def _told(wrong: Table, table: str) -> Table:
    said = wrong.mutate(file=wrong["__file"], table=literal(table), row=wrong["__row"])
    return said.select(*TABLES["quarantine"].names).order_by("file", "row")


def _any(store: Store, rows: Table) -> bool:
    return bool(store.arrow(rows.limit(1).select(found=literal(1))).num_rows)
