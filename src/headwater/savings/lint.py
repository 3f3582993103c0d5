"""The price linter: what is odd about a price table, before anybody multiplies by it. Pure: rows in, warnings out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING

from headwater.domain.money import Perspective
from headwater.savings.deflator import factor
from headwater.savings.tables import versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from headwater.savings.tables import PriceRow

STALE_YEARS = 5
TENFOLD = 4.5
"""Further than this from its neighbours is called a slip of the decimal point: a tenfold slip of any price within a
factor 2.2 of them is found, while true differences of case mix (an ambulance call answered by telephone costs 1/4.4 of
the average one) are not."""
CONFLICT = 1.5
"""Two sources further apart than this on the same thing are in conflict: said, but no alarm."""
BEARERS_NOT_FISCAL = {"society", "several"}
MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class PriceWarning:
    """Something odd. `alarm` is false for what a reader should know but need not mend."""

    code: str
    check: str
    text: str
    alarm: bool = True


def lint(rows: Sequence[PriceRow], price_year: int) -> tuple[PriceWarning, ...]:
    """Everything the checks find in these rows, in the rows' order by check."""
    return tuple(warning for check in CHECKS for warning in check(rows, price_year))


def arithmetic(rows: Sequence[PriceRow], price_year: int) -> Iterator[PriceWarning]:
    """A price that is not the total over the activity it says it was divided from."""
    for row in rows:
        if row.activity and row.total_gbp is not None:
            should = row.total_gbp / row.activity
            if abs(row.price.gbp - should) > max(0.006, 0.002 * should):
                yield _warn(
                    row,
                    "arithmetic",
                    f"{row.price.gbp:,.2f} is not {row.total_gbp:,.0f} / {row.activity:,.0f} = {should:,.2f}",
                )


def magnitude(rows: Sequence[PriceRow], price_year: int) -> Iterator[PriceWarning]:
    """A price far from the others of its kind, unit and perspective: a decimal point that slipped."""
    for row in rows:
        if row.activity and row.total_gbp is not None:  # its own arithmetic judges it better than its neighbours
            continue
        near = [
            _gbp(other, price_year) for other in _alike(row, rows) if other is not row and "all" in (row.mix, other.mix)
        ]
        if near and not median(near) / TENFOLD <= _gbp(row, price_year) <= median(near) * TENFOLD:
            yield _warn(
                row,
                "order of magnitude",
                f"{_gbp(row, price_year):,.2f} a {row.price.unit}, while others are near {median(near):,.2f}",
            )


UNIT_GBP: dict[str, tuple[float, float]] = {
    "hour": (8, 400),
    "consultation": (5, 400),
    "visit": (5, 1_000),
    "contact": (5, 2_500),
    "attendance": (10, 2_500),
    "day": (20, 5_000),
    "bed-day": (20, 5_000),
    "week": (40, 9_000),
    "month": (100, 30_000),
    "year": (50, 400_000),
    "application": (50, 50_000),
    "process": (20, 20_000),
    "assessment": (20, 20_000),
}
"""What one of a unit can cost, in pounds of the book's year: below and above it a decimal point was lost. Four times
outside the dearest and the cheapest of the sort that the sources print."""


def magnitude_of_unit(rows: Sequence[PriceRow], price_year: int) -> Iterator[PriceWarning]:
    """A price that no unit of its sort costs, whatever its neighbours: it may have none."""
    for row in rows:
        low, high = UNIT_GBP.get(row.price.unit, (0.0, float("inf")))
        gbp = _gbp(row, price_year)
        if row.price.perspective is Perspective.FISCAL and gbp and not low <= gbp <= high:
            yield _warn(
                row, "magnitude of the unit", f"{gbp:,.2f} a {row.price.unit}, which costs £{low:,.0f} to £{high:,.0f}"
            )


def unit(rows: Sequence[PriceRow], price_year: int) -> Iterator[PriceWarning]:
    """A price of one thing in another unit than the rest of its kind: an hour among contacts."""
    for row in rows:
        others = [other.price.unit for other in rows if other is not row and other.price.kind == row.price.kind]
        if others and row.price.unit not in others:
            yield _warn(
                row,
                "unit",
                f"is per {row.price.unit}, while {row.price.kind} is priced per {' or '.join(sorted(set(others)))}",
            )


def stale(rows: Sequence[PriceRow], price_year: int) -> Iterator[PriceWarning]:
    """A price year outside its edition, after the book's, or more than five years before it."""
    for row in rows:
        version, year = versions().get(row.version), row.price.price_year
        if version and not version.first_year <= year <= version.last_year:
            yield _warn(
                row,
                "price year",
                f"{year}, but the edition gives prices of {version.first_year} to {version.last_year}",
            )
        elif year > price_year and not row.version:
            yield _warn(row, "price year", f"{year} lies after the book's {price_year}")
        elif price_year - year > STALE_YEARS:
            why = version.old_because if version else ""
            text = f"prices of {year}, {price_year - year} years old{f' ({why})' if why else ''}"
            yield _warn(row, "stale price year", text, alarm=not why)


