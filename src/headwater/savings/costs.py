"""What a collaboration costs, on the calendar: over the days it was delivered, by heading, bearer and month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.calendar import Calendar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Cohort, Effect

    Costs = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Delivery:
    """The days for which a collaboration's yearly costs run; last counts too."""

    first: date
    last: date

    def year(self, number: int) -> tuple[date, date]:
        """First and last day of a year of the collaboration, 0 the first."""
        return _anniversary(self.first, number), _anniversary(self.first, number + 1) - timedelta(days=1)


def delivered(effect: Effect, protocol: Protocol, cohort: Cohort | None = None) -> Delivery:
    """From the first start: for places to the last day followed; for people to the last start, a whole follow-up at
    least.

    Whoever was taken on last is still followed when a programme of rolling intake has been paid for: two years of
    intake cost two years, whatever the follow-up after them, or one that took on twice as many would cost no more. The
    protocol's `end`, where it states one, decides, as far as the data go.
    """
    last = effect.last_day
    if protocol.unit == "person" and cohort is not None and len(cohort.first):
        started = cohort.first.max().astype("datetime64[D]").item()
        whole = effect.first_day + timedelta(days=protocol.follow_up_days - 1)
        last = min(max(started, whole), effect.last_day)
    if protocol.end is not None:
        last = min(protocol.end, effect.last_day)
    return Delivery(effect.first_day, max(last, effect.first_day))


def calendar_of(effect: Effect, protocol: Protocol, delivery: Delivery) -> Calendar:
    """The effect's months, and more where a one-off cost (an exit) falls after them."""
    ends = [_anniversary(delivery.first, cost.year) for cost in protocol.costs if not cost.yearly]
    return Calendar.spanning(effect.calendar.first.first, max([effect.calendar.last.last, *ends]))


def costs_of(
    protocol: Protocol, bearers: Sequence[str], calendar: Calendar, delivery: Delivery, counted: Costs | float = 1.0
) -> tuple[tuple[str, ...], Costs]:
    """Headings, and float64[heading, bearer, month]. counted: float64[month], the share of each month of which outcomes
    are known; what runs by the year stands beside these alone, for of the others neither side is told.

    A one-off cost falls in the month that its year of the collaboration begins with. A yearly cost runs day by day: a
    whole year of delivery costs the stated amount, a part of one its part of the days.
    """
    heads = tuple(dict.fromkeys(cost.what for cost in protocol.costs))
    found = np.zeros((len(heads), len(bearers), calendar.months))
    for cost in protocol.costs:
        row = found[heads.index(cost.what), bearers.index(cost.bearer)]
        if cost.yearly:
            row += cost.gbp * _yearly(calendar, delivery, cost.year) * counted
        else:
            row[calendar.index(delivery.year(cost.year)[0])] += cost.gbp
    return heads, found


def _yearly(calendar: Calendar, delivery: Delivery, since: int) -> Costs:
    """float64[month]: the part of a year's cost that falls in each month, from a year of the collaboration on."""
    found = np.zeros(calendar.months)
    number = since
    while delivery.year(number)[0] <= delivery.last:
        first, last = delivery.year(number)
        days = calendar.overlap_days(first, min(last, delivery.last))
        found += days / ((last - first).days + 1)
        number += 1
    return found


def _anniversary(day: date, years: int) -> date:
    """The same day some years on; 1 March for 29 February in a year without one."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
