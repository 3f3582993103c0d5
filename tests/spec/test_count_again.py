"""Counting what was counted before: what the evidence no longer bears out is withdrawn, what it bears stands once, in
one entry each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from acts_world import EVENTS, Case, case_in, full, protocol_in, said
from headwater.app import acting, booking, counting, evaluating, leaving, planning
from headwater.app.ledgers import ledger_of
from headwater.app.place import Place
from headwater.cli import words
from headwater.domain.collaboration import Standing, Status
from headwater.domain.errors import Failed
from headwater.domain.evidence import Verdict
from report_board import evaluation, facts

if TYPE_CHECKING:
    from headwater.domain.evidence import Evaluation

LOCK = Standing(Status.LOCKED, "ab" * 32, "2023-03-20T09:30:00Z")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Four people, an open pool of another programme, and a plan; what its evaluation found is given."""
    return case_in(tmp_path_factory.mktemp("again"), lambda place: protocol_in(place.workspace.root))


@pytest.fixture
def place(case: Case, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))
    return case.fresh()


def found(low: float = 0.72, mid: float = 0.81, high: float = 0.91) -> Evaluation:
    return replace(evaluation(low, mid, high), collaboration="team")


def untold() -> Evaluation:
    made = found()
    return replace(made, findings=tuple(replace(one, verdict=Verdict.CANNOT_TELL) for one in made.findings))


def count(place: Place, made: Evaluation, patch: pytest.MonkeyPatch, lock: Standing = LOCK) -> dict[str, Any]:
    patch.setattr(counting, "evaluated", lambda *asked: (lock, made))
    return counting.count(Place(place.workspace.root), "team").content


def mine(place: Place) -> tuple[list[str], float]:
    """The plan's open pools, and the pounds that stand booked on them."""
    ledger = ledger_of(place)
    booked = [one.claim for one in ledger.claims if one.collaboration == "team" and one.claim.state.value == "measured"]
    return [one.lot for one in ledger.lots if one.collaboration == "team"], sum(
        one.cash_gbp + one.released_gbp for one in booked
    )


def entries(place: Place) -> list[dict[str, Any]]:
    return [json.loads(line) for line in place.workspace.ledger.read_bytes().splitlines()]


def test_counting_is_one_entry_and_counting_twice_changes_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(entries(place))
    told = count(place, found(), monkeypatch)
    (lot,), pounds = mine(place)
    assert pounds > 0 and [one["lot"] for one in told["claims"]["lots"]] == [lot]
    assert [one["act"] for one in entries(place)[before:]] == ["count"]
    whole = place.workspace.ledger.read_bytes()
    count(place, found(), monkeypatch)
    assert place.workspace.ledger.read_bytes() == whole


