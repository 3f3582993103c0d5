"""Their headings for our columns: without case, by aliases (`"qty | quantity"`), by patterns (`lad??cd`), or several
that make one."""

from __future__ import annotations

import re
from collections import Counter
from fnmatch import fnmatchcase
from itertools import product
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.tables import TABLES
from headwater.sources.letters import letters_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch

ALIAS = " | "
JOINT = "|"
"""Between the parts of a number that several columns make."""
CLOCK = r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp]\.?[Mm]\.?)?$"
BARE_CLOCK = r"^([01]?\d|2[0-3])?[0-5]?\d$"
UNSEEN = r"[\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}]"
"""Letters of no width: soft hyphens, joiners, marks of direction and of byte order."""
PART_OF_DAY = r"^0?\.\d{2,}$"
"""A time of day as a spreadsheet holds it, where nothing tells that it is one."""
MARKS = r"[._:\- ]+"
BORNE = 0.8
"""Share of the headings that bear the same before or after them from which it is no part of their names."""
MIDNIGHT = r"[T ]00:00(:00(\.0+)?)?$"


def plain(heading: str) -> str:
    return re.sub(r"[\s_]+", " ", heading.strip().casefold())


def found_in(wanted: str, headings: Iterable[str]) -> str | None:
    """The file's own heading for one that was written: as it stands, else without case, else as a pattern; the first
    alias that is there."""
    there = list(headings)
    if wanted in there:
        return wanted
    for alias in wanted.split(ALIAS):
        fits = [one for one in there if plain(one) == plain(alias)]
        fits = fits or [
            one
            for one in there
            if fnmatchcase(plain(one), plain(alias)) and "*" not in one and any(mark in alias for mark in "*?")
        ]
        if fits:
            return fits[0]
    return None


def bare_headings(headings: Iterable[str]) -> Iterator[dict[str, str]]:
    """Heading without what nearly all bear before or after it (dbo., ECDS_, _v2) → the heading itself; each way that
    there is, the least that is taken away first."""
    there = list(headings)
    before = _borne([[one[: mark.end()] for mark in re.finditer(MARKS, one)] for one in there])
    after = _borne([[one[mark.start() :] for mark in re.finditer(MARKS, one)] for one in there])
    for start, end in sorted(product(before, after), key=lambda two: len(two[0]) + len(two[1])):
        found = {one.removeprefix(start).removesuffix(end): one for one in there}
        if (start or end) and len(found) == len(there):
            yield found


def _borne(parts: Sequence[Sequence[str]]) -> list[str]:
    """What nearly all bear, and nothing."""
    counted = Counter(one for several in parts for one in set(several))
    return ["", *(one for one, n in counted.items() if n >= BORNE * len(parts) and n > 1)]


def rivals(written: str, headings: Iterable[str]) -> list[str]:
    """The file's headings that one that was written could mean: several where two of its aliases stand there, or two
    differ in case."""
    there = list(headings)
    if written in there:
        return [written]
    return list(dict.fromkeys(one for alias in written.split(ALIAS) for one in there if plain(one) == plain(alias)))


def all_rivals(source: SourceSettings, headings: Iterable[str]) -> dict[str, list[str]]:
    """Our column → the headings of which only the first would be read."""
    there = list(headings)
    found = {ours: rivals(one, there) for ours in source.columns for one in wanted(source, ours, there)}
    return {ours: several for ours, several in found.items() if len(several) > 1}


def wanted(source: SourceSettings, ours: str, headings: Iterable[str]) -> tuple[str, ...]:
    """What the user wrote for one of our columns; where nothing was written, its own name, if the file's column is that
    one."""
    theirs = source.columns.get(ours)
    if theirs is None:
        return (ours,) if _is_ours(source, ours, headings) else ()
    return (theirs,) if isinstance(theirs, str) else tuple(theirs)


def _is_ours(source: SourceSettings, ours: str, headings: Iterable[str]) -> bool:
    """Whether a column that has our name, and of which the mapping says nothing, is ours. PLACE in a file of placements
    is none: where a mapping says what a file's columns are, only the very name is ours, and not where it says that it
    is a reason or a coordinate.
    """
    if not source.columns:
        return True
    else_where = [*(one for texts in source.reasons.values() for one in texts), *map(str, source.at.values())]
    return ours in set(headings) and ours not in {plain(one) for one in else_where}


def lacking(source: SourceSettings, headings: Iterable[str]) -> list[tuple[str, str]]:
    """(ours, theirs) that are mapped, not said to be optional, and not in the file."""
    there = list(headings)
    return [
        (ours, one)
        for ours in source.columns
        if ours not in source.optional
        for one in wanted(source, ours, there)
        if found_in(one, there) is None
    ]