def perspective(rows: Sequence[PriceRow], price_year: int) -> Iterator[PriceWarning]:
    """Costs to society passed off as a budget's, or one figure under two perspectives."""
    for row in rows:
        if row.price.perspective is Perspective.FISCAL and row.price.bearer in BEARERS_NOT_FISCAL:
            yield _warn(row, "perspective", f"is called fiscal but borne by {row.price.bearer}, which is no budget")
        for other in rows:
            if other.price.perspective is not row.price.perspective and _same_figure(row, other) and not row.version:
                yield _warn(
                    row,
                    "perspective",
                    f"is the {other.price.perspective} figure {other.price.code}, not a {row.price.perspective} one",
                )


def nested(rows: Sequence[PriceRow], price_year: int) -> Iterator[PriceWarning]:
    """A whole and its parts: parts that add up to more than the whole, or that nobody declared as its parts."""
    for row in rows:
        parts = [other for other in rows if other.price.parent == row.price.code]
        total = sum(_gbp(part, price_year) for part in parts)
        if parts and total > _gbp(row, price_year) * 1.01:
            yield _warn(
                row, "nested", f"its parts add up to {total:,.2f}, more than the whole {_gbp(row, price_year):,.2f}"
            )
        if undeclared := _undeclared_parts(row, rows):
            codes = " + ".join(part.price.code for part in undeclared)
            yield _warn(row, "nested", f"equals {codes}: counting both counts twice; name it as their parent")
        if row.price.parent and row.price.parent not in {other.price.code for other in rows}:
            yield _warn(row, "nested", f"is part of {row.price.parent}, which no table holds")
        if row.own and any(other.own and other.price.code == row.price.parent for other in rows):
            yield _warn(row, "nested", f"is used beside {row.price.parent}, of which it is a part: counted twice")


def conflict(rows: Sequence[PriceRow], price_year: int) -> Iterator[PriceWarning]:
    """Two sources that disagree on the same thing. Said, and no alarm: somebody has to choose."""
    for row, other in combinations(rows, 2):
        if row.mix == other.mix and row.price.source != other.price.source and other in _alike(row, (other,)):
            low, high = sorted((_gbp(row, price_year), _gbp(other, price_year)))
            if high > CONFLICT * low:
                yield _warn(
                    row,
                    "conflict",
                    f"{other.price.code} says {_gbp(other, price_year):,.2f} of the same thing, not"
                    f" {_gbp(row, price_year):,.2f}",
                    alarm=False,
                )


def control_totals(rows: Sequence[PriceRow], price_year: int) -> Iterator[PriceWarning]:
    """A shipped table that no longer adds up to what its version row says: a line lost, added or mistyped."""
    for version in versions().values():
        mine = [row for row in rows if row.version == version.version]
        total = sum(row.price.gbp for row in mine)
        if mine and (len(mine) != version.rows or abs(total - version.control_gbp) > 0.005):
            text = (
                f"{len(mine)} prices adding to {total:,.2f}, but {version.rows} adding to {version.control_gbp:,.2f}"
                " were shipped"
            )
            yield PriceWarning(version.version, "control total", text)


CHECKS: tuple[Callable[[Sequence[PriceRow], int], Iterable[PriceWarning]], ...] = (
    control_totals,
    arithmetic,
    magnitude,
    magnitude_of_unit,
    unit,
    stale,
    perspective,
    nested,
    conflict,
)


def _warn(row: PriceRow, check: str, text: str, *, alarm: bool = True) -> PriceWarning:
    return PriceWarning(row.price.code, check, f"{row.price.code} ({row.table}, row {row.row}): {text}", alarm)


def _gbp(row: PriceRow, price_year: int) -> float:
    return row.price.gbp * factor(row.price.price_year, price_year)


def _alike(row: PriceRow, rows: Iterable[PriceRow]) -> list[PriceRow]:
    key = (row.price.kind, row.price.unit, row.price.perspective)
    return [other for other in rows if (other.price.kind, other.price.unit, other.price.perspective) == key]


def _same_figure(row: PriceRow, other: PriceRow) -> bool:
    if row.price.kind != other.price.kind or row.price.price_year != other.price.price_year:
        return False
    return abs(row.price.gbp - other.price.gbp) <= 0.01 * other.price.gbp


def _undeclared_parts(row: PriceRow, rows: Sequence[PriceRow]) -> tuple[PriceRow, ...]:
    """Some of the rows of the same kind, source and year whose sum is this price, if nobody has said so."""
    group = [
        other
        for other in _alike(row, rows)
        if other is not row
        and other.price.price_year == row.price.price_year
        and other.price.source == row.price.source
    ][:MOST_PARTS]
    for size in range(2, len(group) + 1):
        for parts in combinations(group, size):
            adds_up = abs(sum(part.price.gbp for part in parts) - row.price.gbp) <= 0.005 * row.price.gbp
            if adds_up and any(part.price.parent != row.price.code for part in parts):
                return parts
    return ()
