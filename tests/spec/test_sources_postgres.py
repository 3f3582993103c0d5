"""A PostgreSQL database as a source, against a real server; what goes wrong is said clearly and nothing is
half-loaded."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from headwater.domain.errors import DataProblem, Failed, Usage
from headwater.sources import check, load
from headwater.sources.databases import DIALECTS, SQLServer, opened
from headwater.sources.files import LONGEST
from postgres import PASSWORD, Server, missing, server
from sources_world import CONTACTS, HEAD, KEY, ROW, contacts, place, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.domain.workspace import SourceSettings
    from headwater.store import Store

pytest.importorskip("adbc_driver_postgresql", reason="the postgres extra is not installed")
if missing():
    pytest.skip(missing(), allow_module_level=True)

TABLE = """
DROP TABLE IF EXISTS attendance;
CREATE TABLE attendance (id text, patient text, arrived timestamp, "left" timestamptz, service text, quantity numeric,
                         note text, seen boolean);
INSERT INTO attendance SELECT 'A' || n, 'P' || n % 50, timestamp '2023-01-01' + n * interval '7 minutes',
    timestamptz '2023-01-01 04:00+00' + n * interval '7 minutes', 'emergency', 1, repeat('x', 200), true
FROM generate_series(1, {rows}) n;
"""


@pytest.fixture(scope="module")
def pg() -> Iterator[Server]:
    with server() as one:
        yield one


def source(pg: Server, query: str = "attendance", **changes: object) -> SourceSettings:
    return contacts(**{"files": pg.address(), "query": query, **changes})


def kept_rows(store: Store, *sources: SourceSettings, root: Path) -> list[dict[str, object]]:
    load(store, *place(root, *sources), KEY)
    return store.arrow(store.table("contact").order_by("contact")).to_pylist()


def test_a_database_and_a_csv_of_it_are_read_alike(pg: Server, store: Store, tmp_path: Path) -> None:
    """Also across a change of the clocks: a time kept with a zone becomes this country's wall clock."""
    pg.sql(TABLE.format(rows=0))
    pg.sql(
        "INSERT INTO attendance VALUES ('A1', 'P1', '2023-07-05 10:20', '2023-07-05 13:00+00', 'emergency', 1, '',"
        " true)"
    )
    found = kept_rows(store, source(pg), root=tmp_path)
    write(tmp_path, "data/contacts.csv", HEAD + "A1,P1,2023-07-05 10:20,2023-07-05 14:00,emergency,1\n")
    assert found == kept_rows(store, CONTACTS, root=tmp_path)
    assert len(found) == 1


def test_only_mapped_columns_are_asked_for_and_the_server_filters(pg: Server, store: Store, tmp_path: Path) -> None:
    pg.sql(TABLE.format(rows=500))
    asked = source(pg, "SELECT * FROM attendance WHERE arrived < '2023-01-02' ORDER BY id")
    with opened(asked) as reading:
        (batch,) = reading.batches()
    assert set(batch.columns) == {"id", "patient", "arrived", "left", "service", "quantity"}
    assert len(batch.rows) == 205  # 24 × 60 / 7, the first at 00:07
    (told,) = load(store, *place(tmp_path, asked), KEY)
    assert (told.rows_in, told.kept, told.quarantined) == (205, 205, 0)


def test_an_unchanged_database_is_not_read_again_and_a_changed_one_is(pg: Server, store: Store, tmp_path: Path) -> None:
    pg.sql(TABLE.format(rows=20))
    where = place(tmp_path, source(pg))
    load(store, *where, KEY)
    first = store.key("contact")
    load(store, *where, KEY)
    assert store.key("contact") == first
    pg.sql("DELETE FROM attendance WHERE id = 'A1'")
    (told,) = load(store, *where, KEY)
    assert told.kept == 19 and store.key("contact") != first


def test_nothing_can_be_written_through_a_query(pg: Server, tmp_path: Path, store: Store) -> None:
    pg.sql(TABLE.format(rows=3))
    pg.sql("GRANT ALL ON attendance TO reader")
    asked = source(pg, "SELECT * FROM (SELECT * FROM attendance) a; DELETE FROM attendance")
    with pytest.raises((DataProblem, Failed)):
        load(store, *place(tmp_path, asked), KEY)
    (told,) = load(store, *place(tmp_path, source(pg)), KEY)
    assert told.kept == 3


def test_memory_is_a_batch_and_not_the_table(pg: Server, store: Store, tmp_path: Path) -> None:
    """The notes alone are 60 MB; Arrow never holds a third of the rows at once."""
    pg.sql(TABLE.format(rows=300_000))
    with opened(
        source(
            pg,
            "SELECT id, patient, arrived, service, note AS outcome FROM attendance",
            columns={"contact": "id", "record": "patient", "start": "arrived"},
        )
    ) as reading:
        before, largest, rows = pa.total_allocated_bytes(), 0, 0
        for batch in reading.batches():
            largest, rows = max(largest, len(batch.rows)), rows + len(batch.rows)
        assert rows == 300_000 and largest < 100_000
        assert pa.total_allocated_bytes() - before < 30_000_000


