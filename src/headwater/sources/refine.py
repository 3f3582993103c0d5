"""Rules that one file cannot hold alone: a number that occurs twice, a service that nobody declared. The engine holds
them."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from headwater.domain.tables import TABLES
from headwater.sources import periods
from headwater.sources.periods import first_days, strays
from headwater.sources.shaping import LEAVES, LEFT
from headwater.sources.sums import TOTALLED, sums, totals_in
from headwater.store import arrow_schema, key_of
from headwater.store.expr import (
    _,
    coalesce,
    date,
    desc,
    ifelse,
    joined_by,
    literal,
    null,
    or_,
    row_number,
    union,
    window,
)

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence

    from headwater.store import Part, Store
    from headwater.store.expr import Table, Value

    Find = Callable[[Store, Table, str, Sequence[Part]], Table | None]

DUPLICATE = "duplicate: the same {key} stands in an earlier row"
REPEAT = "repeat: an earlier row says the same"
CONFLICT = "conflict: rows with the same {key} say different numbers, and none is chosen"
SUPERSEDED = "superseded by a later return"
HARMLESS = (REPEAT, SUPERSEDED)
"""Reasons that lose nothing."""
COUNTED = ("count", "spend")
"""Tables of numbers that are counted once: of two that differ neither is kept."""
ODD = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio: it spreads what is multiplied by it (Knuth, The Art of Computer Programming 3, section
6.4)."""
PLACE = ("__row", "__file", "__at", "__latest", LEAVES)
"""Where a row stands: its number in its file, the file, and which of the table's pieces (one file may fill a table
twice); and by what the latest of several is told, where the mapping says so."""
CODES = {"count": ("unit", "kind"), "contact": ("kind", "service")}
"""Columns of codes, in which one word in two cases is more likely one thing than two."""
UNKNOWN = "unknown service: not in the service table"


def refined(
    store: Store, table: str, parts: Sequence[tuple[str, Part]], services: Sequence[Part]
) -> tuple[list[Part], list[Part]]:
    """The table's parts without rows that break a rule over several files, and the quarantine parts of those rows.

    Most loads break none: then one aggregation is paid once and nothing is written again.
    """
    kept, refused = _begun(store, table, parts), []
    for find in (_cases, _superseded, _left, _totals, _strays, _again, _unknown):
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


def _begun(store: Store, table: str, parts: Sequence[tuple[str, Part]]) -> list[tuple[str, Part]]:
    """The pieces with each period of a count under its first day, where a file names periods by their last."""
    if table != "count":
        return list(parts)
    return [(file, _under_first_days(store, part)) for file, part in parts]


def totalled(store: Store, part: Part) -> Part:
    """Counts with one row a key: numbers that stand in several rows of a file are added up; a part of one row a key as
    it is."""
    rows = store.part_table(part)
    key = key_of("totalled", inspect.getsource(sys.modules[__name__]), part.key)
    found = store.part("count", key)
    if found:
        return found
    told = rows.mutate(low=coalesce(rows["contacts"], rows["least"]), high=coalesce(rows["contacts"], rows["most"]))
    sums = told.group_by(*TABLES["count"].key).agg(
        told=_["contacts"].sum(),
        low=_["low"].sum(),
        high=_["high"].sum(),
        marked=_["contacts"].isnull().any(),
        unknown=_["high"].isnull().any(),
        exposure=_["exposure"].max(),
        agency=_["agency"].min(),
        source=_["source"].min(),
        __row=_["__row"].min(),
    )
    # A sum with a mark among its parts is known within bounds alone, as the mark itself is.
    none = null("float64")
    sums = sums.mutate(
        contacts=ifelse(sums["marked"], none, sums["told"]),
        least=ifelse(sums["marked"], sums["low"], none),
        most=ifelse(sums["marked"] & ~sums["unknown"], sums["high"], none),
    )
    return store.write("count", key, sums.select(*rows.columns).order_by("__row"))


