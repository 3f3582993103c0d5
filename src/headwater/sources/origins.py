"""Where rows come from, files and databases alike: a name to tell, a version to know whether it changed, and batches."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from headwater.sources import databases, files
from headwater.store.files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from headwater.domain.workspace import SourceSettings
    from headwater.sources.files import Batch


@dataclass(frozen=True, slots=True)
class Contents:
    """An origin held open. version: hex, changes when the rows do; size: of `Batch.read` at the end, 0 where unknown.

    `look` gives every column, for suggestions; `batches` may leave out those that nothing of ours is mapped to.
    """

    version: str
    size: int
    batches: Callable[[], Iterator[Batch]]
    look: Callable[[], Iterator[Batch]]


class Origin(Protocol):
    """One file, or one query of a database. The name is fit for messages."""

    @property
    def name(self) -> str: ...

    def opened(self) -> AbstractContextManager[Contents]: ...


@dataclass(frozen=True, slots=True)
class FileOrigin:
    name: str
    file: Path
    source: SourceSettings

    @contextmanager
    def opened(self) -> Iterator[Contents]:
        def batches() -> Iterator[Batch]:
            return files.read(self.file, self.source)

        yield Contents(sha256_of(self.file), self.file.stat().st_size, batches, batches)


@dataclass(frozen=True, slots=True)
class DatabaseOrigin:
    name: str
    source: SourceSettings

    @contextmanager
    def opened(self) -> Iterator[Contents]:
        with databases.opened(self.source) as reading:
            yield Contents(reading.version, 0, reading.batches, lambda: reading.batches(every=True))


def origins_of(root: Path, source: SourceSettings) -> list[Origin]:
    """What a source names, in order. Raises DataProblem for none."""
    if databases.is_address(source.files):
        return [DatabaseOrigin(files.shown(source), source)]
    return [FileOrigin(_within(root, file), file, source) for file in files.files_of(root, source)]


def _within(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
