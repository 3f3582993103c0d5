"""Files from a browser: their names, their size, and what is packed in them, before a reader of tables opens them."""

from __future__ import annotations

import os
import re
import secrets
import zlib
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from headwater.domain.errors import Failed, HeadwaterError, Usage
from headwater.domain.workbook import LARGEST_UNPACKED, sound_workbook, unpacks_too_far
from headwater.store.files import BESIDE, removed, reserved
from headwater.web.guard import LARGEST_UPLOAD

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS = (".csv", ".csv.gz", ".tsv", ".txt", ".parquet", ".xlsx")
PLAIN_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._()-]{0,119}$")
CHUNK = 1 << 20


def take(folder: Path, given: str, stream: IO[bytes]) -> str:
    """Write the upload into the folder; its bare name. Raises Usage for what is refused, Failed where there is no room;
    nothing is then left behind."""
    name = bare(given)
    # A name of its own: what a killed upload left behind stands in nobody's way, and the next act sweeps it.
    beside = folder / f".{name}.{os.getpid()}-{secrets.token_hex(4)}{BESIDE}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with beside.open("xb") as out:
            _copied(stream, out)
        unpacked(beside, name)
        _named(beside, folder / name)
    except FileExistsError as problem:
        raise Usage(
            "a file of this name is there already", given=name, next_step="rename yours and upload it again"
        ) from problem
    except OSError as problem:
        raise Failed(
            f"{name} could not be kept: {problem.strerror or problem}",
            given=str(folder),
            next_step="free some space or mend the folder's permissions, then upload it again",
        ) from problem
    finally:
        removed(beside)
    return name


def _named(beside: Path, file: Path) -> None:
    """Take the name unless somebody has it. Of two at once one is first: POSIX renames over a file, so a link is made
    there."""
    if file.exists():
        raise FileExistsError(file)
    if os.name == "nt":  # pragma: no cover  # there a rename never writes over a file
        beside.rename(file)
        return
    try:
        file.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no links
        beside.rename(file)


def bare(given: str) -> str:
    """The last part of a name, whatever separators a browser's system has; only plain names become files of ours."""
    name = PurePath(given.replace("\\", "/")).name
    if not name.lower().endswith(ENDINGS):
        raise Usage(
            "this is no file that can be read",
            given=repr(name[:120]),
            allowed=", ".join(ENDINGS),
            next_step="save it as CSV or XLSX",
        )
    if reserved(name):
        raise Usage(
            "Windows keeps this name for itself", given=repr(name[:120]), next_step="rename it and upload it again"
        )
    if not PLAIN_NAME.match(name):
        raise Usage(
            "the file's name has letters that not every system bears",
            given=repr(name[:120]),
            allowed="letters, digits, spaces and . _ ( ) -",
            next_step="rename it and upload it again",
        )
    return name


def _copied(stream: IO[bytes], out: IO[bytes]) -> None:
    size = 0
    while block := stream.read(CHUNK):
        size += len(block)
        if size > LARGEST_UPLOAD:
            raise Usage(
                "the file is too large for a browser", allowed="200 MB", next_step="copy it into data/ yourself"
            )
        out.write(block)
    if not size:
        raise Usage("the file is empty", given="0 bytes", next_step="ask for the file again")


def unpacked(file: Path, name: str) -> None:
    """Raises Usage for a packed file that would unpack beyond all measure, or whose XML declares entities."""
    low = name.lower()
    try:
        if low.endswith(".xlsx"):
            sound_workbook(file, LARGEST_UNPACKED)
        elif low.endswith(".gz"):
            _zipped(file)
        elif low.endswith(".parquet"):
            _parquet(file)
    except HeadwaterError:
        raise
    except Exception as problem:  # whatever a damaged file makes a library raise
        raise Usage(
            "the file is not what its name says", given=name, next_step="save it again as CSV or XLSX"
        ) from problem


def _zipped(file: Path) -> None:
    """Counted as it is unpacked, nothing of it held; several members one after the other are one file."""
    seen = 0
    with file.open("rb") as stream:
        opened, held = zlib.decompressobj(31), stream.read(CHUNK)
        while held:
            seen += len(opened.decompress(held, CHUNK))
            if seen > LARGEST_UNPACKED:
                raise unpacks_too_far("a .gz file")
            held = opened.unconsumed_tail or (opened.unused_data if opened.eof else b"") or stream.read(CHUNK)
            if opened.eof and held:
                opened = zlib.decompressobj(31)
        if not opened.eof:
            raise Usage("the .gz file is cut off", next_step="ask for the file again")


def _parquet(file: Path) -> None:
    import pyarrow.parquet as pq

    found = pq.read_metadata(file)
    if sum(found.row_group(at).total_byte_size for at in range(found.num_row_groups)) > LARGEST_UNPACKED:
        raise unpacks_too_far("a Parquet file")
