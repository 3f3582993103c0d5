"""What several studies say together, and what the next place may find: random effects, and a prior that is sceptical of
few.

Two ways to the same model, y_i ~ N(θ_i, s_i²), θ_i ~ N(μ, τ²), on a log ratio (or any other additive scale):

`random_effects` is the textbook: τ² by restricted maximum likelihood, the mean with Hartung's and Knapp's error, the
prediction interval of Higgins, Thompson and Spiegelhalter (2009, J R Stat Soc A 172:137). It needs three studies to say
much.

`predictive` is for booking and for "what may we expect here": the same likelihood with μ ~ N(centre, spread²) and
τ ~ half-normal(heterogeneity), summed over a grid (no sampling error, bearable from one study on), and the next place's
effect drawn from a t distribution of four degrees about μ, so that one odd place does not surprise. With no study at
all it is the prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats as distributions
from scipy.optimize import brentq

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[np.float64]

TAIL_DEGREES = 4
"""Degrees of freedom of the spread between places: tails heavy enough that one place in fifty lies three spreads
out."""
GRID = 161
"""Points of τ: 161 × 8 bytes, and the sums are smooth enough that more points change the fifth digit."""
WIDEST_TAU = 5.0
"""Half-normal scales that the grid of τ reaches; beyond lies less than a millionth."""
LARGEST_TAU2 = 1e6


@dataclass(frozen=True, slots=True)
class Pooled:
    """A random-effects meta-analysis. mean and error on the scale of the estimates; q on studies − 1 degrees of
    freedom.

    low and high hold the mean of all places, next_low and next_high one further place; both NaN with a single study.
    """

    studies: int
    mean: float
    error: float
    tau2: float
    q: float
    i2: float
    low: float
    high: float
    next_low: float
    next_high: float


@dataclass(frozen=True, slots=True)
class Scepticism:
    """What is believed before any study: μ ~ N(centre, spread²), τ ~ half-normal(heterogeneity), on the estimates'
    scale.

    The defaults are of log rate ratios: most collaborations change demand by less than a quarter, and places differ by
    a sixth.
    """

    centre: float = 0.0
    spread: float = 0.15
    heterogeneity: float = 0.15


def random_effects(estimates: ArrayLike, errors: ArrayLike, level: float = 0.95, knapp: bool = True) -> Pooled:
    """Pool float64[study] estimates with their standard errors. knapp=False gives the normal interval around the mean.

    Agrees with metafor's `rma(yi, vi, method="REML")` and, for the interval of the next place, its
    `predict(riley=TRUE)` rule with k − 2 degrees of freedom. Raises ValueError for no study, an error that is not
    positive, or unequal lengths.
    """
    y, s = _sound(estimates, errors)
    tau2 = restricted_tau2(y, s)
    mean, error = _weighted(y, s, tau2)
    q, degrees = cochran_q(y, s), len(y) - 1
    wide = _knapp_error(y, s, tau2) if knapp and degrees else error
    half = _quantile(level, degrees if knapp else np.inf) * wide
    further = _quantile(level, degrees - 1) * np.sqrt(tau2 + error**2)
    i2 = max(0.0, 1 - degrees / q) if q > 0 else 0.0
    return Pooled(len(y), mean, wide, tau2, q, i2, mean - half, mean + half, mean - further, mean + further)


def cochran_q(estimates: ArrayLike, errors: ArrayLike) -> float:
    """Q = Σ (y − ȳ)² / s² about the fixed-effect mean."""
    y, s = _sound(estimates, errors)
    mean, _ = _weighted(y, s, 0.0)
    return float((((y - mean) / s) ** 2).sum())


def moment_tau2(estimates: ArrayLike, errors: ArrayLike) -> float:
    """τ² of DerSimonian and Laird (1986): (Q − (k − 1)) / (Σw − Σw² / Σw), not below 0."""
    y, s = _sound(estimates, errors)
    weight = s**-2
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return float(max(0.0, (cochran_q(y, s) - (len(y) - 1)) / scale)) if len(y) > 1 else 0.0


def restricted_tau2(estimates: ArrayLike, errors: ArrayLike) -> float:
    """τ² where the slope of the restricted likelihood is 0: Σw²(y − ȳ)² − Σw + Σw² / Σw = 0, w = 1 / (s² + τ²)."""
    y, s = _sound(estimates, errors)
    if len(y) < 2 or _slope(0.0, y, s) <= 0:
        return 0.0
    top = float(np.ptp(y) ** 2 + s.max() ** 2)
    while _slope(top, y, s) > 0 and top < LARGEST_TAU2:
        top *= 2
    return float(brentq(_slope, 0.0, top, args=(y, s), xtol=1e-12))


def predictive(
    estimates: ArrayLike, errors: ArrayLike, draws: int, rng: np.random.Generator, before: Scepticism | None = None
) -> Vector:
    """float64[draw]: the effect that one further place may find, given the studies (none, one or many) and the
    scepticism.

    Errors may be widened beforehand for weak design or a setting unlike ours; a study with a wide error hardly moves
    it.
    """
    mean, sd, tau = _posterior(estimates, errors, draws, rng, before or Scepticism())
    # A t of four degrees has variance 2: scaled, so that τ keeps its meaning as the spread between places.
    tail = rng.standard_t(TAIL_DEGREES, draws) * np.sqrt((TAIL_DEGREES - 2) / TAIL_DEGREES)
    found: Vector = mean + sd * rng.standard_normal(draws) + tau * tail
    return found


def mean_draws(
    estimates: ArrayLike, errors: ArrayLike, draws: int, rng: np.random.Generator, before: Scepticism | None = None
) -> Vector:
    """float64[draw]: the mean effect of all places, under the same model as `predictive`."""
    mean, sd, _ = _posterior(estimates, errors, draws, rng, before or Scepticism())
    found: Vector = mean + sd * rng.standard_normal(draws)
    return found


def _posterior(
    estimates: ArrayLike, errors: ArrayLike, draws: int, rng: np.random.Generator, before: Scepticism
) -> tuple[Vector, Vector, Vector]:
    """float64[draw] each: mean and sd of μ given τ, and τ drawn from its posterior on the grid."""
    y, s = np.asarray(estimates, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if len(y):
        y, s = _sound(y, s)
    edges = before.heterogeneity * np.linspace(0.0, WIDEST_TAU, GRID + 1)
    taus = (edges[1:] + edges[:-1]) / 2
    # The prior of μ is one more study with its own error and no spread between places.
    weight = 1 / (s[None, :] ** 2 + taus[:, None] ** 2)
    precision = before.spread**-2 + weight.sum(axis=1)
    means = (before.centre * before.spread**-2 + weight @ y) / precision
    fit = (weight * (y[None, :] - means[:, None]) ** 2).sum(axis=1) + ((means - before.centre) / before.spread) ** 2
    log = (
        0.5 * np.log(weight).sum(axis=1)
        - 0.5 * np.log(precision)
        - 0.5 * fit
        - 0.5 * (taus / before.heterogeneity) ** 2
    )
    chance = np.exp(log - log.max())
    drawn = rng.choice(GRID, size=draws, p=chance / chance.sum())
    return means[drawn], precision[drawn] ** -0.5, taus[drawn]


def _sound(estimates: ArrayLike, errors: ArrayLike) -> tuple[Vector, Vector]:
    y, s = np.asarray(estimates, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if y.ndim != 1 or y.shape != s.shape or not len(y):
        raise ValueError(f"one estimate and one error a study, not {y.shape} and {s.shape}")
    if not (np.isfinite(y).all() and np.isfinite(s).all() and (s > 0).all()):
        raise ValueError("estimates are finite, and errors finite and above 0")
    return y, s


def _weighted(y: Vector, s: Vector, tau2: float) -> tuple[float, float]:
    weight = 1 / (s**2 + tau2)
    return float((weight * y).sum() / weight.sum()), float(weight.sum() ** -0.5)


def _knapp_error(y: Vector, s: Vector, tau2: float) -> float:
    """Hartung and Knapp 2001: the weighted spread about the mean over (k − 1) Σw."""
    weight = 1 / (s**2 + tau2)
    mean, _ = _weighted(y, s, tau2)
    return float(np.sqrt((weight * (y - mean) ** 2).sum() / ((len(y) - 1) * weight.sum())))


def _slope(tau2: float, y: Vector, s: Vector) -> float:
    weight = 1 / (s**2 + tau2)
    mean, _ = _weighted(y, s, tau2)
    return float((weight**2 * (y - mean) ** 2).sum() - weight.sum() + (weight**2).sum() / weight.sum())


def _quantile(level: float, degrees: float) -> float:
    """Of Student's t; NaN where no degree of freedom is left, so that nobody takes an interval from one study."""
    if degrees < 1:
        return float("nan")
    return float(
        distributions.t.ppf((1 + level) / 2, degrees)
        if np.isfinite(degrees)
        else distributions.norm.ppf((1 + level) / 2)
    )
