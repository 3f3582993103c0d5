"""The expression language of the engine, for the rooms that name stages; the engine itself stays in this folder."""

from typing import Any

from ibis import (
    Schema,
    Table,
    Value,
    _,
    array,
    asc,
    cases,
    coalesce,
    date,
    dense_rank,
    desc,
    greatest,
    ifelse,
    interval,
    least,
    literal,
    memtable,
    ntile,
    null,
    or_,
    range_window,
    row_number,
    schema,
    struct,
    timestamp,
    union,
    window,
)

__all__ = [
    "Schema",
    "Table",
    "Value",
    "_",
    "array",
    "asc",
    "cases",
    "coalesce",
    "date",
    "dense_rank",
    "desc",
    "first_of_month",
    "greatest",
    "ifelse",
    "interval",
    "joined_by",
    "least",
    "literal",
    "memtable",
    "ntile",
    "null",
    "or_",
    "range_window",
    "row_number",
    "schema",
    "struct",
    "timestamp",
    "union",
    "window",
]


def joined_by(separator: str, *texts: Any) -> Any:
    """Texts joined into one."""
    return literal(separator).join(list(texts))


def first_of_month(day: Any) -> Any:
    """The first day of a day's month, a date on every engine: one that cuts a date off gives a time of day, which would
    be kept as such."""
    return day.cast("timestamp").truncate("M").cast("date")
