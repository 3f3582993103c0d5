"""Locks, decisions and the audit log: each a chain of its own, its anchor in the hidden folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import ProtocolBreach
from headwater.store.chain import Chain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from headwater.domain.workspace import Workspace

HEADS = "heads"


def chain_of(workspace: Workspace, file: Path) -> Chain:
    return Chain(file, workspace.hidden / HEADS)


ANCHORS = {"ledger": "units/ledger.head", "locks": f"{HEADS}/locks.head", "decisions": f"{HEADS}/decisions.head"}


def chain_heads(hidden: Path) -> dict[str, str]:
    """Chain → the hash of its last entry, as its anchor notes it."""
    found = {}
    for name, file in ANCHORS.items():
        try:
            found[name] = str(json.loads((hidden / file).read_text(encoding="utf-8"))["hash"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def append(workspace: Workspace, file: Path, content: Mapping[str, Any], request: str = "") -> None:
    """Add an entry, on the disk before it returns; once where it bears a request that is there already."""
    chain = chain_of(workspace, file)
    with chain.writing():
        if request and any(entry.request == request for entry in chain.entries):
            return
        said = (str(content.get(name, "")) for name in ("at", "act", "role"))
        chain.append([(*said, dict(content))], request)  # type: ignore[list-item]


def entries(workspace: Workspace, file: Path) -> list[dict[str, Any]]:
    """What was said by each entry, in order. Raises ProtocolBreach, naming the line, where the chain does not hold."""
    found, read = chain_of(workspace, file).audit()
    if breaches := [problem for problem in found.problems if problem.breach]:
        raise ProtocolBreach(
            f"{file.name} was changed by hand",
            given=f"line {breaches[0].line}: {breaches[0].text}",
            allowed="entries written by headwater, in their order",
            next_step=f"put back {file.name} from your backup",
        )
    return [entry.body for entry in read]


def hashes(workspace: Workspace, file: Path) -> set[str]:
    """The hash of every entry that reads, whatever else is wrong with the file."""
    return {entry.hash for entry in chain_of(workspace, file).audit()[1]}
