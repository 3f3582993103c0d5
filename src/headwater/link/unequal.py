"""Whose records are linked less well: each group against the others at the same agencies.

A plain rate would cry wolf. Practices know everybody, so a practice's record stays alone wherever nobody else knows the
person, and the young, whom few know, would be called under-linked in every place. So groups are compared within an
agency, and only agencies tell whose records nearly always join another: there, staying alone means that a link is
missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP, SIGMAS = 0.05, 4.0
"""A group is under-linked where its rate is five points under the others' and chance (four standard errors) does not
explain it."""
TELLS = 0.8
"""An agency tells where so large a share of the others' records join another; where none does, all are asked and it is
said."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A group's records at one agency: how many, and how many of them join another record of their person."""

    by: str
    group: str
    agency: str
    records: int
    linked: float
    numbered: float = 0.0


@dataclass(frozen=True, slots=True)
class _Against:
    """A group's records at an agency beside everybody else's there. expected: the others' rate."""

    records: int
    linked: float
    expected: float
    others: int

    @property
    def variance(self) -> float:
        """Of the group's number of joined records less the expected one, by chance."""
        chance = self.expected * (1 - self.expected)
        return self.records * chance * (1 + self.records / self.others)


def under_linked(cells: Sequence[Cell]) -> tuple[str, ...]:
    """A sentence for each group whose records join another far less often than the others' at the same agencies."""
    wholes = sorted({(cell.by, cell.group) for cell in cells}, key=lambda whole: (whole[0], natural(whole[1])))
    return tuple(said for by, group in wholes if (said := _said(by, group, cells)))


def _said(by: str, group: str, cells: Sequence[Cell]) -> str:
    sides = [_against(one, cells) for one in cells if (one.by, one.group) == (by, group)]
    known = [side for side in sides if side is not None]
    telling = [side for side in known if side.expected >= TELLS]
    gap, error, rate, theirs = _gap(telling or known)
    if gap <= max(GAP, SIGMAS * error):
        return ""
    may = "" if telling else " (or fewer agencies know them)"
    return f"{by} {group}: {rate:.0%} of records join another, {theirs:.0%} of the others' at the same agencies{may}"


def _against(one: Cell, cells: Iterable[Cell]) -> _Against | None:
    others = [cell for cell in cells if (cell.by, cell.agency) == (one.by, one.agency) and cell.group != one.group]
    count = sum(cell.records for cell in others)
    return _Against(one.records, one.linked, sum(cell.linked for cell in others) / count, count) if count else None


def _gap(sides: Sequence[_Against]) -> tuple[float, float, float, float]:
    """The gap, its standard error by chance, the group's rate and the one expected of it."""
    records = sum(side.records for side in sides)
    if not records:
        return 0.0, 0.0, 0.0, 0.0
    rate = sum(side.linked for side in sides) / records
    theirs = sum(side.expected * side.records for side in sides) / records
    return theirs - rate, float(sum(side.variance for side in sides)) ** 0.5 / records, rate, theirs


def natural(group: str) -> tuple[bool, int, str]:
    """A key that puts numbers first, as numbers."""
    return not group.isdigit(), int(group) if group.isdigit() else 0, group
