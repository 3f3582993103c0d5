"""The report as a workbook: a sheet of words, a sheet a table, live formulas where the content model gives them."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from math import isclose
from typing import TYPE_CHECKING, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from headwater.report.archive import repacked
from headwater.report.content import Picture
from headwater.report.figures.draw import png
from headwater.report.sheets import HEADER_ROW, Line, lines, sheet_names, unlike
from headwater.store.files import RISKY

if TYPE_CHECKING:
    from headwater.report.content import Grid, Paper
    from headwater.report.words import Said

DATE = datetime(2000, 1, 1)


def write(paper: Paper) -> bytes:
    """The whole workbook. Words are always written as words; those that look like a formula carry the quote mark too."""
    held = BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": paper.title, "comments": paper.summary, "author": "Headwater", "created": DATE})
    forms = _Forms(book)
    _words(book.add_worksheet("Report"), lines(paper), forms)
    pictures = {piece.grid.id: piece for piece in (*paper.board, *paper.appendix) if isinstance(piece, Picture)}
    for grid, name in sheet_names(paper).items():
        _table(book.add_worksheet(name), grid, pictures.get(grid.id), forms)
    book.close()
    return repacked(held.getvalue())


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
    "head": {"bold": True, "font_size": 12},
    "lead": {"font_size": 12, "text_wrap": True},
    "warning": {"bold": True, "text_wrap": True},
    "link": {"font_color": "#1A65A6", "underline": 1, "text_wrap": True},
}


def _words(sheet: Any, said: list[Line], forms: _Forms) -> None:
    sheet.set_column(0, 0, 100)
    sheet.hide_gridlines(2)
    for row, line in enumerate(said):
        look = forms.of(**_LOOKS.get(line.style, {"text_wrap": True}))
        if line.sheet:
            sheet.write_url(row, 0, f"internal:'{line.sheet}'!A1", look, line.text)
        else:
            _text(sheet, row, 0, line.text, forms, _LOOKS.get(line.style, {"text_wrap": True}))


def _table(sheet: Any, grid: Grid, picture: Picture | None, forms: _Forms) -> None:
    _text(sheet, 0, 0, grid.caption, forms, {"bold": True, "font_size": 12})
    _text(sheet, 1, 0, "This sheet holds one table.", forms, {})
    for at in range(len(grid.columns)):
        sheet.set_column(at, at, _width(grid, at))
    for row, cells in enumerate(grid.rows, HEADER_ROW + 1):
        total = grid.totals_row and row == HEADER_ROW + len(grid.rows)
        formulas = {**(_sums(grid) if total else {}), **dict(grid.formulas)}
        for at, said in enumerate(cells):
            _cell(sheet, (row, at), said, formulas.get(at, ""), forms, {"bold": total, "align": _side(grid, at)})
    last = HEADER_ROW + max(len(grid.rows), 1)
    sheet.add_table(HEADER_ROW, 0, last, len(grid.columns) - 1, _named(grid, forms))
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    sheet.repeat_rows(HEADER_ROW)
    sheet.print_area(0, 0, last, len(grid.columns) - 1)
    sheet.fit_to_pages(1, 0)
    if picture is not None and not picture.note:
        _picture(sheet, picture, len(grid.columns) + 1)


def _sums(grid: Grid) -> dict[int, str]:
    """Formulas of a total row: for each column whose rows, all plain numbers, add up to it."""
    first, last = HEADER_ROW + 2, HEADER_ROW + len(grid.rows)
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
    return {"name": "t_" + grid.id.replace("-", "_"), "columns": heads, "autofilter": False, "style": None}


def _side(grid: Grid, at: int) -> str:
    return "right" if grid.right[at] else "left"


def _width(grid: Grid, at: int) -> float:
    longest = max((len(row[at].text) for row in grid.rows), default=0)
    return min(max(longest, max(map(len, grid.columns[at].split() or [""])), 8) + 2, 48)


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


def _picture(sheet: Any, picture: Picture, column: int) -> None:
    image = BytesIO(png(picture.data))
    told = {"image_data": image, "description": picture.alt or picture.title, "x_scale": 0.5, "y_scale": 0.5}
    sheet.insert_image(HEADER_ROW, column, f"{picture.id}.png", told)
