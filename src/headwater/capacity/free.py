"""What averted contacts free: from draws of contacts, through stations, to cash, released, absorbed and none.

    v, f, rest   variable, stepped and fixed shares of the average cost AC (they sum to 1)
    cash       = ω·v·AC·Δn + k·C      ω the share of variable cost really taken out, k steps closed at C a year each
    freed R    = f·AC·Δn − k·C        signed: negative where closing costs more performance than demand fell
    absorbed   = β·R                  β the share other demand fills at once
    released   = (1 − β)·R
    none       = rest·AC·Δn + (1 − ω)·v·AC·Δn

The four sum to AC·Δn. What nobody has said is taken at its most cautious: ω = 0, β = 1, no step decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.capacity.station import MOST_STEPS, Station, stations_of
from headwater.domain.collaboration import Role
from headwater.domain.money import BUCKETS, Freed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Effect
    from headwater.domain.money import Price

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Shares:
    """How one kind's average cost divides: variable and stepped shares, ω and β."""

    variable: float
    step: float
    cashable: float
    backfill: float


def free(
    effect: Effect, prices: Mapping[str, Price], stations: Sequence[Mapping[str, object]], protocol: Protocol
) -> Freed:
    """The split of every averted contact's average cost, draw by draw, in the pounds of `prices` (by kind).

    Negative controls, kinds without a price and kinds of which nothing can be told are left out of it. Kinds that no
    evaluation measured but `routing` says follow from measured ones (a ward after an A&E) are in it too, as flows; a
    measured kind is never added to.
    """
    known = stations_of(stations)
    kinds, averted = flowed(effect, known, set(protocol.outcome_kinds(Role.NEGATIVE_CONTROL)))
    priced = [at for at, kind in enumerate(kinds) if kind in prices]
    years = presence_years(effect)
    split = np.zeros((averted.shape[0], len(priced), averted.shape[2], len(BUCKETS)))
    steps: dict[str, tuple[float, ...]] = {}
    for to, at in enumerate(priced):
        kind = kinds[at]
        station = known.get(kind)
        closed = np.zeros(averted.shape[0])
        if station:
            could = closable(station, averted[:, at].sum(axis=1) / years.sum())
            steps[station.name] = tuple(float((could >= k).mean()) for k in range(1, max(1, int(could.max())) + 1))
            closed = np.minimum(could, station.decided)
        cost = closed[:, None] * (station.step_cost_gbp if station else 0.0) * years
        split[:, to] = four_ways(
            averted[:, at], prices[kind].gbp, shares_for(kind, prices[kind], station, protocol), cost
        )
    outcomes = tuple(kinds[at] for at in priced)
    harm = float((split.sum(axis=(1, 2, 3)) < 0).mean()) if priced else 0.0
    return Freed(effect.collaboration, outcomes, effect.calendar, split, steps, harm)


def four_ways(
    averted: NDArray[np.float64], average_gbp: float, shares: Shares, closed_gbp: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64[..., bucket] in BUCKETS' order, from averted contacts and the cost of closed steps, of one shape."""
    whole = averted * average_gbp
    cash = shares.cashable * shares.variable * whole + closed_gbp
    room = shares.step * whole - closed_gbp
    none = whole - shares.cashable * shares.variable * whole - shares.step * whole
    return np.stack([cash, (1 - shares.backfill) * room, shares.backfill * room, none], axis=-1)


def shares_for(kind: str, price: Price, station: Station | None, protocol: Protocol) -> Shares:
    """The protocol's word first, then the station's, then the price's; where none speaks, the cautious one."""

    def said(by_protocol: Mapping[str, float], by_station: float | None, cautious: float) -> float:
        return by_protocol.get(kind, cautious if by_station is None else by_station)

    variable = price.variable if station is None or station.variable is None else station.variable
    step = price.step if station is None or station.step_share is None else station.step_share
    cashable = said(protocol.cashable, station.cashable if station else None, 0.0)
    return Shares(
        variable, min(step, 1 - variable), cashable, said(protocol.backfill, station.backfill if station else None, 1.0)
    )


def closable(station: Station, averted_per_year: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[draw]: steps that could close with the service level still met; none where demand rose.

    One number a draw for the whole follow-up: a bay is not closed and opened again by the quarter.
    """
    carried = station.carried()
    before = station.load(float(carried[0]))
    after = before - averted_per_year * station.service_hours / station.hours_per_year
    needed_before = steps_spare(carried, np.array([before]))[0]
    spare: NDArray[np.float64] = np.maximum(0, steps_spare(carried, after) - needed_before)
    return spare


def steps_spare(carried: NDArray[np.float64], load: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many steps could be closed at a load: the most closed ones that still carry it. carried falls with steps."""
    enough = np.searchsorted(-carried, -load * (1 - 1e-9), side="right") - 1
    return np.maximum(enough, 0).astype(np.float64)


def flowed(
    effect: Effect, stations: Mapping[str, Station], controls: set[str]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The kinds told of but the controls, then those that routing reaches from them, with float64[draw, kind, period].

    A kind that was evaluated stands by its evaluation, even where that could tell nothing: routing does not stand in
    for it.
    """
    measured = tuple(kind for kind in effect.told if kind not in controls)
    averted = effect.averted[:, [effect.outcomes.index(kind) for kind in measured]]
    reached = _reached(measured, stations, {*controls, *effect.outcomes})
    if not reached:
        return measured, averted
    kinds = (*measured, *reached)
    routing = np.array(
        [[stations[kind].routing.get(to, 0.0) if kind in stations else 0.0 for to in kinds] for kind in kinds]
    )
    return kinds, cascade(averted, routing)


def _reached(measured: Sequence[str], stations: Mapping[str, Station], evaluated: set[str]) -> tuple[str, ...]:
    found, ahead = dict.fromkeys(measured), list(measured)
    while ahead:
        onward = stations[kind].routing if (kind := ahead.pop(0)) in stations else {}
        new = [to for to in onward if to not in found and to not in evaluated]
        found |= dict.fromkeys(new)
        ahead += new
    return tuple(found)[len(measured) :]


def cascade(averted: NDArray[np.float64], routing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Averted flows at all kinds, float64[draw, kind, period], from those measured at the first ones.

    Δλ = (I − Pᵀ)⁻¹ Δγ over the kinds that were not measured, fed by the measured ones, whose own figures stand as they
    are: what was measured already holds everything that flows into it. routing: P[from, to], rows adding to 1 at most.
    """
    measured = averted.shape[1]
    inward = routing[:measured, measured:].T
    onward = np.eye(routing.shape[0] - measured) - routing[measured:, measured:].T
    induced = np.einsum("um,dmp->dup", np.linalg.solve(onward, inward), averted)
    return np.concatenate([averted, induced], axis=1)


def presence_years(effect: Effect) -> NDArray[np.float64]:
    """float64[month]: the part of each month, in years, between the first start and the last day followed that is
    counted."""
    days = effect.calendar.overlap_days(effect.first_day, effect.last_day)
    return np.asarray(days * effect.counted_shares / DAYS_PER_YEAR)


__all__ = [
    "MOST_STEPS",
    "Shares",
    "cascade",
    "closable",
    "flowed",
    "four_ways",
    "free",
    "presence_years",
    "shares_for",
    "steps_spare",
]
