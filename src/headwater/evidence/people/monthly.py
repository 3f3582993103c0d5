"""The enrolled's own follow-up on the calendar: contacts and days by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.calendar import Calendar
from headwater.evidence.people.reading import QUARTER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.reading import Counter
    from headwater.evidence.people.units import Units

    Days = NDArray[np.int64]
    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Monthly:
    """The enrolled's own follow-up on the calendar. row: int64[n], units of the design; counts: float64[n, kind,
    month];
    days: int64[n, month] followed."""

    calendar: Calendar
    row: Days
    counts: Vector
    days: Days

    def only(self, keep: NDArray[np.bool_]) -> Monthly:
        """Of some of the design's units, by their new numbers."""
        ours = keep[self.row]
        return Monthly(self.calendar, (np.cumsum(keep) - 1)[self.row[ours]], self.counts[ours], self.days[ours])

    def of(self, rows: Days) -> tuple[Vector, Days]:
        """float64[kind, month] contacts and int64[month] days of some of the enrolled."""
        ours = np.isin(self.row, rows)
        return self.counts[ours].sum(axis=0), self.days[ours].sum(axis=0)

    def fallen(self, units: Units, rows: Days, kind: int, rate: Vector, pace: Vector) -> Vector:
        """float64[month]: the contacts of some of the enrolled as their days let them fall. rate: float64[unit],
        contacts a year to be expected of each; pace: float64[quarter], how they fall back after the start. In all they
        are those that were seen.
        """
        ours = np.isin(self.row, rows)
        row, seen = self.row[ours], self.counts[ours, kind]
        expected = np.zeros(seen.shape)
        for at, share in enumerate(pace):
            first = units.index[row] + 1 + QUARTER * at
            last = np.maximum(np.minimum(units.end[row], first + QUARTER) - 1, first - 1)
            spans = (day.astype("datetime64[D]") for day in (first, last))
            expected += share * self.calendar.overlap_days(*spans)
        return between(seen, expected * rate[row, None])


def on_calendar(units: Units, quarters: int, who: Days, count: Counter) -> Monthly:
    """The enrolled's contacts and days by month, over the days that the quarters of follow-up hold. who: int64[person],
    the numbers by which the counter knows people."""
    rows = np.flatnonzero(units.treated)
    index, end = units.index[rows], np.minimum(units.end[rows], units.index[rows] + 1 + QUARTER * quarters)
    first, last = (as_date(int(day)) for day in (index.min() + 1, max(end.max() - 1, index.min() + 1)))
    calendar = Calendar.spanning(first, last)
    days = calendar.overlap_days((index + 1).astype("datetime64[D]"), (end - 1).astype("datetime64[D]"))
    return Monthly(calendar, rows, count.months(who[units.person[rows]], index, end, calendar), days)


def between(seen: Vector, expected: Vector) -> Vector:
    """float64[month]: as expected where months differ by chance alone, and the nearer to what was seen the more they
    truly differ.

    seen, expected: float64[person, month]. Linear Bayes (Clayton and Kaldor, Biometrics 1987, on maps of rates), where
    the chance of a month is measured over people, whose contacts come in bunches.
    """
    total, level = float(seen.sum()), float(expected.sum())
    there: Vector = seen.sum(axis=0)
    if total <= 0 or level <= 0:
        return there
    expected = expected * (total / level)
    mean, chance = expected.sum(axis=0), ((seen - expected) ** 2).sum(axis=0)
    truly = max(0.0, float(((there - mean) ** 2 - chance).sum() / (mean**2).sum()))
    weight = truly * mean**2 / np.maximum(truly * mean**2 + chance, 1e-12)
    found: Vector = np.maximum(mean + weight * (there - mean), 0.0)
    found *= total / found.sum()
    return found


def as_date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)
