"""Acts: what changes a workspace is written down before it begins, done in steps that may be done again, and struck off
at its end.

.headwater/acts/<request>.json   an act that was begun and not ended; its request id is the same for the same act on the
same state
.headwater/lock                  one act at a time; who holds it is written beside, and readers never ask for it. The
workspace's
                                 folder is locked with it, so that removing the file lets nobody in

An act has one moment at which it counts: an entry with its request id in a chain, or its tombstone. Cut off before, it
never began; cut off after, the next act finishes it first.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import Failed
from headwater.store.files import BESIDE, locked, own_alone, removed, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = "HEADWATER_PATIENCE"
"""Seconds to wait for another act to end: a load of ten million rows takes minutes."""
USUAL = 900.0
LONG_AGO = 86_400
"""Seconds after which nobody still writes a file."""
WRITER = re.compile(rf"\.(\d+)-[^.]*{re.escape(BESIDE)}$")
_threads: dict[str, threading.RLock] = {}
_depth: dict[str, int] = {}
_all = threading.Lock()


@dataclass(slots=True)
class Intent:
    """An act that was begun. asked: what was asked, by its hash; said: what its steps need to be done again."""

    request: str
    verb: str
    what: str
    role: str
    at: str
    asked: str
    said: dict[str, Any] = field(default_factory=dict)
    resumed: bool = False


class Acts:
    """The unfinished acts of a workspace, and its one lock."""

    def __init__(self, hidden: Path) -> None:
        self.hidden, self.folder = hidden, hidden / "acts"

    @contextmanager
    def held(self, who: str) -> Iterator[None]:
        """The workspace's lock. Acts within an act of the same thread share it."""
        # By process as well: a process that was forked within an act holds nothing.
        name = f"{os.getpid()} {self.hidden}"
        with _all:
            mine = _threads.setdefault(name, threading.RLock())
        if not mine.acquire(timeout=patience()):
            raise _busy(self.hidden, who)
        try:
            if _depth.get(name):
                yield
                return
            with locked(self.hidden / "lock", patience(), lambda: _busy(self.hidden, who), self.hidden.parent):
                own_alone(self.hidden)
                self._own(who)
                _depth[name] = 1
                try:
                    yield
                finally:
                    _depth[name] = 0
                    self._disown()
        finally:
            mine.release()

    def _own(self, who: str) -> None:
        with suppress(OSError):
            (self.hidden / "lock.owner").write_text(f"{who} (process {os.getpid()} on {socket.gethostname()})", "utf-8")

    def unfinished(self) -> list[Intent]:
        """Acts that were cut off, the oldest first. A file that does not read was cut off as it was written: nothing
        began."""
        found = []
        for file in sorted(self.folder.glob("*.json")):
            try:
                found.append(Intent(**json.loads(file.read_text(encoding="utf-8"))))
            except (OSError, ValueError, TypeError):
                removed(file)
        return sorted(found, key=lambda one: (one.at, one.request))

    def begin(self, intent: Intent) -> None:
        write_atomically(self._file(intent), json.dumps(_told(intent), sort_keys=True))

    def end(self, intent: Intent) -> None:
        """Strike an act off: the last of its writes, so that whoever is cut off later was done."""
        self._disown()
        # It is done: a note that cannot be removed is left to the next writer, who finds it finished.
        with suppress(Failed):
            removed(self._file(intent))

    def _disown(self) -> None:
        owner = self.hidden / "lock.owner"
        with suppress(Failed):
            if owner.exists():
                removed(owner)

    def _file(self, intent: Intent) -> Path:
        return self.folder / f"{intent.request}.json"


def asked_of(verb: str, *said: object) -> str:
    """What was asked, by its hash: the file of an act must not name anybody."""
    return hashlib.sha256("\x1f".join((verb, *map(str, said))).encode("utf-8", "surrogatepass")).hexdigest()


def request_of(asked: str, state: str) -> str:
    """The same act on the same state is the same request, so that a rerun writes the same bytes."""
    return hashlib.sha256(f"{asked} {state}".encode()).hexdigest()[:24]


def patience() -> float:
    try:
        return float(os.environ.get(PATIENCE, USUAL))
    except ValueError:
        return USUAL


def swept(folders: list[Path]) -> None:
    """Half-written files whose writer is gone."""
    for folder in folders:
        for file in folder.glob(f".*{BESIDE}") if folder.is_dir() else ():
            if (writer := WRITER.search(file.name)) and not _written(file, int(writer[1])):
                with suppress(Failed):
                    removed(file)


def _written(file: Path, process: int) -> bool:
    """Whether somebody may still write it. Windows has no harmless way to ask for a process: there a day is enough."""
    if os.name == "nt":  # pragma: no cover
        with suppress(OSError):
            return time.time() - file.stat().st_mtime < LONG_AGO
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _told(intent: Intent) -> dict[str, Any]:
    names = ("request", "verb", "what", "role", "at", "asked", "said")
    return {name: getattr(intent, name) for name in names}


def _busy(hidden: Path, who: str) -> Failed:
    try:
        owner = (hidden / "lock.owner").read_text(encoding="utf-8")
    except OSError:
        owner = "another act"
    return Failed(
        f"the workspace is being written to, and {who} waited {patience():.0f} seconds",
        given=owner,
        allowed="one act at a time; looking is always allowed",
        next_step=f"wait until it has ended, then type the same command again ({PATIENCE}=SECONDS waits longer)",
    )
