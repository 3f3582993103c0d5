"""The report as a workbook: a sheet of words, a sheet a section, live formulas where the content model gives them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from math import ceil, isclose
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from headwater.report.archive import repacked
from headwater.report.figures.draw import png
from headwater.report.sheets import HEADER_ROW, Line, lines, sections, unlike
from headwater.store.files import RISKY

if TYPE_CHECKING:
    from headwater.report.content import Grid, Paper, Picture
    from headwater.report.words import Said

DATE = datetime(2000, 1, 1)
SCALE, ROW_PIXELS, COLUMN_PIXELS, LETTER_PIXELS, SPACE = 0.5, 20, 64, 7, 2
"""A picture's size against its pixels; the height of a row, the width of a column and of a letter in pixels; empty rows
between two tables."""
WIDEST = 48
"""Letters of the widest column; longer words go on to the next line."""
DPI = 72 / 96
"""A PNG that does not say its resolution is taken for one of 72 dots an inch, and a sheet's pixels are 96."""
FILTERED = 5
"""A table of more rows than these has filters."""
A4 = 9


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a table stands: its sheet, and the row of its title, counted from nought."""

    sheet: str
    row: int

    @property
    def head(self) -> int:
        """The row of the column names."""
        return self.row + HEADER_ROW


def placed(paper: Paper) -> dict[Grid, Spot]:
    """Every table with its spot: one under the other on their section's sheet, each with the room that the picture
    under it needs."""
    spots: dict[Grid, Spot] = {}
    for sheet, tables in sections(paper).items():
        row = 0
        for grid, picture in tables:
            spots[grid] = Spot(sheet, row)
            row += HEADER_ROW + 1 + max(len(grid.rows), 1) + _rows_of(picture) + SPACE
    return spots


def _rows_of(picture: Picture | None) -> int:
    """Rows that a picture covers, with the empty one before it; its height stands in the head of its PNG."""
    down = _size(picture, 20)
    return ceil(down * SCALE / ROW_PIXELS) + 1 if down else 0


def _columns_of(picture: Picture | None, widths: list[float]) -> int:
    """Columns that a picture covers from the first on. widths: letters of the columns that tables have."""
    left, columns = _size(picture, 16) * SCALE, 0
    while left > 0:
        left -= widths[columns] * LETTER_PIXELS + 5 if columns < len(widths) else COLUMN_PIXELS
        columns += 1
    return columns


def _size(picture: Picture | None, at: int) -> int:
    image = png(picture.data) if picture is not None and not picture.note else b""
    return int.from_bytes(image[at : at + 4], "big")


def write(paper: Paper) -> bytes:
    """The whole workbook. Words are always written as words; those that look like a formula carry the quote mark
    too."""
    held = BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": paper.title, "comments": paper.summary, "author": "Headwater", "created": DATE})
    forms, spots = _Forms(book), placed(paper)
    links = {grid: f"'{spot.sheet}'!A{spot.row + 1}" for grid, spot in spots.items()}
    _words(book.add_worksheet("Report"), lines(paper, links), forms)
    for name, tables in sections(paper).items():
        sheet = book.add_worksheet(name)
        for grid, picture in tables:
            _table(sheet, spots[grid], grid, forms)
            if picture is not None and not picture.note:
                _picture(sheet, picture, (spots[grid].head + max(len(grid.rows), 1) + 2, 0))
        _laid_out(sheet, tables, spots)
    book.close()
    return repacked(held.getvalue())


def _laid_out(sheet: Any, tables: list[tuple[Grid, Picture | None]], spots: dict[Grid, Spot]) -> None:
    """Columns as wide as the widest table needs, and the sheet ready to be printed, its pictures too; the head of a
    single table stays in view."""
    grids = [grid for grid, _ in tables]
    columns = max(len(grid.columns) for grid in grids)
    widths = [max(_width(grid, at) for grid in grids if at < len(grid.columns)) for at in range(columns)]
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    last = max(spots[grid].head + max(len(grid.rows), 1) + _rows_of(picture) for grid, picture in tables)
    sheet.print_area(0, 0, last, max(columns, *(_columns_of(picture, widths) for _, picture in tables)) - 1)
    sheet.fit_to_pages(1, 0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    if len(grids) == 1:
        sheet.freeze_panes(HEADER_ROW + 1, 1)
        sheet.repeat_rows(HEADER_ROW)


class _Forms:
    """Each look of a cell, made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, object], ...], Any] = {}

    def of(self, **look: object) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({"font_name": "Arial", "font_size": 10, "valign": "top", **look})
        return self.made[key]


_LOOKS: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 16},
    "head": {"bold": True, "font_size": 12, "valign": "bottom"},
    "lead": {"font_size": 12, "text_wrap": True},
    "warning": {"bold": True, "text_wrap": True},
    "link": {"font_color": "#1A65A6", "underline": 1, "text_wrap": True},
}


LINE_LETTERS, LINE_POINTS = 100, 13.5
"""Letters a line of the sheet of words holds, and the height of a line of ten points: not every program measures
wrapped rows."""


