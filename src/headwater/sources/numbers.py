"""Numbers as strangers write them: brackets and trailing minus, currency, thousands and decimals whose marks a column
proves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

SHARED = ("contacts", "population", "exposure", "layer", "deprivation")
"""Whole numbers by what they count: a comma before three figures can only mark thousands."""
SUPPRESSED = (
    "*",
    "**",
    "c",
    "[c]",
    "x",
    "[x]",
    "z",
    "[z]",
    "[w]",
    "[low]",
    ":",
    "..",
    "-",
    "–",
    "—",
    "#",
    "supp",
    "suppressed",
    "(d)",
)
FEW = ("*", "**", "c", "[c]", "[low]", "#", "supp", "suppressed", "(d)")
"""Of these marks those that stand for a small number; the others say that there is none."""
BESIDE = r"([\d)%])\s*(?:\[(?:r|p|e|f|b|u|note \d+)\]|\((?:r|p|e)\))$"
"""Notes beside a number that stands: revised, provisional, estimated, forecast, a break in the series, unreliable (the
Government Analysis Function's shorthand for spreadsheets)."""
BELOW = r"^(?:<|&lt;|fewer than |less than |under )\s?(?P<most>\d+)$"
UP_TO = r"^(?:<=|≤|&lt;=|up to |at most )\s?(?P<most>\d+)$|^(?P<too>\d+) or (?:fewer|less)$"
RANGE = r"^(?P<least>\d+)\s?(?:-|–|—|to)\s?(?P<most>\d+)$"
SCALES = {"k": 1e3, "m": 1e6, "bn": 1e9}
PROOFS = (
    ("comma", r"^\d+,(\d{1,2}|\d{4,})$|^0+,\d+$|^\d{4,},\d+$|^\d{1,3}(\.\d{3})+,\d+$|^\d{1,3}(\.\d{3}){2,}$|^,\d+$"),
    ("point", r"^\d+\.(\d{1,2}|\d{4,})$|^0+\.\d+$|^\d{4,}\.\d+$|^\d{1,3}(,\d{3})+\.\d+$|^\d{1,3}(,\d{3}){2,}$|^\.\d+$"),
    ("either comma", r"^[1-9]\d{0,2},\d{3}$"),
    ("either point", r"^[1-9]\d{0,2}\.\d{3}$"),
    ("whole short", r"^\d{1,3}$"),
    ("whole long", r"^\d{4,}$"),
)
"""What a value proves about the decimal mark of its column, or leaves open."""


@dataclass
class NumberEvidence:
    """What the values of one column prove."""

    seen: Counter[str] = field(default_factory=Counter)

    def add(self, text: pa.StringArray) -> None:
        """text: trimmed, null where nothing is given; each value counts once a batch."""
        given = pc.unique(text.drop_null())
        bare = bared(given)[0]
        self.seen["pounds"] += _sum(pc.match_substring(given, "£"))
        for name, form in PROOFS:
            self.seen[name] += _sum(pc.match_substring_regex(bare, form))


@dataclass(frozen=True, slots=True)
class NumberReading:
    """decimal: the mark that a value without a proof of its own is read by; problem: why the column is refused."""

    decimal: str = "."
    problem: str = ""
    told: str = field(default="", compare=False)


def number_reading(found: NumberEvidence, name: str, decimal: str, whole: bool) -> NumberReading:
    """How a column of numbers is read, or why it is refused and what to write. whole: it counts things."""
    if decimal:
        return NumberReading(decimal, told=f"as decimal says: {decimal}")
    seen = found.seen
    open_comma, open_point = seen["either comma"], seen["either point"]
    doubt = NumberReading(
        problem=(
            f'{name}: no value says whether "1{"," if open_comma else "."}234" is a thousand or one and a bit: write'
            ' decimal = "." (or ",")'
        )
    )
    if seen["comma"] and seen["point"]:
        return doubt if open_comma or open_point else NumberReading("", told="each number by its own marks")
    if seen["comma"]:
        return NumberReading(",", told="decimal comma")
    if seen["point"]:
        return NumberReading(".", told="decimal point")
    if open_comma and open_point:
        return doubt
    if open_comma:
        regular = seen["whole short"] >= 5 and not seen["whole long"]
        return NumberReading(".", told="commas mark thousands") if whole or seen["pounds"] or regular else doubt
    return doubt if open_point else NumberReading()


def bared(text: pa.StringArray) -> tuple[pa.StringArray, Floats, Mask]:
    """Figures and their marks alone, the factor of sign and scale, and whether pounds are told."""
    low = pc.utf8_lower(pc.replace_substring_regex(text, r"^\s+|\s+$", ""))
    low = pc.replace_substring_regex(low, "[−–]", "-")
    low = pc.replace_substring_regex(low, BESIDE, r"\1")
    pounds = _array(pc.fill_null(pc.match_substring(low, "£"), False))
    low = pc.replace_substring_regex(low, r"[£\s\x{a0}\x{202f}'’]|gbp", "")
    negative = _array(pc.fill_null(pc.match_substring_regex(low, r"^\(.+\)$|^-|-$"), False))
    low = pc.replace_substring_regex(low, r"^\((.+)\)$", r"\1")
    low = pc.replace_substring_regex(low, r"^[+-]|-$", "")
    factor = np.where(negative, -1.0, 1.0)
    for word, size in SCALES.items():
        scaled = _array(pc.fill_null(pc.match_substring_regex(low, rf"\d{word}$"), False)) & pounds
        if scaled.any():
            factor = np.where(scaled, factor * size, factor)
            low = pc.if_else(pa.array(scaled), pc.replace_substring_regex(low, rf"{word}$", ""), low)
    return low, factor, pounds


def numbers(text: pa.StringArray, reading: NumberReading) -> tuple[Floats, Mask]:
    """float64[row], not-a-number where nothing is given or it is wrong; bool[row]: wrong."""
    if (fast := _plain(text)) is not None:
        return fast
    bare, factor, _ = bared(text)
    plain = _marked(bare, reading.decimal)
    fits = _array(pc.fill_null(pc.match_substring_regex(plain, r"^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$"), False))
    values = pc.if_else(pa.array(fits), plain, None).cast(pa.float64()).to_numpy(zero_copy_only=False) * factor
    return values, ~fits & _array(pc.is_valid(text))


def _plain(text: pa.StringArray) -> tuple[Floats, Mask] | None:
    """The quick way for a column of plain figures. Three figures after a point go the slow way: they may be
    thousands."""
    doubtful = pc.any(pc.match_substring_regex(text, r"[^\d.eE+-]|^\d{1,3}\.\d{3}$"), min_count=0).as_py()
    if doubtful:
        return None
    try:
        return text.cast(pa.float64()).to_numpy(zero_copy_only=False), np.zeros(len(text), dtype=bool)
    except pa.ArrowInvalid:
        return None


def _marked(bare: pa.StringArray, decimal: str) -> pa.StringArray:
    """With a decimal point and no thousands: by the value's own proof first, then by its column's; null where neither
    tells."""
    comma = _array(pc.fill_null(pc.match_substring_regex(bare, PROOFS[0][1]), False))
    point = _array(pc.fill_null(pc.match_substring_regex(bare, PROOFS[1][1]), False))
    by = np.where(comma, ",", np.where(point, ".", decimal))
    by_comma = pc.replace_substring(pc.replace_substring(bare, ".", ""), ",", ".")
    by_point = pc.replace_substring(bare, ",", "")
    grouped = _array(
        pc.fill_null(
            pc.match_substring_regex(
                bare, r"^\d+$|^\d+[.,]\d*$|^\d{1,3}(,\d{3})+(\.\d*)?$|^\d{1,3}(\.\d{3})+(,\d*)?$|^[.,]\d+$|e"
            ),
            False,
        )
    )
    settled = by != ""
    whole = _array(pc.fill_null(pc.match_substring_regex(bare, r"^\d+(e[+-]?\d+)?$"), False))
    picked = pc.if_else(pa.array(by == ","), by_comma, by_point)
    return pc.if_else(pa.array((settled | whole) & grouped), picked, None)


def suppressed(text: pa.StringArray) -> Mask:
    """bool[row]: marks that stand for a number too small, or too sensitive, to be told; never nought."""
    low = pc.utf8_lower(text)
    marks = [pc.match_substring_regex(low, form) for form in (BELOW, UP_TO, RANGE)]
    found = _array(pc.fill_null(pc.is_in(low, pa.array(SUPPRESSED)), False))
    for mark in marks:
        found |= _array(pc.fill_null(mark, False))
    return found


def few(text: pa.StringArray) -> Mask:
    """bool[row]: of the suppressed those that stand for a small number, told (<5, 1-4) or not (*)."""
    bare = _array(pc.fill_null(pc.is_in(pc.utf8_lower(text), pa.array(FEW)), False))
    return bare | _array(pc.is_valid(limits(text)[1]))


def limits(text: pa.StringArray) -> tuple[pa.StringArray, pa.StringArray]:
    """The least and the most that a mark says, as whole numbers in text; null where it does not say. What lies below
    five is four at most, and whether nought is among it only the other numbers of its table can tell."""
    low = pc.utf8_lower(text)
    below, up_to, ranged = (pc.extract_regex(low, form) for form in (BELOW, UP_TO, RANGE))
    under = pc.subtract(_figure(below, "most").cast(pa.int64()), 1).cast(pa.string())
    most = pc.coalesce(under, _figure(up_to, "most"), _figure(up_to, "too"), _figure(ranged, "most"))
    nought = pc.if_else(pc.is_valid(up_to), "0", pa.scalar(None, pa.string()))
    return pc.coalesce(_figure(ranged, "least"), nought), most


def _figure(found: pa.StructArray, name: str) -> pa.StringArray:
    """The named part; null where the form did not match or the part is empty."""
    part = pc.if_else(pc.is_valid(found), pc.struct_field(found, name), pa.scalar(None, pa.string()))
    return pc.if_else(pc.equal(part, ""), pa.scalar(None, pa.string()), part)


def _sum(mask: Any) -> int:
    return int(pc.sum(mask).as_py() or 0)


def _array(mask: Any) -> Mask:
    found: Mask = mask.to_numpy(zero_copy_only=False).astype(bool)
    return found
