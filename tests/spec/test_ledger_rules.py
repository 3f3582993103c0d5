"""The ledger's rules as tables: what opens a pool, which step a claim may take, what a check finds in books that broke
a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.domain.errors import HeadwaterError, ProtocolBreach, Usage
from headwater.domain.ledger import Claim, ClaimState, Lot
from headwater.ledger import Balance, netting, rules
from headwater.ledger.checks import _alone, _harm, _over, _states, _unallowed
from headwater.ledger.standing import Standing
from headwater.ledger.statement import amount
from money_world import AT, LOCK, Sets, claim, ledger_in, lot, opened, people

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
STEPS = {F: {X}, M: {A, D, X}, A: {R, D, X}, R: {D, X}, D: {X}, X: set()}
"""As docs/methods tells it: signed after measured, out of the budget after signed, and never back."""


@pytest.mark.parametrize("state", STEPS)
def test_the_steps_of_a_claim(state: ClaimState) -> None:
    assert set(rules.NEXT[state]) == STEPS[state]


OPENS = [
    # grade, low, middle, high → opens
    (3, 1.0, 96.0, 150.0, True),
    (2, 1.0, 96.0, 150.0, False),
    (4, 1.0, 96.0, 150.0, True),
    (3, 0.0, 96.0, 150.0, False),
    (3, -1.0, 96.0, 150.0, False),
    (3, -150.0, -96.0, 0.0, False),
    (3, -150.0, -96.0, -1.0, True),
    (3, 97.0, 96.0, 150.0, False),
    (3, 1.0, 96.0, 95.0, False),
    (3, 96.0, 96.0, 96.0, True),
]


@pytest.mark.parametrize(("grade", "low", "middle", "high", "opens"), OPENS)
def test_what_opens_a_pool(grade: int, low: float, middle: float, high: float, opens: bool) -> None:
    asked = lot("l", middle, grade=grade, averted_low=low, averted_high=high)
    try:
        rules.lot_may_open(asked, LOCK, 3, {})
    except HeadwaterError:
        assert not opens
    else:
        assert opens


YEARS = [
    ("2023-24", True),
    ("1999-00", True),
    ("2099-00", True),
    ("2009-10", True),
    ("2023-23", False),
    ("2023-25", False),
    ("1999-01", False),
    ("2023", False),
    ("23-24", False),
    ("2023-24 ", False),
    ("2023/24", False),
    ("soon", False),
]


@pytest.mark.parametrize(("year", "is_one"), YEARS)
def test_what_is_a_financial_year(year: str, is_one: bool) -> None:
    if is_one:
        rules.words_may_stand(claim(year=year))
    else:
        with pytest.raises(Usage, match=r"no financial year"):
            rules.words_may_stand(claim(year=year))


FITS = [
    # asked, claimed already, available → stands
    (10.0, 0.0, 96.0, True),
    (96.0, 0.0, 96.0, True),
    (96.1, 0.0, 96.0, False),
    (10.0, 86.0, 96.0, True),
    (10.0, 86.1, 96.0, False),
    (-10.0, 0.0, 96.0, False),
    (-10.0, 0.0, -30.0, True),
    (-31.0, 0.0, -30.0, False),
    (10.0, 0.0, -30.0, False),
    (-10.0, -25.0, -30.0, False),
]


@pytest.mark.parametrize(("asked", "claimed", "available", "stands"), FITS)
def test_what_may_be_claimed(asked: float, claimed: float, available: float, stands: bool) -> None:
    pool = lot("lot-1", available)
    if stands:
        rules.claim_may_stand(claim(contacts=asked), pool, claimed, available)
    else:
        with pytest.raises(ProtocolBreach):
            rules.claim_may_stand(claim(contacts=asked), pool, claimed, available)


ALONE = [
    ("analyst", "analyst", True),
    ("reader", "analyst", False),
    ("reader", "finance", False),
    ("analyst", "reader", False),
    ("analyst, reader a", "finance verifier, reader b", False),
    ("analyst, reader ab1", "reader ab1", True),
    ("", "analyst", False),
]


@pytest.mark.parametrize(("one", "other", "same"), ALONE)
def test_who_is_one(one: str, other: str, same: bool) -> None:
    assert rules.same_role(one, other) == same


UNALLOWED = [
    # act, changes → what is found
    ("claim", {}, []),
    ("claim", {"contacts": 0.0, "cash_gbp": 0.0, "released_gbp": 0.0, "absorbed_gbp": 0.0, "none_gbp": 0.0}, []),
    ("claim", {"contacts": 0.0, "cash_gbp": 0.5, "released_gbp": 0.0, "absorbed_gbp": 0.0, "none_gbp": 0.0}, []),
    ("claim", {"contacts": 0.0, "cash_gbp": -5.0}, ["pounds of no contact"]),
    ("claim", {"contacts": 1.0, "cash_gbp": 5.0}, []),
    ("claim", {"state": F}, ["begins as forecast"]),
    ("claim", {"lot": "none"}, ["on no open pool"]),
    ("claim", {"cash_gbp": float("inf")}, ["a figure that is no number"]),
    ("forecast", {"state": F, "lot": "", "contacts": 0.0, "cash_gbp": 5.0}, []),
    ("forecast", {}, ["begins as measured"]),
]


@pytest.mark.parametrize(("act", "changes", "found"), UNALLOWED)
def test_what_no_rule_would_have_let_in(act: str, changes: dict[str, object], found: list[str]) -> None:
    assert _unallowed(claim(**changes), act, set(), {"lot-1": lot()}) == found
    assert "booked twice" in _unallowed(claim(**changes), act, {"claim-1"}, {"lot-1": lot()})


def standing(*claims: tuple[Claim, str], lots: tuple[Lot, ...] = ()) -> Standing:
    """Books as some programme wrote them that asks no rule. Beside each claim: by whom it came to its state."""
    made = Standing()
    for one in lots:
        made.lots[one.lot] = one
    for each, _ in claims:
        made.claimed[each.lot] = made.claimed.get(each.lot, 0.0) + each.contacts
    return made


OVER = [
    # claimed, held → too much
    (96.0, 96.0, False),
    (96.1, 96.0, True),
    (-96.0, 96.0, True),
    (5.0, -96.0, True),
    (-96.1, -96.0, True),
    (-5.0, -96.0, False),
    (0.0, 96.0, False),
    (1e-9, 0.0, False),
]


@pytest.mark.parametrize(("claimed", "held", "too_much"), OVER)
def test_claims_beyond_what_is_held(claimed: float, held: float, too_much: bool) -> None:
    books = standing((claim(contacts=claimed), ""))
    assert bool(_over(books, {"lot-1": held})) == too_much


HARM = [
    # averted, claimed → left out
    (-30.0, -30.0, False),
    (-30.0, -15.0, True),
    (-30.0, 0.0, True),
    (-30.0, -29.9999999, False),
    (30.0, 0.0, False),
]


@pytest.mark.parametrize(("averted", "claimed", "left_out"), HARM)
def test_harm_that_nobody_claims(averted: float, claimed: float, left_out: bool) -> None:
    books = standing((claim(contacts=claimed), ""), lots=(lot("lot-1", averted),))
    assert bool(_harm(books, {"lot-1": averted})) == left_out


HISTORIES = [
    # states with role and reason → wrong
    ([(M, "analyst", "measured"), (A, "finance", "seen")], False),
    ([(M, "analyst", "measured"), (R, "finance", "seen")], True),
    ([(M, "analyst", "measured"), (D, "finance", "seen"), (A, "finance", "seen")], True),
    ([(M, "analyst", "measured"), (A, " ", "seen")], True),
    ([(M, "analyst", "measured"), (A, "finance", "")], True),
    ([(M, "", "measured"), (A, "finance", "seen")], True),
    ([(M, "analyst", "measured")], False),
]


@pytest.mark.parametrize(("steps", "wrong"), HISTORIES)
def test_how_a_claim_came_to_its_state(tmp_path: Path, steps: list[tuple[ClaimState, str, str]], wrong: bool) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim()], AT)
    books = ledger._standing
    booked = books.claims["claim-1"]
    books.claims["claim-1"] = replace(booked, history=tuple((AT, *step) for step in steps))
    assert bool(_states(books)) == wrong


SIGNED = [
    ("analyst", A, True),
    ("analyst", R, True),
    ("analyst", D, False),
    ("finance", A, False),
    ("Analyst.", A, True),
]


@pytest.mark.parametrize(("role", "state", "wrong"), SIGNED)
def test_who_booked_and_signed(tmp_path: Path, role: str, state: ClaimState, wrong: bool) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim()], AT)
    books = ledger._standing
    booked = books.claims["claim-1"]
    books.claims["claim-1"] = replace(booked, history=((AT, M, "analyst", "measured"), (AT, state, role, "seen")))
    assert bool(_alone(books)) == wrong


@pytest.mark.parametrize(
    ("way", "stands"),
    [((), 20.0), ((A,), 20.0), ((A, R), 20.0), ((A, D), 20.0), ((D,), 20.0), ((X,), 0.0), ((A, X), 0.0)],
)
def test_what_a_balance_counts(tmp_path: Path, way: tuple[ClaimState, ...], stands: float) -> None:
    """Cash of one claim of 10 contacts at £2: what decayed still stands in its year; what was reversed does not."""
    ledger = opened(tmp_path)
    ledger.claim([claim()], AT)
    for state in way:
        ledger.advance("claim-1", state, role="finance", reason="seen", at=AT)
    books = ledger._standing
    assert amount(books, Balance("", "", "", "cash", 0.0)) == stands
    assert amount(books, Balance("nobody", "", "", "cash", 0.0)) == 0.0


@pytest.mark.parametrize("at_once", [1, 3, 7, 50, 1000])
@pytest.mark.parametrize("rule", ["first", "equal", "shapley"])
def test_sets_taken_in_ranges_net_as_they_do_in_one(monkeypatch: pytest.MonkeyPatch, at_once: int, rule: str) -> None:
    """Codes spread over all 64 bits, as hashes are."""
    rng = np.random.default_rng(1)
    codes = np.sort(rng.integers(0, 2**64, 60, dtype=np.uint64))
    sets = Sets({"a": codes[:40], "b": codes[20:], "c": codes[10:50]})
    lots = [lot(name, averted, units=name) for name, averted in (("a", 40.0), ("b", 30.0), ("c", 20.0))]
    whole = netting.available(lots, sets, rule)  # type: ignore[arg-type]
    monkeypatch.setattr(netting, "MOST_AT_ONCE", at_once)
    assert netting.available(lots, sets, rule) == pytest.approx(whole)  # type: ignore[arg-type]
    assert whole[1:].sum() < 50


def test_a_count_answers_what_it_did_not_open(tmp_path: Path) -> None:
    from headwater.ledger import Counted

    ledger = ledger_in(tmp_path)
    weak, sound = lot("weak", grade=1, kind="stay"), lot("sound")
    asked = Counted(
        "frequent-attenders", LOCK, 3, (), ((weak, people(0, 9)), (sound, people(0, 9))), lambda left: [], ()
    )  # type: ignore[arg-type]
    ((kind, why),) = ledger.count(asked, AT, "analyst")
    assert kind == "stay" and "grade 1" in why
    assert [one.lot for one in ledger.lots] == ["sound"]


def test_a_balance_holds_to_half_a_pound_where_nothing_else_is_said() -> None:
    assert Balance("", "", "", "cash", 0.0).tolerance_gbp == 0.5


class Run:
    """What runs something as it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return eval, ("(_ for _ in ()).throw(SystemExit('it ran'))",)


def test_a_unit_set_that_would_run_something_as_it_is_read_is_no_set(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    (file,) = tmp_path.rglob("*.npy")
    np.save(file, np.array([Run()], dtype=object), allow_pickle=True)
    (found,) = (one for one in ledger_in(tmp_path).check() if one.name == "unit-sets")
    assert found.passed is False
    assert ledger.lots[0].units in file.name
