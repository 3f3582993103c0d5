"""Small hostile files, one a line: each is read right, or refused with what to write; what is kept is never another
value than was written."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from headwater.app import mapping, reading
from headwater.app.place import Place
from headwater.cli import refusals
from headwater.domain.errors import DataProblem
from headwater.domain.workspace import SourceSettings
from headwater.sources.among import among
from headwater.sources.odd import odd_times
from headwater.sources.origins import origins_of
from headwater.sources.passing import Reader
from headwater.sources.rows import Making, make_rows
from sources_world import write

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.sources.rows import Made

HEAD = "id,pid,start,qty"
VISIT = {"contact": "id", "record": "pid", "start": "start", "quantity": "qty"}
Rows = list[tuple[Any, ...]]


def made(root: Path, content: bytes | str, table: str = "contact", name: str = "c.csv", **changes: Any) -> Made:
    """The file's rows as they are made. Raises DataProblem where it is refused."""
    write(root, name, content)
    usual = {"columns": VISIT, "constants": {"kind": "x", "service": "s"}} if table == "contact" else {}
    source = SourceSettings(table, name, "theirs", **(usual | changes))
    (origin,) = origins_of(root, source)
    with origin.opened() as contents:
        reader = Reader(origin, contents, source, root)
        making = Making(source, b"key", reader.sound_readings(), name)
        parts = [make_rows(batch, making) for batch in reader.batches()]
    refused, left_out = ([one for part in parts for one in getattr(part, name)] for name in ("refused", "left_out"))
    return replace(parts[0], kept=pa.concat_tables([part.kept for part in parts]), refused=refused, left_out=left_out)


def kept(found: Made, *columns: str) -> Rows:
    return [tuple(row.values()) for row in found.kept.select(columns).to_pylist()]


def why(found: Made) -> str:
    return "; ".join(reason for _row, reason, _columns in (*found.refused, *found.left_out))


def visits(*starts: str, quantity: str = "1") -> str:
    return "\n".join([HEAD, *(f'A{at},P{at},"{start}","{quantity}"' for at, start in enumerate(starts))]) + "\n"


def book(*rows: list[Any]) -> bytes:
    file, made_of = io.BytesIO(), Workbook()
    for row in rows:
        made_of.active.append(row)
    made_of.save(file)
    return file.getvalue()


THIRTEENTH = datetime(2023, 1, 13)
ONE = (THIRTEENTH, 1.0)


READ: dict[str, tuple[bytes | str, str, Rows]] = {
    "half days without a space": (
        visits("13/01/2023 1:05PM", "14/01/2023 12:00AM"),
        "c.csv",
        [(datetime(2023, 1, 13, 13, 5), 1.0), (datetime(2023, 1, 14), 1.0)],
    ),
    "points in the clock": (visits("13/01/2023 13.05.09"), "c.csv", [(datetime(2023, 1, 13, 13, 5, 9), 1.0)]),
    "the American long form": (visits("Jan 13, 2023 1:05 PM"), "c.csv", [(datetime(2023, 1, 13, 13, 5), 1.0)]),
    "days of the week": (visits("Fri 13 Jan 2023"), "c.csv", [ONE]),
    "compact with Z": (visits("20230113T102030Z"), "c.csv", [(datetime(2023, 1, 13, 10, 20, 30), 1.0)]),
    "a comma before parts of seconds": (
        visits("2023-01-13T10:20:30,123"),
        "c.csv",
        [(datetime(2023, 1, 13, 10, 20, 30), 1.0)],
    ),
    "summer offset without a mark": (
        visits("2023-07-13T10:20:30.123456+0100"),
        "c.csv",
        [(datetime(2023, 7, 13, 10, 20, 30), 1.0)],
    ),
    "a space that does not break": (visits("13/01/2023\u00a000:00"), "c.csv", [ONE]),
    "a letter of no width": (visits("\u200b13/01/2023"), "c.csv", [ONE]),
    "lines of delimiters below": (visits("2023-01-13") + ",,,\n,,,\n", "c.csv", [ONE]),
    "lines of delimiters between": (visits("2023-01-13") + ",,,\r\n" + "B,P,2023-01-13,1\n", "c.csv", [ONE, ONE]),
    "empty cells in quotation marks": (visits("2023-01-13") + '"","","",""\n , , , \n', "c.csv", [ONE]),
    "a heading of two lines": (visits("2023-01-13").replace("start", '"\nstart\n"'), "c.csv", [ONE]),
    "headings with spaces": (visits("2023-01-13").replace(HEAD, " id , pid ,start\u00a0, qty"), "c.csv", [ONE]),
    "marks round every heading": (
        "\ufeff" + visits("2023-01-13").replace(HEAD, '"id","pid","start","qty"'),
        "c.csv",
        [ONE],
    ),
    "thin bars with spaces": ("id | pid | start | qty\nA | P | 2023-01-13 | 1\n", "c.txt", [ONE]),
    "a form feed before a row": (visits("2023-01-13") + "\x0cB,P,2023-01-13,1\n", "c.csv", [ONE, ONE]),
    "exponents": (visits("2023-01-13", quantity="1e0"), "c.csv", [ONE]),
    "text days in a workbook": (book(HEAD.split(","), ["A", "P", "13/01/2023", 1]), "c.xlsx", [ONE]),
    "cells and text in a workbook": (
        book(HEAD.split(","), ["A", "P", THIRTEENTH, 1], ["B", "P", "13/01/2023", "1"]),
        "c.xlsx",
        [ONE, ONE],
    ),
    "numbers in JSON as they stand": (
        json.dumps([{"id": 12345678901234567890, "pid": "P", "start": "2023-01-13", "qty": 1}]),
        "c.json",
        [ONE],
    ),
}


