"""The report as PDF/UA-1, set by typst: tagged, with its own fonts, and the same bytes for the same content."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typst

from headwater.domain.errors import Failed
from headwater.report.content import Bullets, Grid, Head, Picture, Words, paged, seal_words
from headwater.report.figures.draw import draw

if TYPE_CHECKING:
    from headwater.report.content import Paper, Piece

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""A fixed date in the file's own data: the report's date stands in its text."""


def write(paper: Paper) -> bytes:
    """The whole file. Raises Failed where typst refuses (its own accessibility check is among the reasons)."""
    board, appendix = paged(paper)
    content = {
        "title": paper.title,
        "summary": paper.summary,
        "date": paper.date,
        "board": [_piece(piece) for piece in board],
        "appendix": [_piece(piece) for piece in appendix],
        "seal": seal_words(paper),
    }
    try:
        return typst.compile(
            _template(),
            format="pdf",
            sys_inputs={"paper": json.dumps(content, ensure_ascii=False)},
            font_paths=_fonts(),
            pdf_standards=["ua-1"],
            timestamp=EPOCH,
        )
    except typst.TypstError as refusal:
        raise Failed("The PDF could not be set.", given=str(refusal.message)) from None


def _piece(piece: Piece) -> dict[str, Any]:
    match piece:
        case Head():
            return {"kind": "head", "level": piece.level, "text": piece.text}
        case Words():
            return {"kind": "words", "style": piece.style, "text": piece.text}
        case Bullets():
            return {"kind": "bullets", "texts": piece.texts}
        case Grid():
            return {"kind": "table", "grid": _grid(piece)}
        case Picture():
            return _picture(piece)


def _picture(piece: Picture) -> dict[str, Any]:
    svg = draw(piece.data)
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    width, height = (float(size[1]), float(size[2])) if size else (0.0, 0.0)
    told = {"kind": "picture", "title": piece.title, "alt": piece.alt or piece.title, "note": piece.note}
    return {**told, "svg": svg, "width": width, "height": height}


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "caption": grid.caption,
        "columns": [_head(grid, at) for at in range(len(grid.columns))],
        "right": grid.right,
        "widths": _widths(grid),
        "rows": [[said.text for said in row] for row in grid.rows],
        "total": grid.totals_row,
    }


def _widths(grid: Grid) -> list[float]:
    """Shares of the width by the letters a column holds, none starved and none greedy; nought for columns of numbers
    and of short words, which are as wide as what is in them."""
    return [_width(grid, at) for at in range(len(grid.columns))]


SHORT = 12
"""Letters up to which a column of words is only as wide as what is in it: Integration is not set over its neighbour."""


def _width(grid: Grid, at: int) -> float:
    letters = _letters(grid, at)
    if len(grid.columns) > 5 and letters <= (16 if grid.right[at] else SHORT):
        return 0.0
    return min(max(_longest_word(grid.columns[at]), min(letters, 60) * 0.8, 5.0), 40.0)


def _head(grid: Grid, at: int) -> str:
    """A column's name, in lines where the column is only as wide as what is in it."""
    if _width(grid, at):
        return grid.columns[at]
    return fill(grid.columns[at], max(_letters(grid, at), int(_longest_word(grid.columns[at])), 8))


def _letters(grid: Grid, at: int) -> int:
    return max((len(row[at].text) for row in grid.rows), default=0)


def _longest_word(text: str) -> float:
    return float(max(map(len, text.split()), default=1))


@cache
def _template() -> bytes:
    return files("headwater.report").joinpath("templates/report.typ").read_bytes()


@cache
def _fonts() -> Any:
    """Only the package's own faces: what a machine has installed must not change a page."""
    folder = str(files("headwater.report").joinpath("fonts"))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])
