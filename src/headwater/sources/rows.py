"""One batch of a file made into rows of a declared table, and the rest into quarantine, each row with its reasons.

A value may be left out while its row is kept, where the row is worth something without it; that is counted too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.tables import TABLES
from headwater.sources.clock_change import HOUR, an_hour_longer
from headwater.sources.convert import SUPPRESSED, UNSAID, Mask, convert, nhs_sound
from headwater.sources.coordinates import ASSIGNED, HIDDEN, LOCATED, OTHERWISE, pair_of, points
from headwater.sources.damage import NUMBERED, REASONS, ROUND, damages
from headwater.sources.headings import JOINT, found_in, given, plain, under, wanted
from headwater.sources.judge import LATEST, Readings
from headwater.sources.letters import holds
from headwater.sources.numbering import as_stored, with_noughts
from headwater.sources.numbers import few, limits
from headwater.sources.pseudonyms import AGENCY_OWN, pseudonyms
from headwater.sources.shaping import LEAVES
from headwater.sources.standins import stand_in
from headwater.sources.times import sortable
from headwater.store import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.tables import Column, Table
    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch

COMMA_ROUNDED = r"^\d,\d+[eE]\+\d+$"
ROUNDED_CODE = rf"\x00|(^|[|,;]\s*)\d(\.\d+)?[eE]\+\d+\s*($|[|,;])|{COMMA_ROUNDED}"
"""Cells with a code that a spreadsheet took for a number."""
SHARED = ("person", "nhs_number", "local_key")
UNBORN = "a day that has not come, left out"
STOOD_IN = "a day that stands for none, left out"
OPEN = ("end", "to", "death_date")
"""Columns that are empty, or far away, while something goes on."""
LIFE = ("birth_date", "death_date")
"""Days of a person's life: none of them is still to come."""
NEVER_BORN = "before the birth, left out"
NO_YEAR = "not a financial year, as 2023-24"
PAST_RETENTION = "ended before the day from which rows are kept ([retention] keep_from)"
ENDED = {"contact": ("end", "start"), "enrolment": ("end",), "observation": ("to",)}
"""The columns that say when a row about a person was over, the first that is given; a row without one goes on."""


@dataclass
class Faults:
    """Which rows of a batch cannot be kept, and why."""

    count: int
    found: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    left_out: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """Values that cannot be kept in rows that can."""

    def add(self, wrong: Mask, reason: str, column: str) -> None:
        for row in np.flatnonzero(wrong).tolist():
            self.found.setdefault(row, []).append((reason, column))

    def leave_out(self, wrong: Mask, reason: str, column: str) -> None:
        for row in np.flatnonzero(wrong).tolist():
            self.left_out.setdefault(row, []).append((reason, column))

    @property
    def mask(self) -> Mask:
        bad = np.zeros(self.count, dtype=bool)
        bad[list(self.found)] = True
        return bad


@dataclass(frozen=True, slots=True)
class Made:
    """kept: rows of the declared table with `__row`; refused: (row number, reasons, columns); left_out: the same of
    values in kept rows."""

    kept: pa.Table
    refused: list[tuple[int, str, str]]
    left_out: list[tuple[int, str, str]]
    reasons: pa.Table
    """Rows of `contact_reason` of the kept rows, with `__latest` where returns are dated."""
    left: int = 0
    """Rows with a fault that the user asked to leave out anyway."""


@dataclass(frozen=True, slots=True)
class Making:
    """What rows are made by: the mapping, the key of the pseudonyms, how each column is read, the file that rows are
    numbered by."""

    source: SourceSettings
    key: bytes
    readings: Readings = field(default_factory=Readings)
    file: str = ""


