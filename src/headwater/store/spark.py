"""Spark as the engine: the same Ibis expressions, read from and written to the same Parquet parts.

One session a process, because Spark allows no second one; every store of the process shares it and it ends with the
process. On a cluster the workspace must lie where every node sees it under the same path.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark.datatypes import PySparkSchema
from pyspark.sql import SparkSession
from pyspark.sql.types import StructField, StructType, TimestampNTZType, TimestampType
from splink.backends.spark import SparkAPI, similarity_jar_location

from headwater.domain.errors import Failed
from headwater.store import likeness
from headwater.store.java import OLDEST, java_problem
from headwater.store.leaves import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import DataFrame

    from headwater.domain.workspace import EngineSettings

DEFAULTS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # Contacts state local clock times without a zone; a zone anywhere would move some of them by an hour.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    # The arrays that cross for an estimate may be larger than Spark's 1 GB; the driver's memory is the limit.
    "spark.driver.maxResultSize": "0",
    "spark.sql.parquet.compression.codec": "zstd",
}
LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.pyspark.python": sys.executable,
}
"""On one machine nothing listens to the network, and a machine whose name cannot be looked up works too."""
QUIET = Path(__file__).with_name("log4j2.properties")


class Spark:
    """Spark through Ibis; `options` of headwater.toml are Spark's own, `spark.master` among them."""

    name = "spark"

    def __init__(self, spill: Path, settings: EngineSettings) -> None:
        spill.mkdir(parents=True, exist_ok=True)
        self.spill = spill
        self.session = session_of(spill, settings)
        self.session.sparkContext.setCheckpointDir(str(spill / "checkpoint"))
        self.backend = ibis.pyspark.connect(self.session)

    def read(self, files: Sequence[Path]) -> ibis.Table:
        every = [leaf for file in files for leaf in leaves(file)]
        return self._view(every, pq.read_schema(every[0]))

    def rows_of(self, table: pa.Table) -> ibis.Table:
        """Through a file, so that no type is guessed by way of pandas, and an executor finds it too."""
        handle, file = tempfile.mkstemp(dir=self.spill, suffix=".parquet")
        os.close(handle)
        pq.write_table(table, file)
        return self._view([Path(file)], table.schema)

    def write(self, rows: ibis.Table, file: Path) -> None:
        self._frame(rows).write.parquet(str(file))

    def arrow(self, rows: ibis.Table) -> pa.Table:
        return self._frame(rows).toArrow().cast(rows.schema().to_pyarrow())

    def batches(self, rows: ibis.Table, size: int) -> Iterator[pa.RecordBatch]:
        """By way of files in the spill folder: the driver holds a batch at a time, and the order is kept."""
        folder = Path(tempfile.mkdtemp(dir=self.spill))
        schema = rows.schema().to_pyarrow()
        try:
            self.write(rows, folder / "rows")
            for leaf in leaves(folder / "rows"):
                for batch in pq.ParquetFile(leaf).iter_batches(size):
                    yield from pa.Table.from_batches([batch]).cast(schema).to_batches()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sql(self, rows: ibis.Table) -> str:
        return str(ibis.to_sql(rows, dialect="pyspark"))

    def lend(self, rows: ibis.Table, name: str) -> str:
        self._frame(rows).createOrReplaceTempView(name)
        return name

    def named(self, name: str) -> ibis.Table:
        return self.backend.table(name)

    def splink(self) -> SparkAPI:
        api = SparkAPI(spark_session=self.session, break_lineage_method="parquet")  # type: ignore[no-untyped-call]
        likeness.register(self.session)
        return api

    def close(self) -> None:
        shutil.rmtree(self.spill / "checkpoint", ignore_errors=True)
        for file in self.spill.glob("*.parquet"):
            file.unlink(missing_ok=True)

    def _view(self, files: Sequence[Path], schema: pa.Schema) -> ibis.Table:
        """Named by its files, so that the same part is one view however often it is read; the schema spares a job."""
        name = "v" + hashlib.sha256("\x1f".join(map(str, files)).encode()).hexdigest()[:24]
        known = _types(ibis.Schema.from_pyarrow(schema))
        self.session.read.schema(known).parquet(*map(str, files)).createOrReplaceTempView(name)
        return self.backend.table(name)

    def _frame(self, rows: ibis.Table) -> DataFrame:
        """Under the types that Ibis promises: Spark's row numbers have 32 bits, and would overflow later."""
        self.backend._run_pre_execute_hooks(rows)
        frame = self.session.sql(self.backend.compile(_in_floats(rows)))
        promised = {field.name: field.dataType for field in _types(rows.schema()).fields}
        wrong = [field.name for field in frame.schema.fields if field.dataType != promised[field.name]]
        return frame.withColumns({name: frame[name].cast(promised[name]) for name in wrong}) if wrong else frame


