"""Calibration by negative controls: what estimates of known nothings say about all the others.

Estimates where the truth is nothing scatter around a bias μ with a spread τ beyond their own errors (Schuemie et al.
2014, Statistics in Medicine 33; 2018, PNAS 115). Every estimate is moved by μ and its error widened by τ and by what is
not known of μ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize, minimize_scalar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

FEWEST = 10
SPREAD_SOUGHT = (np.log(1e-8), np.log(1.0))
SURELY_BETTER = 1.92
"""Half of 3.84: one more parameter, at 5 %."""


@dataclass(frozen=True, slots=True)
class SystematicError:
    """mean and sd of the systematic error on the log scale; mean_se: of the mean; controls: how many were used.

    slope: by how much it grows with a marker of the bias, 0 where the controls do not show that it does; mean is at the
    marker `at`, and the line ends at the controls' own markers, low and high.
    """

    mean: float
    sd: float
    mean_se: float
    controls: int
    slope: float = 0.0
    slope_se: float = 0.0
    at: float = 0.0
    low: float = 0.0
    high: float = 0.0

    def expected(self, marker: Vector) -> Vector:
        """float64[estimate]: the systematic error to be expected of estimates with these markers."""
        found: Vector = self.mean + self.slope * self._away(marker)
        return found

    def doubt(self, marker: Vector) -> Vector:
        """float64[estimate]: the standard error of what is expected, the spread of the errors themselves in it."""
        found: Vector = np.sqrt(self.sd**2 + self.mean_se**2 + (self.slope_se * self._away(marker)) ** 2)
        return found

    def _away(self, marker: Vector) -> Vector:
        return np.clip(marker, self.low, self.high) - self.at


def null_distribution(estimates: Vector, errors: Vector) -> tuple[float, float]:
    """(μ, τ) of N(μ, τ² + s²) by maximum likelihood over controls, as published (Schuemie et al. 2014)."""
    y, s2 = np.asarray(estimates, np.float64), np.asarray(errors, np.float64) ** 2

    def loss(at: Vector) -> float:
        variance = np.exp(at[1]) + s2
        return float(0.5 * (np.log(variance) + (y - at[0]) ** 2 / variance).sum())

    start = np.array([np.average(y, weights=1 / s2), np.log(max(y.var() - s2.mean(), 1e-4))])
    found = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 2000})
    return float(found.x[0]), float(np.exp(found.x[1] / 2))


def systematic_error(estimates: Vector, errors: Vector, marker: Vector | None = None) -> SystematicError:
    """The null distribution with what is not known of it; none (0, 0) where there are fewer than ten controls.

    marker: float64[control], something of each control that may tell how large its systematic error is; a line in it
    takes the place of one mean for all where the controls surely fit it better (likelihood ratio at 5 %).
    """
    known = np.isfinite(estimates) & np.isfinite(errors) & (errors > 0)
    y, s = estimates[known], errors[known]
    if len(y) < FEWEST:
        return SystematicError(0.0, 0.0, 0.0, len(y))
    mean, sd = null_distribution(y, s)
    lined = None if marker is None else _line(y, s, marker[known], _loss(y - mean, s, sd))
    if lined is not None:
        return lined
    # Maximum likelihood takes τ² too small by the degree of freedom that μ took, and a spread known from k controls
    # makes the next error Student's t, whose variance is (k − 1) / (k − 3) times as large.
    spread = sd**2 * len(y) / (len(y) - 3)
    return SystematicError(mean, float(np.sqrt(spread)), float(np.sqrt(1 / (1 / (spread + s**2)).sum())), len(y))


def _loss(apart: Vector, errors: Vector, sd: float) -> float:
    variance = sd**2 + errors**2
    return float(0.5 * (np.log(variance) + apart**2 / variance).sum())


def _line(y: Vector, s: Vector, marker: Vector, without: float) -> SystematicError | None:
    """The likeliest line in the marker with its spread; None where it does not surely fit better than one mean did."""

    def fitted(log_variance: float) -> tuple[float, Vector, Vector, float]:
        weight = 1 / (np.exp(log_variance) + s**2)
        at = float(weight @ marker / weight.sum())
        away = marker - at
        information = np.array([weight.sum(), weight @ away**2])
        line = np.array([weight @ y, weight @ (away * y)]) / np.maximum(information, 1e-12)
        return _loss(y - line[0] - line[1] * away, s, np.exp(log_variance / 2)), line, information, at

    best = minimize_scalar(lambda x: fitted(x)[0], bounds=SPREAD_SOUGHT, method="bounded").x
    loss, line, _, _ = fitted(float(best))
    if without - loss <= SURELY_BETTER:
        return None
    spread = float(np.exp(best)) * len(y) / (len(y) - 4)
    _, _, information, at = fitted(float(np.log(spread)))
    error = 1 / np.sqrt(information)
    return SystematicError(
        float(line[0]),
        float(np.sqrt(spread)),
        float(error[0]),
        len(y),
        float(line[1]),
        float(error[1]),
        at,
        float(marker.min()),
        float(marker.max()),
    )


def believed_error(estimates: Vector, errors: Vector, belief: float, together: float = 0.0) -> SystematicError:
    """The systematic error where controls are few and inexact: the spread's posterior mean under a half-normal belief
    of that scale.

    Maximum likelihood takes the noise of twenty controls of error 0.2 for a spread of 0.1 in every second workspace.
    Controls that are exact outweigh the belief. together: the correlation of two controls' errors, where they share
    people. None (0, 0) where there are fewer than ten.
    """
    known = np.isfinite(estimates) & np.isfinite(errors) & (errors > 0)
    y, s2 = estimates[known], errors[known] ** 2
    if len(y) < FEWEST:
        return SystematicError(0.0, 0.0, 0.0, len(y))
    tau = np.linspace(0.0, max(6 * belief, 2 * float(y.std())), 400)
    variance = tau[:, None] ** 2 + s2
    precision = (1 / variance).sum(axis=1)
    mean = (y / variance).sum(axis=1) / precision
    # With the mean integrated out under a flat belief.
    fit = -0.5 * (np.log(variance) + (y - mean[:, None]) ** 2 / variance).sum(axis=1) - 0.5 * np.log(precision)
    weight = np.exp(fit - 0.5 * (tau / belief) ** 2 - fit.max())
    weight /= weight.sum()
    middle = float(weight @ mean)
    doubt = float(weight @ (1 / precision + (mean - middle) ** 2))
    shared = together * float(s2.mean())
    return SystematicError(middle, float(np.sqrt(weight @ tau**2)), float(np.sqrt(doubt + shared)), len(y))


def calibrated(estimates: Vector, errors: Vector, known: SystematicError) -> tuple[Vector, Vector]:
    """Estimates less the bias, errors widened by its spread and by the doubt about it."""
    return estimates - known.mean, np.sqrt(errors**2 + known.sd**2 + known.mean_se**2)
