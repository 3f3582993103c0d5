"""One batch of a file made into rows of a declared table, and the rest into quarantine, each row with its reasons.

A value may be left out while its row is kept, where the row is worth something without it; that is counted too.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.tables import TABLES
from headwater.sources.convert import Mask, convert, nhs_sound
from headwater.sources.coordinates import ASSIGNED, HIDDEN, LOCATED, points
from headwater.sources.files import LONGEST
from headwater.store import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.tables import Column, Table
    from headwater.domain.workspace import SourceSettings
    from headwater.sources.files import Batch

PSEUDONYM_BYTES = 16
AGENCY_OWN = ("record", "contact")
"""Numbers that only mean something within an agency: their pseudonym depends on it. Shared numbers' do not."""
SHARED = ("person", "nhs_number", "local_key")
FREE = ("address", "name", "title", "outcome", "source")
"""Texts in which a line end is nothing unusual."""
TOO_LONG = f"longer than {LONGEST:,} letters"
OPEN_QUOTE = "a line end within, as after a quotation mark left open"
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
    """kept: rows of the declared table with `__row`; refused: (row number, reasons, columns); left_out: the same of values in kept rows."""

    kept: pa.Table
    refused: list[tuple[int, str, str]]
    left_out: list[tuple[int, str, str]]


def make_rows(batch: Batch, source: SourceSettings, key: bytes, file: str = "") -> Made:
    """The batch's rows under our names and types, pseudonyms made, and what had to be refused. file: for rows to be numbered by."""
    table = TABLES[source.table]
    count = len(batch.rows)
    text = {column.name: _text(batch, column, source, count) for column in table.columns}
    if source.number_rows and table.name == "contact":
        text["contact"] = pc.coalesce(
            text["contact"], pa.array([f"{file} row {row}" for row in batch.rows], pa.string())
        )
    faults = Faults(count)
    values: dict[str, pa.Array] = {}
    for column in table.columns:
        values[column.name] = _converted(text, column, source, faults)
    _precision(table, text, values, source)
    points = _points(table, batch, source, values, faults)
    _rules(table, values, points, faults)
    _retention(table, values, source.keep_from, faults)
    for name in (*AGENCY_OWN, *SHARED):
        if name in values:
            values[name] = pseudonyms(values[name], values.get("agency"), name, key)
    bad = faults.mask
    made = pa.Table.from_pydict({**values, "__row": pa.array(batch.rows), **points}).filter(pa.array(~bad))
    refused = [(int(batch.rows[row]), *_joined(reasons)) for row, reasons in sorted(faults.found.items())]
    left_out = [
        (int(batch.rows[row]), *_joined(reasons)) for row, reasons in sorted(faults.left_out.items()) if not bad[row]
    ]
    return Made(made, sorted([*refused, *((row, reason, "") for row, reason in batch.refused.items())]), left_out)


def schema_of(source: SourceSettings) -> pa.Schema:
    """The declared schema with the number of the row in its file, and its coordinates where they will give it a place."""
    found = arrow_schema(TABLES[source.table]).append(pa.field("__row", pa.int64()))
    for name in HIDDEN if source.at and source.table in ASSIGNED else ():
        found = found.append(pa.field(name, pa.float64()))
    return found


def _points(
    table: Table, batch: Batch, source: SourceSettings, values: dict[str, pa.Array], faults: Faults
) -> dict[str, pa.Array]:
    """Coordinates: a place's own are its easting and northing, those of other rows stay hidden until a place is found."""
    if not source.at:
        return {}
    east, north = points(lambda heading: _given(batch, heading, source, len(batch.rows)), source, faults.add)
    if table.name in LOCATED:
        values.update(easting=pc.coalesce(values["easting"], east), northing=pc.coalesce(values["northing"], north))
        return {}
    return dict(zip(HIDDEN, (east, north), strict=True))


