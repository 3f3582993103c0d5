"""What averted contacts are worth, to whom: Effect and Freed in, Saving out, in one lens."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.money import BUCKETS, Bearer, Bucket, Perspective, Saving
from headwater.savings.bases import npsv
from headwater.savings.costs import Delivery, calendar_of, costs_of
from headwater.savings.published import distributional_weight
from headwater.savings.wellbeing import with_wellbeing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.calendar import Calendar
    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Effect
    from headwater.domain.money import Freed, Price
    from headwater.savings.book import PriceBook

SMALLEST_SPREAD = 1e-6
RELEASED = BUCKETS.index(Bucket.RELEASED)


def value(
    effect: Effect,
    freed: Freed,
    protocol: Protocol,
    book: PriceBook,
    correction: float = 0.0,
    lens: Perspective | str = Perspective.FISCAL,
    delivery: Delivery | None = None,
) -> Saving:
    """The saving by kind, bearer, month and bucket, draw by draw; one lens at a time, because lenses are never added.

    Fiscal: the split of `freed`, shared over budgets, and beside it the social value that the protocol states. Economic
    and
    social: averted × that lens's price; it is nobody's cash, so all of it stands under *released*. `delivery`: the days
    its costs run, those of the whole effect where it is not given. Raises ProtocolBreach where a price and a part of it
    would both be counted.
    """
    lens, delivery = Perspective(lens), delivery or Delivery(effect.first_day, effect.last_day)
    prices = book.for_kinds(protocol.prices, lens)
    kinds, split = _split(effect, freed, prices, lens)
    owned = [at for at, kind in enumerate(kinds) if _has_budget(prices[kind], protocol)]
    kinds, split = tuple(kinds[at] for at in owned), split[:, owned]
    used = tuple(prices[kind] for kind in kinds)
    _refuse_nested(used)
    factors = price_draws(used, split.shape[0], protocol.seed)
    split = split * factors[:, :, None, None]
    bearers, shares = shares_of(used, protocol, lens)
    calendar = calendar_of(effect, protocol, delivery)
    gbp = np.zeros((split.shape[0], len(kinds), len(bearers), calendar.months, len(BUCKETS)))
    gbp[:, :, :, effect.calendar.within(calendar)] = np.einsum("dkpb,ka->dkapb", split, shares)
    known = np.ones(calendar.months)
    known[effect.calendar.within(calendar)] = effect.counted_shares
    headings, costs = costs_of(protocol, bearers, calendar, delivery, known)
    social = np.zeros((*gbp.shape[:2], calendar.months))
    if lens is Perspective.FISCAL:
        social = social_of(effect, kinds, protocol, book, calendar)
    bare = Saving(
        effect.collaboration,
        lens,
        kinds,
        tuple(Bearer(name) for name in bearers),
        calendar,
        gbp,
        headings,
        costs,
        social,
        book.price_year,
        used,
        np.zeros(len(gbp)),
        correction,
        tuple(kind for kind in counted(effect, protocol) if kind not in kinds),
        effect.delivery_years,
        price_factors=factors,
    )
    return replace(bare, npv_gbp=npsv(bare))


def social_of(
    effect: Effect, kinds: Sequence[str], protocol: Protocol, book: PriceBook, calendar: Calendar
) -> NDArray[np.float64]:
    """float64[draw, kind, month]: quality of life that averted contacts keep, as the protocol states it by kind.

    Weighed, where the protocol states the income of those who gain, by (median / income)^1.3 (Green Book,
    distributional weights).
    """
    found = np.zeros((effect.averted.shape[0], len(kinds), calendar.months))
    stated = [kind for kind in effect.told if kind in kinds and kind in {*protocol.qaly, *protocol.wellby}]
    prices = with_wellbeing(book, protocol).for_kinds({}, Perspective.SOCIAL) if stated else {}
    for kind in stated:
        averted = effect.averted[:, effect.outcomes.index(kind)]
        found[:, kinds.index(kind), effect.calendar.within(calendar)] = (
            averted * prices[kind].gbp * _weight(protocol, kind)
        )
    return found


def _weight(protocol: Protocol, kind: str) -> float:
    share = protocol.income_share.get(kind, 1.0)
    if share <= 0:
        raise Usage(
            "an income is a share of the median above nought", given=f"{kind} = {share:g}", allowed="for example 0.6"
        )
    return distributional_weight(share, 1.0)


def counted(effect: Effect, protocol: Protocol) -> tuple[str, ...]:
    """The effect's kinds whose change is worth pounds: all of which something can be told, but the negative
    controls."""
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
            next_step=(
                "state [qaly] or [wellby] in the protocol for the social lens, or add a price table of your own in"
                " headwater.toml"
            ),
        )
    split = np.zeros((effect.averted.shape[0], len(kinds), effect.calendar.months, len(BUCKETS)))
    at = [effect.outcomes.index(kind) for kind in kinds]
    split[..., RELEASED] = effect.averted[:, at] * np.array([prices[kind].gbp for kind in kinds])[None, :, None]
    return kinds, split


def price_draws(prices: Sequence[Price], draws: int, seed: int) -> NDArray[np.float64]:
    """float64[draw, price]: gamma factors of mean 1 and each price's own spread; exactly 1 where it has none.

    The stream is the price's own, by its code: another price beside it moves no draw.
    """
    factors = np.ones((draws, len(prices)))
    for at, price in enumerate(prices):
        if price.spread > SMALLEST_SPREAD:
            shape = price.spread**-2
            stream = int.from_bytes(sha256(price.code.encode()).digest()[:8], "big")
            drawn = np.random.default_rng([seed, stream]).gamma(shape, 1 / shape, draws)
            factors[:, at] = drawn / drawn.mean()  # the mean of the draws is the price itself, so that means add up
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


def _has_budget(price: Price, protocol: Protocol) -> bool:
    """Pounds that are in nobody's budget are no saving: whose they are is said by the protocol or the price."""
    return bool(price.bearer) or any(share.kind == price.kind for share in protocol.bearers)


def shares_of(
    prices: Sequence[Price], protocol: Protocol, lens: Perspective
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Bearers, and float64[kind, bearer]: the protocol's shares, else each price's own bearer; rows add to 1.

    Bearers who only pay are in it too. Raises Usage where a kind's shares do not add to 1.
    """
    agreed = {(share.kind, share.bearer): share.share for share in protocol.bearers if lens is Perspective.FISCAL}
    for price in prices:
        if not any(kind == price.kind for kind, _ in agreed):
            agreed[price.kind, price.bearer] = 1.0
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
