"""Periods as they are published: read where they can mean one thing, otherwise refused with the form that was seen and
the line."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from headwater.app import reading
from headwater.app.place import Place
from headwater.sources.time_evidence import TimeEvidence, time_reading
from headwater.sources.times import moments

if TYPE_CHECKING:
    from pathlib import Path


def read(values: list[str], date_format: str = "") -> list[str | None]:
    """The first days, None where no form fits. Raises ValueError with the reason where the column is refused."""
    evidence, text = TimeEvidence(), pa.array(values)
    evidence.add(text)
    reading = time_reading(evidence, "period", date_format)
    if reading.problem:
        raise ValueError(reading.problem)
    found, _precision = moments(text, reading)
    days: list[datetime | None] = found.astype("datetime64[s]").tolist()
    return [None if day is None else f"{day:%Y-%m-%d}" for day in days]


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (["2023-24 Quarter 1", "2023-24 Quarter 4"], ["2023-04-01", "2024-01-01"]),
        (["Quarter 2 2023/24", "Qtr 3 2023/24"], ["2023-07-01", "2023-10-01"]),
        (["Q1 of 2023/24", "2023/24: Q2"], ["2023-04-01", "2023-07-01"]),
        (["Year ending March 2023", "Year ending March 2024"], ["2022-04-01", "2023-04-01"]),
        (["12 months to Dec 2023", "year ended 31 December 2022"], ["2023-01-01", "2022-01-01"]),
        (["Quarter ending March 2023", "Quarter ending June 2023"], ["2023-01-01", "2023-04-01"]),
        (["202223", "202122"], ["2022-04-01", "2021-04-01"]),
        (["201011", "201112", "201213"], ["2010-04-01", "2011-04-01", "2012-04-01"]),
        (["201110", "201111", "201112"], ["2011-10-01", "2011-11-01", "2011-12-01"]),
        (["2011/2012"], ["2011-04-01"]),
        (["2023-W01", "2023-W52", "2020W53", "2021 week 1"], ["2023-01-02", "2023-12-25", "2020-12-28", "2021-01-04"]),
        (["2023-W53", "2023-W00"], [None, None]),
        (["2023M01", "2023-M12"], ["2023-01-01", "2023-12-01"]),
        (["Jan-23 to Mar-23", "Oct 2023 - Dec 2023"], ["2023-01-01", "2023-10-01"]),
        (["Oct 2022 to Mar 2023"], ["2022-10-01"]),
        (["Mar 2023 to Jan 2023"], [None]),
        (["04th March 2024 at 09:30"], ["2024-03-04"]),
        (["20240125", "20230401"], ["2024-01-25", "2023-04-01"]),
        (["w/c 01/01/2024", "Week commencing 15 January 2024"], ["2024-01-01", "2024-01-15"]),
        (
            ["w/e 14/01/2024", "Week ending Sunday 21 January 2024", "week ended 2024-01-28"],
            ["2024-01-08", "2024-01-15", "2024-01-22"],
        ),
        (
            ["2023/24 M01", "2023-24 P12", "M10 2023/24", "Month 3, 2023/2024"],
            ["2023-04-01", "2024-03-01", "2024-01-01", "2023-06-01"],
        ),
        (["2023/24-April", "2023/24 March"], ["2023-04-01", "2024-03-01"]),
        (["2023/24 M13", "2023/25 M01"], [None, None]),
        (["2022", "2023"], [None, None]),
        (["January", "February"], [None, None]),
    ],
)
def test_periods_that_can_mean_one_thing(values: list[str], first: list[str | None]) -> None:
    assert read(values) == first


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["201112"], "financial year or a month"),
        (["2011-12"], "financial year or a month"),
        (["M1", "M12"], "without their financial year"),
        (["P01 2023", "P02 2023"], "without their financial year"),
        (["Year ending March 2023", "Year ending June 2023"], "overlap"),
        (["Quarter 1 2023", "Quarter 2 2023"], "calendar-quarters"),
        (["202223", "202301"], "months and financial years"),
    ],
)
def test_periods_that_can_mean_two(values: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(values)


def test_weeks_are_those_of_the_calendar() -> None:
    """Against Python's own, for every week of thirty years."""
    weeks = {
        f"{day.isocalendar().year}-W{day.isocalendar().week:02d}": f"{day:%Y-%m-%d}"
        for day in (
            datetime.fromordinal(at)
            for at in range(datetime(2000, 1, 3).toordinal(), datetime(2030, 1, 1).toordinal(), 7)
        )
    }
    assert read(list(weeks)) == list(weeks.values())


SETTINGS = """place = "Sample"
[[source]]
table = "count"
files = "data/c.csv"
[source.columns]
unit = "Area"
period = "When"
contacts = "N"
[source.constants]
kind = "police_incident"
"""


@pytest.mark.parametrize(
    ("when", "form", "way"), [("2022", "9999", 'period = ["Year", "Month"]'), ("wk 31 '23", "Aa 99 '99", "date_format")]
)
def test_a_form_that_is_not_read_is_shown_without_the_value(tmp_path: Path, when: str, form: str, way: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "headwater.toml").write_text(SETTINGS)
    (tmp_path / "data" / "c.csv").write_text(f"Area,When,N\nNorth,{when},20\nSouth,{when},30\n")
    (told,) = reading.check(Place(tmp_path)).content["files"]
    said = next(problem for problem in told["problems"] if "forms that are not read" in problem)
    assert form in said
    assert way in said
    assert when not in said


@pytest.mark.parametrize(
    ("heading", "first"),
    [
        ("Week ending", "2024-01-01"),
        ("week_ending_date", "2024-01-01"),
        ("W/E", "2024-01-01"),
        ("Week commencing", "2024-01-07"),
    ],
)
@pytest.mark.parametrize("form", ["", 'date_format = "%d/%m/%Y"\n'])
def test_a_heading_says_that_days_are_the_last_ones_of_weeks(
    tmp_path: Path, heading: str, first: str, form: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "headwater.toml").write_text(
        SETTINGS.replace('"When"', f'"{heading}"').replace("[source.columns]", f"{form}[source.columns]")
    )
    rows = "".join(f"North,{day:02d}/01/2024,20\n" for day in (7, 14, 21, 28))
    (tmp_path / "data" / "c.csv").write_text(f"Area,{heading},N\n{rows}")
    reading.load(Place(tmp_path))
    with Place(tmp_path).store() as store:
        days = store.arrow(store.table("count"))["period"].to_pylist()
    assert str(min(days)) == first


def test_notes_beside_a_number_leave_it_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "headwater.toml").write_text(SETTINGS)
    told = ('"1,234 [r]"', "56 (p)", "[x]", "[c]", "12[note 3]", "[z]")
    rows = "".join(f"Area {at},2024-01,{one}\n" for at, one in enumerate(told))
    (tmp_path / "data" / "c.csv").write_text(f"Area,When,N\n{rows}")
    (file,) = reading.load(Place(tmp_path)).content["files"]
    with Place(tmp_path).store() as store:
        kept = {one["unit"]: one["contacts"] for one in store.arrow(store.table("count")).to_pylist()}
    assert kept == {"Area 0": 1234, "Area 1": 56, "Area 3": None, "Area 4": 12}
    assert file["quarantined"] == 2, "no number was told of two"