def test_what_cannot_be_told_any_more_is_withdrawn_with_its_pounds(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(place, found(), monkeypatch)
    told = count(place, untold(), monkeypatch)
    assert mine(place) == ([], 0)
    assert "cannot be told" in told["claims"]["refused"][0]["why"]
    assert counting.UNBORNE in place.workspace.ledger.read_text()
    assert booking.verify(place).content["intact"]
    assert all(one["passed"] is not False for one in booking.check(place).content["checks"])
    others = [one.lot for one in ledger_of(place).lots]
    assert others == ["lot-1"], "another programme's pool stands"


def test_what_is_found_again_is_booked_again_and_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    count(place, found(), monkeypatch)
    (first,), pounds = mine(place)
    count(place, untold(), monkeypatch)
    count(place, found(), monkeypatch)
    (second,), again = mine(place)
    assert (second, again) == (f"{first}~2", pytest.approx(pounds))


def test_new_evidence_takes_the_place_of_the_old(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    count(place, found(), monkeypatch)
    (first,), pounds = mine(place)
    made = found()
    effect = replace(made.effect, averted=made.effect.averted * 0.5)
    count(place, replace(made, effect=effect), monkeypatch)
    (second,), less = mine(place)
    assert second != first
    assert less == pytest.approx(pounds / 2, rel=0.05)
    assert "measured again" in place.workspace.ledger.read_text()


def test_what_finance_accepted_stands_when_only_the_luck_of_others_is_known_better(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another programme was evaluated: what is believed of this one moves a little, its own evidence not at all."""
    count(place, found(), monkeypatch)
    (lot,), pounds = mine(place)
    claim = next(one.claim.claim for one in ledger_of(place).claims if one.claim.lot == lot)
    booking.advance(place, claim, "finance-accepted", "chief finance officer", "agreed")
    before = place.workspace.ledger.read_bytes()
    monkeypatch.setattr(counting, "estimates", lambda *asked: ((-0.05, 0.02), (-0.02, 0.02), (0.01, 0.03)))
    told = count(place, found(), monkeypatch)
    assert place.workspace.ledger.read_bytes() == before
    assert mine(place)[0] == [lot]
    assert any("finance has accepted" in one["why"] for one in told["claims"]["refused"])
    booking.reverse(place, claim, "chief finance officer", "to be counted anew")
    count(place, found(), monkeypatch)
    assert mine(place)[0] != [lot]
    assert mine(place)[1] != pytest.approx(pounds, rel=1e-6)


def test_evidence_that_changed_takes_back_what_finance_accepted_and_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(place, found(), monkeypatch)
    claim = next(one.claim for one in ledger_of(place).claims if one.collaboration == "team")
    booking.advance(place, claim.claim, "finance-accepted", "chief finance officer", "agreed")
    told = count(place, untold(), monkeypatch)
    assert mine(place) == ([], 0)
    assert any("had accepted" in one["why"] for one in told["claims"]["refused"])


def test_programmes_that_are_still_to_be_told_are_named_since_the_count_is_drawn_towards_them(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = place.workspace.root
    assert count(place, found(), monkeypatch)["claims"]["count_again_after"] == []
    protocol_in(root, "second")
    assert count(place, found(), monkeypatch)["claims"]["count_again_after"] == [], (
        "what is not locked is not waited for"
    )
    planning.lock(Place(root), "second", "head", "agreed")
    told = count(place, found(), monkeypatch)
    assert told["claims"]["count_again_after"] == [evaluating.protocol_of(Place(root), "second").name]
    assert "Not evaluated yet" in words.count(told)
    monkeypatch.setattr(evaluating, "ready", lambda *asked: True)
    told = count(place, found(), monkeypatch)
    assert told["claims"]["count_again_after"] == []
    assert "Not evaluated yet" not in words.count(told)


def test_a_plan_that_was_never_locked_books_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.workspace.ledger.read_bytes()
    told = count(place, found(), monkeypatch, Standing(Status.EXPLORATORY, "ab" * 32))
    assert place.workspace.ledger.read_bytes() == before
    assert "was not locked" in told["claims"]["refused"][0]["why"]


def test_a_lock_that_came_too_late_is_told_as_such_and_no_further_lock_advised(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = "Another copy of this workspace had read outcomes of the same data before this lock."
    told = count(place, found(), monkeypatch, Standing(Status.EXPLORATORY, "ab" * 32, "2023-03-20T09:30:00Z", (late,)))
    (why,) = {one["why"] for one in told["claims"]["refused"] if one["outcome"] == "ae_attendance"}
    assert late in why and "headwater lock" not in why
    bare = count(place, found(), monkeypatch, Standing(Status.EXPLORATORY, "ab" * 32, ""))
    assert any("headwater lock team" in one["why"] for one in bare["claims"]["refused"])
    held = {"collaboration": "team", "status": "exploratory", "sha256": "ab", "changed": False, "deviations": [late]}
    assert words.locked(held).endswith(late)


SLIPPED = (
    "price,kind,gbp,unit,price_year,bearer,perspective,source,edition,licence\nOURS-AE,ae_attendance,2.80,attendance,2024,icb,fiscal,our"
    " ledger,2024,own\n"
)


def test_nothing_is_booked_at_a_price_that_looks_mistyped_unless_the_plan_names_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = place.workspace.root
    (root / "data").mkdir(exist_ok=True)
    (root / "data" / "ours.csv").write_text(SLIPPED, encoding="utf-8")
    settings = root / "headwater.toml"
    settings.write_text('prices = ["data/ours.csv"]\n' + settings.read_text(encoding="utf-8"), encoding="utf-8")
    told = count(place, found(), monkeypatch)
    assert mine(place)[0] == []
    assert any("looks mistyped" in why and "OURS-AE" in why for why in map(str, told["claims"]["refused"]))
    plan = root / "collaborations" / "team.toml"
    plan.write_text(plan.read_text(encoding="utf-8") + '\n[prices]\nae_attendance = "OURS-AE"\n', encoding="utf-8")
    count(place, found(), monkeypatch)
    assert mine(place)[0]


def test_an_error_after_the_entry_was_written_says_that_it_was_booked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*asked: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acting.governance, "record_audit", refuse)
        with pytest.raises(Failed, match="was booked, but could not be finished"):
            booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "more")
    booking.claim(Place(place.workspace.root), "lot-1", "hospital", 5.0, "2023-24", "more")
    assert [one.claim.contacts for one in ledger_of(place).claims].count(5.0) == 1


ONE_REPORT = """
import sys
from dataclasses import replace
from pathlib import Path
from headwater.app import leaving
from headwater.app.place import Place
from report_board import facts
leaving.sealed = lambda *asked: False
leaving._shared = lambda *asked: {"data": "d" * 16, "all_options": ()}
leaving._facts = lambda *asked: replace(facts(), name=sys.argv[2])
leaving.report(Place(Path(sys.argv[1])), ("html",))
"""


def test_four_reports_at_once_are_four_entries_in_the_register(place: Place) -> None:
    """In processes of their own from the start: one that is forked from this one may wait for a thread that it has not
    got."""
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}
    root = str(place.workspace.root)
    started = [subprocess.Popen([sys.executable, "-c", ONE_REPORT, root, f"report-{at}"], env=paths) for at in range(4)]
    assert [one.wait(timeout=300) for one in started] == [0, 0, 0, 0]
    lines = (place.workspace.releases / "register.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["release"] for line in lines) == [f"report-{at}" for at in range(4)]


def test_a_register_that_cannot_be_written_lets_nothing_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "sealed", lambda *asked: False)
    monkeypatch.setattr(leaving, "_shared", lambda *asked: {"data": "d" * 16, "all_options": ()})
    monkeypatch.setattr(leaving, "_facts", lambda *asked: facts())

    def no_room() -> None:
        EVENTS.limit += 1
        if "register" in EVENTS.what[-1]:
            full()

    with EVENTS.at(place.workspace.root, 1, no_room):
        ended = said(lambda it: leaving.report(it, ("html",)), place)
    assert ended.startswith("refused: what leaves could not be entered in register.jsonl")
    assert not list(place.workspace.releases.glob("*.html"))


def test_the_evaluation_of_these_tests_bears_a_claim() -> None:
    assert np.quantile(found().effect.averted.sum(axis=(1, 2)), 0.025) > 0
