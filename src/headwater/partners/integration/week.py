"""An action week: which streets, and which agencies in each, with the days that each agency can give.

A street's harm is what its contacts cost in the year before; the chance that an agency's visit settles it is the
agency's share of that harm times what a visit by the right agency is assumed to settle, or what a file of the user's
own says.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import DataProblem, Usage, one_of
from headwater.stats.greedy import best_visits
from headwater.store.expr import _, date, interval

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date as Day
    from pathlib import Path

    from numpy.typing import NDArray

    from headwater.domain.money import Price
    from headwater.store import Store

SETTLED = 0.3
"""What a visit by the agency whose harm it is settles: an assumption of this tool. headwater.toml, [partners]
week_settled."""
DAYS_EACH = 1.0
YEAR_DAYS = 365


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """harm_gbp: float64[place], a year; chance, days: float64[place, agency] that a visit settles it, and what it
    takes."""

    places: tuple[str, ...]
    agencies: tuple[str, ...]
    harm_gbp: NDArray[np.float64]
    chance: NDArray[np.float64]
    days: NDArray[np.float64]
    unpriced: tuple[str, ...] = ()
    """Kinds counted at £1 a contact for want of a price."""


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """visits: place → the agencies that go there. averted_gbp a year is reckoned from the assumption, never an
    effect."""

    visits: dict[str, tuple[str, ...]]
    averted_gbp: float
    assured: float
    spent_days: dict[str, float]
    harm_gbp: dict[str, float]
    unpriced: tuple[str, ...]


def streets(store: Store, prices: Mapping[str, Price], before: Day, settled: float) -> Streets:
    """Harm and chances from the contacts at places in the year before a day. Raises DataProblem where there are
    none."""
    contacts = store.table("contact")
    day = date(before.isoformat())
    year = contacts.filter(
        contacts.place.notnull() & (contacts.start < day) & (contacts.start >= day - interval(days=YEAR_DAYS))
    )
    counted = year.group_by("place", "agency", "kind").agg(n=_.count()).order_by("place", "agency", "kind")
    rows = store.arrow(counted).to_pylist()
    if not rows:
        raise DataProblem(
            "no contact at a place lies in the year before",
            given=f"the year before {before}",
            next_step="map contact.place in headwater.toml, or name another start in the protocol",
        )
    places, agencies = (tuple(sorted({row[name] for row in rows})) for name in ("place", "agency"))
    gbp = np.zeros((len(places), len(agencies)))
    at = [{name: number for number, name in enumerate(names)} for names in (places, agencies)]
    for row in rows:
        price = prices[row["kind"]].gbp if row["kind"] in prices else 1.0
        gbp[at[0][row["place"]], at[1][row["agency"]]] += row["n"] * price
    harm = gbp.sum(axis=1)
    unpriced = tuple(sorted({row["kind"] for row in rows} - set(prices)))
    return Streets(places, agencies, harm, settled * gbp / harm[:, None], np.full(gbp.shape, DAYS_EACH), unpriced)


def with_chances(known: Streets, file: Path) -> Streets:
    """The user's own chances and days in place of ours: CSV with place, agency, chance and, where they differ from 1,
    days.

    Pairs that the file does not name get no visit; agencies without records of their own may be in it.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"place", "agency", "chance"} <= set(rows[0]):
        raise DataProblem(
            f"{file.name} does not say chances",
            given=", ".join(rows[0]) if rows else "no rows",
            allowed="columns place, agency, chance and days",
            next_step="add the headings that are missing",
        )
    agencies = tuple(sorted({*known.agencies, *(row["agency"] for row in rows)}))
    chance, days = np.zeros((len(known.places), len(agencies))), np.full((len(known.places), len(agencies)), DAYS_EACH)
    at = {name: number for number, name in enumerate(known.places)}
    for number, row in enumerate(rows, 2):
        if row["place"] in at:
            cell = at[row["place"]], agencies.index(row["agency"])
            chance[cell], days[cell] = _chance(row, number, file), float(row.get("days") or DAYS_EACH)
    return Streets(known.places, agencies, known.harm_gbp, chance, days, known.unpriced)


def week(known: Streets, budget: Mapping[str, float]) -> Week:
    """The visits that avert most within each agency's days. Raises Usage for an agency that has nothing to visit
    for."""
    for agency in budget:
        if agency not in known.agencies:
            raise one_of("no such agency at any place", agency, known.agencies, "--days AGENCY=DAYS")
    days = np.array([budget.get(agency, 0.0) for agency in known.agencies])
    found = best_visits(known.harm_gbp, known.chance, known.days, days)
    visits: dict[str, tuple[str, ...]] = {}
    spent = dict.fromkeys(budget, 0.0)
    for place, agency in found.visits.tolist():
        visits[known.places[place]] = (*visits.get(known.places[place], ()), known.agencies[agency])
        spent[known.agencies[agency]] += float(known.days[place, agency])
    harm = dict(zip(known.places, known.harm_gbp.tolist(), strict=True))
    return Week(visits, found.value, found.assured, spent, {name: harm[name] for name in visits}, known.unpriced)


def budgets(words: tuple[str, ...]) -> dict[str, float]:
    """AGENCY=DAYS as it was typed, as days by agency."""
    found = {}
    for word in words:
        agency, _eq, days = word.partition("=")
        try:
            found[agency] = float(days)
        except ValueError as problem:
            raise Usage(
                "days are a number", given=word, allowed="AGENCY=DAYS", next_step="--days police=12"
            ) from problem
    return found


def _chance(row: Mapping[str, str], number: int, file: Path) -> float:
    try:
        value = float(row["chance"])
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise DataProblem(
            f"{file.name}, line {number}: a chance lies between 0 and 1", given=row["chance"], next_step="mend the line"
        )
    return value
