"""Before launch, on one page: what regression to the mean will do by itself, what could be told, who would break even,
and what knowing more is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.capacity.free import DAYS_PER_YEAR, four_ways, shares_for
from headwater.domain.errors import Usage
from headwater.domain.money import BUCKETS, Bucket
from headwater.domain.release import FigureData
from headwater.stats.trial import (
    Selected,
    detectable,
    fit_negative_binomial,
    information_limit,
    power_of,
    selected,
)
from headwater.stats.voi import value_of_perfect_information, value_of_sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.domain.money import Price
    from headwater.domain.uncertainty import Interval

CASH, RELEASED = BUCKETS.index(Bucket.CASH), BUCKETS.index(Bucket.RELEASED)
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Ambition:
    """What the partners hope for. rate_ratio: their belief about the true effect; people: how many they mean to enrol.

    controls_per_person: comparison people to each enrolled one; 0 takes the protocol's. yearly_discount of money, 0.035
    for 3.5 %.
    """

    people: int
    rate_ratio: Interval
    cost_per_person_gbp: float = 0.0
    controls_per_person: float = 0.0
    yearly_discount: float = 0.035
    alpha: float = 0.05
    power: float = 0.8
    lasting: float = 0.0
    """Standard deviation, on the log scale, of the error that no number of people takes away."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """How many people must be enrolled before a payer's own gain covers its own costs; None where no number is
    enough."""

    payer: str
    cost_gbp: float
    benefit_per_person_gbp: float
    people: float | None
    counting: str
    """cash, or cash and released."""


@dataclass(frozen=True, slots=True)
class PlanPage:
    """The page. Contacts are of the protocol's primary kind, per person over the follow-up unless they say
    otherwise."""

    kind: str
    eligible: float
    """People of those observed who meet the entry rule."""
    before: float
    expected_without: float
    """What the enrolled would have in follow-up if nothing were done."""
    regression_to_the_mean: float
    """Share by which the enrolled people's contacts will fall by themselves."""
    detectable: float
    """The weakest effect, as a rate ratio, found with the wished-for power; 0 where none is."""
    power: float
    """Chance to find the effect that is hoped for, if it is true."""
    information_limit: float
    """That chance for somebody who knew how many contacts each enrolled person would have had: no method can have
    more."""
    people_needed: float | None
    """Enrolled people for the wished-for power at the hoped-for effect; None where no number is enough."""
    break_even: tuple[BreakEven, ...]
    net_benefit_gbp: float
    perfect_information_gbp: float
    evaluation_worth_gbp: float
    """What the planned evaluation is worth, before its cost."""
    figure: FigureData


def plan_page(protocol: Protocol, counts: ArrayLike, prices: Mapping[str, Price], ambition: Ambition) -> PlanPage:
    """The plan from counts of the entry kind in one entry window, float[person] over everybody observed (zeros among
    them).

    Without an entry rule (places) nobody is selected, and regression to the mean is nothing. Raises Usage where the
    kind has no price or nobody has a contact.
    """
    kind = _kind(protocol, prices)
    group, windows = _selected(protocol, np.asarray(counts, dtype=np.float64))
    without = group.after * windows
    if without <= 0:
        raise Usage("nobody observed has the contacts this plan would avert", given=f"{kind}: no counts above 0")
    controls = ambition.people * (ambition.controls_per_person or protocol.comparison.per_unit)
    dispersion = group.dispersion
    found = detectable(
        ambition.people, controls, without, dispersion, ambition.alpha, ambition.power, lasting=ambition.lasting
    )
    hoped = ambition.rate_ratio.mid
    chance = _power(ambition.people, controls / ambition.people, without, dispersion, ambition, hoped)
    mean, sd, sampling = _net_benefit(protocol, prices[kind], without, dispersion, ambition, controls)
    return PlanPage(
        kind,
        group.share * np.size(counts),
        group.before,
        without,
        group.spontaneous_fall,
        found,
        chance,
        information_limit(ambition.people, without, hoped, ambition.alpha),
        _people_needed(without, dispersion, ambition, controls / ambition.people),
        _break_even(protocol, prices[kind], without, ambition),
        mean,
        value_of_perfect_information(mean, sd),
        value_of_sample(mean, sd, sampling),
        _power_figure(without, dispersion, ambition, controls / ambition.people),
    )


def _kind(protocol: Protocol, prices: Mapping[str, Price]) -> str:
    kind = protocol.entry.kind if protocol.entry else protocol.outcomes[0].kind
    if kind not in prices:
        raise Usage(
            f"{kind} has no price",
            allowed=", ".join(sorted(prices)),
            next_step="add a price table of your own to headwater.toml",
        )
    return kind


def _selected(protocol: Protocol, counts: NDArray[np.float64]) -> tuple[Selected, float]:
    """The group taken on, and how many windows of its counts the follow-up is long."""
    fit = fit_negative_binomial(counts)
    if protocol.entry is None:
        return Selected(1.0, fit.mean, fit.mean, 1 / fit.shape), protocol.follow_up_days / DAYS_PER_YEAR
    return selected(fit, protocol.entry.at_least), protocol.follow_up_days / protocol.entry.within_days


