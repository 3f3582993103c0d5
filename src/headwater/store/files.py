"""Files that are either the old one or the new one, never half of each; and locks between processes."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from headwater.domain.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write beside the file, flush to the disk, then take its name: a reader sees the old bytes or the new ones."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except OSError as problem:
        Path(beside).unlink(missing_ok=True)
        raise Failed(
            f"could not write {path.name}: {problem.strerror}",
            given=str(path.parent),
            next_step="free some space or mend the folder's permissions, then type the same command again",
        ) from problem


RISKY = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First letters by which a spreadsheet may take words for a formula, the wide ones of East Asian writing among them (OWASP, CSV injection)."""


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
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file while the block runs; the system lets go of it if the process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        _lock(file.fileno())
        try:
            yield
        finally:
            _unlock(file.fileno())


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

    def _unlock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
