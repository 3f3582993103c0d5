"""What reads well and can hardly be: counts by a slip of the keyboard, a fraction of a contact, a contact years away
from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TIMES = 1_000
"""So many times the middle count of its own unit and kind no count of a week or month comes to by growth or season."""
FEWEST = 12
"""Counts of a unit and kind before its middle says anything."""
SHOWN = 3
FAR, RARE, LONG_DAYS = 15, 0.01, 3_650
"""Years from the middle of all starts, the share of rows up to which a year is a stray, and days after which a stay is
odd."""


def odd_counts(tables: Sequence[pa.Table]) -> list[str]:
    """What is odd in rows of the table `count`, in words: cells far beyond their neighbours, and counts that are not
    whole."""
    if not tables:
        return []
    columns = ("unit", "kind", "period", "contacts")
    rows = pa.concat_tables([table.select(columns) for table in tables]).drop_null()
    if not rows.num_rows:
        return []
    many = rows["contacts"].to_numpy().astype(float)
    said = []
    broken = np.flatnonzero(many != np.floor(many))
    if len(broken):
        said.append(f"odd: {len(broken):,} row(s) count a fraction of a contact, as {_cell(rows, broken[0])}")
    far = np.flatnonzero(many > TIMES * np.maximum(_middles(rows, many), 1.0))
    if len(far):
        shown = "; ".join(_cell(rows, at) for at in far[:SHOWN])
        said.append(
            f"odd: {len(far):,} row(s) count over {TIMES:,} times what is usual of their unit and kind: {shown}"
        )
    return said


def odd_times(tables: Sequence[pa.Table]) -> list[str]:
    """Contacts that lie years away from all others, and stays of many years, in words."""
    rows = pa.concat_tables([table.select(["start", "end"]) for table in tables]) if tables else None
    if rows is None or rows.num_rows < FEWEST:
        return []
    years = pc.year(rows["start"]).to_numpy()
    found, counts = np.unique(years, return_counts=True)
    middle = found[np.searchsorted(np.cumsum(counts), counts.sum() / 2)]
    lone = [
        (int(year), int(n))
        for year, n in zip(found, counts, strict=True)
        if abs(year - middle) > FAR and n <= RARE * len(years)
    ]
    said = [f"odd: {n:,} row(s) start in {year}, years away from the others" for year, n in lone[:SHOWN]]
    stays = pc.greater(pc.days_between(rows["start"], rows["end"]), LONG_DAYS)
    long = pc.sum(stays).as_py() or 0
    return said + ([f"odd: {long:,} row(s) end more than {LONG_DAYS // 365} years after their start"] if long else [])


def _middles(rows: pa.Table, many: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[row]: the median count of the row's unit and kind; infinite where there are too few to tell."""
    series = pc.binary_join_element_wise(rows["unit"].cast(pa.string()), rows["kind"].cast(pa.string()), "\x1f")
    _, group, sizes = np.unique(
        series.to_numpy(zero_copy_only=False).astype(str), return_inverse=True, return_counts=True
    )
    order = np.lexsort((many, group))
    first = np.cumsum(sizes) - sizes
    middle = many[order][first + (sizes - 1) // 2]
    return np.where(sizes < FEWEST, np.inf, middle)[group]


def _cell(rows: pa.Table, at: int) -> str:
    row = rows.slice(int(at), 1).to_pylist()[0]
    return f"{row['contacts']:,.12g} {row['kind']} of {row['unit']} in the period from {str(row['period'])[:10]}"
