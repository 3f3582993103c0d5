"""Which design does the estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.evidence.places.alone import against_its_past
from headwater.evidence.places.cohorts import FEWEST_TREATED, staggered
from headwater.evidence.places.donors import against_donors
from headwater.evidence.places.lot import by_lot

if TYPE_CHECKING:
    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit


def estimated(case: Case, method: str) -> Fit:
    """The design's answer for one outcome. Few treated units are judged against placebos, many by the bootstrap."""
    if method == "its":
        return against_its_past(case)
    if method == "stepped-wedge":
        return by_lot(case)
    if method in ("did", "buffer"):
        many = len(case.treated) >= FEWEST_TREATED and len(case.donors) >= FEWEST_TREATED
        return staggered(case) if many and case.post.any() and case.pre.any() else against_donors(case, "did")
    return against_donors(case, "synthetic-did" if method == "synthetic-did" else "synthetic-control")
