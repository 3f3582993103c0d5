"""Laws of the ledger: shares conserve, no averted contact is claimed beyond one, the order of claims changes no
total."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.domain.errors import ProtocolBreach
from headwater.domain.ledger import ClaimState
from headwater.ledger.netting import RULES, available
from headwater.ledger.units import unit_codes
from money_world import AT, LOCK, Sets, claim, ledger_in, lot, opened, people

if TYPE_CHECKING:
    from headwater.domain.ledger import Lot, Statement

DAY = date(2023, 1, 1)


@st.composite
def overlapping(draw: st.DrawFn) -> list[tuple[Lot, list[str]]]:
    found = []
    for at in range(draw(st.integers(1, 6))):
        first, size = draw(st.integers(0, 300)), draw(st.integers(1, 60))
        start, days = draw(st.integers(0, 400)), draw(st.integers(1, 500))
        averted = draw(st.floats(0.5, 500)) * draw(st.sampled_from([1, 1, 1, -1]))
        span = {"first_day": str(DAY + timedelta(start)), "last_day": str(DAY + timedelta(start + days))}
        kind = draw(st.sampled_from(["ae_attendance", "emergency_admission"]))
        found.append((lot(f"lot-{at}", averted, kind=kind, **span), people(first // 10, first // 10 + size)))
    return found


def named(world: list[tuple[Lot, list[str]]]) -> tuple[list[Lot], dict[str, np.ndarray]]:
    lots = [replace(each, units=each.lot) for each, _ in world]
    return lots, {each.lot: unit_codes(units) for each, units in world}


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=60, deadline=None)
@given(world=overlapping())
def test_no_lot_holds_more_than_it_found_nor_turns_its_sign(rule: str, world: list[tuple[Lot, list[str]]]) -> None:
    lots, sets = named(world)
    held = available(lots, Sets(sets), rule)
    averted = np.array([each.averted for each in lots])
    assert (np.abs(held) <= np.abs(averted) * (1 + 1e-12)).all()
    assert (held * averted >= 0).all()


@settings(max_examples=60, deadline=None)
@given(world=overlapping())
def test_every_rule_divides_the_same_total(world: list[tuple[Lot, list[str]]]) -> None:
    """What was averted once is averted once, whoever gets it (no lot here states its expected contacts)."""
    lots, sets = named(world)
    totals = [available(lots, Sets(sets), rule).sum() for rule in RULES]
    assert totals == pytest.approx([totals[0]] * 3, rel=1e-9, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(world=overlapping(), seed=st.integers(0, 1000))
def test_the_total_does_not_depend_on_who_registered_first(world: list[tuple[Lot, list[str]]], seed: int) -> None:
    lots, sets = named(world)
    order = np.random.default_rng(seed).permutation(len(lots))
    shuffled = [lots[at] for at in order]
    for rule in RULES:
        plain, other = available(lots, Sets(sets), rule), available(shuffled, Sets(sets), rule)
        assert plain.sum() == pytest.approx(other.sum(), rel=1e-9, abs=1e-9)
        if rule != "first":
            assert other == pytest.approx(plain[order], rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.floats(1, 300), st.sampled_from(RULES))
def test_copies_of_one_finding_are_worth_one(copies: int, averted: float, rule: str) -> None:
    """Eight collaborations that all claim the same people's same fall hold it once between them: shares add to exactly
    1."""
    world = [(lot(f"lot-{at}", averted), people(0, 20)) for at in range(copies)]
    lots, sets = named(world)
    assert available(lots, Sets(sets), rule).sum() / averted == pytest.approx(1.0)


@settings(max_examples=60, deadline=None)
@given(world=overlapping())
def test_stated_expectations_never_let_more_be_averted_than_was_expected(world: list[tuple[Lot, list[str]]]) -> None:
    lots, sets = named(world)
    lots = [replace(each, expected=600.0) for each in lots]
    joint = available(lots, Sets(sets), "shapley")
    assert (np.abs(joint) <= [abs(each.averted) * (1 + 1e-12) for each in lots]).all()
    same = [
        replace(each, units=lots[0].lot, averted=550.0, first_day="2023-01-01", last_day="2023-12-31", kind="x")
        for each in lots
    ]
    assert available(same, Sets(sets), "shapley").sum() <= 600


def by_line(statement: Statement) -> dict[tuple[str, ...], tuple[float, ...]]:
    return {
        (line.bearer, line.collaboration, line.year, line.state): (
            line.contacts,
            line.cash_gbp,
            line.released_gbp,
            line.absorbed_gbp,
            line.none_gbp,
        )
        for line in statement.lines
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(["hospital", "gp"]), st.sampled_from(["2023-24", "2024-25"]), st.floats(0.01, 9)),
        min_size=1,
        max_size=10,
    ),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_any_order_of_claims_gives_the_same_totals(
    rows: list[tuple[str, str, float]], random: object, one_by_one: bool
) -> None:
    claims = [claim(f"c{at}", contacts, bearer=bearer, year=year) for at, (bearer, year, contacts) in enumerate(rows)]
    shuffled = list(claims)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    statements, left = [], []
    for order in (claims, shuffled):
        with tempfile.TemporaryDirectory() as folder:
            ledger = opened(Path(folder))
            for part in [[each] for each in order] if one_by_one else [order]:
                ledger.claim(part, AT)
            statements.append(by_line(ledger.statement()))
            left.append(ledger.left()["lot-1"])
    assert statements[0] == statements[1], "sums are exact, so the order of adding leaves no trace"
    assert left[0] == pytest.approx(left[1], abs=1e-9)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    overlapping(),
    st.sampled_from(RULES),
    st.lists(st.tuples(st.integers(0, 5), st.floats(-1.2, 1.2), st.booleans()), max_size=12),
)
def test_whatever_is_tried_no_lot_is_claimed_beyond_what_it_holds(
    world: list[tuple[Lot, list[str]]], rule: str, tries: list[tuple[int, float, bool]]
) -> None:
    """Claims of any size, reversals in between: what stands never exceeds what is held, and the checks agree."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = ledger_in(Path(folder))
        ledger.attribute(rule, "board", "agreed", AT)
        for each, units in world:
            ledger.open_lot(each, units, LOCK, 3, AT)
        held = ledger.available()
        for at, (which, share, back) in enumerate(tries):
            name = f"lot-{which % len(world)}"
            try:
                ledger.claim([claim(f"c{at}", share * world[which % len(world)][0].averted, lot=name)], AT)
                if back:
                    ledger.reverse(f"c{at}", "analyst", "taken back", AT)
            except ProtocolBreach:
                continue
        for name, contacts in held.items():
            standing = sum(
                b.claim.contacts
                for b in ledger.claims
                if b.claim.lot == name and b.claim.state is not ClaimState.REVERSED
            )
            assert abs(standing) <= abs(contacts) + 1e-6
        checks = {check.name: check.passed for check in ledger.check()}
        assert checks["claims-within-lots"] and checks["one-event-one-claim"] and checks["chain"] and checks["states"]
