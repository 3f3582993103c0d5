"""Calibration by negative controls: what estimates of known nothings say about all the others.

Estimates where the truth is nothing scatter around a bias μ with a spread τ beyond their own errors (Schuemie et al. 2014,
Statistics in Medicine 33; 2018, PNAS 115). Every estimate is moved by μ and its error widened by τ and by what is not known of μ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

FEWEST = 10


@dataclass(frozen=True, slots=True)
class SystematicError:
    """mean and sd of the systematic error on the log scale; mean_se: of the mean; controls: how many were used."""

    mean: float
    sd: float
    mean_se: float
    controls: int


def null_distribution(estimates: Vector, errors: Vector) -> tuple[float, float]:
    """(μ, τ) of N(μ, τ² + s²) by maximum likelihood over controls, as published (Schuemie et al. 2014)."""
    y, s2 = np.asarray(estimates, np.float64), np.asarray(errors, np.float64) ** 2

    def loss(at: Vector) -> float:
        variance = np.exp(at[1]) + s2
        return float(0.5 * (np.log(variance) + (y - at[0]) ** 2 / variance).sum())

    start = np.array([np.average(y, weights=1 / s2), np.log(max(y.var() - s2.mean(), 1e-4))])
    found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 2000})
    return float(found.x[0]), float(np.exp(found.x[1] / 2))


def systematic_error(estimates: Vector, errors: Vector) -> SystematicError:
    """The null distribution with what is not known of it; none (0, 0) where there are fewer than ten controls."""
    known = np.isfinite(estimates) & np.isfinite(errors) & (errors > 0)
    y, s = estimates[known], errors[known]
    if len(y) < FEWEST:
        return SystematicError(0.0, 0.0, 0.0, len(y))
    mean, sd = null_distribution(y, s)
    # Maximum likelihood takes τ² too small by the degree of freedom that μ took, and a spread known from k controls makes the
    # next error Student's t, whose variance is (k − 1) / (k − 3) times as large.
    spread = sd**2 * len(y) / (len(y) - 3)
    return SystematicError(mean, float(np.sqrt(spread)), float(np.sqrt(1 / (1 / (spread + s**2)).sum())), len(y))


def calibrated(estimates: Vector, errors: Vector, known: SystematicError) -> tuple[Vector, Vector]:
    """Estimates less the bias, errors widened by its spread and by the doubt about it."""
    return estimates - known.mean, np.sqrt(errors**2 + known.sd**2 + known.mean_se**2)
