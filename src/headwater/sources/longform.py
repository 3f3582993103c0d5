"""Published tables with a row for each area, period and measure: which of their columns says what, proved by the
rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.sources.content import are_numbers, given_values
from headwater.sources.forms import YEAR
from headwater.sources.numbers import bared
from headwater.sources.sums import is_total
from headwater.sources.whose import PEOPLE, words_of
from headwater.sources.wide import is_period, totals

Vector = np.ndarray[Any, np.dtype[np.float64]]

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.sources.batches import Batch

PERIODS = {"period", "month", "quarter", "year", "week", "time", "date", "mmm", "fy"}
"""Words of a heading under which periods stand."""
UNITS = {
    "area",
    "authority",
    "beat",
    "board",
    "borough",
    "council",
    "district",
    "feature",
    "force",
    "geography",
    "hospital",
    "icb",
    "ics",
    "la",
    "location",
    "lsoa",
    "msoa",
    "org",
    "organisation",
    "practice",
    "provider",
    "region",
    "site",
    "station",
    "trust",
    "unit",
    "ward",
    "constituency",
    "county",
    "hb",
    "hbt",
}
"""Words of a heading under which places and bodies stand."""
KINDS = {
    "measure",
    "measurement",
    "statistic",
    "indicator",
    "metric",
    "type",
    "category",
    "kind",
    "variable",
    "offence",
    "series",
    "cause",
    "causeofdeath",
    "group",
}
"""Words of a heading under which it stands what was counted."""
COUNTS = {
    "count",
    "counts",
    "value",
    "number",
    "total",
    "contacts",
    "attendances",
    "obs",
    "observation",
    "admissions",
    "deaths",
    "incidents",
    "calls",
}
CODES = {
    "code",
    "id",
    "ref",
    "reference",
    "urn",
    "key",
    "latitude",
    "longitude",
    "lat",
    "lon",
    "easting",
    "northing",
    "order",
    "index",
}
"""Words of a heading whose numbers count nothing."""
SHARES = re.compile(
    r"(?i)%|\bper\b|percent|\brates?\b|\bratio\b|proportion|\bshare\b|average|\bmean\b|median|\bindex\b|within\d*hours?|lower|upper|\bci\b|£|cost|population"
)
"""Of a heading or a measure: numbers that are not added up."""
GSS = r"^[A-Z]\d{8}$"
LOCAL = ("E06", "E07", "E08", "E09", "W06", "S12", "N09")
"""Codes of the Office for National Statistics whose areas lie beside each other: unitary authorities, districts,
boroughs, councils."""
WHOLE = re.compile(r"(?i)^(all|totals?|both|persons?|everyone|any)\b")
PERSONAL = re.compile(
    rf"\b(?:{'|'.join(sorted(PEOPLE))})s?\b(?: \w+)??"
    r" (?:id|no|num|number|ref|reference|identifier|unique|urn|key|code)\b"
    r"|\b(?:nhs (?:no|number)|forename|surname|birth|born|dob|given name|family name|first name|last name)\b"
)
"""Words of a heading that say who somebody is: such rows count nobody, they name them."""
FULL, DENSE, MOST = 0.999, 0.3, 3_000
"""Share of rows that must differ; of units × periods that must be there; different values beyond which a column is no
period's."""


@dataclass(frozen=True)
class LongCounts:
    """where: heading → the values to leave in, or with ! out; told: what the file holds besides, and what was settled
    by what."""

    unit: str
    period: str | list[str]
    contacts: str
    kind: str = ""
    date_format: str = ""
    total: bool = False
    """Whether several rows of a unit, period and kind are to be added up."""
    measures: tuple[str, ...] = ()
    """Columns that each count something else, where no list says what a row counts."""
    where: dict[str, list[str]] = field(default_factory=dict)
    told: tuple[str, ...] = ()


