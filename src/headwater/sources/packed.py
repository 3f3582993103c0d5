"""The files within a zip: named, and unpacked one at a time for as long as they are read."""

from __future__ import annotations

import shutil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from headwater.domain.errors import DataProblem

if TYPE_CHECKING:
    from pathlib import Path


ARCHIVES = (
    (257, b"ustar", "tar"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ", "xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!", "rar"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
)
"""Where in a file which bytes stand, and what it is then."""


def refuse_archive(file: Path, start: bytes) -> None:
    """Raises DataProblem for archives that nothing here unpacks. start: the first bytes, unpacked where the file is
    gzip."""
    for at, mark, name in ARCHIVES:
        if start[at:].startswith(mark):
            raise DataProblem(
                f"{file.name} is a {name} archive",
                given=file.name,
                allowed="zip, or gzip of one file",
                next_step="unpack it and put its files there, or pack them as a zip",
            )


def members(file: Path) -> list[str]:
    """The files in it, in order of name, without folders and what systems leave. Raises DataProblem where it is no
    zip."""
    try:
        with ZipFile(file) as packed:
            names = [one.filename for one in packed.infolist() if not one.is_dir()]
    except BadZipFile as problem:
        raise DataProblem(f"{file.name} is no sound zip", next_step="ask for the file again") from problem
    return sorted(
        one for one in names if not one.startswith("__MACOSX/") and not PurePosixPath(one).name.startswith(".")
    )


def unpacked(file: Path, member: str, folder: Path) -> Path:
    """The member as a file of its own in the folder. Raises DataProblem where a password is asked for or the content is
    damaged."""
    made = folder / PurePosixPath(member).name
    try:
        with ZipFile(file) as packed, packed.open(member) as inner, made.open("wb") as out:
            shutil.copyfileobj(inner, out, 1 << 20)
    except RuntimeError as problem:
        raise DataProblem(
            f"{file.name} is protected by a password", next_step="unpack it and put its files there"
        ) from problem
    except (BadZipFile, OSError, EOFError) as problem:
        raise DataProblem(f"{file.name}: {member} is damaged", next_step="ask for the file again") from problem
    return made
