"""Which column of a file that nobody mapped numbers its rows, and which the people: two numbers that headings alone mix
up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.sources.content import cardinality, sort_of
from headwater.sources.whose import NUMBERS, PEOPLE, words_of

if TYPE_CHECKING:
    from headwater.sources.batches import Batch

OTHERS = {
    "postcode",
    "post",
    "lsoa",
    "msoa",
    "uprn",
    "easting",
    "northing",
    "latitude",
    "longitude",
    "phone",
    "telephone",
}
"""Words of a heading that names neither a row nor a person."""


def numbered(columns: dict[str, str | list[str]], batch: Batch) -> dict[str, str | list[str]]:
    """The mapping of a file of contacts with the row's own number, and a person's number that is not the row's, where
    it has them."""
    free = [theirs for theirs in batch.columns if theirs not in columns.values() and _is_number(theirs)]
    own = columns.get("record")
    persons = [theirs for theirs in free if _words(theirs) & PEOPLE]
    if "contact" not in columns and isinstance(own, str) and not _words(own) & PEOPLE and _own(own, batch) and persons:
        return columns | {"contact": own, "record": persons[0]}
    rows = [theirs for theirs in free if not _words(theirs) & (PEOPLE | OTHERS) and _own(theirs, batch)]
    return columns if "contact" in columns or not rows else {"contact": rows[0], **columns}


def _words(heading: str) -> set[str]:
    return set(words_of(heading))


def _is_number(heading: str) -> bool:
    """Whether the heading says that it numbers something."""
    return bool(_words(heading) & (NUMBERS - {"code", "key", "local", "unique"}))


def _own(theirs: str, batch: Batch) -> bool:
    """Whether the column says something else in each of several rows, and is neither a time nor the number of the
    NHS."""
    column = batch.columns[theirs]
    return len(column) > 1 and cardinality(column) == "another in each row" and sort_of(column) in {"text", "numbers"}
