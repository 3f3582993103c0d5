"""The periods of counts, proved by all their days: months, quarters, years or weeks; days that end one; days that
stray."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import reduce
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    On = Callable[[date], bool]

NEARLY_ALL = 0.95
"""Share of rows that must stand on a step for it to be the file's."""


def strays(days: Mapping[date, int]) -> dict[date, str]:
    """Day → the step it does not stand on. days: first day of a period → rows. Daily and irregular counts have no
    strays."""
    steps: tuple[tuple[str, On], ...] = (("months", lambda day: day.day == 1), *_weeks(days))
    for step, on in steps:
        if _share(days, on) >= NEARLY_ALL:
            return {day: step for day in days if not on(day)}
    return {}


def _weeks(days: Mapping[date, int]) -> tuple[tuple[str, On], ...]:
    commonest = Counter[int]()
    for day, rows in days.items():
        commonest[day.weekday()] += rows
    weekday = commonest.most_common(1)[0][0] if commonest else 0
    return (("weeks", lambda day: day.weekday() == weekday),) if len(days) >= 3 else ()


def _share(days: Mapping[date, int], on: On) -> float:
    whole = sum(days.values())
    return sum(rows for day, rows in days.items() if on(day)) / whole if whole else 0.0


def first_days(days: Mapping[date, int]) -> dict[date, date]:
    """Day that ends a period → the day it began, where nearly all days are the last of a month (or the first of one).

    How long a period is follows from the days themselves: the longest of 1, 3 and 12 months that all of them keep to.
    """
    ends = {day for day in days if (day + timedelta(days=1)).day == 1}
    if _share(days, lambda day: day.day == 1) >= NEARLY_ALL:
        return {}
    if not ends or _share(days, lambda day: day in ends or day.day == 1) < NEARLY_ALL:
        return {}
    months = sorted(day.year * 12 + day.month for day in ends)
    step = reduce(gcd, (later - months[0] for later in months[1:]), 0)
    length = 12 if step and step % 12 == 0 else 3 if step and step % 3 == 0 else 1
    return {day: _first(day, length) for day in ends}


def _first(end: date, length: int) -> date:
    at = end.year * 12 + end.month - length
    return date(at // 12, at % 12 + 1, 1)
