"""Every table and the numbers behind every figure as CSV: what a page shows, and nothing that it does not."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from headwater.domain.release import Shown
from headwater.web.asking import Missing, Typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from headwater.web.asking import Ask

LOOKS: Mapping[str, tuple[str, ...]] = {
    "partners": ("options", "needs", "alike"),
    "why": ("reasons",),
    "evaluation": ("outcomes", "checks"),
    "worth": ("bearers", "payers", "prices", "assumptions"),
    "plan": (),
    "risks": ("risks",),
    "pool": ("sites",),
    "ledger": ("lots", "claims"),
    "warnings": ("indicators",),
    "check": ("files",),
    "loaded": ("files",),
    "look": ("services", "shared", "journeys", "coverage", "months"),
    "progress": ("collaborations",),
}
"""Answer → the lists of rows that may be taken from it; its figures may be taken too."""


def show(ask: Ask) -> Typed:
    """?look=evaluation&about=ID and either figure=NAME or table=KEY."""
    look, about, figure, table = (ask.given.get(name, "") for name in ("look", "about", "figure", "table"))
    answer = ask.look(look, about) if look in LOOKS else None
    if answer is None:
        raise _missing(look)
    if figure:
        found = next((one.content for one in answer.figures if one.content.name == figure), None)
        if found is None:
            raise _missing(figure)
        return Typed(f"{figure}.csv", _text(found.columns, found.rows))
    if table not in LOOKS[look]:
        raise _missing(table)
    rows = [dict(_flat(row)) for row in answer.content.get(table) or ()]
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    name = "-".join(part for part in (about.replace("\n", "-"), table) if part)
    return Typed(f"{name}.csv", _text(columns, ([row.get(one) for one in columns] for row in rows)))


def _missing(what: str) -> Missing:
    return Missing("there is no such table", given=repr(what[:60]), next_step="follow a link Download as CSV")


def _flat(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Nested parts by their path: net_gbp_per_year.low; a list of words in one cell, a list of rows as their number."""
    for key, value in row.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list | tuple):
            yield name, len(value) if any(isinstance(one, dict) for one in value) else "; ".join(map(str, value))
        else:
            yield name, value


def _text(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    """A masked count as its mask; words that a spreadsheet would take for a formula carry a quote mark before them."""
    if isinstance(value, Shown):
        return value.text if value.value is None else value.value
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
