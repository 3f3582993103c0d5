"""What averted contacts are worth, to whom: Effect and Freed in, Saving out, in one lens."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.money import BUCKETS, Bearer, Bucket, Perspective, Saving
from headwater.savings.caution import optimism
from headwater.savings.discount import discount_factors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Effect, Grade
    from headwater.domain.money import Freed, Price
    from headwater.savings.book import PriceBook

DAYS_PER_YEAR = 365.25
SLACK_DAYS = 10
"""A fifth quarter of 91 days begins on day 364 and a 29th on day 2,548: the second and the eighth year."""
SMALLEST_SPREAD = 1e-6
RELEASED = BUCKETS.index(Bucket.RELEASED)
SPENDABLE = [BUCKETS.index(Bucket.CASH), RELEASED]


def value(
    effect: Effect,
    freed: Freed,
    protocol: Protocol,
    book: PriceBook,
    grade: Grade,
    lens: Perspective | str = Perspective.FISCAL,
) -> Saving:
    """The saving by bearer, period and bucket, draw by draw; one lens at a time, because lenses are never added.

    Fiscal: the split of `freed`, shared over budgets. Economic and social: averted × that lens's price; it is nobody's cash,
    so all of it stands under *released*. Raises ProtocolBreach where a price and a part of it would both be counted.
    """
    lens = Perspective(lens)
    prices = book.for_kinds(protocol.prices, lens)
    kinds, split = _split(effect, freed, prices, lens)
    used = tuple(prices[kind] for kind in kinds)
    _refuse_nested(used)
    split = split * price_draws(used, split.shape[0], protocol.seed)[:, :, None, None]
    bearers, shares = shares_of(used, protocol, lens)
    months = tuple(month.first.isoformat() for month in effect.calendar)
    periods = with_later_costs(months, protocol)
    gbp = np.zeros((split.shape[0], len(bearers), len(periods), len(BUCKETS)))
    gbp[:, :, : len(months)] = np.einsum("dkpb,ka->dapb", split, shares)
    invested = investments(protocol, bearers, periods, len(months))
    return Saving(
        effect.collaboration, lens, tuple(Bearer(name) for name in bearers), periods, gbp, invested, book.price_year, used,
        net_present_value(gbp, invested, periods, optimism(grade)), tuple(kind for kind in counted(effect, protocol) if kind not in kinds),
    )  # fmt: skip


def counted(effect: Effect, protocol: Protocol) -> tuple[str, ...]:
    """The effect's kinds whose change is worth pounds: all of which something can be told, but the negative controls."""
    controls = set(protocol.outcome_kinds(Role.NEGATIVE_CONTROL))
    return tuple(kind for kind in effect.told if kind not in controls)


