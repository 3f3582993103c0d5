"""A column is judged as a whole: all its rows say how its dates and numbers are read, or why they cannot be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from headwater.domain.errors import DataProblem
from headwater.domain.tables import TABLES
from headwater.sources.headings import all_rivals, given, under
from headwater.sources.numbering import Figures, as_stored, with_noughts
from headwater.sources.numbers import SHARED, NumberEvidence, NumberReading, number_reading
from headwater.sources.time_evidence import TimeEvidence, time_reading
from headwater.sources.times import TimeReading, ends_weeks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.domain.tables import Column
    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch

    Reading = TimeReading | NumberReading


SCALED = {
    "gbp": r"000|£ ?k\b|£ ?m\b|\bthousands?\b|\bmillions?\b",
    "salary_gbp": r"000|£ ?k\b|\bthousands?\b",
    "contacts": r"\brate\b|%|\bper ?cent|\bper 1",
    "population": r"000s?\b|\bthousands?\b",
}
"""Column → words of a heading that say its numbers are counted in something else than ones."""
NUMBERING = ("record", "person")
"""Columns of the numbers of people."""
LATEST = "latest_by"
"""Under which name the reading of that heading stands beside those of our columns."""


@dataclass
class Rivals:
    """Headings of one file that each could fill one of our columns: which is read matters where they differ."""

    headings: list[str]
    differ: int = 0

    def add(self, batch: Batch, source: SourceSettings) -> None:
        first, *others = (under(batch, one, source) for one in self.headings)
        for other in others:
            self.differ += int(pc.sum(pc.not_equal(first, other)).as_py() or 0)

    @property
    def problem(self) -> str:
        told = " and ".join(repr(one) for one in self.headings)
        return (
            f"{told} stand in one file and differ in {self.differ:,} row(s): write the one that is meant"
            if self.differ
            else ""
        )


@dataclass(frozen=True, slots=True)
class Readings:
    """columns: our column → how it is read; problems: our column → why it is refused, with the line to write; rows: all
    looked at."""

    columns: Mapping[str, Reading] = field(default_factory=dict)
    rows: int = 0
    figures: Mapping[str, Figures] = field(default_factory=dict)
    """Column of numbers → how many figures they have."""
    rivals: Mapping[str, Rivals] = field(default_factory=dict)
    presumed: bool = False
    """Whether they were taken from the first rows alone, so that later ones may prove another reading."""

    @property
    def problems(self) -> dict[str, str]:
        return {
            name: one.problem
            for found in (self.columns, self.figures, self.rivals)
            for name, one in found.items()
            if one.problem
        }

    def time(self, name: str) -> TimeReading:
        found = self.columns.get(name)
        return found if isinstance(found, TimeReading) else TimeReading()

    def number(self, name: str) -> NumberReading:
        found = self.columns.get(name)
        return found if isinstance(found, NumberReading) else NumberReading()


class Judging:
    """What the rows of a file prove, batch by batch."""

    def __init__(self, source: SourceSettings) -> None:
        self.source, self.rows, self.returned = source, 0, TimeEvidence()
        self.kinds: list[tuple[Column, Any]] = [
            (column, TimeEvidence() if column.type in {"date", "timestamp"} else NumberEvidence())
            for column in _measured(source)
        ]
        names = [name for name in NUMBERING if name in TABLES[source.table].names and source.digits.get(name) != 0]
        self.figures = {name: Figures() for name in names}
        self.rivals: dict[str, Rivals] = {}

    def add(self, batch: Batch) -> None:
        source = self.source
        self.rows += len(batch.rows) + len(batch.refused)
        for column, evidence in self.kinds:
            evidence.add(given(batch, column.name, source))
        for ours, several in all_rivals(source, batch.columns).items():
            self.rivals.setdefault(ours, Rivals(several)).add(batch, source)
        for name, found in self.figures.items():
            found.add(with_noughts(as_stored(given(batch, name, source)), source.digits.get(name, 0)))
        if source.latest_by:
            self.returned.add(under(batch, source.latest_by, source))

    @property
    def readings(self) -> Readings:
        read: dict[str, Reading] = {
            column.name: _reading(column, evidence, self.source) for column, evidence in self.kinds
        }
        if self.source.latest_by:
            read[LATEST] = time_reading(self.returned, LATEST, self.source.date_format)
        return Readings(read | counted_in(self.source), self.rows, self.figures, self.rivals)


def judged(batches: Iterable[Batch], source: SourceSettings) -> Readings:
    """How the columns of these rows are read."""
    judging = Judging(source)
    for batch in batches:
        judging.add(batch)
    return judging.readings


def looked_at(source: SourceSettings) -> tuple[str, ...]:
    """Our columns whose values are looked at before any row is made."""
    return (*(column.name for column in _measured(source)), *NUMBERING, *(("start", "end") if source.event else ()))


def _measured(source: SourceSettings) -> list[Column]:
    """The columns of a table whose text has more than one reading."""
    return [column for column in TABLES[source.table].columns if column.type not in {"text", "boolean"}]


def _reading(column: Column, evidence: TimeEvidence | NumberEvidence, source: SourceSettings) -> Reading:
    if isinstance(evidence, TimeEvidence):
        read = time_reading(evidence, column.name, source.date_format) if not _own(source) else TimeReading()
        ends = column.name == "period" and ends_weeks(str(source.columns.get("period", "")))
        return (
            replace(read, weeks=True, ending=True, told=f"{read.told}; weeks by their last day".lstrip("; "))
            if ends
            else read
        )
    return number_reading(evidence, column.name, source.decimal, column.type == "integer" or column.name in SHARED)


def _own(source: SourceSettings) -> bool:
    """Whether the user wrote a strptime format."""
    return "%" in source.date_format


def counted_in(source: SourceSettings) -> dict[str, Reading]:
    """Columns whose heading says that their numbers are thousands, or no counts, and of which the mapping says
    nothing."""
    found: dict[str, Reading] = {}
    for ours, words in SCALED.items():
        theirs = source.columns.get(ours, "")
        if (
            ours in TABLES[source.table].names
            and isinstance(theirs, str)
            and ours not in source.scale
            and re.search(words, theirs.casefold())
        ):
            found[ours] = NumberReading(
                problem=(
                    f"the heading {theirs!r} says that its numbers are not counted in ones: write [source.scale] {ours}"
                    " = 1000 for thousands, 1000000 for millions, 1 where they are ones after all"
                )
            )
    return found


def refuse_doubtful(readings: Readings, name: str, source: SourceSettings) -> None:
    """Raises DataProblem where a column stays ambiguous: nobody guesses."""
    if readings.problems:
        raise DataProblem(
            f"{name}: " + "; ".join(f"{ours}: {why}" for ours, why in readings.problems.items()),
            given=", ".join(str(source.columns.get(ours, ours)) for ours in readings.problems),
            allowed="one reading of a whole column",
            next_step="write the line into its [[source]] in headwater.toml",
        )
