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

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.domain.tables import Column

EARLIEST, LATEST = np.datetime64("1900-01-01", "us"), np.datetime64("2100-01-01", "us")
Mask = np.ndarray[Any, np.dtype[np.bool_]]

# Year, month, day, hour, minute, second as named groups: ISO, the British order, and months alone.
FORMS = (
    ("iso", r"^(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[ T](?P<h>\d{1,2}):(?P<i>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$"),
    ("british", r"^(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})(?:[ T](?P<h>\d{1,2}):(?P<i>\d{2})(?::(?P<s>\d{2}))?)?$"),
    ("compact", r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})$"),
    ("month", r"^(?P<y>\d{4})-(?P<m>\d{2})$"),
)  # fmt: skip

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMED = r"^\d{1,2}[ /-][A-Za-z]{3,9}[ /-]\d"


@dataclass(frozen=True, slots=True, eq=False)
class Converted:
    """values: the declared Arrow type; wrong: bool[row]; precision: text, for timestamps only."""

    values: pa.Array
    wrong: Mask
    reason: str
    precision: pa.Array | None = None


def convert(text: pa.StringArray, column: Column, date_format: str = "") -> Converted:
    """text: trimmed, null where nothing is given."""
    if column.type in {"date", "timestamp"}:
        return _times(text, column, date_format)
    makers: dict[str, Callable[[pa.StringArray], Converted]] = {
        "text": _words, "integer": _whole, "number": _numbers, "boolean": _flags,
    }  # fmt: skip
    return makers[column.type](text)


def _words(text: pa.StringArray) -> Converted:
    return Converted(text, np.zeros(len(text), dtype=bool), "")


