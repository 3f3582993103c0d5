"""Workbooks of every kind (xlsx, xlsm, xlsb, xls, ods) as batches of text columns, and the sheets they hold."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

import numpy as np
import pyarrow as pa

from headwater.domain.errors import DataProblem
from headwater.sources.batches import RAGGED, ROWS, Batch, distinct_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.domain.workspace import SourceSettings

OLD, PACKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK"
LOCKED = "EncryptedPackage".encode("utf-16-le")
EXACT = 2.0**53
"""The largest whole number that a workbook's cell holds without rounding."""


def is_workbook(file: Path, start: bytes) -> bool:
    """By its first bytes; a packed file is one where it holds a workbook's parts."""
    if start.startswith(OLD):
        return True
    if not start.startswith(PACKED):
        return False
    try:
        with ZipFile(file) as packed:
            names = set(packed.namelist())
    except BadZipFile:
        return file.suffix.lower() != ".zip"
    return "[Content_Types].xml" in names or "content.xml" in names


def sheets_of(file: Path) -> list[str]:
    """The sheets that hold anything, in order. Raises DataProblem for a file that cannot be opened."""
    book = _book(file)
    return [name for name in book.sheet_names if _lines(book, name, 3)]


def hidden_of(file: Path) -> set[str]:
    """Sheets that a reader of the workbook does not see."""
    return {one.name for one in _book(file).sheets_metadata if str(one.visible).rsplit(".", 1)[-1] != "Visible"}


def head(file: Path, source: SourceSettings, rows: int) -> list[list[str]]:
    return _lines(book := _book(file), _asked(book, file, source), rows)


def read(file: Path, source: SourceSettings) -> Iterator[Batch]:
    """One sheet's rows: the one that is named, else the first."""
    book = _book(file)
    lines = iter(_rows(book, _asked(book, file, source)))
    heading: list[str] = []
    for _ in range(source.header_row):
        heading = next(lines, [])
    while heading and not heading[-1]:
        heading = heading[:-1]  # a sheet is as wide as its widest line
    names, held, last = distinct_names(heading), [], 0
    for cells in lines:
        if not any(cells):
            continue
        last += 1
        held.append((last, cells + [""] * (len(names) - len(cells))))
        if len(held) == ROWS:
            yield _batch(names, held)
            held = []
    if held:
        yield _batch(names, held)


def _book(file: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook

    content = file.read_bytes()
    if content.startswith(OLD) and LOCKED in content:
        raise _locked(file)
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (CalamineError, OSError, ValueError) as problem:
        if "assword" in str(problem):
            raise _locked(file) from problem
        raise DataProblem(
            f"{file.name} cannot be read as a workbook",
            given=f"{len(content):,} bytes",
            allowed="xlsx, xlsm, xlsb, xls, ods",
            next_step="open it and save it again, or as CSV",
        ) from problem


def _locked(file: Path) -> DataProblem:
    return DataProblem(
        f"{file.name} is protected by a password",
        given="an encrypted workbook",
        next_step="open it with its password and save it without one",
    )


def _asked(book: Any, file: Path, source: SourceSettings) -> str:
    if source.sheet and source.sheet not in book.sheet_names:
        raise DataProblem(
            f"{file.name} has no sheet {source.sheet!r}",
            allowed=", ".join(book.sheet_names),
            next_step="mend sheet = ...",
        )
    return str(source.sheet or book.sheet_names[0])


def _lines(book: Any, name: str, rows: int) -> list[list[str]]:
    """The first rows of a sheet, as many columns as it has; none for one without cells."""
    found = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=rows)
    return (
        [[_cell(value) for value in row] for row in found]
        if any(any(value != "" for value in row) for row in found)
        else []
    )


def _rows(book: Any, name: str) -> Iterator[list[str]]:
    for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False):
        yield [_cell(value) for value in row]


def _batch(names: list[str], held: list[tuple[int, list[str]]]) -> Batch:
    """Blank lines were passed over, as in CSV; a line with something to the right of the last heading is ragged."""
    longest = {row: max(at for at, cell in enumerate(cells, 1) if cell) for row, cells in held}
    refused = {row: RAGGED.format(found=n, expected=len(names)) for row, n in longest.items() if n > len(names)}
    sound = [(row, cells) for row, cells in held if row not in refused]
    columns = {name: pa.array([cells[at] for _, cells in sound], pa.string()) for at, name in enumerate(names)}
    return Batch(columns, np.array([row for row, _ in sound], dtype=np.int64), refused, held[-1][0])


def _cell(value: Any) -> str:
    """A cell's text. A whole number beyond what a cell can hold exactly is shown with its exponent, and refused as a
    number of anybody."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds() / 86_400:g}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) < EXACT else f"{value:.15E}"
    return str(value).strip()
