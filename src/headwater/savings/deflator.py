"""Pounds of one year in pounds of another: the GDP deflator, with its vintage."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from headwater.domain.errors import Usage

VINTAGE = (
    "HM Treasury, GDP deflators at market prices, December 2025 Quarterly National Accounts release, "
    "calendar years, 2024 = 100"
)
"""A financial year is rebased by the index of the calendar year it begins in: 2024-25 by that of 2024."""


def shipped(name: str) -> list[dict[str, str]]:
    """The rows of a table that comes with Headwater (`prices/<name>.csv`)."""
    with (resources.files(__package__) / "prices" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def deflator() -> dict[int, float]:
    return {int(row["year"]): float(row["value"]) for row in shipped("gdp_deflator")}


def latest_price_year() -> int:
    return max(deflator())


def rebased(gbp: float, from_year: int, to_year: int) -> float:
    """An amount in prices of `from_year`, in prices of `to_year` (first years of financial years). Raises Usage outside
    the series."""
    return gbp * factor(from_year, to_year)


def factor(from_year: int, to_year: int) -> float:
    index = deflator()
    for year in (from_year, to_year):
        if year not in index:
            raise Usage(
                "there is no price index for that year",
                given=str(year),
                allowed=f"{min(index)} to {max(index)} ({VINTAGE})",
                next_step="set price_year in headwater.toml or in the protocol to one of these years",
            )
    return index[to_year] / index[from_year]
