"""What a programme truly averted, given its own estimate and all the others': an empirical-Bayes posterior on the log
rate ratio.

The distribution of true effects is a weight on each point of a grid, learnt from all programmes by EM (Robbins 1956;
Kiefer & Wolfowitz 1956; Efron 2019, Statistical Science 34:177). A stated prior counts as `prior_programmes` programmes
more, so that it speaks where there are few and is outvoted where there are many. What is booked is the posterior mean:
whoever passes a threshold was also lucky, and the mean gives the luck back (Efron 2011, JASA 106:1602).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

GRID = np.linspace(-4.6, 2.3, 691)
"""Log rate ratios from a fall of 99 % to a tenfold, 1 % apart: whoever saw nothing at all is at the lower end."""
ROUNDS = 300


@dataclass(frozen=True, slots=True)
class Prior:
    """Two parts: programmes that do next to nothing, and those that do something. All of log rate ratios; sds ≥
    0.01."""

    nothing: float
    """Share of programmes that do next to nothing."""
    nothing_sd: float
    mean: float
    sd: float

    def weights(self) -> Floats:
        """float64[grid], adding to 1."""
        parts = ((self.nothing, 0.0, self.nothing_sd), (1 - self.nothing, self.mean, self.sd))
        dense = [share * np.exp(-0.5 * ((GRID - mean) / sd) ** 2) / sd for share, mean, sd in parts]
        found: Floats = np.sum(dense, axis=0)
        return found / found.sum()


def learnt(estimates: Floats, errors: Floats, prior: Prior, prior_programmes: float = 20.0) -> Floats:
    """float64[grid]: the distribution of true effects, from float64[programme] estimates and their standard errors."""
    stated = prior.weights()
    likely = _likelihood(estimates, errors)
    weights = stated
    for _ in range(ROUNDS):
        joint = likely * weights
        counted = (joint / joint.sum(axis=1, keepdims=True)).sum(axis=0)
        weights = (counted + prior_programmes * stated) / (len(estimates) + prior_programmes)
    return weights


def posterior(estimates: Floats, errors: Floats, weights: Floats) -> Floats:
    """float64[programme, grid]: what is believed of each programme's own effect."""
    joint = _likelihood(estimates, errors) * weights
    found: Floats = joint / joint.sum(axis=1, keepdims=True)
    return found


def on_grid(cells: Floats, mass: Floats) -> Floats:
    """float64[1, grid]: a belief of one log ratio on evenly spaced cells, as chances of the grid's points; what lies
    beyond is at its ends."""
    half, step = (cells[1] - cells[0]) / 2, GRID[1] - GRID[0]
    edges = np.append(cells - half, cells[-1] + half)
    upto = np.interp(GRID[:-1] + step / 2, edges, np.append(0.0, np.cumsum(mass / mass.sum())))
    found: Floats = np.diff(upto, prepend=0.0, append=1.0)[None, :]
    return found


def averted_share(believed: Floats) -> Floats:
    """float64[programme]: the mean of 1/ratio − 1, averted contacts for each contact that was seen."""
    found: Floats = believed @ (np.exp(-GRID) - 1)
    return found


def averted_of_expected(believed: Floats) -> Floats:
    """float64[programme]: the mean of 1 − ratio, averted contacts for each contact that was expected."""
    found: Floats = believed @ (1 - np.exp(GRID))
    return found


def quantiles(believed: Floats, levels: Floats) -> Floats:
    """float64[level]: of 1/ratio − 1 under one programme's posterior, float64[1, grid], spread evenly within a grid
    point."""
    rising = believed[0][::-1]
    upto = np.cumsum(rising) - rising / 2
    found: Floats = np.interp(levels, upto / rising.sum(), (np.exp(-GRID) - 1)[::-1])
    return found


def _likelihood(estimates: Floats, errors: Floats) -> Floats:
    """float64[programme, grid], each row up to a constant."""
    gap = (np.asarray(estimates)[:, None] - GRID) / np.maximum(np.asarray(errors), 1e-6)[:, None]
    log = -0.5 * gap**2
    found: Floats = np.exp(log - log.max(axis=1, keepdims=True))
    return found
