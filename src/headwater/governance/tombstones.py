"""Who was forgotten: a load obeys the list, so that nobody comes back with the agency's next file.

The list holds no pseudonym, but the pseudonym's own keyed hash: it finds nobody in the store, the models or a partner's
file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.domain.errors import Failed
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from headwater.domain.workspace import Workspace

DIGITS = 32


@dataclass(frozen=True, slots=True)
class Tombstones:
    """marks: the keyed hashes of forgotten pseudonyms."""

    key: bytes
    marks: frozenset[str] = frozenset()

    def among(self, names: Iterable[str]) -> set[str]:
        """Those of the names that were forgotten."""
        return {name for name in names if _mark(self.key, name) in self.marks} if self.marks else set()

    @property
    def digest(self) -> str:
        """'' while nobody was forgotten."""
        return hashlib.sha256("".join(sorted(self.marks)).encode()).hexdigest()[:16] if self.marks else ""


def tombstones(workspace: Workspace, key: bytes) -> Tombstones:
    """The list under this key. Raises Failed where it is damaged: then nobody could say who must not come back."""
    file = _file(workspace)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return Tombstones(key, frozenset(map(str, found["forgotten"])))
    except FileNotFoundError:
        return Tombstones(key)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise Failed(
            "the list of people who were forgotten cannot be read",
            given=str(file),
            next_step="put back the file from your backup",
        ) from problem


def bury(workspace: Workspace, key: bytes, names: Iterable[str]) -> None:
    """Add pseudonyms to the list."""
    marks = tombstones(workspace, key).marks | {_mark(key, name) for name in names}
    write_atomically(_file(workspace), json.dumps({"forgotten": sorted(marks)}, indent=1))


def _mark(key: bytes, name: str) -> str:
    return hmac.new(key, f"forgotten\x1f{name}".encode(), hashlib.sha256).hexdigest()[:DIGITS]


def _file(workspace: Workspace) -> Path:
    return workspace.hidden / "forgotten.json"