def _split(
    effect: Effect, freed: Freed, prices: Mapping[str, Price], lens: Perspective
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Kinds and float64[draw, kind, period, bucket] of average-cost pounds in the lens."""
    if lens is Perspective.FISCAL:
        return freed.outcomes, freed.split_gbp
    kinds = tuple(kind for kind in effect.told if kind in prices)
    if not kinds:
        raise Usage(
            f"no outcome of {effect.collaboration} has a price in the {lens} lens",
            given=", ".join(effect.outcomes),
            allowed=", ".join(sorted(prices)),
            next_step="state [qaly] or [wellby] in the protocol for the social lens, or add a price table of your own in headwater.toml",
        )
    split = np.zeros((effect.averted.shape[0], len(kinds), effect.calendar.months, len(BUCKETS)))
    at = [effect.outcomes.index(kind) for kind in kinds]
    split[..., RELEASED] = effect.averted[:, at] * np.array([prices[kind].gbp for kind in kinds])[None, :, None]
    return kinds, split


def price_draws(prices: Sequence[Price], draws: int, seed: int) -> NDArray[np.float64]:
    """float64[draw, price]: gamma factors of mean 1 and each price's own spread; exactly 1 where it has none."""
    factors = np.ones((draws, len(prices)))
    for at, price in enumerate(prices):
        if price.spread > SMALLEST_SPREAD:
            shape = price.spread**-2
            factors[:, at] = np.random.default_rng([seed, at]).gamma(shape, 1 / shape, draws)
    return factors


def _refuse_nested(prices: Sequence[Price]) -> None:
    codes = {price.code for price in prices}
    for price in prices:
        if price.parent in codes:
            raise ProtocolBreach(
                "one cost would be counted twice",
                given=f"{price.code} ({price.gbp:,.2f}) is already a part of {price.parent}, and both are counted",
                allowed="the whole or its parts, never both",
                next_step=f"leave {price.parent} or its parts out of the protocol's outcomes or [prices]",
            )


def shares_of(
    prices: Sequence[Price], protocol: Protocol, lens: Perspective
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Bearers, and float64[kind, bearer]: the protocol's shares, else each price's own bearer; rows add to 1.

    Bearers who only pay are in it too. Raises Usage where a kind's shares do not add to 1.
    """
    agreed = {(share.kind, share.bearer): share.share for share in protocol.bearers if lens is Perspective.FISCAL}
    for price in prices:
        if not any(kind == price.kind for kind, _ in agreed):
            agreed[price.kind, price.bearer or "unknown"] = 1.0
    kinds = [price.kind for price in prices]
    names = dict.fromkeys(bearer for (kind, bearer) in agreed if kind in kinds)
    bearers = tuple(names | dict.fromkeys(cost.bearer for cost in protocol.costs))
    shares = np.array([[agreed.get((kind, bearer), 0.0) for bearer in bearers] for kind in kinds]).reshape(
        len(kinds), len(bearers)
    )
    for kind, total in zip(kinds, shares.sum(axis=1), strict=True):
        if abs(total - 1) > 1e-6:
            raise Usage(
                f"the shares of {kind} over its bearers add to {total:.3f}",
                allowed="1, so that no pound is lost or counted twice",
                next_step=f"mend [[bearers]] of {protocol.id}",
            )
    return bearers, shares


def years_of(periods: Sequence[str]) -> NDArray[np.int64]:
    """int64[period]: the year of the collaboration each period begins in, 0 the first."""
    days = np.array([date.fromisoformat(period).toordinal() for period in periods])
    years: NDArray[np.int64] = np.floor((days - days[0] + SLACK_DAYS) / DAYS_PER_YEAR).astype(np.int64)
    return years


def with_later_costs(periods: Sequence[str], protocol: Protocol) -> tuple[str, ...]:
    """The effect's periods, and a year more for each later one-off cost (an exit) that falls after them."""
    last = int(years_of(periods)[-1])
    first = date.fromisoformat(periods[0])
    wanted = max((cost.year for cost in protocol.costs if not cost.yearly), default=0)
    return (*periods, *(_years_after(first, year).isoformat() for year in range(last + 1, wanted + 1)))


def _years_after(first: date, years: int) -> date:
    return first.replace(year=first.year + years, day=28 if (first.month, first.day) == (2, 29) else first.day)


def investments(
    protocol: Protocol, bearers: Sequence[str], periods: Sequence[str], measured: int
) -> NDArray[np.float64]:
    """float64[bearer, period]: what each pays; a year's cost is spread evenly over the periods of that year.

    Yearly costs run through the first `measured` periods, those in which benefits were counted too.
    """
    years = years_of(periods)
    invested = np.zeros((len(bearers), len(periods)))
    for cost in protocol.costs:
        running = (years >= cost.year) & (np.arange(len(periods)) < measured)
        due = running if cost.yearly else years == cost.year
        for year in np.unique(years[due]):
            within = years == year
            invested[bearers.index(cost.bearer), within] += cost.gbp / within.sum()
    return invested


def net_present_value(
    gbp: NDArray[np.float64],
    invested: NDArray[np.float64],
    periods: Sequence[str],
    correction: float,
    schedule: str = "standard",
) -> NDArray[np.float64]:
    """float64[draw]: cash and released over all bearers less `correction`, minus costs plus `correction`, discounted.

    Harm is not made smaller: the correction takes off gains only, draw by draw, bearer by bearer, period by period.
    """
    years = years_of(periods)
    factors = discount_factors(int(years[-1]), schedule)[years]
    benefit = cautious(gbp[..., SPENDABLE], correction).sum(axis=(1, 3))
    net: NDArray[np.float64] = (benefit - invested.sum(axis=0) * (1 + correction)) @ factors
    return net


def cautious(gains: NDArray[np.float64], correction: float) -> NDArray[np.float64]:
    """Gains less the correction; losses whole."""
    return np.where(gains > 0, gains * (1 - correction), gains)
