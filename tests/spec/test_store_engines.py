"""The hole to an engine: streams in order, names lent to Splink, and how Spark's settings are made. Nothing here starts Java."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from headwater.domain.errors import Usage
from headwater.domain.workspace import EngineSettings
from headwater.store.engine import open_engine

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store


def test_batches_hold_all_rows_in_order_and_none_is_larger_than_asked(store: Store) -> None:
    rows = pa.table({"n": range(10_000), "text": [f"t{n}" for n in range(10_000)]})
    batches = list(store.batches(store.engine.rows_of(rows).order_by("n"), 3000))
    assert pa.Table.from_batches(batches).equals(rows)
    assert max(map(len, batches)) <= 3000


def test_splink_reads_what_is_lent_and_its_table_comes_back_as_an_expression(store: Store) -> None:
    rows = store.engine.rows_of(pa.table({"unique_id": [1, 2, 3], "name": ["a", "b", "b"]}))
    api = store.splink()
    lent = api.register(store.lend(rows, "people"))
    made = api.query_sql(f"SELECT name, count(*) AS n FROM {lent.physical_name} GROUP BY name")
    found = store.arrow(store.named(made.physical_name).order_by("name")).to_pylist()
    assert found == [{"name": "a", "n": 1}, {"name": "b", "n": 2}]


def test_an_unknown_engine_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="spark"):
        open_engine(EngineSettings("sparc"), tmp_path)


def test_sparks_settings_are_ours_then_the_sizes_then_the_users_own(tmp_path: Path) -> None:
    spark = pytest.importorskip("headwater.store.spark", reason="pyspark is not installed (the spark extra)")
    local = spark.options_of(tmp_path, EngineSettings("spark", threads=3, memory="4 GB"))
    assert (local["spark.master"], local["spark.driver.memory"]) == ("local[3]", "4g")
    assert local["spark.driver.bindAddress"] == "127.0.0.1"
    options = {"spark.master": "spark://head:7077", "spark.sql.shuffle.partitions": "2000"}
    cluster = spark.options_of(tmp_path, EngineSettings("spark", options=options))
    assert cluster["spark.sql.shuffle.partitions"] == "2000"
    assert "spark.driver.bindAddress" not in cluster and "spark.local.dir" not in cluster
    assert cluster["spark.sql.session.timeZone"] == local["spark.sql.session.timeZone"] == "UTC"
