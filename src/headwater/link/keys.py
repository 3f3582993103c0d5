"""Deterministic links: a shared number first, then a full name with a birth date that belong to one number only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.tables import PERSON_LINK
from headwater.store import Stage
from headwater.store.expr import _, coalesce, literal, null

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.store.expr import Table

NAMED = ("family_name", "given_name", "birth_date")


def person_link(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """Each record's person: its NHS number's, else its local key's, else its name's and birth date's, else its own."""
    records = tables["record"]
    numbered = records.mutate(number=coalesce(records.nhs_number, records.local_key))
    names = (
        numbered.filter(numbered.number.notnull())
        .group_by(*NAMED)
        .agg(known=_.number.min(), numbers=_.number.nunique())
        .filter(_.numbers == 1)
    )
    joined = numbered.left_join(names, list(NAMED))
    alone = joined.agency.concat(":", joined.record)
    return joined.mutate(
        person=coalesce(joined.number, joined.known, alone), weight=null("float64"), run=literal(0, "int64")
    ).select(*PERSON_LINK.names)


STAGE = Stage("person_link", ("record",), person_link, "records that share a key", ("agency", "record"))
