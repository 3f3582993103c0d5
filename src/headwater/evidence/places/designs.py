"""Which design does the estimate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.alike import alike
from headwater.evidence.places.alone import against_its_past
from headwater.evidence.places.case_limits import FEWEST_TREATED
from headwater.evidence.places.cohorts import FEWEST_DONORS, staggered
from headwater.evidence.places.donors import against_donors, point
from headwater.evidence.places.fit import CLOSED, cannot
from headwater.evidence.places.lot import by_lot

if TYPE_CHECKING:
    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit
    from headwater.stats.synthetic import Kind


def estimated(case: Case, method: str) -> Fit:
    """The design's answer for one outcome. Few treated units are judged against placebos, many by the bootstrap."""
    fit = _estimated(case, method)
    if fit.drawn is None or np.nansum(fit.observed[fit.post]) > 0:
        return fit
    due = float(np.nansum(fit.expected[fit.post]))
    why = f"the treated counted nothing at all after the start, where {due:,.0f} were to be expected: {CLOSED}"
    return cannot(why, fit.observed, fit.pre, fit.post)


def _estimated(case: Case, method: str) -> Fit:
    if method == "its":
        return against_its_past(case)
    if method == "stepped-wedge":
        return by_lot(case)
    if method in ("did", "buffer"):
        many = case.post.any() and case.pre.any() and len(case.treated) >= FEWEST_TREATED
        in_turns = _waves(case) > 1
        if many and (len(alike(case)) >= FEWEST_DONORS or in_turns):
            return staggered(case)
        if in_turns and not len(case.donors):
            return replace(by_lot(case), inference="the order in which they began, taken as one drawn at random")
        return against_donors(case, "did")
    return against_donors(case, "synthetic-did" if method == "synthetic-did" else "synthetic-control")


CURVE: tuple[Kind, ...] = ("did", "synthetic-control", "synthetic-did", "matched-did", "augmented", "structural")


def curve(case: Case, method: str) -> dict[str, float]:
    """Method → ratio of the other ways to set the treated beside donors; empty where there are too few donors."""
    if len(case.donors) < case.options.min_donors or not len(case.treated):
        return {}
    own = "did" if method == "buffer" else method
    found = {kind: point(case, kind) for kind in CURVE if kind != own}
    return {kind: ratio for kind, ratio in found.items() if ratio is not None}


def ratio_of(case: Case, method: str) -> float:
    """The design's ratio alone, without its inference."""
    kind = "did" if method in ("did", "buffer") else method
    told = point(case, kind) if kind in CURVE else None
    return estimated(case, method).ratio if told is None else told


def _waves(case: Case) -> int:
    return len(set(case.starts[case.treated].tolist()))
