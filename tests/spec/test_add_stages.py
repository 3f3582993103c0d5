"""Which time of an event is its beginning: what came to pass first in the rows, wherever its column stands."""

from __future__ import annotations

import csv
import json
import random
import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from headwater.sources.propose import proposed

SPAN = 525_600
Columns = dict[str, str | int]
"""Heading → what it holds: a word, or the most minutes that pass before this time after the one above it."""

COURSES: dict[str, tuple[Columns, str, str]] = {
    "a police command log": (
        {
            "Incident Number": "number",
            "Nominal Ref": "person",
            "Call Received": 0,
            "Dispatched": 9,
            "Arrived": 20,
            "Closed": 300,
            "Type": "word",
        },
        "Call Received",
        "Closed",
    ),
    "a command log in capitals": (
        {
            "CAD_REF": "number",
            "TIME_REPORTED": 0,
            "TIME_DESPATCHED": 10,
            "TIME_AT_SCENE": 14,
            "TIME_LEFT_SCENE": 90,
            "TIME_CLEAR": 9,
            "LSOA": "word",
        },
        "TIME_REPORTED",
        "TIME_CLEAR",
    ),
    "ambulance calls": (
        {
            "IncidentID": "number",
            "PatientID": "person",
            "CallConnectTime": 0,
            "FirstVehicleAssigned": 4,
            "ArrivalTime": 12,
            "ClearTime": 90,
        },
        "CallConnectTime",
        "ClearTime",
    ),
    "emergency attendances": (
        {
            "AttendanceID": "number",
            "PatientID": "person",
            "ArrivalDateTime": 0,
            "SeenDateTime": 90,
            "DepartureDateTime": 120,
        },
        "ArrivalDateTime",
        "DepartureDateTime",
    ),
    "repairs, with a target and the day the row was changed": (
        {
            "JobNo": "number",
            "TenantRef": "person",
            "DateReported": 0,
            "DateStarted": 4_000,
            "DateCompleted": 3_000,
            "TargetDate": 0,
            "LastUpdated": 9,
        },
        "DateReported",
        "DateCompleted",
    ),
    "referrals that were booked before": (
        {"ContactNo": "number", "ClientID": "person", "BookedDate": 0, "ContactDate": 9_000, "ReviewDate": 50_000},
        "ContactDate",
        "",
    ),
}


EXAMPLES = Path(__file__).parents[3] / "shared" / "data" / "layouts" / "examples"


def written(file: Path, columns: Columns, order: list[str]) -> None:
    draw = random.Random(5)
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.DictWriter(out, order)
        rows.writeheader()
        for at in range(80):
            now, row = datetime(2024, 1, 1) + timedelta(minutes=draw.randrange(SPAN)), {}
            for name, sort in columns.items():
                if isinstance(sort, int):
                    now += timedelta(minutes=draw.randint(1, sort) if sort else 0)
                row[name] = {
                    "number": f"E{at:05}",
                    "person": f"P{draw.randrange(20):03}",
                    "word": draw.choice("XYZ"),
                }.get(str(sort), f"{now:%d/%m/%Y %H:%M}")
            rows.writerow(row)


@pytest.mark.parametrize("course", COURSES)
def test_the_first_and_the_last_time_are_taken_in_any_order_of_the_columns(tmp_path: Path, course: str) -> None:
    columns, start, end = COURSES[course]
    said = set()
    for turn in range(6):
        order = list(columns)
        if turn:
            random.Random(turn).shuffle(order)
        written(tmp_path / "events.csv", columns, order)
        [proposal] = proposed(tmp_path, ["events.csv"])
        block = tomllib.loads(proposal.texts[0])["source"][0]
        assert block["columns"]["start"] == start, order
        assert block["columns"].get("end", "") == end, order
        said.add(tuple(sorted((ours, str(theirs)) for ours, theirs in block["columns"].items())))
    assert len(said) == 1, "the whole mapping is the same in any order"


def test_what_a_heading_says_outright_goes_before_what_happened_first(tmp_path: Path) -> None:
    columns: Columns = {"ID": "number", "PatientID": "person", "CalledAt": 0, "StartDate": 600, "EndDate": 600}
    written(tmp_path / "stays.csv", columns, list(columns))
    block = tomllib.loads(proposed(tmp_path, ["stays.csv"])[0].texts[0])["source"][0]
    assert (block["columns"]["start"], block["columns"]["end"]) == ("StartDate", "EndDate")


@pytest.mark.parametrize(
    "heading", ["Extract_Run_Date", "Last Updated", "Record Loaded On", "Date of Birth", "Client DOB"]
)
def test_a_time_of_the_row_or_of_a_life_begins_no_contact(tmp_path: Path, heading: str) -> None:
    """The only time in a file may still be none of what happened; all born within a few years are no contacts of these
    years."""
    rows = "".join(
        f"V{at},P{at % 9},{at % 28 + 1:02d}/{at % 12 + 1:02d}/20{at % 5 + 10},{'XY'[at % 2]}\n" for at in range(60)
    )
    (tmp_path / "events.csv").write_text(f"Visit ID,Client ID,{heading},Type\n{rows}")
    [proposal] = proposed(tmp_path, ["events.csv"])
    starts = [
        tomllib.loads(text)["source"][0]["columns"].get("start") for text in proposal.texts if '"contact"' in text
    ]
    assert starts == []


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the made-up example files lie outside the project")
@pytest.mark.parametrize("sort", sorted(one.name for one in EXAMPLES.iterdir()) if EXAMPLES.is_dir() else [])
def test_the_order_of_the_columns_changes_no_mapping(tmp_path: Path, sort: str) -> None:
    """Of every example, whether a layout is recognised or its content speaks: the same blocks, whatever column stands
    first."""
    files = [one for one in sorted((EXAMPLES / sort).iterdir()) if one.suffix.lower() == ".csv"]
    told = []
    for turn in range(2):
        root = tmp_path / str(turn)
        root.mkdir()
        for file in files:
            with file.open(encoding="cp1252" if sort == "lfb-incidents" else "utf-8-sig", newline="") as given:
                rows = list(csv.reader(given))
            order = list(range(len(rows[0])))
            if turn:
                random.Random(turn).shuffle(order)
            with (root / file.name).open("w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows([row[at] for at in order] for row in rows if len(row) == len(order))
        found = proposed(root, [file.name for file in files])
        blocks = [source for one in found for text in one.texts for source in tomllib.loads(text)["source"]]
        told.append(sorted(json.dumps(block, sort_keys=True) for block in blocks))
    assert told[1] == told[0]
