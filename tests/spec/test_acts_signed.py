"""Acts that are kept for good say who did them and why, and an act that does nothing says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from headwater.app import governing, planning
from headwater.app.place import Place
from headwater.domain.collaboration import Status
from headwater.domain.errors import Usage
from headwater.governance import lock_history
from headwater.ledger.rules import claim_may_be_asked
from headwater.sources import read_settings
from money_world import claim, lot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A workspace without data, with one protocol."""
    (tmp_path / "key").write_text("00" * 32)
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    root = tmp_path / "w"
    (root / "collaborations").mkdir(parents=True)
    (root / "headwater.toml").write_text('place = "X"\n')
    found = Place(root)
    planning.new_protocol(found, "team", "multidisciplinary-team")
    return found


REFUSED: dict[str, tuple[str, Callable[[Place], object]]] = {
    "lock by nobody": ("needs a role", lambda at: planning.lock(at, "team", " ", "agreed")),
    "amend for no reason": ("needs a reason", lambda at: planning.amend(at, "team", "head", "")),
    "a new key for no reason": ("needs a reason", lambda at: governing.rotate(at, "head", "")),
    "a decision by nobody": ("needs a role and a reason", lambda at: governing.decide(at, "team", "g", ("go", "", ""))),
    "a person forgotten for no reason": ("needs a reason", lambda at: governing.forget(at, ("a", "1"), "head", " ")),
    "risks of nothing": ("no such collaboration", lambda at: governing.risks(at, "nope")),
    "an id of other letters": ("no id", lambda at: planning.new_protocol(at, "Bad Name!", "action-week")),
    "an id of another folder": ("no id", lambda at: planning.new_protocol(at, "../x", "action-week")),
}


@pytest.mark.parametrize("act", REFUSED)
def test_an_act_without_who_why_or_what_is_refused_and_leaves_nothing(place: Place, act: str) -> None:
    said, asked = REFUSED[act]
    with pytest.raises(Usage, match=said):
        asked(place)
    assert not (place.workspace.governance / "locks.jsonl").exists()
    assert [file.name for file in place.workspace.collaborations.iterdir()] == ["team.toml"]


def test_an_unknown_price_is_refused_before_the_lock(place: Place) -> None:
    file = place.workspace.collaborations / "team.toml"
    file.write_text(file.read_text().replace('id = "team"', 'id = "team"\nprices = { ae_attendance = "OWN1" }', 1))
    with pytest.raises(Usage, match="no such price") as told:
        planning.lock(place, "team", "head", "agreed")
    assert "headwater prices show" in str(told.value)
    assert lock_history(place.workspace, "team") == []


def test_prices_given_as_a_source_are_sent_where_prices_go(tmp_path: Path) -> None:
    (tmp_path / "headwater.toml").write_text('place = "X"\n[[source]]\ntable = "price"\nfiles = "data/p.csv"\n')
    with pytest.raises(Usage, match=r'write prices = \["data/p.csv"\]'):
        read_settings(tmp_path)


def test_an_amendment_of_nothing_leaves_the_lock_and_says_so(place: Place) -> None:
    assert planning.lock(place, "team", "head", "agreed").content["changed"]
    told = planning.amend(place, "team", "head", "for the sake of it")
    assert not told.content["changed"]
    assert told.content["status"] == Status.LOCKED
    assert len(lock_history(place.workspace, "team")) == 1
    file = place.workspace.collaborations / "team.toml"
    file.write_text(file.read_text().replace("follow_up_days = ", "follow_up_days = 1", 1))
    told = planning.amend(place, "team", "head", "followed for longer")
    assert (told.content["changed"], told.content["status"]) == (True, Status.AMENDED)


@pytest.mark.parametrize(
    ("contacts", "averted", "stands"),
    [(-5.0, 60.0, False), (5.0, 60.0, True), (5.0, -60.0, False), (-5.0, -60.0, True)],
)
def test_a_claim_has_the_sign_of_its_pool(contacts: float, averted: float, stands: bool) -> None:
    pool = SimpleNamespace(averted=averted, first_day=lot().first_day, last_day=lot().last_day)
    asked = claim(contacts=contacts)
    if stands:
        claim_may_be_asked(asked, pool, ())  # type: ignore[arg-type]
    else:
        with pytest.raises(Usage, match="sign of its pool"):
            claim_may_be_asked(asked, pool, ())  # type: ignore[arg-type]


@pytest.mark.parametrize("collaboration", ["", "team"])
def test_a_text_with_half_a_letter_is_refused_and_nothing_is_written(place: Place, collaboration: str) -> None:
    file = place.workspace.collaborations / "team.toml" if collaboration else place.workspace.settings
    before = file.read_bytes()
    with pytest.raises(Usage, match="half a letter"):
        planning.save_text(place, collaboration, 'place = "\ud800"\n')
    assert file.read_bytes() == before
