"""Outcomes of a planned collaboration: until a lock, or a first look that is on record, opens them, no door tells of
them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from acts_world import Case, case_in, protocol_in
from headwater.app import counting, evaluating, governing, leaving, monitoring, planning, pooling, run, worth
from headwater.app.looks import LOOKS
from headwater.app.place import Place
from headwater.domain.errors import HeadwaterError, ProtocolBreach
from headwater.governance import lock_history

if TYPE_CHECKING:
    from collections.abc import Callable

DOORS: dict[str, Callable[[Place], object]] = {
    "count": lambda place: counting.count(place, "team"),
    "count in another lens": lambda place: worth.seen_as(place, "team", "social"),
    "settlement": lambda place: worth.settlement(place, "team", "equal", {}),
    "gates": lambda place: governing.gates(place, "team"),
    "monitor": lambda place: monitoring.monitor(place, "team"),
    "an evidence file": lambda place: pooling.export(place, "team", pooling.Sender("Northshire")),
}


class OpenedError(Exception):
    """Outcomes are about to be read."""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_in(tmp_path_factory.mktemp("sealed"), lambda place: protocol_in(place.workspace.root))


@pytest.fixture
def place(case: Case, monkeypatch: pytest.MonkeyPatch) -> Place:
    def opened(*asked: object) -> None:
        raise OpenedError

    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))
    monkeypatch.setattr(evaluating.evidence, "evaluate", opened)
    return case.fresh()


def opened(place: Place) -> bool:
    return bool(lock_history(place.workspace, "team")) or (place.workspace.results / "team.json").exists()


@pytest.mark.parametrize("door", DOORS)
def test_a_door_tells_nothing_before_the_lock_and_opens_after_it(place: Place, door: str) -> None:
    with pytest.raises(ProtocolBreach, match="sealed until its protocol is locked"):
        DOORS[door](place)
    assert not opened(place)
    planning.lock(place, "team", "head", "agreed")
    with pytest.raises(OpenedError):
        DOORS[door](place)


def test_a_run_leaves_a_plan_closed_and_says_so(place: Place) -> None:
    (row,) = run.run(place, ()).content["collaborations"]
    assert "sealed" in row["in_words"]
    assert (row["rate_ratio"], row["naive"], row["booked"]) == (None, None, "nothing")
    assert not opened(place)
    planning.lock(place, "team", "head", "agreed")
    with pytest.raises(OpenedError):
        run.run(place, ())


def test_no_report_is_made_of_a_plan_and_the_answer_names_it(place: Place) -> None:
    told = leaving.report(place, ("html",)).content
    assert told["sealed"] == ["team"]
    assert not [file for file in told["files"] if "team" in file]
    assert not opened(place)


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_tells_of_it(place: Place, look: str) -> None:
    """What pages show is made of what steps kept: nothing is there, and none makes it."""
    about = "suggest\ndata/c.csv" if look == "suggest" else "team"
    try:
        answer = LOOKS[look].make(place, about)
    except (HeadwaterError, KeyError, ValueError):
        answer = None
    assert not opened(place)
    assert answer is None or look not in {"evaluation", "worth", "gates"}


def test_a_first_look_is_asked_for_by_name_and_stays_on_record(place: Place) -> None:
    with pytest.raises(OpenedError):
        evaluating.evaluate(place, "team")
    assert [one["act"] for one in lock_history(place.workspace, "team")] == ["outcomes-read"]
    with pytest.raises(OpenedError):
        DOORS["monitor"](place)
