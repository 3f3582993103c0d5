"""Prices as they were seen in their sources, through the linter by unit: as printed they pass, without their decimal
point they do not."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from headwater.domain.money import Perspective, Price
from headwater.savings.lint import UNIT_GBP, magnitude_of_unit
from headwater.savings.tables import PriceRow, shipped_rows

if TYPE_CHECKING:
    from pathlib import Path

SAME = {
    "bed day": "bed-day",
    "person per year": "year",
    "prisoner-year": "year",
    "place-year": "year",
    "person-year": "year",
    "claimant-year": "year",
}
YEARLY_TOTALS = 300_000.0
"""What a whole service or a very high need costs a year is no unit price; the files say so in their notes."""


def seen(folder: Path, name: str) -> list[PriceRow]:
    """The rows with one number, a unit that the linter knows and a fiscal perspective."""
    rows = []
    with (folder / "unit_costs" / name).open(encoding="utf-8") as file:
        for at, line in enumerate(csv.DictReader(file), 1):
            unit = SAME.get(line["unit"].strip().lower(), line["unit"].strip().lower())
            try:
                gbp, year = float(line["value_gbp"]), int(line["price_year"][:4])
            except ValueError:
                continue
            if unit not in UNIT_GBP or not line["perspective"].startswith("fiscal") or gbp > YEARLY_TOTALS:
                continue
            price = Price(
                f"{name}:{at}",
                f"kind {at}",
                line["item"],
                gbp,
                unit,
                year,
                Perspective.FISCAL,
                "somebody",
                line["source"],
                "",
                "",
            )
            rows.append(PriceRow(price, name, at))
    return rows


@pytest.mark.parametrize(("name", "least"), [("prices_extra.csv", 40), ("prices_seen.csv", 18)])
def test_prices_as_printed_are_of_the_size_of_their_unit(shared_data: Path, name: str, least: int) -> None:
    rows = seen(shared_data, name)
    assert len(rows) >= least
    assert [warning.text for warning in magnitude_of_unit(rows, 2024)] == []


def test_those_with_pence_are_found_when_the_point_is_lost(shared_data: Path) -> None:
    rows = [row for row in seen(shared_data, "prices_extra.csv") if row.price.gbp % 1]
    lost = [replace(row, price=replace(row.price, gbp=100 * row.price.gbp)) for row in rows]
    assert len({warning.code for warning in magnitude_of_unit(lost, 2024)}) == len(lost) >= 6


def test_what_is_shipped_of_the_unit_cost_database_is_what_was_seen(shared_data: Path) -> None:
    """Each extra row by its code and its pounds."""
    with (shared_data / "unit_costs" / "prices_extra.csv").open(encoding="utf-8") as file:
        printed = {line["item"].split()[0]: line["value_gbp"] for line in csv.DictReader(file)}
    ours = {row.price.code.removeprefix("UCD14-"): row.price.gbp for row in shipped_rows() if row.version == "ucd-1.4"}
    both = set(printed) & set(ours)
    assert len(both) >= 40
    assert {code: float(printed[code]) for code in both} == {code: ours[code] for code in both}
