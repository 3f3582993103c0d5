"""The hole to an engine: streams in order, names lent to Splink, and how Spark's settings are made. Nothing here starts
Java."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from headwater.domain.errors import Failed, Usage
from headwater.domain.workspace import EngineSettings
from headwater.sources import diagnose
from headwater.sources.start import new_workspace
from headwater.store.engine import open_engine
from headwater.store.java import java_problem

if TYPE_CHECKING:
    from pathlib import Path

    from pytest import MonkeyPatch

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


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        ('openjdk version "17.0.15" 2025-04-15', ""),
        ('openjdk version "21" 2023-09-19', ""),
        ('java version "1.8.0_402"', "Java 8"),
        ('openjdk version "11.0.1"', "Java 11"),
        ("no release file", "does not say its version"),
    ],
)
def test_a_java_too_old_is_named_with_its_place(
    tmp_path: Path, monkeypatch: MonkeyPatch, says: str, problem: str
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    found = java_problem()
    assert (problem in found and str(java) in found) if problem else found == ""


def test_without_java_the_answer_says_where_it_was_looked_for(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java_problem() == f"JAVA_HOME is {tmp_path}, and there is no bin/java in it"
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert java_problem() == "JAVA_HOME is not set, and no java is on the path"
    new_workspace(tmp_path / "place")
    settings = tmp_path / "place" / "headwater.toml"
    settings.write_text(settings.read_text().replace('name = "duckdb"', 'name = "spark"'))
    told = [(one.what, one.next) for one in diagnose(tmp_path / "place") if "Spark" in one.what]
    if find_spec("pyspark") is None:
        assert told == [("the Spark engine is not installed", "pip install 'headwater[spark]', or engine = \"duckdb\"")]
    else:
        assert told == [
            (f"Spark needs Java 17: {java_problem()}", 'install Java 17 or set JAVA_HOME, or engine = "duckdb"')
        ]


def test_without_pyspark_the_answer_says_what_to_type(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "headwater.store.spark", None)
    with pytest.raises(Failed, match="not installed") as told:
        open_engine(EngineSettings("spark"), tmp_path)
    assert told.value.allowed and "pip install 'headwater[spark]'" in told.value.next_step