def make_rows(batch: Batch, making: Making) -> Made:
    """The batch's rows under our names and types, pseudonyms made, and what had to be refused."""
    source, key = making.source, making.key
    table = TABLES[source.table]
    count = len(batch.rows)
    text = {column.name: text_of(batch, column, source, count) for column in table.columns}
    if source.number_rows and table.name == "contact":
        text["contact"] = pc.coalesce(
            text["contact"], pa.array([_numbered(making, row) for row in batch.rows.tolist()], pa.string())
        )
    if source.event and table.name == "contact":
        text["contact"] = pc.binary_join_element_wise(text["contact"], pa.scalar(source.event), JOINT)
    faults = Faults(count)
    values: dict[str, pa.Array] = {}
    exact: dict[str, pa.Array] = {}
    if table.name == "count":
        for name, told in zip(("least", "most"), limits(text["contacts"]), strict=True):
            text[name] = pc.coalesce(text[name], told)
    for column in table.columns:
        values[column.name] = _converted(text, column, making, faults, exact)
    _otherwise(batch, source, values)
    _precision(table, values, exact)
    points = _points(table, batch, source, values, faults)
    _folds(values, text)
    _lives(values, faults)
    _rules(table, values, points, faults)
    _retention(table, values, source.keep_from, faults)
    for name in (*AGENCY_OWN, *SHARED):
        if name in values:
            values[name] = pseudonyms(values[name], values.get("agency"), name, key)
    _broken_codes(batch, source, faults)
    leaves = _leaving(batch)
    asked_out = [row for row in faults.found if leaves[row]]
    bad = faults.mask
    for row in asked_out:
        del faults.found[row]
    if source.latest_by and source.where:
        points |= {LEAVES: pa.array(leaves)}
    if source.latest_by:
        latest = under(batch, source.latest_by, source)
        points |= {"__latest": sortable(latest, making.readings.time(LATEST))}
    made = pa.Table.from_pydict({**values, "__row": pa.array(batch.rows), **points}).filter(pa.array(~bad))
    refused = [(int(batch.rows[row]), *_joined(reasons)) for row, reasons in sorted(faults.found.items())]
    left_out = [
        (int(batch.rows[row]), *_joined(reasons)) for row, reasons in sorted(faults.left_out.items()) if not bad[row]
    ]
    refused = sorted([*refused, *((row, reason, "") for row, reason in batch.refused.items())])
    return Made(made, refused, left_out, _reasons(batch, source, values, ~bad & ~leaves, points), len(asked_out))


def _leaving(batch: Batch) -> Mask:
    """bool[row]: rows that the user asked to leave out, still here to supersede."""
    marked = batch.columns.get(LEAVES)
    return _np(pc.equal(marked, "1")) if marked is not None else np.zeros(len(batch.rows), dtype=bool)


def no_reasons(source: SourceSettings) -> pa.Table:
    schema = arrow_schema(TABLES["contact_reason"])
    return (schema.append(pa.field("__latest", pa.string())) if source.latest_by else schema).empty_table()


def _reasons(
    batch: Batch, source: SourceSettings, values: dict[str, pa.Array], kept: Mask, points: dict[str, pa.Array]
) -> pa.Table:
    """Codes of why a contact came: a row each, in the order of the headings; several in one cell are cut at `|`, `,` or
    `;`."""
    found = [no_reasons(source)]
    for system, names in source.reasons.items():
        before = np.zeros(len(batch.rows), dtype=np.int64)
        for heading in _wide(names, batch):
            at, code, position = _cut(under(batch, heading, source), before)
            before = before + 1 + np.maximum(np.bincount(at, minlength=len(before)) - 1, 0)
            told = {
                "contact": values["contact"].take(at),
                "agency": values["agency"].take(at),
                "system": pa.repeat(pa.scalar(system), len(code)),
                "code": code,
                "position": pa.array(position),
            }
            if source.latest_by:
                told["__latest"] = points["__latest"].take(at)
            found.append(pa.table(told).filter(pa.array(kept[at])).cast(found[0].schema))
    return pa.concat_tables(found)


def _cut(codes: pa.StringArray, before: Any) -> tuple[Any, pa.StringArray, Any]:
    """The row, the code and the place of each code of one heading. before: int64[row], the last place that earlier
    headings took."""
    whole = pc.if_else(pc.match_substring_regex(codes, COMMA_ROUNDED), None, codes) if holds(codes, b"+") else codes
    cut = pc.split_pattern_regex(whole, r"[|,;]+")
    at = pc.list_parent_indices(cut).to_numpy()
    code = pc.utf8_trim_whitespace(pc.list_flatten(cut))
    filled = _np(pc.and_(pc.not_equal(code, ""), pc.invert(pc.match_substring_regex(code, ROUND))))
    at, code = at[filled], code.filter(pa.array(filled))
    first = np.searchsorted(at, at)
    return at, code, before[at] + 1 + np.arange(len(at)) - first


