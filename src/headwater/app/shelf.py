"""Answers kept between looks for as long as the files they were made of stay as they are.

In memory for one server; slow ones and drawn figures also on the disk, where the step that changed something leaves
them, so that whoever looks first waits no longer than whoever looks next.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict, defaultdict
from dataclasses import replace
from hashlib import sha256
from stat import S_ISREG
from typing import TYPE_CHECKING

from headwater.app.answer import Answer
from headwater.app.looks import LOOKS
from headwater.app.place import Place, today
from headwater.app.version import code_version
from headwater.disclosure import verify
from headwater.domain.tables import TABLES
from headwater.report import Gallery
from headwater.store import key_of
from headwater.store.kept import keep_for, kept_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from headwater.domain.workspace import Workspace

MOST = 400
"""Answers held at once; a page's is some hundred kilobytes."""
LARGEST = 4_000_000
"""Bytes of a file that is read to see whether it changed, 4 ms; every file is read once and again when its time
changes."""


class Shelf:
    """One answer a name and what it is about. Two looks for the same one at once make it once."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.gallery = Gallery(workspace.answers, code_version())
        self._held: OrderedDict[tuple[str, str], tuple[str, Answer | None]] = OrderedDict()
        self._locks: dict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
        self._all = threading.Lock()
        self._read: dict[Path, tuple[tuple[int, ...], str]] = {}

    def look(self, name: str, about: str = "", *, wait: bool = False) -> Answer | None:
        """The answer as its files are now. None where a step has to be run first, or, unless one waits, where it is
        slow to make."""
        with self._all:
            lock = self._locks[name, about]
        with lock:
            mark = self.mark(name, about)
            held = self._held.get((name, about))
            if held is not None and held[0] == mark:
                return held[1]
            made, certain = self._found(name, about, mark, wait)
            if certain:
                self._hold((name, about), (mark, made))
            return made

    def _found(self, name: str, about: str, mark: str, wait: bool) -> tuple[Answer | None, bool]:
        """From the disk, or made; and whether that is what it will be until its files change."""
        look, file = LOOKS[name], self._file(name, about)
        if look.slow and (kept := self._kept(file, mark)):
            return kept, True
        if look.slow and not wait:
            return None, False
        # Nobody asked for it yet: the door notes who looks at it.
        made = look.make(Place(self.workspace.root, notes=False), about)
        if made is not None:
            made = replace(made, value=None)
            if look.slow:
                keep_for(file, mark, {"released": made.released, "figures": made.figures})
        return made, True

    def _kept(self, file: Path, mark: str) -> Answer | None:
        found = kept_for(file, mark)
        if found is None or not all(verify(one) for one in (found["released"], *found["figures"])):
            return None
        return Answer(found["released"], found["figures"])

    def _hold(self, name: tuple[str, str], held: tuple[str, Answer | None]) -> None:
        with self._all:
            self._held[name] = held
            self._held.move_to_end(name)
            while len(self._held) > MOST:
                self._held.popitem(last=False)

    def _file(self, name: str, about: str) -> Path:
        return self.workspace.answers / f"{name}-{key_of(about)[:12]}.json"

    # What an answer is made of

    def mark(self, name: str, about: str = "") -> str:
        """The hash of the content of all that an answer is made of, and of the code; the same in every process and
        copy."""
        return self.state(tuple(part.replace("{about}", about) for part in LOOKS[name].made_of))

    def state(self, parts: tuple[str, ...]) -> str:
        """The hash of these parts of the workspace, of headwater.toml and of the code."""
        return key_of(code_version(), *(f"{part} {self._state(part)}" for part in sorted({"settings", *parts})))

    def _state(self, part: str) -> str:
        if part == "day":
            return today()
        if part == "tables":
            return self._tables()
        if part == "prices":
            return self._stamps(self.workspace.root / name for name in Place(self.workspace.root).settings.prices)
        return self._stamps(self._files(part))

    def _tables(self) -> str:
        """The parts of loaded and linked tables. Those that an evaluation makes for itself change no answer of
        others."""
        try:
            found = json.loads((self.workspace.store / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        return str([(name, found[name]) for name in sorted(found) if name in TABLES or name.startswith("person")])

    def _files(self, part: str) -> Iterable[Path]:
        """A folder's or a file's, by its name in `Workspace`, or those that a pattern within a folder names."""
        name, _, pattern = part.partition("/")
        place: Path = getattr(self.workspace, name)
        if pattern:
            return sorted(place.glob(pattern))
        return sorted(place.rglob("*")) if place.is_dir() else [place]

    def _stamps(self, files: Iterable[Path]) -> str:
        return str([(file.name, stamp) for file in files if (stamp := self._stamp(file))])

    def _stamp(self, file: Path) -> str:
        """What tells one state of a file from another. Its content, because steps write the same bytes anew; a large
        file's size and time."""
        try:
            found = file.stat()
            seen = (found.st_size, found.st_mtime_ns, found.st_ino)
            if not S_ISREG(found.st_mode):
                return ""
            if found.st_size > LARGEST:
                return str(seen[:2])
            if (held := self._read.get(file)) is None or held[0] != seen:
                held = self._read[file] = (seen, sha256(file.read_bytes()).hexdigest())
            return held[1]
        except OSError:
            return ""
