"""What a workbook from a stranger may be, before a library opens it: no bomb, no macro, no entities."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from headwater.domain.errors import Usage

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_UNPACKED = 1024 * 1024 * 1024
"""Bytes: a zip bomb unpacks a thousandfold, a table of text some tenfold."""
MOST_PARTS = 2000
XML_HEAD = 64 * 1024
"""Bytes of each part in which a declaration of entities would have to stand: before the first element."""
MACROS = ("vbaproject.bin", "vbadata.xml")


def sound_workbook(file: Path, largest: int = LARGEST_UNPACKED) -> None:
    """Raises Usage for a file that is no workbook, unpacks beyond all measure, carries macros or declares entities."""
    if not zipfile.is_zipfile(file):
        raise Usage(
            "the file is no workbook",
            given=file.name,
            allowed=".xlsx or .csv",
            next_step="save it again as XLSX or CSV",
        )
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > largest:
            raise unpacks_too_far("a workbook")
        if any(part.filename.lower().endswith(MACROS) for part in parts):
            raise Usage(
                "the workbook carries macros",
                given=file.name,
                allowed="a workbook without them",
                next_step="save it as XLSX (not XLSM), which leaves them out",
            )
        for part in parts:
            if part.filename.endswith((".xml", ".rels", ".vml")):
                with packed.open(part) as inside:
                    _no_entities(inside.read(XML_HEAD))


def unpacks_too_far(name: str) -> Usage:
    return Usage(
        "the file unpacks to more than 1 GB", given=name, next_step="save it as CSV and copy it into data/ yourself"
    )


def _no_entities(head: bytes) -> None:
    """No workbook that a spreadsheet writes declares entities; in UTF-16 the noughts between the letters are
    dropped."""
    plain = head.replace(b"\0", b"").upper()
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise Usage(
            "the workbook declares XML entities",
            given="<!DOCTYPE",
            allowed="a workbook as a spreadsheet writes it",
            next_step="open it and save it again",
        )
