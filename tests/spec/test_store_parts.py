"""The store: parts that exist whole or not at all, tables swapped at one moment, and stages that run only when they
must."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from headwater.domain.errors import DataProblem, Failed, Usage
from headwater.domain.tables import TABLES
from headwater.domain.workspace import EngineSettings
from headwater.store import arrow_schema, key_of, open_store
from headwater.store.expr import _, literal
from headwater.store.stages import Stage, plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.store import Store
    from headwater.store.expr import Table

PLACES = pa.table({"place": ["a", "b"], "population": [10.0, 20.0]})


def declared(rows: pa.Table, name: str = "place") -> pa.Table:
    schema = arrow_schema(TABLES[name])
    return pa.table(
        [rows[f.name] if f.name in rows.column_names else pa.nulls(len(rows), f.type) for f in schema], schema=schema
    )


def test_a_part_belongs_to_no_table_until_it_is_committed(store: Store) -> None:
    part = store.write("place", "k1", declared(PLACES))
    assert part.rows == 2
    assert not store.has("place")
    store.commit({"place": [part]})
    assert (store.has("place"), store.rows("place"), store.names()) == (True, 2, ("place",))


def test_a_part_that_exists_is_not_made_again(store: Store) -> None:
    def never() -> Iterator[pa.RecordBatch]:
        raise AssertionError("the stream was read")
        yield

    store.write("place", "k1", declared(PLACES))
    assert store.write("place", "k1", never()).rows == 2


def test_a_stream_that_breaks_leaves_nothing_behind(store: Store) -> None:
    def breaking() -> Iterator[pa.RecordBatch]:
        yield from declared(PLACES).to_batches()
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="went away"):
        store.write("place", "k1", breaking())
    assert store.part("place", "k1") is None
    assert not list((store.folder / "parts" / "place").iterdir())


def test_a_declared_table_that_nothing_filled_is_empty_with_its_columns(store: Store) -> None:
    rows = store.arrow(store.table("contact"))
    assert (rows.num_rows, tuple(rows.column_names)) == (0, TABLES["contact"].names)


def test_a_column_that_an_earlier_version_did_not_write_is_empty(store: Store) -> None:
    before = declared(PLACES).drop(["deprivation"])
    store.commit({"place": [store.write("place", "k1", before.to_batches(), before.schema)]})
    rows = store.arrow(store.table("place"))
    assert rows.schema.names == list(TABLES["place"].names)
    assert (rows["population"].to_pylist(), rows["deprivation"].to_pylist()) == ([10.0, 20.0], [None, None])


def test_what_is_not_there_is_said_in_words(store: Store) -> None:
    with pytest.raises(DataProblem, match="no table 'nonsense'"):
        store.table("nonsense")
    with pytest.raises(DataProblem) as problem:
        store.need("contact")
    assert problem.value.next_step == "headwater load"


def test_a_lost_part_and_a_damaged_manifest_are_said_in_words(store: Store) -> None:
    store.put("place", "k1", declared(PLACES))
    next((store.folder / "parts" / "place").iterdir()).unlink()
    with pytest.raises(Failed, match="lost a piece"):
        store.table("place")
    (store.folder / "manifest.json").write_text("{")
    with pytest.raises(Failed, match="manifest"):
        store.names()


def test_commit_leaves_other_tables_as_they_were_and_sweep_takes_the_strays(store: Store) -> None:
    store.put("place", "k1", declared(PLACES))
    store.put("other", "o1", PLACES)
    store.put("place", "k2", declared(PLACES.slice(0, 1)))
    assert (store.rows("place"), store.rows("other")) == (1, 2)
    assert store.sweep() == 1
    assert (store.rows("place"), store.part("place", "k1")) == (1, None)


def test_keys_depend_on_every_piece_and_their_borders() -> None:
    assert key_of("a", "bc") != key_of("ab", "c") != key_of("abc")
    assert key_of("a", 1) == key_of("a", "1")


def crowded(tables: dict[str, Table], settings: dict[str, object]) -> Table:
    return tables["place"].filter(_["population"] >= settings["least"]).select("place", kept=literal(1))


STAGES = (Stage("crowded", ("place",), crowded, "places with enough people", order=("place",)),)


def test_a_stage_runs_when_its_input_or_settings_change_and_else_not(store: Store) -> None:
    store.put("place", "k1", declared(PLACES))
    store.run(STAGES, {"least": 15})
    first = store.key("crowded")
    assert store.arrow(store.table("crowded"))["place"].to_pylist() == ["b"]
    written = next((store.folder / "parts" / "crowded").iterdir()).stat().st_mtime_ns
    store.run(STAGES, {"least": 15})
    assert store.key("crowded") == first
    assert next((store.folder / "parts" / "crowded").iterdir()).stat().st_mtime_ns == written
    store.run(STAGES, {"least": 5})
    assert store.arrow(store.table("crowded"))["place"].to_pylist() == ["a", "b"]
    store.put("place", "k2", declared(PLACES.slice(0, 1)))
    store.run(STAGES, {"least": 5})
    assert store.arrow(store.table("crowded"))["place"].to_pylist() == ["a"]


def test_a_plan_prints_a_line_a_stage() -> None:
    assert plan(STAGES) == " 1  crowded  from place: places with enough people"


def test_the_same_rows_give_the_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    many = pa.table(
        {"place": [f"p{n:06}" for n in range(300_000)], "population": [float(n % 977) for n in range(300_000)]}
    )
    content = []
    for threads in (1, 2, 4):
        with open_store(tmp_path / str(threads), EngineSettings(threads=threads)) as store:
            store.put("place", "k1", declared(many))
            store.run(STAGES, {"least": 400})
            content.append(next((store.folder / "parts" / "crowded").iterdir()).read_bytes())
    assert content[0] == content[1] == content[2]


def test_an_unknown_engine_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="no such engine"), open_store(tmp_path, EngineSettings(name="duck")):
        pass


def test_the_manifest_is_a_page_that_a_person_can_read(store: Store) -> None:
    store.put("place", "k1", declared(PLACES))
    (file,) = (store.folder / "parts" / "place").iterdir()
    (line,) = json.loads((store.folder / "manifest.json").read_text())["place"]
    assert line == {"key": "k1", "rows": 2, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such folder names")
@pytest.mark.parametrize("folder", ["O'Neill", 'a "plan"', "copy [1] *?", "two\nlines", "é; $(x) #", "back\\slash"])
def test_a_folder_of_any_name_holds_a_store(tmp_path: Path, folder: str) -> None:
    with open_store(tmp_path / folder / "store") as store:
        store.commit({"place": [store.write("place", "k1", store.engine.rows_of(declared(PLACES)))]})
        assert sorted(store.arrow(store.table("place"))["place"].to_pylist()) == ["a", "b"]
