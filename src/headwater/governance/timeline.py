"""What happened to a collaboration and when: agreements, locks, start and end, decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.release import FigureData
from headwater.governance.gates import decisions
from headwater.governance.lock import lock_history

if TYPE_CHECKING:
    from headwater.domain.collaboration import Protocol
    from headwater.domain.workspace import Workspace

Event = tuple[str, str, str]
WORDS = {"lock": "locked", "amend": "amended"}


def timeline(workspace: Workspace, protocol: Protocol) -> tuple[Event, ...]:
    """(ISO day, what, text), in order of day."""
    found: list[Event] = [(protocol.start.isoformat(), "start", "the collaboration starts")]
    if protocol.end is not None:
        found.append((protocol.end.isoformat(), "end", "the collaboration ends"))
    for one in protocol.agreements:
        who = f"{one.what} between {', '.join(one.between)}"
        found += [
            (day.isoformat(), what, who) for day, what in ((one.signed, "agreement"), (one.expires, "expiry")) if day
        ]
    for entry in lock_history(workspace, protocol.id):
        if entry["act"] in WORDS:
            found.append((entry["at"][:10], WORDS[entry["act"]], f"by {entry['role']}: {entry['reason']}"))
    for entry in decisions(workspace, protocol.id):
        told = f"gate {entry['gate']} {entry['verdict']} by {entry['role']}: {entry['reason']}"
        found.append((entry["date"], "decision", told))
    return tuple(sorted(found))


def timeline_figure(protocol: Protocol, events: tuple[Event, ...]) -> FigureData:
    rows = tuple((text if what == "decision" else what, day, "", what) for day, what, text in events)
    return FigureData(
        f"timeline-{protocol.id}",
        "timeline",
        f"{protocol.name}, from {events[0][0]} to {events[-1][0]}",
        "Agreements, locks, start and end, and decisions on gates, by day.",
        ("label", "start", "end", "lane"),
        rows,
    )
