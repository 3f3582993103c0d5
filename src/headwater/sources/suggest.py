"""A file nobody has mapped yet: which table it most likely fills, which of its columns could be ours, and lists made
from it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.domain.tables import TABLES
from headwater.domain.workspace import SourceSettings
from headwater.sources.check import suggested
from headwater.sources.content import cardinality, given_values, sort_of, spans_lives
from headwater.sources.files import head_of, read
from headwater.sources.headings import found_in, given, wanted
from headwater.sources.lines import HEAD, start_of
from headwater.sources.whose import EVENTS, NUMBERS, thing_numbered, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from headwater.sources.batches import Batch

UNLIKELY = ("price", "observation", "enrolment")
"""Tables that are only guessed where every required column is found: theirs are few and common."""
WIDE = 0.7
"""Share of the widest row's cells that a row of headings fills."""
VALUE = re.compile(r"^[-+£(]?[\d.,]+[)%]?$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
"""Cells that are no heading: numbers and dates."""
WHO = ("nhs_number", "given_name", "family_name", "birth_date", "death_date", "sex", "postcode", "address")
"""Columns of a person that a file of contacts may bear too."""
CONSTANT = ("agency", "kind")
"""Columns that a file of one agency rarely has, since every row of it would say the same."""


@dataclass(frozen=True, slots=True)
class Guess:
    """headings: the file's own; columns: ours → theirs; tables: table → how many of its required columns were found, of
    how many."""

    table: str
    headings: tuple[str, ...]
    columns: dict[str, str]
    tables: dict[str, tuple[int, int]]
    header_row: int = 1


def guess(file: Path, table: str = "", header_file: str = "", sheet: str = "") -> Guess:
    """What the first batch of a file looks like; the table that fits best where none is asked for. header_file: where
    its headings stand."""
    row = 1 if header_file else heading_row(file, sheet)
    batch = first_batch(file, row, header_file, sheet)
    found = {name: suggested(list(batch.columns), list(TABLES[name].columns), batch, name) for name in loadable()}
    fits = {name: _fit(name, theirs) for name, theirs in found.items()}
    best = table or max(fits, key=lambda name: (_score(name, fits[name]) * len(found[name]), len(found[name])))
    if not table and best == "observation" and "start" in found["contact"].values() and _numbers_events(batch):
        best = "contact"  # it begins nobody's time in view
    if not table and best == "record" and _tells_events(found[best], batch):
        best = "contact"
    return Guess(best, tuple(batch.columns), {ours: theirs for theirs, ours in found[best].items()}, fits, row)


def _tells_events(theirs: dict[str, str], batch: Batch) -> bool:
    """Whether what looks like a list of people says nothing of any of them, or numbers cases, and has a day that
    differs from row to row."""
    of_things = any(thing_numbered(one) for one, ours in theirs.items() if ours == "record")
    if set(theirs.values()) & set(WHO) and not of_things:
        return False
    return any(
        sort_of(column) == "times" and not spans_lives(given_values(column)) and not constant(column)
        for column in batch.columns.values()
    )


def _numbers_events(batch: Batch) -> bool:
    """Whether each row has a number of its own, that its heading calls an event's."""
    return any(
        thing_numbered(theirs) in EVENTS
        and set(words_of(theirs)) & NUMBERS
        and cardinality(column) == "another in each row"
        for theirs, column in batch.columns.items()
    )


def constant(text: pa.StringArray) -> bool:
    return cardinality(text) == "the same in every row"


def loadable() -> tuple[str, ...]:
    return tuple(name for name, table in TABLES.items() if table.origin == "source")


def heading_row(file: Path, sheet: str = "") -> int:
    """The first row that is as wide as any, of different words that are neither numbers nor dates: titles stand above
    it."""
    rows = head_of(file, SourceSettings("contact", file.name, sheet=sheet))
    widest = max((_filled(row) for row in rows), default=0)
    for at, row in enumerate(rows, 1):
        words = [cell for cell in row if cell.strip()]
        if len(words) >= max(2, WIDE * widest) and not any(VALUE.match(word.strip()) for word in words):
            return at if len(set(words)) == len(words) else 1
    return 1


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def headings_alone(file: Path) -> list[str]:
    """The headings of a file that holds nothing else, in one row or one a line; none where it holds anything
    besides."""
    if file.stat().st_size > HEAD or start_of(file, 4).startswith((b"PAR1", b"PK", b"\xd0\xcf")):
        return []
    rows = [row for row in head_of(file, SourceSettings("contact", file.name), 1_000) if any(row)]
    found = rows[0] if len(rows) == 1 else [row[0] for row in rows] if all(len(row) == 1 for row in rows) else []
    words = [one.strip() for one in found]
    return (
        words
        if len(words) > 1 and len(set(words)) == len(words) and not any(VALUE.match(one) or not one for one in words)
        else []
    )


def is_headless(file: Path) -> bool:
    """Whether a text file begins with values where its headings should stand."""
    rows = head_of(file, SourceSettings("contact", file.name), 3)
    return bool(rows) and len(rows[0]) > 1 and any(VALUE.match(cell.strip()) for cell in rows[0])


def first_batch(file: Path, header_row: int = 1, header_file: str = "", sheet: str = "") -> Batch:
    try:
        return next(
            iter(
                read(
                    file,
                    SourceSettings("contact", file.name, header_row=header_row, header_file=header_file, sheet=sheet),
                )
            )
        )
    except StopIteration:
        raise DataProblem(f"{file.name} has a heading and no row", next_step="ask for the file again") from None


def _fit(name: str, theirs: dict[str, str]) -> tuple[int, int]:
    required = [column.name for column in TABLES[name].columns if column.required and column.name not in CONSTANT]
    return sum(column in theirs.values() for column in required), len(required)


def _score(name: str, fit: tuple[int, int]) -> float:
    """The share of a table's required columns that were found; times the headings it explains, a table is likely."""
    share = fit[0] / fit[1] if fit[1] else 0.0
    return share if share == 1 or name not in UNLIKELY else 0.0


def distinct(file: Path, source: SourceSettings, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The different combinations of our columns' values in a file, in order; a column that it lacks is filled by its
    constant."""
    found: set[tuple[str, ...]] = set()
    for batch in read(file, source):
        size = len(batch.rows)
        parts = [_column(batch, source, name, size) for name in columns]
        found.update(row for row in zip(*parts, strict=True) if row[0])
    return sorted(found)


def _column(batch: Batch, source: SourceSettings, ours: str, size: int) -> list[str]:
    if any(found_in(one, batch.columns) for one in wanted(source, ours, batch.columns)):
        return [value or "" for value in given(batch, ours, source).to_pylist()]
    told = source.agency if ours == "agency" else source.constants.get(ours, "")
    return [told] * size


def as_csv(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([heading, *rows])
    return text.getvalue()
