"""What the values of one column prove together of their order, form and offset: how it is read, or why it is refused
and what to write."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from headwater.sources.forms import (
    CLOCK,
    ENDING,
    FORMS,
    MONTH_ALONE,
    OFFSET,
    QUARTER_ALONE,
    QUARTERS,
    SERIAL,
    YEAR,
)
from headwater.sources.times import ORDERS, SETTLED, TimeReading, iso, without_week

RARE = 0.01
"""Share of proofs against the rest above which a column is two columns."""


@dataclass
class TimeEvidence:
    """What the values of one column prove. first, last: the different first and last parts of ordered dates; ending:
    the months that end a year."""

    seen: Counter[str] = field(default_factory=Counter)
    first: set[int] = field(default_factory=set)
    second: set[int] = field(default_factory=set)
    last: set[int] = field(default_factory=set)
    ending: set[str] = field(default_factory=set)

    def add(self, text: pa.StringArray) -> None:
        """text: trimmed, null where nothing is given; counted once a batch and value."""
        given = without_week(text.drop_null())
        if not len(given):
            return
        if iso(given) is not None:
            self.seen["bare clocks"] += int(pc.sum(pc.greater(pc.binary_length(given), len("2024-01-31"))).as_py() or 0)
            return
        low = pc.utf8_lower(pc.unique(given))
        self._ordered(low)
        days = pc.extract_regex(low, r"^\d{4}-\d{2}-(?P<d>\d{2})\b").drop_null()
        if len(days):
            late = int(pc.sum(pc.greater(days.field("d"), "12")).as_py() or 0)
            self.seen.update({"iso": len(days), "iso late": late})
        for name, form in (
            ("quarter alone", QUARTER_ALONE),
            ("month alone", MONTH_ALONE),
            ("serial", SERIAL),
            *QUARTERS,
        ):
            self.seen[name] += int(pc.sum(pc.match_substring_regex(low, form)).as_py() or 0)
        clocked, offset = (int(pc.sum(pc.match_substring_regex(low, form)).as_py() or 0) for form in (CLOCK, OFFSET))
        self.seen.update({"offsets": offset, "bare clocks": clocked - offset})
        self._years(low)
        self.ending |= set(pc.extract_regex(low, ENDING).field("mon").drop_null().to_pylist())
        self.seen["values"] += len(low)

    def _ordered(self, low: pa.StringArray) -> None:
        parts = pc.extract_regex(low, FORMS[1][1]).drop_null()
        if not len(parts):
            return
        a, b, c = (parts.field(key).cast(pa.int64()).to_numpy(zero_copy_only=False) for key in "abc")
        self.first |= set(a.tolist())
        self.second |= set(b.tolist())
        self.last |= set(c.tolist())
        self.seen.update(
            {
                "ordered": len(a),
                "dmy": int(((a > 12) & (b <= 12)).sum()),
                "mdy": int(((b > 12) & (a <= 12)).sum()),
                "either": int(((a <= 12) & (b <= 12) & (a != b)).sum()),
                "short": int((c < 100).sum()),
                "firsts": int((a == 1).sum()),
                "seconds": int((b == 1).sum()),
            }
        )

    def _years(self, low: pa.StringArray) -> None:
        parts = pc.extract_regex(low, YEAR).drop_null()
        if not len(parts):
            return
        y, z = (parts.field(key).cast(pa.int64()).to_numpy(zero_copy_only=False) for key in "yz")
        whole = parts.field("cent").to_numpy(zero_copy_only=False) != ""
        year, month = (y + 1) % 100 == z % 100, (z >= 1) & (z <= 12) & ~whole
        self.seen.update(
            {
                "year": int((year & ~month).sum()),
                "year or month": int((year & month).sum()),
                "month": int((month & ~year).sum()),
            }
        )


def time_reading(found: TimeEvidence, name: str, date_format: str) -> TimeReading:
    """How a column of times is read, or why it is refused and what to write."""
    seen = found.seen
    if date_format in SETTLED:
        # What counts days or quarters says nothing of the order in which other values of the column stand.
        order, problem = (date_format, "") if date_format in ORDERS else _order(found, name)
        told = f"as date_format says: {date_format}"
        return TimeReading(order or "dmy", seen["year"] > 0, seen["quarter"] > 0, date_format, problem, told)
    if seen["offsets"] and seen["bare clocks"]:
        return TimeReading(
            problem=(
                f'{seen["offsets"]:,} times bear an offset and {seen["bare clocks"]:,} none: write date_format = "dmy"'
                ' (or "mdy", "ymd") where those without are London\'s own'
            )
        )
    if seen["quarter alone"]:
        return TimeReading(
            problem=(
                'quarters without their year\'s form (Q1 2024): write date_format = "calendar-quarters" or'
                ' "financial-quarters"'
            )
        )
    if seen["month alone"]:
        return TimeReading(
            problem=(
                f'months by their number without their financial year (M01): write {name} = ["Financial year", "Month"]'
                " with the headings of the year (as 2023/24) and the month"
            )
        )
    if len(found.ending) > 1:
        return TimeReading(
            problem=(
                f"years that end in {len(found.ending)} different months overlap, and what they count would be counted"
                " several times: leave those of one month in (where = ...), or ask for the months themselves"
            )
        )
    if seen["serial"] > seen["values"] / 2:
        return TimeReading(
            problem=(
                'figures alone, as days or seconds since a first day: write date_format = "excel-1900" (or'
                ' "excel-1904", "epoch", "epoch-ms")'
            )
        )
    if seen["year or month"] and not (seen["year"] or seen["month"]):
        return TimeReading(
            problem=(
                '2011-12 may be a financial year or a month: write date_format = "%Y-%m" where it is a month, or the'
                " years as 2011/2012"
            )
        )
    years = seen["year"] > 0 and seen["year"] + seen["year or month"] > seen["values"] / 2
    quarters = seen["quarter"] > seen["values"] / 2
    if seen["year"] and seen["month"]:
        return TimeReading(problem="months and financial years in one column: split it")
    order, problem = _order(found, name)
    told = f"{order}, proved by {seen['dmy'] + seen['mdy']:,} of {seen['ordered']:,} values" if seen["ordered"] else ""
    return TimeReading(order or "dmy", years, quarters, "", problem, told, name == "period")


def _order(found: TimeEvidence, name: str) -> tuple[str, str]:
    """(order, problem) of dates whose first two parts could be day or month."""
    seen = found.seen
    if not seen["ordered"]:
        return "dmy", ""
    if seen["short"]:
        return _short(found, name)
    proofs = seen["dmy"] + seen["mdy"]
    if seen["iso"] >= 3 and not seen["iso late"] and proofs >= 3 and proofs == seen["ordered"]:
        return (
            "",
            (
                "dates that a spreadsheet could not read stand as text, all after the 12th, and those that it did read"
                " are all up to the 12th: it has taken the day for the month. Ask for the file as CSV, or write"
                ' date_format = "dmy" (or "mdy") where it has not'
            ),
        )
    if name == "period" and (order := _firsts(found)):
        return order, ""
    if min(seen["dmy"], seen["mdy"]) > RARE * proofs:
        return (
            "",
            (
                f"both 25/01 and 01/25 occur ({seen['dmy']:,} and {seen['mdy']:,} values): split the file by its"
                ' writer, and write date_format = "dmy" or "mdy" for each'
            ),
        )
    if not proofs and seen["either"]:
        return "", 'no value says whether the day or the month stands first: write date_format = "dmy" (or "mdy")'
    if proofs < 0.02 * seen["ordered"] and seen["either"] >= 50:
        return (
            "",
            (
                f"only {proofs:,} of {seen['ordered']:,} values say whether the day or the month stands first: write"
                ' date_format = "dmy" (or "mdy")'
            ),
        )
    return ("mdy" if seen["mdy"] > seen["dmy"] else "dmy"), ""


def _firsts(found: TimeEvidence) -> str:
    """Periods begin on the first of a month: where nearly all do in one order, and months differ, that order it is."""
    for order, other, key, months in (("dmy", "mdy", "firsts", found.second), ("mdy", "dmy", "seconds", found.first)):
        if not found.seen[other] and found.seen[key] >= (1 - RARE) * found.seen["ordered"] and len(months) >= 3:
            return order
    return ""


def _short(found: TimeEvidence, name: str) -> tuple[str, str]:
    """Two figures of a year: nothing is certain but what many values make so."""
    seen = found.seen
    line = 'write date_format = "%d/%m/%y" (or "%m/%d/%y", "%y-%m-%d")'
    if name == "birth_date":
        return "", f"years of two figures, and a person may be a hundred: {line}"
    year_last = max(found.last) > 31 or (len(found.last) <= 5 and len(found.first) > 12)
    if seen["short"] == seen["ordered"] and not year_last:
        return "", f"years of two figures may stand first or last: {line}"
    if seen["dmy"] and not seen["mdy"]:
        return "dmy", ""
    if seen["mdy"] and not seen["dmy"] and max(found.first) <= 12:
        return "mdy", ""
    return "", f"years of two figures, and the day and the month in an order that no value proves: {line}"