@pytest.mark.parametrize("password", ["wrong-horse", "p%40ss"])
def test_a_wrong_password_is_told_and_never_printed(pg: Server, store: Store, tmp_path: Path, password: str) -> None:
    with pytest.raises(Failed) as told:
        load(store, *place(tmp_path, source(pg, files=pg.address(password))), KEY)
    everything = str(told.value) + repr(told.value.__cause__) + repr(told.getrepr(style="short"))
    assert "lets nobody in" in str(told.value) and told.value.exit_code == 1
    assert password not in everything and told.value.__suppress_context__


def test_a_dropped_column_is_told_by_name_and_the_tables_stay(pg: Server, store: Store, tmp_path: Path) -> None:
    pg.sql(TABLE.format(rows=10))
    load(store, *place(tmp_path, source(pg)), KEY)
    pg.sql("ALTER TABLE attendance RENAME COLUMN arrived TO arrival")
    for query in ("attendance", "SELECT id, patient, arrived FROM attendance"):
        with pytest.raises(DataProblem, match="arrived") as told:
            load(store, *place(tmp_path, source(pg, query)), KEY)
        assert told.value.exit_code == 3 and PASSWORD not in str(told.value)
    assert store.rows("contact") == 10


def test_a_missing_table_and_a_missing_query_are_told(pg: Server, store: Store, tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="nowhere"):
        load(store, *place(tmp_path, source(pg, "nowhere")), KEY)
    with pytest.raises(Usage, match="by a query"):
        load(store, *place(tmp_path, source(pg, "")), KEY)


def test_huge_text_is_cut_on_the_server_and_its_row_refused(pg: Server, store: Store, tmp_path: Path) -> None:
    """50 MB in one value: less than a megabyte of it crosses."""
    pg.sql(TABLE.format(rows=2))
    pg.sql("UPDATE attendance SET note = repeat('long ', 10000000) WHERE id = 'A2'")
    asked = source(pg, columns={**CONTACTS.columns, "outcome": "note"})
    with opened(asked) as reading:
        assert (
            max(len(text) for batch in reading.batches() for text in batch.columns["note"].to_pylist()) == LONGEST + 1
        )
    tracemalloc.start()
    (told,) = load(store, *place(tmp_path, asked), KEY)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert (told.kept, told.reasons) == (1, {"outcome: longer than 100,000 letters": 1})


def test_check_suggests_headings_from_a_database(pg: Server, tmp_path: Path) -> None:
    pg.sql(TABLE.format(rows=5))
    (found,) = check(*place(tmp_path, source(pg, columns={"contact": "id", "start": "arrived"})))
    assert found.suggestions.get("patient") == "record" or "patient" in found.unused
    assert PASSWORD not in str(found)


def test_a_server_killed_in_mid_read_leaves_nothing_half_loaded(store: Store, tmp_path: Path) -> None:
    """The file before it is kept for the next try, the tables are as they were, and the next try finishes."""
    with server() as one:
        one.sql(TABLE.format(rows=400_000))
        write(tmp_path, "data/contacts.csv", HEAD + ROW)
        load(store, *place(tmp_path), KEY)
        before = store.key("contact")

        def killing(step: str, done: float, of: float) -> None:
            if "postgres" in step and one.process.poll() is None:
                one.kill()

        # Rows wide enough that what sockets and the driver's first batch hold is far from the whole.
        wide = source(one, columns={**CONTACTS.columns, "outcome": "note"}, agency="clinic")
        both = (CONTACTS, wide)
        with pytest.raises(Failed, match="went away") as told:
            load(store, *place(tmp_path, *both), KEY, killing)
        assert told.value.exit_code == 1 and PASSWORD not in str(told.value)
        assert store.key("contact") == before and store.rows("contact") == 1
        assert not list(store.folder.glob("parts/*/.*writing*"))
        (one.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        one.start()
        told = load(store, *place(tmp_path, *both), KEY)
        assert [line.kept for line in told] == [1, 400_000]


def test_no_server_at_all_is_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="cannot be reached"):
        load(store, *place(tmp_path, contacts(files="postgresql://reader:secret@127.0.0.1:9/x", query="t")), KEY)


def test_every_dialect_quotes_names_and_cuts_texts() -> None:
    """SQL Server's words are compiled here and were never run: no server could be had."""
    assert [one.quoted('a"]b') for one in DIALECTS] == ['"a""]b"', '[a"]]b]']
    zoned = pa.timestamp("us", "UTC")
    assert SQLServer().text("given.[x]", pa.string(), 9) == "LEFT(CONVERT(nvarchar(max), given.[x], 120), 9)"
    assert "GMT Standard Time" in SQLServer().text("given.[x]", zoned, 9)
