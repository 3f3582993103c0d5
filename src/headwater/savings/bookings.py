"""What can be booked: the fiscal saving by kind, bearer and financial year, as one figure each (means over the draws)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.money import Perspective
from headwater.savings.value import investments, price_draws, shares_of, with_later_costs

if TYPE_CHECKING:
    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Effect
    from headwater.domain.money import Freed
    from headwater.savings.book import PriceBook

SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class Paid:
    """What a bearer puts in under one heading in a financial year, real pounds of the protocol's prices."""

    bearer: str
    what: str
    year: str
    gbp: float


def paid(protocol: Protocol, periods: tuple[str, ...]) -> tuple[Paid, ...]:
    """The protocol's costs by bearer, heading and financial year, over the effect's periods and later one-off costs."""
    whole = with_later_costs(periods, protocol)
    years = [financial_year(date.fromisoformat(period)) for period in whole]
    sums: dict[tuple[str, str, str], float] = {}
    for cost in protocol.costs:
        by_period = investments(replace(protocol, costs=(cost,)), (cost.bearer,), whole, len(periods))[0]
        for year, gbp in zip(years, by_period.tolist(), strict=True):
            sums[cost.bearer, cost.what, year] = sums.get((cost.bearer, cost.what, year), 0.0) + gbp
    return tuple(Paid(*key, gbp) for key, gbp in sums.items() if gbp)


@dataclass(frozen=True, slots=True)
class Booking:
    """Averted contacts of a kind in a financial year, the part that one bearer's budget feels, and their pounds by bucket.

    Contacts over all bearers and years of a kind add up to the kind's averted contacts: a lot is claimed once.
    """

    kind: str
    bearer: str
    year: str
    contacts: float
    cash_gbp: float
    released_gbp: float
    absorbed_gbp: float
    none_gbp: float

    def times(self, share: float) -> Booking:
        """The part that is left of it where other lots count some of the same contacts."""
        figures = (self.contacts, self.cash_gbp, self.released_gbp, self.absorbed_gbp, self.none_gbp)
        return Booking(self.kind, self.bearer, self.year, *(figure * share for figure in figures))


def bookings(effect: Effect, freed: Freed, protocol: Protocol, book: PriceBook) -> tuple[Booking, ...]:
    """One booking a measured kind, bearer and financial year, in that order. What routing only models is not booked."""
    kinds = tuple(kind for kind in freed.outcomes if kind in effect.outcomes)
    prices = book.for_kinds(protocol.prices)
    used = [prices[kind] for kind in freed.outcomes]
    bearers, shares = shares_of(used, protocol, Perspective.FISCAL)
    factors = price_draws(used, freed.split_gbp.shape[0], protocol.seed)
    split = np.einsum("dkpb,dk->kpb", freed.split_gbp, factors) / len(factors)
    booked: list[Booking] = []
    for kind in kinds:
        at = freed.outcomes.index(kind)
        averted = effect.averted[:, effect.outcomes.index(kind)].mean(axis=0)
        for bearer, share in zip(bearers, shares[at], strict=True):
            booked += _by_year(kind, bearer, freed.periods, share * np.column_stack([averted, split[at]]))
    return tuple(booked)


def _by_year(kind: str, bearer: str, periods: tuple[str, ...], figures: np.ndarray) -> list[Booking]:
    years = np.array([financial_year(date.fromisoformat(period)) for period in periods])
    rows = {str(year): figures[years == year].sum(axis=0) for year in dict.fromkeys(years)}
    return [Booking(kind, bearer, year, *row.tolist()) for year, row in rows.items() if np.abs(row).max() > SMALLEST]


def financial_year(day: date) -> str:
    """April to March: 2023-24 for 1 April 2023."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"
