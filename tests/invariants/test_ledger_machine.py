"""A ledger under any sequence of acts, crashes among them, beside a small model of what must stand."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from headwater.domain.errors import HeadwaterError, ProtocolBreach
from headwater.domain.ledger import ClaimState
from headwater.ledger import Ledger, Spent
from headwater.ledger.netting import RULES
from headwater.ledger.rules import NEXT
from money_world import AT, LOCK, claim, ledger_in, lot, people

LOTS = 4


class AnyActs(RuleBasedStateMachine):
    """The model: lots and their averted contacts, claims with contacts and state, pounds spent. Everything else is
    derived."""

    @initialize()
    def empty(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.ledger: Ledger = ledger_in(self.folder)
        self.lots: dict[str, float] = {}
        self.claims: dict[str, tuple[str, float, ClaimState]] = {}
        self.spent: dict[str, float] = {}
        self.made = 0

    def teardown(self) -> None:
        with suppress(AttributeError):
            shutil.rmtree(self.folder)

    def name(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-{self.made}"

    @rule(averted=st.sampled_from([-40.0, 20.0, 96.0]), first=st.integers(0, 30), size=st.integers(1, 40))
    def open_lot(self, averted: float, first: int, size: int) -> None:
        if len(self.lots) >= LOTS:
            return
        name = self.name("lot")
        with suppress(ProtocolBreach):
            self.ledger.open_lot(lot(name, averted), people(first, first + size), LOCK, 3, AT)
            self.lots[name] = averted

    @precondition(lambda self: self.lots)
    @rule(data=st.data(), share=st.floats(0.01, 1.3), several=st.integers(1, 3))
    def book(self, data: st.DataObject, share: float, several: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.lots)))
        left = self.ledger.left()[name]
        contacts = share * left / several
        if abs(contacts) < 1e-6:
            return
        claims = [claim(self.name("claim"), contacts, lot=name) for _ in range(several)]
        if share > 1 + 1e-6:
            with pytest.raises(ProtocolBreach, match="too many"):
                self.ledger.claim(claims, AT)
        elif share < 1 - 1e-6:
            self.ledger.claim(claims, AT)
            self.claims |= {each.claim: (name, contacts, ClaimState.MEASURED) for each in claims}

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), state=st.sampled_from(sorted(ClaimState)), role=st.sampled_from(["finance", "analyst"]))
    def move_on(self, data: st.DataObject, state: ClaimState, role: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.claims)))
        which, contacts, before = self.claims[name]
        signing = state in (ClaimState.ACCEPTED, ClaimState.REMOVED) and role == "analyst"
        if state in NEXT[before] and not signing:
            self.ledger.advance(name, state, role, "because", AT)
            self.claims[name] = (which, contacts, state)
        else:
            with pytest.raises(HeadwaterError):
                self.ledger.advance(name, state, role, "because", AT)

    @precondition(lambda self: self.lots)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.lots)))
        self.ledger.withdraw(name, "analyst", "did not hold", AT)
        del self.lots[name]
        for each, (which, contacts, _) in self.claims.items():
            if which == name:
                self.claims[each] = (which, contacts, ClaimState.REVERSED)

    @rule(named=st.sampled_from(RULES))
    def attribute(self, named: str) -> None:
        with suppress(ProtocolBreach):
            self.ledger.attribute(named, "board", "agreed", AT)

    @rule(what=st.sampled_from(["running", "set-up"]), gbp=st.sampled_from([100.0, 250.0]))
    def spend(self, what: str, gbp: float) -> None:
        cost = Spent("frequent-attenders", "upstream", "gp", "2023-24", what, gbp, ClaimState.MEASURED)
        if self.spent.get(what, gbp) == gbp:
            self.ledger.spend([cost], AT, "analyst")
            self.spent[what] = gbp
        else:
            with pytest.raises(ProtocolBreach):
                self.ledger.spend([cost], AT, "analyst")

    @rule()
    def another_process(self) -> None:
        self.ledger = ledger_in(self.folder)

    @precondition(lambda self: (self.folder / "ledger.jsonl").exists())
    @rule(rest=st.binary(max_size=60))
    def power_cut(self, rest: bytes) -> None:
        """Another writer died in the middle of its line."""
        with (self.folder / "ledger.jsonl").open("ab") as file:
            file.write(rest.replace(b"\n", b" "))

    @invariant()
    def what_stands_is_the_model(self) -> None:
        if not hasattr(self, "ledger"):
            return
        booked = {
            each.claim.claim: (each.claim.lot, each.claim.contacts, each.claim.state) for each in self.ledger.claims
        }
        assert booked == self.claims
        assert {each.lot: each.averted for each in self.ledger.lots} == self.lots
        lines = self.ledger.statement().lines
        standing = [contacts for _, contacts, state in self.claims.values() if state is not ClaimState.REVERSED]
        assert sum(line.contacts for line in lines) == pytest.approx(sum(standing), abs=1e-9)
        assert sum(line.invested_gbp for line in lines) == sum(self.spent.values())

    @invariant()
    def every_rule_holds(self) -> None:
        if not hasattr(self, "ledger"):
            return
        assert self.ledger.verify().intact
        failed = {check.name for check in self.ledger.check() if not check.passed}
        left, held = self.ledger.left(), self.ledger.available()
        unbooked = any(averted < 0 and -left[name] > 1e-6 * abs(held[name]) for name, averted in self.lots.items())
        assert failed == ({"harm-booked"} if unbooked else set())
        for name, left in self.ledger.left().items():
            assert left * self.lots[name] >= -1e-6 * abs(self.lots[name])


AnyActs.TestCase.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAnyActs = AnyActs.TestCase


def test_a_fresh_reader_agrees_with_one_that_watched(tmp_path: Path) -> None:
    """What is read step by step is what is read at once."""
    watcher, writer = ledger_in(tmp_path), ledger_in(tmp_path)
    for at in range(3):
        writer.open_lot(lot(f"lot-{at}", 30.0 + at), people(10 * at, 10 * at + 15), LOCK, 3, AT)
        assert watcher.available() == writer.available() == ledger_in(tmp_path).available()
        writer.claim([claim(f"c{at}", 5.0, lot=f"lot-{at}")], AT)
        assert watcher.left() == ledger_in(tmp_path).left()
    assert watcher.statement() == writer.statement() == ledger_in(tmp_path).statement()
    assert replace(watcher.claims[0].claim, reason="") == replace(claim("c0", 5.0, lot="lot-0"), reason="")