def _numbers(text: pa.StringArray) -> Converted:
    plain = pc.replace_substring_regex(text, r"[,£\s]", "")
    fits = pc.fill_null(pc.match_substring_regex(plain, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"), True)
    values = pc.if_else(fits, plain, None).cast(pa.float64())
    return Converted(values, ~_array(fits), "wrong type: not a number")


def _whole(text: pa.StringArray) -> Converted:
    plain = pc.replace_substring_regex(text, r"(,|\.0+$|\s)", "")
    fits = pc.fill_null(pc.match_substring_regex(plain, r"^[+-]?\d{1,18}$"), True)
    values = pc.if_else(fits, plain, None).cast(pa.int64())
    return Converted(values, ~_array(fits), "wrong type: not a whole number")


def _flags(text: pa.StringArray) -> Converted:
    lower = pc.utf8_lower(text)
    yes = pc.is_in(lower, pa.array(["true", "1", "yes", "y", "t"]))
    no = pc.is_in(lower, pa.array(["false", "0", "no", "n", "f"]))
    known = pc.or_(pc.or_(yes, no), pc.is_null(text))
    return Converted(pc.if_else(pc.is_null(text), None, yes), ~_array(known), "wrong type: neither yes nor no")


def _times(text: pa.StringArray, column: Column, date_format: str) -> Converted:
    moments, precision = _formatted(text, date_format) if date_format else _moments(text)
    missing = _array(pc.is_null(text))
    wrong = np.isnat(moments) & ~missing
    wrong |= ~np.isnat(moments) & ((moments < EARLIEST) | (moments >= LATEST))
    moments = np.where(wrong, np.datetime64("NaT"), moments)
    values = pa.array(moments, pa.timestamp("us"))
    given = pa.array(np.where(missing | wrong, None, precision), pa.string())
    if column.type == "date":
        values = values.cast(pa.timestamp("s"), safe=False).cast(pa.date32(), safe=False)
    return Converted(values, wrong, "impossible date", given)


def _moments(text: pa.StringArray) -> tuple[Any, Any]:
    """datetime64[us][row] (not-a-time where no form fits or there is no such day) and the precision of each."""
    if (fast := _iso(text)) is not None:
        return fast
    moments = np.full(len(text), np.datetime64("NaT"), dtype="datetime64[us]")
    precision = np.full(len(text), "day", dtype=object)
    text = _numbered_months(text)
    for name, form in FORMS:
        parts = pc.extract_regex(text, form)
        found = _array(pc.is_valid(parts)) & np.isnat(moments)
        if not found.any():
            continue
        group = {key: _group(parts, key, found) for key in ("y", "m", "d", "h", "i", "s") if f"<{key}>" in form}
        moments[found] = _built(group, int(found.sum()))
        timed = group.get("h", np.full(int(found.sum()), -1)) >= 0
        precision[found] = "month" if name == "month" else np.where(timed, "second", "day")
    return moments, precision


def _numbered_months(text: pa.StringArray) -> pa.StringArray:
    """9 April 2023, 09-Apr-2023: the month's name replaced by its number, in a column where any name stands."""
    if not pc.any(pc.match_substring_regex(text, NAMED), min_count=0).as_py():
        return text
    for number, month in enumerate(MONTHS, 1):
        text = pc.replace_substring_regex(text, rf"(?i)^(\d{{1,2}})[ /-]{month}[a-z]{{0,6}}[ /-]", rf"\1/{number:02}/")
    return text


def _iso(text: pa.StringArray) -> tuple[Any, Any] | None:
    """The quick way for a column that is ISO throughout: Arrow's own parser, which knows how many days a month has."""
    try:
        values = text.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None
    lengths = pc.utf8_length(text).fill_null(10).to_numpy(zero_copy_only=False)
    return values.to_numpy(zero_copy_only=False), np.where(lengths <= 10, "day", "second").astype(object)


def _group(parts: pa.StructArray, key: str, found: Mask) -> Any:
    """int64[row found]: a named group, −1 where it is empty."""
    text = parts.field(key).filter(pa.array(found))
    return pc.if_else(pc.equal(text, ""), "-1", text).cast(pa.int64()).to_numpy(zero_copy_only=False)


def _built(group: dict[str, Any], count: int) -> Any:
    """datetime64[us] of the groups; not-a-time for the 31st of a short month, the 13th month or the 25th hour."""
    year, month = group["y"], group["m"]
    day = group.get("d", np.ones(count, dtype=np.int64))
    hour, minute, second = (np.maximum(group.get(key, np.zeros(count, dtype=np.int64)), 0) for key in ("h", "i", "s"))
    sound = (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60) & (day >= 1)
    months = (year - 1970) * 12 + np.where(sound, month, 1) - 1
    first = months.astype("datetime64[M]")
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(np.int64)
    sound &= day <= length
    moment = first.astype("datetime64[D]") + (np.where(sound, day, 1) - 1)
    clock = (hour * 3600 + minute * 60 + second).astype("timedelta64[s]")
    return np.where(sound, moment.astype("datetime64[us]") + clock, np.datetime64("NaT"))


def _formatted(text: pa.StringArray, date_format: str) -> tuple[Any, Any]:
    """By the user's own format; written back and compared, since strptime lets a 31 February run on into March."""
    parsed = pc.strptime(text, format=date_format, unit="us", error_is_null=True)
    again = pc.strftime(parsed, format=date_format)
    bare = [pc.replace_substring_regex(part, r"\b0+(\d)", r"\1") for part in (again, text)]
    same = _array(pc.fill_null(pc.equal(*[pc.replace_substring_regex(part, r"\.\d+$", "") for part in bare]), False))
    moments = np.where(same, parsed.to_numpy(zero_copy_only=False), np.datetime64("NaT"))
    timed = any(mark in date_format for mark in ("%H", "%I", "%T"))
    precision = (
        "second" if timed else "day" if any(mark in date_format for mark in ("%d", "%D", "%F", "%j")) else "month"
    )
    return moments.astype("datetime64[us]"), np.full(len(text), precision, dtype=object)


def nhs_sound(text: pa.StringArray) -> Mask:
    """bool[row]: ten digits whose tenth is 11 less the weighted sum of the others modulo 11 (NHS Data Dictionary); null is sound."""
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
