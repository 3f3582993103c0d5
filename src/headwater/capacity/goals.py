"""From a goal back to the effect: how many contacts must be averted for a bay to close, a wait to fall, a cost to be
covered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.capacity.free import closable, four_ways, shares_for, steps_spare
from headwater.capacity.performance import felt
from headwater.capacity.station import MOST_STEPS, Station, stations_of
from headwater.domain.errors import Usage, one_of
from headwater.domain.money import BUCKETS
from headwater.domain.release import FigureData
from headwater.stats.queueing import mean_wait

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.domain.money import Price

GOALS = ("steps", "wait", "gbp")


@dataclass(frozen=True, slots=True)
class Needed:
    """What would have to be true. people is None where nobody said what one person's enrolment averts."""

    goal: str
    contacts_per_year: float
    share_of_demand: float | None
    people: float | None


def solve_for(
    goal: str,
    wanted: float,
    station: Mapping[str, object],
    averted_per_person: float = 0.0,
    gbp_per_contact: float = 0.0,
) -> Needed:
    """The averted contacts a year that reach a goal.

    steps: `wanted` steps can close with the service level still met. wait: the mean wait falls to `wanted` hours.
    gbp: `wanted` pounds a year at `gbp_per_contact` (break-even: the yearly cost). Raises Usage where no number is
    enough.
    """
    one = next(iter(stations_of([station]).values()))
    if goal not in GOALS:
        raise one_of("there is no such goal", goal, GOALS)
    contacts = (
        {"steps": _for_steps, "wait": _for_wait}[goal](one, wanted)
        if goal != "gbp"
        else _for_gbp(wanted, gbp_per_contact)
    )
    demand = _load(one) * one.hours_per_year / one.service_hours
    share = contacts / demand if demand else None
    return Needed(goal, contacts, share, contacts / averted_per_person if averted_per_person > 0 else None)


def _load(station: Station) -> float:
    return station.load(float(station.carried()[0]))


def _for_steps(station: Station, steps: float) -> float:
    carried = station.carried()
    load = _load(station)
    before = int(steps_spare(carried, np.array([load]))[0])
    spare = before + int(steps)
    if spare >= carried.size:
        raise Usage(
            f"{station.name} cannot close {steps:g} steps",
            given=f"{station.servers} servers in steps of {station.step}",
            allowed=f"at most {carried.size - 1 - before}",
        )
    return max(0.0, load - float(carried[spare])) * station.hours_per_year / station.service_hours


def _for_wait(station: Station, wait_hours: float) -> float:
    load = _load(station)
    if float(mean_wait(station.servers, load, station.service_hours)) <= wait_hours:
        return 0.0
    low, high = 0.0, min(load, float(station.servers))
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (
            (middle, high)
            if float(mean_wait(station.servers, middle, station.service_hours)) <= wait_hours
            else (low, middle)
        )
    return (load - low) * station.hours_per_year / station.service_hours


def _for_gbp(gbp: float, gbp_per_contact: float) -> float:
    if gbp_per_contact <= 0:
        raise Usage(
            "no number of contacts breaks even where one is worth nothing",
            given=f"£{gbp_per_contact:,.2f} a contact",
            next_step="state [cashable] and [backfill] in the protocol, or a price",
        )
    return gbp / gbp_per_contact


def frontier(
    averted_per_year: NDArray[np.float64], price: Price, station: Mapping[str, object], protocol: Protocol
) -> FigureData:
    """Cash or performance: for 0, 1, … steps closed, the yearly split and the chance that the service level still
    holds.

    averted_per_year: float64[draw]. The same capacity is never both: what a closed step turns into cash leaves the
    freed column.
    """
    known: Sequence[Station] = tuple(stations_of([station]).values())
    one = known[0]
    shares = shares_for(price.kind, price, one, protocol)
    could = closable(one, averted_per_year)
    rows = []
    for k in range(min(MOST_STEPS, int(could.max()) + 2)):
        cost = np.full_like(averted_per_year, k * one.step_cost_gbp)
        split = four_ways(averted_per_year, price.gbp, shares, cost).mean(axis=0)
        by = dict(zip(BUCKETS, split.tolist(), strict=True))
        rows.append(
            (
                k,
                *(by[bucket] for bucket in BUCKETS),
                float((could >= k).mean()),
                _served(one, k, float(averted_per_year.mean())),
            )
        )
    sure = sum(1 for row in rows[1:] if row[5] >= 0.95)
    return FigureData(
        f"frontier-{one.kind}",
        "frontier",
        f"{one.name}: {sure} step{'s' * (sure != 1)} could close with the service level very likely still met",
        "Cash and freed capacity by number of steps closed, with the chance that the service level still holds.",
        ("steps", "cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp", "service_level_met", "served"),
        tuple(rows),
    )


def _served(station: Station, steps: int, averted_per_year: float) -> float | None:
    """The share served in time, finding a place or not giving up, with so many steps closed."""
    load = max(0.0, _load(station) - averted_per_year * station.service_hours / station.hours_per_year)
    found = felt(station, max(0, station.servers - station.step * steps), load)
    return found.served_in_time if found.given_up is None else 1 - found.given_up
