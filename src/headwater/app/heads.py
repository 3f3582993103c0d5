"""Heads of the chains that lie elsewhere: each that a report, an audit line or a partner's note ever carried must still be there.

Whoever rewrites a chain from end to end, with its anchor, is found by any one of them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from headwater.app.booking import ledger_of
from headwater.domain.errors import HeadwaterError
from headwater.governance import audit_entries
from headwater.governance.records import hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.place import Place

HEAD = re.compile(r"\b[0-9a-f]{64}\b")
START = "0" * 64
NOTES = "heads"
"""governance/heads/: notes in which partners wrote down a head, a file each, as they signed or time-stamped it."""


def missing(place: Place) -> list[str]:
    """Where a head was written down that no chain of the workspace contains any more."""
    known = {entry.hash for entry in ledger_of(place).entries} | {START}
    for file in ("locks.jsonl", "decisions.jsonl"):
        known |= hashes(place.workspace, place.workspace.governance / file)
    known |= hashes(place.workspace, place.workspace.audit_log)
    found: dict[str, str] = {}
    for head, where in (*_audited(place), *_released(place), *_noted(place)):
        if head not in known:
            found.setdefault(head, where)
    return [f"the head {head[:12]}… of {where} is in no chain any more" for head, where in found.items()]


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
            facts = json.loads(file.read_text(encoding="utf-8"))["facts"]
            head = str(facts["ledger head"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if HEAD.fullmatch(head):
            yield head, f"releases/{file.name}"


def _noted(place: Place) -> Iterator[tuple[str, str]]:
    for file in sorted((place.workspace.governance / NOTES).glob("*")):
        if file.is_file():
            for head in HEAD.findall(file.read_bytes().decode("utf-8", "replace")):
                yield head, f"governance/{NOTES}/{file.name}"
