"""The river's last stretch as a use case walks it: effect, freed capacity, saving, lots, claims, statement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.capacity import free
from headwater.domain.collaboration import Protocol, Share
from headwater.domain.collaboration import Standing as Lock
from headwater.domain.errors import ProtocolBreach
from headwater.domain.evidence import Effect
from headwater.domain.ledger import Claim, ClaimState, Lot, Statement
from headwater.ledger import Ledger, Spent
from headwater.savings import bookings, headline, payers, price_book, value
from money_world import AE, AT, LOCK, SOUND, STAY, effect, ledger_in, people, protocol

if TYPE_CHECKING:
    from pathlib import Path

BOOK = price_book([], 2024)


def count(ledger: Ledger, plan: Protocol, found: Effect, units: list[str], lock: Lock = LOCK) -> None:
    """Open a lot a kind, and book what is left of each after netting: as `headwater count` does."""
    freed = free(found, BOOK.for_kinds(plan.prices), (), plan)
    rows = bookings(found, value(found, freed, plan, BOOK))
    for kind in dict.fromkeys(row.kind for row in rows):
        low, high = np.quantile(found.of(kind), (0.025, 0.975))
        made = Lot(
            f"{plan.id}/{kind}",
            plan.id,
            kind,
            plan.unit,
            "",
            "2023-04-01",
            "2025-03-31",
            float(found.of(kind).mean()),
            float(low),
            float(high),
            SOUND.level,
            lock.sha256,
            "e" * 64,
            "",
            plan.style,
        )
        ledger.open_lot(made, units, lock, plan.minimum_grade, AT)
        held = ledger.available()[made.lot] / made.averted
        claims = [claim_of(made, at, row.times(held)) for at, row in enumerate(row for row in rows if row.kind == kind)]
        ledger.claim([claim for claim in claims if claim.contacts], AT)


def claim_of(lot: Lot, at: int, row: object) -> Claim:
    figures = {
        name: getattr(row, name)
        for name in ("bearer", "year", "contacts", "cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp")
    }
    return Claim(
        claim=f"{lot.lot}/{at}",
        lot=lot.lot,
        state=ClaimState.MEASURED,
        role="analyst",
        reason="matched evaluation",
        **figures,
    )


def totals(statement: Statement, **where: str) -> tuple[float, float]:
    """Contacts and average-cost pounds of the lines that fit."""
    lines = [line for line in statement.lines if all(getattr(line, name) == value for name, value in where.items())]
    pounds = sum(line.cash_gbp + line.released_gbp + line.absorbed_gbp + line.none_gbp for line in lines)
    return sum(line.contacts for line in lines), pounds


TEAM = protocol(
    cashable={AE: 0.5, STAY: 0.3},
    backfill={AE: 0.5, STAY: 0.6},
    bearers=(Share(AE, "hospital", 0.8), Share(AE, "ambulance", 0.2), Share(STAY, "hospital", 1.0)),
)
FALL = effect({AE: 120.0, STAY: 30.0}, sd=10.0, years=2, draws=2_000)


def test_the_upstream_teams_saving_by_bearer_with_cash_apart(tmp_path: Path) -> None:
    saving = value(FALL, free(FALL, BOOK.by_kind, (), TEAM), TEAM, BOOK)
    ledger = ledger_in(tmp_path)
    count(ledger, TEAM, FALL, people(0, 300))
    ledger.spend([Spent(TEAM.id, TEAM.style, "gp", "2023-24", "running", 20_000.0, ClaimState.MEASURED)], AT, "analyst")
    statement = ledger.statement()
    assert {line.bearer for line in statement.lines} == {"hospital", "ambulance", "gp"}
    cash = sum(line.cash_gbp for line in statement.lines)
    assert cash == pytest.approx(float(saving.gbp[..., 0].sum(axis=(1, 2, 3)).mean()))
    assert totals(statement)[1] == pytest.approx(float(saving.gbp.sum(axis=(1, 2, 3, 4)).mean()))
    assert 0 < headline(saving).cash_low_gbp < cash
    assert sum(ledger.left().values()) == pytest.approx(0, abs=1e-9), (
        "every averted contact is booked once, and none is left"
    )
    assert all(check.passed for check in ledger.check())


def test_the_gps_pay_and_the_hospital_gains() -> None:
    saving = value(FALL, free(FALL, BOOK.by_kind, (), TEAM), TEAM, BOOK)
    accounts = {account.bearer: account for account in payers(saving)}
    assert accounts["gp"].net_gbp.high < 0 < accounts["hospital"].net_gbp.low
    assert accounts["gp"].breaks_even == 0


def test_the_splendid_programme_without_an_effect_is_refused_with_the_reason(tmp_path: Path) -> None:
    """Wellbeing calls: attendances fell by half, as those of everybody alike did. Against them, nothing."""
    plan = replace(protocol(), id="wellbeing-calls")
    nothing = replace(effect({AE: 2.0}, sd=30.0, years=2, draws=2_000), collaboration="wellbeing-calls")
    ledger = ledger_in(tmp_path)
    with pytest.raises(ProtocolBreach, match="no pool is opened for ae_attendance of wellbeing-calls") as refused:
        count(ledger, plan, nothing, people(500, 700))
    assert "none at all is among them" in refused.value.given
    assert refused.value.exit_code == 4
    assert ledger.statement().lines == ()


def test_harm_is_booked_negative(tmp_path: Path) -> None:
    plan = replace(protocol(), id="rapid-discharge")
    harm = replace(effect({AE: -60.0}, sd=8.0, years=2, draws=2_000), collaboration="rapid-discharge")
    ledger = ledger_in(tmp_path)
    count(ledger, plan, harm, people(800, 900))
    contacts, pounds = totals(ledger.statement(), collaboration="rapid-discharge")
    assert contacts == pytest.approx(-120, rel=0.02)
    assert pounds == pytest.approx(contacts * BOOK.by_kind[AE].gbp, rel=1e-3)
    assert all(check.passed for check in ledger.check())


def test_two_collaborations_over_the_same_people_are_netted(tmp_path: Path) -> None:
    """The matrons' patients are half the team's: of their 100 averted attendances, only the other half's count
    again."""
    matrons = replace(protocol(), id="community-matrons")
    theirs = replace(effect({AE: 40.0}, sd=3.0, years=2, draws=2_000), collaboration="community-matrons")
    ledger = ledger_in(tmp_path)
    count(ledger, TEAM, FALL, people(0, 300))
    count(ledger, matrons, theirs, people(250, 350))
    team, added = (
        totals(ledger.statement(), collaboration=TEAM.id),
        totals(ledger.statement(), collaboration="community-matrons"),
    )
    assert added[0] == pytest.approx(40, rel=0.02), (
        "half of 80: the team's density is the same 0.8 a person, and it was first"
    )
    assert team[0] == pytest.approx(300, rel=0.02)
    assert all(check.passed for check in ledger.check())


def test_a_statement_survives_a_second_run_unchanged(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    count(ledger, TEAM, FALL, people(0, 300))
    before = ledger.statement()
    with pytest.raises(ProtocolBreach, match="there already"):
        count(ledger, TEAM, FALL, people(0, 300))
    assert ledger_in(tmp_path).statement() == before
