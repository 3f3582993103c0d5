"""A list's rows, out of CSV or XLSX, under the headings it has."""

from __future__ import annotations

import csv
from datetime import date, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.domain.workbook import sound_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

WORKBOOKS = (".xlsx", ".xlsm", ".xls")
TITLES = 10
"""Lines among which the headings are looked for: lists have titles, logos and dates above them."""


def rows_of(file: Path, headings: Iterable[str]) -> list[dict[str, str]]:
    """Every row as heading → text. headings: words, in small letters, by which the line of headings is known.

    Raises Usage for a workbook that is none or may not be opened, DataProblem for one that lacks its formulas' results.
    """
    if file.suffix.lower() in WORKBOOKS:
        sound_workbook(file)
        return _sheet(file, frozenset(headings))
    return _csv(file)


def _csv(file: Path) -> list[dict[str, str]]:
    raw = file.read_bytes()
    text = raw.decode("utf-8-sig") if _is_utf8(raw) else raw.decode("cp1252", "replace")
    dialect = max(",;\t", key=text.split("\n", 1)[0].count)
    return [
        {key: value for key, value in row.items() if key}
        for row in csv.DictReader(text.splitlines(keepends=True), delimiter=dialect)
    ]


def _is_utf8(raw: bytes) -> bool:
    """Spreadsheets on Windows save a list in their own code page, in which £ is one byte."""
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _sheet(file: Path, headings: frozenset[str]) -> list[dict[str, str]]:
    lines = _cells(file)
    top = list(islice(lines, TITLES))
    at = next((row for row, line in enumerate(top) if headings & {cell.strip().lower() for cell in line}), 0)
    if not top:
        return []
    # A heading that runs over several columns stands in the first of them; the words below the others count all the same.
    names = [name.strip() or f"column {column}" for column, name in enumerate(top[at], 1)]
    return [dict(zip(names, line, strict=False)) for line in chain(top[at + 1 :], lines) if any(line)]


def _cells(file: Path) -> Iterator[list[str]]:
    """Lines of the first sheet as text, days as days. A workbook that no spreadsheet has reckoned has formulas and no results."""
    from openpyxl import load_workbook

    seen, written = (
        load_workbook(file, read_only=True, data_only=results).worksheets[0].iter_rows() for results in (True, False)
    )
    for line, formulas in zip(seen, written, strict=True):
        for cell, formula in zip(line, formulas, strict=True):
            if cell.value is None and formula.value is not None:
                raise DataProblem(
                    f"{file.name} has formulas without their results", given=f"{formula.coordinate}: {str(formula.value)[:60]}",
                    next_step="open it in a spreadsheet and save it, or export it as CSV",
                )  # fmt: skip
        yield [_text(cell.value) for cell in line]


def _text(value: object) -> str:
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
