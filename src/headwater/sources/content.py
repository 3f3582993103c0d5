"""What the values of a stranger's column can be, and what they cannot: a name is never taken for what its content is
not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.tables import TABLES
from headwater.sources.convert import nhs_sound
from headwater.sources.forms import FORMS, MONTH_ALONE, QUARTER_ALONE, SERIAL, WEEK_TOLD
from headwater.sources.numbers import bared, suppressed
from headwater.sources.standins import stand_in

if TYPE_CHECKING:
    from headwater.domain.tables import Column
    from headwater.sources.batches import Batch

NEARLY_ALL = 0.9
FEW = 40
"""Different values that a list of codes or words has at most."""
TIMES = tuple(form for _, form in FORMS)
CLOCKED = r"\d{1,2}:\d{2}"
PATTERNS = {
    "postcode": r"^[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}$",
    "area": r"^([EWSN]\d{8}|[A-Za-z].*|\d{1,9})$",
    "sex": r"^(?i:m|f|u|i|x|male|female|other|unknown|not known|not specified|[0129])$",
    "given_name": r"^[A-Za-zÀ-ſ][A-Za-zÀ-ſ .'’-]*$",
    "family_name": r"^[A-Za-zÀ-ſ][A-Za-zÀ-ſ .'’-]*$",
    "title": r"[A-Za-z]{2}",
    "name": r"[A-Za-z]{2}",
}
"""Our column → what nearly all of its values look like."""
CODES = (
    "sex",
    "kind",
    "outcome",
    "agency",
    "why_ended",
    "precision",
    "tier",
    "sort",
    "unit",
    "eligible_upstream",
    "perspective",
)
"""Columns of few different words."""
SPOKEN = {
    "ambulance": ("hear and treat", "see and treat", "see and convey", "hear & treat", "see & treat", "see & convey"),
    "fire": ("dwelling fire", "false alarm", "special service", "secondary fire", "primary fire"),
    "police": ("theft", "burglary", "violence", "criminal damage", "anti-social behaviour"),
}
"""Kind → words of which two in one column say that it is one: how calls ended, what crews met, what was reported."""
UNIQUE = {
    "contact": "contact",
    "record": "record",
    "post": "post",
    "organisation": "organisation",
    "service": "service",
    "asset": "asset",
    "place": "place",
}
"""Table → its column that says something new in each row."""
REFERENCES = (
    "record",
    "person",
    "contact",
    "service",
    "organisation",
    "place",
    "unit",
    "post",
    "asset",
    "local_key",
    "collaboration",
)
"""Columns that hold codes or names of things: never a time."""


def given_values(text: pa.StringArray) -> pa.StringArray:
    """Trimmed, without what is empty or only stands for a day that is none."""
    trimmed = pc.utf8_trim_whitespace(text)
    trimmed = trimmed.filter(pc.not_equal(trimmed, ""))
    return trimmed.filter(pa.array(~stand_in(trimmed))) if len(trimmed) else trimmed


def can_be(column: Column, table: str, text: pa.StringArray) -> bool:
    """Whether the values of a column of theirs could be those of a column of ours; a column without a value could be
    nothing."""
    values = given_values(text)
    if not len(values):
        return False
    if column.name == "nhs_number":
        # A sound check digit: numbers of incidents and records have ten figures too.
        return _share(pa.array(nhs_sound(values))) >= NEARLY_ALL
    if column.type in {"date", "timestamp"}:
        return _times(values, (SERIAL, QUARTER_ALONE, MONTH_ALONE)) >= NEARLY_ALL and (
            column.name != "birth_date" or not _clocked(values)
        )
    if column.type in {"number", "integer"}:
        return _numbers(values) >= NEARLY_ALL and not _whole_days(values)
    if column.name in PATTERNS and _share(pc.match_substring_regex(values, PATTERNS[column.name])) < NEARLY_ALL:
        return False
    return _can_be_text(column, table, values)


def _can_be_text(column: Column, table: str, values: pa.StringArray) -> bool:
    different = pc.count_distinct(values).as_py()
    if column.name in CODES and different > FEW:
        return False
    if column.name in REFERENCES and _times(values) >= NEARLY_ALL:
        return False
    if UNIQUE.get(table) == column.name and len(values) > 1:
        return bool(different >= NEARLY_ALL * len(values))
    return True


def _times(values: pa.StringArray, more: tuple[str, ...] = ()) -> float:
    """Share of values that are a day or a moment in one of the forms that are read. more: forms that may be something
    else."""
    low = pc.replace_substring_regex(pc.utf8_lower(values), WEEK_TOLD, "")
    found = pa.array([False] * len(values))
    for form in (*TIMES, *more):
        found = pc.or_(found, pc.match_substring_regex(low, form))
    return _share(found)


def spans_lives(values: pa.StringArray) -> bool:
    """Whether days lie as far apart as births do: 25 years and more, within the last 120."""
    years = pc.extract_regex(values, r"(?P<y>(?:18|19|20)\d{2})").drop_null()
    if not len(years):
        return False
    found = pc.min_max(years.field("y").cast(pa.int64()))
    return bool(found["max"].as_py() - found["min"].as_py() >= 25)


def _clocked(values: pa.StringArray) -> bool:
    midnight = pc.match_substring_regex(values, r"[T ]00:00(:00)?")
    return _share(pc.and_(pc.match_substring_regex(values, CLOCKED), pc.invert(midnight))) > 1 - NEARLY_ALL


def _numbers(values: pa.StringArray) -> float:
    figures = pc.match_substring_regex(bared(values)[0], r"^[\d.,]*\d[\d.,]*%?$")
    return _share(pc.or_(figures, pa.array(suppressed(values))))


def are_numbers(values: pa.StringArray) -> bool:
    """Whether nearly all given values are numbers, or marks that stand for one."""
    return _numbers(values) >= NEARLY_ALL


def _whole_days(values: pa.StringArray) -> bool:
    """20230105: figures that are a day in each row."""
    return _share(pc.match_substring_regex(values, r"^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")) >= NEARLY_ALL


def _share(mask: pa.Array) -> float:
    return float(pc.mean(pc.fill_null(mask, False).cast(pa.int8())).as_py() or 0.0)


def cardinality(text: pa.StringArray) -> str:
    """A word for how often values come again: empty, constant, a list of words, one a row, or a key that comes
    again."""
    values = given_values(text)
    different = pc.count_distinct(values).as_py() if len(values) else 0
    if different <= 1:
        return "empty" if not different else "the same in every row"
    if different == len(values):
        return "another in each row"
    return f"{different} words" if different <= FEW else "comes again"


def kind_word(batch: Batch) -> str:
    """What kind of contact a file's own lists of words speak of; '' where they speak of none."""
    for column in batch.columns.values():
        values = given_values(column)
        if not len(values) or pc.count_distinct(values).as_py() > FEW:
            continue
        words = " | ".join(str(one).casefold() for one in pc.unique(values).to_pylist())
        for kind, told in SPOKEN.items():
            if sum(one in words for one in told) > 1:
                return kind
    return ""


def sort_of(text: pa.StringArray) -> str:
    """What the values look like, for people: NHS numbers, times, numbers, postcodes, or text."""
    values = given_values(text)
    if not len(values):
        return "nothing"
    record, contact = TABLES["record"], TABLES["contact"]
    for word, column, table in (
        ("NHS numbers", record.column("nhs_number"), "record"),
        ("postcodes", record.column("postcode"), "record"),
        ("times", contact.column("start"), "contact"),
        ("numbers", contact.column("quantity"), "contact"),
    ):
        if can_be(column, table, text):
            return word
    return "text"
