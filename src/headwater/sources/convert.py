"""From text to the declared types, a whole column at a time, with the rows that do not fit and why.

Every function takes and gives Arrow arrays of one length; reasons are boolean masks, so that no row is looked at singly
unless it is quarantined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.sources.numbers import NumberReading, numbers, suppressed
from headwater.sources.times import PRECISIONS, TimeReading, begun, formatted, moments

if TYPE_CHECKING:
    from headwater.domain.tables import Column

EARLIEST, LATEST = np.datetime64("1900-01-01", "us"), np.datetime64("2100-01-01", "us")
Mask = np.ndarray[Any, np.dtype[np.bool_]]
SUPPRESSED = "suppressed by who gave it: too small to be told, and not missing at random"
UNSAID = "a mark where a number should be, and nobody said what it stands for"


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """values: the declared Arrow type; wrong: bool[row]; precision: text, for timestamps only; hidden: bool[row],
    suppressed."""

    values: pa.Array
    wrong: Mask
    reason: str
    precision: pa.Array | None = None
    hidden: Mask | None = None


def convert(
    text: pa.StringArray, column: Column, reading: TimeReading | NumberReading | None = None, date_format: str = ""
) -> Converted:
    """text: trimmed, null where nothing is given; reading: how its whole column is read; date_format: the user's own,
    strptime's."""
    if column.type in {"date", "timestamp"}:
        return _times(text, column, reading if isinstance(reading, TimeReading) else TimeReading(), date_format)
    if column.type in {"number", "integer"}:
        return _numbers(text, column, reading if isinstance(reading, NumberReading) else NumberReading())
    return _words(text) if column.type == "text" else _flags(text)


def _words(text: pa.StringArray) -> Converted:
    return Converted(text, np.zeros(len(text), dtype=bool), "")


def _numbers(text: pa.StringArray, column: Column, reading: NumberReading) -> Converted:
    values, wrong = numbers(text, reading)
    hidden = suppressed(text)
    whole = column.type == "integer"
    parts = whole & ~wrong & ~np.isnan(values) & ((values % 1 != 0) | (np.abs(values) > 2**53))
    bad = wrong | parts
    kind = pa.int64() if whole else pa.float64()
    made = pa.array(np.where(bad, np.nan, values), pa.float64(), from_pandas=True).cast(kind)
    return Converted(made, bad & ~hidden, f"wrong type: not a {'whole ' * whole}number", None, hidden & bad)


def _flags(text: pa.StringArray) -> Converted:
    lower = pc.utf8_lower(text)
    yes = pc.is_in(lower, pa.array(["true", "1", "yes", "y", "t"]))
    no = pc.is_in(lower, pa.array(["false", "0", "no", "n", "f"]))
    known = pc.or_(pc.or_(yes, no), pc.is_null(text))
    return Converted(pc.if_else(pc.is_null(text), None, yes), ~_array(known), "wrong type: neither yes nor no")


def _times(text: pa.StringArray, column: Column, reading: TimeReading, date_format: str) -> Converted:
    found, precision = formatted(text, date_format) if "%" in date_format else moments(text, reading)
    found = begun(found, precision, reading.ending) if "%" in date_format else found
    sound = (found >= EARLIEST) & (found < LATEST)
    wrong = ~sound & _array(pc.is_valid(text))
    values = pa.array(found, pa.timestamp("us"), mask=~sound)
    given = pa.array(PRECISIONS).take(pa.array(precision, mask=~sound))
    if column.type == "date":
        values = values.cast(pa.timestamp("s"), safe=False).cast(pa.date32(), safe=False)
    return Converted(values, wrong, "impossible date", given)


def nhs_sound(text: pa.StringArray) -> Mask:
    """bool[row]: ten digits whose tenth is 11 less the weighted sum of the others modulo 11 (NHS Data Dictionary); null
    is sound."""
    digits = pc.replace_substring_regex(text, r"[\s-]", "")
    shaped = _array(pc.fill_null(pc.match_substring_regex(digits, r"^\d{10}$"), False))
    sound: Mask = _array(pc.is_null(text)).copy()
    if shaped.any():
        ten = (
            np.array(digits.filter(pa.array(shaped)).to_pylist(), dtype="S10")
            .view("S1")
            .reshape(-1, 10)
            .astype(np.int64)
        )
        check = 11 - (ten[:, :9] * np.arange(10, 1, -1)).sum(axis=1) % 11
        sound[shaped] = np.where(check == 11, 0, check) == ten[:, 9]
    return sound


def _array(mask: Any) -> Mask:
    found: Mask = mask.to_numpy(zero_copy_only=False).astype(bool)
    return found
