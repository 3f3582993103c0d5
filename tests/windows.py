"""What Windows forbids, on this system: to replace, rename, cut or remove a file that this process has open or mapped,
names that it keeps for itself, and letters that a name may not have. What the documentation of CreateFile and "Naming
Files, Paths, and Namespaces" says (learn.microsoft.com/windows/win32/fileio/naming-a-file)."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANGES = {"os.rename": 2, "os.remove": 1, "os.truncate": 1, "os.link": 2}
"""Event → how many of its first words are paths that must be nobody's."""
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
FORBIDDEN = set('<>:"|?*')
WRITING = os.O_WRONLY | os.O_RDWR


class Windows:
    """Counts what it refused. `now` says whether it rules."""

    def __init__(self) -> None:
        self.now, self.root, self.refused = False, "", list[str]()
        sys.addaudithook(self._hook)

    @contextmanager
    def rules(self, root: Path) -> Iterator[Windows]:
        self.now, self.root, self.refused = True, str(root), []
        try:
            yield self
        finally:
            self.now = False

    def _hook(self, event: str, words: tuple[Any, ...]) -> None:
        if not self.now or event not in {"open", *CHANGES}:
            return
        self.now = False  # its own looks are no events
        try:
            self._judge(event, words)
        finally:
            self.now = True

    def _judge(self, event: str, words: tuple[Any, ...]) -> None:
        paths = [str(one) for one in words[: CHANGES.get(event, 1)] if isinstance(one, (str, Path))]
        mine = [one for one in paths if one.startswith(self.root)]
        if event == "open":
            if isinstance(words[2], int) and words[2] & WRITING:
                for one in mine:
                    self._named(one)
            return
        for one in mine:
            self._named(one)
            if os.path.realpath(one) in opened():
                self.refused.append(f"{event} {one}")
                raise PermissionError(errno.EACCES, "The process cannot access the file because it is being used", one)

    def _named(self, path: str) -> None:
        for part in Path(path).relative_to(self.root).parts:
            stem = part.split(".")[0].strip().casefold()
            if (
                stem in RESERVED
                or FORBIDDEN & set(part)
                or part.endswith((".", " "))
                or any(ord(letter) < 32 for letter in part)
            ):
                self.refused.append(f"name {path}")
                raise OSError(errno.EINVAL, "The filename, directory name, or volume label syntax is incorrect", path)


def opened() -> set[str]:
    """Files that this process has open or mapped (Linux: /proc)."""
    found = set()
    for number in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(number.readlink()))
        except OSError:
            continue
    lines = Path("/proc/self/maps").read_text().splitlines()
    return found | {line.split(maxsplit=5)[5] for line in lines if line.count("/") and len(line.split(maxsplit=5)) == 6}


WINDOWS = Windows()