def _joined(reasons: Sequence[tuple[str, str]]) -> tuple[str, str]:
    return "; ".join(dict.fromkeys(reason for reason, _ in reasons)), "; ".join(
        dict.fromkeys(column for _, column in reasons)
    )


def _text(batch: Batch, column: Column, source: SourceSettings, count: int) -> pa.StringArray:
    """Their column trimmed, null where nothing is given, their words made ours; or the constant, or the source's agency."""
    theirs = source.columns.get(column.name, column.name)
    if theirs in batch.columns:
        return _in_our_words(_given(batch, theirs, source, count), source.values.get(column.name, {}))
    constant = source.constants.get(column.name, source.agency if column.name == "agency" else "")
    return pa.array([constant or None] * count, pa.string()) if count else pa.array([], pa.string())


def _given(batch: Batch, heading: str, source: SourceSettings, count: int) -> pa.StringArray:
    """A column of theirs trimmed, null where nothing is given; all null where the file has no such heading."""
    if heading not in batch.columns:
        return pa.nulls(count, pa.string())
    text = pc.utf8_trim_whitespace(batch.columns[heading])
    return pc.if_else(pc.is_in(text, pa.array(source.null_values, pa.string())), None, text)


def _in_our_words(text: pa.StringArray, words: dict[str, str]) -> pa.StringArray:
    if not words:
        return text
    at = pc.index_in(text, pa.array(list(words), pa.string()))
    ours = pa.array(list(words.values()), pa.string()).take(at)
    return pc.coalesce(ours, text)


def _converted(text: dict[str, pa.StringArray], column: Column, source: SourceSettings, faults: Faults) -> pa.Array:
    given = text[column.name]
    made = convert(given, column, source.date_format)
    faults.add(made.wrong, f"{column.name}: {made.reason}", column.name)
    if column.type == "text" and column.name not in FREE:
        broken = pc.fill_null(pc.match_substring(given, "\n"), False)
        faults.add(_np(broken), f"{column.name}: {OPEN_QUOTE}", column.name)
    if column.type == "text":
        long = pc.fill_null(pc.greater(pc.utf8_length(given), LONGEST), False)
        faults.add(_np(long), f"{column.name}: {TOO_LONG}", column.name)
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
    if column.name == "nhs_number":
        # A slip in one number is no reason to lose the record: it can still be linked by name.
        wrong = ~nhs_sound(given)
        faults.leave_out(wrong, "nhs_number: check digit does not fit, left out", column.name)
        return pc.if_else(pa.array(wrong), None, pc.replace_substring_regex(made.values, r"[\s-]", ""))
    return made.values


def _precision(table: Table, text: dict[str, pa.Array], values: dict[str, pa.Array], source: SourceSettings) -> None:
    """Where the file does not say how exact a time is, its own form does."""
    if "precision" in values and table.name == "contact":
        made = convert(text["start"], table.column("start"), source.date_format)
        values["precision"] = pc.coalesce(values["precision"], made.precision)


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


def pseudonyms(numbers: pa.StringArray, agency: pa.StringArray | None, name: str, key: bytes) -> pa.StringArray:
    """HMAC-SHA-256 of each number (with its agency where only that agency knows it), 16 bytes as hex; null stays null."""
    if name in AGENCY_OWN and agency is not None:
        numbers = pc.binary_join_element_wise(agency, numbers, "\x1f")
    coded = numbers.dictionary_encode()
    # One keyed state, copied for each number: half the cost of a new HMAC each time.
    keyed = hmac.new(key, f"{name}\x1f".encode(), hashlib.sha256)
    hashed = [_digest(keyed, number) for number in coded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(coded.indices, pa.array(hashed, pa.string())).dictionary_decode()


def _digest(keyed: Any, number: str) -> str:
    state = keyed.copy()
    state.update(number.encode())
    return str(state.hexdigest()[: 2 * PSEUDONYM_BYTES])


def _np(mask: Any) -> Mask:
    found: Mask = mask.to_numpy(zero_copy_only=False).astype(bool)
    return found
