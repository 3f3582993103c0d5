"""The only way out: content in, `Released` content out, with every count masked or rounded by the workspace's rule.

Nothing else makes a `Seal` (a house test holds this), and renderers take nothing but `Released`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from headwater.disclosure.protect import masked
from headwater.disclosure.rules import MASK, Rule, rule_named
from headwater.domain.errors import DisclosureBlock
from headwater.domain.figures import FigureData
from headwater.domain.release import Amount, Count, DataTable, Released, Seal, Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.release import Cell
    from headwater.domain.workspace import DisclosureSettings

T = TypeVar("T")


def release(content: T, settings: DisclosureSettings) -> Released[T]:
    """What may leave of a document, a figure or any nest of dicts, lists and frozen values.

    Counts become `Shown`; tables of counts with totals are masked so that none can be reckoned; sums of money that one or
    two contributors dominate become `Shown` masks; columns of a figure named in its `counts` are rounded or blanked.
    """
    rule = rule_named(settings.rule)
    passed = _passed(content, rule, settings.secondary)
    return Released(passed, Seal(rule.name, settings.purpose, settings.role, digest(passed)))


def digest(content: Any) -> str:
    """The hash of what was released, the same for the same content."""
    return hashlib.sha256(json.dumps(_plain(content), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def verify(released: Released[Any]) -> bool:
    """Whether the content is still what the seal was put on."""
    return digest(released.content) == released.seal.content_sha256


def _passed(value: Any, rule: Rule, secondary: bool) -> Any:
    if isinstance(value, Count):
        return rule.shown(value.n)
    if isinstance(value, Amount):
        return Shown(MASK, None) if rule.hides(value.parts) else value
    if isinstance(value, DataTable):
        return _table(value, rule, secondary)
    if isinstance(value, FigureData):
        return _figure(value, rule)
    if isinstance(value, np.ndarray):
        raise DisclosureBlock(
            "raw draws are not released", given="an array", next_step="release their interval instead"
        )
    if isinstance(value, Enum) or value is None or isinstance(value, str | int | float | bool | Shown):
        return value
    if isinstance(value, Mapping):
        return {key: _passed(part, rule, secondary) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_passed(part, rule, secondary) for part in value)
    if dataclasses.is_dataclass(value):
        fields = {
            field.name: _passed(getattr(value, field.name), rule, secondary) for field in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **fields)  # type: ignore[type-var]
    raise DisclosureBlock(
        "this cannot be released", given=type(value).__name__, allowed="documents, figures, plain answers"
    )


def _table(table: DataTable, rule: Rule, secondary: bool) -> DataTable:
    """Columns of counts are protected together when the table has totals, and cell by cell when it has none."""
    _refuse_bare_counts(table)
    columns = [at for at in range(len(table.columns)) if any(isinstance(row[at], Count) for row in table.rows)]
    hidden = _hidden(table, columns, rule) if secondary and table.totals_row and columns else frozenset()
    rows = tuple(
        tuple(Shown(MASK, None) if (r, c) in hidden else _passed(cell, rule, secondary) for c, cell in enumerate(row))
        for r, row in enumerate(table.rows)
    )
    return dataclasses.replace(table, rows=rows)


def _hidden(table: DataTable, columns: Sequence[int], rule: Rule) -> frozenset[tuple[int, int]]:
    """Cells to mask, each column of counts with its total in the last row; rows with a gap are left to the rule alone."""
    found: set[tuple[int, int]] = set()
    for column in columns:
        cells = [(row, cell) for row in range(len(table.rows)) if isinstance(cell := table.rows[row][column], Count)]
        hidden = masked(np.array([[cell.n] for _, cell in cells]), rule, totals=True)
        found |= {(row, column) for (row, _), mask in zip(cells, hidden[:, 0], strict=True) if mask}
    return frozenset(found)


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


def _figure(figure: FigureData, rule: Rule) -> FigureData:
    at = {figure.columns.index(name) for name in figure.counts}
    rows = tuple(
        tuple(_dot(cell, rule) if column in at else cell for column, cell in enumerate(row)) for row in figure.rows
    )
    return dataclasses.replace(figure, rows=rows)


def _dot(cell: Cell, rule: Rule) -> float | None:
    return rule.shown(cell).value if isinstance(cell, int | float) else None


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            "$": type(value).__name__,
            **{f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)},
        }
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
