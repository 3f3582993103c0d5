"""The acts of the ledger by hand: what opens a pool, what may be asked of it, who may sign, what one count does; small
tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from headwater.domain.collaboration import Standing as Lock
from headwater.domain.collaboration import Status
from headwater.domain.errors import HeadwaterError, ProtocolBreach
from headwater.domain.ledger import ClaimState
from headwater.ledger import Counted, Ledger, Spent, netting, rules
from headwater.ledger.standing import Booked
from headwater.ledger.units import unit_codes
from money_world import AT, LOCK, STAY, Sets, claim, ledger_in, lot, opened, people, stands

if TYPE_CHECKING:
    from pathlib import Path

F, M, A, R, D, X = (
    ClaimState.FORECAST,
    ClaimState.MEASURED,
    ClaimState.ACCEPTED,
    ClaimState.REMOVED,
    ClaimState.DECAYED,
    ClaimState.REVERSED,
)


# What opens a pool

OPENS: list[tuple[dict[str, Any], Lock, bool]] = [
    ({}, LOCK, True),
    ({}, Lock(Status.AMENDED, LOCK.sha256), True),
    ({}, Lock(Status.EXPLORATORY, LOCK.sha256), False),
    ({}, Lock(Status.LOCKED, "b" * 64), False),
    ({"grade": 3}, LOCK, True),
    ({"grade": 2}, LOCK, False),
    ({"first_day": "2024-03-31", "last_day": "2024-03-31"}, LOCK, True),
    ({"first_day": "2024-04-01", "last_day": "2024-03-31"}, LOCK, False),
    ({"averted_low": 96.0, "averted_high": 96.0}, LOCK, True),
    ({"averted_low": 0.0}, LOCK, False),
    ({"averted": -96.0, "averted_low": -100.0, "averted_high": 0.0}, LOCK, False),
    ({"averted": -96.0, "averted_low": -100.0, "averted_high": -0.1}, LOCK, True),
    ({"averted_low": 96.1}, LOCK, False),
    ({"averted_high": 95.9}, LOCK, False),
    ({"expected": float("nan")}, LOCK, False),
    ({"averted_high": float("inf")}, LOCK, False),
]


@pytest.mark.parametrize(("changes", "lock", "opens"), OPENS)
def test_what_opens_a_pool(tmp_path: Path, changes: dict[str, Any], lock: Lock, opens: bool) -> None:
    ledger = ledger_in(tmp_path)
    assert stands(lambda: ledger.open_lot(lot(**changes), people(0, 3), lock, 3, AT)) is opens
    assert len(ledger.lots) == opens


# What a claim's pounds may be: a pool of £100 a contact


FITS = [
    # contacts, pounds in all → stands: within a twentieth of £100 a contact, and a penny
    (10.0, 1000.0, True),
    (10.0, 1050.0, True),
    (10.0, 1050.005, True),
    (10.0, 1050.02, False),
    (10.0, 950.0, True),
    (10.0, 949.98, False),
    (10.0, 0.0, False),
    (10.0, -1000.0, False),
    (-10.0, -1000.0, True),
    (-10.0, -1050.02, False),
    (-10.0, -949.98, False),
    (0.0, 0.01, True),
    (0.0, 0.02, False),
    (0.0, -0.02, False),
]


@pytest.mark.parametrize(("contacts", "gbp", "fits"), FITS)
def test_pounds_are_those_of_the_pools_price(contacts: float, gbp: float, fits: bool) -> None:
    one = claim(contacts=contacts, cash_gbp=gbp, released_gbp=0.0, absorbed_gbp=0.0, none_gbp=0.0)
    assert rules.amounts_fit(one, lot(price_gbp=100.0)) is fits
    assert rules.amounts_fit(one, lot())
    assert rules.amounts_fit(replace(one, reason="override: the bed was let to another trust"), lot(price_gbp=100.0))


WITHIN = [
    # first and last day of the pool, a financial year → holds a day of it
    ("2023-04-01", "2024-03-31", "2023-24", True),
    ("2023-04-01", "2024-03-31", "2022-23", False),
    ("2023-04-01", "2024-03-31", "2024-25", False),
    ("2023-03-31", "2024-04-01", "2022-23", True),
    ("2023-03-31", "2024-04-01", "2024-25", True),
    ("2024-04-01", "2024-04-01", "2023-24", False),
    ("2024-03-31", "2024-03-31", "2024-25", False),
    ("2024-03-31", "2024-03-31", "2023-24", True),
    ("1999-04-01", "2000-03-31", "1999-00", True),
]


@pytest.mark.parametrize(("first", "last", "year", "within"), WITHIN)
def test_a_year_has_a_day_of_the_pool(first: str, last: str, year: str, within: bool) -> None:
    assert rules.year_is_within(year, lot(first_day=first, last_day=last)) is within


DUE = (("icb", "2023-24", 40.0, 400.0, 0.0, 0.0, 0.0), ("icb", "2024-25", 10.0, 100.0, 0.0, 0.0, 0.0))
ASKED: list[tuple[dict[str, Any], tuple[str, ...], float | None, bool]] = [
    # what is asked, bearers of the workspace, contacts left to this budget in this year → may be asked
    ({}, (), 40.0, True),
    ({"contacts": 40.0}, (), 40.0, True),
    ({"contacts": 40.001}, (), 40.0, False),
    ({"contacts": 40.001}, (), None, True),
    ({"contacts": 40.001, "reason": "override: agreed with the auditor in May"}, (), 40.0, True),
    ({"contacts": 0.0}, (), 40.0, False),
    ({"contacts": 1e-7}, (), 40.0, False),
    ({"contacts": 1e-5}, (), 40.0, True),
    ({"contacts": -1.0}, (), 40.0, False),
    ({"bearer": "icb"}, ("icb", "gp"), 40.0, True),
    ({"bearer": "icb"}, ("gp",), 40.0, False),
    ({"bearer": "gp"}, (), 40.0, False),
    ({"bearer": "gp"}, (), None, True),
    ({"bearer": "a\tb"}, (), None, False),
    ({"bearer": "<b>"}, (), None, False),
    ({"bearer": "St. Mary's & Co (north)"}, (), None, True),
    ({"year": "2022-23"}, (), None, False),
    ({"year": "2024-25"}, (), None, True),
    ({"year": "2023-25"}, (), None, False),
    ({"reason": "."}, (), None, False),
    ({"reason": "x" * 2000}, (), None, True),
    ({"reason": "x" * 2001}, (), None, False),
]


@pytest.mark.parametrize(("changes", "bearers", "left", "may"), ASKED)
def test_what_may_be_asked(changes: dict[str, Any], bearers: tuple[str, ...], left: float | None, may: bool) -> None:
    pool = lot(due=DUE, first_day="2023-04-01", last_day="2024-06-30")
    one = claim(**{"bearer": "icb", "contacts": 10.0, **changes})
    assert stands(lambda: rules.claim_may_be_asked(one, pool, bearers, left)) is may


def test_harm_is_asked_below_nought_and_a_pool_says_what_is_left_of_it() -> None:
    pool = lot(averted=-96.0, due=(("icb", "2023-24", -40.0, -400.0, 0.0, 0.0, 0.0),))
    one = claim(bearer="icb", contacts=-10.0)
    assert stands(lambda: rules.claim_may_be_asked(one, pool, (), -40.0))
    assert not stands(lambda: rules.claim_may_be_asked(replace(one, contacts=10.0), pool, (), -40.0))
    with pytest.raises(ProtocolBreach, match="claimed -50, available -40 for icb in 2023-24"):
        rules.claim_may_be_asked(replace(one, contacts=-50.0), pool, (), -40.0)
    with pytest.raises(ProtocolBreach, match="claimed 10, available 0 for icb in 2023-24"):
        rules.claim_may_be_asked(replace(one, contacts=10.0), lot(due=DUE), (), -3.0)


COSTS = [
    (100.0, 100.0, True),
    (0.0, 0.0, True),
    (-1.0, -1.0, False),
    (101.0, 100.0, False),
    (99.0, 100.0, False),
    (float("nan"), 1.0, False),
    (float("inf"), float("inf"), False),
]


@pytest.mark.parametrize(("gbp", "known", "may"), COSTS)
def test_a_cost_under_a_heading_stays_what_it_is(gbp: float, known: float, may: bool) -> None:
    assert stands(lambda: rules.cost_may_stand(gbp, known, "x")) is may


# Who signs


SIGNS = [
    # who booked, the way so far (by finance), next state, who asks → may
    ("analyst", (), A, "finance", True),
    ("analyst", (), A, "analyst", False),
    ("analyst", (), A, "Analyst", False),
    ("analyst", (A,), R, "analyst", False),
    ("analyst", (A,), R, "finance", True),
    ("analyst", (), D, "analyst", True),
    ("analyst", (), X, "analyst", True),
    ("analyst", (A,), X, "analyst", True),
    ("analyst", (), R, "finance", False),
    ("analyst", (A,), M, "finance", False),
    ("analyst", (A, R), A, "finance", False),
    ("analyst", (D,), A, "finance", False),
    ("analyst", (D,), R, "finance", False),
    ("analyst", (D,), X, "finance", True),
    ("analyst", (X,), A, "finance", False),
    ("analyst", (X,), M, "finance", False),
    ("analyst", (X,), D, "finance", False),
    ("analyst", (A, R), D, "finance", True),
    ("analyst", (A,), D, "finance", True),
    ("analyst ann@nhs.net", (), A, "finance verifier ann@nhs.net", False),
    ("analyst ann@nhs.net", (), A, "finance verifier bob@nhs.net", True),
    ("analyst Ann Lee", (), A, "finance verifier ann lee", False),
    ("analyst Ann Lee", (), A, "finance verifier Bob Lee", True),
]


@pytest.mark.parametrize(("booked_by", "way", "state", "role", "may"), SIGNS)
def test_which_step_is_whose(
    tmp_path: Path, booked_by: str, way: tuple[ClaimState, ...], state: ClaimState, role: str, may: bool
) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim(role=booked_by)], AT)
    for step in way:
        ledger.advance("claim-1", step, "finance", "seen", AT)
    before = ledger.claims[0].claim.state
    assert stands(lambda: ledger.advance("claim-1", state, role, "for a reason", AT)) is may
    now = ledger.claims[0]
    assert now.claim.state is (state if may else before)
    if may:
        assert (now.claim.role, now.claim.reason, now.booked_by) == (role, "for a reason", booked_by)
        assert [step for _, step, _, _ in now.history] == [M, *way, state]


# What one count does


def counted(**changes: Any) -> Counted:
    plain: dict[str, Any] = {"withdraw": (), "opened": (), "claims": lambda left: [], "spent": ()}
    return Counted("frequent-attenders", LOCK, 3, **{**plain, **changes})


COST = Spent("frequent-attenders", "upstream", "gp", "2023-24", "running", 20_000.0, M)


def test_one_count_withdraws_opens_claims_and_spends_and_each_part_sees_those_before(tmp_path: Path) -> None:
    """The pool of last year goes with its claim; the new one is over the same people, and all of it is there to
    claim."""
    ledger = opened(tmp_path)
    ledger.claim([claim("old-1", 10.0), claim("old-2", 20.0)], AT)
    ledger.reverse("old-2", "analyst", "not so", AT)
    seen: dict[str, float] = {}

    def claims(left: Any) -> list[Any]:
        seen.update(left)
        return [claim("new-1", left["new"], lot="new")]

    made = counted(
        withdraw=(("lot-1", "measured again"),),
        opened=((lot("new", 60.0), people(0, 100)),),
        claims=claims,
        spent=(COST, COST),
    )
    before = len(ledger.entries)
    assert ledger.count(made, AT, "analyst") == ()
    assert len(ledger.entries) == before + 1, "one entry, all or none"
    assert seen == {"new": 60.0}
    assert [one.lot for one in ledger.lots] == ["new"]
    assert {one.claim.claim: one.claim.state for one in ledger.claims} == {"old-1": X, "old-2": X, "new-1": M}
    assert [len(one.history) for one in ledger.claims] == [2, 2, 1]
    assert ledger.left() == {"new": 0.0}
    assert ledger.spent == (COST,)
    assert all(check.passed for check in ledger.check())
    assert Ledger(tmp_path / "ledger.jsonl", tmp_path / ".headwater" / "units").statement() == ledger.statement()


def test_a_second_count_sees_what_the_first_left(tmp_path: Path) -> None:
    ledger = opened(tmp_path, (lot(), people(0, 100)), (lot("lot-2", 60.0, kind=STAY), people(0, 100)))
    ledger.claim([claim("a", 90.0)], AT)
    seen: dict[str, float] = {}
    ledger.count(counted(claims=lambda left: seen.update(left) or []), AT, "analyst")
    assert seen == {"lot-1": 6.0, "lot-2": 60.0}
    entries = len(ledger.entries)
    ledger.count(counted(), AT, "analyst")
    assert len(ledger.entries) == entries, "what changes nothing is not written"


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("too many", {"claims": lambda left: [claim("a", 60.0), claim("b", 60.0)]}),
    ("booked already", {"claims": lambda left: [claim("a", 1.0), claim("a", 1.0)]}),
    ("names no open pool", {"claims": lambda left: [claim("a", 1.0, lot="lot-9")]}),
    ("no such open pool", {"withdraw": (("lot-9", "why"),)}),
    ("role and a reason", {"withdraw": (("lot-1", " "),)}),
    ("booked under this heading", {"spent": (COST, replace(COST, gbp=1.0))}),
]


@pytest.mark.parametrize(("text", "parts"), REFUSED)
def test_a_count_with_one_part_that_does_not_fit_leaves_nothing(
    tmp_path: Path, text: str, parts: dict[str, Any]
) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim("standing", 1.0)], AT)
    before = (tmp_path / "ledger.jsonl").read_bytes()
    with pytest.raises(HeadwaterError, match=text):
        ledger.count(counted(**parts), AT, "analyst")
    assert (tmp_path / "ledger.jsonl").read_bytes() == before
    assert ledger.left() == {"lot-1": 95.0}


def test_a_count_opens_what_evidence_bears_out_and_says_why_not_the_rest(tmp_path: Path) -> None:
    """Shared alike, a second pool over the same people would take from what is claimed of the first."""
    ledger = opened(tmp_path)
    ledger.attribute("equal", "board", "agreed", AT)
    ledger.claim([claim("a", 90.0)], AT)
    asked = (
        (lot("weak", grade=2, kind=STAY), people(0, 9)),
        (lot("same"), people(0, 100)),
        (lot("nobody", kind="gp_visit"), []),
        (lot("far", kind="police_call"), people(0, 9)),
    )
    told = dict(ledger.count(counted(opened=asked), AT, "analyst"))
    assert {
        kind: word
        for kind, word in ((STAY, "grade 2"), ("ae_attendance", "would hold 48"), ("gp_visit", "no people"))
        if word in told[kind]
    }.keys() == told.keys()
    assert [one.lot for one in ledger.lots] == ["lot-1", "far"]


def test_a_later_pool_takes_nothing_from_the_first_registered(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim("a", 96.0)], AT)
    ledger.open_lot(lot("lot-2"), people(0, 100), LOCK, 3, AT)
    assert ledger.available() == {"lot-1": 96.0, "lot-2": pytest.approx(0.0)}
    with pytest.raises(ProtocolBreach, match="would hold 48"):
        ledger.attribute("equal", "board", "agreed", AT)


# Who gets what of the same people and days


def shares(rule: str, *lots: Any) -> list[float]:
    """Lots over the same hundred people (units named by the lot's own field)."""
    sets = Sets({name: unit_codes(people(0, 100)) for name in "abc"})
    return netting.available([replace(one, units="abc"[at]) for at, one in enumerate(lots)], sets, rule).tolist()  # type: ignore[arg-type]


SHARED: list[tuple[str, tuple[Any, ...], list[float]]] = [
    ("first", (lot(), lot()), [96, 0]),
    ("first", (lot(), lot(averted=120.0)), [96, 24]),
    ("first", (lot(averted=120.0), lot(), lot(averted=130.0)), [120, 0, 10]),
    ("equal", (lot(), lot()), [48, 48]),
    ("equal", (lot(averted=20.0), lot()), [20, 76]),
    ("equal", (lot(averted=20.0), lot(), lot()), [20, 38, 38]),
    ("shapley", (lot(averted=30.0), lot(averted=90.0)), [15, 75]),
    ("shapley", (lot(averted=30.0), lot(averted=60.0), lot(averted=90.0)), [10, 25, 55]),
    ("first", (lot(), lot(unit="place")), [96, 96]),
    ("first", (lot(), lot(kind=STAY)), [96, 96]),
    ("first", (lot(), lot(averted=-96.0)), [96, -96]),
    ("first", (lot(averted=-96.0), lot(averted=-120.0)), [-96, -24]),
    ("equal", (lot(averted=-96.0), lot(averted=-96.0)), [-48, -48]),
    ("first", (lot(), lot(first_day="2024-03-31", last_day="2024-03-31", averted=0.1)), [96, 0]),
    ("first", (lot(), lot(first_day="2024-04-01", last_day="2024-04-01", averted=0.1)), [96, 0.1]),
    # Half of 100 expected and a quarter of 100: each takes half of its own, and half of what the other leaves of it.
    (
        "shapley",
        (lot(averted=50.0, expected=100.0), lot(averted=25.0, expected=100.0)),
        [50 * (1 + 0.75) / 2, 25 * (1 + 0.5) / 2],
    ),
    # More averted than was expected leaves nothing, never less than nothing.
    (
        "shapley",
        (lot(averted=150.0, expected=100.0), lot(averted=25.0, expected=100.0)),
        [150 * (1 + 0.75) / 2, 25 * (1 + 0.0) / 2],
    ),
    # One that says nothing of what was expected: the larger of the two is all that was averted.
    ("shapley", (lot(averted=30.0, expected=100.0), lot(averted=90.0)), [15, 75]),
]


@pytest.mark.parametrize(("rule", "lots", "held"), SHARED)
def test_one_averted_contact_is_held_once(rule: str, lots: tuple[Any, ...], held: list[float]) -> None:
    assert shares(rule, *lots) == pytest.approx(held)


def test_a_claim_changes_its_state_by_somebody_for_a_reason() -> None:
    booked = Booked(claim(), "x", "upstream", "analyst", ())
    for role, reason, may in (
        ("finance", "seen", True),
        ("", "seen", False),
        (" . ", "seen", False),
        ("finance", "", False),
        ("finance", " - ", False),
    ):
        assert stands(lambda role=role, reason=reason: rules.state_may_change(booked, "a", A, role, reason)) is may
    assert not stands(lambda: rules.state_may_change(None, "a", A, "finance", "seen"))


def test_a_pool_is_opened_once() -> None:
    for known, may in (({}, True), ({"lot-1": lot()}, False), ({"lot-2": lot()}, True)):
        assert stands(lambda known=known: rules.lot_may_open(lot(), LOCK, 3, known)) is may


def test_of_a_pool_that_others_count_whole_nothing_may_be_claimed() -> None:
    with pytest.raises(ProtocolBreach, match=r"claimed 1, available 0 \(1 too many\)"):
        rules.claim_may_stand(claim(contacts=1.0), lot(), 0.0, 0.0)


def test_where_only_half_of_the_people_are_the_same_the_other_half_keeps_its_own() -> None:
    """120 over a hundred people, then 96 over fifty of them and fifty others: of the second only the others' half is
    new."""
    sets = Sets({"a": unit_codes(people(0, 100)), "b": unit_codes(people(50, 150))})
    lots = [lot(averted=120.0, units="a"), lot("lot-2", 96.0, units="b")]
    assert netting.available(lots, sets, "first").tolist() == pytest.approx([120, 48])  # type: ignore[arg-type]
    assert netting.available(lots, sets, "equal").tolist() == pytest.approx([60 + 30, 48 + 30])  # type: ignore[arg-type]
