"""What a cell says, and which rows may stay: numbers, marks, years, days and check digits by hand, a rule a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.tables import TABLES
from headwater.sources.convert import convert, nhs_sound
from headwater.sources.numbers import NumberEvidence, NumberReading, few, limits, number_reading, numbers, suppressed
from headwater.sources.rows import Faults, _financial_years, _lives, _retention, _rules


def text(*cells: str | None) -> pa.StringArray:
    return pa.array(cells, pa.string())


NUMBERS = [
    # cell, the column's decimal mark → number; None: wrong
    ("12", ".", 12),
    ("1,234", ".", 1234),
    ("1,234", ",", 1.234),
    ("1.234", ".", 1.234),
    ("1.234", ",", 1234),
    ("1.5", ",", 1.5),
    ("1,5", ".", 1.5),
    ("1.234.567", ".", 1234567),
    ("1,234,567.8", ",", 1234567.8),
    ("(12)", ".", -12),
    ("12-", ".", -12),
    ("−12", ".", -12),
    ("+12", ".", 12),
    ("£1.2k", ".", 1200),
    ("£3m", ".", 3e6),
    ("£2bn", ".", 2e9),
    ("2m", ".", None),
    ("£ 1 234", ".", 1234),
    ("1e3", ".", 1000),
    ("twelve", ".", None),
    ("1,23,4", ".", None),
    ("12.3.4", ".", None),
    ("--3", ".", None),
    ("1,234", "", None),
    ("12", "", 12),
    ("1.5", "", 1.5),
]


@pytest.mark.parametrize(("cell", "decimal", "number"), NUMBERS)
def test_what_number_a_cell_is(cell: str, decimal: str, number: float | None) -> None:
    values, wrong = numbers(text(cell, None), NumberReading(decimal))
    assert wrong.tolist() == [number is None, False]
    assert number is None or values[0] == pytest.approx(number)
    assert np.isnan(values[1])


COLUMNS = [
    # a column's values, whether it counts things → its decimal mark; None: refused
    (("1,5", "2"), False, ","),
    (("1.5", "2"), False, "."),
    (("1.5", "2,5"), False, ""),
    (("1.5", "2,5", "1,234"), False, None),
    (("1,234", "2"), True, "."),
    (("1,234", "2"), False, None),
    (("£1,234", "2"), False, "."),
    (("1,234", "1.234"), False, None),
    (("1.234", "2"), False, None),
    (("1,234", "1", "2", "3", "4", "5"), False, "."),
    (("1,234", "1", "2", "3", "4"), False, None),
    (("1,234", "1", "2", "3", "4", "5", "12345"), False, None),
    (("1", "2"), False, "."),
]


@pytest.mark.parametrize(("values", "whole", "decimal"), COLUMNS)
def test_which_mark_a_column_proves(values: tuple[str, ...], whole: bool, decimal: str | None) -> None:
    found = NumberEvidence()
    found.add(text(*values, None))
    reading = number_reading(found, "gbp", "", whole)
    assert bool(reading.problem) is (decimal is None)
    assert decimal is None or reading.decimal == decimal
    assert number_reading(found, "gbp", ",", whole).decimal == ",", "what the mapping says decides"


MARKS = [
    # cell → suppressed, small, least and most that it may be
    ("*", True, True, None, None),
    ("c", True, True, None, None),
    ("-", True, False, None, None),
    ("..", True, False, None, None),
    ("x", True, False, None, None),
    ("<5", True, True, None, "4"),
    ("fewer than 10", True, True, None, "9"),
    ("<=5", True, True, "0", "5"),
    ("5 or fewer", True, True, "0", "5"),
    ("1-4", True, True, "1", "4"),
    ("1 to 4", True, True, "1", "4"),
    ("5", False, False, None, None),
    ("0", False, False, None, None),
    (None, False, False, None, None),
]


@pytest.mark.parametrize(("cell", "hidden", "small", "least", "most"), MARKS)
def test_marks_that_stand_for_a_number(
    cell: str | None, hidden: bool, small: bool, least: str | None, most: str | None
) -> None:
    given = text(cell)
    assert (suppressed(given)[0], few(given)[0]) == (hidden, small)
    assert [part.to_pylist()[0] for part in limits(given)] == [least, most]


WHOLE = [
    ("3", 3, False),
    ("3.0", 3, False),
    ("3.5", None, True),
    ("", None, True),
    (str(2**53), 2**53, False),
    (str(2**54), None, True),
    ("<5", None, False),
]


@pytest.mark.parametrize(("cell", "number", "wrong"), WHOLE)
def test_a_count_is_whole(cell: str, number: int | None, wrong: bool) -> None:
    made = convert(text(cell), TABLES["person"].column("records"))
    assert (made.values.to_pylist()[0], bool(made.wrong[0])) == (number, wrong)


DAYS = [
    ("1900-01-01", date(1900, 1, 1)),
    ("1899-12-31", None),
    ("2099-12-31", date(2099, 12, 31)),
    ("2100-01-01", None),
    ("2024-02-29", date(2024, 2, 29)),
    ("2023-02-29", None),
    ("2000-02-29", date(2000, 2, 29)),
    ("2023-04-31", None),
    ("2023-13-01", None),
    ("05/01/2023", date(2023, 1, 5)),
    ("31/12/2023", date(2023, 12, 31)),
    ("soon", None),
]


@pytest.mark.parametrize(("cell", "day"), DAYS)
def test_what_day_a_cell_is(cell: str, day: date | None) -> None:
    made = convert(text(cell, None), TABLES["record"].column("birth_date"))
    assert made.values.to_pylist() == [day, None]
    assert made.wrong.tolist() == [day is None, False]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("yes", True),
        ("Y", True),
        ("1", True),
        ("TRUE", True),
        ("no", False),
        ("0", False),
        ("f", False),
        ("maybe", None),
    ],
)
def test_yes_or_no(cell: str, said: bool | None) -> None:
    column = next((column for table in TABLES.values() for column in table.columns if column.type == "boolean"), None)
    made = convert(text(cell, None), column or replace(TABLES["record"].column("sex"), type="boolean"))
    assert made.wrong.tolist() == [said is None, False]
    assert said is None or made.values.to_pylist() == [said, None]


def test_the_check_digit_of_a_number() -> None:
    """943 476 5919 is sound (NHS Data Dictionary); of ten last digits one fits, none where the sum asks for ten."""
    assert nhs_sound(
        text("9434765919", "943 476 5919", "943-476-5919", None, "9434765918", "943476591", "94347659190", "943476591X")
    ).tolist() == [True, True, True, True, False, False, False, False]
    for first in ("943476591", "100000000", "400000000", "999999999", "123456788"):
        total = sum(int(figure) * weight for figure, weight in zip(first, range(10, 1, -1), strict=True))
        wanted = {11: 0, 10: None}.get(11 - total % 11, 11 - total % 11)
        fits = nhs_sound(text(*(f"{first}{last}" for last in range(10))))
        assert np.flatnonzero(fits).tolist() == ([] if wanted is None else [wanted]), first


YEARS = [
    ("2023-24", "2023-24"),
    ("2023/24", "2023-24"),
    ("2023-2024", "2023-24"),
    ("FY2023-24", "2023-24"),
    ("fy 2023/24", "2023-24"),
    ("202403", "2023-24"),
    ("1999-00", "1999-00"),
    ("1999/2000", "1999-00"),
    ("2023", None),
    ("2023-25", None),
    ("2023-23", None),
    ("202404", None),
]


@pytest.mark.parametrize(("cell", "year"), YEARS)
def test_a_financial_year(cell: str, year: str | None) -> None:
    faults = Faults(1)
    assert _financial_years(text(cell), faults).to_pylist() == [year]
    assert faults.mask.tolist() == [year is None]


# Rules over two columns


def moments(*days: str | None) -> pa.Array:
    return pa.array([None if day is None else datetime.fromisoformat(day) for day in days], pa.timestamp("us"))


def wrong(table: str, **values: pa.Array) -> list[bool]:
    faults = Faults(len(next(iter(values.values()))))
    _rules(TABLES[table], values, {}, faults)
    return faults.mask.tolist()


def test_an_end_is_not_before_its_start() -> None:
    start, end = (
        moments("2024-01-02", "2024-01-02", "2024-01-02", None),
        moments("2024-01-01", "2024-01-02", None, "2024-01-01"),
    )
    assert wrong("spend", start=start, end=end) == [True, False, False, False]
    assert wrong("observation", **{"from": start, "to": end}) == [True, False, False, False]


def test_a_contact_is_somebodys_or_somewhere() -> None:
    record, person, place = text("r", None, None, None), text(None, "p", None, None), text(None, None, "x", None)
    agency = text("a", None, None, None)
    for table in ("contact", "enrolment"):
        assert wrong(table, record=record, person=person, place=place, agency=agency) == [False, False, False, True]
    assert wrong("observation", record=record, agency=text(None, None, None, None)) == [True, False, False, False]


def test_a_death_before_the_birth_is_left_out_and_the_row_stays() -> None:
    days = pa.array([date(2000, 1, 1)] * 3, pa.date32())
    values = {"birth_date": days, "death_date": pa.array([date(1999, 12, 31), date(2000, 1, 1), None], pa.date32())}
    faults = Faults(3)
    _lives(values, faults)
    assert values["death_date"].to_pylist() == [None, date(2000, 1, 1), None]
    assert (faults.mask.any(), sorted(faults.left_out)) == (np.False_, [0])


@pytest.mark.parametrize(
    ("end", "start", "gone"),
    [
        ("2023-12-31", "2023-01-01", True),
        ("2024-01-01", "2023-01-01", False),
        (None, "2023-12-31", True),
        (None, "2024-01-01", False),
    ],
)
def test_what_was_over_before_rows_are_kept_does_not_come_in(end: str | None, start: str, gone: bool) -> None:
    faults = Faults(1)
    _retention(TABLES["contact"], {"end": moments(end), "start": moments(start)}, "2024-01-01", faults)
    assert faults.mask.tolist() == [gone]
    ongoing = Faults(1)
    _retention(TABLES["enrolment"], {"end": moments(None)}, "2024-01-01", ongoing)
    _retention(TABLES["contact"], {"end": moments(end), "start": moments(start)}, "", ongoing)
    _retention(TABLES["record"], {"end": moments(end)}, "2024-01-01", ongoing)
    assert not ongoing.mask.any()


def test_the_marks_of_scale_are_a_thousand_apart() -> None:
    values, _ = numbers(text("£1k", "£1m", "£1bn"), NumberReading())
    assert [later / earlier for earlier, later in pairwise([1.0, *values])] == [1000, 1000, 1000]
