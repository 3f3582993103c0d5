"""Who was likely to be enrolled: logistic regression by Newton's method with a small ridge, so that separation does no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

RIDGE = 1.0
"""On standardised covariates: worth one observation each, which bounds the logit where an arm is separated."""


def propensity_logit(covariates: Vector, treated: NDArray[np.bool_], ridge: float = RIDGE) -> Vector:
    """float64[row]: log odds of enrolment. covariates: float64[row, covariate]; constant columns are ignored."""
    x = standardised(covariates)
    x = np.column_stack([np.ones(len(x)), x])
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 0.0
    y, beta = treated.astype(np.float64), np.zeros(x.shape[1])
    beta[0] = _logit(min(max(y.mean(), 1e-6), 1 - 1e-6))
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        score = x.T @ (y - p) - penalty * beta
        information = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-9)
        step = np.linalg.solve(information, score)
        beta += np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-8:
            break
    found: Vector = x @ beta
    return found


def prognostic_score(
    covariates: Vector, counts: Vector, *, years: Vector | None = None, learn: NDArray[np.bool_] | None = None, ridge: float = RIDGE
) -> Vector:  # fmt: skip
    """float64[row]: log of the yearly count expected from history alone (Hansen 2008), by ridge Poisson regression.

    years: float64[row], followed; learn: bool[row], whose outcomes are looked at (those of the treated must not be).
    """
    time = np.ones(len(counts)) if years is None else years
    used = time > 0 if learn is None else learn & (time > 0)
    x = np.column_stack([np.ones(len(covariates)), standardised(covariates)])
    if not used.any():
        return np.zeros(len(x))
    beta = _rate_regression(x[used], counts[used], time[used], ridge)
    found: Vector = x @ beta
    return found


def _rate_regression(x: Vector, counts: Vector, time: Vector, ridge: float) -> Vector:
    """float64[column]: log rates by Newton's method; the first column is the constant and is not shrunk."""
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 0.0
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(max(counts.sum() / time.sum(), 1e-6))
    for _ in range(50):
        mean = time * np.exp(np.clip(x @ beta, -20, 20))
        score = x.T @ (counts - mean) - penalty * beta
        step = np.linalg.solve((x * mean[:, None]).T @ x + np.diag(penalty + 1e-9), score)
        beta += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return beta


def standardised(covariates: Vector) -> Vector:
    """Columns with mean 0 and standard deviation 1; a constant column becomes 0."""
    centred = covariates - covariates.mean(axis=0)
    spread = centred.std(axis=0)
    return centred / np.where(spread > 1e-12, spread, 1.0)


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))
