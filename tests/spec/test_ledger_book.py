"""The ledger: what opens a lot, what may be claimed, how a claim moves on, what a statement says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.app.counting import _named
from headwater.domain.collaboration import Standing as Lock
from headwater.domain.collaboration import Status
from headwater.domain.errors import HeadwaterError, ProtocolBreach, Usage
from headwater.domain.ledger import ClaimState
from headwater.ledger import Balance, Ledger, Spent, beside, checks, outturn_figure
from headwater.ledger.standing import Standing, body_of
from money_world import AT, LOCK, STAY, claim, ledger_in, lot, opened, people

if TYPE_CHECKING:
    from pathlib import Path

# Lots


def test_evidence_opens_a_lot(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    made = ledger.open_lot(lot(), people(0, 100), LOCK, 3, AT)
    assert ledger.lots == (made,)
    assert len(made.units) == 64 and made.registered == AT
    assert ledger.available() == ledger.left() == {"lot-1": 96.0}


def refused(
    tmp_path: Path, expected: type[HeadwaterError] = ProtocolBreach, lock: Lock = LOCK, **changes: object
) -> str:
    ledger = ledger_in(tmp_path)
    with pytest.raises(expected) as problem:
        ledger.open_lot(lot(**changes), people(0, 10), lock, 3, AT)  # type: ignore[arg-type]
    assert ledger.lots == () and not (tmp_path / "ledger.jsonl").exists(), (
        "nothing is written where something is refused"
    )
    return str(problem.value)


def test_an_exploratory_protocol_opens_none(tmp_path: Path) -> None:
    text = refused(tmp_path, lock=Lock(Status.EXPLORATORY, LOCK.sha256))
    assert "stood exploratory" in text and "headwater lock frequent-attenders" in text


def test_an_amended_protocol_may(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    ledger.open_lot(lot(), people(0, 10), Lock(Status.AMENDED, LOCK.sha256), 3, AT)
    assert [one.lot for one in ledger.lots] == [lot().lot]


def test_evidence_under_another_protocol_opens_none(tmp_path: Path) -> None:
    assert "made under another protocol" in refused(tmp_path, protocol_sha256="b" * 64)


def test_sunderlands_uncontrolled_before_and_after_is_not_banked(tmp_path: Path) -> None:
    """ "About 140 fewer a month" without a comparison: grade 2 at most, 1,680 a year that no pool is opened for."""
    text = refused(tmp_path, grade=2, averted=1680.0, kind=STAY)
    assert "of grade 2" in text and "grade 3 or more" in text


def test_camdens_naive_fall_is_not_banked(tmp_path: Path) -> None:
    """Camden (NEJM 2020): readmissions 62.3 % against 61.7 %, adjusted +0.82 points (−5.97 to 7.61); naively −38
    points.

    Over 393 treated people the effect is −3.2 averted (−29.9 to 23.5): none is among them, so there is nothing to
    claim.
    """
    text = refused(tmp_path, averted=393 * -0.0082, averted_low=393 * -0.0761, averted_high=393 * 0.0597)
    assert "none at all is among them" in text


def test_harm_opens_a_negative_lot(tmp_path: Path) -> None:
    """North East Hampshire and Farnham: A&E rate +33 % (16 to 54), 774 people: 255 more than the 774 of a rate of 1 a
    person."""
    harm = lot(averted=-0.33 * 774, averted_low=-0.54 * 774, averted_high=-0.16 * 774)
    ledger = opened(tmp_path, (harm, people(0, 774)))
    assert ledger.available()["lot-1"] == pytest.approx(-255.42)
    ledger.claim([claim(contacts=-255.42, cash_gbp=-1_000.0)], AT)
    assert ledger.statement().lines[0].cash_gbp == -1_000
    with pytest.raises(ProtocolBreach, match="too many"):
        ledger.claim([claim("claim-2", 10.0)], AT)


def test_harm_that_nobody_booked_is_found(tmp_path: Path) -> None:
    ledger = opened(tmp_path, (lot(averted=-50.0), people(0, 10)))
    assert {check.name: check.passed for check in ledger.check()}["harm-booked"] is False
    ledger.claim([claim(contacts=-50.0)], AT)
    assert all(check.passed for check in ledger.check())


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"averted": float("nan"), "averted_low": 1.0, "averted_high": 2.0}, "not a number"),
        ({"first_day": "2024-01-01", "last_day": "2023-01-01"}, "ends before it begins"),
        ({"averted": 96.0, "averted_low": 10.0, "averted_high": 50.0}, "outside its interval"),
    ],
)
def test_a_lot_that_makes_no_sense(tmp_path: Path, changes: dict[str, object], text: str) -> None:
    assert text in refused(tmp_path, Usage, **changes)  # type: ignore[arg-type]


def test_a_lot_is_opened_once_and_over_somebody(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    with pytest.raises(ProtocolBreach, match="there already"):
        ledger.open_lot(lot(), people(0, 5), LOCK, 3, AT)
    with pytest.raises(Usage, match="no people or places"):
        ledger.open_lot(lot("lot-2"), [], LOCK, 3, AT)


def test_no_pseudonym_is_written_anywhere(tmp_path: Path) -> None:
    opened(tmp_path, (lot(), people(0, 100)))
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"p0000001" not in file.read_bytes()


# Netting


def test_two_collaborations_over_the_same_people_share_what_was_averted(tmp_path: Path) -> None:
    """Half of their people are the same: the second adds only its own half."""
    ledger = opened(
        tmp_path, (lot(), people(0, 100)), (lot("lot-2", collaboration="community-matrons"), people(50, 150))
    )
    assert ledger.available() == {"lot-1": 96.0, "lot-2": pytest.approx(48.0)}
    with pytest.raises(ProtocolBreach, match=r"claimed 96, available 48 \(48 too many\)"):
        ledger.claim([claim(lot="lot-2", contacts=96.0)], AT)


@pytest.mark.parametrize(
    "changes",
    [{"kind": STAY}, {"unit": "place"}, {"first_day": "2024-04-01", "last_day": "2025-03-31"}, {"averted": -96.0}],
)
def test_another_kind_unit_period_or_sign_does_not_overlap(tmp_path: Path, changes: dict[str, object]) -> None:
    ledger = opened(tmp_path, (lot(), people(0, 100)), (lot("lot-2", **changes), people(0, 100)))  # type: ignore[arg-type]
    assert [abs(held) for held in ledger.available().values()] == [96.0, 96.0]


def test_half_a_year_of_overlap_takes_half(tmp_path: Path) -> None:
    later = lot("lot-2", first_day="2023-10-01", last_day="2024-09-30")
    ledger = opened(tmp_path, (lot(), people(0, 100)), (later, people(0, 100)))
    assert ledger.available()["lot-2"] == pytest.approx(96 * 183 / 366)


@pytest.mark.parametrize(
    ("rule", "held"), [("first", (60.0, 30.0)), ("equal", (45.0, 45.0)), ("shapley", (30.0, 60.0))]
)
def test_rules_of_attribution(tmp_path: Path, rule: str, held: tuple[float, float]) -> None:
    """The same hundred people and days; one evaluation says 60 averted, the other 90: 90 in all, whoever gets them.

    Shapley over the larger of the two: half of 60 each, and the other 30 to the second.
    """
    ledger = opened(tmp_path, (lot(averted=60.0), people(0, 100)), (lot("lot-2", averted=90.0), people(0, 100)))
    ledger.attribute(rule, "board", "agreed by the partners", AT)
    assert ledger.rule == rule
    assert tuple(ledger.available().values()) == pytest.approx(held)


def test_effects_that_multiply_are_shared_by_a_joint_model(tmp_path: Path) -> None:
    """Two mitigators leave 0.88 and 0.75 of 100 expected contacts: together 66 are left, not 63 (New Hospital
    Programme)."""
    one, two = lot(averted=12.0, expected=100.0), lot("lot-2", averted=25.0, expected=100.0)
    ledger = opened(tmp_path, (one, people(0, 50)), (two, people(0, 50)))
    ledger.attribute("shapley", "board", "joint model", AT)
    held = ledger.available()
    assert 100 - sum(held.values()) == pytest.approx(66.0)
    assert held["lot-1"] == pytest.approx((12 + 0.75 * 12) / 2)


def test_a_rule_that_would_uncover_a_claim_is_refused(tmp_path: Path) -> None:
    ledger = opened(tmp_path, (lot(), people(0, 100)), (lot("lot-2"), people(0, 100)))
    ledger.claim([claim(contacts=90.0)], AT)
    with pytest.raises(ProtocolBreach, match="pool lot-1 would hold 48, and 90 of it are claimed"):
        ledger.attribute("equal", "board", "fairness", AT)
    assert ledger.rule == "first"


def test_a_lot_that_would_uncover_a_claim_is_refused(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.attribute("equal", "board", "fairness", AT)
    ledger.claim([claim(contacts=90.0)], AT)
    with pytest.raises(ProtocolBreach, match="reverse claims on lot-1"):
        ledger.open_lot(lot("lot-2"), people(0, 100), LOCK, 3, AT)


@pytest.mark.parametrize(("rule", "reason"), [("fair", "because"), ("equal", " ")])
def test_a_rule_needs_to_be_known_and_to_have_a_reason(tmp_path: Path, rule: str, reason: str) -> None:
    with pytest.raises(Usage):
        opened(tmp_path).attribute(rule, "board", reason, AT)


def test_a_netting_that_gave_out_one_contact_twice_would_be_found(tmp_path: Path) -> None:
    """The check compares with first registered, which gives each contact out once; doctored figures do not pass it."""
    lots = [lot(), lot("lot-2")]
    standing = Standing(rule="equal", lots={each.lot: each for each in lots})
    once, fair, twice = np.array([96.0, 0.0]), np.array([48.0, 48.0]), np.array([96.0, 48.0])
    for held, passed in ((fair, True), (twice, False), (np.array([97.0, -1.0]), False)):
        found = {check.name: check for check in checks.run(standing, held, once)}["one-event-one-claim"]
        assert found.passed is passed
    joint = Standing(rule="shapley", lots={each.lot: replace(each, expected=500.0) for each in lots})
    assert {check.name: check.passed for check in checks.run(joint, twice, once)}["one-event-one-claim"]


# Claims


def test_a_claim_beyond_its_lot_says_how_many_are_too_many(tmp_path: Path) -> None:
    with pytest.raises(ProtocolBreach, match=r"^claimed 140, available 96 \(44 too many\)") as problem:
        opened(tmp_path).claim([claim(contacts=140.0)], AT)
    assert problem.value.exit_code == 4


def test_several_claims_fill_a_lot_and_no_more(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim("a", 60.0), claim("b", 36.0)], AT)
    assert ledger.left() == {"lot-1": 0.0}
    with pytest.raises(ProtocolBreach, match=r"claimed 1, available 0 \(1 too many\)"):
        ledger.claim([claim("c", 1.0)], AT)


def test_claims_are_booked_all_or_none(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    with pytest.raises(ProtocolBreach):
        ledger.claim([claim("a", 60.0), claim("b", 60.0)], AT)
    assert ledger.claims == ()


def test_the_same_claim_is_not_booked_twice(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim("a")], AT)
    with pytest.raises(ProtocolBreach, match="booked already"):
        ledger.claim([claim("a")], AT)
    with pytest.raises(ProtocolBreach, match="booked already"):
        ledger.claim([claim("b"), claim("b")], AT)


def test_a_claim_needs_an_open_lot_and_begins_as_measured(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    with pytest.raises(Usage, match="names no open pool"):
        ledger.claim([claim(lot="lot-9")], AT)
    with pytest.raises(ProtocolBreach, match="cannot begin as finance-accepted"):
        ledger.claim([claim(state=ClaimState.ACCEPTED)], AT)
    with pytest.raises(Usage, match="not a number"):
        ledger.claim([claim(cash_gbp=float("inf"))], AT)


def test_a_claim_moves_on_by_other_hands(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim()], AT)
    ledger.advance("claim-1", ClaimState.ACCEPTED, "finance", "agreed with the budget holder", AT)
    ledger.advance("claim-1", ClaimState.REMOVED, "finance", "taken out of the 2024-25 budget", AT)
    ledger.advance("claim-1", ClaimState.DECAYED, "analyst", "the effect has faded", AT)
    history = [(state.value, role) for _, state, role, _ in ledger.claims[0].history]
    assert history == [
        ("measured", "analyst"),
        ("finance-accepted", "finance"),
        ("budget-removed", "finance"),
        ("decayed", "analyst"),
    ]
    assert ledger.left() == {"lot-1": 86.0}, "a decayed claim was real in its year and keeps its contacts"
    assert all(check.passed for check in ledger.check())


@pytest.mark.parametrize(
    ("state", "role", "reason", "text"),
    [
        (ClaimState.ACCEPTED, "analyst", "fine", "cannot accept it as well"),
        (ClaimState.REMOVED, "finance", "gone", "measured and cannot become budget-removed"),
        (ClaimState.ACCEPTED, "finance", " ", "a role and a reason"),
        (ClaimState.ACCEPTED, "", "fine", "a role and a reason"),
        (ClaimState.FORECAST, "finance", "hope", "cannot become forecast"),
    ],
)
def test_what_a_claim_may_not_become(tmp_path: Path, state: ClaimState, role: str, reason: str, text: str) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim()], AT)
    with pytest.raises(HeadwaterError, match=text):
        ledger.advance("claim-1", state, role, reason, AT)
    with pytest.raises(Usage, match="no such claim"):
        ledger.advance("claim-9", state, role, reason, AT)


def test_a_reversal_is_a_new_entry_and_frees_the_contacts(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim(contacts=96.0)], AT)
    before = (tmp_path / "ledger.jsonl").read_bytes()
    ledger.reverse("claim-1", "analyst", "measured again: it did not hold", AT)
    assert (tmp_path / "ledger.jsonl").read_bytes().startswith(before)
    assert ledger.left() == {"lot-1": 96.0} and ledger.statement().lines == ()
    with pytest.raises(ProtocolBreach, match="nothing: it is closed"):
        ledger.reverse("claim-1", "analyst", "again", AT)
    ledger.claim([claim("claim-2", 96.0)], AT)


def test_a_finding_that_a_new_measurement_does_not_bear_out_is_withdrawn(tmp_path: Path) -> None:
    """Its claims are reversed with it, the old entries stay, and its people's contacts are open to another lot."""
    ledger = opened(tmp_path, (lot(), people(0, 100)), (lot("lot-2", averted=60.0), people(0, 100)))
    ledger.claim([claim("a", 40.0), claim("b", 20.0)], AT)
    assert ledger.available() == {"lot-1": 96.0, "lot-2": pytest.approx(0.0)}
    ledger.withdraw("lot-1", "analyst", "the second year did not show it", AT)
    assert [each.lot for each in ledger.lots] == ["lot-2"]
    assert ledger.available() == {"lot-2": 60.0}
    assert {booked.claim.state for booked in ledger.claims} == {ClaimState.REVERSED}
    assert ledger.statement().lines == ()
    assert all(check.passed for check in ledger.check())
    with pytest.raises(Usage, match="no open pool"):
        ledger.claim([claim("c", 1.0)], AT)
    with pytest.raises(Usage, match="no such open pool"):
        ledger.withdraw("lot-1", "analyst", "again", AT)
    with pytest.raises(ProtocolBreach, match="there already"):
        ledger.open_lot(lot(), people(0, 100), LOCK, 3, AT)


