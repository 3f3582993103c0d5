"""How numbers are written, cell by cell."""

from __future__ import annotations

import pytest

from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import Amount, Count, Estimate, Shown
from headwater.domain.uncertainty import Interval
from headwater.report.words import Form, chance, say, shared_digits

WRITTEN = [
    (None, "not known"),
    ("as it is", "as it is"),
    (True, "yes"),
    (1234567, "1,234,567"),
    (-1234, "−1,234"),
    (0.5, "0.500"),
    (float("nan"), "not known"),
    (Shown("1,235", 1235.0), "1,235"),
    (Shown("1235", 1235.0), "1,235"),
    (Shown("fewer than 8", None), "fewer than 8"),
    (Shown("about 10", 10.0), "about 10"),
    (Amount(1234.5), "£1,235"),
    (Amount(-1234.4), "−£1,234"),
    (Amount(186.0, "gbp", 2), "£186.00"),
    (Amount(0.125, "share", 2), "13%"),
    (Amount(-0.454, "share", 3), "−45.4%"),
    (Amount(9, "months"), "9 months"),
    (Amount(float("inf")), "not known"),
    (Estimate(Interval(0.72, 0.81, 0.91), "ratio"), "0.81 (95% interval 0.72 to 0.91)"),
    (Estimate(Interval(131499.0, 252345.0, 377000.0), "gbp"), "£252,000 (95% interval £131,000 to £377,000)"),
    (Estimate(Interval(-400.4, 12.3, 455.6, 0.9), "gbp"), "£12 (90% interval −£400 to £456)"),
    (Estimate(Interval.exactly(0.5), "share", 2), "50%"),
    (Estimate(Interval(-28.0, -19.2, 9.4), "contacts", 0), "−19 contacts (95% interval −28 contacts to 9 contacts)"),
    (Estimate(Interval(38.0, 79.8, 118.0), "count", 0), "80 (95% interval 38 to 118)"),
]


@pytest.mark.parametrize(("cell", "text"), WRITTEN)
def test_each_sort_of_cell_has_one_way_of_being_written(cell: object, text: str) -> None:
    assert say(cell).text == text  # type: ignore[arg-type]


def test_a_count_that_was_not_released_is_refused() -> None:
    with pytest.raises(DisclosureBlock, match="disclosure control"):
        say(Count(3))


@pytest.mark.parametrize("column", ["year", "Grade", "Price year"])
def test_numbers_that_are_labels_have_no_separators(column: str) -> None:
    assert say(2023, column).text == "2023"


def test_only_plain_numbers_carry_a_value_for_a_spreadsheet() -> None:
    assert say(Amount(12.5)).value == 12.5
    assert say(Shown("fewer than 8", None)).value is None
    assert say(Estimate(Interval(1, 2, 3), "gbp")).value is None


def test_decimals_are_shared_by_a_column_and_are_as_many_as_it_needs() -> None:
    assert shared_digits((0.81, 1.0, 0.9)) == 2
    assert shared_digits((250000.0, 90000.0)) == 0
    assert shared_digits((0.12345, 0.5)) == 3
    assert shared_digits(("a", 3, None)) is None


def test_a_spreadsheet_format_says_the_same_sign_and_words() -> None:
    assert Form(0, before="£").pattern == '"£"#,##0;"−£"#,##0'
    assert Form(1, percent=True).pattern == '#,##0.0%;"−"#,##0.0%'
    assert Form(grouped=False).pattern == '0;"−"0'


@pytest.mark.parametrize(("value", "text"), [(0.5, "1"), (1.5, "2"), (2.5, "3"), (-0.5, "−1"), (-0.4, "0")])
def test_halves_are_rounded_away_from_nought_as_spreadsheets_do(value: float, text: str) -> None:
    assert Form().text(value) == text


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.0, "over 99%"), (0.996, "over 99%"), (0.99, "99%"), (0.5, "50%"), (0.005, "under 1%"), (0.0, "under 1%")],
)
def test_no_chance_is_told_as_certain(value: float, said: str) -> None:
    assert chance(value) == said
