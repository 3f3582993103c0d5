"""Effects whose window is not known: averaged over how long they may last, most services having none.

Each service either does nothing or multiplies the rate by e^b from the day after a contact until one of several ends,
every end equally likely beforehand; b is of a mixture of normals around nought, of several spreads (adaptive shrinkage;
Stephens 2017, Biostatistics 18): one service that goes before half of the demand would else make every spread wide, and
hide what is small and true. The share that does nothing and the mixture are fitted to all services at once (empirical
Bayes; Efron 2010, Large-Scale Inference), so a board of chance findings is shrunk as a whole, and the chance that a
service does nothing is its local false discovery rate. Averaging over models as in Hoeting et al. 1999, Statistical
Science 14.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

SPREADS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
TURNS = 200
NOTHING = (0.5, 0.95)
"""Bounds of the share of services without effect: a board of few services cannot tell it, and most avert nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Averaged:
    """weight: float64[service, part], chances that the effect is of each part of the mixture; nothing:
    float64[service], that there is none.

    mean, error: float64[service, part], of b under each part; shapes: float64[part, window], spread by spread; sizes:
    float64[spread], shares of those with effect; share: without effect.
    """

    weight: Vector
    nothing: Vector
    mean: Vector
    error: Vector
    shapes: Vector
    sizes: Vector
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
    components = np.tile(shapes, (len(SPREADS), 1))
    if not len(beta):
        none = np.zeros((0, len(components)))
        return Averaged(none, np.zeros(0), none, none, components, np.zeros(len(SPREADS)), NOTHING[1])
    inverse = np.linalg.inv(covariance)
    precision = np.einsum("qi,sij,qj->sq", shapes, inverse, shapes)[:, None, :]
    pull = np.einsum("qi,sij,sj->sq", shapes, inverse, beta)[:, None, :]
    prior = np.array(SPREADS)[:, None] ** -2.0
    odds = 0.5 * (pull**2 / (precision + prior) - np.log1p(precision / prior))
    top = np.maximum(odds.max(axis=(1, 2)), 0.0)
    likely, none = np.exp(odds - top[:, None, None]), np.exp(-top)
    share, sizes = _fit(likely.mean(axis=2), none)
    weight = (1 - share) * sizes[:, None] * likely / len(shapes)
    nothing = share * none
    whole = nothing + weight.sum(axis=(1, 2))
    variance = np.broadcast_to(1 / (precision + prior), odds.shape)
    flat = (len(beta), len(components))
    return Averaged(
        (weight / whole[:, None, None]).reshape(flat),
        nothing / whole,
        (variance * pull).reshape(flat),
        np.sqrt(variance).reshape(flat),
        components,
        sizes,
        share,
    )


def _fit(some: Vector, none: Vector) -> tuple[float, Vector]:
    """(share without effect, float64[spread] shares of the others by size), the likeliest; some: float64[service,
    spread], likelihoods."""
    share, sizes = 0.8, np.full(len(SPREADS), 1 / len(SPREADS))
    for _ in range(TURNS):
        parts = (1 - share) * sizes * some
        whole = share * none + parts.sum(axis=1)
        share = float(np.clip((share * none / whole).mean(), *NOTHING))
        found = (parts / whole[:, None]).sum(axis=0)
        sizes = found / max(found.sum(), 1e-300)
    return share, sizes


def discovered(lower: Vector, level: float = 0.05) -> NDArray[np.bool_]:
    """bool[service]: the most services such that the mean chance of being wrong among them is at most `level`."""
    wrong = 1 - lower
    order = np.argsort(wrong, kind="stable")
    running = np.cumsum(wrong[order]) / np.arange(1, len(wrong) + 1)
    kept = np.zeros(len(wrong), dtype=bool)
    passing = np.flatnonzero(running <= level)
    kept[order[: passing[-1] + 1 if len(passing) else 0]] = True
    return kept
