"""Files into the store: every row kept or quarantined with its reasons, file by file, so that a killed load goes on.

A file is done when its `batch` part exists, which is written last; its key is the hash of its bytes, its mapping, the
key of the pseudonyms and this room's code. Rules over several files (a number that occurs twice, a service nobody
declared) are held by the engine afterwards.
"""

from __future__ import annotations

import hashlib
import inspect
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from headwater.domain.errors import DataProblem
from headwater.domain.progress import silent
from headwater.domain.tables import TABLES
from headwater.sources import (
    alphabets,
    convert,
    coordinates,
    damage,
    databases,
    documents,
    files,
    forms,
    headings,
    judge,
    letters,
    lines,
    numbering,
    numbers,
    parquet,
    pseudonyms,
    rows,
    shaping,
    sheets,
    standins,
    times,
)
from headwater.sources.across import refuse_lost_noughts
from headwater.sources.derived import with_derived
from headwater.sources.forgotten import NOBODY
from headwater.sources.numbering import Remembered
from headwater.sources.origins import origins_of
from headwater.sources.passing import Otherwise, Reader
from headwater.sources.placing import Placed, placed, squares
from headwater.sources.refine import REPEAT, SUPERSEDED, latest_reasons, refined, totalled
from headwater.sources.rows import Making, schema_of
from headwater.sources.shaping import LEFT
from headwater.store import arrow_schema, key_of
from headwater.store.spent import anew, half_spent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from headwater.domain.progress import Progress
    from headwater.domain.workspace import Settings, SourceSettings, Workspace
    from headwater.sources.forgotten import Forgotten
    from headwater.sources.numbering import Figures
    from headwater.sources.origins import Origin
    from headwater.store import Part, Store


READ_BY = (
    alphabets,
    files,
    databases,
    documents,
    parquet,
    sheets,
    letters,
    lines,
    headings,
    judge,
    shaping,
    times,
    forms,
    standins,
    numbering,
    numbers,
    rows,
    pseudonyms,
    convert,
    coordinates,
    damage,
)
"""Modules whose change asks for every file to be read again."""
FIRST = ("service", "place")
"""Tables that the rules of others look into."""


@dataclass(frozen=True, slots=True)
class FileLoad:
    """rows_in = kept + quarantined + excluded; reasons: reason → rows (a row with two reasons counts in both).

    left_out: reason → values of kept rows that were not loaded.
    """

    file: str
    table: str
    rows_in: int
    kept: int
    quarantined: int
    reasons: dict[str, int]
    left_out: dict[str, int] = field(default_factory=dict)
    excluded: int = 0
    """Rows that the user asked to leave out, or that a later return supersedes; part of neither kept nor
    quarantined."""

    @property
    def lost_share(self) -> float:
        """Share of the rows that were asked for and lost; harmless repeats apart."""
        asked = self.rows_in - self.excluded
        return max(self.quarantined - self.reasons.get(REPEAT, 0), 0) / asked if asked else 0.0


@dataclass(frozen=True, slots=True)
class FileParts:
    """One file's pieces in the store."""

    file: str
    table: str
    rows: Part
    refused: Part
    left_out: Part
    batch: Part
    source: SourceSettings
    reasons: Part | None = None
    figures: Mapping[str, Figures] = field(default_factory=dict)


