"""Which sheet of a workbook holds its rows, where a cover or a list of codes stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.sources.layouts import recognised
from headwater.sources.lines import start_of
from headwater.sources.sheets import hidden_of, is_workbook, sheets_of
from headwater.sources.suggest import first_batch, heading_row

if TYPE_CHECKING:
    from pathlib import Path


def sheet_of(file: Path) -> tuple[str, list[str]]:
    """The sheet to be read, '' for all that are alike or where there is one; and the sheets that are left.

    A sheet with a published layout's headings counts before any other, then the widest; sheets with the same headings
    are read together.
    """
    if not is_workbook(file, start_of(file, 8)):
        return "", []
    seen = [one for one in sheets_of(file) if one not in hidden_of(file)]
    if len(seen) < 2:
        return "", []
    headings = {one: tuple(found) for one in seen if (found := _headings(file, one))}
    if not headings:
        return "", []
    best = max(headings, key=lambda one: (recognised(headings[one]) is not None, len(headings[one])))
    alike = [one for one in headings if headings[one] == headings[best]]
    return best if len(alike) == 1 else "", [one for one in seen if one not in alike]


def _headings(file: Path, sheet: str) -> list[str]:
    """Of a sheet with rows under a heading."""
    try:
        return list(first_batch(file, heading_row(file, sheet), sheet=sheet).columns)
    except DataProblem:
        return []
