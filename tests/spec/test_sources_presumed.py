"""The rows of a large file are made while they are judged: what its first rows prove is what all of them prove, or they
are made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headwater.app import reading
from headwater.app.place import Place
from headwater.domain.errors import DataProblem
from headwater.sources import files, passing

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """
place = "Large"
[[source]]
table = "contact"
files = "data/visits.csv"
agency = "gp"
[source.columns]
contact = "id"
record = "who"
start = "day"
quantity = "hours"
[source.constants]
kind = "visit"
service = "all"
"""
ROWS = 6_000


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 200 kB has several batches and counts as large."""
    monkeypatch.setattr(files, "BLOCK", 1 << 15)
    monkeypatch.setattr(passing, "LARGE", 1 << 14)


def place(root: Path, days: list[str], hours: list[str], name: str = "day") -> Place:
    (root / "data").mkdir()
    (root / "headwater.toml").write_text(SETTINGS)
    lines = [f"V{at},C{at % 40},{day},{hour}" for at, (day, hour) in enumerate(zip(days, hours, strict=True))]
    (root / "data" / "visits.csv").write_text("\n".join([f"id;who;{name};hours".replace(";", ","), *lines]) + "\n")
    return Place(root)


def loaded(here: Place) -> list[dict[str, object]]:
    reading.load(here)
    with here.store() as store:
        return store.arrow(store.table("contact").order_by("start", "quantity")).to_pylist()


def day(at: int) -> str:
    return f"2024-{at % 12 + 1:02d}-{at % 28 + 1:02d}"


def test_rows_keep_their_order_and_number_however_many_are_made_at_once(tmp_path: Path) -> None:
    days = [day(at) for at in range(ROWS)]
    days[5_000] = "2024-02-31"
    here = place(tmp_path, days, [str(at) for at in range(ROWS)])
    rows = loaded(here)
    assert sorted(row["quantity"] for row in rows) == [float(at) for at in range(ROWS) if at != 5_000]
    with here.store() as store:
        (refused,) = store.arrow(store.table("quarantine")).to_pylist()
    assert (refused["row"], refused["columns"]) == (5_001, "start")


def test_later_rows_that_prove_another_reading_have_all_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For 5,000 rows 1.234 could not be told from a thousand; then a comma stands before two figures."""
    hours = ["12"] * 5_000 + ['"1,25"'] * 500 + ["1.234"] * 500
    again: list[passing.Otherwise] = []
    whole = passing.Otherwise.__init__
    monkeypatch.setattr(
        passing.Otherwise, "__init__", lambda self, readings: (again.append(self), whole(self, readings))[1]
    )
    rows = loaded(place(tmp_path, [day(at) for at in range(ROWS)], hours))
    counted = {value: sum(row["quantity"] == value for row in rows) for value in (12.0, 1.25, 1234.0)}
    assert counted == {12.0: 5_000, 1.25: 500, 1234.0: 500}
    assert len(again) == 1


def test_later_rows_that_leave_a_doubt_refuse_the_file_and_nothing_is_loaded(tmp_path: Path) -> None:
    days = [f"{day(at)} 10:00" for at in range(5_500)] + [f"{day(at)}T10:00:00Z" for at in range(500)]
    here = place(tmp_path, days, ["1"] * ROWS)
    with pytest.raises(DataProblem, match="bear an offset and"):
        reading.load(here)
    with here.store() as store:
        assert not store.names()


def test_a_heading_that_is_absent_is_told_before_any_row_is_made(tmp_path: Path) -> None:
    here = place(tmp_path, [day(at) for at in range(ROWS)], ["1"] * ROWS, name="when")
    with pytest.raises(DataProblem, match="has no column 'day'"):
        reading.load(here)
