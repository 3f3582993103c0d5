"""What `load` will refuse only after it has seen all rows of a file, told by `check` beforehand: rows of one key that
differ, and rows that name nobody and lie nowhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.tables import TABLES
from headwater.sources.coordinates import HIDDEN
from headwater.sources.placing import NOWHERE
from headwater.sources.refine import CONFLICT, COUNTED, DUPLICATE
from headwater.sources.sums import TOTALLED, sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.workspace import SourceSettings

NOBODY = ("record", "person", "place")


def among(kept: Sequence[pa.Table], source: SourceSettings) -> Counter[str]:
    """Reason → rows that each file of this mapping would lose, of the rows made. Where returns supersede each other or
    rows are added up, rows of one key are meant to be several."""
    found: Counter[str] = Counter()
    rows = pa.concat_tables(kept) if kept else None
    if rows is None or not rows.num_rows:
        return found
    if HIDDEN[0] in rows.column_names:
        nowhere = pc.is_null(rows[HIDDEN[0]])
        for name in NOBODY:
            nowhere = pc.and_(nowhere, pc.is_null(rows[name]))
        found[NOWHERE] += pc.sum(nowhere).as_py() or 0
    if source.table == "count":
        of = rows["unit"]
        found.update({TOTALLED.format(unit=one): pc.sum(pc.equal(of, one)).as_py() for one in sums(rows)})
    if not (source.latest_by or source.total):
        found.update(_of_one_key(rows, source.table))
    return +found


def _of_one_key(rows: pa.Table, name: str) -> dict[str, int]:
    """Rows that say something else than an earlier one of their key; of numbers that are counted once, all that
    differ."""
    table, key = TABLES[name], list(TABLES[name].key)
    if not key or _sizes(rows, key).num_rows == rows.num_rows:
        return {}
    different = _sizes(rows.select(table.names), table.names)
    several = _sizes(different, key)["count_all"]
    several = several.filter(pc.greater(several, 1))
    said = (CONFLICT if name in COUNTED else DUPLICATE).format(key=" and ".join(key))
    lost = pc.sum(several).as_py() or 0
    return {said: lost if name in COUNTED else lost - len(several)}


def _sizes(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    return rows.select(names).group_by(list(names)).aggregate([([], "count_all")])
