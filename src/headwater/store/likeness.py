"""How alike two names are, on Spark as on DuckDB: DuckDB's own function, called on Arrow batches in Spark's Python
workers.

The function that Splink brings for Spark takes half of an odd number of transposed letters as it is, DuckDB's rounds it
down as Winkler's own program did (strcmp95.c, US Census Bureau 1994): one pair of misspelt names in thirty differed,
some by a level. It costs what the other did, because Spark calls it once a pair and the other once a level.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

NAME = "jaro_winkler"
"""What Splink calls on Spark."""


def register(session: SparkSession) -> None:
    """Put it in the place of Splink's function, for the whole session. Each node needs Python with duckdb and
    pyarrow."""
    from pyspark.sql.pandas.functions import ArrowUDFType, arrow_udf

    with warnings.catch_warnings():
        # Spark would rather read hints of types, which a node without Headwater could not.
        warnings.simplefilter("ignore", UserWarning)
        session.udf.register(NAME, arrow_udf(_jaro_winkler(), "double", ArrowUDFType.SCALAR))


def _jaro_winkler() -> Any:
    """A function inside a function, because Spark then sends it whole and no node needs Headwater; a worker opens
    DuckDB once."""
    held: dict[str, Any] = {}

    def jaro_winkler(left: pa.Array, right: pa.Array) -> pa.Array:
        import duckdb
        import pyarrow as pa

        if "duckdb" not in held:
            held["duckdb"] = duckdb.connect(config={"threads": 1})
        names = pa.table({"l": left, "r": right})
        found = held["duckdb"].from_arrow(names).project("jaro_winkler_similarity(l, r) as likeness")
        return found.to_arrow_table()["likeness"].combine_chunks()

    return jaro_winkler
