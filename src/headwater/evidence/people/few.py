"""Where no rate model can be had: few were enrolled, or one arm had no contact. The exact ratio, and what was to be
expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from headwater.evidence.people.estimate import by_month, follow
from headwater.stats.exact import exact_ratio, set_totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.uncertainty import Interval
    from headwater.evidence.people.case import Case
    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched
    from headwater.stats.exact import SetTotals

    Vector = NDArray[np.float64]

NOUGHT = 1e-4
"""Ratios are drawn no lower than they are looked for."""
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


def averted_of_few(case: Case, kind: str, rng: np.random.Generator) -> Vector:
    """float64[draw, month]: expected less seen, under ratios drawn from the exact interval, so that the one is as
    unsure as the other.

    Given all events of a set and a ratio, those of the enrolled and what was to be expected of them follow; they are
    alike where the ratio is 1. How many events there were in all is drawn beside (gamma around their number, Jeffreys,
    a bunch counted once).
    """
    told, design, draws = case.exact[kind], case.design, case.protocol.draws
    assert told is not None
    totals = _totals(design, case.sets, kind)
    expected, seen = given_ratios(totals, drawn_ratios(told, draws, rng))
    number = float(totals.events.sum()) / totals.dispersion
    chance = rng.gamma(number + 0.5, 1.0, draws) / max(number, 0.5)
    days = design.monthly.of(case.sets.row[design.units.treated[case.sets.row]])[1]
    months = days if not (fallen := by_month(design, case.sets, kind)).sum() else fallen
    found: Vector = (chance * (expected - seen))[:, None] * (months / max(months.sum(), 1))
    return found


def drawn_ratios(told: Interval, draws: int, rng: np.random.Generator) -> Vector:
    """float64[draw]: normal on the log scale to either side of the middle, so that their quantiles are the interval's
    ends; upwards from nought where that is the middle."""
    z = rng.standard_normal(draws)
    if told.mid <= 0:
        upwards: Vector = np.abs(z) * (told.high / norm.ppf(0.5 + (1 + told.level) / 4))
        return upwards
    low, mid, high = (np.log(max(end, NOUGHT)) for end in (told.low, told.mid, told.high))
    found: Vector = np.exp(mid + z * np.where(z < 0, mid - low, high - mid) / norm.ppf(0.5 + told.level / 2))
    return found


def given_ratios(totals: SetTotals, ratios: Vector) -> tuple[Vector, Vector]:
    """float64[ratio] twice: what was to be expected of the enrolled, and what they have, of each set's events."""
    some = totals.events > 0
    # Sets of the same shares of time, to a thousandth, are one: thousands of draws of thousands of sets would be
    # gigabytes.
    times, code = np.unique(np.round(np.log(totals.years[some] / totals.their_years[some]), 3), return_inverse=True)
    time, events = np.exp(times), np.bincount(code, totals.events[some], minlength=len(times))
    seen = events * (ratios[:, None] * time) / (1 + ratios[:, None] * time)
    return ((events - seen) * time).sum(axis=1), seen.sum(axis=1)
