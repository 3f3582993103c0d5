"""Counts of which only a range is known: what a cell holds, given its range and what the other cells of its unit
hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """counts: float64[row, period], the known counts and the expected ones; variance: float64[row], of the sum of the
    latter over all periods of the row, doubt about the row's rate included."""

    counts: Floats
    variance: Floats


def within(rate: Floats, least: Floats, most: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of Poisson counts of these rates that lie between least and most (whole numbers, both
    count)."""
    k = np.arange(int(most.max()) + 1 if most.size else 1)
    logs = k * np.log(np.maximum(rate, 1e-12))[..., None] - gammaln(k + 1)
    inside = (k >= least[..., None]) & (k <= most[..., None])
    logs = np.where(inside, logs, -np.inf)
    weight = np.exp(logs - logs.max(axis=-1, keepdims=True))
    weight /= weight.sum(axis=-1, keepdims=True)
    mean = weight @ k
    return mean, np.maximum(weight @ (k.astype(float) ** 2) - mean**2, 0.0)


def expected_counts(counts: Floats, exposure: Floats, least: Floats, most: Floats) -> Expected:
    """counts, exposure: float64[row, period], NaN for gaps; least, most: the ranges, NaN where the count itself is
    known.

    One Poisson rate a row, by maximum likelihood of interval-censored counts (the EM algorithm; Dempster, Laird & Rubin
    1977, J. R. Stat. Soc. B 39:1), with one period at the middle of the row's ranges as prior: where all cells are
    hidden the likelihood is flat down to nought. What is missing of the rate's information is taken off as in Louis
    (1982), ibid. 44:226.
    """
    hidden = np.isfinite(most)
    there = np.isfinite(counts) & np.isfinite(exposure)
    low, high = np.where(hidden, least, 0.0), np.where(hidden, most, 0.0)
    y, e = np.where(there & ~hidden, counts, 0.0), np.where(there, exposure, 0.0)
    number = np.maximum(hidden.sum(axis=1), 1)
    middle = ((low + high) / 2 * hidden).sum(axis=1) / number
    period = e.sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    known = y.sum(axis=1)
    rate = (known + middle * (1 + hidden.sum(axis=1))) / np.maximum(e.sum(axis=1) + period, 1e-300)
    for _ in range(STEPS):
        mean, variance = within(rate[:, None] * e, low, high)
        rate = (known + (mean * hidden).sum(axis=1) + middle) / np.maximum(e.sum(axis=1) + period, 1e-300)
    mean, variance = within(rate[:, None] * e, low, high)
    spread = (variance * hidden).sum(axis=1)
    informed = known + ((mean - variance) * hidden).sum(axis=1) + middle
    total = spread + spread**2 / np.maximum(informed, 1e-9)
    return Expected(np.where(hidden & there, mean, counts), total)
