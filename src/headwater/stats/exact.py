"""A rate ratio where one arm has no event, or next to none: exact, given each set's total.

Given that a matched set had n events, those of the enrolled are binomial with the share θt₁/(θt₁ + t₀) of the set's
time at risk, whatever the set's own rate (Cox & Lewis 1966; Clopper & Pearson 1934 for the interval). Their sum over
sets is Poisson binomial. Where events come in bunches, totals are divided by the dispersion first, so that a bunch
counts once (quasi-likelihood: McCullagh & Nelder 1989, section 9.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, gammaln
from scipy.stats import norm

from headwater.domain.uncertainty import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

FARTHEST = float(np.log(1e4))
"""Ratios are looked for between 1/10,000 and 10,000."""
MANY = 2_000
"""Events over which the sum's distribution is taken for normal with a correction for steps."""


@dataclass(frozen=True, slots=True, eq=False)
class SetTotals:
    """Of each matched set: its events, those of the enrolled among them, and both arms' time at risk. dispersion: 1 for
    none."""

    events: Vector
    ours: Vector
    years: Vector
    their_years: Vector
    dispersion: float = 1.0


def set_totals(counts: Vector, exposure: Vector, treated: NDArray[np.bool_], sets: Codes) -> SetTotals:
    """Sums by set, of those with both arms at risk. All: [row]."""
    _, code = np.unique(sets, return_inverse=True)
    ours, theirs, years, their_years = (
        np.bincount(code, part * arm).astype(np.float64) for part in (counts, exposure) for arm in (treated, ~treated)
    )
    told = (years > 0) & (their_years > 0)
    return SetTotals(
        (ours + theirs)[told], ours[told], years[told], their_years[told], _dispersion(counts, exposure, treated)
    )


def _dispersion(counts: Vector, exposure: Vector, treated: NDArray[np.bool_]) -> float:
    """Pearson's of the compared around their common rate, at least 1; of the enrolled where the compared have no
    event."""
    for arm in (~treated & (exposure > 0), treated & (exposure > 0)):
        expected = exposure[arm] * counts[arm].sum() / max(exposure[arm].sum(), 1e-12)
        if counts[arm].sum() > 0 and arm.sum() > 1:
            return max(
                1.0, float(((counts[arm] - expected) ** 2 / np.maximum(expected, 1e-12)).sum() / (arm.sum() - 1))
            )
    return 1.0


def exact_ratio(found: SetTotals, level: float = 0.95) -> Interval | None:
    """The ratio with its exact interval; 0 where the enrolled had no event, and no upper end (10,000) where only they
    had. None without events."""
    total, ours = float(found.events.sum()), float(found.ours.sum())
    if total <= 0:
        return None
    scale, tail = found.dispersion, (1 - level) / 2

    def over(log_ratio: float, at_least: float) -> float:
        return _at_least(found, log_ratio, at_least / scale, scale)

    low = 0.0 if ours <= 0 else _root(lambda x: over(x, ours) - tail)
    high = float(np.exp(FARTHEST)) if ours >= total else _root(lambda x: over(x, ours + scale) - (1 - tail))
    if ours <= 0:
        return Interval(0.0, 0.0, high, level)
    mid = _root(lambda x: _mean(found, x) - ours) if ours < total else max(low, _root(lambda x: over(x, ours) - 0.5))
    return Interval(low, min(max(mid, low), high), high, level)


def _root(gap: object) -> float:
    """exp of where a rising function is nought; the ends where it is not within."""
    low, high = gap(-FARTHEST), gap(FARTHEST)  # type: ignore[operator]
    if low >= 0:
        return float(np.exp(-FARTHEST))
    return float(np.exp(FARTHEST if high <= 0 else brentq(gap, -FARTHEST, FARTHEST, xtol=1e-9)))


def _shares(found: SetTotals, log_ratio: float) -> Vector:
    share: Vector = expit(log_ratio + np.log(found.years / found.their_years))
    return share


def _mean(found: SetTotals, log_ratio: float) -> float:
    return float(found.events @ _shares(found, log_ratio))


def _at_least(found: SetTotals, log_ratio: float, least: float, scale: float) -> float:
    """P(the enrolled's events, a bunch counted once, are at least so many) under a ratio."""
    share, events = _shares(found, log_ratio), found.events / scale
    mean, variance = float(events @ share), float(events @ (share * (1 - share)))
    wanted = int(np.ceil(least - 1e-9))
    if wanted <= 0:
        return 1.0
    if wanted == 1:
        # None of them: a product, whatever the number of bunches.
        return float(-np.expm1(events @ np.log1p(-np.minimum(share, 1 - 1e-12))))
    if events.sum() > MANY or len(np.unique(np.round(share, 12))) > 1:
        return (
            float(norm.sf((wanted - 0.5 - mean) / np.sqrt(max(variance, 1e-12))))
            if events.sum() > MANY
            else _convolved(share, events, wanted)
        )
    return _convolved(share, events, wanted)


def _convolved(share: Vector, events: Vector, wanted: int) -> float:
    """The tail of a sum of binomials; totals are rounded to whole bunches, one left over each as one more with its part
    of the share."""
    below = np.zeros(wanted)
    below[0] = 1.0
    for p, n in zip(share, events, strict=True):
        below = np.convolve(below, _binomial(float(p), float(n)))[:wanted]
    return float(1 - min(below.sum(), 1.0))


def _binomial(p: float, n: float) -> Vector:
    """float64[0 … n]: a binomial of whole n; a part of a trial succeeds as often in proportion."""
    whole = int(n + 1e-9)
    k = np.arange(whole + 1)
    logs = (
        gammaln(whole + 1)
        - gammaln(k + 1)
        - gammaln(whole - k + 1)
        + k * np.log(max(p, 1e-300))
        + (whole - k) * np.log1p(-min(p, 1 - 1e-15))
    )
    part = (n - whole) * p
    found: Vector = np.convolve(np.exp(logs), [1 - part, part])
    return found
