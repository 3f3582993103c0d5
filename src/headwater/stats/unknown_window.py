"""Effects whose window is not known: averaged over how long they may last, most services having none.

Each service either does nothing or multiplies the rate by e^b from the day after a contact until one of several ends, b ~ N(0, τ²),
every end equally likely beforehand. The share that does nothing and τ are fitted to all services at once (empirical Bayes; Efron
2010, Large-Scale Inference), so a board of chance findings is shrunk as a whole, and the chance that a service does nothing is
its local false discovery rate. Averaging over models as in Hoeting et al. 1999, Statistical Science 14.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

SPREADS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6)
NOTHING = (0.5, 0.95)
"""Bounds of the share of services without effect: a board of few services cannot tell it, and most avert nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """weight: float64[service, shape], chances that the effect has each shape; nothing: float64[service], that there is none.

    mean, error: float64[service, shape], of b under each shape; shapes: float64[shape, window]; spread: τ; share: without effect.
    """

    weight: Vector
    nothing: Vector
    mean: Vector
    error: Vector
    shapes: Vector
    spread: float
    share: float

    def lower(self) -> Vector:
        """float64[service]: the chance that contacts lower the rate."""
        found: Vector = (self.weight * norm.cdf(-self.mean / self.error)).sum(axis=1)
        return found

    def expected(self) -> Vector:
        """float64[service, window]: posterior mean of the log ratio in each window."""
        found: Vector = (self.weight * self.mean) @ self.shapes
        return found

    def draws(self, service: int, count: int, rng: np.random.Generator) -> Vector:
        """float64[draw, window]: log ratios; nought in the draws in which the service does nothing."""
        many = len(self.shapes)
        chances = np.append(self.weight[service], self.nothing[service])
        shape = rng.choice(many + 1, size=count, p=chances / chances.sum())
        b = rng.standard_normal(count)
        some = shape < many
        kept = np.where(some, shape, 0)
        size = np.where(some, self.mean[service, kept] + b * self.error[service, kept], 0.0)
        found: Vector = size[:, None] * self.shapes[kept]
        return found


def ends(windows: int) -> Vector:
    """float64[shape, window]: effects that last through the first 1, 2, … windows, or half of the last of them."""
    whole = np.tril(np.ones((windows, windows)))
    half = whole.copy()
    np.fill_diagonal(half, 0.5)
    return np.concatenate([whole, half[1:]])


def averaged(beta: Vector, covariance: Vector) -> Averaged:
    """beta: float64[service, window], calibrated log ratios; covariance: float64[service, window, window]."""
    shapes = ends(beta.shape[1])
    if not len(beta):
        none = np.zeros((0, len(shapes)))
        return Averaged(none, np.zeros(0), none, none, shapes, SPREADS[0], NOTHING[1])
    inverse = np.linalg.inv(covariance)
    precision = np.einsum("qi,sij,qj->sq", shapes, inverse, shapes)
    pull = np.einsum("qi,sij,sj->sq", shapes, inverse, beta)
    fits = [_fit(precision, pull, spread) for spread in SPREADS]
    best = int(np.argmax([fit[0] for fit in fits]))
    _, share, odds = fits[best]
    variance = 1 / (precision + 1 / SPREADS[best] ** 2)
    top = _top(odds)
    weight = (1 - share) * np.exp(odds - top[:, None]) / len(shapes)
    nothing = share * np.exp(-top)
    whole = nothing + weight.sum(axis=1)
    return Averaged(
        weight / whole[:, None], nothing / whole, variance * pull, np.sqrt(variance), shapes, SPREADS[best], share
    )


def _top(odds: Vector) -> Vector:
    found: Vector = np.maximum(odds.max(axis=1), 0.0)
    return found


def _fit(precision: Vector, pull: Vector, spread: float) -> tuple[float, float, Vector]:
    """(log likelihood of the board, share without effect, float64[service, shape] log odds against no effect) at one τ."""
    odds = 0.5 * (pull**2 / (precision + 1 / spread**2) - np.log1p(precision * spread**2))
    top = _top(odds)
    some = np.exp(odds - top[:, None]).mean(axis=1)
    none = np.exp(-top)
    share = 0.8
    for _ in range(50):
        belongs = share * none / (share * none + (1 - share) * some)
        share = float(np.clip(belongs.mean(), *NOTHING))
    return float((np.log(share * none + (1 - share) * some) + top).sum()), share, odds


def discovered(lower: Vector, level: float = 0.05) -> NDArray[np.bool_]:
    """bool[service]: the most services such that the mean chance of being wrong among them is at most `level`."""
    wrong = 1 - lower
    order = np.argsort(wrong, kind="stable")
    running = np.cumsum(wrong[order]) / np.arange(1, len(wrong) + 1)
    kept = np.zeros(len(wrong), dtype=bool)
    passing = np.flatnonzero(running <= level)
    kept[order[: passing[-1] + 1 if len(passing) else 0]] = True
    return kept
