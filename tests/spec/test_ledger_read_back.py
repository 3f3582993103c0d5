"""The books read back by hand: what a statement adds up, what a balance counts, what each check finds in books that
broke a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.ledger import ClaimState, Statement, StatementLine
from headwater.ledger import Balance, Counted, Followed, Ledger, Spent, beside, checks, outturn_figure, promised
from headwater.ledger.standing import Booked, Standing, body_of, claim_of, lot_of
from headwater.ledger.statement import amount, statement_of
from headwater.ledger.units import UnitSets, unit_codes
from money_world import AT, LOCK, STAY, claim, ledger_in, lot, opened, people, stands

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


def counted(**changes: Any) -> Counted:
    plain: dict[str, Any] = {"withdraw": (), "opened": (), "claims": lambda left: [], "spent": ()}
    return Counted("frequent-attenders", LOCK, 3, **{**plain, **changes})


COST = Spent("frequent-attenders", "upstream", "gp", "2023-24", "running", 20_000.0, M)


# What a statement adds up


def test_a_statement_adds_by_bearer_collaboration_year_and_state() -> None:
    books = Standing()
    for name, bearer, year, state, contacts in (
        ("a", "icb", "2023-24", M, 1.0),
        ("b", "icb", "2023-24", M, 2.0),
        ("c", "icb", "2024-25", M, 4.0),
        ("d", "icb", "2023-24", R, 8.0),
        ("e", "gp", "2023-24", M, 16.0),
        ("f", "icb", "2023-24", X, 32.0),
    ):
        books.claims[name] = Booked(
            claim(name, contacts, bearer=bearer, year=year, state=state), "x", "upstream", "analyst", ()
        )
    books.spent += [Spent("x", "upstream", "icb", "2023-24", what, 100.0, M) for what in ("set-up", "running")]
    found = {(line.bearer, line.year, line.state): line for line in statement_of(books, "h").lines}
    assert {key: line.contacts for key, line in found.items()} == {
        ("icb", "2023-24", M): 3,
        ("icb", "2024-25", M): 4,
        ("icb", "2023-24", R): 8,
        ("gp", "2023-24", M): 16,
    }
    line = found["icb", "2023-24", M]
    assert (line.invested_gbp, line.cash_gbp, line.released_gbp, line.absorbed_gbp, line.none_gbp) == (200, 6, 3, 9, 12)
    assert [(one.bearer, one.year) for one in statement_of(books, "h").lines] == sorted((b, y) for b, y, _ in found)


def row(
    state: ClaimState, cash: float, released: float, bearer: str = "icb", collaboration: str = "x"
) -> StatementLine:
    return StatementLine(bearer, collaboration, "upstream", "2023-24", state, 1.0, 5.0, cash, released, 1000.0, 1000.0)


def test_what_was_promised_stands_beside_all_that_was_measured_and_what_became_of_it() -> None:
    """Measured 10, accepted 20, removed 40, decayed 80: all of it was measured, whatever finance has said since."""
    lines = (
        row(F, 100.0, 60.0),
        row(M, 10.0, 1.0),
        row(A, 20.0, 2.0),
        row(R, 40.0, 4.0),
        row(D, 80.0, 53.0),
        row(F, 0.0, 0.0, "gp"),
        row(M, 7.0, 7.0, "icb", "y"),
    )
    told = Statement("h", lines)
    rows = {
        (one.collaboration, one.bearer, one.bucket.value): (one.forecast_gbp, one.measured_gbp, one.gap_gbp)
        for one in beside(told)
    }
    assert rows == {
        ("x", "icb", "cash"): (100, 150, 50),
        ("x", "icb", "released"): (60, 60, 0),
        ("x", "gp", "cash"): (0, 0, 0),
        ("x", "gp", "released"): (0, 0, 0),
        ("y", "icb", "cash"): (0, 7, 7),
        ("y", "icb", "released"): (0, 7, 7),
    }
    assert [(one.collaboration, one.bearer, one.bucket.value) for one in promised(told)] == [
        ("x", "icb", "cash"),
        ("x", "icb", "released"),
    ]
    figure = outturn_figure(told, {"x": "The plan"})
    assert figure.rows == (("The plan", "cash", 100, 150, 50), ("The plan", "released", 60, 60, 0))
    assert figure.title.startswith("0 of 2"), "what met its forecast to the pound did not fall short"
    only = promised(Statement("h", (row(F, 0.0, 9.0), row(M, 3.0, 0.0))))
    assert [(one.bucket.value, one.forecast_gbp, one.measured_gbp) for one in only] == [
        ("cash", 0, 3),
        ("released", 9, 0),
    ]


COUNTS = [(F, 0.0), (M, 20.0), (A, 20.0), (R, 20.0), (D, 20.0), (X, 0.0)]


@pytest.mark.parametrize(("state", "gbp"), COUNTS)
def test_what_a_balance_counts(state: ClaimState, gbp: float) -> None:
    books = Standing()
    books.claims["a"] = Booked(claim("a", 10.0, state=state), "x", "upstream", "analyst", ())
    assert amount(books, Balance("", "", "", "cash", 0.0)) == gbp
    for named, hit in (
        (("hospital", "", ""), 1),
        (("", "x", ""), 1),
        (("", "", "2023-24"), 1),
        (("icb", "", ""), 0),
        (("", "y", ""), 0),
        (("", "", "2024-25"), 0),
    ):
        assert amount(books, Balance(*named, "released", 0.0)) == (10.0 if gbp and hit else 0.0)


@pytest.mark.parametrize(
    ("gbp", "true"), [(20.0, True), (20.5, True), (19.5, True), (20.51, False), (19.49, False), (float("nan"), False)]
)
def test_a_balance_is_true_to_half_a_pound_when_it_is_asserted_and_ever_after(
    tmp_path: Path, gbp: float, true: bool
) -> None:
    ledger = opened(tmp_path)
    ledger.claim([claim()], AT)
    asserted = Balance("hospital", "", "2023-24", "cash", gbp)
    assert stands(lambda: ledger.assert_balance(asserted, "finance", AT)) is true
    books = ledger._standing
    books.balances[:] = [(AT, asserted)]
    found = {check.name: check.passed for check in checks.run(books, np.array([96.0]), np.array([96.0]))}
    assert found["balances"] is (true or gbp != gbp), "what is no number is stopped at the door alone"


# What a check finds in books that broke a rule


def found(books: Standing, held: list[float] | None = None, once: list[float] | None = None) -> set[str]:
    has = np.array([one.averted for one in books.open_lots] if held is None else held)
    return {one.name for one in checks.run(books, has, has if once is None else np.array(once)) if not one.passed}


def books(*lots: Any, claimed: dict[str, float] | None = None, rule: str = "first") -> Standing:
    return Standing(rule=rule, lots={one.lot: one for one in lots}, claimed=claimed or {})


def test_each_check_finds_its_own_breach_and_nothing_in_sound_books() -> None:
    one, two = lot(), lot("lot-2")
    assert found(books(one)) == set()
    for low, high in ((0.0, 150.0), (-1.0, 150.0), (-1.0, 1.0)):
        assert found(books(replace(one, averted_low=low, averted_high=high))) == {"intervals"}
    assert found(
        books(replace(one, averted=-96.0, averted_low=-150.0, averted_high=0.0), claimed={"lot-1": -96.0})
    ) == {"intervals"}
    assert found(books(one, claimed={"lot-1": 96.0001})) == {"claims-within-lots"}
    assert found(books(one, claimed={"lot-1": -1.0})) == {"claims-within-lots"}
    assert found(books(one, claimed={"gone": 1.0})) == {"claims-within-lots"}
    harm = lot(averted=-96.0)
    for much, passed in ((0.0, False), (-95.0, False), (-96.0, True)):
        assert ("harm-booked" not in found(books(harm, claimed={"lot-1": much}))) is passed
    assert found(books(one, two), [96.1, 0.0], [96.0, 0.0]) == {"one-event-one-claim"}
    assert found(books(one, two), [96.0, 1.0], [96.0, 0.0]) == {"one-event-one-claim"}
    assert found(books(one, replace(two, kind=STAY)), [96.0, 96.0], [96.0, 96.0]) == set()
    assert found(books(one, replace(two, kind=STAY)), [96.0, 96.0], [0.0, 192.0]) == {"one-event-one-claim"}
    assert found(books(one, two, rule="shapley"), [96.0, 1.0], [96.0, 0.0]) == {"one-event-one-claim"}
    joint = (replace(each, expected=500.0) for each in (one, two))
    assert found(books(*joint, rule="shapley"), [96.0, 1.0], [96.0, 0.0]) == set()
    assert found(books(*(replace(each, expected=500.0) for each in (one, two))), [96.0, 1.0], [96.0, 0.0]) == {
        "one-event-one-claim"
    }
    withdrawn = books(one, replace(two, averted_low=0.0))
    withdrawn.withdrawn["lot-2"] = "measured again"
    assert found(withdrawn) == set()


SPLIT = lot(averted=100.0, price_gbp=100.0, split_gbp=(1000.0, 0.0, 5000.0, 4000.0))
MADE = [
    # cash, released, absorbed, unchanged of a £10,000 claim, reason → found
    ((1000.0, 0.0, 5000.0, 4000.0), "counted", False),
    ((1050.0, 0.0, 4950.0, 4000.0), "counted", False),
    ((1052.0, 0.0, 4948.0, 4000.0), "counted", True),
    ((5000.0, 0.0, 1000.0, 4000.0), "counted", True),
    ((5000.0, 0.0, 1000.0, 4000.0), "override: agreed with the auditor in May", False),
    ((0.0, 0.0, 5000.0, 4700.0), "counted", True),
    ((1000.0, 0.02, 4999.98, 4000.0), "counted", True),
    ((-1.0, 1.0, 5000.0, 5000.0), "counted", True),
]


@pytest.mark.parametrize(("pounds", "reason", "wrong"), MADE)
def test_cash_made_of_another_bucket_is_found(pounds: tuple[float, ...], reason: str, wrong: bool) -> None:
    names = ("cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp")
    made = claim("a", 100.0, reason=reason, **dict(zip(names, pounds, strict=True)))
    standing = books(SPLIT, claimed={"lot-1": 100.0})
    standing.claims["a"] = Booked(made, "x", "upstream", "analyst", ((AT, M, "analyst", "why"),))
    assert ("amounts" in found(standing)) is wrong
    standing.claims["a"] = replace(
        standing.claims["a"],
        claim=replace(made, state=X),
        history=((AT, M, "analyst", "why"), (AT, X, "analyst", "why")),
    )
    assert "amounts" not in found(standing), "what was taken back claims nothing"


# Files of people


def test_a_set_of_units_holds_each_once_and_each_ones_widest_days(tmp_path: Path) -> None:
    assert unit_codes(["b", "a", "b"]).tolist() == sorted(set(unit_codes(["a", "b"]).tolist()))
    day = lambda *texts: np.array(texts, dtype="datetime64[D]")  # noqa: E731
    rows = Followed(
        np.array(["a", "b", "a"]),
        day("2024-01-05", "2024-01-01", "2024-01-02"),
        day("2024-01-09", "2024-01-03", "2024-01-07"),
    ).rows()
    spans = dict(zip(rows[0].tolist(), rows[1:].T.tolist(), strict=True))
    start = day("2024-01-01").astype(int)[0]
    (a,), (b,) = unit_codes(["a"]).tolist(), unit_codes(["b"]).tolist()
    assert spans == {a: [start + 1, start + 8], b: [start, start + 2]}
    sets = UnitSets(tmp_path)
    digest = sets.keep(rows)
    assert UnitSets(tmp_path).sound(digest)
    without = sets.without(digest, ["a"], 7)
    assert set(sets.codes(without).tolist()) == {7, b}
    assert sets.without(digest, ["c"], 7) == ""
    twice = sets.without(digest, ["a", "b"], 7)
    assert sets.codes(twice).tolist() == [7] and sets.days(twice).shape == (2, 1)  # type: ignore[union-attr]
    file = tmp_path / f"{digest}.npy"
    np.save(file, rows[:, :1])
    assert not UnitSets(tmp_path).sound(digest), "other people under the same name"
    np.save(file, rows.astype(np.int32))
    assert not UnitSets(tmp_path).sound(digest)
    sets.sweep({without})
    assert {one.stem for one in tmp_path.glob("*.npy")} == {without}


# What is kept of an entry


def test_a_claim_and_a_lot_come_back_from_the_file_as_they_went_in() -> None:
    full = lot(
        months=("2023-04", "2023-05"),
        averted_by_month=(1.0, 2.0),
        raw_averted=3.0,
        price_gbp=4.0,
        split_gbp=(1.0, 2.0, 3.0, 4.0),
        due=(("icb", "2023-24", 40.0, 400.0, 0.0, 0.0, 0.0),),
    )
    assert lot_of(body_of(full)) == full
    assert claim_of(body_of(claim())) == claim()
    plain = body_of(lot())
    assert not {"months", "averted_by_month", "raw_averted", "price_gbp", "split_gbp", "due"} & set(plain), (
        "a file of the first edition keeps its bytes"
    )
    for name, wrong in (("averted", True), ("averted", "96"), ("kind", 7)):
        with pytest.raises(TypeError):
            lot_of({**plain, name: wrong})


def test_the_same_cost_in_another_year_or_state_is_another_cost(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    others = [
        replace(COST, year="2024-25"),
        replace(COST, state=F),
        replace(COST, what="set-up"),
        replace(COST, bearer="icb"),
        replace(COST, collaboration="y"),
    ]
    assert ledger.spend([COST, *others], AT, "analyst") == (COST, *others)
    assert ledger.spend([COST, *others], AT, "analyst") == ()
    for one in (COST, *others):
        with pytest.raises(ProtocolBreach, match="booked under this heading"):
            ledger.spend([replace(one, gbp=one.gbp - 1)], AT, "analyst")


def test_a_forecast_is_against_no_pool_and_is_written_in_plain_words(tmp_path: Path) -> None:
    ledger = opened(tmp_path)
    ledger.forecast("x", "upstream", [claim("plan", 500.0)], AT, [replace(COST, state=F)])
    (one,) = ledger.claims
    assert (one.claim.lot, one.claim.state, one.collaboration, one.style) == ("", F, "x", "upstream")
    assert ledger.left() == {"lot-1": 96.0}
    assert ledger.spent == (replace(COST, state=F),)
    ledger.forecast("x", "upstream", [claim("plan-2", 500.0)], AT, [replace(COST, state=F)])
    assert ledger.spent == (replace(COST, state=F),), "the same cost is promised once"
    with pytest.raises(Usage):
        ledger.forecast("x", "upstream", [claim("plan-3", 1.0, year="soon")], AT)
    with pytest.raises(ProtocolBreach, match="booked already"):
        ledger.forecast("x", "upstream", [claim("plan", 1.0)], AT)


def test_what_a_ledger_remembers_is_netted_anew_after_each_act_that_changes_it(tmp_path: Path) -> None:
    ledger = opened(tmp_path, (lot(), people(0, 100)), (lot("lot-2", 60.0), people(0, 100)))
    assert ledger.available() == {"lot-1": 96.0, "lot-2": pytest.approx(0.0)}
    ledger.attribute("equal", "board", "agreed", AT)
    assert ledger.available() == pytest.approx({"lot-1": 48.0, "lot-2": 48.0})
    ledger.withdraw("lot-1", "analyst", "measured again", AT)
    assert ledger.available() == {"lot-2": 60.0}
    ledger.open_lot(lot("lot-3", 60.0), people(0, 100), LOCK, 3, AT)
    assert ledger.available() == pytest.approx({"lot-2": 30.0, "lot-3": 30.0})
    ledger.count(counted(withdraw=(("lot-3", "measured again"),)), AT, "analyst")
    assert ledger.available() == {"lot-2": 60.0}


def test_a_ledger_knows_what_its_own_request_booked(tmp_path: Path) -> None:
    opened(tmp_path)
    mine = Ledger(tmp_path / "ledger.jsonl", tmp_path / ".headwater" / "units", "request-1")
    assert mine.done == ()
    mine.claim([claim()], AT)
    assert [entry.act for entry in mine.done] == ["claim"]
    assert Ledger(tmp_path / "ledger.jsonl", tmp_path / ".headwater" / "units", "request-2").done == ()
    assert ledger_in(tmp_path).done == ()


def test_each_check_is_essential_and_nets_by_the_rule_that_holds(tmp_path: Path) -> None:
    """Shared alike, each of two pools over the same people holds 48; by first registered the second would hold none."""
    ledger = opened(tmp_path, (lot(), people(0, 100)), (lot("lot-2"), people(0, 100)))
    ledger.attribute("equal", "board", "agreed", AT)
    ledger.claim([claim("a", 48.0), claim("b", 48.0, lot="lot-2")], AT)
    found = ledger.check()
    assert [one.name for one in found if not one.passed or not one.essential] == []
