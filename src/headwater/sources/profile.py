"""What a file's columns look like before it is loaded: how they are read, how much is missing, how many values differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.tables import TABLES
from headwater.sources import headings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.tables import Column
    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch
    from headwater.sources.judge import Readings


def profiled(batches: Sequence[Batch], source: SourceSettings, readings: Readings) -> tuple[dict[str, object], ...]:
    """A line a column of ours that the file fills."""
    if not batches:
        return ()
    there = batches[0].columns
    filled = [column for column in TABLES[source.table].columns
              if any(headings.found_in(one, there) for one in headings.wanted(source, column.name, there))]  # fmt: skip
    return tuple(_line(column, batches, source, readings) for column in filled)


def _line(column: Column, batches: Sequence[Batch], source: SourceSettings, readings: Readings) -> dict[str, object]:
    text = pa.chunked_array([headings.given(batch, column.name, source) for batch in batches], pa.string())
    reading = readings.columns.get(column.name)
    told = (reading.told or reading.problem) if reading else ""
    line = {"column": column.name, "heading": ", ".join(headings.wanted(source, column.name, batches[0].columns)), "reading": told or _usual(column)}  # fmt: skip
    share = text.null_count / len(text) if len(text) else 1.0
    return {**line, "missing": round(share, 4), "distinct": pc.count_distinct(text).as_py()}


def _usual(column: Column) -> str:
    """What a column without doubt is read as."""
    return {"text": "text", "boolean": "yes or no", "integer": "whole number", "number": "number"}.get(column.type, "dates without doubt")  # fmt: skip
