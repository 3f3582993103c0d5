"""The store: declared tables as Parquet parts, a manifest that is swapped whole, and a cache of steps keyed by content.

.headwater/store/
  manifest.json               table → the keys of its parts, in order
  parts/<table>/<key>.parquet written beside, then renamed: a part exists whole or not at all

A part's key is the hash of everything it was made from, so a part that exists need not be made again: a second run does
only what changed, and a killed run goes on where it was. Parquet rather than an engine's own file, because engines and
their versions do not read each other's.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from headwater.domain.errors import DataProblem, Failed
from headwater.domain.progress import silent
from headwater.domain.tables import TABLES, Table
from headwater.domain.workspace import EngineSettings
from headwater.store.engine import Engine, open_engine
from headwater.store.files import BESIDE, locked, replaced, sha256_of, write_atomically
from headwater.store.leaves import leaves, private, remove_part
from headwater.store.streams import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from splink.internals.database_api import DatabaseAPI

    from headwater.domain.progress import Progress
    from headwater.store.stages import Stage

FULL = (
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG)
    if hasattr(errno, "EDQUOT")
    else (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EFBIG)
)
"""Why a disk takes no more."""
ARROW = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
}


def arrow_schema(table: Table) -> pa.Schema:
    """The declared columns as Arrow types; times are microseconds without a zone (local time, as agencies write it)."""
    return pa.schema([pa.field(column.name, ARROW[column.type]) for column in table.columns])


def key_of(*parts: object) -> str:
    """A part's key: the hash of what it depends on, in order."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a table. `rows` is its number of rows; sha256: of its bytes, as they were when it was finished."""

    table: str
    key: str
    rows: int
    sha256: str = ""


