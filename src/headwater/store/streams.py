"""A stream of batches written into one Parquet file."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SAMPLE = 10_000
"""Rows by which it is told whether the values of a column repeat."""


def stream(batches: Iterable[pa.RecordBatch], file: Path, schema: pa.Schema) -> None:
    """Values that hardly repeat, as pseudonyms and moments, are written as they stand: a dictionary of them, or the
    least and the greatest of such texts, would cost a third of the time and tell nothing."""
    coming = iter(batches)
    first = next(coming, None)
    fresh = set() if first is None else {name for name in schema.names if _hardly_repeats(first.column(name))}
    coded = [name for name in schema.names if name not in fresh]
    told = [field.name for field in schema if field.name in coded or not pa.types.is_string(field.type)]
    with pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=coded, write_statistics=told) as writer:
        for batch in coming if first is None else chain([first], coming):
            writer.write_batch(batch)


def _hardly_repeats(column: pa.Array) -> bool:
    """Whether most of the first values are different."""
    looked_at = column[:SAMPLE]
    return len(looked_at.unique()) > len(looked_at) / 2
