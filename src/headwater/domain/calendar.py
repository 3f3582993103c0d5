"""The calendar that averted contacts, pounds and costs stand on: months, their days and their financial years."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DAYS_PER_YEAR = 365.25
APRIL = 4


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar; as text 2024-03."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValueError(f"a month is 1 to 12, not {self.month}")

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def __add__(self, months: int) -> Month:
        return Month(*_split(self.year * 12 + self.month - 1 + months))

    def __sub__(self, other: Month) -> int:
        """Whole months from the other to this one."""
        return (self.year - other.year) * 12 + self.month - other.month

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> Month:
        """From its text, 2024-03."""
        year, month = text.split("-")
        return cls(int(year), int(month))

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.month, self.days)

    @property
    def days(self) -> int:
        return monthrange(self.year, self.month)[1]

    @property
    def financial_year(self) -> str:
        """April to March: 2023-24 for March 2024."""
        return financial_year(self.first)


def _split(months: int) -> tuple[int, int]:
    return months // 12, months % 12 + 1


def financial_year(day: date) -> str:
    """April to March: 2023-24 for 1 April 2023."""
    first = day.year - (day.month < APRIL)
    return f"{first}-{(first + 1) % 100:02d}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Months without a gap from `first` on."""

    first: Month
    months: int

    def __post_init__(self) -> None:
        if self.months < 1:
            raise ValueError("a calendar has a month at least")

    @classmethod
    def spanning(cls, first_day: date, last_day: date) -> Calendar:
        """The months that hold both days and all between."""
        first = Month.of(first_day)
        return cls(first, max(0, Month.of(last_day) - first) + 1)

    def __iter__(self) -> Any:
        return (self.first + at for at in range(self.months))

    @property
    def last(self) -> Month:
        return self.first + (self.months - 1)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(str(month) for month in self)

    @property
    def financial_years(self) -> dict[str, slice]:
        """Financial year → its months here, in order."""
        found: dict[str, slice] = {}
        for at, month in enumerate(self):
            begun = found.get(month.financial_year)
            found[month.financial_year] = slice(at if begun is None else begun.start, at + 1)
        return found

    def index(self, day: date) -> int:
        """The position of a day's month; below 0 or over the end for a day outside."""
        return Month.of(day) - self.first

    def edges(self) -> NDArray[np.datetime64]:
        """datetime64[D][months + 1]: the first day of each month, and the day after the last."""
        import numpy as np

        days = [month.first for month in self] + [self.last.last + timedelta(days=1)]
        return np.array(days, dtype="datetime64[D]")

    def overlap_days(self, first_day: Any, last_day: Any) -> NDArray[np.int64]:
        """int64[..., month]: days of each month from the first day to the last, which counts too; of one span, or of
        arrays of spans (datetime64[D][n])."""
        import numpy as np

        edges = self.edges()
        first, last = (np.asarray(day, dtype="datetime64[D]")[..., None] for day in (first_day, last_day))
        lower, upper = np.maximum(first, edges[:-1]), np.minimum(last + 1, edges[1:])
        return np.maximum((upper - lower).astype(np.int64), 0)

    def within(self, wider: Calendar) -> slice:
        """Where this calendar's months lie in a wider one."""
        start = self.first - wider.first
        if start < 0 or start + self.months > wider.months:
            raise ValueError(f"{self.first} to {self.last} is not within {wider.first} to {wider.last}")
        return slice(start, start + self.months)