def long_counts(batch: Batch) -> LongCounts | None:
    """The columns of a long table of counts; None where no unit, period and number make one: of each unit and period
    there has to be a row, or one for each word of the other lists, and no second."""
    if any(PERSONAL.search(" ".join(words_of(one))) for one in batch.columns):
        return None
    period = _period(batch)
    numbers = [name for name in batch.columns if name not in period and _counts(batch, name)]
    if not period or not numbers:
        return None
    when = pa.array(list(zip(*(batch.columns[one].to_pylist() for one in period), strict=True)), pa.list_(pa.string()))
    days = pc.binary_join(when, "-")
    for unit in _units(batch, {*period, *numbers}):
        lists = _lists(batch, unit, days, {*period, *numbers, unit})
        dated = pc.count_distinct(days).as_py() > 1 or set(words_of(period[0])) & PERIODS
        if dated and _is_panel(batch, unit, days, lists):
            return _found(batch, unit, period, numbers, lists)
    return None


def _period(batch: Batch) -> list[str]:
    """The heading of the periods, or those of a year and its month."""
    year = next(
        (one for one in batch.columns if "year" in words_of(one) and _all(batch, one, r"^(19|20)\d{2}([-/]\d{2,4})?$")),
        "",
    )
    month = next(
        (
            one
            for one in batch.columns
            if one != year and {"month", "period"} & set(words_of(one)) and _month_of(batch, year, one)
        ),
        "",
    )
    if year and month:
        return [year, month]
    fits = [one for one in batch.columns if _periods(batch, one)]
    return sorted(fits, key=lambda one: (not set(words_of(one)) & PERIODS, one))[:1]


def _month_of(batch: Batch, year: str, month: str) -> bool:
    if not year:
        return False
    pairs = pc.unique(pc.binary_join_element_wise(batch.columns[year], batch.columns[month], "-")).drop_null()
    return not _periods(batch, month) and 1 < len(pairs) < MOST and all(is_period(one) for one in pairs.to_pylist())


def _periods(batch: Batch, name: str) -> bool:
    values = pc.unique(given_values(batch.columns[name]))
    if not 0 < len(values) < MOST or ({*words_of(name)} & CODES and not {*words_of(name)} & PERIODS):
        return False
    years = bool({*words_of(name)} & PERIODS) and _all(batch, name, r"^(19|20)\d{2}$")
    return years or all(is_period(one) and not re.search(r"\d:\d", one) for one in values.to_pylist())


def _all(batch: Batch, name: str, form: str) -> bool:
    values = given_values(batch.columns[name])
    return len(values) > 0 and pc.all(pc.match_substring_regex(values, form)).as_py()


def _counts(batch: Batch, name: str) -> bool:
    """Whether a column holds whole numbers of things."""
    values = given_values(batch.columns[name])
    words = set(words_of(name))
    if (
        not len(values)
        or words & CODES
        or SHARES.search(name)
        or SHARES.search(" ".join(words_of(name)))
        or not are_numbers(values)
    ):
        return False
    return not _all(batch, name, YEAR) and not (words & PERIODS and _all(batch, name, r"^\d{1,4}$"))


def _units(batch: Batch, taken: set[str]) -> list[str]:
    """Headings of places or bodies, the finest first; of a code and its name the code."""
    named = [one for one in batch.columns if one not in taken and (set(words_of(one)) & UNITS or _all(batch, one, GSS))]
    full = [one for one in named if len(given_values(batch.columns[one])) >= FULL * len(batch.rows)]
    return sorted(
        full,
        key=lambda one: (
            -pc.count_distinct(batch.columns[one]).as_py(),
            not _all(batch, one, r"^\S+$"),
            not _all(batch, one, GSS),
            one,
        ),
    )


def _lists(batch: Batch, unit: str, days: pa.Array, taken: set[str]) -> list[str]:
    """Headings whose words differ within a unit and within a period."""
    return [
        name
        for name, column in batch.columns.items()
        if name not in taken
        and not are_numbers(given_values(column))
        and pc.count_distinct(column).as_py() > 1
        and not _follows(column, batch.columns[unit])
        and not _follows(column, days)
    ]


def _follows(column: pa.Array, of: pa.Array) -> bool:
    return _different([column, of]) == _different([of])


def _different(columns: Sequence[pa.Array]) -> int:
    names = [str(at) for at in range(len(columns))]
    return int(pa.table(dict(zip(names, columns, strict=True))).group_by(names).aggregate([]).num_rows)


def _is_panel(batch: Batch, unit: str, days: pa.Array, lists: list[str]) -> bool:
    units, told = batch.columns[unit], len(batch.rows)
    pairs, size = _different([units, days]), _different([units]) * _different([days])
    whole = _different([units, days, *(batch.columns[one] for one in lists)])
    return _different([units]) > 1 and pairs >= DENSE * size and whole >= FULL * told


