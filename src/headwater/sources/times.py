"""Dates and times as strangers write them: forms without doubt, orders that a whole column proves, and doubts that are
told.

Wall time is Europe/London's: what bears an offset or a Z is converted, what bears none is taken as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.sources.forms import (
    ALONE,
    FORMS,
    MONTHS,
    NUMBER,
    WEEK_ENDS,
    WEEK_TOLD,
    YEAR,
)

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Moments = np.ndarray[Any, np.dtype[np.datetime64]]

ZONE = "Europe/London"
SETTLED = (
    "dmy",
    "mdy",
    "ymd",
    "excel-1900",
    "excel-1904",
    "epoch",
    "epoch-ms",
    "calendar-quarters",
    "financial-quarters",
)
"""What `date_format` may say beside a strptime format."""
ORDERS = ("dmy", "mdy", "ymd")
EPOCHS = {
    "excel-1900": ("1899-12-30", 86_400e6),
    "excel-1904": ("1904-01-01", 86_400e6),
    "epoch": ("1970-01-01", 1e6),
    "epoch-ms": ("1970-01-01", 1e3),
}
LENGTHS = {"12 months": 12, "3 months": 3}
"""Periods that are told by the month that ends them."""
PIVOT = 70
"""Two figures of a year below it are of this century; where both could be meant, as in a birth date, the column is
refused."""
PRECISIONS = ("second", "day", "month")
SECOND, DAY, MONTH = range(3)
"""How exact a moment is, as its place among these words."""


@dataclass(frozen=True, slots=True)
class TimeReading:
    """order: dmy, mdy or ymd; years: whether 2011/12 is a financial year; quarters: whether most values are 2023-24 Q1;
    weeks: whether 2023-W05 is a period, as it is no day; settled: what `date_format` said; problem: why not."""

    order: str = "dmy"
    years: bool = False
    quarters: bool = False
    settled: str = ""
    problem: str = ""
    told: str = field(default="", compare=False)
    weeks: bool = False
    ending: bool = False
    """Whether the heading says that each day is the last one of a week."""


def ends_weeks(heading: str) -> bool:
    """Whether a heading says that its days are the last ones of weeks."""
    return bool(re.search(WEEK_ENDS, heading.replace("_", " ")))


def moments(text: pa.StringArray, reading: TimeReading) -> tuple[Moments, Any]:
    """datetime64[us][row] (not-a-time where no form fits or there is no such day) and the precision of each,
    int8[row]."""
    if not reading.weeks:
        return _moments(text, reading)
    found, precision = _moments(without_week(text), reading)
    ends = _array(pc.fill_null(pc.match_substring_regex(text, "^" + WEEK_ENDS), False)) | reading.ending
    return begun(found, precision, ends), precision


def begun(found: Moments, precision: Any, ends: Mask | bool) -> Moments:
    """The days on which weeks begin that are told by their last; months and longer periods are told by no day of a
    week."""
    return np.where(ends & (precision != MONTH), found - np.timedelta64(6, "D"), found)


def without_week(text: pa.StringArray) -> pa.StringArray:
    """The day alone of values such as w/c 1 January 2024."""
    told = pc.any(pc.match_substring_regex(text, WEEK_TOLD), min_count=0).as_py()
    return pc.replace_substring_regex(text, WEEK_TOLD, "") if told else text


def _moments(text: pa.StringArray, reading: TimeReading) -> tuple[Moments, Any]:
    if (fast := _iso(text)) is not None:
        return fast
    size = len(text)
    found = np.full(size, np.datetime64("NaT"), dtype="datetime64[us]")
    precision = np.full(size, DAY, dtype=np.int8)
    low = pc.utf8_lower(text)
    if reading.settled in EPOCHS:
        _since(low, reading.settled, found, precision)
    open_still = np.isnat(found)
    for name, form in _forms(reading):
        parts = pc.extract_regex(low, form)
        hit = _array(pc.is_valid(parts)) & open_still
        open_still &= ~hit
        if hit.any():
            found[hit], precision[hit] = _read(name, parts.filter(pa.array(hit)), reading)
    return found, precision


def has_a_form(text: pa.StringArray) -> Any:
    """bool[row]: whether a value is written as a time is, even if there is no such day."""
    return pc.match_substring_regex(
        pc.utf8_lower(text), "|".join(f"(?:{re.sub(r'P<[a-z0-9]+>', ':', form)})" for _name, form in FORMS)
    )


def _forms(reading: TimeReading) -> tuple[tuple[str, str], ...]:
    more = tuple(("alone", form) for form in ALONE) if reading.settled.endswith("quarters") else ()
    none = {name for name, asked in (("quarter", reading.quarters), ("week", reading.weeks)) if not asked}
    usual = tuple(form for form in FORMS if form[0] not in none)
    return (*((("year", YEAR),) if reading.years else ()), *usual, *more)


def _read(name: str, parts: pa.StructArray, reading: TimeReading) -> tuple[Moments, Any]:
    """The moments and precision of the values that have one form."""
    size = len(parts)
    keys = [field.name for field in parts.type]
    group = {key: _whole(parts.field(key)) for key in keys if key not in {"mon", "to", "ap", "off"}}
    if "mon" in keys:
        group["m"] = pc.index_in(parts.field("mon"), pa.array(MONTHS)).to_numpy(zero_copy_only=False).astype(int) + 1
    if "to" in keys:
        # A quarter or a year to date begins with its first month; one over the turn of a year does not say which year
        # is told.
        last = pc.index_in(parts.field("to"), pa.array(MONTHS)).to_numpy(zero_copy_only=False).astype(int) + 1
        over = (group["y2"] > group["y"]) if "y2" in keys else np.zeros(size, dtype=bool)
        group["m"] = np.where((last > group["m"]) | over, group["m"], 0)
    if name == "ordered":
        group |= dict(
            zip(
                {"dmy": "dmy", "mdy": "mdy", "ymd": "ymd"}[reading.order],
                (group["a"], group["b"], group["c"]),
                strict=True,
            )
        )
    if "z" in group:
        group["y"] = np.where((group["y"] + 1) % 100 == group["z"] % 100, group["y"], 0)
        told = group["n"] + 3 if "n" in keys else group["m"] if "mon" in keys else np.full(size, 4)
        turned = (told > 12) if "n" in keys else (told < 4)
        group["y"] = np.where((group["y"] > 0) & turned, group["y"] + 1, group["y"])
        group["m"] = (told - 1) % 12 + 1
    if "q" in group:
        financial = name == "quarter" or reading.settled == "financial-quarters"
        month = (group["q"] - 1) * 3 + (3 if financial else 0)
        group["y"], group["m"] = np.where(group["y"] > 0, group["y"] + month // 12, 0), month % 12 + 1
    group["y"] = np.where(
        (group["y"] < 100) & (group["y"] >= 0) & ("z" not in group) & ("q" not in group),
        group["y"] + np.where(group["y"] < PIVOT, 2000, 1900),
        group["y"],
    )
    if name in LENGTHS:
        # Told by the month that ends it, it begins so many months before the next.
        first = group["y"] * 12 + group["m"] - LENGTHS[name]
        group["y"], group["m"] = first // 12, first % 12 + 1
    if "w" in keys:
        return _weeks(group["y"], group["w"]), np.full(size, DAY, dtype=np.int8)
    if "ap" in keys:
        _half_days(group, parts.field("ap"))
    made = _built(group, size)
    timed = group.get("h", np.full(size, -1)) >= 0
    if "off" in keys:
        made = _at_the_wall(made, parts.field("off"))
    coarse = name in {"month", "span", "quarter", "alone", "year", "financial month", *LENGTHS}
    return made, np.full(size, MONTH, dtype=np.int8) if coarse else np.where(timed, SECOND, DAY).astype(np.int8)


def _weeks(year: Any, week: Any) -> Moments:
    """The Mondays on which weeks begin, as ISO 8601 numbers them: the first is the one that holds 4 January."""
    fourth = ((year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 3).astype(np.int64)
    monday = fourth - (fourth + 3) % 7 + 7 * (week - 1)
    next_first = ((year - 1969).astype("datetime64[Y]").astype("datetime64[D]") + 3).astype(np.int64)
    sound = (week >= 1) & (monday < next_first - (next_first + 3) % 7)
    made = monday.astype("datetime64[D]").astype("datetime64[us]")
    return np.where(sound, made, np.datetime64("NaT"))


def _half_days(group: dict[str, Any], half: pa.StringArray) -> None:
    """12 am is midnight; an hour above 12 with a half of the day is none."""
    told = _array(pc.not_equal(half, ""))
    afternoon = _array(pc.equal(half, "p"))
    hour = group["h"]
    hour = np.where(told & ((hour > 12) | (hour < 1)), 99, hour)
    group["h"] = np.where(told & (hour <= 12), hour % 12 + 12 * afternoon, hour)


def _at_the_wall(made: Moments, offset: pa.StringArray) -> Moments:
    """Moments with an offset as London's clocks showed them."""
    told = _array(pc.not_equal(offset, "")) & ~np.isnat(made)
    if not told.any():
        return made
    minutes = np.array([minutes_of(one) for one in offset.to_pylist()])
    return np.where(told, _local(made - (minutes * 60_000_000).astype("timedelta64[us]")), made)