def _broken_codes(batch: Batch, source: SourceSettings, faults: Faults) -> None:
    """Codes of reasons that a spreadsheet rounded are left out, and told."""
    for system, names in source.reasons.items():
        for heading in _wide(names, batch):
            codes = under(batch, heading, source)
            if holds(codes, b"+\x00"):
                wrong = _np(pc.fill_null(pc.match_substring_regex(codes, ROUNDED_CODE), False))
                faults.leave_out(wrong, f"{system}: {REASONS[0][1]}", "reasons")


def _wide(names: list[str], batch: Batch) -> list[str]:
    """The headings of a coding system, patterns as DIAG_4_?? for all that fit, in their order."""
    found: list[str] = []
    for name in names:
        fits = [
            one for one in batch.columns if any(mark in name for mark in "*?") and fnmatchcase(plain(one), plain(name))
        ]
        found += sorted(fits) or [name]
    return list(dict.fromkeys(found))


def _numbered(making: Making, row: int) -> str:
    """A row's own number; one row may be several contacts, of different kinds."""
    kind = making.source.constants.get("kind", "")
    return f"{making.file} row {row} {kind}" if kind else f"{making.file} row {row}"


def schema_of(source: SourceSettings) -> pa.Schema:
    """The declared schema with the number of the row in its file, and its coordinates where they will give it a
    place."""
    found = arrow_schema(TABLES[source.table]).append(pa.field("__row", pa.int64()))
    for name in HIDDEN if source.at and source.table in ASSIGNED else ():
        found = found.append(pa.field(name, pa.float64()))
    found = found.append(pa.field("__latest", pa.string())) if source.latest_by else found
    return found.append(pa.field(LEAVES, pa.bool_())) if source.latest_by and source.where else found


def _points(
    table: Table, batch: Batch, source: SourceSettings, values: dict[str, pa.Array], faults: Faults
) -> dict[str, pa.Array]:
    """Coordinates: a place's own are its easting and northing, those of other rows stay hidden until a place is
    found."""
    if not source.at:
        return {}
    east, north = points(lambda heading: under(batch, heading, source), source, faults.add)
    if table.name in LOCATED:
        values.update(easting=pc.coalesce(values["easting"], east), northing=pc.coalesce(values["northing"], north))
        return {}
    return dict(zip(HIDDEN, (east, north), strict=True))


def _otherwise(batch: Batch, source: SourceSettings, values: dict[str, pa.Array]) -> None:
    """Rows without coordinates lie in the area that they name, where the mapping says under which heading."""
    if not source.at.get(OTHERWISE) or "place" not in values:
        return
    east = under(batch, str(source.at[pair_of(source.at)[0]]), source)
    area = pc.if_else(east.is_null(), under(batch, str(source.at[OTHERWISE]), source), None)
    values["place"] = pc.coalesce(values["place"], area)


def _joined(reasons: Sequence[tuple[str, str]]) -> tuple[str, str]:
    return "; ".join(dict.fromkeys(reason for reason, _ in reasons)), "; ".join(
        dict.fromkeys(column for _, column in reasons)
    )


def text_of(batch: Batch, column: Column, source: SourceSettings, count: int) -> pa.StringArray:
    """Their column trimmed, null where nothing is given, their words made ours; or the constant, or the source's
    agency."""
    if any(found_in(one, batch.columns) for one in wanted(source, column.name, batch.columns)):
        ours = given(batch, column.name, source)
        ours = with_noughts(as_stored(ours), source.digits.get(column.name, 0)) if column.name in NUMBERED else ours
        ours = _in_our_words(ours, source.values.get(column.name, {}))
        if column.name in source.defaults:
            return pc.fill_null(ours, source.defaults[column.name])
        return ours
    constant = source.constants.get(column.name, source.agency if column.name == "agency" else "")
    constant = constant or source.defaults.get(column.name, "")
    return pa.repeat(pa.scalar(constant, pa.string()), count) if constant else pa.nulls(count, pa.string())