def test_a_withdrawal_needs_a_role_and_a_reason(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim()], AT)
    with pytest.raises(Usage, match="a role and a reason"):
        ledger.withdraw("lot-1", "analyst", "", AT)
    assert ledger.left() == {"lot-1": 86.0}


# Statements


def test_a_statement_has_a_line_for_each_bearer_year_and_state(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim("a", 10.0), claim("b", 20.0), claim("c", 5.0, bearer="ambulance")], AT)
    ledger.advance("b", ClaimState.ACCEPTED, "finance", "agreed", AT)
    ledger.spend(
        [Spent("frequent-attenders", "upstream", "gp", "2023-24", "running", 20_000.0, ClaimState.MEASURED)],
        AT,
        "analyst",
    )
    lines = {(line.bearer, line.state.value): line for line in ledger.statement().lines}
    assert set(lines) == {
        ("hospital", "measured"),
        ("hospital", "finance-accepted"),
        ("ambulance", "measured"),
        ("gp", "measured"),
    }
    accepted = lines["hospital", "finance-accepted"]
    assert (accepted.contacts, accepted.cash_gbp, accepted.released_gbp, accepted.absorbed_gbp, accepted.none_gbp) == (
        20,
        40,
        20,
        60,
        80,
    )
    assert (accepted.collaboration, accepted.style, accepted.year) == ("frequent-attenders", "upstream", "2023-24")
    assert lines["gp", "measured"].invested_gbp == 20_000
    assert ledger.statement().head_hash == ledger.head_hash == ledger.verify().head_hash


