"""Days that stand for no day: what systems write where none is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.sources.times import iso

Mask = np.ndarray[Any, np.dtype[np.bool_]]

STAND_INS = (
    "1582-10-15",
    "1600-01-01",
    "1753-01-01",
    "1800-01-01",
    "1801-01-01",
    "1899-12-30",
    "1899-12-31",
    "1900-01-00",
    "1900-01-01",
    "2999-12-31",
    "3000-01-01",
    "4712-12-31",
    "9999-12-31",
    "9999-01-01",
)
"""Days that systems write where none is known, or where something goes on: HES, SUS, TPP and SQL Server, Excel,
Oracle."""


FIRST, LAST = (pa.scalar(datetime(*day), pa.timestamp("us")) for day in ((1900, 1, 2), (2999, 12, 31)))
"""Days between these stand for themselves."""


def stand_in(text: pa.StringArray) -> Mask:
    """bool[row]: days that stand for no day, in the usual forms."""
    if _all_between(text):
        return np.zeros(len(text), dtype=bool)
    days = [(day[:4], day[5:7], day[8:]) for day in STAND_INS]
    words = [
        form
        for y, m, d in days
        for form in (f"{y}-{m}-{d}", f"{d}/{m}/{y}", f"{m}/{d}/{y}", f"{y}{m}{d}", f"{d}-{m}-{y}")
    ]
    day = pc.replace_substring_regex(text, r"[T ]00:00(:00(\.0+)?)?(Z|[+-]\d{2}:?\d{2})?$", "")
    found: Mask = pc.fill_null(pc.is_in(day, pa.array(words)), False).to_numpy(zero_copy_only=False).astype(bool)
    return found


def _all_between(text: pa.StringArray) -> bool:
    """Whether all are ISO days that stand for themselves, as those of most files are."""
    values = iso(text)
    if values is None:
        return False
    return bool(pc.all(pc.and_(pc.greater_equal(values, FIRST), pc.less(values, LAST)), min_count=0).as_py())
