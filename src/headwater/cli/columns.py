"""Text that fits the terminal: tables whose columns wrap, paragraphs and lists. Below 80 columns nothing is squeezed
further."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEAST, USUAL, MOST = 80, 110, 110
"""Columns: never narrower; where no terminal says; lines to be read, as no eye follows longer ones."""
GAP, INDENT = 2, 2
NARROWEST, LONGEST_WORD = 9, 22
"""Letters a column of words keeps at least; a longer word than the other is broken."""


def width() -> int:
    """Columns of the terminal."""
    return max(LEAST, shutil.get_terminal_size((USUAL, 24)).columns)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], under: Sequence[str] = ()) -> str:
    """Columns as wide as they need and the terminal bears, numbers to the right, words over several lines.

    under: what stands whole beneath each row, as a name that is copied into the next command.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    if not cells:
        return "  (none)"
    columns = [[name, *(row[at] for row in cells)] for at, name in enumerate(head)]
    right = [all(_numeric(cell) for cell in column[1:]) for column in columns]
    widths = _fitted(columns, width() - INDENT - GAP * (len(columns) - 1))
    rule = " " * INDENT + (" " * GAP).join("-" * wide for wide in widths)
    lines = [_line(row, widths, right) for row in cells]
    beneath = [f"{line}\n{one}" for line, one in zip(lines, under, strict=True)] if under else lines
    return "\n".join([_line(head, widths, right), rule, *beneath])


def _fitted(columns: Sequence[Sequence[str]], room: int) -> list[int]:
    """Widths that fill no more than the room: the widest column gives way first, none below its longest word."""
    widths = [max(map(len, column)) for column in columns]
    least = [
        min(wide, max(NARROWEST, min(LONGEST_WORD, _longest_word(column))))
        for wide, column in zip(widths, columns, strict=True)
    ]
    while sum(widths) > room and widths != least:
        at = max(range(len(widths)), key=lambda one: (widths[one] > least[one], widths[one] - least[one]))
        widths[at] -= 1
    return widths


def _longest_word(column: Sequence[str]) -> int:
    return max((len(word) for cell in column for word in cell.split()), default=1)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    wrapped = [
        textwrap.wrap(cell, wide, break_on_hyphens=False) or [""] for cell, wide in zip(cells, widths, strict=True)
    ]
    lines = []
    for at in range(max(map(len, wrapped))):
        parts = [lines_[at] if at < len(lines_) else "" for lines_ in wrapped]
        padded = [
            f"{part:>{wide}}" if flush else f"{part:<{wide}}"
            for part, wide, flush in zip(parts, widths, right, strict=True)
        ]
        lines.append((" " * INDENT + (" " * GAP).join(padded)).rstrip())
    return "\n".join(lines)


def _numeric(text: str) -> bool:
    digits = text.lstrip("-−+£–*").replace(",", "").replace(".", "").rstrip("%km")
    return digits.isdigit() or text in {"", "–", "*"}


def para(text: str, indent: str = "") -> str:
    return textwrap.fill(text, min(MOST, width()), initial_indent=indent, subsequent_indent=indent)


def section(title: str, body: str) -> str:
    return f"\n{title}\n{body}"


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(
        textwrap.fill(line, min(MOST, width()), initial_indent="  - ", subsequent_indent="    ") for line in lines
    )
