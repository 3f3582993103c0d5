"""Netting against a slow twin: every person and day walked in turn, the rules written out as their definitions."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.ledger.netting import RULES, available
from headwater.ledger.units import unit_codes
from money_world import Sets, lot

if TYPE_CHECKING:
    from headwater.domain.ledger import Lot

DAY = date(2023, 1, 1)


def by_hand(lots: list[Lot], members: list[set[int]], rule: str) -> list[float]:
    """Contacts held by each lot: for each person and day, the densities there are divided by the rule's own
    definition."""
    held = [0.0] * len(lots)
    spans = [
        (date.fromisoformat(lot.first_day).toordinal(), date.fromisoformat(lot.last_day).toordinal() + 1)
        for lot in lots
    ]
    for sign in (1, -1):
        mine = [at for at, lot in enumerate(lots) if np.sign(lot.averted) == sign]
        density = {at: abs(lots[at].averted) / (len(members[at]) * (spans[at][1] - spans[at][0])) for at in mine}
        for person in set().union(*members):
            for day in range(min(a for a, _ in spans), max(b for _, b in spans)):
                here = [at for at in mine if person in members[at] and spans[at][0] <= day < spans[at][1]]
                for at, share in divided(here, density, lots, rule).items():
                    held[at] += sign * share
    return held


def divided(here: list[int], density: dict[int, float], lots: list[Lot], rule: str) -> dict[int, float]:
    if len(here) < 2:
        return {at: density[at] for at in here}
    if rule == "first":
        return marginal(here, lambda group: max((density[at] for at in group), default=0.0))
    if rule == "equal":
        return level(here, density)
    if all(lots[at].expected > 0 for at in here):
        return by_orders_of_joint(here, density, lots)
    return by_orders(here, lambda group: max((density[at] for at in group), default=0.0))


def marginal(order: list[int], worth: object) -> dict[int, float]:
    return {at: worth(order[: i + 1]) - worth(order[:i]) for i, at in enumerate(order)}  # type: ignore[operator]


def by_orders(here: list[int], worth: object) -> dict[int, float]:
    """Shapley by its definition: the mean marginal worth over all orders."""
    orders = [marginal(list(order), worth) for order in permutations(here)]
    return {at: float(np.mean([order[at] for order in orders])) for at in here}


def by_orders_of_joint(here: list[int], density: dict[int, float], lots: list[Lot]) -> dict[int, float]:
    """Each in turn takes its own share of what those before it have left."""
    risk = {at: min(1.0, abs(lots[at].averted) / lots[at].expected) for at in here}
    orders = list(permutations(here))
    found = dict.fromkeys(here, 0.0)
    for order in orders:
        left = 1.0
        for at in order:
            found[at] += density[at] * left / len(orders)
            left *= 1 - risk[at]
    return found


def level(here: list[int], density: dict[int, float]) -> dict[int, float]:
    """The level λ at which Σ min(d, λ) is the largest d, by bisection."""
    most = max(density[at] for at in here)
    low, high = 0.0, most
    for _ in range(200):
        middle = (low + high) / 2
        if sum(min(density[at], middle) for at in here) > most:
            high = middle
        else:
            low = middle
    return {at: min(density[at], high) for at in here}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Lot], list[set[int]]]:
    lots, members = [], []
    stated = draw(st.booleans())
    for at in range(draw(st.integers(2, 5))):
        first = draw(st.integers(0, 8))
        last = first + draw(st.integers(0, 8))
        averted = draw(st.sampled_from([3.0, 12.0, 25.0, 60.0, -10.0, -40.0]))
        expected = draw(st.sampled_from([60.0, 100.0])) if stated else 0.0
        lots.append(
            lot(
                f"lot-{at}",
                averted,
                expected=expected,
                first_day=str(DAY + timedelta(first)),
                last_day=str(DAY + timedelta(last)),
            )
        )
        members.append(draw(st.sets(st.integers(0, 6), min_size=1)))
    return lots, members


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=60, deadline=None)
@given(world=worlds())
def test_the_fast_netting_is_the_slow_one(rule: str, world: tuple[list[Lot], list[set[int]]]) -> None:
    lots, members = world
    sets = {f"set-{at}": unit_codes(str(person) for person in group) for at, group in enumerate(members)}
    from dataclasses import replace

    named = [replace(each, units=f"set-{at}") for at, each in enumerate(lots)]
    assert available(named, Sets(sets), rule).tolist() == pytest.approx(
        by_hand(named, members, rule), rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize("rule", RULES)
def test_a_range_of_people_at_a_time_gives_what_all_at_once_do(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by slices of the hashes; no person may be lost or counted twice at their edges."""
    generator = np.random.default_rng(3)
    sets = {f"set-{at}": unit_codes(str(n) for n in generator.choice(500, 200, replace=False)) for at in range(6)}
    lots = [lot(f"lot-{at}", 50.0 + at, units=f"set-{at}") for at in range(6)]
    whole = available(lots, Sets(sets), rule)
    monkeypatch.setattr("headwater.ledger.netting.MOST_AT_ONCE", 37)
    assert available(lots, Sets(sets), rule) == pytest.approx(whole, rel=1e-12)
