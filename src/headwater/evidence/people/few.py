"""Where no rate model can be had: few were enrolled, or one arm had no contact. The exact ratio, and what was to be expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.people.estimate import follow
from headwater.stats.exact import exact_ratio, set_totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.uncertainty import Interval
    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched
    from headwater.stats.exact import SetTotals

    Vector = NDArray[np.float64]

LEAST = 5
"""Fewer enrolled than this are told apart from nobody by no method, and a ratio could be read as one person's."""


def few_ratio(design: Design, sets: Matched, kind: str, level: float) -> Interval | None:
    """The exact conditional interval; None below five matched, or where neither arm had a contact."""
    if design.units.treated[sets.row].sum() < LEAST:
        return None
    return exact_ratio(_totals(design, sets, kind), level)


def _totals(design: Design, sets: Matched, kind: str) -> SetTotals:
    found = follow(design, sets, kind)
    # A set's compared stand in every drawing: their contacts and their time count as those of one drawing.
    share = np.where(found.treated, 1.0, 1.0 / design.drawings)
    return set_totals(found.counts * share, found.exposure * share, found.treated, sets.sets)


def averted_of_few(design: Design, sets: Matched, kind: str, draws: int, rng: np.random.Generator) -> Vector:
    """float64[draw, month]: expected less seen. The expectation is the compared's rate on the enrolled's own days; draws are of its
    events, gamma around their number (Jeffreys), a bunch counted once."""
    totals = _totals(design, sets, kind)
    ours = sets.row[design.units.treated[sets.row]]
    counts, days = design.monthly.of(ours)
    theirs = float((totals.events - totals.ours).sum())
    weight = totals.years / np.maximum(totals.their_years, 1e-12)
    per_event = (
        float(((totals.events - totals.ours) * weight).sum() / theirs)
        if theirs > 0
        else float(totals.years.sum() / totals.their_years.sum())
    )
    events = rng.gamma(theirs / totals.dispersion + 0.5, totals.dispersion, draws)
    expected = (events * per_event)[:, None] * (days / max(days.sum(), 1))[None, :]
    found: Vector = expected - counts[design.kinds.index(kind)][None, :]
    return found
