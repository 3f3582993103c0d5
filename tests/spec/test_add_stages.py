"""Which time of an event is its beginning: what came to pass first in the rows, wherever its column stands."""

from __future__ import annotations

import csv
import random
import tomllib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from headwater.sources.propose import proposed

if TYPE_CHECKING:
    from pathlib import Path

SPAN = 525_600
Columns = dict[str, str | int]
"""Heading → what it holds: a word, or the most minutes that pass before this time after the one above it."""

COURSES: dict[str, tuple[Columns, str, str]] = {
    "a police command log": (
        {"Incident Number": "number", "Nominal Ref": "person", "Call Received": 0, "Dispatched": 9, "Arrived": 20, "Closed": 300, "Type": "word"},
        "Call Received", "Closed",
    ),
    "a command log in capitals": (
        {"CAD_REF": "number", "TIME_REPORTED": 0, "TIME_DESPATCHED": 10, "TIME_AT_SCENE": 14, "TIME_LEFT_SCENE": 90, "TIME_CLEAR": 9, "LSOA": "word"},
        "TIME_REPORTED", "TIME_CLEAR",
    ),
    "ambulance calls": (
        {"IncidentID": "number", "PatientID": "person", "CallConnectTime": 0, "FirstVehicleAssigned": 4, "ArrivalTime": 12, "ClearTime": 90},
        "CallConnectTime", "ClearTime",
    ),
    "emergency attendances": (
        {"AttendanceID": "number", "PatientID": "person", "ArrivalDateTime": 0, "SeenDateTime": 90, "DepartureDateTime": 120},
        "ArrivalDateTime", "DepartureDateTime",
    ),
    "repairs, with a target and the day the row was changed": (
        {"JobNo": "number", "TenantRef": "person", "DateReported": 0, "DateStarted": 4_000, "DateCompleted": 3_000, "TargetDate": 0, "LastUpdated": 9},
        "DateReported", "DateCompleted",
    ),
    "referrals that were booked before": (
        {"ContactNo": "number", "ClientID": "person", "BookedDate": 0, "ContactDate": 9_000, "ReviewDate": 50_000},
        "ContactDate", "",
    ),
}  # fmt: skip


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
