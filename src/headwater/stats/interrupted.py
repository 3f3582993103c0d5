"""Interrupted time series for counts: quasi-Poisson regression with trend, calendar and robust errors.

Bernal, Cummins & Gasparrini (2017), Int. J. Epidemiology 46:348; errors by Newey & West (1987), Econometrica 55:703,
made wider where the residuals' first-order correlation asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Interrupted:
    """expected: float64[period], the pre-period's model carried on; draws: float64[draw, period]; dispersion: Pearson
    χ² per degree of freedom (1 is Poisson); correlation: of neighbouring residuals, bias-corrected."""

    expected: Floats
    draws: Floats
    dispersion: float
    correlation: float
    freedom: int


class _Noise(NamedTuple):
    """Of the periods about the model: dispersion and correlation as of `Interrupted`, and the degrees of freedom both
    are known by."""

    dispersion: float
    correlation: float
    freedom: float


class _Line(NamedTuple):
    """beta: float64[column]; covariance: float64[column, column]."""

    beta: Floats
    covariance: Floats


def interrupted(
    counts: Floats, exposure: Floats, pre: Flags, post: Flags, season: int, draws: int, seed: int
) -> Interrupted:
    """Fit the pre-period, forecast the post-period; counts, exposure: float64[period], NaN for gaps.

    A level and a slope of its own after the start would fit the post-period and leave the pre-period's model as it is,
    so the counterfactual is the forecast. Its draws carry the coefficients' error and the errors of the post periods
    themselves, correlated as the residuals are. At least four degrees of freedom are needed: see `needed`.
    """
    use = pre & np.isfinite(counts) & np.isfinite(exposure)
    X = design(len(counts), season, int(use.sum()))
    beta = _poisson(X[use], counts[use], exposure[use])
    expected = np.exp(X @ beta) * exposure
    freedom = int(use.sum()) - X.shape[1]
    pearson = (counts[use] - expected[use]) / np.sqrt(expected[use])
    correlation = _correlation(pearson, freedom)
    # Trend and calendar take up (1+ρ)/(1−ρ) times the noise of a column each where neighbours are alike: dividing by
    # what is left of the periods then keeps the dispersion from coming out too small.
    stretch = (1 + correlation) / (1 - correlation)
    left = max(int(use.sum()) - X.shape[1] * stretch, freedom / 2)
    dispersion = max(1.0, float(pearson @ pearson) / left)
    covariance = _robust(X[use], expected[use], counts[use] - expected[use], dispersion, correlation)
    # Correlated residuals know the dispersion less well: with 24 months and a correlation of a half, full freedom gave
    # intervals that held the truth in 90 % of worlds.
    worth = max(4.0, freedom / stretch)
    noise = _Noise(dispersion, correlation, worth)
    drawn = _draws(X, _Line(beta, covariance), noise, exposure, post, draws, seed)
    return Interrupted(expected, drawn, dispersion, correlation, freedom)


def needed(season: int) -> int:
    """The fewest pre-periods: a level, a trend and four degrees of freedom, or two rounds of the calendar.

    One round cannot tell the calendar from a trend: 12 months gave a false alarm in 15 % of worlds.
    """
    return 6 if season < 4 else 2 * season


def design(periods: int, season: int, before: int) -> Floats:
    """float64[period, column]: one, a linear trend, and as many yearly harmonics as two years of data or more can
    tell."""
    t = np.arange(periods, dtype=float)
    most = (season - 1) // 2  # A faster wave than that is nought in every period.
    harmonics = 0 if season < 4 or before < 2 * season else min(2, most) if before < 4 * season else min(4, most)
    waves = [f(2 * np.pi * k * t / season) for k in range(1, harmonics + 1) for f in (np.sin, np.cos)]
    return np.column_stack([np.ones(periods), (t - t.mean()) / periods, *waves])


def _poisson(X: Floats, y: Floats, exposure: Floats, steps: int = 100) -> Floats:
    """Maximum likelihood by Newton's method with halved steps while the deviance rises."""
    beta = np.zeros(X.shape[1])
    beta[0] = np.log(max(y.sum(), 0.5) / exposure.sum())
    offset = np.log(exposure)
    for _ in range(steps):
        mu = np.exp(np.clip(X @ beta + offset, -30, 30))
        step = np.linalg.solve(X.T @ (mu[:, None] * X) + 1e-9 * np.eye(len(beta)), X.T @ (y - mu))
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(beta)


def _correlation(residual: Floats, freedom: int) -> float:
    """First-order correlation, corrected for the bias that fitting k columns leaves: about −(1 + 3ρ + k)/n (Kendall),
    and taken 3/n to its larger side, half a standard error at 36 periods: too small a one costs coverage, too large
    little.
    """
    n = len(residual)
    raw = float(residual[1:] @ residual[:-1] / (residual @ residual)) if n > 2 and residual.any() else 0.0
    return float(np.clip(raw + (4 + 3 * max(raw, 0.0) + (n - freedom)) / n, 0.0, 0.9))


def _robust(X: Floats, mu: Floats, residual: Floats, dispersion: float, correlation: float) -> Floats:
    """The larger of Newey–West and quasi-Poisson × (1+ρ)/(1−ρ), coefficient by coefficient, in the former's shape."""
    bread = np.linalg.inv(X.T @ (mu[:, None] * X))
    scores = X * residual[:, None]
    lags = int(np.floor(4 * (len(X) / 100) ** (2 / 9)))
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (cross + cross.T)
    newey_west = bread @ meat @ bread * len(X) / (len(X) - X.shape[1])
    model = bread * dispersion * (1 + correlation) / (1 - correlation)
    stretch = np.sqrt(np.maximum(1.0, np.diag(model) / np.maximum(np.diag(newey_west), 1e-300)))
    return np.asarray(newey_west * np.outer(stretch, stretch))


def _draws(X: Floats, line: _Line, noise: _Noise, exposure: Floats, post: Flags, draws: int, seed: int) -> Floats:
    """Coefficients from a multivariate t, then each period's own error as an overdispersed first-order process."""
    (beta, covariance), (dispersion, correlation, freedom) = line, noise
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(covariance + 1e-12 * np.trace(covariance) * np.eye(len(beta)))
    normal = rng.standard_normal((draws, len(beta))) @ root.T
    tails = np.sqrt(freedom / rng.chisquare(freedom, draws))
    mean = np.exp(np.clip((beta + normal * tails[:, None]) @ X.T, -30, 30)) * exposure
    shocks = _first_order(rng.standard_normal((draws, X.shape[0])), correlation)
    error = shocks * np.sqrt(dispersion * np.maximum(mean, 1e-9)) * tails[:, None] * post
    return np.asarray(np.maximum(mean + error, 0.01 * mean))


def _first_order(shocks: Floats, correlation: float) -> Floats:
    """The same shocks as a stationary first-order autoregression of unit variance."""
    held = shocks.copy()
    for t in range(1, shocks.shape[1]):
        held[:, t] = correlation * held[:, t - 1] + np.sqrt(1 - correlation**2) * shocks[:, t]
    return held


def two_sided(draws: Floats, observed: float) -> float:
    """How often the drawn totals lie on the far side of the observed one, twice; normal beyond the draws."""
    spread = float(np.std(draws))
    return float(2 * stats.norm.sf(abs(observed - float(np.mean(draws))) / spread)) if spread > 0 else 1.0