def load(
    store: Store,
    workspace: Workspace,
    settings: Settings,
    key: bytes,
    progress: Progress = silent,
    forgotten: Forgotten = NOBODY,
) -> tuple[FileLoad, ...]:
    """Read every file the settings name. Unchanged files are not read again; files that are gone leave the tables."""
    if not settings.sources:
        raise DataProblem(
            "there is nothing to load: headwater.toml names no [[source]]",
            allowed="a [[source]] for each file",
            next_step="headwater add FILE... writes them",
        )
    named, problems = _named(workspace.root, settings)
    figures = Remembered(workspace.checks / "figures.json")
    step = _Step(workspace.root, progress, "", 0, len(named), figures)

    def read() -> list[FileParts]:
        return _each(store, named, [*problems], (key, forgotten), step)

    done = read()
    figures.keep()
    refuse_lost_noughts(
        [(origin, source, one.figures) for (origin, source), one in zip(named, done, strict=True)], workspace.root
    )
    before = store.key("contact") if store.has("contact") else ""
    with ExitStack() as whole:
        if half_spent(store, "record"):
            # New records beside such as have lost their names: all are read again, so that they can be compared.
            whole.enter_context(anew(store, "record"))
            done = read()
        progress("checking across files", len(named), len(named) + 1)
        _commit(store, done)
    if any(source.keep_from for source in settings.sources) and store.key("contact") != before:
        # What is past retention must not lie on in parts that no table holds any more.
        store.sweep(keep=[part for one in done for part in (one.rows, one.refused, one.batch)])
    progress("", 1, 1)
    return loaded(store)


def _each(
    store: Store,
    named: Sequence[tuple[Origin, SourceSettings]],
    problems: list[DataProblem],
    secret: tuple[bytes, Forgotten],
    step: _Step,
) -> list[FileParts]:
    """Every file's pieces. Raises DataProblem that names all files that cannot be read."""
    done = []
    for at, (origin, source) in enumerate(named):
        try:
            done.append(_file(store, origin, source, secret, replace(step, name=origin.name.rsplit("/", 1)[-1], at=at)))
        except DataProblem as problem:
            problems.append(problem)
    if problems:
        raise _together(problems)
    return done


def loaded(store: Store) -> tuple[FileLoad, ...]:
    """What the last load kept and quarantined, a line a file and table, in the order of the settings."""
    refused, left_out = (_reasons(store, name) for name in ("quarantine", "left_out"))
    return tuple(_told(line, refused, left_out) for line in store.arrow(store.table("batch")).to_pylist())


def _reasons(store: Store, name: str) -> list[dict[str, Any]]:
    rows = store.table(name)
    return store.arrow(rows.group_by("file", "table", "reasons").agg(n=rows["row"].count())).to_pylist()  # type: ignore[no-any-return]


def _told(line: dict[str, Any], refused: list[dict[str, Any]], left_out: list[dict[str, Any]]) -> FileLoad:
    counts = (line["rows_in"], line["kept"], line["quarantined"])
    return FileLoad(
        line["file"], line["table"], *counts, _of_file(line, refused), _of_file(line, left_out), line["excluded"]
    )


def _of_file(line: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, int]:
    """Reason → how often, in one file."""
    reasons: Counter[str] = Counter()
    for row in found:
        if (row["file"], row["table"]) == (line["file"], line["table"]):
            reasons.update(dict.fromkeys(row["reasons"].split("; "), row["n"]))
    return dict(sorted(reasons.items()))


def _named(root: Path, settings: Settings) -> tuple[list[tuple[Origin, SourceSettings]], list[DataProblem]]:
    """Every file and query with its mapping, and the problem of each source that names none."""
    named, problems = [], []
    for source in settings.sources:
        try:
            named += [(origin, source) for origin in origins_of(root, source)]
        except DataProblem as problem:
            problems.append(problem)
    return named, problems