def test_the_same_cost_is_booked_once_and_never_changed_silently(tmp_path: Path) -> None:
    ledger, cost = (
        opened(tmp_path),
        Spent("frequent-attenders", "upstream", "gp", "2023-24", "running", 20_000.0, ClaimState.MEASURED),
    )
    assert ledger.spend([cost], AT, "analyst") == (cost,)
    assert ledger.spend([cost], AT, "analyst") == ()
    assert sum(line.invested_gbp for line in ledger.statement().lines) == 20_000
    with pytest.raises(ProtocolBreach, match="booked under this heading already"):
        ledger.spend([replace(cost, gbp=21_000.0)], AT, "analyst")
    ledger.spend(
        [replace(cost, what="running, corrected", gbp=1_000.0), replace(cost, state=ClaimState.FORECAST)], AT, "analyst"
    )
    assert {line.state.value: line.invested_gbp for line in ledger.statement().lines} == {
        "forecast": 20_000,
        "measured": 21_000,
    }
    with pytest.raises(Usage, match="number of pounds"):
        ledger.spend([replace(cost, what="odd", gbp=float("nan"))], AT, "analyst")


def test_a_forecast_stands_beside_and_in_no_total(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.forecast("frequent-attenders", "upstream", [claim("plan-1", 300.0)], AT)
    assert ledger.left() == {"lot-1": 96.0}
    ledger.claim([claim("a", 96.0)], AT)
    cash, released = beside(ledger.statement())
    assert (cash.bucket, cash.forecast_gbp, cash.measured_gbp, cash.gap_gbp) == ("cash", 600, 192, -408)
    assert (released.bucket, released.forecast_gbp, released.measured_gbp) == ("released", 300, 96)
    figure = outturn_figure(ledger.statement(), {})
    assert figure.kind == "ledger" and figure.title.startswith("2 of 2 planned savings fell short")
    assert [row[1:] for row in figure.rows] == [("cash", 600, 192, -408), ("released", 300, 96, -204)]
    with pytest.raises(ProtocolBreach, match="cannot become measured"):
        ledger.advance("plan-1", ClaimState.MEASURED, "analyst", "it came true", AT)
    with pytest.raises(ProtocolBreach, match="booked already"):
        ledger.forecast("frequent-attenders", "upstream", [claim("plan-1")], AT)


def test_finance_asserts_a_balance_that_later_runs_must_meet(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim()], AT)
    with pytest.raises(ProtocolBreach, match=r"asserted £25\.00, but £20\.00 stand"):
        ledger.assert_balance(Balance("hospital", "", "2023-24", "cash", 25.0), "finance", AT)
    ledger.assert_balance(Balance("hospital", "", "2023-24", "cash", 20.0), "finance", AT)
    ledger.assert_balance(Balance("", "", "", "none", 40.0), "finance", AT)
    assert all(check.passed for check in ledger.check())
    ledger.reverse("claim-1", "analyst", "did not hold", AT)
    checks = {check.name: check for check in ledger.check()}
    assert checks["balances"].passed is False and "£20.00 asserted" in checks["balances"].text


