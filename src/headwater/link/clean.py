"""Records made comparable: names, birth dates, postcodes and addresses in one spelling, the number they bear, and their
face.

Each step is named and takes and gives a table, so that the list at the end reads as the pipeline. They make one stage,
because a million records written to disk four times would cost more than cleaning them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.store import Stage
from headwater.store.expr import coalesce, ifelse, joined_by, literal, null

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.store.expr import Table, Value

ACCENTED = "àáâãäåāăąçćčďèéêëēėęěìíîïīįłñńňòóôõöøōőŕřśšşťţùúûüūůűýÿźżžς"
PLAIN = "aaaaaaaaacccdeeeeeeeeiiiiiilnnnoooooooorrsssttuuuuuuuyyzzzσ"
MARKS = r"[\x{0300}-\x{036f}]+"
"""Accents that stand behind their letter; the small letter of İ is one letter on DuckDB, and i with such a dot on
Spark."""
TITLES = r"^(mr|mrs|miss|ms|mx|master|dr|prof|rev|sir|dame|lord|lady)[. ]+"
NO_NAME = (
    "unknown",
    "notknown",
    "nk",
    "na",
    "none",
    "unnamed",
    "baby",
    "babyof",
    "anon",
    "anonymous",
    "test",
    "x",
    "xx",
    "xxx",
)
NO_BIRTH = ("1900-01-01", "1901-01-01", "1800-01-01", "9999-12-31")
STREET_WORDS = {
    "st": "street",
    "rd": "road",
    "av": "avenue",
    "ave": "avenue",
    "ln": "lane",
    "la": "lane",
    "cl": "close",
    "dr": "drive",
    "ct": "court",
    "cres": "crescent",
    "gdns": "gardens",
    "sq": "square",
    "pl": "place",
    "ter": "terrace",
    "terr": "terrace",
    "gr": "grove",
}
"""Short forms of the word that ends a street's name."""
FACE = ("number", "given", "family", "birth", "postcode", "house", "street", "sex")
"""What two records must share to look exactly alike; such records are one profile, which is compared once."""


def names(rows: Table) -> Table:
    """given: the first word behind a title; family: all letters, so that Smith-Jones and O'Brien have one spelling
    each."""
    given = _plain(rows.given_name).re_replace(TITLES, "").split(" ")[0]
    return rows.mutate(given=_letters(given), family=_letters(_plain(rows.family_name)))


def births(rows: Table) -> Table:
    """birth: text, YYYY-MM-DD; dates that systems fill in where none is known are none."""
    text = rows.birth_date.strftime("%Y-%m-%d")
    return rows.mutate(birth=ifelse(text.isin(NO_BIRTH), null("string"), text))


def postcodes(rows: Table) -> Table:
    """postcode: capitals without a space; those of no fixed abode and abroad (ZZ99, NHS Data Dictionary) are none."""
    # Capitals last: those of ß and ı are plain letters on Spark alone.
    text = rows.postcode.re_replace(r"[^A-Za-z0-9]", "").upper()
    return rows.mutate(postcode=ifelse((text.length() < 5) | text.startswith("ZZ99"), null("string"), text))


def addresses(rows: Table) -> Table:
    """house: its number; street: letters only, the short form of its last word written out."""
    text = _plain(rows.address)
    street = text.re_replace(r"[^a-z]+", " ").strip()
    start, last = street.re_extract("^(.* )?([a-z]+)$", 1), street.re_extract("([a-z]+)$", 1)
    whole = last.cases(*STREET_WORDS.items(), else_=last)
    return rows.mutate(
        house=text.re_extract("([0-9]+[a-z]?)( |$|,)", 1).nullif(""), street=start.concat(whole).nullif("")
    )


def sexes(rows: Table) -> Table:
    """sex: female or male; *unknown* and *other* say nothing about whether two records are one person."""
    return rows.mutate(sex=ifelse(rows.sex.isin(("female", "male")), rows.sex, null("string")))


def numbers(rows: Table) -> Table:
    """number: the NHS number; without one, the local key, or the one NHS number that other records bear together with
    that key."""
    known = (
        rows.filter(rows.nhs_number.notnull() & rows.local_key.notnull())
        .group_by(key="local_key")
        .agg(theirs=rows.nhs_number.min(), several=rows.nhs_number.nunique())
    )
    joined = rows.left_join(known, rows.local_key == known.key)
    by_key = ifelse(joined.several == 1, joined.theirs, joined.local_key)
    return joined.mutate(number=coalesce(joined.nhs_number, by_key)).drop("key", "theirs", "several")


STEPS = (names, births, postcodes, addresses, sexes, numbers)


def link_record(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """agency, record, the cleaned columns and the face; a face of its own where an agency holds nobody twice, or too
    little is known."""
    rows = tables["record"]
    for step in STEPS:
        rows = step(rows)
    single = rows.agency.isin(list(settings["single"]))  # type: ignore[call-overload]
    # Two records with little in them may look alike and be two people: only the model may join them.
    little = (
        rows.given.isnull()
        | rows.family.isnull()
        | rows.birth.isnull()
        | (rows.postcode.isnull() & rows.street.isnull())
    )
    name = rows.agency.concat(":", rows.record)
    apart = ifelse(rows.number.isnull() & little, name, literal(""))
    own = ifelse(single, literal("single:").concat(name), apart)
    texts = [coalesce(rows[column], literal("")) for column in FACE]
    return rows.mutate(face=joined_by("|", *texts, own), alone=ifelse(single, rows.agency, null("string"))).select(
        "agency", "record", *FACE, "alone", "face"
    )


STAGE = Stage(
    "link_record",
    ("record",),
    link_record,
    "names, birth dates, postcodes and addresses in one spelling",
    ("agency", "record"),
)


def _plain(column: Value) -> Value:
    """Small letters without accents. Only what has any is translated: it costs ten times as much as asking."""
    text = column.lower().strip()
    return ifelse(text.re_search(r"[^\x00-\x7f]"), text.re_replace(MARKS, "").translate(ACCENTED, PLAIN), text)


def _letters(column: Value) -> Value:
    """Nothing but letters; those beyond the Latin ones stay as they are."""
    text = column.re_replace(r"[\x00-`{-\x7f]+", "").nullif("")
    return ifelse(text.isin(NO_NAME), null("string"), text)
