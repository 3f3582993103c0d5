"""The files within a zip: named, and unpacked one at a time for as long as they are read."""

from __future__ import annotations

import shutil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from headwater.domain.errors import DataProblem

if TYPE_CHECKING:
    from pathlib import Path


def members(file: Path) -> list[str]:
    """The files in it, in order of name, without folders and what systems leave. Raises DataProblem where it is no zip."""
    try:
        with ZipFile(file) as packed:
            names = [one.filename for one in packed.infolist() if not one.is_dir()]
    except BadZipFile as problem:
        raise DataProblem(f"{file.name} is no sound zip", next_step="ask for the file again") from problem
    return sorted(
        one for one in names if not one.startswith("__MACOSX/") and not PurePosixPath(one).name.startswith(".")
    )


def unpacked(file: Path, member: str, folder: Path) -> Path:
    """The member as a file of its own in the folder. Raises DataProblem where a password is asked for or the content is damaged."""
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
