"""What to write for a file by what its columns hold: events or people a row, counts a row, or counts a period."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from headwater.domain.tables import TABLES
from headwater.sources.blocks import drafted, quoted, sexes, with_header_file
from headwater.sources.content import cardinality, given_values, kind_word, sort_of
from headwater.sources.coordinates import DEGREES, GRID, LIMITS
from headwater.sources.headings import CLOCK, found_in, plain
from headwater.sources.longform import long_counts
from headwater.sources.numbers import bared
from headwater.sources.own_number import numbered
from headwater.sources.proposal import Proposal, Seen, columns_seen, slug
from headwater.sources.sort_told import kind_column
from headwater.sources.suggest import WHO
from headwater.sources.wide import MEASURE, NAME, VALUE, patterns, totals, unit_of, wide_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.sources.batches import Batch
    from headwater.sources.longform import LongCounts


CELL_METRES = 500
"""Side of the squares that coordinates are put into, unless the user says otherwise."""


SHORT = {"latitude": ("lat",), "longitude": ("lon", "lng", "long")}
"""What coordinates are called for short."""


ROLES = {
    "victim",
    "witness",
    "suspect",
    "offender",
    "complainant",
    "informant",
    "aggrieved",
    "carer",
    "cared for",
    "referrer",
    "subject",
}


HEADLESS = (
    "; its first row holds values, not headings: add it together with the file of its headings (header_file = ...)"
)


def of_content(root: Path, one: Seen, agency: str, seen: Sequence[Seen]) -> Proposal:
    if wide := wide_columns(one.batch):
        return _of_periods(one, wide, agency)
    whole = one.whole
    columns: dict[str, str | list[str]] = dict(whole.columns)
    told = Proposal(one.name, (one.name,), why="by what its columns hold")
    told.columns = columns_seen(one.batch, {theirs: ours for ours, theirs in whole.columns.items()})
    agency = agency or slug(PurePosixPath(one.name).stem)
    if whole.table == "contact" and not {"record", "person", "place"} & set(columns):
        columns |= _shared_key(one, seen)
    lacking = _lacking(whole.table, columns)
    if whole.table == "contact" and not {"record", "person", "place"} & set(columns) and not _at(one.batch):
        lacking.append("record (whom) or place (where)")
    if (lacking or whole.table == "count") and (found := long_counts(one.batch)):
        return _of_long(one, found, agency)
    if lacking:
        told.problems.append(
            f"nothing in {one.name} fills {', '.join(lacking)} of the table {whole.table!r} it is most like: say it in"
            f" headwater.toml, or on the page Data{HEADLESS if one.headless else ''}"
        )
        told.draft = drafted(
            _block(one.name, whole.table, columns, agency, whole.header_row, one.batch), lacking, one.batch, columns
        )
        return told
    if whole.table == "contact":
        columns = numbered(columns, one.batch)
        if "kind" not in columns and (sort := kind_column(one.batch, columns.values(), one.name)):
            columns["kind"] = sort
    _clocked(columns, one.batch)
    told.problems += _roles(one.batch) if whole.table == "contact" else []
    told.texts.append(
        with_header_file(_block(one.name, whole.table, columns, agency, whole.header_row, one.batch), one.header_file)
    )
    if whole.table == "contact" and "record" in columns:
        who = {ours: theirs for ours, theirs in one.people.columns.items() if ours in WHO}
        if who:
            first = columns["start"]
            text = _block(
                one.name,
                "record",
                {"record": columns["record"], **who},
                agency,
                whole.header_row,
                one.batch,
                first if isinstance(first, str) else first[0],
            )
            told.texts.append(with_header_file(text, one.header_file))
    return told


def _of_long(one: Seen, found: LongCounts, agency: str) -> Proposal:
    """Counts with a row for each unit, period and measure."""
    told = Proposal(one.name, (one.name,), why="by its rows: one for each place, period and measure")
    columns: dict[str, str | list[str]] = {"unit": found.unit, "period": found.period, "contacts": found.contacts}
    columns |= {"kind": found.kind} if found.kind else {}
    if found.measures:
        columns |= {"kind": MEASURE, "contacts": VALUE}
    told.columns = columns_seen(
        one.batch, {theirs: ours for ours, theirs in columns.items() if isinstance(theirs, str)}
    )
    text = _block(
        one.name, "count", columns, agency or slug(PurePosixPath(one.name).stem), one.whole.header_row, one.batch
    )
    remarks = "".join(f"# {remark}\n" for remark in found.told)
    form = f"date_format = {quoted(found.date_format)}\n" if found.date_format else ""
    form += "total = true\n" if found.total else ""
    text = text.replace("[source.columns]\n", f"{remarks}{form}[source.columns]\n", 1)
    if found.where:
        chosen = (f"{quoted(heading)} = {quoted(words)}" for heading, words in found.where.items())
        text += "\n".join(["[source.where]   # sums of other rows and what is no count are left out", *chosen]) + "\n"
    if found.measures:
        text += (
            "[source.unpivot]   # a column for each thing that is counted\n"
            f'columns = {quoted(list(found.measures))}\nname = "{MEASURE}"\nvalue = "{VALUE}"\n'
        )
        told.why += f", with a column for each of {', '.join(found.measures)}"
    told.why += "".join(f"; {remark}" for remark in found.told)
    told.texts.append(with_header_file(text, one.header_file))
    return told


def _of_periods(one: Seen, wide: list[str], agency: str) -> Proposal:
    """Counts with a column for each period, turned into rows."""
    told = Proposal(one.name, (one.name,), why=f"by its {len(wide)} columns named by periods")
    told.columns = columns_seen(one.batch, dict.fromkeys(wide, VALUE))
    unit = unit_of(one.batch, wide)
    if not unit:
        told.problems.append(
            f"{len(wide)} columns of {one.name} are periods, and no column says whose numbers a row holds: say unit ="
            ' "..." in headwater.toml, with [source.unpivot]'
        )
    stem, others = slug(PurePosixPath(one.name).stem), [name for name in one.batch.columns if name not in wide]
    lines = ["[[source]]", 'table = "count"', f"files = {quoted(one.name)}", f'agency = "{agency or stem}"']
    lines += [f"header_row = {one.whole.header_row}"] if one.whole.header_row > 1 else []
    lines += [
        "[source.columns]",
        *([f"unit = {quoted(unit)}   # {_holding(one.batch, unit)}"] if unit else []),
        f'period = "{NAME}"',
        f'contacts = "{VALUE}"',
    ]
    lines += ["[source.constants]   # the file does not say: mend this word", f'kind = "{stem}"']
    lines += [
        f"[source.unpivot]   # one column a period: {wide[0]} to {wide[-1]}",
        f"columns = {quoted(patterns(wide, others))}",
        f'name = "{NAME}"',
        f'value = "{VALUE}"',
    ]
    if not unit:
        told.draft = drafted(
            "\n".join(lines) + "\n",
            ["unit"],
            replace(one.batch, columns={name: one.batch.columns[name] for name in others}),
            {},
        )
        return told
    sums = totals(one.batch, unit)
    lines += (
        [
            "[source.where]   # sums of the other rows are no unit",
            f"{quoted(unit)} = {quoted(['!' + each for each in sums])}",
        ]
        if sums
        else []
    )
    told.texts.append(with_header_file("\n".join(lines) + "\n", one.header_file))
    return told


def _clocked(columns: dict[str, str | list[str]], batch: Batch) -> None:
    """A time of day in a column of its own, whose heading is the day's but for a word, is the other half of a
    moment."""
    for ours in ("start", "end"):
        day = columns.get(ours)
        if not isinstance(day, str) or pc.any(pc.match_substring(batch.columns[day], ":"), min_count=0).as_py():
            continue
        clock = re.sub(r"(?i)date|day", "time", day)
        theirs = found_in(clock, batch.columns) if clock != day else None
        if theirs and pc.all(pc.match_substring_regex(given_values(batch.columns[theirs]), CLOCK), min_count=0).as_py():
            columns[ours] = [day, theirs]


def _roles(batch: Batch) -> list[str]:
    """One event with a row for each person in it: who they are in it is for the user to choose."""
    found = []
    for theirs, column in batch.columns.items():
        words = (
            {str(one).casefold() for one in pc.unique(given_values(column)).to_pylist()}
            if cardinality(column).endswith("words")
            else set()
        )
        if len(words & ROLES) > 1:
            found.append(
                f"{theirs} tells who a person is in an event ({', '.join(sorted(words & ROLES))}), and each is a"
                f" contact as it stands: write [source.where] {quoted(theirs)} = [...] for those who count"
            )
    return found


def _lacking(table: str, columns: Mapping[str, str | list[str]]) -> list[str]:
    filled = {
        *columns,
        "agency",
        *(("contact", "kind", "service") if table == "contact" else ("kind",) if table == "count" else ()),
    }
    return [column.name for column in TABLES[table].columns if column.required and column.name not in filled]


def _block(
    name: str, table: str, columns: Mapping[str, str | list[str]], agency: str, row: int, batch: Batch, latest: str = ""
) -> str:
    """A [[source]] with a remark on what each column holds."""
    stem = slug(PurePosixPath(name).stem)
    named = "agency" in TABLES[table].names
    lines = [
        "[[source]]",
        f'table = "{table}"',
        f"files = {quoted(name)}",
        *([f'agency = "{agency}"'] if named and "agency" not in columns else []),
    ]
    lines += [f"header_row = {row}"] if row > 1 else []
    lines += (
        [f"latest_by = {quoted(latest)}   # a person stands in several rows: the latest says who it is"]
        if latest
        else []
    )
    lines += (
        ["number_rows = true   # no column numbers the rows"] if table == "contact" and "contact" not in columns else []
    )
    lines.append("[source.columns]")
    lines += [f"{ours} = {quoted(theirs)}   # {_holding(batch, theirs)}" for ours, theirs in columns.items()]
    constants = (
        {"kind": kind_word(batch) or stem, "service": f"{agency}/{stem}"}
        if table == "contact"
        else {"kind": stem}
        if table == "count"
        else {}
    )
    missing = {ours: value for ours, value in constants.items() if ours not in columns}
    if missing:
        lines += [
            "[source.constants]   # the file does not say: mend these words",
            *(f"{ours} = {quoted(value)}" for ours, value in missing.items()),
        ]
    lines += _at(batch) if table == "contact" else []
    if latest:
        lines += ["[source.where]   # rows that name nobody", f'{quoted(str(columns["record"]))} = "*"']
    if "sex" in columns:
        lines += sexes(batch.columns[str(columns["sex"])])
    return "\n".join(lines) + "\n"


def _holding(batch: Batch, theirs: str | list[str]) -> str:
    if not isinstance(theirs, str):
        return "a day and its time"
    if theirs not in batch.columns:
        return "made of several columns, below"
    return f"{sort_of(batch.columns[theirs])}, {cardinality(batch.columns[theirs])}"


def _at(batch: Batch) -> list[str]:
    """[source.at] where two columns are named and look like coordinates."""
    for pair in (GRID, DEGREES):
        found = {ours: theirs for ours in pair if (theirs := _coordinate(batch, ours))}
        if len(found) == len(pair):
            return [
                "[source.at]",
                *(f"{ours} = {quoted(theirs)}" for ours, theirs in found.items()),
                f"cell = {CELL_METRES}",
            ]
    return []


def _coordinate(batch: Batch, ours: str) -> str:
    """The heading that names it and whose numbers lie within Great Britain."""
    low, high = LIMITS[ours]
    for theirs, column in batch.columns.items():
        if (ours not in theirs.lower() and plain(theirs) not in SHORT.get(ours, ())) or sort_of(column) != "numbers":
            continue
        values = (
            pc.cast(bared(given_values(column))[0], "float64", safe=False)
            if not pc.any(pc.match_substring(column, ",")).as_py()
            else None
        )
        if values is not None and (
            ours == "longitude" or (pc.min(values).as_py() >= low and pc.max(values).as_py() <= high)
        ):
            return theirs
    return ""


def _shared_key(one: Seen, seen: Sequence[Seen]) -> dict[str, str]:
    """The column whose numbers are those of another file that has one row a person."""
    for other in seen:
        if other is one:
            continue
        for theirs, column in other.batch.columns.items():
            if cardinality(column) != "another in each row" or sort_of(column) == "times":
                continue
            for mine, values in one.batch.columns.items():
                given = given_values(values)
                same = pc.is_in(given, given_values(column))
                if plain(mine) == plain(theirs) and len(given) and float(pc.mean(same.cast("int8")).as_py()) >= 0.8:
                    return {"record": mine}
    return {}