def minutes_of(offset: str) -> int:
    """How far a clock with this offset is ahead of UTC; an empty one is UTC's."""
    if not offset or offset in {"z", "utc", "gmt"}:
        return 0
    if offset == "bst":
        return 60
    hours, minutes = int(offset[1:3]), int(offset[-2:]) if len(offset) > 3 else 0
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)


def _local(utc: Moments) -> Moments:
    stamped = pa.array(utc.astype("datetime64[us]")).cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", ZONE))
    return pc.local_timestamp(stamped).to_numpy(zero_copy_only=False).astype("datetime64[us]")  # type: ignore[no-any-return]


def _since(low: pa.StringArray, settled: str, found: Moments, precision: Any) -> None:
    """Days or seconds since a first day, as spreadsheets and programs count; seconds since 1970 are UTC's."""
    parts = pc.extract_regex(low, NUMBER)
    hit = _array(parts.is_valid())
    if not hit.any():
        return
    first, size = EPOCHS[settled]
    parts = parts.filter(pa.array(hit))
    hour, minute, second = (_whole(parts.field(key)) for key in "his")
    clock = np.where(hour < 0, 0, hour * 3600 + minute * 60 + np.maximum(second, 0))
    numbers = parts.field("n").cast(pa.float64()).to_numpy(zero_copy_only=False)
    apart = (hour < 0) | (
        (numbers % 1 == 0) & (hour < 24) & (minute < 60) & (second < 60) & settled.startswith("excel")
    )
    sound = (np.abs(numbers * size) < 1e17) & apart
    since = (np.where(sound, numbers, 0) * size / 1e6).round().astype("timedelta64[s]")
    moment = np.datetime64(first, "us") + since + clock.astype("timedelta64[s]")
    moment = _local(moment) if settled.startswith("epoch") else moment
    found[hit] = np.where(sound, moment, np.datetime64("NaT"))
    precision[hit] = np.where((numbers % 1 == 0) & (hour < 0) & settled.startswith("excel"), DAY, SECOND)


