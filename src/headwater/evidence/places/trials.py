"""The power of a place design from the places' own past: effects put in where nothing was done, and looked for.

Three ways, after the design: places against places (randomisation inference; Fisher 1935), a drawn order (the same over
orders), and one or few treated units against donors, where the spread is that of the design's own placebos.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.stats.stepped import drawn_order, log_ratios

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.progress import Progress
    from headwater.evidence.places.fit import Fit

    Floats = NDArray[np.float64]

RATIOS = (0.5, 0.6, 0.7, 0.8, 0.9)
TRIALS = 400
ORDERS = 200
LIMITS = (0.025, 0.975)


def beside_others(counts: Floats, number: int, seed: int, progress: Progress) -> dict[float, float]:
    """Rate ratio → power when `number` places drawn by lot begin together. counts: float64[place, period] before the
    start."""
    rng = np.random.default_rng(seed)
    limits = np.quantile(
        [_ratio_of_ratios(counts, _drawn(len(counts), number, rng)) for _ in range(2 * TRIALS)], LIMITS
    )
    power = {}
    for at, ratio in enumerate(RATIOS):
        progress("trying effects on the past", at, len(RATIOS))
        tried = [_tried(counts, _drawn(len(counts), number, rng), ratio, rng) for _ in range(TRIALS)]
        power[ratio] = _outside(np.array(tried), limits)
    return power


def in_turns(counts: Floats, steps: int, seed: int, progress: Progress) -> dict[float, float]:
    """Rate ratio → power of a stepped wedge in which these places begin in `steps` turns spread evenly over the
    past."""
    rng = np.random.default_rng(seed)
    units, periods = counts.shape
    steps = max(1, min(steps, units, periods - 1))
    begins = (np.arange(steps) + 1) * periods // (steps + 1)
    e = np.ones_like(counts)

    def order() -> NDArray[np.int64]:
        return np.asarray(begins[drawn_order(units, steps, int(rng.integers(2**31)))])

    limits = np.quantile(log_ratios(counts, e, np.stack([order() for _ in range(2 * ORDERS)])), LIMITS)
    power = {}
    for at, ratio in enumerate(RATIOS):
        progress("trying effects on the past", at, len(RATIOS))
        tried = []
        for _ in range(ORDERS):
            starts = order()
            thinned = _thinned(counts, np.arange(periods) >= starts[:, None], ratio, rng)
            tried.append(float(log_ratios(thinned, e, starts[None])[0]))
        power[ratio] = _outside(np.array(tried), limits)
    return power


def against_placebos(sham: Fit | None, level: float) -> dict[float, float]:
    """Rate ratio → power of a design whose error is known from a fit at a time when nothing had begun."""
    if sham is None or sham.drawn is None:
        return dict.fromkeys(RATIOS, 0.0)
    off = np.log(sham.drawn[:, sham.post].sum(axis=1) / np.nansum(sham.expected[sham.post]))
    half = float(np.quantile(np.abs(off), level))
    return {ratio: float(np.mean(np.abs(off + np.log(ratio)) > half)) for ratio in RATIOS}


def _outside(tried: Floats, limits: NDArray[np.float64]) -> float:
    return float(np.mean((tried < limits[0]) | (tried > limits[1])))


def _drawn(units: int, number: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    chosen = np.zeros(units, dtype=bool)
    chosen[rng.choice(units, min(number, units - 1), replace=False)] = True
    return chosen


def _tried(counts: Floats, treated: NDArray[np.bool_], ratio: float, rng: np.random.Generator) -> float:
    """The estimate with an effect put into the second half of the past."""
    late = np.arange(counts.shape[1]) >= counts.shape[1] // 2
    return _ratio_of_ratios(_thinned(counts, treated[:, None] & late, ratio, rng), treated)


def _thinned(counts: Floats, cells: NDArray[np.bool_], ratio: float, rng: np.random.Generator) -> Floats:
    """The counts with each contact of the cells kept with probability `ratio`."""
    left = counts.copy()
    left[cells] = rng.binomial(counts[cells].astype(np.int64), ratio)
    return left


def _ratio_of_ratios(counts: Floats, treated: NDArray[np.bool_]) -> float:
    """log of (after ÷ before of the treated) ÷ (after ÷ before of the others), half a contact added to each sum."""
    half = counts.shape[1] // 2
    sums = [
        counts[arm][:, part].sum() + 0.5
        for arm in (treated, ~treated)
        for part in (slice(half, None), slice(None, half))
    ]
    return float(np.log(sums[0] / sums[1]) - np.log(sums[2] / sums[3]))