def _in_our_words(text: pa.StringArray, words: dict[str, str]) -> pa.StringArray:
    if not words:
        return text
    at = pc.index_in(text, pa.array(list(words), pa.string()))
    ours = pa.array(list(words.values()), pa.string()).take(at)
    return pc.coalesce(ours, text)


def _converted(
    text: dict[str, pa.StringArray], column: Column, making: Making, faults: Faults, exact: dict[str, pa.Array]
) -> pa.Array:
    """The column's values; its faults are added, and how exact its times are is put under its name."""
    if column.type in {"date", "timestamp"}:
        text[column.name] = _without_stand_ins(text[column.name], column, faults)
    given = text[column.name]
    if given.null_count == len(given) and not column.required:
        return pa.nulls(len(given), arrow_schema(TABLES[making.source.table]).field(column.name).type)
    made = convert(given, column, making.readings.columns.get(column.name), making.source.date_format)
    if made.precision is not None:
        exact[column.name] = made.precision
    faults.add(made.wrong, f"{column.name}: {made.reason}", column.name)
    if made.hidden is not None and made.hidden.any():
        _marked(made.hidden, few(given), column, faults)
    for wrong, why in damages(given, column.name) if column.type == "text" else ():
        faults.add(wrong, f"{column.name}: {why}", column.name)
    missing = _np(pc.is_null(given))
    if column.required:
        faults.add(missing, f"{column.name}: missing", column.name)
    if column.allowed:
        known = pc.or_(pc.is_in(given, pa.array(column.allowed)), pc.is_null(given))
        faults.add(~_np(known), f"{column.name}: not one of the allowed words", column.name)
    if column.minimum is not None:
        low = pc.fill_null(pc.less(made.values, column.minimum), False)
        word = "negative" if column.minimum == 0 else f"below {column.minimum:g}"
        faults.add(_np(low), f"{column.name}: {word}", column.name)
    return _of_its_own_rule(made.values, given, column, making.source, faults)


def _marked(hidden: Mask, small: Mask, column: Column, faults: Faults) -> None:
    """Marks where a number should be. A small one among counts keeps its row: that it is small is more than nothing."""
    kept = hidden & small if column.name == "contacts" else np.full_like(hidden, not column.required)
    for which, why in ((small, SUPPRESSED), (~small, UNSAID)):
        faults.add(hidden & ~kept & which, f"{column.name}: {why}", column.name)
        faults.leave_out(hidden & kept & which, f"{column.name}: {why}", column.name)


def _of_its_own_rule(
    values: pa.Array, given: pa.StringArray, column: Column, source: SourceSettings, faults: Faults
) -> pa.Array:
    """Columns that no type alone judges: scaled numbers, financial years, days of a life, numbers with a check
    digit."""
    if column.name in source.scale:
        return pc.multiply(values, source.scale[column.name])
    if column.name == "year" and source.table == "spend":
        return _financial_years(values, faults)
    if column.name in LIFE:
        unborn = _np(pc.fill_null(pc.greater(values, pa.scalar(date.today(), pa.date32())), False))
        faults.leave_out(unborn, f"{column.name}: {UNBORN}", column.name)
        return pc.if_else(pa.array(unborn), None, values) if unborn.any() else values
    if column.name == "nhs_number":
        # A slip in one number is no reason to lose the record: it can still be linked by name.
        wrong = ~nhs_sound(given)
        faults.leave_out(wrong, "nhs_number: check digit does not fit, left out", column.name)
        return pc.if_else(pa.array(wrong), None, pc.replace_substring_regex(values, r"[\s-]", ""))
    return values


