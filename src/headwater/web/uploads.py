"""Files from a browser: their names, their size, and what is packed in them, before a reader of tables opens them."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from headwater.domain.errors import HeadwaterError, Usage
from headwater.web.guard import LARGEST_UPLOAD

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS = (".csv", ".csv.gz", ".tsv", ".txt", ".parquet", ".xlsx")
PLAIN_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._()-]{0,119}$")
LARGEST_UNPACKED = 1024 * 1024 * 1024
"""Bytes: a zip bomb unpacks a thousandfold, a table of text some tenfold."""
MOST_PARTS = 2000
CHUNK = 1 << 20
XML_HEAD = 64 * 1024
"""Bytes of each part of a workbook in which a declaration of entities would have to stand: before the first element."""


def take(folder: Path, given: str, stream: IO[bytes]) -> str:
    """Write the upload into the folder; its bare name. Raises Usage for what is refused; nothing is then left behind."""
    name = bare(given)
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{name}.part"
    try:
        with beside.open("xb") as out:
            _copied(stream, out)
        unpacked(beside, name)
        if (folder / name).exists():
            raise Usage(
                "a file of this name is there already", given=name, next_step="rename yours and upload it again"
            )
        beside.rename(folder / name)
    except FileExistsError as problem:
        raise Usage("a file of this name is being uploaded", given=name, next_step="wait, or rename yours") from problem
    finally:
        beside.unlink(missing_ok=True)
    return name


def bare(given: str) -> str:
    """The last part of a name, whatever separators a browser's system has; only plain names become files of ours."""
    name = PurePath(given.replace("\\", "/")).name
    if not name.lower().endswith(ENDINGS):
        raise Usage("this is no file that can be read", given=repr(name[:120]), allowed=", ".join(ENDINGS), next_step="save it as CSV or XLSX")  # fmt: skip
    if not PLAIN_NAME.match(name):
        raise Usage("the file's name has letters that not every system bears", given=repr(name[:120]), allowed="letters, digits, spaces and . _ ( ) -", next_step="rename it and upload it again")  # fmt: skip
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
            _workbook(file)
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


def _bomb(name: str) -> Usage:
    return Usage(
        "the file unpacks to more than 1 GB", given=name, next_step="save it as CSV and copy it into data/ yourself"
    )


def _workbook(file: Path) -> None:
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise _bomb("a workbook")
        for part in parts:
            if part.filename.endswith((".xml", ".rels", ".vml")):
                with packed.open(part) as inside:
                    _no_entities(inside.read(XML_HEAD))


def _no_entities(head: bytes) -> None:
    """No workbook that a spreadsheet writes declares entities; in UTF-16 the noughts between the letters are dropped."""
    plain = head.replace(b"\0", b"").upper()
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise Usage("the workbook declares XML entities", given="<!DOCTYPE", allowed="a workbook as a spreadsheet writes it", next_step="open it and save it again")  # fmt: skip


def _zipped(file: Path) -> None:
    """Counted as it is unpacked, nothing of it held; several members one after the other are one file."""
    seen = 0
    with file.open("rb") as stream:
        opened, held = zlib.decompressobj(31), stream.read(CHUNK)
        while held:
            seen += len(opened.decompress(held, CHUNK))
            if seen > LARGEST_UNPACKED:
                raise _bomb("a .gz file")
            held = opened.unconsumed_tail or (opened.unused_data if opened.eof else b"") or stream.read(CHUNK)
            if opened.eof and held:
                opened = zlib.decompressobj(31)
        if not opened.eof:
            raise Usage("the .gz file is cut off", next_step="ask for the file again")


def _parquet(file: Path) -> None:
    import pyarrow.parquet as pq

    found = pq.read_metadata(file)
    if sum(found.row_group(at).total_byte_size for at in range(found.num_row_groups)) > LARGEST_UNPACKED:
        raise _bomb("a Parquet file")
