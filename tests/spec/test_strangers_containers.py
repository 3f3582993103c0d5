"""What holds a stranger's rows: lines above them, answers of services, archives, notes beside them, files without a
row."""

from __future__ import annotations

import bz2
import csv
import io
import json
import lzma
import tarfile
import zipfile
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from headwater.app import reading
from headwater.app.place import Place
from headwater.cli.main import main
from headwater.domain.errors import DataProblem

if TYPE_CHECKING:
    from pathlib import Path

HEADING = ("Visit", "Client", "Came")
DAYS = [datetime(2031, 3, 2, 9, 30) + timedelta(days=at) for at in range(14)]
ROWS = [(f"V{at}", f"C{at % 4}", f"{day:%Y-%m-%d %H:%M}") for at, day in enumerate(DAYS)]
THINGS = [dict(zip(HEADING, row, strict=True)) for row in ROWS]
SETTINGS = """place = "Sample"
[[source]]
table = "contact"
files = "data"
agency = "clinic"
[source.columns]
contact = "Visit"
record = "Client"
start = "Came"
[source.constants]
service = "clinic/x"
kind = "visit"
"""


def lines(mark: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\n").writerows([HEADING, *ROWS])
    return out.getvalue()


def place(root: Path, **files: bytes | str) -> Place:
    """A workspace whose contacts are these files, names with __ for the point."""
    (root / "data").mkdir(parents=True)
    (root / "headwater.toml").write_text(SETTINGS)
    for name, content in files.items():
        file = root / "data" / name.replace("__", ".")
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return Place(root)


def came(here: Place) -> list[datetime]:
    reading.load(here)
    with here.store() as store:
        return sorted(row["start"] for row in store.arrow(store.table("contact")).to_pylist())


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", ["sep={}\n", '"sep={}"\n', "SEP={}\r\n"])
def test_the_line_that_tells_excel_the_delimiter_is_no_heading(tmp_path: Path, mark: str, first: str) -> None:
    assert came(place(tmp_path, visits__csv=first.format(mark) + lines(mark))) == DAYS


POINT = {"type": "Point", "coordinates": [-1.5, 52.4]}
ANSWERS: dict[str, Any] = {
    "a list": THINGS,
    "CKAN": {"success": True, "help": "x", "result": {"records": THINGS, "fields": [{"id": name} for name in HEADING]}},
    "OData": {"@odata.context": "x", "value": THINGS},
    "GeoJSON": {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": POINT, "properties": one} for one in THINGS],
    },
    "ArcGIS": {"fields": [], "features": [{"attributes": one, "geometry": {"x": -1.5, "y": 52.4}} for one in THINGS]},
    "rows by name": {"columns": list(HEADING), "index": list(range(14)), "data": [list(row) for row in ROWS]},
    "columns of rows": {name: {str(at): row[k] for at, row in enumerate(ROWS)} for k, name in enumerate(HEADING)},
    "columns of lists": {name: [row[k] for row in ROWS] for k, name in enumerate(HEADING)},
    "data within a response": {"response": {"count": 14, "data": THINGS}},
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", ["visits__json", "visits__geojson", "visits__txt"])
def test_answers_of_services_are_the_table_within_them(
    tmp_path: Path, answer: str, indent: int | None, name: str
) -> None:
    """Whatever the file is called, on one line or on many."""
    assert came(place(tmp_path, **{name: json.dumps(ANSWERS[answer], indent=indent)})) == DAYS


@pytest.mark.parametrize("answer", ["GeoJSON", "ArcGIS"])
def test_a_feature_stands_where_its_point_is(tmp_path: Path, answer: str) -> None:
    here = place(tmp_path, visits__json=json.dumps(ANSWERS[answer]))
    text = (tmp_path / "headwater.toml").read_text()
    at = '[source.at]\nlatitude = "latitude"\nlongitude = "longitude"\ncell = 500\n'
    (tmp_path / "headwater.toml").write_text(text + at)
    reading.load(here)
    with here.store() as store:
        assert {row["place"] for row in store.arrow(store.table("contact")).to_pylist()} != {None}


def packed(kind: str, content: bytes) -> bytes:
    if kind == "tar":
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            member = tarfile.TarInfo("visits.csv")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        return out.getvalue()
    return {
        "bzip2": bz2.compress,
        "xz": lzma.compress,
        "7z": lambda c: b"7z\xbc\xaf\x27\x1c" + c,
        "rar": lambda c: b"Rar!\x1a\x07" + c,
    }[kind](content)


@pytest.mark.parametrize("kind", ["tar", "bzip2", "xz", "7z", "rar"])
def test_an_archive_that_nothing_unpacks_is_named_and_its_bytes_are_not_told(tmp_path: Path, kind: str) -> None:
    here = place(tmp_path, visits__csv=packed(kind, lines().encode()))
    with pytest.raises(DataProblem, match=f"visits.csv is a {kind} archive") as problem:
        reading.load(here)
    assert str(problem.value).isprintable() or "\n" in str(problem.value)
    assert "unpack" in problem.value.next_step


def test_a_note_beside_the_tables_of_a_zip_is_left_out_by_a_line_that_is_told(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("q1/visits.csv", lines())
        archive.writestr("q1/readme.txt", "hello")
    here = place(tmp_path, all__zip=out.getvalue())
    with pytest.raises(DataProblem, match="is no table") as problem:
        reading.load(here)
    line = 'ignore = ["readme.txt"]'
    assert line in problem.value.next_step
    text = (tmp_path / "headwater.toml").read_text()
    (tmp_path / "headwater.toml").write_text(text.replace('agency = "clinic"', f'agency = "clinic"\n{line}'))
    assert came(Place(tmp_path)) == DAYS


def test_a_table_of_something_else_is_told_how_to_leave_it_out(tmp_path: Path) -> None:
    here = place(tmp_path, visits__csv=lines(), costs__csv="Item,Pounds\nPens,3\nPaper,4\n")
    with pytest.raises(DataProblem, match="has no column") as problem:
        reading.load(here)
    assert 'ignore = ["costs.csv"]' in problem.value.next_step


@pytest.mark.parametrize("rows", ["Visit,Client,Came\n", "Visit,Client,Came", "Visit,Client,Came\n\n\n"])
def test_a_heading_without_a_row_is_no_month_without_contacts(
    tmp_path: Path, rows: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Looked at or loaded, it ends alike; and what JSON says is one object."""
    place(tmp_path, jan__csv=lines(), feb__csv=rows)
    for verb in ("check", "load"):
        assert main(["--json", "-w", str(tmp_path), verb]) == 3
        told = json.loads(capsys.readouterr().out)
        assert told["error"]["exit_code"] == 3
        assert "feb.csv" in told["error"]["given"]


def test_what_is_lost_and_the_refusal_are_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place(tmp_path, visits__csv=lines() + "Total,,\n")
    assert main(["--json", "-w", str(tmp_path), "load"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["files"][0]["kept"] == 14
    assert told["error"]["what"].startswith("more rows")
