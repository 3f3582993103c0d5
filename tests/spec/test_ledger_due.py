"""What each budget may claim of a pool in each year, and how its pounds are divided: as counted, or for a reason that
is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.ledger import ClaimState
from headwater.governance.schema import Key, fault
from headwater.ledger import rules
from headwater.ledger.checks import _over
from headwater.ledger.standing import Standing, body_of, lot_of
from money_world import AT, claim, lot, opened, people

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.domain.ledger import Claim

DUE = (
    # bearer, year, contacts, cash, released, absorbed, unchanged: £100 a contact
    ("icb", "2022-23", 8.0, 80.0, 160.0, 240.0, 320.0),
    ("icb", "2023-24", 72.0, 720.0, 1440.0, 2160.0, 2880.0),
    ("council", "2023-24", 16.0, 400.0, 800.0, 0.0, 400.0),
)
POOL = lot("l", 96.0, price_gbp=100.0, due=DUE, first_day="2022-10-01", last_day="2024-01-31")


def asked(contacts: float, bearer: str = "icb", year: str = "2023-24", **changes: Any) -> Claim:
    parts = {"icb": (0.1, 0.2, 0.3, 0.4), "council": (0.25, 0.5, 0.0, 0.25)}[bearer]
    pounds = dict(
        zip(
            ("cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp"),
            (100 * contacts * part for part in parts),
            strict=True,
        )
    )
    return replace(claim(contacts=contacts, lot="l", **pounds), **{"bearer": bearer, "year": year, **changes})


@pytest.mark.parametrize(
    ("bearer", "year", "contacts"),
    [("icb", "2022-23", 8.0), ("council", "2023-24", 16.0), ("council", "2022-23", 0.0), ("fire", "2023-24", 0.0)],
)
def test_what_is_due_to_a_budget_in_a_year(bearer: str, year: str, contacts: float) -> None:
    due = POOL.due_to(bearer, year)
    assert due is not None
    assert due[0] == contacts
    assert replace(POOL, due=()).due_to(bearer, year) is None


def test_a_pool_keeps_its_rows_through_the_file() -> None:
    assert lot_of(body_of(POOL)) == POOL
    assert POOL.bearers == ("icb", "council")


@pytest.mark.parametrize(
    ("contacts", "left", "stands"), [(8.0, 8.0, True), (8.1, 8.0, False), (90.0, 8.0, False), (1.0, 0.0, False)]
)
def test_a_year_gives_no_more_than_was_measured_in_it(contacts: float, left: float, stands: bool) -> None:
    """98 contacts of a pool that measured 8 of them in 2022-23 were booked there."""
    one = asked(contacts, year="2022-23")
    if stands:
        rules.claim_may_be_asked(one, POOL, (), left)
    else:
        with pytest.raises(ProtocolBreach, match=r"available .* in 2022-23"):
            rules.claim_may_be_asked(one, POOL, (), left)


def test_a_budget_without_a_part_claims_nothing() -> None:
    one = asked(5.0, bearer="icb")
    with pytest.raises(ProtocolBreach, match="no part in the pool"):
        rules.claim_may_be_asked(replace(one, bearer="fire"), POOL, {"fire", "icb"}, 0.0)
    told = replace(one, bearer="fire", reason="override: the fire service pays the half of it since May")
    rules.claim_may_be_asked(told, POOL, {"fire", "icb"}, 0.0)


REASONS = [
    ("override: the ward was closed for building", True),
    ("Override – agreed with the auditor in May", True),
    ("override", False),
    ("override:", False),
    ("override: yes", False),
    ("overridden by the board of the partnership", False),
    ("because of an override that was agreed", False),
]


@pytest.mark.parametrize(("reason", "stands"), REASONS)
def test_an_override_says_why(reason: str, stands: bool) -> None:
    """£1,000,000 of cash for ten contacts stood behind the bare word."""
    one = asked(10.0, cash_gbp=1_000_000.0, reason=reason)
    assert rules.overrides(one) is stands
    if stands:
        rules.claim_may_stand(one, POOL, 0.0, 96.0)
    else:
        with pytest.raises(ProtocolBreach):
            rules.claim_may_stand(one, POOL, 0.0, 96.0)


DIVIDED = [
    # cash, released, absorbed, unchanged of £1,000 → stands: icb has 10, 20, 30 and 40 %
    ((100.0, 200.0, 300.0, 400.0), True),
    ((140.0, 160.0, 300.0, 400.0), True),
    ((1000.0, 0.0, 0.0, 0.0), False),
    ((200.0, 200.0, 300.0, 300.0), False),
    ((100.0, 600.0, 300.0, 0.0), False),
]


@pytest.mark.parametrize(("pounds", "stands"), DIVIDED)
def test_a_claim_is_divided_as_its_pool_was_counted(pounds: tuple[float, ...], stands: bool) -> None:
    """Ten of a hundred contacts were claimed as cash alone, within the cash of all hundred."""
    names = ("cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp")
    one = asked(10.0, **dict(zip(names, pounds, strict=True)))
    if stands:
        rules.claim_may_stand(one, POOL, 0.0, 96.0)
    else:
        with pytest.raises(ProtocolBreach, match="not divided as its pool was counted"):
            rules.claim_may_stand(one, POOL, 0.0, 96.0)
    held = Standing()
    held.lots["l"] = POOL
    assert (rules.not_as_counted(one, POOL) == "") is stands


def test_books_in_which_a_year_was_claimed_twice_over_are_found(tmp_path: Path) -> None:
    ledger = opened(tmp_path, (POOL, people(0, 100)))
    ledger.claim([asked(8.0, year="2022-23", claim="a"), asked(60.0, claim="b")], AT)
    assert all(one.passed is not False for one in ledger.check())
    ledger.claim([asked(20.0, claim="c")], AT)
    wrong = {one.name: one.text for one in ledger.check() if one.passed is False}
    assert set(wrong) == {"claims-within-lots"}
    assert "icb claimed 80 of 2023-24, in which it has 72" in wrong["claims-within-lots"]
    ledger.advance("c", ClaimState.REVERSED, role="finance", reason="too many", at=AT)
    assert all(one.passed is not False for one in ledger.check())
    assert _over(Standing(), {}) == []


@pytest.mark.parametrize("gbp", [-5.0, float("inf"), float("nan")])
def test_a_cost_is_nought_or_more(gbp: float) -> None:
    with pytest.raises(Usage, match="nought or more"):
        rules.cost_may_stand(gbp, gbp, "icb · running · 2023-24")


@pytest.mark.parametrize(
    ("value", "said"), [(float("inf"), "0 or more"), (float("nan"), "0 or more"), (-1.0, "0 or more"), (3.0, "")]
)
def test_pounds_of_a_protocol_are_finite_and_the_message_ends(value: float, said: str) -> None:
    found = fault(Key("gbp", "number", "Pounds.", low=0), value)
    assert said in found
    assert bool(found) is bool(said)
    assert not found.endswith("to ")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("agreed", True), ("2024", True), ("é", True), (".", False), ("\u200b", False), (" – ", False), ("", False)],
)
def test_a_reason_has_a_letter_or_a_figure(text: str, is_one: bool, tmp_path: Path) -> None:
    assert rules.says(text) is is_one
    ledger = opened(tmp_path)
    ledger.claim([claim()], AT)
    if is_one:
        ledger.advance("claim-1", ClaimState.ACCEPTED, role="finance", reason=text, at=AT)
    else:
        with pytest.raises(Usage, match="reason"):
            ledger.advance("claim-1", ClaimState.ACCEPTED, role="finance", reason=text, at=AT)