@pytest.mark.parametrize("case", READ)
def test_read_right(tmp_path: Path, case: str) -> None:
    content, name, expected = READ[case]
    found = made(tmp_path, content, name=name)
    assert (kept(found, "start", "quantity"), why(found)) == (expected, "")


LOST: dict[str, tuple[bytes | str, str, str]] = {
    "weeks": (visits("2023-W05"), "c.csv", "start: impossible date"),
    "days of the year": (visits("2023-045"), "c.csv", "start: impossible date"),
    "figures, day first": (visits("13012023", "25122023"), "c.csv", "start: impossible date"),
    "a clock alone": (visits("10:20"), "c.csv", "start: impossible date"),
    "a named zone": (visits("2023-01-13 10:20 EST"), "c.csv", "start: impossible date"),
    "German months": (visits("13. Januar 2023"), "c.csv", "start: impossible date"),
    "a stretch of days": (visits("01/01/2023 - 31/01/2023"), "c.csv", "start: impossible date"),
    "a share": (visits("2023-01-13", quantity="3%"), "c.csv", "quantity: wrong type: not a number"),
    "a fraction": (visits("2023-01-13", quantity="1/2"), "c.csv", "quantity: wrong type: not a number"),
    "a number with its unit": (visits("2023-01-13", quantity="5 days"), "c.csv", "quantity: wrong type: not a number"),
    "Indian thousands": (visits("2023-01-13", quantity="1,23,456"), "c.csv", "quantity: wrong type: not a number"),
    "infinity": (visits("2023-01-13", quantity="inf"), "c.csv", "quantity: wrong type: not a number"),
    "about": (visits("2023-01-13", quantity="~5"), "c.csv", "quantity: wrong type: not a number"),
    "the heading again": (visits("2023-01-13") + HEAD + "\n", "c.csv", "start: impossible date"),
    "a total below": (visits("2023-01-13") + "Total,,,1\n", "c.csv", "start: missing"),
    "a remark below": (visits("2023-01-13") + "Rows: 1\n", "c.csv", "ragged line: 1 columns instead of 4"),
    "one cell too many": (
        visits("2023-01-13") + "B,P,2023-01-13,1,x\n",
        "c.csv",
        "ragged line: 5 columns instead of 4",
    ),
    "a nought byte": (visits("2023-01-13").replace("P0", "P\x00"), "c.csv", "a nought byte"),
    "bytes of two encodings": (
        (HEAD + "\nA,Pé,2023-01-13,1\n").encode() + "B,Pé,2023-01-13,1\n".encode("cp1252"),
        "c.csv",
        "bad bytes",
    ),
    "a number that became a day": (
        book(HEAD.split(","), [THIRTEENTH, "P", THIRTEENTH, 1]),
        "c.xlsx",
        "a day where a number or a code should be",
    ),
    "a code that became a month": (
        visits("2023-01-13").replace("P0", "Sep-02"),
        "c.csv",
        "a day where a number or a code should be",
    ),
    "an error in a workbook": (
        book(HEAD.split(","), ["A", "P", "#REF!", 1], ["B", "P", THIRTEENTH, 1]),
        "c.xlsx",
        "start: missing",
    ),
    "nanoseconds": (visits("1673600000000000000"), "c.csv", "start: impossible date"),
}


