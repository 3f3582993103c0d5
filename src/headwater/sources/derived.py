"""Lists that nobody gave, taken from what names them: the contacts' services and people, and whose services, posts and
buildings are.

The same for every door. A list that a file gives, for its agency, is the agency's own word and is left alone.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

from headwater.domain.tables import TABLES
from headwater.store import arrow_schema, key_of
from headwater.store.expr import _, desc, literal, null, row_number, union, window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.domain.tables import Column
    from headwater.store import Part, Store
    from headwater.store.expr import Table

EARLY = (
    "gp_contact",
    "community_nursing",
    "social_care_visit",
    "mental_health_contact",
    "housing_contact",
    "home_safety_visit",
    "advice_line_call",
)
"""Kinds of contact that could act before the demand arises; a list of services of one's own says otherwise."""
NAMING = ("contact", "enrolment", "observation")
"""Tables whose rows name people by an agency's number."""
OWNING = ("service", "post", "asset", "spend")
"""Tables whose rows name the organisation that they are of."""
TYPES = {
    "text": "string",
    "integer": "int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}


def with_derived(store: Store, tables: Mapping[str, Sequence[Part]]) -> dict[str, list[Part]]:
    """The tables with the lists that no file gives."""
    found = {name: list(parts) for name, parts in tables.items()}
    if found.get("contact"):
        listed = found["service"]
        found["service"] = listed + _given(
            store, "service", [*found["contact"], *listed], _services(store, found["contact"], listed)
        )
    owning = [part for name in OWNING for part in found[name]]
    if owning and not found["organisation"]:
        found["organisation"] = _given(store, "organisation", owning, _bodies(store, owning))
    if not found.get("contact"):
        return found
    naming = [part for name in NAMING for part in found[name]]
    found["record"] += _given(store, "record", [*naming, *found["record"]], _people(store, naming, found["record"]))
    return found


def _given(store: Store, table: str, made_of: Sequence[Part], rows: Table) -> list[Part]:
    """The rows as a piece of the table; none where there are none."""
    key = key_of("derived", table, inspect.getsource(sys.modules[__name__]), *(part.key for part in made_of))
    part = store.part(table, key) or store.write(table, key, rows)
    return [part] if part.rows else []


def _rows(store: Store, parts: Sequence[Part]) -> Table:
    pieces = [store.part_table(part).select(*TABLES[part.table].names) for part in parts]
    return union(*pieces) if len(pieces) > 1 else pieces[0]


def _services(store: Store, parts: Sequence[Part], listed: Sequence[Part]) -> Table:
    """Each service that no list has, by the agency and the kind that most of its contacts have."""
    contacts = _rows(store, parts)
    for part in listed:
        contacts = contacts.anti_join(store.part_table(part).select("service"), "service")
    counted = contacts.group_by("service", "agency", "kind").agg(n=_.count())
    first = window(group_by="service", order_by=[desc("n"), "agency", "kind"])
    usual = counted.mutate(nth=row_number().over(first)).filter(_["nth"] == 0)
    return _filled(
        "service",
        usual.select(
            "service",
            "kind",
            organisation="agency",
            name="service",
            eligible_upstream=usual["kind"].isin(list(EARLY)),
        ),
        "service",
    )


def _bodies(store: Store, owning: Sequence[Part]) -> Table:
    """The organisations that services, posts, buildings or spending name, each under the name they have there."""
    pieces = [store.part_table(part).select("organisation") for part in owning]
    named = union(*pieces) if len(pieces) > 1 else pieces[0]
    known = named.filter(named["organisation"].notnull()).distinct()
    return _filled("organisation", known.mutate(name=known["organisation"]), "organisation")


def _people(store: Store, naming: Sequence[Part], records: Sequence[Part]) -> Table:
    """The numbers of people that agencies without a file of records name."""
    pieces = [store.part_table(part).select("record", "agency") for part in naming]
    named = union(*pieces) if len(pieces) > 1 else pieces[0]
    named = named.filter(named["record"].notnull() & named["agency"].notnull()).distinct()
    for part in records:
        named = named.anti_join(store.part_table(part).select("agency").distinct(), "agency")
    return _filled("record", named, "agency", "record")


def _filled(table: str, rows: Table, *order: str) -> Table:
    """All declared columns, those that nobody gave empty, and no row number."""
    others = {column.name: _empty(column) for column in TABLES[table].columns if column.name not in rows.columns}
    whole = rows.mutate(**others, __row=literal(None, type="int64"))
    return whole.select(*arrow_schema(TABLES[table]).names, "__row").order_by(*order)


def _empty(column: Column) -> object:
    return null(TYPES[column.type])
