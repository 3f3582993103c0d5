"""A file nobody has mapped yet: which table it most likely fills, which of its columns could be ours, and lists made from it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.domain.tables import TABLES
from headwater.domain.workspace import SourceSettings
from headwater.sources.check import suggested
from headwater.sources.files import read
from headwater.sources.headings import found_in, given, wanted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headwater.sources.files import Batch

UNLIKELY = ("price", "observation", "enrolment")
"""Tables that are only guessed where every required column is found: theirs are few and common."""
CONSTANT = ("agency", "kind")
"""Columns that a file of one agency rarely has, since every row of it would say the same."""


@dataclass(frozen=True, slots=True)
class Guess:
    """headings: the file's own; columns: ours → theirs; tables: table → how many of its required columns were found, of how many."""

    table: str
    headings: tuple[str, ...]
    columns: dict[str, str]
    tables: dict[str, tuple[int, int]]


def guess(file: Path, table: str = "") -> Guess:
    """What the first batch of a file looks like; the table that fits best where none is asked for."""
    batch = first_batch(file)
    found = {name: suggested(list(batch.columns), list(TABLES[name].columns), batch) for name in loadable()}
    fits = {name: _fit(name, theirs) for name, theirs in found.items()}
    best = table or max(fits, key=lambda name: (_score(name, fits[name]) * len(found[name]), len(found[name])))
    return Guess(best, tuple(batch.columns), {ours: theirs for theirs, ours in found[best].items()}, fits)


def loadable() -> tuple[str, ...]:
    return tuple(name for name, table in TABLES.items() if table.origin == "source")


def first_batch(file: Path) -> Batch:
    try:
        return next(iter(read(file, SourceSettings("contact", file.name))))
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
    """The different combinations of our columns' values in a file, in order; a column that it lacks is filled by its constant."""
    found: set[tuple[str, ...]] = set()
    for batch in read(file, source):
        size = len(batch.rows)
        parts = [_column(batch, source, name, size) for name in columns]
        found.update(row for row in zip(*parts, strict=True) if row[0])
    return sorted(found)


def _column(batch: Batch, source: SourceSettings, ours: str, size: int) -> list[str]:
    if any(found_in(one, batch.columns) for one in wanted(source, ours)):
        return [value or "" for value in given(batch, ours, source).to_pylist()]
    told = source.agency if ours == "agency" else source.constants.get(ours, "")
    return [told] * size


def as_csv(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([heading, *rows])
    return text.getvalue()
