"""Kinds of strangers' files: what each says is read right, or refused with the line to write; nothing is misread in
silence."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from headwater.app import mapping, reading
from headwater.app.place import Place
from headwater.domain.errors import DataProblem

if TYPE_CHECKING:
    from pathlib import Path

HEADING = ("visit_id", "client_no", "arrival", "team")
FIRST = datetime(2031, 3, 2, 9, 30)
"""A day that no order but its own gives: with the 14th of the month twelve rows on, the column proves it."""


def moments(rows: int = 14) -> list[datetime]:
    return [FIRST + timedelta(days=at) for at in range(rows)]


def lines(form: str = "%Y-%m-%d %H:%M", heading: tuple[str, ...] = HEADING, mark: str = ",", end: str = "\n") -> str:
    rows = [(f"V{at}", f"C{at % 4}", f"{moment:{form}}", "north") for at, moment in enumerate(moments())]
    return end.join(mark.join(row) for row in ([heading, *rows] if heading else rows)) + end


def place(root: Path, **files: bytes | str) -> tuple[Place, dict[str, Any]]:
    """A workspace to which these files were added, names with __ for the point."""
    (root / "data").mkdir(parents=True)
    (root / "headwater.toml").write_text('place = "Sample"\n')
    for name, content in files.items():
        file = root / "data" / name.replace("__", ".")
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    told = dict(mapping.add(Place(root), sorted((root / "data").iterdir())).content)
    return Place(root), told


def table(here: Place, name: str) -> list[dict[str, Any]]:
    reading.load(here)
    with here.store() as store:
        return store.arrow(store.table(name)).to_pylist()


def starts(here: Place) -> list[datetime]:
    return sorted(row["start"] for row in table(here, "contact"))


@pytest.mark.parametrize(
    "form",
    ["%d/%m/%Y %H.%M", "%d/%m/%Y %I.%M %p", "%d/%m/%Y %H%M", "%d%b%Y:%H:%M:%S", "%d/%m/%Y %H:%M GMT"],
)
def test_clocks_as_they_are_written(tmp_path: Path, form: str) -> None:
    here, _ = place(tmp_path, visits__csv=lines(form))
    assert starts(here) == moments()


def test_summer_time_told_by_its_name_is_an_hour_from_greenwich(tmp_path: Path) -> None:
    """The 2nd of March is before the clocks go forward: half past nine of summer time was half past eight on the
    wall."""
    here, _ = place(tmp_path, visits__csv=lines("%Y-%m-%d %H:%M BST"))
    assert starts(here) == [moment - timedelta(hours=1) for moment in moments()]


def test_twenty_four_hours_is_the_next_midnight(tmp_path: Path) -> None:
    here, _ = place(tmp_path, visits__csv=lines("%Y-%m-%d 24:00"))
    assert starts(here) == [datetime(2031, 3, 3) + timedelta(days=at) for at in range(14)]


def test_a_clock_in_a_column_of_its_own_is_half_of_a_moment(tmp_path: Path) -> None:
    heading = ("visit_id", "client_no", "arrival_date", "arrival_time", "team")
    text = lines("%d/%m/%Y,%H:%M", heading)
    here, told = place(tmp_path, visits__csv=text)
    assert not told["files"][0]["problems"]
    assert starts(here) == moments()


def test_offsets_in_a_part_of_a_column_are_asked_about(tmp_path: Path) -> None:
    some = lines("%Y-%m-%dT%H:%M:%SZ").splitlines()
    mixed = "\n".join(line.replace("Z", "") if at % 2 else line for at, line in enumerate(some, 1)) + "\n"
    here, told = place(tmp_path, visits__csv=mixed)
    assert "7 times bear an offset and 7 none" in told["files"][0]["problems"][0]
    with pytest.raises(DataProblem, match="bear an offset"):
        reading.load(here)
    settings = here.workspace.settings
    settings.write_text(settings.read_text().replace("[source.columns]", 'date_format = "ymd"\n[source.columns]'))
    assert starts(Place(tmp_path)) == moments()


def test_two_orders_in_one_column_are_told_by_check_too(tmp_path: Path) -> None:
    one = lines("%d/%m/%Y").splitlines()
    other = [line.replace("V", "W") for line in lines("%m/%d/%Y").splitlines()[1:]]
    here, _ = place(tmp_path, visits__csv="\n".join([*one, *other]) + "\n")
    (file,) = reading.check(here).content["files"]
    assert not file["fits"]
    assert any("both 25/01 and 01/25 occur" in problem for problem in file["problems"])


def test_days_counted_since_a_first_day_say_nothing_of_the_order_of_others(tmp_path: Path) -> None:
    rows = lines("%d/%m/%Y").splitlines()
    serials = [f"X{at},C1,{47_000 + at},north" for at in range(40)]
    doubtful = [rows[0], *rows[1:4], *serials]  # 2, 3 and 4 March, or the 3rd of February, March and April
    here, told = place(tmp_path, visits__csv="\n".join(doubtful) + "\n")
    assert 'date_format = "excel-1900"' in told["files"][0]["problems"][0]
    settings = here.workspace.settings
    settings.write_text(
        settings.read_text().replace("[source.columns]", 'date_format = "excel-1900"\n[source.columns]')
    )
    with pytest.raises(DataProblem, match="whether the day or the month stands first"):
        reading.load(Place(tmp_path))


def test_returns_and_feeds_mixed_end_lines_alike(tmp_path: Path) -> None:
    rows = lines().splitlines()
    text = "\ufeff" + "\r\n".join(rows[:5]) + "\r" + "\n".join(rows[5:9]) + "\r\n" + "\r".join(rows[9:])
    here, _ = place(tmp_path, visits__csv=text)
    assert starts(here) == moments()


def test_what_programs_put_to_numbers_makes_no_other_person(tmp_path: Path) -> None:
    """A spreadsheet's mark for text and the point of a column held as a decimal: 417, '417 and 417.0 are one."""
    rows = [("V1", "417"), ("V2", "'417"), ("V3", "417.0"), ("V4", "O'Shea"), ("V5", "")]
    text = ",".join(HEADING) + "\n" + "".join(f"{visit},{who or 417},2031-03-14 10:00,north\n" for visit, who in rows)
    here, _ = place(tmp_path, visits__csv=text)
    assert len({row["record"] for row in table(here, "contact")}) == 2


def test_decimal_numbers_of_people_in_parquet_are_those_of_a_text_file(tmp_path: Path) -> None:
    held = pa.table(
        {"visit_id": ["V1", "V2"], "client_no": [417.0, 418.0], "arrival": moments(2), "team": ["north"] * 2}
    )
    file = io.BytesIO()
    pq.write_table(held, file)
    text = ",".join(HEADING) + "\nV3,417,2031-03-14 10:00,north\nV4,418,2031-03-15 10:00,north\n"
    (tmp_path / "a").mkdir()
    one, _ = place(tmp_path / "a", visits__parquet=file.getvalue())
    settings = one.workspace.settings
    (tmp_path / "a" / "data" / "more.csv").write_text(text)
    block = settings.read_text().split("[[source]]")[1].replace("visits.parquet", "more.csv")
    settings.write_text(settings.read_text() + "[[source]]" + block)
    assert len({row["record"] for row in table(Place(tmp_path / "a"), "contact")}) == 2


def test_what_stands_within_something_in_parquet_has_a_dotted_name(tmp_path: Path) -> None:
    rows = pa.table(
        {
            "visit_id": [f"V{at}" for at in range(14)],
            "client": [{"id": f"C{at % 4}"} for at in range(14)],
            "arrival": moments(),
            "team": ["north"] * 14,
        }
    )
    file = io.BytesIO()
    pq.write_table(rows, file)
    here, _ = place(tmp_path, visits__parquet=file.getvalue())
    assert 'record = "client.id"' in here.workspace.settings.read_text()
    assert starts(here) == moments()


@pytest.mark.parametrize("wrapped", [False, True])
def test_lists_of_things_are_found_in_what_a_service_answers(tmp_path: Path, wrapped: bool) -> None:
    things = [dict(zip(HEADING, line.split(","), strict=True)) for line in lines().splitlines()[1:]]
    here, _ = place(tmp_path, visits__json=json.dumps({"count": 14, "results": things} if wrapped else things))
    assert starts(here) == moments()


def test_one_thing_with_a_list_in_it_is_one_row(tmp_path: Path) -> None:
    thing = dict(zip(HEADING, lines().splitlines()[1].split(","), strict=True))
    here, _ = place(tmp_path, visits__ndjson=json.dumps(thing | {"codes": [{"code": "A"}, {"code": "B"}]}))
    assert starts(here) == moments(1)


def test_a_zip_is_added_by_what_is_in_it(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("march.csv", lines())
        packed.writestr("april.csv", lines().replace("arrival", "arrived_at").replace("V", "W"))
    here, told = place(tmp_path, visits__zip=file.getvalue())
    (problem,) = told["files"][0]["problems"]
    assert "march.csv has no column 'arrived_at'" in problem, "the first member in order is mapped"
    assert "it has visit_id, client_no, arrival, team" in problem
    checked = {one["file"]: one for one in reading.check(here).content["files"]}
    assert sorted(one["fits"] for one in checked.values()) == [False, True]
    with pytest.raises(DataProblem, match="no column"):
        reading.load(here)


@pytest.mark.parametrize("headings", ["|".join(HEADING) + "\n", "\n".join(HEADING) + "\n"])
def test_rows_without_headings_are_added_with_the_file_of_their_headings(tmp_path: Path, headings: str) -> None:
    here, _ = place(tmp_path, visits_headers__txt=headings, visits_data__txt=lines(heading=(), mark="|"))
    assert starts(here) == moments()


def test_rows_without_headings_alone_are_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(DataProblem) as told:
        place(tmp_path, visits__csv=lines(heading=()))
    assert "its first row holds values, not headings" in str(told.value)


def test_a_hidden_sheet_is_never_read_in_passing(tmp_path: Path) -> None:
    book, file = Workbook(), io.BytesIO()
    old = book.create_sheet("last year")
    old.sheet_state = "hidden"
    for line in lines().splitlines():
        book.active.append(line.split(","))
        old.append(line.replace("V", "W").split(","))
    book.save(file)
    here, _ = place(tmp_path, visits__xlsx=file.getvalue())
    with pytest.raises(DataProblem, match="last year"):
        reading.load(here)
    settings = here.workspace.settings
    settings.write_text(settings.read_text().replace("[source.columns]", 'ignore = ["last year"]\n[source.columns]'))
    assert starts(Place(tmp_path)) == moments()


def test_a_page_that_is_named_like_a_workbook_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="a page of the web"):
        place(tmp_path, visits__xls="<html><table><tr><td>visit_id</td></tr></table></html>")


def test_who_a_person_is_in_an_event_is_asked(tmp_path: Path) -> None:
    heading = "occurrence no,person urn,classification,occurred,crime type\n"
    rows = [f"N{at // 2},P{at},{('VICTIM', 'WITNESS')[at % 2]},2031-03-{14 + at} 10:00,violence\n" for at in range(8)]
    here, told = place(tmp_path, niche__csv=heading + "".join(rows))
    assert "classification tells who a person is in an event (victim, witness)" in told["files"][0]["problems"][0]
    assert {row["kind"] for row in table(here, "contact")} == {"violence"}


def test_a_list_of_one_agencys_services_says_nothing_of_anothers(tmp_path: Path) -> None:
    here, _ = place(tmp_path, hospital__csv=lines(), council__csv=lines().replace("north", "south"))
    listed = "service,organisation,name,kind\nnorth,hospital,North,ae_attendance\n"
    (tmp_path / "data" / "services.csv").write_text(listed)
    settings = here.workspace.settings
    settings.write_text(settings.read_text() + '[[source]]\ntable = "service"\nfiles = "data/services.csv"\n')
    rows = table(Place(tmp_path), "contact")
    assert {(row["agency"], row["service"]) for row in rows} == {("hospital", "north"), ("council", "south")}
    assert {row["service"]: row["organisation"] for row in table(Place(tmp_path), "service")} == {
        "north": "hospital",
        "south": "council",
    }


def test_check_sees_what_load_refuses_only_among_all_rows(tmp_path: Path) -> None:
    """Two numbers for one month, and a crime that names no place: told before anything is loaded."""
    (tmp_path / "data").mkdir(parents=True)
    months = "".join(f"T1,2031-{month:02d}-01,{100 + month}\n" for month in range(1, 13))
    (tmp_path / "data" / "counts.csv").write_text("unit,period,contacts\n" + months + "T1,2031-03-01,7\n")
    crimes = "".join(
        f"R{at},2031-03-{at + 1:02d},{500_000 + at if at else ''},{180_000 if at else ''}\n" for at in range(12)
    )
    (tmp_path / "data" / "crimes.csv").write_text("contact,start,x,y\n" + crimes)
    (tmp_path / "headwater.toml").write_text(
        'place = "Sample"\n[[source]]\ntable = "count"\nfiles = "data/counts.csv"\nagency = "nhs"\n'
        '[source.constants]\nkind = "ae_attendance"\n'
        '[[source]]\ntable = "contact"\nfiles = "data/crimes.csv"\nagency = "police"\n'
        '[source.constants]\nkind = "police_incident"\nservice = "police/response"\n'
        '[source.at]\neasting = "x"\nnorthing = "y"\ncell = 500\n'
    )
    checked = {one["table"]: one for one in reading.check(Place(tmp_path)).content["files"]}
    loaded = {one["table"]: one for one in reading.load(Place(tmp_path)).content["files"]}
    for table, lost in (("count", 2), ("contact", 1)):
        assert not checked[table]["fits"]
        assert loaded[table]["quarantined"] == lost
        (reason,) = loaded[table]["reasons"]
        assert f"{lost} row(s) would be quarantined: {reason}" in checked[table]["problems"]