@pytest.mark.parametrize("case", LOST)
def test_quarantined_with_the_reason_and_nothing_else_kept(tmp_path: Path, case: str) -> None:
    content, name, reason = LOST[case]
    found = made(tmp_path, content, name=name)
    assert reason in why(found)
    assert set(kept(found, "start")) <= {(THIRTEENTH,)}


REFUSED: dict[str, tuple[bytes | str, str, str]] = {
    "seconds since 1970": (visits("1673600000"), "c.csv", 'write date_format = "excel-1900"'),
    "a heading that stands twice": (
        HEAD + ",qty\nA,P,2023-01-13,1,2\n",
        "c.csv",
        'it stands in several columns: write "qty_4" or "qty_5"',
    ),
    "two tables side by side": (
        book([*HEAD.split(","), None, *HEAD.split(",")], ["A", "P", THIRTEENTH, 1, None, "B", "P", THIRTEENTH, 1]),
        "c.xlsx",
        "it stands in several columns",
    ),
    "a first row without a cell": (
        book([None] * 5, [None, *HEAD.split(",")], [None, "A", "P", THIRTEENTH, 1]),
        "c.xlsx",
        "write header_row = 2",
    ),
    "cells of one width": ("id   pid  start      qty\nA    P    2023-01-13 1\n", "c.txt", "has no column"),
    "bytes of UTF-32": (visits("2023-01-13").encode("utf-32"), "c.csv", "has no column"),
    "days that a spreadsheet turned": (
        book(
            HEAD.split(","),
            *([f"A{m}", "P", datetime(2023, m, 1), 1] for m in range(1, 6)),
            *([f"B{m}", "P", f"{m}/{m + 12}/2023", 1] for m in range(1, 6)),
        ),
        "c.xlsx",
        "it has taken the day for the month",
    ),
    "both orders": (
        visits(*(f"{at}/01/2023" for at in range(13, 23)), *(f"01/{at}/2023" for at in range(13, 23))),
        "c.csv",
        "both 25/01 and 01/25 occur",
    ),
    "JSON cut off": ('[{"id":"A","pid":"P"},{"id":"B"', "c.json", "is not JSON"),
    "lists within a thing": (
        json.dumps([{"id": "A", "pid": "P", "start": "2023-01-13", "qty": [1, 2]}]),
        "c.json",
        "has no column 'qty'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_the_reason(tmp_path: Path, case: str) -> None:
    content, name, reason = REFUSED[case]
    with pytest.raises(DataProblem) as told:
        made(tmp_path, content, name=name)
    assert reason in f"{told.value.what} {told.value.next_step}"


def test_days_that_no_spreadsheet_turned_are_read_beside_text(tmp_path: Path) -> None:
    """The same as above, but for one cell after the 12th: nothing was taken for another."""
    cells = [[f"A{at}", "P", datetime(2023, at, 1 + 5 * at), 1] for at in range(1, 5)]
    texts = [[f"B{at}", "P", f"{at}/{at + 12}/2023", 1] for at in range(1, 5)]
    found = made(tmp_path, book(HEAD.split(","), *cells, *texts), name="c.xlsx")
    assert {start for (start,) in kept(found, "start")} == {
        datetime(2023, at, day) for at in range(1, 5) for day in (1 + 5 * at, at + 12)
    }


@pytest.mark.parametrize(("written", "there"), [("start | Arrival Date", "Arrival Date"), ("Start", "START")])
def test_two_headings_that_one_mapping_could_mean_must_agree(tmp_path: Path, written: str, there: str) -> None:
    text = f"id,pid,start,{there}\nA,P,2023-01-13,{{}}\nB,P,2023-01-13,\n"
    columns = {"contact": "id", "record": "pid", "start": written}
    with pytest.raises(DataProblem, match=f"'start' and '{there}' stand in one file and differ in 1 row"):
        made(tmp_path, text.format("2022-01-13"), columns=columns)
    agreed = made(tmp_path, text.format("2023-01-13"), columns=columns)
    assert kept(agreed, "start") == [(THIRTEENTH,), (THIRTEENTH,)]


def test_letters_of_no_width_make_no_other_person(tmp_path: Path) -> None:
    found = made(tmp_path, f"{HEAD}\nA,P1,2023-01-13,1\nB,P1\u200b,2023-01-13,1\nC,\ufeffP1,2023-01-13,1\n")
    assert len(set(kept(found, "record"))) == 1


# Counts and spending


def counts(*rows: str) -> str:
    return "\n".join(["unit,kind,period,contacts", *rows]) + "\n"


PERIODS = {
    "weeks, the day first": (["07/01/2024", "14/01/2024", "21/01/2024"], ["2024-01-07", "2024-01-14", "2024-01-21"]),
    "first days, the month first": (["1/1/2024", "2/1/2024", "3/1/2024"], ["2024-01-01", "2024-02-01", "2024-03-01"]),
    "quarters by their months": (["Apr-Jun 2023", "Jul to Sep 2023"], ["2023-04-01", "2023-07-01"]),
    "two financial years": (["2011-12", "2012-13"], ["2011-04-01", "2012-04-01"]),
    "long financial years": (["2023-2024", "2024-2025"], ["2023-04-01", "2024-04-01"]),
    "September of four letters": (["Sept 2023", "Oct 2023"], ["2023-09-01", "2023-10-01"]),
}


@pytest.mark.parametrize("case", PERIODS)
def test_periods_begin_when_they_begin(tmp_path: Path, case: str) -> None:
    written, expected = PERIODS[case]
    found = made(tmp_path, counts(*(f"A,x,{one},5" for one in written)), "count")
    assert [str(day) for (day,) in kept(found, "period")] == expected


@pytest.mark.parametrize("written", ["Nov-Jan 2023", "2023 H1", "2023", "April", "YTD"])
def test_periods_that_say_too_little_are_none(tmp_path: Path, written: str) -> None:
    assert why(made(tmp_path, counts(f"A,x,{written},5"), "count")) == "period: impossible date"


@pytest.mark.parametrize(
    ("whole", "sums", "total"),
    [("Total", 30, True), ("England", 30, True), ("England", 31, False), ("Grand Total", 31, True)],
)
def test_the_sum_of_the_others_is_no_unit(tmp_path: Path, whole: str, sums: int, total: bool) -> None:
    text = counts(
        *(
            f"{unit},x,2023-{month:02d},{n}"
            for month in (1, 2, 3)
            for unit, n in (("RA1", 10), ("RB1", 20), (whole, sums))
        )
    )
    found = made(tmp_path, text, "count")
    told = among([found.kept], SourceSettings("count", "c.csv"))
    assert sum(told.values()) == (3 if total else 0)
    alone = made(tmp_path, counts(f"{whole},x,2023-01,5", f"{whole},x,2023-02,6"), "count")
    assert not among([alone.kept], SourceSettings("count", "c.csv")), "the only unit there is"


def test_a_total_among_units_is_quarantined_by_a_load(tmp_path: Path) -> None:
    write(
        tmp_path,
        "data/n.csv",
        counts(
            *(f"{unit},x,2023-{month:02d},{n}" for month in (1, 2) for unit, n in (("A", 10), ("B", 20), ("Total", 30)))
        ),
    )
    write(
        tmp_path, "headwater.toml", 'place = "P"\n[[source]]\ntable = "count"\nfiles = "data/n.csv"\nagency = "nhs"\n'
    )
    (file,) = reading.load(Place(tmp_path)).content["files"]
    assert (file["kept"], file["quarantined"]) == (4, 2)
    assert next(iter(file["reasons"])).startswith("total: 'Total' is the sum of the others")


SPENT = ["organisation,line,year,gbp", "O,R,2023-24,120"]


@pytest.mark.parametrize("heading", ["gbp (£000)", "Spend £k", "Net (thousands)", "£m"])
def test_thousands_of_pounds_are_asked_about(tmp_path: Path, heading: str) -> None:
    text = "\n".join(SPENT).replace("gbp", heading) + "\n"
    with pytest.raises(DataProblem, match=r"\[source.scale\] gbp = 1000"):
        made(tmp_path, text, "spend", columns={"gbp": heading})
    found = made(tmp_path, text, "spend", columns={"gbp": heading}, scale={"gbp": 1000})
    assert kept(found, "gbp") == [(120_000.0,)]


@pytest.mark.parametrize("heading", ["Rate", "Attendances per 1,000", "% seen"])
def test_rates_are_no_counts(tmp_path: Path, heading: str) -> None:
    with pytest.raises(DataProblem, match="not counted in ones"):
        made(
            tmp_path,
            counts("A,x,2023-01,5").replace("contacts", f'"{heading}"'),
            "count",
            columns={"contacts": heading},
        )


@pytest.mark.parametrize("written", ["€120", "$120", "120 CR", "12000p"])
def test_what_is_not_told_in_pounds_is_no_pounds(tmp_path: Path, written: str) -> None:
    assert (
        why(made(tmp_path, "\n".join(SPENT).replace("120", written) + "\n", "spend")) == "gbp: wrong type: not a number"
    )


# Days that can hardly be


def test_births_to_come_are_none_and_their_people_stay(tmp_path: Path) -> None:
    found = made(tmp_path, "record,birth_date\nA,2093-01-13\nB,1953-01-13\n", "record")
    assert [str(day) for (day,) in kept(found, "birth_date")] == ["None", "1953-01-13"]
    assert why(found) == "birth_date: a day that has not come, left out"


def test_contacts_years_away_from_all_others_and_endless_stays_are_told(tmp_path: Path) -> None:
    rows = [f"A{at},P,2023-01-{at % 28 + 1:02d},2023-02-01" for at in range(200)]
    text = "\n".join(["id,pid,start,end", *rows, "B,P,2093-01-13,", "C,P,1986-01-13,2023-01-01"]) + "\n"
    found = made(tmp_path, text, columns={"contact": "id", "record": "pid", "start": "start", "end": "end"})
    assert odd_times([found.kept]) == [
        "odd: 1 row(s) start in 1986, years away from the others",
        "odd: 1 row(s) start in 2093, years away from the others",
        "odd: 1 row(s) end more than 10 years after their start",
    ]


# What `add` writes


def added(root: Path, **texts: str | bytes) -> dict[str, Any]:
    write(root, "headwater.toml", 'place = "Sample"\n')
    files = [write(root, f"data/{name.replace('__', '.')}", text) for name, text in texts.items()]
    return dict(mapping.add(Place(root), files).content)


WIDE = {
    "months": ["Apr-23", "May-23", "Jun-23", "Jul-23"],
    "long months": ["April 2023", "May 2023", "June 2023", "July 2023"],
    "figures": ["2023-04", "2023-05", "2023-06", "2023-07"],
    "days": ["01/04/2023", "01/05/2023", "01/06/2023", "01/07/2023"],
    "moments of a spreadsheet": ["2023-04-01", "2023-05-01", "2023-06-01", "2023-07-01"],
}


@pytest.mark.parametrize("form", WIDE)
def test_a_column_a_month_becomes_a_row_a_month(tmp_path: Path, form: str) -> None:
    """Five trusts and their total over four months: 20 counts, next month's column among what is read."""
    trusts = "".join(
        f"R{one}1,Trust {one},{','.join(str(100 * at + month) for month in range(4))}\n"
        for at, one in enumerate("ABCDE")
    )
    text = f"Code,Name,{','.join(WIDE[form])}\n{trusts}Total,All,{','.join(['1000'] * 4)}\n"
    (told,) = added(tmp_path, trusts__csv=text)["files"]
    assert (told["problems"], told["tables"]) == ([], ["count"])
    reading.load(Place(tmp_path))
    with Place(tmp_path).store() as store:
        rows = store.arrow(store.table("count")).to_pylist()
    assert len(rows) == 20
    assert {(row["unit"], str(row["period"]), row["contacts"]) for row in rows} == {
        (f"R{one}1", f"2023-{4 + month:02d}-01", 100.0 * at + month)
        for at, one in enumerate("ABCDE")
        for month in range(4)
    }


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("See and convey to ED | Hear and treat", "ambulance"),
        ("Theft | Burglary", "police"),
        ("north | south", "calls"),
        ("Hear and treat | north", "calls"),
    ],
)
def test_a_file_of_calls_is_named_by_what_it_speaks_of(tmp_path: Path, word: str, kind: str) -> None:
    rows = "".join(f"C{at},P{at % 3},2031-03-{at + 13:02d} 10:00,{word.split(' | ')[at % 2]}\n" for at in range(8))
    added(tmp_path, calls__csv="call_id,client_no,arrival,ended_how\n" + rows)
    assert f'kind = "{kind}"' in (tmp_path / "headwater.toml").read_text()


def test_columns_of_months_without_a_unit_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataProblem) as told:
        added(tmp_path, months__csv="2023-04,2023-05,2023-06\n1,2,3\n4,5,6\n")
    assert "no column says whose numbers a row holds" in told.value.given


def test_a_place_without_a_source_is_told_what_to_type(tmp_path: Path) -> None:
    write(tmp_path, "headwater.toml", 'place = "Sea"\n')
    with pytest.raises(DataProblem, match="names no") as told:
        reading.load(Place(tmp_path))
    assert "headwater add" in told.value.next_step
    with pytest.raises(DataProblem, match="names no"):
        refusals.fail_if_unfit(dict(reading.check(Place(tmp_path)).content))


def test_bytes_in_parquet_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"id": ["A"], "pid": [b"P\xff"], "start": ["2023-01-13"], "qty": [1]}), file)
    with pytest.raises(DataProblem, match="cannot be read"):
        made(tmp_path, file.getvalue(), name="c.parquet")
