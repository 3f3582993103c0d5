"""Rows as they come out of a file of any kind, some thousands at a time."""

from __future__ import annotations

from collections import Counter
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
    """columns: text by the file's own names; rows: int64[row]; refused: row number → reason; read: bytes read so
    far."""

    columns: dict[str, pa.StringArray]
    rows: np.ndarray[Any, np.dtype[np.int64]]
    refused: dict[int, str]
    read: int


def distinct_names(names: list[str]) -> list[str]:
    """A heading that stands twice, or is empty, gets the number of its column: which of two is meant is for the user to
    say."""
    counts, taken = Counter(names), set(names)
    found = []
    for at, name in enumerate(names, 1):
        new = name if name and counts[name] == 1 else f"{name or 'column'}_{at}"
        while new != name and new in taken:
            new += "_"
        taken.add(new)
        found.append(new)
    return found
