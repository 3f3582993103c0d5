"""Contacts of the enrolled on the calendar: as people's days let them fall, and as they were seen where months truly
differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.domain.calendar import Calendar
from headwater.evidence.people.monthly import Monthly, between
from headwater.evidence.people.reading import QUARTER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

CALENDAR = Calendar.spanning(date(2022, 10, 1), date(2024, 9, 30))
YEARS = CALENDAR.financial_years


@dataclass
class Followed:
    """As much of the design's units as the months read: first the day before the follow-up, then the first day after
    it."""

    index: NDArray[np.int64]
    end: NDArray[np.int64]


def followed(rng: np.random.Generator, people: int, intakes: tuple[tuple[date, date], ...]) -> Followed:
    """Each followed for a year, taken on evenly over the intakes."""
    days = np.concatenate([np.arange(_day(first), _day(last)) for first, last in intakes])
    index = np.sort(rng.choice(days, people))
    return Followed(index, index + 366)


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def contacts(rng: np.random.Generator, units: Followed, yearly: Vector, month: Vector) -> Monthly:
    """yearly: float64[person], contacts a year; month: float64[month], how much busier than others a month is."""
    days = CALENDAR.overlap_days((units.index + 1).astype("datetime64[D]"), (units.end - 1).astype("datetime64[D]"))
    counts = rng.poisson(days * yearly[:, None] / 365.25 * month).astype(np.float64)
    return Monthly(CALENDAR, np.arange(len(yearly)), counts[:, None, :], days)


def shares(months: Vector) -> Vector:
    """In per cent, by financial year."""
    return np.array([100 * months[at].sum() / months.sum() for at in YEARS.values()])


INTAKES = {
    "one": ((date(2023, 1, 20), date(2023, 9, 1)),),
    "two": ((date(2022, 10, 5), date(2022, 12, 20)), (date(2023, 6, 1), date(2023, 9, 20))),
}


@pytest.mark.parametrize("intakes", INTAKES)
@pytest.mark.parametrize("people", [200, 1000])
def test_shares_of_the_years_are_those_of_days_times_rate(intakes: str, people: int) -> None:
    """Within 1 point, where 200 people's own contacts would stray by twice that."""
    astray, seen_astray = [], []
    for seed in range(20):
        rng = np.random.default_rng([7, seed, people])
        units = followed(rng, people, INTAKES[intakes])
        yearly = rng.gamma(1.0, 2.0, people)
        found = contacts(rng, units, yearly, np.ones(CALENDAR.months))
        truly = shares((found.days * yearly[:, None]).sum(axis=0))
        fallen = found.fallen(units, found.row, 0, yearly, np.ones(4))
        assert fallen.sum() == pytest.approx(found.counts.sum(), rel=1e-9)
        astray.append(np.abs(shares(fallen) - truly).max())
        seen_astray.append(np.abs(shares(found.counts.sum(axis=(0, 1))) - truly).max())
    assert np.mean(astray) < 0.5
    assert np.quantile(astray, 0.9) < 1.0
    assert np.mean(astray) < 0.5 * np.mean(seen_astray)


def test_who_falls_back_after_the_start_has_more_in_the_first_months() -> None:
    """A month of the first quarter weighs three times one of the others."""
    rng = np.random.default_rng(3)
    units = followed(rng, 50, ((date(2023, 3, 1), date(2023, 3, 2)),))
    pace, paced = np.array([3.0, 1, 1, 1]), np.zeros(CALENDAR.months)
    for at, share in enumerate(pace):
        first = int(units.index[0]) + 1 + QUARTER * at
        paced += share * CALENDAR.overlap_days(*np.array([first, first + QUARTER - 1]).astype("datetime64[D]"))
    counts = rng.poisson(paced / 60, (50, CALENDAR.months)).astype(np.float64)
    found = Monthly(CALENDAR, np.arange(50), counts[:, None, :], np.zeros(counts.shape, np.int64))
    assert shares(found.fallen(units, found.row, 0, np.ones(50), pace)) == pytest.approx(shares(paced), abs=1.0)


def test_a_lockdown_is_not_smoothed_away() -> None:
    """Three months at a fifth of the usual level among 2,000 people: what stands there is what was seen."""
    rng = np.random.default_rng(5)
    units = followed(rng, 2000, INTAKES["one"])
    month = np.ones(CALENDAR.months)
    month[8:11] = 0.2
    found = contacts(rng, units, np.full(2000, 3.0), month)
    fallen, seen = found.fallen(units, found.row, 0, np.ones(2000), np.ones(4)), found.counts.sum(axis=(0, 1))
    assert fallen[8:11].sum() == pytest.approx(seen[8:11].sum(), rel=0.1)


def test_nothing_seen_is_nothing_anywhere() -> None:
    assert between(np.zeros((3, 4)), np.ones((3, 4))).tolist() == [0, 0, 0, 0]


def test_whoever_is_left_out_has_no_part() -> None:
    rng = np.random.default_rng(6)
    units = followed(rng, 30, INTAKES["one"])
    found = contacts(rng, units, np.full(30, 5.0), np.ones(CALENDAR.months))
    some = np.array([25, 3, 11])
    assert found.fallen(units, some, 0, np.ones(30), np.ones(4)).sum() == found.counts[some].sum()
