"""Present values: one convention, stated once.

Pounds are real. Year 0 is the first year of the collaboration and is not discounted; year t is divided by the rates of
all years up to t, 3.5 % in years 1–30, 3.0 % in 31–75, 2.5 % in 76–125 and so on, or by the schedule for health. Rates
are data with
their edition: HM Treasury, Green Book 2022 (annex A6) and 2026 (chapter 6, 5 February 2026), whose headline rates are
the same; since 2026 what reaches beyond 50 years is tested at the lower rates too (Department for Transport, TAG note,
16 April 2026). The independent review of 30 June 2026 recommends 3.0 %; it is not adopted and is told as a sensitivity,
flat, under its own name.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import Usage, one_of
from headwater.savings.deflator import shipped

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SCHEDULES = ("standard", "health", "test")
EDITION, REVIEW = "2026", "review-2026"
EDITIONS = ("2022", EDITION, REVIEW)
LONG = 50
"""Years beyond which the lower test rates are asked for as well."""


@cache
def _bands(schedule: str, edition: str) -> tuple[tuple[int, int, float], ...]:
    if schedule not in SCHEDULES:
        raise one_of("there is no such discount schedule", schedule, SCHEDULES)
    if edition not in EDITIONS:
        raise one_of("there is no such edition of discount rates", edition, EDITIONS)
    rows = (row for row in shipped("discount_rates") if row["edition"] == edition)
    return tuple((int(r["year_from"]), int(r["year_to"]), float(r[schedule])) for r in rows)


def schedules_asked(years: int) -> tuple[str, ...]:
    """The schedules under which a horizon is told: the standard one, and beyond 50 years the lower test rates beside
    it."""
    return ("standard", "test") if years > LONG else ("standard",)


def discount_factors(years: int, schedule: str = "standard", edition: str = EDITION) -> NDArray[np.float64]:
    """float64[years + 1]: what a pound of year 0, 1, … `years` is worth in year 0."""
    bands = _bands(schedule, edition)
    if not 0 <= years <= bands[-1][1]:
        raise Usage("no discount rate is set for that year", given=str(years), allowed=f"0 to {bands[-1][1]}")
    rates = np.concatenate([np.full(last - first + 1, rate) for first, last, rate in bands])[: years + 1]
    rates[0] = 0.0
    return 1 / np.cumprod(1 + rates)


def present_value(gbp: ArrayLike, schedule: str = "standard") -> NDArray[np.float64]:
    """The value in year 0 of amounts by year, float64[..., year] → float64[...]."""
    amounts = np.asarray(gbp, dtype=np.float64)
    return amounts @ discount_factors(amounts.shape[-1] - 1, schedule)


def equivalent_annual(value_gbp: float, years: int, schedule: str = "standard") -> float:
    """The level yearly amount in years 1 … `years` whose present value is `value_gbp`."""
    return float(value_gbp / discount_factors(years, schedule)[1:].sum())


def payback_year(benefit_gbp: ArrayLike, cost_gbp: ArrayLike) -> int | None:
    """The year from which undiscounted benefits cover the costs so far for good; None if they do not at the end.

    A year after which later costs turn the balance negative again has paid nothing back.
    """
    standing = np.cumsum(np.asarray(benefit_gbp, dtype=np.float64) - np.asarray(cost_gbp, dtype=np.float64))
    short = np.flatnonzero(standing < 0)
    after = int(short[-1]) + 1 if short.size else 0
    return after if after < standing.size else None
