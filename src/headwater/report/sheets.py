"""How a report lies in a workbook: a sheet of words first, then the tables.

The open format follows the Government Analysis Function's "Releasing statistics in spreadsheets": one table a sheet,
its title in A1, what the sheet holds in A2, no merged and no empty cells in a table. The workbook that people open by
hand gathers the tables of a section on one sheet, at most twelve sheets in all: nobody finds a table among thirty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.report.content import Bullets, Grid, Head, Picture, Words, facts_grid, seal_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from headwater.report.content import Paper, Piece

HEADER_ROW = 2
"""Row of the column names, counted from nought: title, a line of words, then the table."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line on the sheet of words; one with a `sheet` leads there."""

    text: str
    style: str = "body"
    sheet: str = ""


def sheet_names(paper: Paper) -> dict[Grid, str]:
    """Every table with the name of its sheet: at most 31 letters, no two alike, none that a workbook refuses."""
    grids = (*paper.grids, *((facts_grid(paper),) if paper.facts else ()))
    names: dict[Grid, str] = {}
    taken = {"report"}
    for grid in grids:
        stem = (
            re.sub(r"[^A-Za-z0-9 ]+", " ", grid.id.removeprefix("figure-").removesuffix("-table")).strip()[:27]
            or "table"
        )
        name, at = stem, 2
        while name.lower() in taken or name.lower() == "history":
            name, at = f"{stem} {at}", at + 1
        taken.add(name.lower())
        names[grid] = name
    return names


MOST_SHEETS = 12
BOARD = "Board pages"


def sections(paper: Paper) -> dict[str, list[tuple[Grid, Picture | None]]]:
    """Sheet → its tables in reading order, each with the picture it belongs to: those of the board's pages, then a
    sheet a section of the appendix; what the report was made from stands on the last."""
    found: dict[str, list[tuple[Grid, Picture | None]]] = {BOARD: list(_tables(paper.board))}
    name = BOARD
    for piece in paper.appendix:
        if isinstance(piece, Head) and piece.level == 2:
            name = _plain_name(piece.text, found)
        found.setdefault(name, []).extend(_tables((piece,)))
    full = {name: tables for name, tables in found.items() if tables}
    names = list(full)
    for beyond in names[MOST_SHEETS - 1 :]:
        full[names[MOST_SHEETS - 2]] += full.pop(beyond)
    if paper.facts:
        full.setdefault(list(full)[-1] if full else BOARD, []).append((facts_grid(paper), None))
    return full


def _tables(pieces: Iterable[Piece]) -> Iterator[tuple[Grid, Picture | None]]:
    for piece in pieces:
        if isinstance(piece, Grid):
            yield piece, None
        elif isinstance(piece, Picture):
            yield piece.grid, piece


def _plain_name(heading: str, taken: Iterable[str]) -> str:
    """A heading as the name of a sheet: at most 31 letters, none that a workbook refuses, none twice."""
    stem = re.sub(r"[^A-Za-z0-9 ]+", "", heading).strip()[:28].strip() or "Section"
    used = {"report", "history", *(name.lower() for name in taken)}
    return (
        stem
        if stem.lower() not in used
        else next(f"{stem} {at}" for at in range(2, 99) if f"{stem} {at}".lower() not in used)
    )


def unlike(names: Iterable[str]) -> list[str]:
    """Column names, numbered where two would be the same: a named table needs them to differ."""
    seen: dict[str, int] = {}
    different = []
    for name in names:
        seen[name.lower()] = seen.get(name.lower(), 0) + 1
        different.append(name if seen[name.lower()] == 1 else f"{name} {seen[name.lower()]}")
    return different


def lines(paper: Paper, names: dict[Grid, str]) -> list[Line]:
    """The sheet of words, from the title to the seal. names: where each table stands, as a link says it."""
    made = facts_grid(paper)
    return [
        Line(paper.title, "title"),
        Line(paper.date),
        Line(paper.summary, "lead"),
        *_said((*paper.board, *paper.appendix), names),
        *([Line(f"Table: {made.caption}", "link", names[made])] if paper.facts else []),
        Line(seal_words(paper)),
    ]


def _said(pieces: Iterable[Piece], names: dict[Grid, str]) -> Iterator[Line]:
    for piece in pieces:
        match piece:
            case Head():
                yield Line(piece.text, "head")
            case Words():
                yield Line(piece.text, piece.style)
            case Bullets():
                yield from (Line(f"• {text}") for text in piece.texts)
            case Grid():
                yield Line(f"Table: {piece.caption}", "link", names[piece])
            case Picture():
                yield Line(f"Figure: {piece.title}", "link", names[piece.grid])
                if piece.note:
                    yield Line(piece.note)