def _per_contact(protocol: Protocol, price: Price) -> NDArray[np.float64]:
    """float64[bucket]: what one averted contact is worth, by bucket, with no step closed."""
    one = np.ones(())
    return four_ways(one, price.gbp, shares_for(price.kind, price, None, protocol), 0 * one)


def spendable_per_contact(protocol: Protocol, price: Price) -> float:
    """Cash and released pounds of one averted contact, no step closed."""
    each = _per_contact(protocol, price)
    return float(each[CASH] + each[RELEASED])


def _present(gbp_per_person: float, protocol: Protocol, ambition: Ambition) -> float:
    """A follow-up's amount, spread evenly over it, in the pounds of its first year."""
    years = protocol.follow_up_days / DAYS_PER_YEAR
    whole = np.arange(int(np.ceil(years)))
    weight = np.minimum(1.0, years - whole) / years
    return float(gbp_per_person * (weight / (1 + ambition.yearly_discount) ** whole).sum())


def _costs(protocol: Protocol, ambition: Ambition) -> dict[str, float]:
    """Payer → present cost that does not follow the number of people."""
    years = max(1, int(np.ceil(protocol.follow_up_days / DAYS_PER_YEAR)))
    costs: dict[str, float] = {}
    for cost in protocol.costs:
        due = range(cost.year, years) if cost.yearly else (cost.year,)
        costs[cost.bearer] = costs.get(cost.bearer, 0.0) + sum(
            cost.gbp / (1 + ambition.yearly_discount) ** year for year in due
        )
    return costs


def _break_even(protocol: Protocol, price: Price, without: float, ambition: Ambition) -> tuple[BreakEven, ...]:
    """n* = F / (PV(benefit per person) − c), a payer at a time and for all together, cash only and cash with
    released."""
    costs = _costs(protocol, ambition)
    total = sum(costs.values())
    feels = {share.bearer: share.share for share in protocol.bearers if share.kind == price.kind} or {price.bearer: 1.0}
    by_bucket = _per_contact(protocol, price) * without * (1 - ambition.rate_ratio.mid)
    lines: list[BreakEven] = []
    for payer, fixed, share in [
        *((name, costs[name], feels.get(name, 0.0)) for name in sorted(costs)),
        ("all together", total, 1.0),
    ]:
        own = ambition.cost_per_person_gbp * (fixed / total if total else 1.0)
        for counting, gbp in (("cash", by_bucket[CASH]), ("cash and released", by_bucket[CASH] + by_bucket[RELEASED])):
            gain = _present(float(gbp) * share, protocol, ambition)
            people = fixed / (gain - own) if gain > own else None
            lines.append(BreakEven(payer, fixed, gain, people, counting))
    return tuple(lines)


def _net_benefit(
    protocol: Protocol, price: Price, without: float, dispersion: float, ambition: Ambition, controls: float
) -> tuple[float, float, float]:
    """Mean and standard deviation of the belief about net benefit (cash and released, £), and the evaluation's standard
    error of it."""
    each = _per_contact(protocol, price)
    worth = _present(float(each[CASH] + each[RELEASED]) * without * ambition.people, protocol, ambition)
    ratio = ambition.rate_ratio
    mean = (
        worth * (1 - ratio.mid)
        - sum(_costs(protocol, ambition).values())
        - ambition.cost_per_person_gbp * ambition.people
    )
    sd = worth * (ratio.high - ratio.low) / (2 * Z95)
    variance = (1 / without + dispersion) / controls + (1 / (without * ratio.mid) + dispersion) / ambition.people
    return mean, sd, worth * ratio.mid * float(np.sqrt(variance))


def _people_needed(without: float, dispersion: float, ambition: Ambition, per_person: float) -> float | None:
    """Enrolled people for the wished-for power: the variance of the log ratio falls as 1 over their number."""
    ratio = ambition.rate_ratio.mid
    if ratio == 1:
        return None
    low, high = 1e-3, 1e9
    for _ in range(80):
        middle = float(np.sqrt(low * high))
        enough = _power(middle, per_person, without, dispersion, ambition, ratio) >= ambition.power
        low, high = (low, middle) if enough else (middle, high)
    return high if high < 1e8 else None


def _power(
    people: float, per_person: float, without: float, dispersion: float, ambition: Ambition, ratio: float
) -> float:
    return float(
        power_of(people, people * per_person, without, ratio, dispersion, ambition.alpha, lasting=ambition.lasting)
    )


def _power_figure(without: float, dispersion: float, ambition: Ambition, per_person: float) -> FigureData:
    people = np.unique(np.round(np.geomspace(10, max(1000, 4 * ambition.people), 25)))
    effects = sorted({0.95, 0.9, 0.8, round(ambition.rate_ratio.mid, 3)} - {1.0}, reverse=True)

    def row(n: float, effect: float) -> tuple[float, float, float, int]:
        return n, effect, _power(n, per_person, without, dispersion, ambition, effect), ambition.people

    rows = tuple(row(float(n), effect) for effect in effects for n in people)
    chance = _power(ambition.people, per_person, without, dispersion, ambition, ambition.rate_ratio.mid)
    return FigureData(
        "power",
        "power",
        f"With {ambition.people:,} people the hoped-for effect would be found {chance:.0%} of the time",
        "Chance to find an effect by number of people enrolled, a line for each rate ratio.",
        ("people", "rate_ratio", "power", "mark"),
        rows,
    )
