"""Where rows come from, files and databases alike: a name to tell, a version to know whether it changed, and
batches."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from headwater.domain.errors import DataProblem
from headwater.sources import databases, files, headings, packed, sheets
from headwater.store import key_of
from headwater.store.files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch


@dataclass(frozen=True, slots=True)
class Contents:
    """An origin held open. version: hex, changes when the rows do; size: of `Batch.read` at the end, 0 where unknown.

    `look` gives every column, for suggestions; `batches` those of the headings asked for, or may leave out what nothing
    of ours is mapped to.
    """

    version: str
    size: int
    batches: Callable[[Iterable[str] | None], Iterator[Batch]]
    look: Callable[[], Iterator[Batch]]
    names: Callable[[], list[str]]
    """The headings, without a row being made where that can be helped."""
    remark: Callable[[], str] = str
    """What is to be told of how it is read."""


class Origin(Protocol):
    """One file, a sheet or a packed file of it, or one query of a database. The name is fit for messages."""

    @property
    def name(self) -> str: ...

    def opened(self) -> AbstractContextManager[Contents]: ...

    def head(self) -> list[list[str]]: ...


@dataclass(frozen=True, slots=True)
class FileOrigin:
    """member: the file within a zip."""

    name: str
    file: Path
    source: SourceSettings
    member: str = ""

    @contextmanager
    def opened(self) -> Iterator[Contents]:
        version = (
            key_of(sha256_of(self.file), self.member, self.source.sheet)
            if self.member or self.source.sheet
            else sha256_of(self.file)
        )
        with self._plain() as file:

            def batches(only: Iterable[str] | None = None) -> Iterator[Batch]:
                return files.read(file, self.source, only)

            names, told = (lambda: files.names_of(file, self.source)), (lambda: files.remark(file, self.source))
            yield Contents(version, file.stat().st_size, batches, batches, names, told)

    def head(self) -> list[list[str]]:
        with self._plain() as file:
            return files.head_of(file, self.source)

    @contextmanager
    def _plain(self) -> Iterator[Path]:
        """The file itself, or its member unpacked for as long as it is read."""
        if not self.member:
            yield self.file
            return
        with tempfile.TemporaryDirectory() as folder:
            yield packed.unpacked(self.file, self.member, Path(folder))


@dataclass(frozen=True, slots=True)
class DatabaseOrigin:
    name: str
    source: SourceSettings

    @contextmanager
    def opened(self) -> Iterator[Contents]:
        with databases.opened(self.source) as reading:
            yield Contents(
                reading.version,
                0,
                lambda only: reading.batches(),
                lambda: reading.batches(every=True),
                lambda: _names(reading.batches(every=True)),
            )

    def head(self) -> list[list[str]]:
        return []


def _names(batches: Iterator[Batch]) -> list[str]:
    batch = next(batches, None)
    return list(batch.columns) if batch else []


def origins_of(root: Path, source: SourceSettings) -> list[Origin]:
    """What a source names, in order. Raises DataProblem for none, and where something of it would stay unread without a
    word."""
    if databases.is_address(source.files):
        return [DatabaseOrigin(files.shown(source), source)]
    left = files.unread_of(root, source)
    found: list[Origin] = []
    problems: list[DataProblem] = []
    for file in files.files_of(root, source):
        name = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
        try:
            inner, unread = _inner(FileOrigin(name, file, source))
        except DataProblem as problem:
            problems.append(problem)
            continue
        found += inner
        left += unread
    if problems:
        raise _cannot_be_opened(problems, left)
    if left:
        raise DataProblem(
            f"{len(left)} file(s) or sheet(s) of {source.files!r} would not be read: {', '.join(left[:8])}",
            given=files.shown(source),
            allowed=", ".join(files.ENDINGS),
            next_step=(
                f"name what is to be read (files, sheet), or leave the rest on purpose: ignore = [{_quoted(left)}]"
            ),
        )
    return found


def _cannot_be_opened(problems: list[DataProblem], left: list[str]) -> DataProblem:
    """Every file of a source that nobody can open, at once, and those besides that would not be read."""
    if len(problems) == 1 and not left:
        return problems[0]
    besides = [f"{one} would not be read" for one in left[:8]]
    names = ", ".join(dict.fromkeys(problem.next_step for problem in problems if problem.next_step))
    return DataProblem(
        f"{len(problems)} file(s) cannot be opened",
        given="; ".join([*(problem.what for problem in problems), *besides]),
        next_step=f"{names}, or leave them on purpose: ignore = [...]",
    )


def _quoted(left: list[str]) -> str:
    return ", ".join(f'"{one.rsplit(": ", 1)[-1]}"' for one in left[:3])


def _first_bytes(file: Path) -> bytes:
    """As they lie on the disk: nothing is unpacked to learn what a file is."""
    with file.open("rb") as raw:
        return raw.read(8)


def _inner(whole: FileOrigin) -> tuple[list[Origin], list[str]]:
    """The members of a zip or the sheets of a workbook, each an origin, and those that nobody reads."""
    start = _first_bytes(whole.file)
    if sheets.is_workbook(whole.file, start):
        return _sheets(whole)
    if not start.startswith(sheets.PACKED):
        return [whole], []
    names = [one for one in packed.members(whole.file) if not files.ignored(one.rsplit("/", 1)[-1], whole.source)]
    read = [one for one in names if one.lower().endswith(files.ENDINGS) and not one.lower().endswith(".zip")]
    made: list[Origin] = [replace(whole, name=f"{whole.name}/{one}", member=one) for one in read]
    return made, [f"{whole.file.name}: {one}" for one in names if one not in read]


def _sheets(whole: FileOrigin) -> tuple[list[Origin], list[str]]:
    """Without a sheet named: all that have the mapped headings; others that hold something are named."""
    source = whole.source
    filled = [] if source.sheet else [one for one in sheets.sheets_of(whole.file) if not files.ignored(one, source)]
    if len(filled) < 2:
        return [replace(whole, source=replace(source, sheet=filled[0])) if filled else whole], []
    hidden = sheets.hidden_of(whole.file)
    seen = [one for one in filled if one not in hidden]
    fits = [one for one in seen if _fits(whole, one)]
    named = [
        replace(whole, name=f"{whole.name} [{one}]", source=replace(source, sheet=one))
        for one in fits or seen[:1] or filled[:1]
    ]
    # A hidden sheet may be last year's copy: it is read where the user names it, and never in passing.
    left = [one for one in filled if one in hidden or one not in (fits or filled)]
    return [*named], [
        f"{whole.file.name}: {one}" for one in left if f"{whole.name} [{one}]" not in {each.name for each in named}
    ]


def _fits(whole: FileOrigin, sheet: str) -> bool:
    rows = sheets.head(whole.file, replace(whole.source, sheet=sheet), whole.source.header_row)
    heading = rows[whole.source.header_row - 1] if len(rows) >= whole.source.header_row else []
    return not headings.lacking(whole.source, heading)
