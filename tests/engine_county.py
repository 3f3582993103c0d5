"""The demonstration county's river on an engine that its own headwater.toml names: every answer, the linked tables, and
what linking learnt."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from engines import rows_of
from headwater.app import choosing, evaluating, reading
from headwater.app.place import Place
from headwater.link import groups, pairs, profiles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headwater.domain.workspace import EngineSettings

LINKED = (
    "link_record",
    profiles.TABLE,
    profiles.FREQUENCY,
    pairs.TABLE,
    groups.TABLE,
    "person_link",
    "person",
    "person_contact",
    "person_enrolment",
    "person_observation",
)
LEARNT = "link model"


GIVEN = '[engine]\nname = "duckdb"\n'
"""As the county is written."""


def name_engine(root: Path, engine: EngineSettings) -> None:
    """Name the engine under [engine] of the workspace's headwater.toml, as a user would."""
    file = root / "headwater.toml"
    text = file.read_text(encoding="utf-8")
    assert text.count(GIVEN) == 1
    lines = [
        "[engine]",
        f'name = "{engine.name}"',
        f"threads = {engine.threads}",
        f'memory = "{engine.memory}"',
        "[engine.options]",
    ]
    lines += [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in engine.options.items()]
    file.write_text(text.replace(GIVEN, "\n".join(lines) + "\n"), encoding="utf-8")


def river(
    root: Path, told: Callable[[str, float], None] = lambda step, seconds: None, only: tuple[str, ...] = ()
) -> dict[str, object]:
    """Load, link, partners and every evaluation (or those named): each step's value and released answer, the linked
    tables and the model."""
    place = Place(root)
    steps: dict[str, Callable[[Place], Any]] = {"load": reading.load, "link": reading.link, "partners": choosing.find}
    steps |= {
        f"evaluate {one.id}": _evaluation(one.id) for one in evaluating.protocols(place) if one.id in (only or {one.id})
    }
    found: dict[str, object] = {}
    for name, step in steps.items():
        began = time.perf_counter()
        answer = step(place)
        found[name] = answer.value, answer.content
        told(name, time.perf_counter() - began)
    with place.store() as store:
        learnt = json.loads(pairs.model_file(store).read_text(encoding="utf-8"))
        return found | {LEARNT: learnt} | {table: rows_of(store, table) for table in LINKED}


def _evaluation(collaboration: str) -> Callable[[Place], Any]:
    return lambda place: evaluating.evaluate(place, collaboration)