class Store:
    """Tables by name. Open it with `open_store`, or `Store(folder, engine)`."""

    _sound: ClassVar[dict[Path, tuple[tuple[int, ...], str]]] = {}
    """Pieces whose bytes were looked at: their sizes and times then, and their digest. One memory for the process."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self.engine = folder, engine
        self._noting: list[tuple[dict[str, str], set[str]]] = []

    # What is read

    @contextmanager
    def noting(self) -> Iterator[dict[str, str]]:
        """The tables that are read while the block runs, each with its key as it was first read, but for those that it
        writes itself; complete at its end."""
        read, written = dict[str, str](), set[str]()
        self._noting.append((read, written))
        try:
            yield read
        finally:
            self._noting.pop()
            for name in written & read.keys():
                del read[name]

    def note(self, name: str) -> None:
        """That a table is read."""
        for read, _ in self._noting:
            if name not in read:
                read[name] = self._key(name)

    # Reading

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.manifest()))

    def has(self, name: str) -> bool:
        """Whether a table was written and has rows."""
        self.note(name)
        return any(part["rows"] for part in self.manifest().get(name, ()))

    def rows(self, name: str) -> int:
        self.note(name)
        return sum(int(part["rows"]) for part in self.manifest().get(name, ()))

    def key(self, name: str) -> str:
        """What the table's content depends on; '' for a table never written."""
        self.note(name)
        return self._key(name)

    def _key(self, name: str) -> str:
        held = self.manifest()
        return key_of(*(part["key"] for part in held[name])) if name in held else ""

    def table(self, name: str) -> ibis.Table:
        """The table as an expression; a declared table that nothing filled is empty, with its declared columns."""
        self.note(name)
        parts = self.manifest().get(name, [])
        files = [self.file(name, str(part["key"])) for part in parts]
        if files:
            for file, part in zip(files, parts, strict=True):
                self._need_sound(name, file, str(part.get("sha256", "")))
            rows = self.engine.read(files)
            return _declared(rows, name) if name in TABLES else rows
        if name in TABLES:
            return self.engine.rows_of(arrow_schema(TABLES[name]).empty_table())
        raise DataProblem(
            f"the store has no table {name!r}", allowed=", ".join(self.names()) or "(empty)", next_step="headwater load"
        )

    def need(self, name: str, next_step: str = "headwater load") -> ibis.Table:
        """The table, or the error that says which step fills it."""
        if not self.has(name):
            raise DataProblem(f"the table {name!r} is empty", given="no rows", next_step=next_step)
        return self.table(name)

    def arrow(self, rows: ibis.Table) -> pa.Table:
        return self.engine.arrow(rows)

    def batches(self, rows: ibis.Table, size: int = 1_000_000) -> Iterator[pa.RecordBatch]:
        """A result in pieces, for streams that must not be held whole. Read it to its end before the next question."""
        yield from self.engine.batches(rows, size)

    # For Splink, which speaks SQL to the engine that is open

    def splink(self) -> DatabaseAPI[Any]:
        """Splink's database API on the open engine, DuckDB or Spark."""
        return self.engine.splink()

    def lend(self, rows: ibis.Table, name: str) -> str:
        """Give rows a name in the engine, as in `store.splink().register(store.lend(rows, "records"))`; gone with the
        store."""
        return self.engine.lend(rows, name)

    def named(self, name: str) -> ibis.Table:
        """A table that a library made in the engine (a Splink frame's `physical_name`), as an expression."""
        return self.engine.named(name)

    # Writing

    def part(self, name: str, key: str) -> Part | None:
        """The part with this key, if it was ever finished."""
        file = self.file(name, key)
        if not file.exists():
            return None
        held = next((part for part in self.manifest().get(name, ()) if part["key"] == key), {})
        try:
            rows, digest = _rows_in(file), str(held.get("sha256", ""))
        except (pa.ArrowInvalid, OSError):
            rows, digest = -1, ""
        if rows < 0 or (digest and not self._checked(file, digest)):
            # What was damaged is made again by whoever asks for it.
            remove_part(file)
            return None
        return Part(name, key, rows, digest)

    def parts(self, name: str) -> tuple[Part, ...]:
        """The parts a table is made of, in order."""
        self.note(name)
        return tuple(
            Part(name, str(part["key"]), int(part["rows"]), str(part.get("sha256", "")))
            for part in self.manifest().get(name, ())
        )

    def part_table(self, part: Part) -> ibis.Table:
        """One part as an expression, with every column it was written with."""
        return self.engine.read([self.file(part.table, part.key)])

    def write(
        self,
        name: str,
        key: str,
        rows: ibis.Table | pa.Table | Iterable[pa.RecordBatch],
        schema: pa.Schema | None = None,
    ) -> Part:
        """Write one part, or find it already there. It belongs to no table until `commit`.

        A stream of batches is written under `schema`, the declared one where none is given; columns beyond the declared
        ones (a row's number in its file, say) stay in the part and are not seen through `table`.
        """
        if found := self.part(name, key):
            return found
        file = self.file(name, key)
        # Two writers of one part write two files: none is ever half the other's.
        beside = file.with_name(f".{file.name}.{os.getpid()}-{secrets.token_hex(4)}{BESIDE}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._fill(name, beside, rows, schema)
            private(beside)
            digest = digest_of(beside)
            if not file.exists():
                replaced(beside, file)
        except OSError as problem:
            if problem.errno in FULL:
                raise Failed(
                    f"a piece of {name!r} could not be written: {problem.strerror}",
                    given=str(file.parent),
                    next_step="free some space or mend the folder's permissions, then type the same command again",
                ) from problem
            raise
        finally:
            if beside.exists():
                remove_part(beside)
        self._sound[file] = (_seen(file), digest)
        return Part(name, key, _rows_in(file), digest)

    def commit(self, tables: Mapping[str, Sequence[Part]]) -> None:
        """Make these the tables' parts, all at one moment, and leave every other table as it was."""
        for _, written in self._noting:
            written.update(tables)
        with locked(self.folder / "lock"):
            manifest = self.manifest()
            for name, parts in tables.items():
                manifest[name] = [self._line(part) for part in parts]
            write_atomically(self.folder / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True))

    def _line(self, part: Part) -> dict[str, str | int]:
        file = self.file(part.table, part.key)
        return {"key": part.key, "rows": part.rows, "sha256": part.sha256 or (digest_of(file) if file.exists() else "")}

    def put(self, name: str, key: str, rows: ibis.Table | pa.Table | Iterable[pa.RecordBatch]) -> Part:
        """Write one part and make it the whole table."""
        part = self.write(name, key, rows)
        self.commit({name: [part]})
        return part

    def run(self, stages: Sequence[Stage], settings: Mapping[str, object], progress: Progress = silent) -> None:
        """Run a pipeline: each stage whose inputs or settings changed, in order, each kept as soon as it is done."""
        for at, stage in enumerate(stages):
            key = stage.key(settings, [self.key(name) for name in stage.reads])
            if not self.part(stage.makes, key):
                progress(stage.about, at, len(stages))
                made = stage.make({name: self.table(name) for name in stage.reads}, settings)
                self.write(stage.makes, key, made.order_by(*stage.order) if stage.order else made)
            self.commit({stage.makes: [self.part(stage.makes, key) or Part(stage.makes, key, 0)]})
        progress("", len(stages), len(stages))

    def sweep(self, keep: Sequence[Part] = ()) -> int:
        """Remove the parts that no table holds, but for those to keep; how many files went."""
        with locked(self.folder / "lock"):
            held = {self.file(name, str(part["key"])) for name, parts in self.manifest().items() for part in parts}
            held |= {self.file(part.table, part.key) for part in keep}
            stray = [file for file in (self.folder / "parts").glob("*/*") if file not in held]
            for file in stray:
                remove_part(file)
        return len(stray)

    def clear(self) -> tuple[str, ...]:
        """Take every table away with its files; the names of those that were there."""
        gone = self.names()
        with locked(self.folder / "lock"):
            write_atomically(self.folder / "manifest.json", "{}")
        self.sweep()
        return gone

    def close(self) -> None:
        self.engine.close()

    def _fill(
        self, name: str, file: Path, rows: ibis.Table | pa.Table | Iterable[pa.RecordBatch], schema: pa.Schema | None
    ) -> None:
        if isinstance(rows, ibis.Table):
            self.engine.write(rows, file)
            return
        declared = schema or (arrow_schema(TABLES[name]) if name in TABLES else None)
        if isinstance(rows, pa.Table):
            pq.write_table(rows.cast(declared) if declared else rows, file, compression="zstd")
            return
        if declared is None:
            raise ValueError(f"a stream of batches needs a declared table, and {name!r} is none")
        stream(rows, file, declared)

    def file(self, name: str, key: str) -> Path:
        return self.folder / "parts" / name / f"{key[:40]}.parquet"

    def _need_sound(self, name: str, file: Path, digest: str) -> None:
        """Raises Failed where a piece is gone or is not the one that was written."""
        if not file.exists():
            raise Failed(f"the store has lost a piece of {name!r}", next_step="headwater load")
        if digest and not self._checked(file, digest):
            raise Failed(
                f"a piece of {name!r} is damaged", given=str(file), next_step="headwater load, which makes it again"
            )

    def _checked(self, file: Path, digest: str) -> bool:
        """Whether the bytes are those that were written; read once for as long as the file's size and time stay."""
        seen = _seen(file)
        held = self._sound.get(file)
        if held is None or held[0] != seen:
            held = self._sound[file] = (seen, digest_of(file))
        return held[1] == digest

    def mend(self) -> None:
        """Put a manifest aside that does not read, and take away tables with a damaged piece: their steps make them
        again."""
        try:
            held = self.manifest()
        except Failed:
            replaced(self.folder / "manifest.json", self.folder / "manifest.damaged.json")
            return
        for name, parts in held.items():
            files = [(self.file(name, str(part["key"])), str(part.get("sha256", ""))) for part in parts]
            bad = [file for file, digest in files if not file.exists() or (digest and not self._checked(file, digest))]
            if bad:
                self._drop(name, bad)

    def _drop(self, name: str, bad: Sequence[Path]) -> None:
        with locked(self.folder / "lock"):
            manifest = {table: parts for table, parts in self.manifest().items() if table != name}
            write_atomically(self.folder / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
        for file in bad:
            remove_part(file)

    def manifest(self) -> dict[str, list[dict[str, str | int]]]:
        try:
            found: Any = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            found = None
        if not (isinstance(found, dict) and all(_is_parts(parts) for parts in found.values())):
            raise Failed(
                "the store's manifest cannot be read",
                given=str(self.folder / "manifest.json"),
                next_step="headwater load, which puts it aside and makes it again; nothing the agencies gave is lost",
            )
        return found


def _declared(rows: ibis.Table, name: str) -> ibis.Table:
    """The declared columns; empty those that an earlier version of the program, which wrote the parts, did not know."""
    types = ibis.Schema.from_pyarrow(arrow_schema(TABLES[name]))
    unknown = {column: ibis.null(types[column]) for column in TABLES[name].names if column not in rows.columns}
    return rows.mutate(**unknown).select(*TABLES[name].names)


def _is_parts(parts: Any) -> bool:
    return isinstance(parts, list) and all(isinstance(one, dict) and {"key", "rows"} <= one.keys() for one in parts)


@contextmanager
def open_store(folder: Path, settings: EngineSettings | None = None) -> Iterator[Store]:
    """The store in a folder (made by its first writer), closed at the end of the block."""
    store = Store(folder, open_engine(settings or EngineSettings(), _spill(folder)))
    try:
        yield store
    finally:
        store.close()


def _rows_in(file: Path) -> int:
    return sum(int(pq.read_metadata(leaf).num_rows) for leaf in leaves(file))


def _spill(folder: Path) -> Path:
    """Where the engine puts what does not fit into memory: beside the store, or elsewhere where that is only to be
    read."""
    try:
        (folder / "spill").mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir())
    return folder / "spill" if os.access(folder / "spill", os.W_OK) else Path(tempfile.gettempdir())


def _seen(file: Path) -> tuple[int, ...]:
    found = [leaf.stat() for leaf in leaves(file)]
    return tuple(mark for one in found for mark in (one.st_size, one.st_mtime_ns, one.st_ino))


def digest_of(file: Path) -> str:
    """The hash of a part's bytes, of all its leaves in order where it is a folder."""
    digests = [sha256_of(leaf) for leaf in leaves(file)]
    return digests[0] if len(digests) == 1 else key_of(*digests)
