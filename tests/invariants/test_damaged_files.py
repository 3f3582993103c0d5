"""Any file of a workspace damaged in any way, one way a file here and the next there, and every door asked: an answer
or a sentence with a way back, never a traceback."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from acts_world import Case, case_in, protocol_in
from headwater.app import booking, evaluating, governing, leaving, planning, reading, tracing
from headwater.app.place import Place
from headwater.domain.errors import HeadwaterError
from report_board import evaluation, facts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAMAGE: tuple[Callable[[bytes], bytes], ...] = (
    lambda held: b"",
    lambda held: b"[]",
    lambda held: b"{}",
    lambda held: bytes(range(256)) * 3,
    lambda held: held[: len(held) // 2],
)
OPEN = ("board", "all met")
DOORS: dict[str, Callable[[Place], object]] = {
    "status": tracing.status,
    "ledger": booking.show,
    "verify": booking.verify,
    "check": booking.check,
    "claim": lambda place: booking.claim(place, "lot-1", "hospital", 1.0, "2023-24", "more"),
    "audit": lambda place: governing.audit(place, 9),
    "protocols": planning.listing,
    "difference": lambda place: planning.difference(place, "team"),
    "decide": lambda place: governing.decide(place, "team", "align-exit", ("open", *OPEN)),
    "risks": lambda place: governing.risks(place, None),
    "timeline": lambda place: governing.timeline(place, "team"),
    "warnings": governing.shown_warnings,
    "evaluate": lambda place: evaluating.shown(place, "team"),
    "report": lambda place: leaving.verify(place, place.workspace.releases / "team-report.html"),
}
MAKERS: dict[str, Callable[[Place], object]] = {
    "load": reading.load,
    "evaluate": lambda place: evaluating.evaluate(place, "team"),
    "release": lambda place: leaving.report(place, ("html",)),
}
"""Asked where the file is one that they read, and nobody else makes again."""


@pytest.fixture(scope="module")
def patched() -> pytest.MonkeyPatch:
    with pytest.MonkeyPatch.context() as patch:
        found = replace(evaluation(), collaboration="team")
        patch.setattr(evaluating.evidence, "evaluate", lambda *asked: found)
        patch.setattr(leaving, "_shared", lambda *asked: {"data": "d" * 16, "all_options": ()})
        patch.setattr(leaving, "_facts", lambda place, store, plan, shared: replace(facts(), name=f"{plan.id}-report"))
        yield patch  # type: ignore[misc]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, patched: pytest.MonkeyPatch) -> Case:
    made = case_in(tmp_path_factory.mktemp("damaged"), lived_in)
    patched.setenv("HEADWATER_KEY_FILE", str(made.key))
    return made


def lived_in(place: Place) -> None:
    """Locked, evaluated, claimed, decided on, reported; one person was forgotten."""
    protocol_in(place.workspace.root, "team")
    planning.lock(place, "team", "head", "agreed")
    governing.write_suggested(place, "team")
    governing.decide(place, "team", "align-exit", ("open", *OPEN))
    governing.forget(place, ("a", "3"), "guardian", "asked")
    reading.link(place)
    booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "more")
    evaluating.evaluate(place, "team")
    governing.measure(place)
    leaving.report(place, ("html",))


def files_of(root: Path) -> list[Path]:
    """One file of each kind, by its folder and ending, where many are alike; locks hold nothing."""
    alike = {".parquet", ".npy"}
    found = {}
    for file in sorted(root.rglob("*")):
        if file.is_file() and not file.name.endswith(("lock", ".lock", ".html")):
            many = file.suffix in alike or file.parent.name in {"checks", "answers"}
            found.setdefault((file.parent, file.suffix) if many else file, file.relative_to(root))
    return list(found.values())


def test_no_damage_of_any_file_is_a_traceback_at_any_door(case: Case) -> None:
    files = files_of(case.base)
    assert len(files) > 25
    for at, name in enumerate(files):
        case.fresh()
        file = case.at / name
        file.write_bytes(DAMAGE[at % len(DAMAGE)](file.read_bytes()))
        for door, ask in {**DOORS, **makers(name)}.items():
            asked(ask, case, f"{name} in way {at % len(DAMAGE)} at {door}")


def makers(name: Path) -> dict[str, Callable[[Place], object]]:
    read_by = {"load": ("parts", "data", "store", "checks"), "evaluate": ("results",), "release": ("releases",)}
    return {f"make {one}": MAKERS[one] for one, parts in read_by.items() if set(parts) & set(name.parts)}


def asked(ask: Callable[[Place], object], case: Case, where: str) -> None:
    try:
        ask(Place(case.at))
    except HeadwaterError as problem:
        assert problem.what and (problem.next_step or problem.given or problem.allowed), where
    except Exception as problem:
        raise AssertionError(where) from problem


def test_a_result_that_does_not_read_is_made_again(case: Case) -> None:
    place = case.fresh()
    evaluating.evaluate(place, "team")
    governing.measure(place)
    for name in ("team.json", "measured.json"):
        file = case.at / ".headwater" / "results" / name
        whole = file.read_bytes()
        for do in DAMAGE:
            file.write_bytes(do(whole))
            evaluating.evaluate(Place(case.at), "team")
            governing.measure(Place(case.at))
            assert file.read_bytes() == whole, name


def test_what_the_others_learn_from_a_programme_does_not_hang_on_a_note_that_was_lost(case: Case) -> None:
    place = case.fresh()
    evaluating.evaluate(place, "team")
    file = case.at / ".headwater" / "results" / "estimates.json"
    whole = file.read_bytes()
    with place.store() as store:
        known = evaluating.estimates(place, store)
        assert len(known) == 1
        for do in DAMAGE:
            file.write_bytes(do(whole))
            assert evaluating.estimates(place, store) == known
