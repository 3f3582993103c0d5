"""How a number is written: the one way from a cell to its text, for every format."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite, log10
from typing import TYPE_CHECKING

from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import Amount, Count, Estimate, Shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.domain.release import Cell
    from headwater.domain.uncertainty import Interval

UNKNOWN = "not known"
MINUS = "−"
PLAIN = ("year", "price_year", "seed", "draws", "grade", "level", "version")
"""Columns whose whole numbers are labels: written without thousands separators."""

UNIT_WORDS = {"contacts": "contacts", "days": "days", "people": "people", "months": "months", "years": "years"}


@dataclass(frozen=True, slots=True)
class Form:
    """How a number is written: words before and after it, its decimals, as a percentage or not, with separators or
    not."""

    digits: int = 0
    before: str = ""
    after: str = ""
    percent: bool = False
    grouped: bool = True

    def text(self, value: float) -> str:
        """The number as it is read; rounded half away from nought, as spreadsheets do."""
        rounded = _rounded(value * 100 if self.percent else value, self.digits)
        figures = f"{abs(rounded):,}" if self.grouped else f"{abs(rounded)}"
        return f"{MINUS if rounded < 0 else ''}{self.before}{figures}{'%' if self.percent else ''}{self.after}"

    @property
    def pattern(self) -> str:
        """The same as a spreadsheet's number format."""
        figures = ("#,##0" if self.grouped else "0") + ("." + "0" * self.digits if self.digits else "")
        tail = ("%" if self.percent else "") + _quoted(self.after)
        return f"{_quoted(self.before)}{figures}{tail};{_quoted(MINUS + self.before)}{figures}{tail}"


def _quoted(words: str) -> str:
    return f'"{words}"' if words else ""


@dataclass(frozen=True, slots=True)
class Said:
    """A cell as it is read. `value` and `form` are there for plain numbers only: text is what form makes of value."""

    text: str
    value: float | None = None
    form: Form | None = None

    @property
    def numeric(self) -> bool:
        return self.value is not None


def say(cell: Cell, column: str = "", digits: int | None = None) -> Said:
    """A cell in words; `digits` are the decimals of plain numbers where its column has settled them.

    Raises DisclosureBlock for a `Count`: only what disclosure control made of it may be shown.
    """
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
            return number(cell, _digits(cell) if digits is None else digits) if isfinite(cell) else Said(UNKNOWN)
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
    if hasattr(cell, "item"):
        return say(cell.item(), column, digits)
    raise TypeError(f"a cell cannot be a {type(cell).__name__}")


def number(value: float, digits: int, before: str = "", after: str = "") -> Said:
    """A number with thousands separators."""
    return _formed(value, Form(max(digits, 0), before, after))


def _formed(value: float, form: Form) -> Said:
    return Said(form.text(value), float(value), form)


def amount(value: float, unit: str, digits: int) -> Said:
    """One amount in its unit: £1,234, 12.5%, 3 contacts."""
    if not isfinite(value):
        return Said(UNKNOWN)
    if unit == "gbp":
        return number(value, digits, before="£")
    if unit == "share":
        return _formed(value, Form(max(digits - 2, 0), percent=True))
    return number(value, digits, after=f" {UNIT_WORDS[unit]}" if unit in UNIT_WORDS else "")


def estimate(cell: Estimate) -> str:
    """An estimate with its interval, never one without the other: £1,200 (95% interval £800 to £1,700)."""
    low, mid, high = (piece.text for piece in bounds(cell))
    if low == mid == high:
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


def _shown(cell: Shown) -> Said:
    """What disclosure control left of a count. Its text is the truth; the value is kept where it says the same."""
    if cell.value is None or not isfinite(cell.value):
        return Said(cell.text)
    said = number(cell.value, 0)
    return said if said.text == cell.text or f"{cell.value:.0f}" == cell.text else Said(cell.text)


def _whole(cell: int, column: str) -> Said:
    if column.lower().replace(" ", "_") in PLAIN:
        return _formed(cell, Form(grouped=False))
    return number(cell, 0)


def shared_digits(cells: Iterable[Cell]) -> int | None:
    """Decimals that all plain numbers of a column are written with: as many as they have, at most about four
    figures."""
    floats = [cell for cell in cells if isinstance(cell, float) and isfinite(cell)]
    if not floats:
        return None
    most = min(max(3 - int(log10(max(abs(value) for value in floats) or 1) // 1), 0), 3)
    return max(_decimals(value, most) for value in floats)


def _decimals(value: float, most: int) -> int:
    return next((digits for digits in range(most) if _rounded(value, digits) == _rounded(value, most)), most)


def _digits(value: float) -> int:
    """Decimals that leave about three figures: 1234 → 0, 12.3 → 1, 1.23 → 2, 0.123 → 3."""
    if value == 0 or value == int(value):
        return 0
    return min(max(2 - int(log10(abs(value)) // 1), 0), 4)


def chance(value: float) -> str:
    """A chance in percent; draws that all fall on one side make nothing certain."""
    return "over 99%" if value >= 0.995 else "under 1%" if value <= 0.005 else f"{value:.0%}"
