"""From records and their links to the linked tables that every other room reads: named stages, no rows in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.tables import PERSON, PERSON_CONTACT, PERSON_ENROLMENT
from headwater.store import Stage
from headwater.store.expr import _, coalesce, first_of_month, ifelse, literal, null, row_number, union, window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.store.expr import Table


NAMING = ("contact", "enrolment", "observation")
"""Tables whose rows may name a person by a number that agencies share."""
DESCRIBED = ("birth_date", "sex", "area", "deprivation")
TYPES = {"date": "date", "text": "string", "integer": "int64"}


def person_contact(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """Contacts of the most likely partition (run 0), those at a place only left out."""
    found = with_person(tables["contact"], tables["person_link"])
    return found.filter(found.person.notnull()).select(*PERSON_CONTACT.names)


def person_enrolment(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """One row a person and collaboration: the first day of any enrolment, the last day of the last."""
    found = with_person(tables["enrolment"], tables["person_link"])
    people = found.filter(found.person.notnull())
    return (
        people.group_by("collaboration", "person")
        .agg(start=people.start.min(), end=ifelse(people.end.isnull().any(), null("date"), people.end.max()))
        .select(*PERSON_ENROLMENT.names)
    )


def person(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """What most of a person's records say; a tie goes to the smaller value, so that the order of rows never matters."""
    records = linked_records(tables["record"], tables["person_link"])
    # The month is what every figure needs; days of birth leave the store with the names.
    records = records.mutate(birth_date=first_of_month(records.birth_date))
    people = records.group_by("person").agg(records=_.count())
    for column in DESCRIBED:
        people = people.left_join(_most_frequent(records, column), "person").drop("person_right")
    return union(people.select(*PERSON.names), _numbered(tables, people))


def _numbered(tables: Mapping[str, Table], people: Table) -> Table:
    """People of whom there is no record: a number that agencies share already says who they are, and nothing what they
    are like."""
    named = union(*(tables[name].filter(_.person.notnull()).select("person") for name in NAMING)).distinct()
    blank = {name: null(TYPES[PERSON.column(name).type]) for name in DESCRIBED}
    unknown = named.anti_join(people.select("person"), "person")
    return unknown.mutate(**blank, records=literal(0, "int64")).select(*PERSON.names)


STAGES = (
    Stage("person", ("record", "person_link", *NAMING), person, "one row a person", ("person",)),
    Stage(
        "person_contact",
        ("contact", "person_link"),
        person_contact,
        "contacts by person",
        ("person", "start", "agency", "contact"),
    ),
    Stage(
        "person_enrolment",
        ("enrolment", "person_link"),
        person_enrolment,
        "enrolments by person",
        ("collaboration", "person"),
    ),
)


def with_person(rows: Table, links: Table) -> Table:
    """Rows whose record is resolved to a person; a person number that the agency shares already stands for itself."""
    best = links.filter(links.run == 0).select(linked_agency="agency", linked_record="record", found="person")
    joined = rows.left_join(best, [rows.agency == best.linked_agency, rows.record == best.linked_record])
    return joined.mutate(person=coalesce(joined.found, joined.person))


def linked_records(records: Table, links: Table) -> Table:
    best = links.filter(links.run == 0).select("agency", "record", "person")
    return records.inner_join(best, ["agency", "record"])


def _most_frequent(records: Table, column: str) -> Table:
    counted = records.filter(records[column].notnull()).group_by("person", column).agg(n=_.count())
    first = window(group_by="person", order_by=[_.n.desc(), counted[column].asc()])
    return counted.mutate(rank=row_number().over(first)).filter(_["rank"] == 0).select("person", column)
