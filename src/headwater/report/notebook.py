"""An answer as a notebook shows it: its words as a table, its figures as pictures with their numbers beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.domain.release import DataTable, Drawn, Sentence, Shown
from headwater.report.figures import label_of
from headwater.report.html import css, fragment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from headwater.domain.release import Block, Cell, FigureData, Released

MOST = 50
"""Rows of one list shown."""
LONGEST = 90
"""Letters of a cell: a column with a longer one is named under the table instead, for it would squeeze all the
others."""


def notebook_view(released: Released[Any], figures: tuple[Released[FigureData], ...] = ()) -> str:
    """Released content as HTML for a notebook's cell, styled within itself so that the page around is left as it is."""
    content = released.content
    blocks = tuple(_blocks(content)) if isinstance(content, dict) else ()
    drawn = tuple(Drawn(figure.content) for figure in figures)
    style = f"<style>@scope (.headwater) {{{css()}}}</style>"
    return f'<div class="headwater">{style}{fragment((*blocks, *drawn))}</div>'


def _blocks(content: Mapping[str, Any]) -> Iterator[Block]:
    """Single values as one table, then each list of rows as a table of its own."""
    plain = tuple(
        (label_of(key), _cell(value)) for key, value in content.items() if key != "schema" and not _rows(value)
    )
    if plain:
        yield DataTable("answer", "What was found", ("What", "Value"), plain)
    for key, value in content.items():
        if _rows(value):
            yield from _table(key, value)


def _rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, dict) for row in value)


def _table(key: str, rows: Any) -> Iterator[Block]:
    """The rows as a table, and the names of the columns too long for one."""
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    found = {name: tuple(_cell(row.get(name)) for row in rows[:MOST]) for name in columns}
    short = tuple(name for name in columns if all(len(str(cell)) <= LONGEST for cell in found[name]))
    more = f" (the first {MOST} of {len(rows)})" if len(rows) > MOST else ""
    yield DataTable(
        f"answer-{key}", label_of(key) + more, short, tuple(zip(*(found[name] for name in short), strict=True))
    )
    if long := [name for name in columns if name not in short]:
        yield Sentence(f"Each row has more: .content[{key!r}][0] holds {', '.join(long)} of the first.")


def _cell(value: Any) -> Cell:
    """A value of an answer as a cell; an amount of uncertainty in one line, anything nested as words."""
    if value is None or isinstance(value, str | int | float | Shown):
        return value
    if isinstance(value, dict) and {"low", "mid", "high"} <= set(value):
        return f"{_short(value['mid'])} ({_short(value['low'])} to {_short(value['high'])})"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_short(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_short(part) for part in value) or "none"
    return str(value)


def _short(value: Any) -> str:
    from headwater.report.words import say

    cell = _cell(value)
    return say(cell).text
