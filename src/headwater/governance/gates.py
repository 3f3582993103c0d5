"""Phases and gates: templates, criteria over measured figures, and decisions. A gate never opens by itself."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import Usage, one_of
from headwater.domain.governance import Criterion, Decision, Gate, Met, Phase
from headwater.governance.records import append, entries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from headwater.domain.collaboration import Protocol
    from headwater.domain.workspace import Workspace

EXPRESSION = re.compile(r"^\s*([a-z_][a-z0-9_]*)\s*(>=|<=|>|<|==)\s*(-?\d+(?:\.\d+)?)\s*$")
VERDICTS = ("open", "closed", "conditions")


def judged(criterion: Criterion, figures: Mapping[str, float]) -> Criterion:
    """The criterion with the figure behind it; unknown where the figure was not measured. Raises Usage for no
    expression."""
    match = EXPRESSION.match(criterion.expression)
    if match is None:
        raise Usage(
            "this is no criterion",
            given=repr(criterion.expression),
            allowed="a figure's name, one of >= <= > < ==, and a number, as in link_rate >= 0.9",
            next_step="mend the phases file",
        )
    name, sign, limit = match[1], match[2], float(match[3])
    if name not in figures:
        return criterion
    value = figures[name]
    holds = {">=": value >= limit, "<=": value <= limit, ">": value > limit, "<": value < limit, "==": value == limit}[
        sign
    ]
    return replace(criterion, met=Met.MET if holds else Met.NOT_MET, figure=value)


def phases(workspace: Workspace, protocol: Protocol, figures: Mapping[str, float]) -> tuple[Phase, ...]:
    """The phases of a protocol with their gates judged by the figures and the decisions taken; none where it names
    none."""
    if not protocol.phases:
        return ()
    newest = _decisions(workspace, protocol.id)
    return tuple(_phase(entry, figures, newest) for entry in _template(workspace, protocol.phases)["phase"])


def decide(workspace: Workspace, protocol: Protocol, decision: Decision, request: str = "") -> None:
    """Record a decision, for good: a later one stands beside it.

    request: the act's own id, under which it is entered once however often it is tried.
    """
    if decision.verdict not in VERDICTS:
        raise one_of("no such decision", decision.verdict, VERDICTS)
    known = [one.gate for phase in phases(workspace, protocol, {}) for one in (phase.entry, phase.exit) if one]
    if decision.gate not in known:
        raise one_of(f"{protocol.id} has no such gate", decision.gate, known, f"headwater gate show {protocol.id}")
    named = ("gate", "verdict", "role", "reason", "date")
    said = {"collaboration": protocol.id} | {name: getattr(decision, name) for name in named}
    append(workspace, _file(workspace), said, request)


def _template(workspace: Workspace, name: str) -> dict[str, Any]:
    own = workspace.governance / name
    if name.endswith(".toml") and own.exists():
        return tomllib.loads(own.read_text(encoding="utf-8"))
    shipped = {
        one.name.removesuffix(".toml"): one for one in files("headwater.governance").joinpath("phases").iterdir()
    }
    if name not in shipped:
        raise one_of("no such phases", name, shipped, "or the name of a .toml file in governance/")
    return tomllib.loads(shipped[name].read_text(encoding="utf-8"))


def _phase(entry: Mapping[str, Any], figures: Mapping[str, float], decisions: Mapping[str, Decision]) -> Phase:
    gates = {side: _gate(entry, side, figures, decisions) for side in ("entry", "exit")}
    return Phase(entry["id"], entry["name"], entry["aim"], gates["entry"], gates["exit"])


def _gate(
    entry: Mapping[str, Any], side: str, figures: Mapping[str, float], decisions: Mapping[str, Decision]
) -> Gate | None:
    if side not in entry:
        return None
    name = f"{entry['id']}-{side}"
    criteria = tuple(judged(Criterion(one["text"], one["is"]), figures) for one in entry[side]["criterion"])
    return Gate(name, entry["id"], criteria, entry[side]["decides"], decisions.get(name))


def decisions(workspace: Workspace, collaboration: str) -> list[dict[str, Any]]:
    """Every decision ever taken on a collaboration's gates, oldest first."""
    return [row for row in entries(workspace, _file(workspace)) if row["collaboration"] == collaboration]


def _decisions(workspace: Workspace, collaboration: str) -> dict[str, Decision]:
    """Gate → the newest decision on it."""
    rows = decisions(workspace, collaboration)
    return {row["gate"]: Decision(row["gate"], row["role"], row["date"], row["verdict"], row["reason"]) for row in rows}


def _file(workspace: Workspace) -> Path:
    return workspace.governance / "decisions.jsonl"
