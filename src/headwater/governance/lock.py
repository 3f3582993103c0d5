"""The lock: a protocol frozen by its hash, with the code and the data schema, before outcomes are read.

`governance/locks.jsonl` is append-only, each entry holding the hash of the one before. The order of its entries, not
the
clock, says what came first: a lock after the outcomes were read is on record as such and leaves the result exploratory.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater.domain.collaboration import Standing, Status
from headwater.domain.errors import ProtocolBreach, one_of
from headwater.domain.tables import TABLES
from headwater.governance.audit import audit_entries
from headwater.governance.differing import changes
from headwater.governance.protocol import parse_protocol, read_protocol, write_protocol
from headwater.governance.records import append, entries, hashes
from headwater.store.chain import Chain

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.domain.collaboration import Protocol
    from headwater.domain.workspace import Workspace


READ = "outcomes-read"
Question = dict[str, str]
"""What an evaluation asks beside its protocol, each part by its hash or its own short word: mapping, prices, window,
code, data.

Data that are there at the lock are bound by it; data that come later are bound by the first reading of outcomes after
it.
"""
DATA = "data"


@dataclass(frozen=True, slots=True)
class Signed:
    """Who freezes or amends a protocol, and why. at: ISO time; code: the version that did it; request: the act's own
    id, under which it is entered once however often it is tried."""

    role: str
    reason: str
    at: str
    code: str
    request: str = ""


def protocol_sha256(protocol: Protocol) -> str:
    """The hash of what the protocol says, whatever its file's spacing, comments and order."""
    return hashlib.sha256(write_protocol(protocol).encode()).hexdigest()