def _found(batch: Batch, unit: str, period: list[str], numbers: list[str], lists: list[str]) -> LongCounts:
    contacts = min(numbers, key=lambda one: (not set(words_of(one)) & COUNTS, len(one), one))
    kind = next((one for one in sorted(lists) if set(words_of(one)) & KINDS), "")
    measures = () if kind else _measures(batch, numbers)
    rest = [one for one in numbers if one not in (measures or (contacts,))]
    told = [f"other numbers of it are not read: {', '.join(rest)}"] if rest else []
    where = {unit: _level(batch, unit) or ["!" + one for one in totals(batch, unit)]}
    if kind and (left := _no_kinds(_words(batch, kind))):
        where[kind] = left
    added = False
    for one in lists:
        if one == kind:
            continue
        where[one], several = _chosen(_words(batch, one))
        if several:
            told.append(f"rows that differ in {one} alone are added up; choose some by [source.where] {one!r} = [...]")
        added |= several
    where = {heading: left for heading, left in where.items() if left}
    years = len(period) == 1 and _all(batch, period[0], r"^\d{4}$")
    told += ["years by themselves are taken for calendar years"] if years else []
    when = period[0] if len(period) == 1 else period
    dated = "%Y" if years else ""
    return LongCounts(unit, when, contacts, kind, dated, added, measures, where, tuple(told))


def _measures(batch: Batch, numbers: list[str]) -> tuple[str, ...]:
    """Of several columns of numbers those that count something of their own: not those that are, by their name or in
    nearly every row, the sum of all others. None where one alone is left."""
    if len(numbers) < 2:
        return ()
    values = {name: _whole_numbers(batch, name) for name in numbers}
    found = [name for name in numbers if not is_total(name) and not _sums_the_others(name, values)]
    return tuple(found) if len(found) > 1 else ()


def _whole_numbers(batch: Batch, name: str) -> Vector:
    """float64[row]; not a number where a mark or nothing stands."""
    figures = pc.replace_substring(bared(pc.utf8_trim_whitespace(batch.columns[name]))[0], ",", "")
    told = pc.if_else(pc.match_substring_regex(figures, r"^\d+(\.\d+)?$"), figures, None)
    found: Vector = pc.cast(told, pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    return found


def _sums_the_others(name: str, values: dict[str, Vector]) -> bool:
    others = np.sum([column for one, column in values.items() if one != name], axis=0)
    known = ~np.isnan(values[name]) & ~np.isnan(others)
    same = values[name][known] == others[known]
    return len(values) > 2 and bool(known.any()) and float(np.mean(same)) >= FULL


def _words(batch: Batch, name: str) -> list[str]:
    return sorted(map(str, pc.unique(given_values(batch.columns[name])).to_pylist()))


def _chosen(words: list[str]) -> tuple[list[str], bool]:
    """Of a list beside the kind: the word for the whole, or all but shares and rates; whether what is left is to be
    added up."""
    if whole := [one for one in words if WHOLE.match(one)]:
        return [min(whole, key=len)], False
    shares = [one for one in words if SHARES.search(one)]
    return ["!" + one for one in shares], len(words) - len(shares) > 1


def _no_kinds(words: Iterable[str]) -> list[str]:
    """Measures that are not added up, and those that are the sum of the others."""
    several = list(words)
    left = [one for one in several if SHARES.search(one)]
    left += [one for one in several if one not in left and (is_total(one) or WHOLE.match(one))]
    return ["!" + one for one in left] if len(left) < len(several) else []


def _level(batch: Batch, unit: str) -> list[str]:
    """Of codes of areas within each other those of one level: the one with the most areas."""
    if not _all(batch, unit, GSS):
        return []
    codes, several = _words(batch, unit), dict[str, set[str]]()
    # Counties hold districts; where no district is told they stand beside the other councils.
    beside = LOCAL if any(one.startswith("E07") for one in codes) else (*LOCAL, "E10")
    for one in codes:
        several.setdefault("local" if one[:3] in beside else one[:3], set()).add(one)
    most = max(several, key=lambda level: len(several[level]))
    return sorted({f"{one[:3]}*" for one in several[most]}) if len(several) > 1 else []