def used(source: SourceSettings, headings: Iterable[str]) -> set[str]:
    """The file's headings that fill something."""
    there = list(headings)
    names = [one for ours in TABLES[source.table].names for one in wanted(source, ours, there)]
    names += [one for texts in source.reasons.values() for one in texts]
    names += [*source.where, *(str(value) for value in source.at.values()), source.latest_by]
    patterns = [plain(one) for texts in source.reasons.values() for one in texts if "*" in one or "?" in one]
    wide = {one for one in there if any(fnmatchcase(plain(one), pattern) for pattern in patterns)}
    return wide | {found for one in names if one and (found := found_in(one, there))}


def filling(source: SourceSettings, columns: Iterable[str], headings: Iterable[str]) -> set[str]:
    """The file's headings that fill some of our columns, and those that rows are chosen or dated by."""
    there = list(headings)
    names = [one for ours in columns for one in wanted(source, ours, there)]
    return {found for one in (*names, *source.where, source.latest_by) if one and (found := found_in(one, there))}


def given(batch: Batch, ours: str, source: SourceSettings) -> pa.StringArray:
    """The values of one of our columns: trimmed, null where nothing is given, several columns joined; all null where it
    is absent."""
    parts = [under(batch, one, source) for one in wanted(source, ours, batch.columns)]
    if len(parts) < 2:
        return parts[0] if parts else pa.nulls(len(batch.rows), pa.string())
    column = TABLES[source.table].column(ours)
    return _moment(*parts[:2]) if column.type in {"date", "timestamp"} else _joint(parts)


def under(batch: Batch, heading: str, source: SourceSettings) -> pa.StringArray:
    """A column of theirs trimmed, null where nothing is given; all null where the file has no such heading."""
    theirs = found_in(heading, batch.columns)
    if theirs is None:
        return pa.nulls(len(batch.rows), pa.string())
    text = pc.utf8_trim_whitespace(_visible(batch.columns[theirs]))
    none = pc.is_in(text, pa.array(source.null_values, pa.string()))
    return pc.if_else(none, None, text) if pc.any(none, min_count=0).as_py() else text


def _visible(text: pa.StringArray) -> pa.StringArray:
    """Without letters that nobody sees: of two numbers that look alike, one would be somebody else's."""
    if letters_of(text).isascii():
        return text
    return pc.replace_substring_regex(pc.replace_substring_regex(text, UNSEEN, ""), r"[\x{a0}\x{2007}\x{202f}]", " ")


def _joint(parts: list[pa.StringArray]) -> pa.StringArray:
    """Null where every part is. Words are one word in any case, as a list of them is spelt from return to return; what
    holds a figure may be a number in which the case tells."""
    alike = (pc.if_else(pc.match_substring_regex(part, r"\d"), part, pc.utf8_lower(part)) for part in parts)
    whole = pc.binary_join_element_wise(*(pc.fill_null(part, "") for part in alike), JOINT)
    none = parts[0].is_null()
    for part in parts[1:]:
        none = pc.and_(none, part.is_null())
    return pc.if_else(none, None, whole)


def _moment(day: pa.StringArray, clock: pa.StringArray) -> pa.StringArray:
    """A day and a time of day, or a year and a month, as one text. A time that is none (3000: not known) leaves the
    day."""
    if pc.all(pc.match_substring_regex(day, r"^\d{4}([-/]\d{2,4})?$"), min_count=0).as_py():
        return pc.binary_join_element_wise(day, clock, "-")
    bare = pc.replace_substring_regex(day, MIDNIGHT, "")
    clock = pc.replace_substring_regex(clock, r"^\d{4}-\d{2}-\d{2}[T ]|^30/12/1899 ", "")
    clock = _from_part_of_day(clock)
    digits = pc.match_substring_regex(clock, BARE_CLOCK)
    padded = pc.utf8_lpad(clock, 4, "0")
    with_mark = pc.replace_substring_regex(padded, r"^(\d{2})(\d{2})$", r"\1:\2")
    time = pc.if_else(digits, with_mark, clock)
    sound = pc.fill_null(pc.match_substring_regex(time, CLOCK), False)
    return pc.if_else(sound, pc.binary_join_element_wise(bare, time, " "), day)


def _from_part_of_day(clock: pa.StringArray) -> pa.StringArray:
    """0.0424 as 01:01:03."""
    part = pc.fill_null(pc.match_substring_regex(clock, PART_OF_DAY), False)
    if not pc.any(part, min_count=0).as_py():
        return clock
    seconds = pc.round(pc.multiply(pc.if_else(part, clock, "0").cast(pa.float64()), 86_400)).cast(pa.int64())
    seconds = pc.min_element_wise(seconds, 86_399)
    figures = [
        pc.utf8_lpad(one.cast(pa.string()), 2, "0")
        for one in (pc.divide(seconds, 3600), _rest(pc.divide(seconds, 60)), _rest(seconds))
    ]
    return pc.if_else(part, pc.binary_join_element_wise(*figures, ":"), clock)


def _rest(seconds: pa.Array) -> pa.Array:
    return pc.subtract(seconds, pc.multiply(pc.divide(seconds, 60), 60))
