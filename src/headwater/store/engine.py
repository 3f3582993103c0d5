"""The one small hole to an engine: an Ibis backend, and how it reads and writes Parquet.

Everything above speaks Ibis expressions, so the same named stages run on either engine.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import ibis
import pyarrow as pa

from headwater.domain.errors import Failed, one_of
from headwater.store.leaves import leaves
from headwater.store.site import may_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from splink.internals.database_api import DatabaseAPI

    from headwater.domain.workspace import EngineSettings


class Engine(Protocol):
    """What a store needs of an engine.

    `lend` gives rows a name for a library that speaks SQL to the same engine, `named` takes such a library's table back
    as an expression, and `splink` is Splink's own door to the engine that is open.
    """

    name: str

    def read(self, files: Sequence[Path]) -> ibis.Table: ...

    def rows_of(self, table: pa.Table) -> ibis.Table: ...

    def write(self, rows: ibis.Table, file: Path) -> None: ...

    def arrow(self, rows: ibis.Table) -> pa.Table: ...

    def batches(self, rows: ibis.Table, size: int) -> Iterator[pa.RecordBatch]: ...

    def sql(self, rows: ibis.Table) -> str: ...

    def lend(self, rows: ibis.Table, name: str) -> str: ...

    def named(self, name: str) -> ibis.Table: ...

    def splink(self) -> DatabaseAPI[Any]: ...

    def close(self) -> None: ...


@contextmanager
def _room() -> Iterator[None]:
    """A full disk, a file that cannot be reached or too little memory, in a sentence."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as problem:
        raise Failed(
            "the engine could not go on: it has no room, or a file is out of its reach",
            given=str(problem).splitlines()[0],
            next_step=(
                "free some space, or give it more memory ([engine] memory in headwater.toml), then type the same"
                " command again"
            ),
        ) from problem


class DuckDB:
    """DuckDB in this process, spilling beside the store; no extension is fetched, no internet is needed."""

    name = "duckdb"

    def __init__(self, spill: Path, settings: EngineSettings) -> None:
        spill.mkdir(parents=True, exist_ok=True)
        limits: dict[str, str | int] = {"temp_directory": str(spill)}
        if settings.threads:
            limits["threads"] = settings.threads
        if settings.memory:
            limits["memory_limit"] = settings.memory
        self.backend = ibis.duckdb.connect(":memory:", **limits)
        for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
            self.backend.raw_sql(f"SET {setting} = false").fetchall()
        # In a notebook without ipywidgets DuckDB can draw no bar, and refuses even to be told not to.
        with suppress(duckdb.InvalidInputException):
            self.backend.raw_sql("SET enable_progress_bar = false").fetchall()

    def read(self, files: Sequence[Path]) -> ibis.Table:
        return self.backend.read_parquet([str(name) for file in files for name in leaves(file)])

    def rows_of(self, table: pa.Table) -> ibis.Table:
        return ibis.memtable(table)

    def write(self, rows: ibis.Table, file: Path) -> None:
        # Row groups of 122,880 rows are DuckDB's own size; zstd halves snappy's bytes at the same speed to read. Ibis'
        # own way out spells the path as Python does, which is another file where a folder's name holds a quotation mark
        # or a line break.
        self.backend._run_pre_execute_hooks(rows)
        where = str(file).replace("'", "''")
        with _room():
            self.backend.con.execute(
                f"COPY ({self.backend.compile(rows)}) TO '{where}' (FORMAT parquet, COMPRESSION zstd)"
            )

    def arrow(self, rows: ibis.Table) -> pa.Table:
        with _room():
            return self.backend.to_pyarrow(rows)

    def batches(self, rows: ibis.Table, size: int) -> Iterator[pa.RecordBatch]:
        # Ibis 12 asks the connection for `fetch_record_batch`, which DuckDB 2 no longer has.
        self.backend._run_pre_execute_hooks(rows)
        reader = self.backend.con.sql(self.backend.compile(rows)).to_arrow_reader(size)
        schema = rows.schema().to_pyarrow()
        for batch in reader:
            yield from pa.Table.from_batches([batch]).cast(schema).to_batches()

    def sql(self, rows: ibis.Table) -> str:
        return str(ibis.to_sql(rows, dialect="duckdb"))

    def lend(self, rows: ibis.Table, name: str) -> str:
        self.backend.create_view(name, rows, overwrite=True)
        return name

    def named(self, name: str) -> ibis.Table:
        return self.backend.table(name)

    def splink(self) -> DatabaseAPI[Any]:
        from splink.backends.duckdb import DuckDBAPI  # half a second that only linkage needs

        return DuckDBAPI(connection=self.backend.con)

    def close(self) -> None:
        self.backend.disconnect()


def open_engine(settings: EngineSettings, spill: Path) -> Engine:
    """The engine that headwater.toml names; Spark is only imported when it is asked for."""
    may_run(settings)
    if settings.name == "duckdb":
        return DuckDB(spill, settings)
    if settings.name == "spark":
        return _spark(settings, spill)
    raise one_of("no such engine", settings.name, ("duckdb", "spark"), 'write engine = "duckdb" in headwater.toml')


def _spark(settings: EngineSettings, spill: Path) -> Engine:
    # Rows cross as Arrow and never as pandas, so it does not matter which pandas Spark knows.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    try:
        spark = import_module("headwater.store.spark")
    except ImportError as problem:
        raise Failed(
            "the Spark engine is not installed",
            given='engine = "spark" in headwater.toml',
            allowed="duckdb, or spark with pyspark beside it",
            next_step="pip install 'headwater[spark]' (and Java 17), or write engine = \"duckdb\"",
        ) from problem
    engine: Engine = spark.Spark(spill, settings)
    return engine