def schema_sha256() -> str:
    """The hash of the declared tables."""
    said = [
        (table.name, [(column.name, column.type, column.unit) for column in table.columns]) for table in TABLES.values()
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def lock(workspace: Workspace, collaboration: str, signed: Signed, question: Question | None = None) -> Standing:
    """Freeze the protocol. Locking again what is locked and unchanged changes nothing."""
    protocol = _protocol(workspace, collaboration)
    history = _history(workspace, collaboration)
    held = _held(history)
    if held and held["sha256"] == protocol_sha256(protocol):
        return standing(workspace, collaboration, question)
    if held:
        raise ProtocolBreach(
            f"{collaboration} is locked and its file has changed since",
            given=", ".join(change["field"] for change in difference(workspace, collaboration)),
            next_step=f"headwater amend {collaboration} --role ... --reason ..., or put the file back",
        )
    if traces := _read_unsaid(workspace, collaboration, history):
        append(workspace, _file(workspace), {"collaboration": collaboration, "act": READ, "traces": list(traces)})
    _record(workspace, "lock", protocol, signed, question)
    return standing(workspace, collaboration, question)


def amend(workspace: Workspace, collaboration: str, signed: Signed, question: Question | None = None) -> Standing:
    """Take over the changes of a locked protocol's file, or of what else was locked, with the reason; no change, no
    entry."""
    protocol = _protocol(workspace, collaboration)
    held = _held(_history(workspace, collaboration))
    if not held:
        raise ProtocolBreach(
            f"{collaboration} was never locked", next_step=f"headwater lock {collaboration} --role ..."
        )
    if not signed.reason.strip():
        raise ProtocolBreach("an amendment needs a reason", next_step=f"headwater amend {collaboration} --reason ...")
    if held["sha256"] == protocol_sha256(protocol) and question in (None, held.get("question")):
        return standing(workspace, collaboration, question)
    _record(workspace, "amend", protocol, signed, question)
    return standing(workspace, collaboration, question)


def outcomes_read(workspace: Workspace, collaboration: str, data: str = "", *, elsewhere: bool = False) -> None:
    """Put on record, once between locks, that outcomes were read.

    data: the snapshot they were read of; elsewhere: another copy of the workspace had read them before this lock.
    """
    history = _history(workspace, collaboration)
    if not history or history[-1]["act"] != READ:
        said = ({DATA: data} if data else {}) | ({"elsewhere": True} if elsewhere else {})
        append(workspace, _file(workspace), {"collaboration": collaboration, "act": READ, **said})


def standing(workspace: Workspace, collaboration: str, question: Question | None = None) -> Standing:
    """How the protocol stands, and, where the question as it is asked now is given, what of it is not as it was locked.

    Raises ProtocolBreach for a file changed since its lock without an amendment.
    """
    protocol = _protocol(workspace, collaboration)
    sha256, history = protocol_sha256(protocol), _history(workspace, collaboration)
    held, undone = _held(history), _undone(workspace, collaboration, history)
    if held is None:
        return Standing(Status.EXPLORATORY, sha256, deviations=undone)
    if held["sha256"] != sha256:
        changed = difference(workspace, collaboration)
        raise ProtocolBreach(
            f"{collaboration} was changed after it was locked",
            given="; ".join(f"{change['field']}: {change['locked']} → {change['now']}" for change in changed),
            next_step=f"put the file back, or headwater amend {collaboration} --role ... --reason ...",
        )
    status, other = _status(history), _otherwise(history, question)
    if undone:
        status = Status.EXPLORATORY
    elif other and status is Status.LOCKED:
        status = Status.AMENDED
    return Standing(status, sha256, str(_first_lock(history)["at"]), (*_deviations(history), *undone, *other))


def _otherwise(history: list[dict[str, Any]], question: Question | None) -> tuple[str, ...]:
    """What of the locked question is another one now; nothing where the lock is of an edition that bound less."""
    held = _held(history) or {}
    locked: dict[str, str] = dict(held.get("question") or {})
    since = history[history.index(held) + 1 :] if held else []
    if DATA not in locked and since and DATA in since[0]:
        locked[DATA] = str(since[0][DATA])
    if question is None or not locked:
        return ()
    changed = [name for name in locked if name in question and locked[name] != question[name]]
    return tuple(f"Not as it was locked: {name}." for name in changed)


def _undone(workspace: Workspace, collaboration: str, history: list[dict[str, Any]]) -> tuple[str, ...]:
    """Locks that the audit log knows of and the file of locks does not: it was removed, or another was put in its
    place."""
    known = Counter(entry["act"] for entry in history)
    found, heads = [], hashes(workspace, _file(workspace))
    for act in ("lock", "amend"):
        noted = [
            one
            for one in audit_entries(workspace)
            if one["what"] == f"{act} {collaboration}" and one.get("heads", {}).get("locks")
        ]
        gone = [one for one in noted if one["heads"]["locks"] not in heads]
        if gone or (noted and not known[act]):
            found.append(
                f"The {act} of {(gone or noted)[0]['at'][:10]} is no longer in governance/locks.jsonl, but the audit"
                " log has it."
            )
    return (*found, *_read_unsaid(workspace, collaboration, history))


def _read_unsaid(workspace: Workspace, collaboration: str, history: list[dict[str, Any]]) -> tuple[str, ...]:
    """Where outcomes of this collaboration were told, though the file of locks knows of no reading: it is another file
    now."""
    if any(entry["act"] == READ for entry in history):
        return ()
    found = [
        f"releases/{file.name}" for file in workspace.releases.glob("*.manifest.json") if _tells(file, collaboration)
    ]
    found += ["a kept evaluation"] if (workspace.results / f"{collaboration}.json").exists() else []
    found += ["the ledger"] if _booked(workspace, collaboration) else []
    said = {f"evaluate {collaboration}", f"count {collaboration}"}
    found += ["the audit log"] if any(one.get("what") in said for one in audit_entries(workspace)) else []
    return tuple(
        f"Outcomes were read, as {where} shows, but governance/locks.jsonl does not say so." for where in found[:1]
    )


def _tells(manifest: Path, collaboration: str) -> bool:
    try:
        return bool(json.loads(manifest.read_text(encoding="utf-8"))["facts"].get("collaboration") == collaboration)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _booked(workspace: Workspace, collaboration: str) -> bool:
    """Whether a lot of the collaboration was ever opened: lots are opened by measured evidence alone."""
    bodies = [entry.body for entry in Chain(workspace.ledger, workspace.units).audit()[1]]
    acts = [(part[0], part[1]) for body in bodies for part in body.get("parts", ())] + [
        ("lot", body) for body in bodies if "averted" in body
    ]
    return any(act == "lot" and body.get("collaboration") == collaboration for act, body in acts)


def difference(workspace: Workspace, collaboration: str) -> list[dict[str, str]]:
    """Field by field, what was locked and what the file says now."""
    held = _held(_history(workspace, collaboration))
    if held is None:
        return []
    locked = parse_protocol(tomllib.loads(held["toml"]), "the locked protocol")
    now = _protocol(workspace, collaboration)
    changed = [
        each for name in now.__dataclass_fields__ for each in changes(name, getattr(locked, name), getattr(now, name))
    ]
    return [{"field": field, "locked": before, "now": after} for field, before, after in changed]


def _status(history: list[dict[str, Any]]) -> Status:
    """Locked before any outcome was read and never changed; amended when changed since; else exploratory."""
    acts = [entry["act"] for entry in history]
    if READ in acts[: acts.index("lock")] or any(entry.get("elsewhere") for entry in history):
        return Status.EXPLORATORY
    return Status.AMENDED if "amend" in acts else Status.LOCKED


def _deviations(history: list[dict[str, Any]]) -> tuple[str, ...]:
    seen_outcomes, found = False, []
    for entry in history:
        seen_outcomes |= entry["act"] == READ
        if entry.get("elsewhere"):
            found.append("Another copy of this workspace had read outcomes of the same data before this lock.")
        found += entry.get("traces", ())
        if entry["act"] == "amend":
            when = "after" if seen_outcomes else "before"
            found.append(f"Amended {entry['at'][:10]} by {entry['role']}, {when} outcomes were read: {entry['reason']}")
        if entry["act"] == "lock" and seen_outcomes:
            found.append(f"Locked {entry['at'][:10]} by {entry['role']} only after outcomes had been read.")
    return tuple(found)


def _protocol(workspace: Workspace, collaboration: str) -> Protocol:
    file = workspace.collaborations / f"{collaboration}.toml"
    if not file.exists():
        known = (one.stem for one in workspace.collaborations.glob("*.toml"))
        raise one_of("no such collaboration", collaboration, known, "headwater protocol list")
    return read_protocol(file)


def _record(workspace: Workspace, act: str, protocol: Protocol, signed: Signed, question: Question | None) -> None:
    said = {"role": signed.role, "reason": signed.reason, "at": signed.at, "code": signed.code}
    content: dict[str, Any] = {
        "sha256": protocol_sha256(protocol),
        "schema": schema_sha256(),
        "toml": write_protocol(protocol),
    }
    if question is not None:
        content["question"] = question
    append(workspace, _file(workspace), {"collaboration": protocol.id, "act": act, **content, **said}, signed.request)


def _history(workspace: Workspace, collaboration: str) -> list[dict[str, Any]]:
    return [entry for entry in entries(workspace, _file(workspace)) if entry["collaboration"] == collaboration]


def lock_history(workspace: Workspace, collaboration: str) -> list[dict[str, Any]]:
    """Every entry of a collaboration's lock, oldest first: lock, amend, outcomes-read."""
    return _history(workspace, collaboration)


def bound_pool(workspace: Workspace, collaboration: str) -> str:
    """What names the pool that the lock held when outcomes were first read, or holds where none were; '' for none."""
    history = _history(workspace, collaboration)
    until = next((at for at, entry in enumerate(history) if entry["act"] == READ), len(history))
    held = _held(history[:until])
    return "" if held is None else str(tomllib.loads(held["toml"]).get("pool", ""))


def sealed(workspace: Workspace, collaboration: str) -> bool:
    """Whether nobody may see outcomes of the enrolled yet: no lock has opened them, and no first look was asked for."""
    return not _history(workspace, collaboration)


def was_locked(workspace: Workspace, collaboration: str) -> bool:
    """Whether the file of locks holds a lock of it, whatever happened since."""
    return _held(_history(workspace, collaboration)) is not None


def _held(history: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((entry for entry in reversed(history) if entry["act"] in {"lock", "amend"}), None)


def _first_lock(history: list[dict[str, Any]]) -> dict[str, Any]:
    return next(entry for entry in history if entry["act"] == "lock")


def _file(workspace: Workspace) -> Path:
    return workspace.governance / "locks.jsonl"
