"""The organisations that lived on a day, each placed where it stands or where its successor does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.domain.collaboration import Organisation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from headwater.store import Store

TEXTS = ("name", "sort", "tier", "upper_tier", "region", "successor", "website")


def organisations(store: Store, asking: str | None = None, *, every: bool = False) -> list[Organisation]:
    """Living organisations by code (or `every` one); where one asks that has ended, those that lived on its last day.

    A body of the past often has no position in a register of today: it stands where its successors do, with their
    area's and population's gaps left as gaps.
    """
    rows = store.arrow(store.table("organisation").order_by("organisation")).to_pylist()
    known = {str(row["organisation"]): organisation(row) for row in rows}
    day = known[asking].end if asking in known else None
    return [_placed(one, known) for one in known.values() if every or lives(one, day)]


def organisation(row: Mapping[str, Any]) -> Organisation:
    """A row of the organisation table as a value."""
    known = {name: value for name, value in row.items() if name in Organisation.__dataclass_fields__}
    return Organisation(**{**known, **{word: row.get(word) or "" for word in TEXTS}})


def lives(one: Organisation, day: date | None) -> bool:
    """Whether it lived on a day, its last one included; None is today."""
    if day is None:
        return one.end is None
    return (one.end is None or one.end >= day) and (one.start is None or one.start < day)


def _placed(one: Organisation, known: Mapping[str, Organisation], depth: int = 3) -> Organisation:
    if one.easting is not None or not one.successor or depth == 0:
        return one
    after = [known[code.strip()] for code in one.successor.split(",") if code.strip() in known]
    points = [placed for body in after if (placed := _placed(body, known, depth - 1)).easting is not None]
    if not points:
        return one
    return replace(
        one, easting=_mean([body.easting for body in points]), northing=_mean([body.northing for body in points])
    )


def _mean(values: Sequence[float | None]) -> float:
    return float(np.mean([value for value in values if value is not None]))
