"""The expression language of the engine, for the rooms that name stages; the engine itself stays in this folder."""

from ibis import (
    Schema,
    Table,
    _,
    array,
    asc,
    cases,
    coalesce,
    date,
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
    row_number,
    schema,
    struct,
    timestamp,
    union,
    window,
)

__all__ = [
    "Schema", "Table", "_", "array", "asc", "cases", "coalesce", "date", "desc", "greatest", "ifelse", "interval",
    "least", "literal", "memtable", "ntile", "null", "or_", "row_number", "schema", "struct", "timestamp", "union", "window",
]  # fmt: skip
