"""Calibration by negative controls, and shrinkage: what estimates of known nothings say about all the others.

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

FEWEST = 5


@dataclass(frozen=True, slots=True)
class SystematicError:
    """mean and sd of the systematic error on the log scale; mean_se: of the mean; controls: how many were used."""

    mean: float
    sd: float
    mean_se: float
    controls: int


def systematic_error(estimates: Vector, errors: Vector) -> SystematicError:
    """By maximum likelihood of N(μ, τ² + s²) over controls; none (0, 0) where there are fewer than five."""
    known = np.isfinite(estimates) & np.isfinite(errors) & (errors > 0)
    y, s2 = estimates[known], errors[known] ** 2
    if len(y) < FEWEST:
        return SystematicError(0.0, 0.0, 0.0, len(y))

    def loss(at: Vector) -> float:
        variance = np.exp(at[1]) + s2
        return float(0.5 * (np.log(variance) + (y - at[0]) ** 2 / variance).sum())

    found = minimize(
        loss, np.array([np.average(y, weights=1 / s2), np.log(max(y.var() - s2.mean(), 1e-4))]), method="Nelder-Mead"
    )
    mean, spread = float(found.x[0]), float(np.exp(found.x[1]))
    # Maximum likelihood takes τ too small by the degree of freedom that μ took.
    spread *= len(y) / (len(y) - 1)
    return SystematicError(mean, float(np.sqrt(spread)), float(np.sqrt(1 / (1 / (spread + s2)).sum())), len(y))


def calibrated(estimates: Vector, errors: Vector, known: SystematicError) -> tuple[Vector, Vector]:
    """Estimates less the bias, errors widened by its spread and by the doubt about it."""
    return estimates - known.mean, np.sqrt(errors**2 + known.sd**2 + known.mean_se**2)


def shrunk(estimates: Vector, errors: Vector) -> tuple[Vector, Vector]:
    """Posterior means and errors under a normal prior fitted to all estimates around nothing (empirical Bayes; Efron 2010).

    The prior's middle is nothing, not the estimates' mean: most services avert nothing, and the winner's curse is paid here.
    """
    prior = max(float((estimates**2 - errors**2).mean()), 1e-6)
    weight = prior / (prior + errors**2)
    return weight * estimates, np.sqrt(weight) * errors
