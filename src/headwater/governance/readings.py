"""Which outcomes this account has read, whatever copy of a workspace it read them in.

One list a key folder, outside every workspace: a copy whose outcomes were read, thrown away and locked afresh is found
by it. The list holds hashes alone, of a collaboration's name and of the files' bytes; it names nobody.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from headwater.domain.errors import Failed
from headwater.governance.pseudonyms import is_made_up, key_file
from headwater.store.files import locked, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.domain.workspace import Workspace

LOCKED, READ = "locked", "read"


def note_locked(workspace: Workspace, collaboration: str) -> None:
    """That this copy is about to be locked for the first time."""
    _note(workspace, LOCKED, _mark(collaboration, str(workspace.root)))


def note_read(workspace: Workspace, collaboration: str, data: str) -> None:
    """data: the snapshot id of the files whose outcomes were read."""
    _note(workspace, READ, _mark(collaboration, data))


def read_before_lock(workspace: Workspace, collaboration: str, data: str) -> bool:
    """Whether outcomes of these data were read in any copy before this one was locked.

    Never of a made-up county: everybody who makes one has the same files, and its second maker has read nothing.
    """
    if is_made_up(workspace):
        return False
    lines = _lines(workspace)
    locks = [at for at, line in enumerate(lines) if line == [LOCKED, _mark(collaboration, str(workspace.root))]]
    return bool(locks) and [READ, _mark(collaboration, data)] in lines[: locks[-1]]


def _note(workspace: Workspace, *words: str) -> None:
    """Once a run of the same; a home that is only to be read keeps no list."""
    lines = _lines(workspace)
    if list(words) in lines[-1:] or (words[0] == READ and list(words) in lines):
        return
    file = _file(workspace)
    with suppress(Failed, OSError), locked(file.with_name(f"{file.name}.lock")):
        write_atomically(file, "".join(" ".join(line) + "\n" for line in (*_lines(workspace), words)))


def _lines(workspace: Workspace) -> list[list[str]]:
    try:
        return [line.split() for line in _file(workspace).read_text(encoding="utf-8").splitlines()]
    except (Failed, OSError, ValueError):
        return []


def _mark(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _file(workspace: Workspace) -> Path:
    return key_file(workspace).with_name("outcomes.read")
