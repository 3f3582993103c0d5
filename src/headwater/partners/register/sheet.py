"""A list's rows, out of CSV or XLSX, under the headings it has; what stands above the headings and below the rows is
set apart."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.domain.workbook import sound_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Line = list[str]

WORKBOOKS = (".xlsx", ".xlsm", ".xls")
TITLES = 10
"""Lines among which the headings are looked for: lists have titles, logos and dates above them."""
MERGES_BYTES = 4 << 20
"""Workbooks up to so much are read whole to see which of their cells are merged."""
FOOT = re.compile(
    r"^\W*(?:grand"
    r" |sub-?\s?)?(?:totals?|sum|average|mean)\b(?!\s+(?:place|facilities|environment))|^\W*(?:sources?"
    r"|notes?|key|legend|contact|disclaimer)\s*(?:[:\d(.–-]|$)|^\W*(?:(?:prepared|compiled|produced)"
    r" (?:by|on|in|for)|(?:last )?updated\b|data as at|copyright|correct (?:at|as))|^©",
    re.IGNORECASE,
)
DITTO = re.compile(r"[\"”″〃]+|ditto|do\.|as above|see above", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """rows: heading → text; apart: lines that are no collaborations (totals, sources, legends), in their words."""

    rows: list[dict[str, str]]
    apart: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    """Which sheet of a workbook was read, where it has several."""


def sheet_of(file: Path, headings: Callable[[Line], int]) -> Sheet:
    """headings: how many cells of a line are headings that lists have; the line with the most is the line of headings.

    Raises Usage for a workbook that is none or may not be opened, DataProblem for one that lacks its formulas' results.
    """
    if file.suffix.lower() in WORKBOOKS:
        sound_workbook(file)
        at, said = _sheet_with(file, headings)
        return replace(_sheet(_cells(file, at), headings), said=said)
    return _sheet(_csv(file), headings)


def _sheet_with(file: Path, headings: Callable[[Line], int]) -> tuple[int, tuple[str, ...]]:
    """The sheet that has the line with the most headings, and the others in words: lists have covers before them and
    archives behind."""
    from openpyxl import load_workbook

    sheets = load_workbook(file, read_only=True, data_only=True).worksheets
    known = [
        max((headings([_text(cell.value) for cell in line]) for line in sheet.iter_rows(max_row=TITLES)), default=0)
        for sheet in sheets
    ]
    at = known.index(max(known))
    others = [f"“{sheet.title}”" for number, sheet in enumerate(sheets) if number != at]
    return at, (f"the sheet “{sheets[at].title}” is read; not read: {', '.join(others)}",) if others else ()


def _csv(file: Path) -> list[Line]:
    raw = file.read_bytes()
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = raw.decode("utf-16" if wide else "utf-8-sig" if _is_utf8(raw) else "cp1252", "replace")
    top = text.split("\n", TITLES)[:TITLES]
    dialect = max(",;\t", key=lambda mark: (max(line.count(mark) for line in top), mark == ","))
    first = next((line for line in top if line.strip()), "")
    if first.count(dialect) < first.count(";") and first.count(";") >= first.count(","):
        dialect = ";"
    return [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text, newline=""), delimiter=dialect)]


def _is_utf8(raw: bytes) -> bool:
    """Spreadsheets on Windows save a list in their own code page, in which £ is one byte."""
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _sheet(lines: Sequence[Line], headings: Callable[[Line], int]) -> Sheet:
    lines = [line for line in lines if any(line)]
    if not lines:
        return Sheet([])
    top = lines[:TITLES]
    known = [headings(line) for line in top]
    at = known.index(max(known))
    names = _names(top, at, max(map(len, lines)))
    rows: list[dict[str, str]] = []
    apart: list[str] = []
    headed = len(top[at])
    for line in (_whole_numbers(line, headed) for line in lines[at + 1 :]):
        filled = [cell for cell in line if cell]
        if _is_foot(line, filled, len(names)) or [cell.lower() for cell in line] == [cell.lower() for cell in top[at]]:
            apart.append("; ".join(filled))
        else:
            rows.append(_dittoed(dict(zip(names, line, strict=False)), rows))
    return Sheet(rows, tuple(apart))


def _names(top: Sequence[Line], at: int, width: int) -> list[str]:
    """A heading that runs over several columns stands in the first of them, one over two lines may stand in the upper:
    all columns count."""
    line = [*top[at], *[""] * (width - len(top[at]))]
    above = [*top[at - 1], *[""] * (width - len(top[at - 1]))] if at else [""] * width
    several = sum(bool(cell) for cell in above) > 1
    names: list[str] = []
    for column, cell in enumerate(line):
        name = " ".join((cell or (above[column] if several else "")).split()) or f"column {column + 1}"
        names.append(name if name not in names else f"{name} ({column + 1})")
    return names


def _whole_numbers(line: Line, headed: int) -> Line:
    """A line that is longer than its headings by the commas of an amount that nobody put into quotes: "1,500,000" in
    three cells."""
    made = list(line)
    while made and len(made) > headed and not made[-1]:
        made.pop()
    at = 0
    while len(made) > headed and at + 1 < len(made):
        if re.fullmatch(r"[-£(\s]*\d{1,3}(?:,\d{3})*", made[at]) and re.fullmatch(r"\d{3}\)?", made[at + 1]):
            made[at : at + 2] = [f"{made[at]},{made[at + 1]}"]
        else:
            at += 1
    return made if len(made) <= headed else line


def _is_foot(line: Line, filled: Sequence[str], width: int) -> bool:
    """A total, a source, a legend, the heading of a part: what fills one cell of a wide list, or begins as such lines
    do."""
    first = filled[0]
    if FOOT.match(first) and (
        len(filled) < max(3, width // 2) or re.match(r"\W*(?:grand |sub-?\s?)?totals?\W*$", first, re.IGNORECASE)
    ):
        return True
    return (
        len(filled) == 1
        and width > 2
        and not re.search(r"[;|/]|,\s*[A-Z]|(?:\band\b|&)\s+[A-Z]", first)
        and first == line[0]
    )


def _dittoed(row: dict[str, str], rows: Sequence[dict[str, str]]) -> dict[str, str]:
    """What a cell says of the cell above it."""
    if not rows:
        return row
    return {name: rows[-1].get(name, "") if DITTO.fullmatch(cell) else cell for name, cell in row.items()}


def _cells(file: Path, at: int) -> list[Line]:
    """Lines of a sheet as text, days as days. A workbook that no spreadsheet has reckoned has formulas and no
    results."""
    from openpyxl import load_workbook

    seen, written = (
        load_workbook(file, read_only=True, data_only=results).worksheets[at].iter_rows() for results in (True, False)
    )
    lines: list[Line] = []
    for line, formulas in zip(seen, written, strict=True):
        for cell, formula in zip(line, formulas, strict=True):
            if cell.value is None and formula.value is not None:
                raise DataProblem(
                    f"{file.name} has formulas without their results",
                    given=f"{formula.coordinate}: {str(formula.value)[:60]}",
                    next_step="open it in a spreadsheet and save it, or export it as CSV",
                )
        lines.append([_text(cell.value) for cell in line])
    for column, first, last in _merged(file, at) if file.stat().st_size < MERGES_BYTES else ():
        for row in range(first + 1, min(last, len(lines) - 1) + 1):
            if column < len(lines[row]) and column < len(lines[first]):
                # What the cells above say is said of each row, but for pounds: one amount over three rows is not three
                # amounts.
                lines[row][column] = (
                    "" if re.search(r"£|^\s*[\d,.]{4,}\s*$", lines[first][column]) else lines[first][column]
                )
    return lines


def _merged(file: Path, at: int) -> list[tuple[int, int, int]]:
    """(column, first row, last row), counted from nought, of cells that run over several rows."""
    from openpyxl import load_workbook

    ranges = load_workbook(file).worksheets[at].merged_cells.ranges
    return [(one.min_col - 1, one.min_row - 1, one.max_row - 1) for one in ranges if one.max_row > one.min_row]


def _text(value: object) -> str:
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value).strip()