def _under_first_days(store: Store, part: Part) -> Part:
    rows = store.part_table(part)
    days = store.arrow(rows.group_by("period").agg(n=_.count())).to_pylist()
    ends = first_days({one["period"]: one["n"] for one in days})
    if not ends:
        return part
    last, first = next(iter(ends.items()))
    months = last.year * 12 + last.month + 1 - first.year * 12 - first.month
    at = rows["period"].year().cast("int64") * 12 + rows["period"].month().cast("int64") - months
    begun = date((at // 12).cast("int32"), (at % 12 + 1).cast("int32"), literal(1, "int32"))
    key = key_of("under first days", inspect.getsource(periods), part.key)
    period = rows["period"].isin(list(ends)).ifelse(begun, rows["period"])
    made = rows.mutate(period=period).select(*rows.columns)
    return store.part("count", key) or store.write("count", key, made.order_by("__row"))


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
        if "__latest" not in rows.columns:
            rows = rows.mutate(__latest=null("string"))
        if LEAVES not in rows.columns:
            rows = rows.mutate(**{LEAVES: literal(False)})
        rows = rows if "__file" in rows.columns else rows.mutate(__file=literal(file), __at=literal(at, "int32"))
        pieces.append(rows)
    columns = [*TABLES[table].names, *PLACE]
    return union(*(piece.select(*columns) for piece in pieces)) if len(pieces) > 1 else pieces[0].select(*columns)


def _twice(store: Store, rows: Table, key: Sequence[str]) -> Table | None:
    """Rows whose key stands in more than one; nothing where there are none, or the table has no key."""
    if not key or _all_differ(store, rows, key):
        return None
    twice = rows.group_by(*key).agg(__n=_.count()).filter(_["__n"] > 1).drop("__n")
    return rows.semi_join(twice, list(key)) if _any(store, twice) else None


def _all_differ(store: Store, rows: Table, key: Sequence[str]) -> bool:
    """Whether no two keys have one hash: ten million keys as 64 bits each take a tenth of the memory of their texts.
    Where two have one, the keys themselves are compared."""
    told = store.arrow(rows.select(**{name: rows[name].hash() for name in key}))
    found = np.zeros(told.num_rows, dtype=np.uint64)
    for name in key:
        one = pc.fill_null(told[name], 0).to_numpy().astype(np.uint64)
        found = found * np.uint64(ODD) + one
    found.sort()
    return not bool((found[1:] == found[:-1]).any())


def _cases(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    """Rows whose code is written in another case than most rows write it: one thing or two, nobody chooses silently."""
    found: list[Table] = []
    for column in CODES.get(table, ()):
        rarer = _rarer_cases(store.arrow(rows.group_by(column).agg(n=_.count())).to_pylist(), column)
        if rarer:
            said = [
                (
                    one,
                    f'{column}: "{one}" is "{usual}" elsewhere (write "{one}" = "{usual}" in [source.values.{column}])',
                )
                for one, usual in rarer.items()
            ]
            wrong = rows.filter(rows[column].isin(list(rarer)))
            found.append(wrong.mutate(reasons=wrong[column].cases(*said, else_=literal("")), columns=literal(column)))
    # A row with two such codes is told of the first, and of the second by the next load.
    return found[0] if found else None


def _rarer_cases(counted: list[dict[str, Any]], column: str) -> dict[str, str]:
    """Spelling → the commonest spelling of the same letters; of two as common the first in order is taken."""
    usual: dict[str, str] = {}
    words = sorted((one for one in counted if one[column]), key=lambda one: (-one["n"], one[column]))
    for one in words:
        usual.setdefault(one[column].casefold(), one[column])
    return {one[column]: usual[one[column].casefold()] for one in words if usual[one[column].casefold()] != one[column]}


def _superseded(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    """Rows of a key but for those of its latest return, where the mapping says by what returns are dated."""
    told = rows.filter(rows["__latest"].notnull())
    several = _twice(store, told, TABLES[table].key) if _any(store, told) else None
    if several is None:
        return None
    order = window(group_by=list(TABLES[table].key), order_by=[desc("__latest"), desc("__at"), desc("__row")])
    older = several.mutate(__nth=row_number().over(order)).filter(_["__nth"] > 0)
    return older.mutate(reasons=literal(SUPERSEDED), columns=literal(""))


def _left(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    """Rows that [source.where] leaves out, after they superseded earlier ones."""
    gone = rows.filter(rows[LEAVES])
    return gone.mutate(reasons=literal(LEFT), columns=literal("")) if _any(store, gone) else None


def latest_reasons(store: Store, parts: Sequence[Part], contacts: Sequence[Part], first: bool) -> Part:
    """Why contacts came as their latest return says, of contacts that were kept; as their first one says where it
    begins a stay that later ones only go on with."""
    key = key_of(
        "latest reasons", inspect.getsource(sys.modules[__name__]), first, *(one.key for one in (*parts, *contacts))
    )
    found = store.part("contact_reason", key)
    if found:
        return found
    told = [store.part_table(part) for part in parts]
    rows = union(*told) if len(told) > 1 else told[0]
    dated = rows["__latest"].min() if first else rows["__latest"].max()
    latest = rows.group_by("contact", "agency").agg(__latest=dated)
    said = rows.semi_join(latest, ["contact", "agency", "__latest"]).select(*TABLES["contact_reason"].names).distinct()
    pieces = [store.part_table(one).select("contact", "agency") for one in contacts]
    kept = union(*pieces) if len(pieces) > 1 else pieces[0]
    said = said.semi_join(kept, ["contact", "agency"]).order_by("agency", "contact", "system", "position", "code")
    return store.write("contact_reason", key, said)


def _totals(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    """Counts of units that are the sum of the others."""
    if table != "count" or not totals_in(store.arrow(rows.select("unit").distinct())["unit"].to_pylist()):
        return None
    found = sums(store.arrow(rows.select("unit", "kind", "period", "contacts")))
    if not found:
        return None
    wrong = rows.filter(rows["unit"].isin(found))
    said = [(one, TOTALLED.format(unit=one)) for one in found]
    return wrong.mutate(reasons=wrong["unit"].cases(*said, else_=literal("")), columns=literal("unit"))


def _strays(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    """Counts on days that are no first day of a period, where nearly all others are."""
    if table != "count":
        return None
    days = store.arrow(rows.group_by("__at", "period").agg(n=_.count())).to_pylist()
    odd = {
        (at, day): step
        for at in {one["__at"] for one in days}
        for day, step in strays({one["period"]: one["n"] for one in days if one["__at"] == at}).items()
    }
    if not odd:
        return None
    step = next(iter(odd.values()))
    wrong = rows.filter(_on(rows, odd))
    said = joined_by(
        "", literal("stray: "), wrong["period"].cast("string"), literal(f" is no first day of a period here ({step})")
    )
    return wrong.mutate(reasons=said, columns=literal("period"))


def _on(rows: Table, odd: dict[tuple[int, datetime.date], str]) -> Value:
    """Whether a row stands on one of the days, piece by piece."""
    pieces = [
        (rows["__at"] == at) & rows["period"].isin([day for one, day in odd if one == at])
        for at in sorted({at for at, _day in odd})
    ]
    return or_(*pieces)


def _again(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    """Rows whose key an earlier row has: harmless ones that say what it says, and others."""
    several = _twice(store, rows, TABLES[table].key)
    if several is None:
        return None
    repeats = _repeats(several, table)
    others = _duplicates(several.anti_join(repeats.select("__at", "__row"), ["__at", "__row"]), table)
    return union(repeats.drop("__nth"), others.select(*repeats.drop("__nth").columns))


def _repeats(several: Table, table: str) -> Table:
    """Rows that say what an earlier row of their key says already."""
    order = window(group_by=list(TABLES[table].names), order_by=["__at", "__row"])
    again = several.mutate(__nth=row_number().over(order)).filter(_["__nth"] > 0)
    return again.mutate(reasons=literal(REPEAT), columns=literal("; ".join(TABLES[table].key)))


def _duplicates(several: Table, table: str) -> Table:
    """Rows after the first with the same key, in the order of the settings, then file and row; of numbers that differ,
    all."""
    key = list(TABLES[table].key)
    order = window(group_by=key, order_by=["__at", "__row"])
    numbered = several.mutate(__nth=row_number().over(order), __n=_.count().over(window(group_by=key)))
    later = numbered.filter((_["__n"] > 1) if table in COUNTED else (_["__nth"] > 0))
    said = (CONFLICT if table in COUNTED else DUPLICATE).format(key=" and ".join(key))
    return later.mutate(reasons=literal(said), columns=literal("; ".join(key)))


def _unknown(store: Store, rows: Table, table: str, services: Sequence[Part]) -> Table | None:
    if table != "contact" or not services:
        return None
    strange, bodies = rows, []
    for part in services:
        listed = store.part_table(part)
        strange = strange.anti_join(listed.select("service"), "service")
        bodies += [
            listed.select(agency="organisation"),
            rows.semi_join(listed.select("service"), "service").select("agency"),
        ]
    # A list of one agency's services says nothing of another's.
    strange = strange.semi_join(union(*bodies).distinct(), "agency")
    return strange.mutate(reasons=literal(UNKNOWN), columns=literal("service"))


def _told(wrong: Table, table: str) -> Table:
    said = wrong.mutate(file=wrong["__file"], table=literal(table), row=wrong["__row"])
    return said.select(*TABLES["quarantine"].names).order_by("file", "row", "reasons")


def _any(store: Store, rows: Table) -> bool:
    return bool(store.arrow(rows.limit(1).select(found=literal(1))).num_rows)
