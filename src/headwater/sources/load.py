"""Files into the store: every row kept or quarantined with its reasons, file by file, so that a killed load goes on.

A file is done when its `batch` part exists, which is written last; its key is the hash of its bytes, its mapping, the key of
the pseudonyms and this room's code. Rules over several files (a number that occurs twice, a service nobody declared) are held
by the engine afterwards.
"""

from __future__ import annotations

import hashlib
import inspect
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from headwater.domain.progress import silent
from headwater.domain.tables import TABLES
from headwater.sources import convert, files, rows
from headwater.sources.refine import refined
from headwater.sources.rows import make_rows, schema_of
from headwater.store import arrow_schema, key_of
from headwater.store.files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.domain.progress import Progress
    from headwater.domain.workspace import Settings, SourceSettings, Workspace
    from headwater.store import Part, Store


@dataclass(frozen=True, slots=True)
class FileLoad:
    """rows_in = kept + quarantined; reasons: reason → rows (a row with two reasons counts in both)."""

    file: str
    table: str
    rows_in: int
    kept: int
    quarantined: int
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True)
class FileParts:
    """One file's pieces in the store."""

    file: str
    table: str
    rows: Part
    refused: Part
    batch: Part


def load(
    store: Store, workspace: Workspace, settings: Settings, key: bytes, progress: Progress = silent
) -> tuple[FileLoad, ...]:
    """Read every file the settings name. Unchanged files are not read again; files that are gone leave the tables."""
    named = [(file, source) for source in settings.sources for file in files.files_of(workspace.root, source)]
    done = [
        _file(store, workspace.root, file, source, key, _Step(progress, file.name, at, len(named)))
        for at, (file, source) in enumerate(named)
    ]
    progress("checking across files", len(named), len(named) + 1)
    found = _commit(store, done)
    progress("", 1, 1)
    return found


@dataclass(frozen=True, slots=True)
class _Step:
    """Progress of one file among all."""

    progress: Progress
    name: str
    at: int
    of: int

    def __call__(self, share: float) -> None:
        self.progress("reading the agencies' files", self.at + min(share, 1.0), self.of)


def _file(store: Store, root: Path, file: Path, source: SourceSettings, key: bytes, step: _Step) -> FileParts:
    code = [inspect.getsource(module) for module in (files, rows, convert)]
    part_key = key_of(sha256_of(file), repr(source), hashlib.sha256(key).hexdigest(), *code)
    name = str(file.relative_to(root)) if file.is_relative_to(root) else file.name
    batch = store.part("batch", part_key)
    data, refused = store.part(source.table, part_key), store.part("quarantine", part_key)
    if batch and data and refused:
        return FileParts(name, source.table, data, refused, batch)
    return _read(store, (file, source, key, part_key), name, step)


def _read(store: Store, what: tuple[Path, SourceSettings, bytes, str], name: str, step: _Step) -> FileParts:
    """Stream the file: kept rows straight into the part, refused ones (few, or the file is wrong) held until its end."""
    file, source, key, part_key = what
    held: list[dict[str, object]] = []
    counts = Counter(kept=0, refused=0)

    def kept() -> Iterator[pa.RecordBatch]:
        size = file.stat().st_size
        for batch in files.read(file, source):
            made = make_rows(batch, source, key)
            counts.update(kept=made.kept.num_rows, refused=len(made.refused))
            held.extend(
                {"file": name, "table": source.table, "row": r, "reasons": why, "columns": c}
                for r, why, c in made.refused
            )
            step(batch.read / size)
            yield from made.kept.select(schema_of(source.table).names).cast(schema_of(source.table)).to_batches()

    data = store.write(source.table, part_key, kept(), schema_of(source.table))
    if not counts.total():
        # The part was already whole before the run was cut off; its rows are counted again, not written again.
        for _ in kept():
            continue
    refused = store.write("quarantine", part_key, pa.Table.from_pylist(held, arrow_schema(TABLES["quarantine"])))
    line = {"file": name, "table": source.table, "sha256": sha256_of(file), "rows_in": counts.total(), "kept": counts["kept"], "quarantined": counts["refused"]}  # fmt: skip
    batch = store.write("batch", part_key, pa.Table.from_pylist([line], arrow_schema(TABLES["batch"])))
    return FileParts(name, source.table, data, refused, batch)


def _commit(store: Store, done: list[FileParts]) -> tuple[FileLoad, ...]:
    """Make the files' parts the tables, after the rules that look over several files, all at one moment."""
    by_table: dict[str, list[FileParts]] = defaultdict(list)
    for one in done:
        by_table[one.table].append(one)
    tables: dict[str, list[Part]] = {name: [] for name, table in TABLES.items() if table.origin == "source"}
    late: list[Part] = []
    for name, parts in sorted(by_table.items(), key=lambda pair: pair[0] != "service"):
        services = tables["service"] if name == "contact" else []
        tables[name], refused = refined(store, name, [(one.file, one.rows) for one in parts], services)
        late += refused
    quarantine = [one.refused for one in done] + late
    store.commit({**tables, "quarantine": quarantine, "batch": [one.batch for one in done]})
    return loaded(store)


def loaded(store: Store) -> tuple[FileLoad, ...]:
    """What was loaded, file by file, as the store holds it."""
    counted = {(row["file"], row["table"]): row["rows_in"] for row in store.arrow(store.table("batch")).to_pylist()}
    rows = store.table("quarantine")
    refused = store.arrow(rows.group_by("file", "table", "reasons").agg(n=rows["row"].count()))
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    rows_out: Counter[tuple[str, str]] = Counter()
    for row in refused.to_pylist():
        rows_out[row["file"], row["table"]] += row["n"]
        for reason in row["reasons"].split("; "):
            reasons[row["file"], row["table"]][reason] += row["n"]
    return tuple(
        FileLoad(file, table, n, n - (out := rows_out[file, table]), out, dict(sorted(reasons[file, table].items())))
        for (file, table), n in counted.items()
    )
