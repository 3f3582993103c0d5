"""Files that are either the old one or the new one, never half of each; and locks between processes."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from headwater.domain.errors import Failed, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


BESIDE = ".beside"
"""How the name of a half-written file ends, after the process that writes it."""


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write beside the file, flush to the disk, then take its name: a reader sees the old bytes or the new ones."""
    data = _encoded(content) if isinstance(content, str) else content
    if reserved(path.name):
        raise Usage("Windows keeps this name for itself", given=path.name, next_step="choose another name")
    beside = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.{os.getpid()}-", suffix=BESIDE)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        replaced(Path(beside), path)
    except OSError as problem:
        with suppress(OSError):
            Path(beside).unlink(missing_ok=True) if beside else None
        raise Failed(
            f"could not write {path.name}: {problem.strerror}",
            given=str(path.parent),
            next_step="free some space or mend the folder's permissions, then type the same command again",
        ) from problem


def replaced(beside: Path, path: Path, tries: int = 40) -> None:
    """Take a name that may be open elsewhere. Windows refuses while a reader holds the old file, for a moment at
    most."""
    for at in range(tries):
        try:
            beside.replace(path)
            return
        except PermissionError:
            if at == tries - 1 or not path.exists():
                raise
            sleep(0.05)


def removed(path: Path, tries: int = 40) -> None:
    """Take a file away that may be open elsewhere or be gone already; Windows refuses while a reader holds it.

    Raises Failed where it stays: who asked for it to be gone must not be told that it is.
    """
    for at in range(tries):
        try:
            path.unlink(missing_ok=True)
            return
        except OSError as problem:
            if at == tries - 1:
                raise Failed(
                    f"{path.name} could not be removed: {problem.strerror}",
                    given=str(path.parent),
                    next_step="close what holds it or mend the folder's permissions, then type the same command again",
                ) from problem
            sleep(min(0.05, 0.001 * 2**at))


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as problem:
        raise Usage(
            "the text holds half a letter (a surrogate)", next_step="type it again; nothing was written"
        ) from problem


def own_alone(folder: Path) -> None:
    """Shut a folder to everybody but its owner, where the system has such modes and the folder is ours."""
    if os.name != "nt":
        with suppress(OSError):
            if folder.stat().st_mode & 0o077:
                folder.chmod(0o700)


DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def reserved(name: str) -> bool:
    """Whether Windows takes a name for a device, whatever ending it has, so that a workspace could not be carried
    there.

    Source: Microsoft, "Naming Files, Paths, and Namespaces".
    """
    return name.split(".")[0].strip().casefold() in DEVICES


RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First letters by which a spreadsheet may take words for a formula, the wide ones of East Asian writing among them
(OWASP, CSV injection)."""


def as_words(text: str) -> str:
    """Words for a cell of a CSV that people open: with a quote mark before what a spreadsheet would run."""
    return f"'{text}" if text.startswith(RISKY) else text


def sha256_of(path: Path, chunk: int = 1 << 20) -> str:
    """Hex digest of a file's bytes, read in chunks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(chunk):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def locked(
    path: Path, patience: float = 60.0, busy: Callable[[], Failed] | None = None, within: Path | None = None
) -> Iterator[Callable[[], bool]]:
    """Hold an exclusive lock on a file while the block runs; the system lets go of it if the process dies. Yields a
    question: whether the file that was locked is still the one under this name.

    patience: seconds until `busy` is raised, because somebody else holds it; within: a folder that is locked as well,
    where the system locks folders, so that whoever removes the file lets nobody else in.
    """
    until = monotonic() + patience
    while True:
        file = _taken(path, until, busy)
        if _is_still(file, path):
            break
        # It was removed, or another was put in its place, between its opening and its locking.
        os.close(file)
    beyond = None
    try:
        beyond = _taken_folder(within, until, busy or (lambda: _held(path))) if within else None
        yield lambda: _is_still(file, path)
    finally:
        for one in (file, beyond):
            if one is not None:
                with suppress(OSError):
                    _unlock(one)
                os.close(one)


def _taken(path: Path, until: float, busy: Callable[[], Failed] | None) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as problem:
        raise Failed(
            f"nothing can be written here: {problem.strerror}",
            given=str(path.parent),
            next_step="mend the folder's permissions or free some space, then type the same command again",
        ) from problem
    return _waited(file, until, busy or (lambda: _held(path)))


def _taken_folder(folder: Path, until: float, busy: Callable[[], Failed]) -> int | None:
    """A folder's own lock; None on Windows, where nobody removes a file that is open, and on disks that lock no
    folders."""
    if os.name == "nt":  # pragma: no cover
        return None
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _waited(held, until, busy)
    except OSError:
        os.close(held)
        return None
    return held


def _waited(file: int, until: float, busy: Callable[[], Failed]) -> int:
    while not _lock(file):
        if monotonic() > until:
            os.close(file)
            raise busy()
        sleep(0.02)
    return file


def _held(path: Path) -> Failed:
    return Failed(f"{path.name} is held by another process", next_step="type it again")


def _is_still(file: int, path: Path) -> bool:
    """Whether a name leads to the very file that is open. Windows removes no file that is open."""
    try:
        mine, there = os.fstat(file), path.stat()
    except OSError:
        return False
    return os.name == "nt" or (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    FAR = 1 << 30
    """The byte that is locked: one beyond all that is read, since Windows keeps others from reading what is locked."""

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