def _in_floats(rows: ibis.Table) -> ibis.Table:
    """Numbers written 1.0 as floats: Spark takes them for decimals, whose mean of 1.0, 1.0 and 0.0 is 0.66667."""
    whole = rows.op()
    written = [one for one in whole.find(ops.Literal) if one.dtype.is_floating() and one.value is not None]
    exact = {one: ops.Cast(ops.Literal(repr(float(one.value)), "string"), "float64") for one in written}
    return whole.replace(exact).to_expr() if exact else rows


def _types(schema: ibis.Schema) -> StructType:
    """Ibis calls every time one with a zone; ours have none, and Spark would write others in an old form of 96 bits."""
    given = PySparkSchema.from_ibis(schema).fields
    local = {field.name: TimestampNTZType() for field in given if isinstance(field.dataType, TimestampType)}
    return StructType([StructField(field.name, local.get(field.name, field.dataType)) for field in given])


def session_of(spill: Path, settings: EngineSettings) -> SparkSession:
    """The process's session. Settings that Spark only takes at its start are those of the first store opened."""
    builder = SparkSession.builder.appName("headwater")
    for name, value in (options := options_of(spill, settings)).items():
        builder = builder.config(name, value)
    # Workers that compare names run under this; the option alone is only read by spark-submit.
    os.environ.setdefault("PYSPARK_PYTHON", options.get("spark.pyspark.python", "python3"))
    try:
        return builder.getOrCreate()
    except Exception as problem:
        java = java_problem()
        raise Failed(
            "Spark does not start without its Java" if java else f"Spark does not start: {_first_line(problem)}",
            given=java or 'engine = "spark" in headwater.toml',
            allowed=f"Java {OLDEST} or newer, found by JAVA_HOME or on the path",
            next_step=(
                f"{f'install Java {OLDEST} or set JAVA_HOME' if java else 'mend [engine.options]'}, or write engine ="
                ' "duckdb"'
            ),
        ) from problem


def options_of(spill: Path, settings: EngineSettings) -> dict[str, str]:
    """Ours, then threads and memory as headwater.toml names them, then Spark's own options as the user wrote them."""
    master = settings.options.get("spark.master", f"local[{settings.threads or '*'}]")
    ours = DEFAULTS | {"spark.master": master, "spark.jars": similarity_jar_location()}
    if master.startswith("local"):
        cores = settings.threads or os.cpu_count() or 1
        # Spark's 200 pieces a shuffle are meant for a cluster; two a core keep one machine busy.
        ours |= LOCAL | {"spark.local.dir": str(spill), "spark.sql.shuffle.partitions": str(2 * cores)}
    ours["spark.sql.warehouse.dir"] = str(spill / "warehouse")
    ours["spark.driver.extraJavaOptions"] = f"-Dlog4j2.configurationFile={QUIET.as_uri()}"
    if settings.memory:
        ours["spark.driver.memory"] = _jvm_size(settings.memory)
    return ours | {name: str(value) for name, value in settings.options.items()}


def _jvm_size(memory: str) -> str:
    """4GB, as DuckDB writes it, in the JVM's words: 4g."""
    return memory.strip().lower().replace(" ", "").removesuffix("b").removesuffix("i")


def _first_line(problem: BaseException) -> str:
    return str(problem).strip().splitlines()[0][:200] if str(problem).strip() else type(problem).__name__
