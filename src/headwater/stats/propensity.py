"""Who was likely to be enrolled: logistic regression by Newton's method with a small ridge, so that separation does no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    _Parts = tuple[float, Vector, Vector]

RIDGE = 1.0
"""On standardised covariates: worth one observation each, which bounds the logit where an arm is separated."""


BLOCK = 65_536
"""Rows a time: 65,536 × 30 covariates × 8 bytes = 16 MB, so that millions of people cost no second copy of their covariates."""


def propensity_logit(covariates: Vector, treated: NDArray[np.bool_], ridge: float = RIDGE) -> Vector:
    """float64[row]: log odds of enrolment. covariates: float64[row, covariate]; constant columns are ignored."""
    middle, spread = covariates.mean(axis=0), covariates.std(axis=0)
    scale = np.where(spread > 1e-12, spread, 1.0)
    penalty = np.append(0.0, np.full(covariates.shape[1], ridge))

    def parts(beta: Vector) -> _Parts:
        """The penalised log likelihood, its score and its information."""
        level, score, information = -0.5 * float(penalty @ beta**2), -penalty * beta, np.diag(penalty + 1e-9)
        for rows in _blocks(len(treated)):
            x, y = _with_constant(covariates[rows], middle, scale), treated[rows]
            logit = x @ beta
            p = 1 / (1 + np.exp(-np.clip(logit, -500, 500)))
            level += float((y * logit - np.logaddexp(0, logit)).sum())
            score += x.T @ (y - p)
            information += (x * (p * (1 - p))[:, None]).T @ x
        return level, score, information

    start = np.zeros(len(penalty))
    start[0] = _logit(min(max(float(treated.mean()), 1e-6), 1 - 1e-6))
    beta = _climbed(parts, start)
    return np.concatenate([_with_constant(covariates[rows], middle, scale) @ beta for rows in _blocks(len(treated))])


def _climbed(parts: Callable[[Vector], _Parts], beta: Vector) -> Vector:
    """Newton's method; a step that does not climb is halved. Without that it runs away where the treated are few and unlike."""
    level, score, information = parts(beta)
    for _ in range(100):
        step = np.linalg.solve(information, score)
        for _ in range(30):
            new = parts(beta + step)
            if new[0] >= level - 1e-9 * abs(level):
                break
            step = step / 2
        beta = beta + step
        level, score, information = new
        if np.abs(step).max() < 1e-8:
            break
    return beta


def _blocks(rows: int) -> list[slice]:
    return [slice(first, first + BLOCK) for first in range(0, max(rows, 1), BLOCK)]


def _with_constant(block: Vector, middle: Vector, scale: Vector) -> Vector:
    found: Vector = np.column_stack([np.ones(len(block)), (block - middle) / scale])
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

    def parts(beta: Vector) -> _Parts:
        log_rate = np.clip(x @ beta, -50, 50)
        mean = time * np.exp(log_rate)
        level = float((counts * log_rate - mean).sum()) - 0.5 * float(penalty @ beta**2)
        return level, x.T @ (counts - mean) - penalty * beta, (x * mean[:, None]).T @ x + np.diag(penalty + 1e-9)

    start = np.zeros(x.shape[1])
    start[0] = np.log(max(counts.sum() / time.sum(), 1e-6))
    return _climbed(parts, start)


def standardised(covariates: Vector) -> Vector:
    """Columns with mean 0 and standard deviation 1; a constant column becomes 0."""
    centred = covariates - covariates.mean(axis=0)
    spread = centred.std(axis=0)
    return centred / np.where(spread > 1e-12, spread, 1.0)


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))
