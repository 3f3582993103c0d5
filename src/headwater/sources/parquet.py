"""Parquet as batches of text columns: what a file holds in types of its own, as it would be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.sources.batches import ROWS, Batch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read(file: Path, only: set[str] | None) -> Iterator[Batch]:
    reader = pq.ParquetFile(file)
    last = 0
    for part in reader.iter_batches(batch_size=ROWS):
        batch = _unnested(part)
        plain = [
            field.name
            for field in batch.schema
            if not pa.types.is_nested(field.type) and (only is None or field.name in only)
        ]
        columns = {name: _text(batch.column(name)) for name in plain}
        rows = np.arange(last + 1, last + batch.num_rows + 1, dtype=np.int64)
        last += batch.num_rows
        yield Batch(columns, rows, {}, last)


def _unnested(batch: pa.RecordBatch) -> pa.RecordBatch:
    """What stands within something under dotted names, as in JSON (patient.id)."""
    while any(pa.types.is_struct(field.type) for field in batch.schema):
        (batch,) = pa.Table.from_batches([batch]).flatten().combine_chunks().to_batches()
    return batch


def _text(column: pa.Array) -> pa.StringArray:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return pc.fill_null(column.cast(pa.string()), "")