def _words(sheet: Any, said: list[Line], forms: _Forms) -> None:
    sheet.set_column(0, 0, 92)
    sheet.hide_gridlines(2)
    sheet.print_area(0, 0, max(len(said) - 1, 0), 0)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.set_paper(A4)
    for row, line in enumerate(said):
        size = float(str(_LOOKS.get(line.style, {}).get("font_size", 10))) / 10
        sheet.set_row(
            row, _lines(line.text, LINE_LETTERS / size) * LINE_POINTS * size + (8 if line.style == "head" else 0)
        )
        look = forms.of(**_LOOKS.get(line.style, {"text_wrap": True}))
        if line.sheet:
            sheet.write_url(row, 0, f"internal:{line.sheet}", look, line.text)
        else:
            _text(sheet, row, 0, line.text, forms, _LOOKS.get(line.style, {"text_wrap": True}))


def _table(sheet: Any, spot: Spot, grid: Grid, forms: _Forms) -> None:
    _text(sheet, spot.row, 0, grid.caption, forms, {"bold": True, "font_size": 12})
    _text(sheet, spot.row + 1, 0, _holds(grid), forms, {})
    for row, cells in enumerate(grid.rows, spot.head + 1):
        total = grid.totals_row and row == spot.head + len(grid.rows)
        formulas = {**(_sums(grid, spot.head) if total else {}), **dict(grid.formulas)}
        for at, said in enumerate(cells):
            wrapped = {"text_wrap": True} if len(said.text) > WIDEST else {}
            _cell(
                sheet,
                (row, at),
                said,
                formulas.get(at, ""),
                forms,
                {"bold": total, "align": _side(grid, at), **wrapped},
            )
        if (high := max((_lines(said.text, WIDEST) for said in cells), default=1)) > 1:
            sheet.set_row(row, high * LINE_POINTS)
    last = spot.head + max(len(grid.rows), 1)
    sheet.add_table(spot.head, 0, last, len(grid.columns) - 1, _named(grid, forms))


def _lines(text: str, letters: float) -> int:
    return max(ceil(len(text) / letters), 1)


def _holds(grid: Grid) -> str:
    return f"{len(grid.rows)} row{'' if len(grid.rows) == 1 else 's'}." if grid.rows else "This table has no rows."


def _sums(grid: Grid, head: int) -> dict[int, str]:
    """Formulas of a total row: for each column whose rows, all plain numbers, add up to it."""
    first, last = head + 2, head + len(grid.rows)
    return {
        at: f"=SUM({{0}}{first}:{{0}}{last})".format(xl_col_to_name(at))
        for at in range(len(grid.columns))
        if _adds_up(grid, at)
    }


def _adds_up(grid: Grid, at: int) -> bool:
    *parts, total = (row[at].value for row in grid.rows)
    known = [part for part in parts if part is not None]
    return bool(parts) and total is not None and len(known) == len(parts) and isclose(sum(known), total, abs_tol=1e-6)


def _named(grid: Grid, forms: _Forms) -> dict[str, object]:
    """The table's name and header row, so that a screen reader and a formula can speak of it."""
    heads = [
        {"header": name, "header_format": forms.of(bold=True, text_wrap=True, bottom=2, align=_side(grid, at))}
        for at, name in enumerate(unlike(grid.columns))
    ]
    return {
        "name": "t_" + grid.id.replace("-", "_"),
        "columns": heads,
        "autofilter": len(grid.rows) > FILTERED,
        "style": None,
    }


def _side(grid: Grid, at: int) -> str:
    return "right" if grid.right[at] else "left"


def _width(grid: Grid, at: int) -> float:
    longest = max((len(row[at].text) for row in grid.rows), default=0)
    return min(max(longest, max(map(len, grid.columns[at].split() or [""])), 8) + 2, WIDEST)


def _cell(sheet: Any, at: tuple[int, int], said: Said, formula: str, forms: _Forms, look: dict[str, object]) -> None:
    if said.value is None or said.form is None:
        _text(sheet, *at, said.text, forms, look)
        return
    form = forms.of(num_format=said.form.pattern, **look)
    if formula:
        sheet.write_formula(*at, formula.replace("{row}", str(at[0] + 1)), form, said.value)
    else:
        sheet.write_number(*at, said.value, form)


def _text(sheet: Any, row: int, column: int, text: str, forms: _Forms, look: dict[str, object]) -> None:
    risky = {"quote_prefix": True} if text.startswith(RISKY) else {}
    sheet.write_string(row, column, text, forms.of(**look, **risky))


def _picture(sheet: Any, picture: Picture, at: tuple[int, int]) -> None:
    image = BytesIO(png(picture.data))
    told = {
        "image_data": image,
        "description": picture.alt or picture.title,
        "x_scale": SCALE * DPI,
        "y_scale": SCALE * DPI,
    }
    sheet.insert_image(*at, f"{picture.id}.png", told)
