"""Two engines asked the same: stores of either, and how far two answers lie apart."""

from __future__ import annotations

import dataclasses
import math
from contextlib import contextmanager
from enum import Enum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.domain.workspace import EngineSettings
from headwater.store import open_store
from headwater.store.java import java_problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.store import Store

CLOSE = 1e-9
TINY = {"spark.sql.shuffle.partitions": "2", "spark.sql.codegen.wholeStage": "false"}
"""For a few thousand rows, compiling a query to Java takes longer than running it uncompiled; two pieces, so that rows
do cross."""
SPARK = EngineSettings("spark", threads=2, memory="2GB", options=TINY)


def spark_missing() -> str:
    """Why Spark cannot run here; '' where it can."""
    if find_spec("pyspark") is None:
        return "pyspark is not installed (the spark extra)"
    return java_problem()


@contextmanager
def both(folder: Path) -> Iterator[tuple[Store, Store]]:
    """An empty store on DuckDB and one on Spark."""
    with open_store(folder / "duckdb") as duck, open_store(folder / "spark", SPARK) as spark:
        yield duck, spark


def apart(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two values differ by more than 1e-9 (relative, absolute near nothing): a line a place, at most one a
    branch."""
    if dataclasses.is_dataclass(one) and type(one) is type(other):
        return _named(
            {field.name: (getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(one)},
            at,
        )
    if isinstance(one, dict) and isinstance(other, dict):
        if list(map(str, one)) != list(map(str, other)):
            return [f"{at}: keys {list(one)} and {list(other)}"]
        return _named({str(key): (one[key], value) for key, value in other.items()}, at)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray) and one.dtype.kind in "fiub":
        return (
            []
            if one.shape == other.shape and np.allclose(one, other, rtol=CLOSE, atol=CLOSE, equal_nan=True)
            else [f"{at}: arrays"]
        )
    if isinstance(one, list | tuple | np.ndarray):
        if len(one) != len(other):
            return [f"{at}: {len(one)} and {len(other)} long"]
        return _named({str(n): pair for n, pair in enumerate(zip(one, other, strict=True))}, at)
    return [] if _same(one, other) else [f"{at}: {one!r} and {other!r}"]


def _named(pairs: dict[str, tuple[Any, Any]], at: str) -> list[str]:
    return [line for name, (one, other) in pairs.items() for line in apart(one, other, f"{at}.{name}")]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int) and not isinstance(one, Enum):
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def rows_of(store: Store, name: str) -> list[dict[str, Any]]:
    """A table's rows, sorted by what they say, since neither engine promises an order."""
    rows = store.arrow(store.table(name)).to_pylist()
    return sorted(rows, key=lambda row: tuple(str(value) for value in row.values()))
