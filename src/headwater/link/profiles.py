"""Profiles: records that look exactly alike are compared once. New ones are added behind the old, so that only they are
compared.

link_profile has a part for each time that records were added; a part's key holds the key of the records and of the
parts before it, so that the list of parts says by itself whether it is up to date, and a killed run goes on where it
was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.link.clean import FACE
from headwater.link.fields import frequent
from headwater.store import key_of
from headwater.store.expr import _, literal, row_number, union, window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.link.fields import Field
    from headwater.store import Part, Store
    from headwater.store.expr import Table

TABLE = "link_profile"
FREQUENCY = "link_frequency"


def add_profiles(store: Store) -> tuple[Part, ...]:
    """The parts of link_profile as the records have them now: the same where nothing is new, one more where something
    is.

    Where a profile has lost all its records (a file was replaced, somebody was forgotten) all are numbered anew in one
    part.
    """
    parts = store.parts(TABLE)
    if parts and parts[-1].key == _key(store, parts[:-1]):
        return parts
    if parts and _lost(store):
        parts = ()
    part = store.write(TABLE, _key(store, parts), _new(store, parts))
    store.commit({TABLE: (*parts, part)})
    return (*parts, part)


def _key(store: Store, before: Sequence[Part]) -> str:
    return key_of("profiles", store.key("link_record"), *(part.key for part in before))


def _lost(store: Store) -> bool:
    known, faces = store.table(TABLE), store.table("link_record").select("face").distinct()
    return bool(store.arrow(known.anti_join(faces, "face").limit(1)).num_rows)


def _new(store: Store, before: Sequence[Part]) -> Table:
    records = store.table("link_record")
    first = records.agency.concat(":", records.record).min()
    faces = records.group_by("face").agg(**{name: records[name].min() for name in (*FACE, "alone")}, first=first)
    start = sum(part.rows for part in before)
    if before:
        faces = faces.anti_join(union(*[store.part_table(part) for part in before]).select("face"), "face")
    numbered = faces.mutate(profile=row_number().over(window(order_by="face")) + start)
    return numbered.select("profile", *FACE, "alone", "face", "first").order_by("profile")


# How common each value is


def frequencies(rows: Table, fields: Sequence[Field]) -> Table:
    """field, value, share of the profiles with a value that have this one."""
    tables = []
    for column in frequent(fields):
        known = rows.filter(rows[column].notnull())
        counted = known.group_by(value=known[column]).agg(n=_.count())
        tables.append(
            counted.mutate(field=literal(column), share=counted.n / counted.n.sum()).select("field", "value", "share")
        )
    return union(*tables) if len(tables) > 1 else tables[0]