def _together(problems: list[DataProblem]) -> DataProblem:
    """One error for all files that cannot be read at all; nothing is loaded, and the sound files need not be read
    again."""
    if len(problems) == 1:
        return problems[0]
    return DataProblem(
        f"{len(problems)} sources cannot be read; the tables are as they were",
        given="; ".join(
            problem.what + (f" ({problem.next_step})" if problem.next_step else "") for problem in problems
        ),
        allowed=problems[0].allowed,
        next_step="mend or remove them and type headwater load again; files already read are not read again",
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """Progress of one file among all, and where the workspace is."""

    root: Path
    progress: Progress
    name: str
    at: int
    of: int
    figures: Remembered

    def __call__(self, share: float, rows: int) -> None:
        said = f"reading {self.name} ({self.at + 1} of {self.of}), {rows:,} rows"
        self.progress(said, self.at + min(share, 1.0), self.of)


def _file(
    store: Store, origin: Origin, source: SourceSettings, secret: tuple[bytes, Forgotten], step: _Step
) -> FileParts:
    name, (key, forgotten) = origin.name, secret
    code = [inspect.getsource(module) for module in READ_BY]
    with origin.opened() as contents:
        mapping = repr(replace(source, files=files.shown(source)))  # a changed password changes no row
        part_key = key_of(name, contents.version, mapping, hashlib.sha256(key).hexdigest(), *code, *forgotten.digests)
        batch = store.part("batch", part_key)
        data, refused, left_out = (store.part(table, part_key) for table in (source.table, "quarantine", "left_out"))
        reasons = store.part("contact_reason", part_key) if source.reasons else None
        if batch and data and refused and left_out and (reasons or not source.reasons):
            again = Reader(origin, contents, source, step.root)
            figures = step.figures.of(part_key, lambda: again.readings().figures)
            return FileParts(name, source.table, data, refused, left_out, batch, source, reasons, figures)
        reader = Reader(origin, contents, source, step.root)
        making = Making(source, key, reader.first_readings(), name)
        try:
            return _read(store, reader, making, part_key, step, forgotten)
        except Otherwise as proved:
            return _read(store, reader, replace(making, readings=proved.readings), part_key, step, forgotten)


def _read(store: Store, reader: Reader, making: Making, part_key: str, step: _Step, forgotten: Forgotten) -> FileParts:
    """Stream the rows: kept ones straight into the part, refused ones (few, or the file is wrong) held until its
    end."""
    name, source = making.file, making.source
    held: list[pa.Table] = []
    left: list[pa.Table] = []
    why: list[pa.Table] = []
    counts = Counter(kept=0, refused=0)

    def kept() -> Iterator[pa.RecordBatch]:
        for batch, rows_made in reader.made(making):
            made = forgotten.left_out(rows_made)
            counts.update(kept=made.kept.num_rows, refused=len(made.refused), left=made.left)
            held.append(_refused(name, source.table, made.refused))
            left.append(_refused(name, source.table, made.left_out))
            why.append(made.reasons)
            step(batch.read / reader.size if reader.size else 0.0, counts.total())
            yield from made.kept.select(schema.names).cast(schema).to_batches()

    schema = schema_of(source)
    data = store.write(source.table, part_key, kept(), schema)
    if not counts.total() and not reader.passed.excluded:
        # The part was already whole before the run was cut off; its rows are counted again, not written again.
        for _ in kept():
            continue
    none = _refused(name, source.table, [])
    refused = store.write("quarantine", part_key, pa.concat_tables([none, *held]))
    left_out = store.write("left_out", part_key, pa.concat_tables([none, *left]))
    reasons = None
    if source.reasons:
        told = pa.concat_tables([rows.no_reasons(source), *why])
        reasons = store.write("contact_reason", part_key, iter(told.to_batches()), told.schema)
    excluded = reader.passed.excluded + counts.pop("left", 0)
    line = {
        "file": name,
        "table": source.table,
        "sha256": reader.version,
        "rows_in": counts.total() + excluded,
        "kept": counts["kept"],
        "quarantined": counts["refused"],
        "excluded": excluded,
    }
    batch = store.write("batch", part_key, pa.Table.from_pylist([line], arrow_schema(TABLES["batch"])))
    figures = step.figures.of(part_key, lambda: reader.proved.figures)
    return FileParts(name, source.table, data, refused, left_out, batch, source, reasons, figures)


def _refused(file: str, table: str, refused: list[tuple[int, str, str]]) -> pa.Table:
    """Rows of one batch for `quarantine` or `left_out`; texts are coded, since a file that is wrong throughout says one
    thing ten million times."""
    numbers, reasons, columns = zip(*refused, strict=True) if refused else ((), (), ())
    texts = {"file": [file] * len(refused), "table": [table] * len(refused), "reasons": reasons, "columns": columns}
    coded = {name: pa.array(list(text), pa.string()).dictionary_encode() for name, text in texts.items()}
    return pa.table({**coded, "row": pa.array(list(numbers), pa.int64())}).select(TABLES["quarantine"].names)


def _commit(store: Store, done: list[FileParts]) -> None:
    """Make the files' parts the tables, after the rules that look over several files, all at one moment."""
    by_table: dict[str, list[FileParts]] = defaultdict(list)
    for one in done:
        by_table[one.table].append(one)
    tables: dict[str, list[Part]] = {name: [] for name, table in TABLES.items() if table.origin == "source"}
    late: list[Part] = []
    cells: list[Part] = []
    for name in sorted(by_table, key=lambda name: (name not in FIRST, name)):
        services = tables["service"] if name == "contact" else []
        found = [_placed(store, _totalled(store, one), tables["place"]) for one in by_table[name]]
        cells += [one.cells for one in found if isinstance(one, Placed) and one.cells]
        late += [one.refused for one in found if isinstance(one, Placed)]
        tables[name], refused = refined(
            store, name, [(one.file, where.rows) for one, where in zip(by_table[name], found, strict=True)], services
        )
        late += refused
    if cells:
        tables["place"] = [squares(store, cells, tables["place"])]
    tables["contact_reason"] += _reasons_of(store, done, tables["contact"])
    quarantine = [one.refused for one in done] + [part for part in late if not _is_asked_for(store, part)]
    left_out = [one.left_out for one in done]
    store.commit(
        {
            **with_derived(store, tables),
            "quarantine": quarantine,
            "left_out": left_out,
            "batch": [_counted(store, done, late)],
        }
    )


def _reasons_of(store: Store, done: list[FileParts], contacts: list[Part]) -> list[Part]:
    """Why contacts came; of contacts that stand in several returns, whatever files these are, one return's reasons
    alone."""
    returned = [one for one in done if one.reasons and one.source.latest_by]
    stays = [one.reasons for one in returned if one.source.spell and one.reasons]
    others = [one.reasons for one in returned if not one.source.spell and one.reasons]
    told = [latest_reasons(store, parts, contacts, parts is stays) for parts in (others, stays) if parts]
    return [one.reasons for one in done if one.reasons and not one.source.latest_by] + told


def _is_asked_for(store: Store, part: Part) -> bool:
    """Whether a part holds what a later return replaced, or what the user left out: that is no loss, and no
    quarantine."""
    rows = store.part_table(part)
    return bool(store.arrow(rows.filter(rows["reasons"].isin([SUPERSEDED, LEFT])).limit(1).select("row")).num_rows)


def _totalled(store: Store, one: FileParts) -> FileParts:
    return replace(one, rows=totalled(store, one.rows)) if one.source.total else one


def _placed(store: Store, one: FileParts, places: list[Part]) -> FileParts | Placed:
    """The file's rows with the places at their coordinates, where it gives any."""
    if not one.source.at or one.table not in coordinates.ASSIGNED:
        return one
    return placed(store, one.file, one.rows, one.source, places)


def _counted(store: Store, done: list[FileParts], late: list[Part]) -> Part:
    """The batch table with the rows that only a look over all files refused, a line a file and table."""
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for one in done:
        (line,) = store.arrow(store.part_table(one.batch)).to_pylist()
        before = lines.setdefault((one.file, one.table), line)
        if before is not line:
            before.update({name: before[name] + line[name] for name in ("rows_in", "kept", "quarantined", "excluded")})
    for part in late:
        rows = store.part_table(part)
        for row in store.arrow(rows.group_by("file", "table", "reasons").agg(n=rows["row"].count())).to_pylist():
            line = lines[row["file"], row["table"]]
            where = "excluded" if row["reasons"] in {SUPERSEDED, LEFT} else "quarantined"
            line.update({"kept": line["kept"] - row["n"], where: line[where] + row["n"]})
    key = key_of("counted", *(one.batch.key for one in done), *(part.key for part in late))
    return store.write("batch", key, pa.Table.from_pylist(list(lines.values()), arrow_schema(TABLES["batch"])))
