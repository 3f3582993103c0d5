"""Heads of the chains that lie elsewhere: each that a report, an audit line or a partner's note ever carried must still
be there.

Whoever rewrites a chain from end to end, with its anchor, is found by any one of them.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import HeadwaterError
from headwater.governance import audit_entries
from headwater.governance.records import chain_heads, chain_of, hashes
from headwater.store.chain import Chain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from headwater.app.place import Place

HEAD = re.compile(r"\b[0-9a-f]{64}\b")
STAMPED = re.compile(rb"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01(?:\x05\x00)?\x04\x20(.{32})", re.DOTALL)
"""What a time stamp is of: an RFC 3161 messageImprint, whose algorithm is SHA-256 (2.16.840.1.101.3.4.2.1) and whose 32
bytes are the head itself, as `openssl ts -query -sha256 -digest HEAD` asks for it."""
START = "0" * 64
NOTES = "heads"
"""governance/heads/: notes in which partners wrote down a head, and time stamps of one, a file each."""
OF_RELEASES = "releases"


def heads(place: Place) -> dict[str, str]:
    """Chain → its head now, the register of releases among them; what a report or an audit line carries."""
    found = chain_heads(place.workspace.hidden)
    releases = _register(place.workspace.releases / "register.jsonl")
    return {**found, OF_RELEASES: releases[-1]} if releases else found


def missing(place: Place) -> list[str]:
    """Which chains beside the ledger do not hold, and where a head was written down that none contains any more."""
    known = _known(place)
    broken = [f"{file.name} is not as it was written: {text}" for file, text in _broken(place)]
    found: dict[str, str] = {}
    for head, where in (*_audited(place), *_released(place), *_noted(place)):
        if head not in known:
            found.setdefault(head, where)
    return [*broken, *(f"the head {head[:12]}… of {where} is in no chain any more" for head, where in found.items())]


def _broken(place: Place) -> Iterator[tuple[Path, str]]:
    """The chains beside the ledger that do not hold, each with the first place."""
    space = place.workspace
    for file in (space.governance / "locks.jsonl", space.governance / "decisions.jsonl", space.audit_log):
        problems = chain_of(space, file).audit()[0].problems
        yield from [(file, one.text) for one in problems if one.breach][:1]


def missing_of(place: Place, record: Mapping[str, Any], where: str) -> list[str]:
    """The heads that one report carried and no chain contains any more."""
    known = _known(place)
    return [
        f"The head {head[:12]}… that {where} carried is in no chain any more."
        for head in _carried(record)
        if head not in known
    ]


def _known(place: Place) -> set[str]:
    space = place.workspace
    known = {START, *(entry.hash for entry in Chain(space.ledger, space.units).audit()[1])}
    for file in ("locks.jsonl", "decisions.jsonl"):
        known |= hashes(space, space.governance / file)
    return known | hashes(space, space.audit_log) | set(_register(space.releases / "register.jsonl"))


def _register(file: Path) -> list[str]:
    """The hash of the register of releases after each of its lines: every line, and all before it, in one."""
    found, before = [], START
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return []
    for line in lines:
        before = sha256(before.encode() + line).hexdigest()
        found.append(before)
    return found


def _audited(place: Place) -> Iterator[tuple[str, str]]:
    try:
        lines = audit_entries(place.workspace)
    except HeadwaterError:
        return
    for line in lines:
        for chain, head in line.get("heads", {}).items():
            yield str(head), f"the {chain} in the audit log, {line['at'][:10]}, {line['what']}"


def _released(place: Place) -> Iterator[tuple[str, str]]:
    for file in sorted(place.workspace.releases.glob("*.manifest.json")):
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        yield from ((head, f"releases/{file.name}") for head in _carried(record))


def _carried(record: Any) -> list[str]:
    """The heads in a report's record: of every chain, and, of an earlier edition, of the ledger alone."""
    if not isinstance(record, dict):
        return []
    facts, all_heads = record.get("facts"), record.get("heads")
    told = [facts.get("ledger head")] if isinstance(facts, dict) else []
    told += list(all_heads.values()) if isinstance(all_heads, dict) else []
    return [one for one in told if isinstance(one, str) and HEAD.fullmatch(one)]


def _noted(place: Place) -> Iterator[tuple[str, str]]:
    for file in sorted((place.workspace.governance / NOTES).glob("*")):
        if file.is_file():
            content = file.read_bytes()
            stamped = [found.hex() for found in STAMPED.findall(content)]
            for head in (*HEAD.findall(content.decode("utf-8", "replace")), *stamped):
                yield head, f"governance/{NOTES}/{file.name}"