# Files


def test_another_reader_sees_what_was_written(tmp_path: Path) -> None:
    writer, reader = opened(tmp_path), ledger_in(tmp_path)
    assert reader.lots == writer.lots
    writer.claim([claim()], AT)
    assert reader.claims == writer.claims
    reader.claim([claim("claim-2")], AT)
    assert [booked.claim.claim for booked in writer.claims] == ["claim-1", "claim-2"]


def test_an_empty_ledger_is_in_order(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    assert ledger.verify().intact and ledger.verify().entries == 0
    assert all(check.passed for check in ledger.check())
    assert ledger.statement().lines == ()


def test_the_same_acts_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        opened(tmp_path / name).claim([claim()], AT)
    assert (tmp_path / "one" / "ledger.jsonl").read_bytes() == (tmp_path / "two" / "ledger.jsonl").read_bytes()


def test_a_ledger_is_plain_enough_to_read(tmp_path: Path) -> None:
    opened(tmp_path).claim([claim()], AT)
    text = (tmp_path / "ledger.jsonl").read_text()
    assert text.count("\n") == 2
    for word in (
        '"act":"lot"',
        '"act":"claim"',
        '"bearer":"hospital"',
        '"at":"2024-06-01T12:00:00"',
        '"role":"analyst"',
    ):
        assert word in text


def test_a_lot_of_an_earlier_edition_without_style_is_read(tmp_path: Path) -> None:
    plain = replace(lot(), style="", expected=0.0)
    ledger = opened(tmp_path, (plain, people(0, 10)))
    assert Ledger(tmp_path / "ledger.jsonl", tmp_path / ".headwater" / "units").lots == ledger.lots


# Amounts


@pytest.mark.parametrize(
    ("cash", "reason", "stands"),
    [
        (200.0, "measured", True),
        (203.0, "measured", True),
        (2_000.0, "measured", False),
        (2_000.0, "override: the bed was let", True),
    ],
)
def test_amounts_are_those_of_the_lots_prices_or_say_why_not(
    tmp_path: Path, cash: float, reason: str, stands: bool
) -> None:
    """Ten contacts at £100 each: £200 of cash, £100 released, £300 absorbed and £400 that nothing changes."""
    ledger = opened(tmp_path, (lot(price_gbp=100.0), people(0, 100)))
    made = claim(cash_gbp=cash, released_gbp=100.0, absorbed_gbp=300.0, none_gbp=400.0, reason=reason)
    if stands:
        ledger.claim([made], AT)
        assert {check.name: check.passed for check in ledger.check()}["amounts"] is True
        return
    with pytest.raises(ProtocolBreach, match="not those of its pool's prices"):
        ledger.claim([made], AT)
    ledger._add([(AT, "claim", made.role, body_of(made))])  # as somebody who goes round the rules
    (found,) = (check for check in ledger.check() if check.name == "amounts")
    assert found.passed is False and "£2,800 for 10 contacts" in found.text


def test_a_lot_of_the_first_edition_says_no_price_and_is_not_judged_by_one(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim(cash_gbp=99_999.0)], AT)
    assert {check.name: check.passed for check in ledger.check()}["amounts"] is True


def test_a_lot_keeps_its_name_while_it_holds_the_same_and_is_opened_anew_when_it_does_not(tmp_path: Path) -> None:
    """The evidence is the same in all; what other programmes found, or a price, may change what is booked of it."""
    ledger = ledger_in(tmp_path)
    first = lot(averted=96.0, split_gbp=(10.0, 20.0, 30.0, 40.0))
    ledger.open_lot(first, people(0, 5), LOCK, 3, AT)
    assert _named(ledger, replace(first, averted=96.0 + 1e-9)).lot == "lot-1"
    for changed in (replace(first, averted=80.0), replace(first, split_gbp=(10.0, 20.0, 30.0, 41.0))):
        assert _named(ledger, changed).lot == "lot-1~2"
    ledger.withdraw("lot-1", role="analyst", reason="measured again", at=AT)
    assert _named(ledger, first).lot == "lot-1~2", "a name that was withdrawn is not used again"
