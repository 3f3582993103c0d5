"""How a number is written: the one way from a cell to its text, for every format."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite, log10
from typing import TYPE_CHECKING

from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import Amount, Count, Estimate, Shown

if TYPE_CHECKING:
    from headwater.domain.release import Cell
    from headwater.domain.uncertainty import Interval

UNKNOWN = "not known"
MINUS = "−"
PLAIN = ("year", "price_year", "seed", "draws", "grade", "level", "version")
"""Columns whose whole numbers are labels: written without thousands separators."""

UNIT_WORDS = {"contacts": "contacts", "days": "days", "people": "people", "months": "months", "years": "years"}


@dataclass(frozen=True, slots=True)
class Said:
    """A cell as it is read. `value` and `pattern` (a spreadsheet number format) are there for plain numbers only."""

    text: str
    value: float | None = None
    pattern: str = ""

    @property
    def numeric(self) -> bool:
        return self.value is not None


def say(cell: Cell, column: str = "") -> Said:
    """A cell in words. Raises DisclosureBlock for a `Count`: only what disclosure control made of it may be shown."""
    match cell:
        case None:
            return Said(UNKNOWN)
        case str():
            return Said(cell)
        case bool():
            return Said("yes" if cell else "no")
        case int():
            return _whole(cell, column)
        case float():
            return number(cell, _digits(cell)) if isfinite(cell) else Said(UNKNOWN)
        case Shown():
            return _shown(cell)
        case Amount():
            return amount(cell.value, cell.unit, cell.digits)
        case Estimate():
            return Said(estimate(cell))
        case Count():
            raise DisclosureBlock(
                "A count reached a page without passing disclosure control.",
                given=f"a count of {cell.of}",
                allowed="content that disclosure control released",
                next_step="release the document first",
            )
    raise TypeError(f"a cell cannot be a {type(cell).__name__}")


def number(value: float, digits: int, before: str = "", after: str = "") -> Said:
    """A number with thousands separators, rounded half away from nought, as spreadsheets do."""
    places = "0" if digits <= 0 else "0." + "0" * digits
    text = f"{abs(_rounded(value, digits)):,}"
    sign = MINUS if _rounded(value, digits) < 0 else ""
    head, tail = (f'"{words}"' if words else "" for words in (before, after))
    shape = f"{head}#,##{places}{tail}"
    return Said(f"{sign}{before}{text}{after}", float(value), f'{shape};"{MINUS}"{shape}')


def amount(value: float, unit: str, digits: int) -> Said:
    """One amount in its unit: £1,234, 12.5%, 3 contacts."""
    if not isfinite(value):
        return Said(UNKNOWN)
    if unit == "gbp":
        return number(value, digits, before="£")
    if unit == "share":
        return _share(value, max(digits - 2, 0))
    return number(value, digits, after=f" {UNIT_WORDS[unit]}" if unit in UNIT_WORDS else "")


def estimate(cell: Estimate) -> str:
    """An estimate with its interval, never one without the other: £1,200 (95% interval £800 to £1,700)."""
    low, mid, high = (piece.text for piece in bounds(cell))
    if cell.interval.low == cell.interval.high:
        return mid
    return f"{mid} ({_percent(cell.interval.level)}% interval {low} to {high})"


def bounds(cell: Estimate) -> tuple[Said, Said, Said]:
    """Low, mid and high of an estimate, all rounded alike: to three figures of the widest bound."""
    interval = cell.interval
    digits = _estimate_digits(interval, cell)
    return tuple(amount(_steps(value, digits), cell.unit, max(digits, 0)) for value in _ends(interval))  # type: ignore[return-value]


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.low, interval.mid, interval.high


def _estimate_digits(interval: Interval, cell: Estimate) -> int:
    """Decimals to show; negative for tens, hundreds, ... Ratios and shares keep the digits asked for."""
    if cell.unit in ("ratio", "share"):
        return cell.digits
    largest = max(abs(value) for value in _ends(interval))
    figures = 3 - 1 - int(log10(largest)) if largest >= 1 else cell.digits
    return min(figures, 0 if cell.unit == "gbp" and largest >= 10 else cell.digits)


def _steps(value: float, digits: int) -> float:
    return float(_rounded(value, digits)) if digits < 0 else value


def _rounded(value: float, digits: int) -> Decimal:
    step = Decimal(1).scaleb(-digits)
    return Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP) if digits >= 0 else _tens(value, step)


def _tens(value: float, step: Decimal) -> Decimal:
    return (Decimal(repr(float(value))) / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def _percent(share: float) -> str:
    return f"{_rounded(share * 100, 1):f}".rstrip("0").rstrip(".")


def _share(value: float, digits: int) -> Said:
    text = f"{abs(_rounded(value * 100, digits)):,}"
    sign = MINUS if _rounded(value * 100, digits) < 0 else ""
    places = "0" if digits <= 0 else "0." + "0" * digits
    return Said(f"{sign}{text}%", float(value), f'{places}%;"{MINUS}"{places}%')


def _shown(cell: Shown) -> Said:
    """What disclosure control left of a count. Its text is the truth; the value is kept where it says the same."""
    if cell.value is None or not isfinite(cell.value):
        return Said(cell.text)
    said = number(cell.value, 0)
    return said if said.text == cell.text or f"{cell.value:.0f}" == cell.text else Said(cell.text)


def _whole(cell: int, column: str) -> Said:
    if column.lower().replace(" ", "_") in PLAIN:
        return Said(str(cell).replace("-", MINUS), float(cell), "0")
    return number(cell, 0)


def _digits(value: float) -> int:
    """Decimals that leave about three figures: 1234 → 0, 12.3 → 1, 1.23 → 2, 0.123 → 3."""
    if value == 0 or value == int(value):
        return 0
    return min(max(2 - int(log10(abs(value)) // 1), 0), 4)