def iso(text: pa.StringArray) -> pa.TimestampArray | None:
    """The values of a column that is ISO throughout, by Arrow's own parser, which knows how many days a month has."""
    try:
        return text.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None


def _iso(text: pa.StringArray) -> tuple[Any, Any] | None:
    """The quick way for such a column."""
    values = iso(text)
    if values is None:
        return None
    lengths = pc.fill_null(pc.binary_length(text), 10).to_numpy(zero_copy_only=False)
    return values.to_numpy(zero_copy_only=False), np.where(lengths <= 10, DAY, SECOND).astype(np.int8)


def _whole(text: pa.StringArray) -> Any:
    """int64[row]: a named group, −1 where it is empty."""
    return pc.if_else(pc.equal(text, ""), "-1", text).cast(pa.int64()).to_numpy(zero_copy_only=False)


def _built(group: dict[str, Any], count: int) -> Moments:
    """datetime64[us] of the groups; not-a-time for the 31st of a short month, the 13th month or the 25th hour."""
    year, month = group["y"], group["m"]
    day = group.get("d", np.ones(count, dtype=np.int64))
    hour, minute, second = (np.maximum(group.get(key, np.zeros(count, dtype=np.int64)), 0) for key in ("h", "i", "s"))
    midnight = (hour == 24) & (minute == 0) & (second == 0)  # 24:00 is where the next day begins
    sound = (
        (month >= 1)
        & (month <= 12)
        & ((hour < 24) | midnight)
        & (minute < 60)
        & (second < 60)
        & (day >= 1)
        & (year > 0)
    )
    months = (year - 1970) * 12 + np.where(sound, month, 1) - 1
    first = months.astype("datetime64[M]")
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(np.int64)
    sound &= day <= length
    moment = first.astype("datetime64[D]") + (np.where(sound, day, 1) - 1)
    clock = (hour * 3600 + minute * 60 + second).astype("timedelta64[s]")
    return np.where(sound, moment.astype("datetime64[us]") + clock, np.datetime64("NaT"))


