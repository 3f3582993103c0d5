"""One origin read: a look that judges its columns, and its rows in the shape that the source asks for.

The rows of a large file are made while they are judged, by the readings that its first rows prove; where all rows prove
others, they are made again.
"""

from __future__ import annotations

import re
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.sources import headings, shaping
from headwater.sources.judge import Judging, Readings, judged, looked_at, refuse_doubtful
from headwater.sources.origins import origins_of
from headwater.sources.rows import make_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch
    from headwater.sources.origins import Contents, Origin
    from headwater.sources.rows import Made, Making

LARGE = 16 << 20
"""Bytes of a file, one batch, up to which nothing is gained by reading ahead; a database says none, and stays in its
thread."""

AT_ONCE = 2
"""Batches of a large file that are worked on at once: each takes some 100 MB meanwhile."""


class Otherwise(Exception):
    """All rows of a file prove other readings than its first ones did."""

    def __init__(self, readings: Readings) -> None:
        super().__init__()
        self.readings = readings


@dataclass
class Reader:
    """passed: what the steps of the last whole pass left out; seen: every heading that any batch had; proved: how all
    rows say that each column is read, once they were looked at."""

    origin: Origin
    contents: Contents
    source: SourceSettings
    root: Path
    passed: shaping.Passed = field(default_factory=shaping.Passed)
    seen: dict[str, None] = field(default_factory=dict)
    proved: Readings = field(default_factory=Readings)

    @property
    def version(self) -> str:
        return self.contents.version

    @property
    def size(self) -> int:
        return self.contents.size

    @cached_property
    def headings(self) -> list[str]:
        """Those of the file; none where it cannot be said before its rows are read."""
        return self.contents.names()

    def batches(self, columns: tuple[str, ...] | None = None) -> Iterator[Batch]:
        """columns: those of ours that are looked at, where it is not all of them."""
        self.passed = shaping.Passed()
        made = shaping.shaped(self.contents.batches(self._needed(columns)), self.source, self._other, self.passed)
        return _ahead(made) if self.size > LARGE else made

    def readings(self) -> Readings:
        """How each column of the whole file is read."""
        return judged(self._noted(looked_at(self.source)), self.source)

    def sound_readings(self) -> Readings:
        """The same. Raises DataProblem for headings that are mapped and absent, and for columns that stay ambiguous."""
        return self._sound(self.readings())

    def first_readings(self) -> Readings:
        """How each column is read if all rows are like the first of a large file, which `made` then proves; where these
        leave a doubt, or the file is small, how all its rows say that it is read."""
        if self.size <= LARGE:
            return self.sound_readings()
        found = judged(islice(self._noted(looked_at(self.source)), 1), self.source)
        doubtful = not found.rows or found.problems or headings.lacking(self.source, self.seen)
        return self.sound_readings() if doubtful else replace(found, presumed=True)

    def made(self, making: Making) -> Iterator[tuple[Batch, Made]]:
        """Every batch with its rows, some made at once. Raises Otherwise at the end where the readings were presumed
        and all rows prove others, and DataProblem as `sound_readings` does."""
        judging = Judging(self.source) if making.readings.presumed else None
        at_once = AT_ONCE if self.size > LARGE else 0
        yield from _in_order(self._noted(None, judging), lambda batch: make_rows(batch, making), at_once)
        if judging is not None:
            proved = self._sound(judging.readings)
            if proved.columns != making.readings.columns:
                raise Otherwise(proved)

    def _sound(self, found: Readings) -> Readings:
        if found.rows:
            self.refuse_absent()
        else:
            self.refuse_no_table()
        refuse_doubtful(found, self.origin.name, self.source)
        self.proved = found
        return found

    def _noted(self, columns: tuple[str, ...] | None, judging: Judging | None = None) -> Iterator[Batch]:
        """The batches; their headings are remembered, and what they prove is added."""
        self.seen = dict.fromkeys(self.headings)
        for batch in self.batches(columns):
            self.seen |= dict.fromkeys(batch.columns)
            if judging is not None:
                judging.add(batch)
            yield batch

    def _needed(self, columns: tuple[str, ...] | None) -> set[str] | None:
        """The headings that fill or shape anything; None for all, where they are not known beforehand."""
        if self.source.unpivot or self.source.join:
            return None
        there = self.headings
        if not there:
            return None
        filling = (
            headings.used(self.source, there) if columns is None else headings.filling(self.source, columns, there)
        )
        for several in headings.all_rivals(self.source, there).values():
            filling |= set(several)
        return {
            *filling,
            *(found for one in shaping.headings_needed(self.source) if (found := headings.found_in(one, there))),
        }

    def _other(self, file: str) -> Iterator[Batch]:
        """The rows of another file of the workspace, as a join asks for them."""
        plain = replace(
            self.source, files=file, sheet="", header_file="", header_row=1, columns={}, where={}, ignore=("*.headers",)
        )
        for origin in origins_of(self.root, plain):
            with origin.opened() as contents:
                yield from contents.look()

    def refuse_no_table(self) -> None:
        """Raises DataProblem for a file without a row that has none of the mapped headings either, as a note to the
        reader."""
        if self._is_no_table(there := self.headings):
            raise DataProblem(
                f"{self.origin.name} is no table of this [[source]]: it has no row, and none of the headings that are"
                " mapped",
                given=", ".join(there[:30]),
                next_step=self._leave_out(),
            )

    def _is_no_table(self, there: list[str]) -> bool:
        source = self.source
        return bool(there and source.columns and not (source.unpivot or source.join or headings.used(source, there)))

    def _leave_out(self) -> str:
        name = self.origin.name.rsplit("/", 1)[-1]
        return f'leave it out: ignore = ["{name}"], or ["*{name[name.rfind(".") :]}"] for all of its kind'

    def refuse_absent(self) -> None:
        """Raises DataProblem where a mapped heading is in no batch of the last look at the columns."""
        absent = headings.lacking(self.source, self.seen)
        if not absent:
            return
        there = self.headings or list(self.seen)
        row, twice = self.heading_row(), standing_twice(absent, there)
        advice = (
            f"it stands in several columns: write {twice}"
            if twice
            else (
                f"the heading seems to stand in row {row}: write header_row = {row}"
                if row
                else 'mend its heading in headwater.toml; aliases as "qty | quantity", or optional = ["'
                + absent[0][0]
                + '"]'
            )
        )
        advice += (
            f"; or, where it is no table of this [[source]], {self._leave_out()}"
            if not row and self._is_no_table(there)
            else ""
        )
        raise DataProblem(
            f"{self.origin.name} has no column "
            + ", ".join(f"{theirs!r} (mapped to {ours})" for ours, theirs in absent),
            given=", ".join(there[:30]),
            allowed="every heading that is mapped",
            next_step=advice,
        )

    def heading_row(self) -> int:
        """The first row above or below that has all mapped headings; 0 where none has."""
        rows = self.origin.head()
        return next(
            (
                at
                for at, row in enumerate(rows, 1)
                if at != self.source.header_row and self.source.columns and not headings.lacking(self.source, row)
            ),
            0,
        )


def _in_order(batches: Iterator[Batch], work: Callable[[Batch], Made], at_once: int) -> Iterator[tuple[Batch, Made]]:
    """Each batch with what was made of it, in their order; so many are worked on at once."""
    if not at_once:
        yield from ((batch, work(batch)) for batch in batches)
        return
    with ThreadPoolExecutor(at_once) as pool:
        waiting: deque[tuple[Batch, Future[Made]]] = deque()
        for batch in batches:
            waiting.append((batch, pool.submit(work, batch)))
            if len(waiting) > at_once:
                first, made = waiting.popleft()
                yield first, made.result()
        for batch, made in waiting:
            yield batch, made.result()


def _ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The next batch is cut while this one is worked on: Arrow and numpy let go of the interpreter for most of both."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch


def standing_twice(absent: list[tuple[str, str]], there: list[str]) -> str:
    """The names under which a heading that stands in several columns is found."""
    found = [
        one
        for _, theirs in absent
        for one in there
        if re.fullmatch(re.escape(headings.plain(theirs)) + r"[ _]\d+", headings.plain(one))
    ]
    return " or ".join(f'"{one}"' for one in found) if len(found) > 1 else ""
