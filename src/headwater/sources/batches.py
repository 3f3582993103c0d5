"""Rows as they come out of a file of any kind, some thousands at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    pass


ROWS = 100_000


RAGGED = "ragged line: {found} columns instead of {expected}"


@dataclass(frozen=True, slots=True)
class Batch:
    """columns: text by the file's own names; rows: int64[row]; refused: row number → reason; read: bytes read so far."""

    columns: dict[str, pa.StringArray]
    rows: np.ndarray[Any, np.dtype[np.int64]]
    refused: dict[int, str]
    read: int


def distinct_names(names: list[str]) -> list[str]:
    """A repeated or empty heading gets its number, so that no column hides another."""
    seen: set[str] = set()
    found = []
    for at, name in enumerate(names, 1):
        new = name if name and name not in seen else f"{name or 'column'}_{at}"
        seen.add(new)
        found.append(new)
    return found