def formatted(text: pa.StringArray, date_format: str) -> tuple[Moments, Any]:
    """By the user's own format, whatever the case of its names; written back and compared, since strptime lets a 31
    February run on into March. Values that are ISO, as real dates of a workbook, are read as such."""
    parsed = pc.strptime(text, format=date_format, unit="us", error_is_null=True)
    again = pc.strftime(parsed, format=date_format)
    bare = [pc.utf8_lower(pc.replace_substring_regex(part, r"\b0+(\d)", r"\1")) for part in (again, text)]
    same = _array(pc.fill_null(pc.equal(*[pc.replace_substring_regex(part, r"\.\d+$", "") for part in bare]), False))
    made = np.where(same, parsed.to_numpy(zero_copy_only=False), np.datetime64("NaT")).astype("datetime64[us]")
    timed = any(mark in date_format for mark in ("%H", "%I", "%T"))
    exactly = SECOND if timed else DAY if any(mark in date_format for mark in ("%d", "%D", "%F", "%j")) else MONTH
    precision = np.full(len(text), exactly, dtype=np.int8)
    plain = pc.if_else(pc.match_substring_regex(text, r"^\d{4}-\d{2}-\d{2}"), text, None)
    own, exact = moments(plain, TimeReading())
    lacking = np.isnat(made) & ~np.isnat(own)
    return np.where(lacking, own, made), np.where(lacking, exact, precision)


def sortable(text: pa.StringArray, reading: TimeReading) -> pa.StringArray:
    """Text that sorts as its values do: days and moments in ISO form, figures filled up with noughts, other text as it
    stands."""
    filled = pc.fill_null(text, "")
    figures = pc.match_substring_regex(filled, r"^\d{1,18}$")
    found, _precision = moments(text, reading)
    days = pc.if_else(
        pa.array(~np.isnat(found)), pa.array(np.datetime_as_string(found, "s").astype(object), pa.string()), None
    )
    return pc.if_else(figures, pc.utf8_lpad(filled, 18, "0"), pc.coalesce(days, filled))


def _array(mask: Any) -> Mask:
    found: Mask = mask.to_numpy(zero_copy_only=False).astype(bool)
    return found
