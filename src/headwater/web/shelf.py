"""Answers kept between requests for as long as the files they were made of stay as they are."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from hashlib import sha256
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, TypeVar

from headwater.app.place import today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from headwater.domain.workspace import Workspace

T = TypeVar("T")
Mark = tuple[Any, ...]
MOST = 400
"""Answers held at once; a page's is some hundred kilobytes."""
LARGEST = 4_000_000
"""Bytes of a file that is read to see whether it changed, 4 ms; every file is read once and again when its time changes."""


class Shelf:
    """One answer a name. Two requests for the same one at once make it once."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._held: OrderedDict[tuple[Any, ...], tuple[Mark, Any]] = OrderedDict()
        self._locks: dict[tuple[Any, ...], threading.Lock] = defaultdict(threading.Lock)
        self._all = threading.Lock()
        self._read: dict[Path, tuple[tuple[int, ...], bytes]] = {}

    def get(self, name: tuple[Any, ...], parts: Iterable[str], make: Callable[[], T]) -> T:
        """The answer as the files of these parts of the workspace are now. parts: names of `Workspace`'s folders and files."""
        with self._all:
            lock = self._locks[name]
        with lock:
            mark = self.mark(parts)
            held = self._held.get(name)
            if held is not None and held[0] == mark:
                return held[1]  # type: ignore[no-any-return]
            made = make()
            with self._all:
                self._held[name] = (mark, made)
                self._held.move_to_end(name)
                while len(self._held) > MOST:
                    self._held.popitem(last=False)
            return made

    def mark(self, parts: Iterable[str]) -> Mark:
        """Name and content of every file concerned, in one order whoever asks, and the day: agreements run out by it."""
        found = [stamp for part in sorted(parts) for file in self._files(part) if (stamp := self._stamp(file))]
        return (today(), *found)

    def _files(self, part: str) -> list[Path]:
        place = self.workspace.store / "manifest.json" if part == "store" else getattr(self.workspace, part)
        return sorted(place.rglob("*")) if place.is_dir() else [place]

    def _stamp(self, file: Path) -> tuple[str, Any] | None:
        """What tells one state of a file from another. Its content, because steps write the same bytes anew; a large file's size and time."""
        try:
            found = file.stat()
            seen = (found.st_size, found.st_mtime_ns, found.st_ino)
            if not S_ISREG(found.st_mode):
                return None
            if found.st_size > LARGEST:
                return str(file), seen
            if (held := self._read.get(file)) is None or held[0] != seen:
                held = self._read[file] = (seen, sha256(file.read_bytes()).digest())
            return str(file), held[1]
        except OSError:
            return None
