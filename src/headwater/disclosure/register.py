"""What left before: every released table of counts, so that the next one is audited against all of them together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.disclosure.audit import Equation, intervals, known_exactly
from headwater.disclosure.rules import rule_named
from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import Count, DataTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from headwater.disclosure.rules import Rule
    from headwater.domain.release import Document


def sums_of(document: Document, data: str) -> dict[tuple[str, ...], float]:
    """Every count of a document's tables as a sum of cells: a total row sums the rows above it. Not yet released.

    Cells are named by the version of the data, the table, the row and the column, so that the same figure released twice is one.
    """
    found: dict[tuple[str, ...], float] = {}
    for block in (*document.board, *document.appendix):
        if isinstance(block, DataTable):
            found |= _table_sums(block, f"{data}|{document.name}|{block.name}")
    return found


def _table_sums(table: DataTable, prefix: str) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    last = len(table.rows) - 1
    for at, column in enumerate(table.columns):
        cells = [(row, cell.n) for row, line in enumerate(table.rows) if isinstance(cell := line[at], Count)]
        names = {row: f"{prefix}|{row}|{column}" for row, _ in cells}
        for row, count in cells:
            parts = (
                tuple(names[other] for other, _ in cells if other != row)
                if table.totals_row and row == last
                else (names[row],)
            )
            found[parts] = count
    return found


def told(sums: Mapping[tuple[str, ...], float], rule: Rule) -> list[Equation]:
    """What a release tells: for each shown sum of cells, the range its rounding leaves. Masked sums tell nothing."""
    found = []
    for cells, count in sums.items():
        shown = rule.shown(count).value
        if shown is None:
            continue
        exact = rule.base == 1 or shown == 0
        reach = 0.0 if exact else rule.base / 2
        found.append(Equation(tuple(sorted(cells)), shown - reach, shown + reach))
    return found


def audit(
    register: Path, name: str, sums: Mapping[tuple[str, ...], float], rule_name: str, *, at: str = ""
) -> tuple[str, ...]:
    """Add a release of sums of cells to the register, unless together with earlier ones it gives a small cell away.

    sums: the cells that each shown number adds up → its true count; a cell is one finest group ("area-01|female|80+").
    Returns the small cells that stay hidden. What is in the register already, to the letter, is audited and not entered
    again, so a report made twice, or by a run that was cut off, leaves the same register. Raises DisclosureBlock, and
    writes nothing, when a small cell would be exactly known.
    """
    rule = rule_named(rule_name)
    equations = [*_before(register), *told(sums, rule)]
    small = sorted({cell for cells, count in sums.items() for cell in cells if len(cells) == 1 and rule.masks(count)})
    small += [cell for cell in _small_before(register) if cell not in small]
    found = intervals(equations, small)
    given_away = [cell for cell in small if known_exactly(found[cell])]
    if given_away:
        raise DisclosureBlock(
            f"with what left before, {len(given_away)} masked figure(s) could be reckoned exactly",
            given=name,
            allowed="releases from which no masked figure can be reckoned",
            next_step="release the same groups as before, or coarser ones; the register is releases/register.jsonl",
        )
    entry = {"release": name, "at": at, "rule": rule.name, "small": small, "told": [_line(e) for e in told(sums, rule)]}
    if not any(_same(entry, before) for before in _entries(register)):
        _append(register, entry)
    return tuple(small)


def _same(entry: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether two entries tell the same; which cells were small before does not matter, for all of them stay hidden."""
    return all(entry[part] == before[part] for part in ("release", "rule", "told"))


def _before(register: Path) -> list[Equation]:
    return [
        Equation(tuple(one["cells"]), one["low"], one["high"]) for entry in _entries(register) for one in entry["told"]
    ]


def _small_before(register: Path) -> list[str]:
    return sorted({cell for entry in _entries(register) for cell in entry["small"]})


def _entries(register: Path) -> Sequence[dict[str, Any]]:
    if not register.exists():
        return ()
    return [json.loads(line) for line in register.read_text(encoding="utf-8").splitlines() if line]


def _line(equation: Equation) -> dict[str, Any]:
    high = equation.high if np.isfinite(equation.high) else None
    return {"cells": list(equation.cells), "low": equation.low, "high": high}


def _append(register: Path, entry: dict[str, Any]) -> None:
    """Written beside and renamed: a register cut off in the middle of a line would forget what had left."""
    register.parent.mkdir(parents=True, exist_ok=True)
    before = register.read_text(encoding="utf-8") if register.exists() else ""
    beside = register.with_name(f".{register.name}.writing")
    beside.write_text(before + json.dumps(entry, sort_keys=True) + "\n", encoding="utf-8")
    beside.replace(register)
