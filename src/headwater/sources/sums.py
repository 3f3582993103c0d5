"""Rows that are the sum of the others: a total among trusts is no trust, and whoever counts it counts everything
twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

TOTAL = re.compile(r"^((grand|sub|overall|national)[- ]?)?totals?$|^sum$|^total(,|:| -| \().*")
WHOLE = (
    "all",
    "england",
    "eng",
    "wales",
    "scotland",
    "united kingdom",
    "uk",
    "great britain",
    "national",
    "overall",
    "e92000001",
    "k02000001",
)
"""Names of the whole, which may also be the only unit there is: such a row is a total where it is the sum of the
others."""
NEARLY_ALL = 0.9
TOTALLED = "total: {unit!r} is the sum of the others, and no unit (leave it out: [source.where] with '!{unit}')"


def is_total(unit: str) -> bool:
    return bool(TOTAL.match(unit.strip().casefold())) or unit.strip().casefold() in WHOLE


def totals_in(units: Iterable[str]) -> list[str]:
    """The units that could be a total, where others stand beside them."""
    found = [one for one in units if one and is_total(one)]
    return found if len(set(units) - set(found)) > 1 else []


def sums(rows: pa.Table) -> list[str]:
    """Units that are totals. rows: unit, kind, period, contacts of all units. One that is named a total is one; one
    that is named for the whole is where its numbers are nearly always the sum of the others'."""
    some = totals_in(pc.unique(rows["unit"]).to_pylist())
    if not some:
        return []
    bare = [one for one in some if TOTAL.match(one.strip().casefold())]
    others = rows.filter(pc.invert(pc.is_in(rows["unit"], pa.array(some, pa.string()))))
    whole = others.group_by(["kind", "period"]).aggregate([("contacts", "sum")])
    return [one for one in some if one in bare or _is_sum(rows.filter(pc.equal(rows["unit"], one)), whole)]


def _is_sum(mine: pa.Table, whole: pa.Table) -> bool:
    both = mine.join(whole, ["kind", "period"], join_type="inner")
    both = both.filter(pc.and_(both["contacts"].is_valid(), both["contacts_sum"].is_valid()))
    if not both.num_rows:
        return False
    same = pc.less_equal(pc.abs(pc.subtract(both["contacts"], both["contacts_sum"])), 0.5)
    return float(pc.mean(same.cast("int8")).as_py()) >= NEARLY_ALL
