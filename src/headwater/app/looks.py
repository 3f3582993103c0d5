"""What doors show: every answer by name, what it is made of, and how it is made from what steps kept.

None of these runs a step. Where a step has to be run first, an answer is None, and the door offers the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.app import (
    bearing,
    booking,
    choosing,
    counting,
    evaluating,
    gathering,
    governing,
    looking,
    mapping,
    planning,
    reading,
    supposing,
    tracing,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.app.answer import Answer
    from headwater.app.place import Place

LAST = 60
"""Entries of the audit log on its page."""


@dataclass(frozen=True, slots=True)
class Look:
    """`made_of`: parts of the workspace as `shelf` names them, {about} standing for what is looked at. A slow one is
    made by `ready` alone, at the end of a step, and kept on the disk; any other is made in a moment, for whoever asks
    first."""

    make: Callable[[Place, str], Answer | None]
    made_of: tuple[str, ...]
    slow: bool = False


PLANS = ("collaborations", "governance")
FAR = ("tables", "results", "ledger", "releases", *PLANS)
POOLS = ("evidence", "releases/*-evidence.json", "releases/*-pool.json")
ONE = (
    *POOLS,
    "tables",
    "results/{about}.json",
    "results/estimates.json",
    "collaborations/{about}.toml",
    "governance/locks.jsonl",
)
GATES = (*POOLS, "tables", "results/{about}.json", "results/measured.json", "day", *PLANS)

LOOKS: dict[str, Look] = {
    "progress": Look(lambda place, _: tracing.progress_made(place), (*FAR, "prices")),
    "check": Look(lambda place, _: reading.checked(place), ("data", "checks")),
    "suggest": Look(lambda place, about: mapping.suggest(place, *about.rsplit("\n", 1)), ("data",)),
    "loaded": Look(lambda place, _: reading.loaded(place), ("tables",)),
    "look": Look(lambda place, _: looking.look(place), ("tables",), slow=True),
    "bears": Look(lambda place, _: bearing.ready(place), ("tables", "prices"), slow=True),
    "names": Look(lambda place, _: reading.organisation_names(place), ("tables",)),
    "made-from": Look(tracing.made_from, ("tables", "ledger", *PLANS)),
    "partners": Look(
        lambda place, about: choosing.shown(place, about or None),
        ("tables", "results/partners-*.json", "prices"),
        slow=True,
    ),
    "pool": Look(gathering.gathered, POOLS),
    "stakes": Look(
        lambda place, about: supposing.stakes(place, about or None),
        ("tables", "results/partners-*.json", "prices"),
        slow=True,
    ),
    "why": Look(
        lambda place, about: choosing.shown_why(place, *_option(about)), ("tables", "results/partners-*.json", "prices")
    ),
    "told": Look(planning.told, ("collaborations/{about}.toml",)),
    "plan": Look(planning.plan, ("tables", "collaborations/{about}.toml", "prices"), slow=True),
    "evaluation": Look(evaluating.shown, ONE),
    "worth": Look(counting.preview, (*ONE, "prices"), slow=True),
    "warnings": Look(lambda place, _: governing.shown_warnings(place), ("tables", "results", "day", *PLANS)),
    "risks": Look(lambda place, about: governing.risks(place, about or None), ("governance",)),
    "suggested": Look(governing.suggested, PLANS),
    "gates": Look(governing.shown_gates, GATES),
    "ledger": Look(lambda place, _: booking.show(place), ("ledger", "units", "collaborations", "tables")),
    "ledger-check": Look(lambda place, _: booking.check(place), ("ledger", "units")),
    "audit": Look(lambda place, _: governing.audit(place, LAST), ("audit_log",)),
}


def _option(about: str) -> tuple[str, str | None]:
    """An option's id and, after a line's end, the organisation whose options it is among."""
    option, _, organisation = about.partition("\n")
    return option, organisation or None
