"""What a file's columns look like before it is loaded: how they are read, how much is missing, how many values
differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.tables import TABLES
from headwater.sources import headings
from headwater.sources.convert import convert
from headwater.sources.times import has_a_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.tables import Column
    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch
    from headwater.sources.judge import Readings

MASK, FORMS_TOLD = 30, 3
"""Letters of a form that are told, and how many forms."""
PARTS = (
    'where month and year stand in two columns, write period = ["Year", "Month"]; where a calendar year is meant,'
    ' date_format = "%Y"'
)


def profiled(batches: Sequence[Batch], source: SourceSettings, readings: Readings) -> tuple[dict[str, object], ...]:
    """A line a column of ours that the file fills."""
    if not batches:
        return ()
    there = batches[0].columns
    filled = [
        column
        for column in TABLES[source.table].columns
        if any(headings.found_in(one, there) for one in headings.wanted(source, column.name, there))
    ]
    return tuple(_line(column, batches, source, readings) for column in filled)


def _line(column: Column, batches: Sequence[Batch], source: SourceSettings, readings: Readings) -> dict[str, object]:
    text = pa.chunked_array([headings.given(batch, column.name, source) for batch in batches], pa.string())
    reading = readings.columns.get(column.name)
    told = (reading.told or reading.problem) if reading else ""
    line = {
        "column": column.name,
        "heading": ", ".join(headings.wanted(source, column.name, batches[0].columns)),
        "reading": told or _usual(column),
    }
    share = text.null_count / len(text) if len(text) else 1.0
    return {**line, "missing": round(share, 4), "distinct": pc.count_distinct(text).as_py()}


def unread_times(batches: Sequence[Batch], source: SourceSettings, readings: Readings) -> list[str]:
    """For each column of times with values that no form fits: how these are written, letters and figures masked, and
    the way on."""
    found = []
    for column in TABLES[source.table].columns:
        reading = readings.columns.get(column.name)
        if column.type not in {"date", "timestamp"} or (reading is not None and reading.problem) or not batches:
            continue
        text = pa.chunked_array([headings.given(batch, column.name, source) for batch in batches], pa.string())
        values = pc.unique(text).drop_null()
        wrong = convert(values, column, reading, source.date_format).wrong
        strange = values.filter(pa.array(wrong)) if wrong.any() else values[:0]
        strange = strange.filter(pc.invert(has_a_form(strange)))
        if len(strange):
            found.append(_written(column, strange))
    return found


def _written(column: Column, values: pa.StringArray) -> str:
    masked = pc.replace_substring_regex(pc.replace_substring_regex(values, r"\d", "9"), r"\p{L}+", "Aa")
    counts = pc.value_counts(pc.utf8_slice_codeunits(masked, 0, MASK)).to_pylist()
    forms = sorted(counts, key=lambda one: (-one["counts"], one["values"]))[:FORMS_TOLD]
    told = ", ".join(f"{one['values']} ({one['counts']:,} values)" for one in forms)
    alone = column.name == "period" and bool({one["values"] for one in forms} & {"9999", "Aa"})
    way = (
        PARTS
        if alone
        else 'write date_format = "%d.%m.%Y" or as they are written, or leave these rows out (where = ...)'
    )
    return f"{column.name}: forms that are not read (9 a figure, Aa letters): {told}; {way}"


def _usual(column: Column) -> str:
    """What a column without doubt is read as."""
    return {"text": "text", "boolean": "yes or no", "integer": "whole number", "number": "number"}.get(
        column.type, "dates without doubt"
    )