def _financial_years(text: pa.StringArray, faults: Faults) -> pa.StringArray:
    """2023/24, 2023-2024, FY2023-24 and 202403 (it ends in March) as 2023-24; a year alone may be either half, and is
    refused."""
    ends = pc.match_substring_regex(pc.fill_null(text, ""), r"^(19|20)\d{2}03$")
    year = pc.if_else(ends, pc.utf8_slice_codeunits(pc.fill_null(text, ""), 0, 4), "1")
    before = pc.subtract(year.cast(pa.int64()), 1).cast(pa.string())
    text = pc.if_else(ends, pc.binary_join_element_wise(before, year, "-"), text)
    parts = pc.extract_regex(text, r"^(?i:fy ?)?(?P<y>\d{4})[-/](?:20|19)?(?P<z>\d{2})$")
    fits = _np(parts.is_valid())
    first, last = (pc.if_else(pa.array(fits), parts.field(key), "0").cast(pa.int64()).to_numpy() for key in "yz")
    sound = fits & ((first + 1) % 100 == last)
    faults.add(~sound & _np(text.is_valid()), f"year: {NO_YEAR}", "year")
    made = pc.binary_join_element_wise(parts.field("y"), parts.field("z"), "-")
    return pc.if_else(pa.array(sound), made, None)


def _without_stand_ins(text: pa.StringArray, column: Column, faults: Faults) -> pa.StringArray:
    """Days that stand for no day are none; where the day is needed, its row is then refused as one without it."""
    wrong = stand_in(text)
    if not wrong.any():
        return text
    if not column.required and column.name not in OPEN:
        faults.leave_out(wrong, f"{column.name}: {STOOD_IN}", column.name)
    return pc.if_else(pa.array(wrong), None, text)


def _folds(values: dict[str, pa.Array], text: dict[str, pa.StringArray]) -> None:
    """An end in the hour that the clocks strike twice keeps its stay: it is set as long after its start as it truly
    was."""
    if "start" not in values or "end" not in values or not pa.types.is_timestamp(values["end"].type):
        return
    start, end = (values[name].to_numpy(zero_copy_only=False) for name in ("start", "end"))
    twice = an_hour_longer(start, end, (text["start"], text["end"]))
    if twice.any():
        values["end"] = pa.array(np.where(twice, end + HOUR, end), pa.timestamp("us"))


def _lives(values: dict[str, pa.Array], faults: Faults) -> None:
    """A death before the birth is none: one of the two is wrong, and a death ends what others saw of the person."""
    if not set(LIFE) <= set(values):
        return
    turned = _np(pc.fill_null(pc.less(values["death_date"], values["birth_date"]), False))
    if turned.any():
        faults.leave_out(turned, f"death_date: {NEVER_BORN}", "death_date")
        values["death_date"] = pc.if_else(pa.array(turned), None, values["death_date"])


def _precision(table: Table, values: dict[str, pa.Array], exact: dict[str, pa.Array]) -> None:
    """Where the file does not say how exact a time is, its own form does."""
    if "precision" in values and table.name == "contact":
        values["precision"] = pc.coalesce(values["precision"], exact["start"])


def _rules(table: Table, values: dict[str, pa.Array], points: dict[str, pa.Array], faults: Faults) -> None:
    """Rules over two columns: an end is not before its start; somebody or somewhere is named."""
    for first, last in (("start", "end"), ("from", "to")):
        if first in values and last in values:
            turned = pc.fill_null(pc.less(values[last], values[first]), False)
            faults.add(_np(turned), f"{last} before {first}", last)
    if table.name in {"contact", "enrolment"} and not points:
        # Rows with coordinates are judged when their places are known (placing).
        nobody = pc.and_(
            pc.and_(pc.is_null(values["record"]), pc.is_null(values["person"])), pc.is_null(values["place"])
        )
        faults.add(_np(nobody), "neither a person nor a place", "record")
    if "record" in values and "agency" in values:
        # A number without the agency whose number it is could be anybody's.
        faults.add(
            _np(pc.and_(pc.is_valid(values["record"]), pc.is_null(values["agency"]))), "agency: missing", "agency"
        )


def _retention(table: Table, values: dict[str, pa.Array], keep_from: str, faults: Faults) -> None:
    """What was over before the first day that may be kept does not come in."""
    if not keep_from or table.name not in ENDED:
        return
    over = pc.cast(pc.coalesce(*(values[name] for name in ENDED[table.name])), pa.timestamp("us"))
    past = pc.less(over, pa.scalar(datetime.fromisoformat(keep_from), pa.timestamp("us")))
    faults.add(_np(pc.fill_null(past, False)), PAST_RETENTION, ENDED[table.name][0])


def _np(mask: Any) -> Mask:
    found: Mask = mask.to_numpy(zero_copy_only=False).astype(bool)
    return found
