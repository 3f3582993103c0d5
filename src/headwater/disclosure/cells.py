"""The counts of a whole document as one system: which quantities there are, and which add up to which.

A count with a name is one quantity wherever it stands; one without is named by its place. A column with a total row, a
column that sums others, the parts of a count and the rest of a share are the sums that an attacker knows to hold.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import (
    Amount,
    Count,
    Curve,
    DataTable,
    Derived,
    Document,
    FigureData,
    Rate,
    Resting,
    Share,
    Shown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    See = Callable[[Any, str], Any]

Sum = tuple[str, tuple[str, ...]]
CELLS = (Count, Share, Rate, Derived, Curve, Resting)
AS_IT_IS = (str, int, float, bool, bytes)


@dataclass(slots=True)
class Cells:
    """Whole numbers by the name of their quantity, the sums that hold between them, and which are told at all.

    scope: the version of the data, without which one name would be two quantities after the next load.
    """

    scope: str = ""
    values: dict[str, int] = field(default_factory=dict)
    sums: set[Sum] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    exact: set[str] = field(default_factory=set)
    """Those told to the unit, whatever the rule rounds to, because something told is made of them."""

    def add(self, count: Count, place: str, *, told: bool) -> str:
        """Enter a count and its parts; the name of its quantity. One that is no whole number (a weighted one) stands
        alone."""
        name, value = f"{self.scope}|{count.name or place}", round(abs(count.n))
        if self.values.setdefault(name, value) != value:
            raise DisclosureBlock(
                "one quantity has two values in one document",
                given=f"{name}: {self.values[name]:,} and {value:,}",
                allowed="one value for one name",
            )
        if told:
            self.told.add(name)
        if count.parts:
            parts = tuple(self.add(part, f"{place}/{at}", told=False) for at, part in enumerate(count.parts))
            self.sums.add((name, parts))
        return name


def cells_of(content: Any, scope: str = "") -> Cells:
    """Every count of a document, an answer or a figure, with the sums between them; nothing is released yet."""
    found, root = Cells(scope), place_of(content)
    walked(content, root, lambda cell, place: _entered(found, cell, place))
    for table, place in _tables(content, root):
        _refuse_bare_counts(table)
        _table_sums(found, table, place)
    return found


def place_of(content: Any) -> str:
    """Where the counts of a content stand, as far as it has a name of its own."""
    return content.name if isinstance(content, Document | FigureData | DataTable) else ""


def _entered(found: Cells, cell: Any, place: str) -> Any:
    if isinstance(cell, Count):
        found.add(cell, place, told=True)
    elif isinstance(cell, Rate):
        found.add(cell.count, place, told=True)
    elif isinstance(cell, Share):
        part, whole = (
            found.add(one, f"{place}/{side}", told=True) for one, side in ((cell.part, "part"), (cell.whole, "whole"))
        )
        rest = found.add(Count(cell.whole.n - cell.part.n), f"{whole} but {part}", told=False)
        found.sums.add((whole, (part, rest)))
    elif isinstance(cell, Curve):
        found.exact |= {found.add(count, f"{place}/{at}", told=True) for at, count in enumerate(cell.of)}
    elif isinstance(cell, Derived | Resting):
        # Taken as told: a quantity that is never told is masked by nature, and whatever is reckoned from it would be
        # too.
        for at, count in enumerate(cell.of):
            found.add(count, f"{place}/{at}", told=True)
    return cell


def _table_sums(found: Cells, table: DataTable, place: str) -> None:
    """What the table's form says: a last row that sums the rows above it, a column that sums others."""
    named = {
        (row, at): f"{found.scope}|{cell.name or f'{place}.rows.{row}.{at}'}"
        for row, line in enumerate(table.rows)
        for at, cell in enumerate(line)
        if isinstance(cell, Count)
    }
    last = len(table.rows) - 1
    for (row, at), name in named.items():
        if table.totals_row and row == last:
            _sum(found, name, [named.get((one, at), "") for one in range(last)])
        for part in (table.adds.get(table.columns[at]),):
            if part:
                _sum(found, name, [named.get((row, table.columns.index(one)), "") for one in part])


def _sum(found: Cells, total: str, parts: list[str]) -> None:
    """A sum of which some parts are no counts here (a gap, a word) has a part that is never told."""
    known = tuple(name for name in parts if name)
    if len(known) < len(parts):
        gap = found.values[total] - sum(found.values[name] for name in known)
        known = (*known, found.add(Count(gap), f"{total}/gap", told=False))
    if known:
        found.sums.add((total, known))


def walked(value: Any, place: str, see: See) -> Any:
    """The same nest with every cell that is made of counts replaced by what `see` makes of it; `place` names where it
    stands."""
    if isinstance(value, CELLS):
        return see(value, place)
    if value is None or isinstance(value, AS_IT_IS):
        return value
    if isinstance(value, Enum):
        return value
    if isinstance(value, FigureData):
        return _figure(value, place, see)
    if isinstance(value, Amount | Shown):
        return see(value, place)
    if isinstance(value, Mapping):
        return {key: walked(part, f"{place}.{key}", see) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(walked(part, f"{place}.{at}", see) for at, part in enumerate(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {
            one.name: walked(getattr(value, one.name), f"{place}.{one.name}", see) for one in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **parts)
    return see(value, place)


def _figure(figure: FigureData, place: str, see: See) -> FigureData:
    """Columns named in `counts` hold bare numbers that count somebody; what is left of a cell is a number or
    nothing."""
    at = {figure.columns.index(name) for name in figure.counts}

    def seen(cell: Any, row: int, column: int) -> Any:
        counted = Count(cell) if column in at and _number(cell) else cell
        told = walked(counted, f"{place}.{figure.name}.{row}.{column}", see)
        return told.value if isinstance(told, Shown | Amount) else told

    rows = tuple(tuple(seen(cell, row, at) for at, cell in enumerate(line)) for row, line in enumerate(figure.rows))
    return dataclasses.replace(figure, rows=rows)


def _number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell


def _tables(value: Any, place: str) -> list[tuple[DataTable, str]]:
    if isinstance(value, DataTable):
        return [(value, place)]
    if isinstance(value, Mapping):
        return [one for key, part in value.items() for one in _tables(part, f"{place}.{key}")]
    if isinstance(value, list | tuple):
        return [one for at, part in enumerate(value) for one in _tables(part, f"{place}.{at}")]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [one for f in dataclasses.fields(value) for one in _tables(getattr(value, f.name), f"{place}.{f.name}")]
    return []


BARE = ("people", "persons", "contacts", "enrolled", "controls", "count", "counts", "patients")


def _refuse_bare_counts(table: DataTable) -> None:
    """A column that by its name counts somebody must hold `Count`s: a bare number there would slip past the rule."""
    for at, name in enumerate(table.columns):
        bare = [row[at] for row in table.rows if isinstance(row[at], int | float) and not isinstance(row[at], bool)]
        if bare and name.lower() in BARE:
            raise DisclosureBlock(
                f"the column {name!r} of table {table.name!r} holds bare numbers of people or contacts",
                allowed="Count values, which are masked and rounded",
                next_step="wrap its numbers in Count",
            )
