"""Who was likely to be enrolled: logistic regression by Newton's method with a small ridge, so that separation does no
harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from headwater.stats import blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    _Parts = tuple[float, Vector, Vector]

RIDGE = 1.0
"""On standardised covariates: worth one observation each, which bounds the logit where an arm is separated."""


SAMPLE = 4 * blocks.BLOCK
"""Rows from which on the climb starts where that of an eighth of them ends."""


def propensity_logit(
    covariates: NDArray[Any],
    treated: NDArray[np.bool_],
    ridge: float = RIDGE,
    *,
    learn: NDArray[np.bool_] | None = None,
) -> Vector:
    """float64[row]: log odds of enrolment. covariates: float64 or float32[row, covariate]; constant columns are
    ignored.

    learn: bool[row], who is learnt from; all where it is left out.
    """
    x = blocks.table(covariates)
    middle = blocks.mean(x)
    spread = blocks.spread(x, middle)
    scale = (middle, 1 / np.where(spread > 1e-12, spread, 1.0))
    start = np.zeros(x.shape[1] + 1)
    start[0] = _logit(min(max(float(treated.mean()), 1e-6), 1 - 1e-6))
    some = slice(None) if learn is None else learn
    beta = _fit(np.ascontiguousarray(x[some]), treated[some], scale, start, ridge)
    return np.concatenate(blocks.each_block(len(x), lambda rows: _logits(x[rows], *scale, beta)))


def _fit(
    x: NDArray[Any], treated: NDArray[np.bool_], scale: tuple[Vector, Vector], start: Vector, ridge: float
) -> Vector:
    """float64[1 + covariate]: where the penalised likelihood is highest. It has one summit, so that where the climb
    starts moves nothing."""
    if len(x) >= SAMPLE:
        some = slice(0, None, 8)
        start = _fit(np.ascontiguousarray(x[some]), treated[some], scale, start, ridge)
    penalty = np.append(0.0, np.full(x.shape[1], ridge))

    def parts(beta: Vector) -> _Parts:
        """The penalised log likelihood, its score and its information."""
        level, score, information = -0.5 * float(penalty @ beta**2), -penalty * beta, np.diag(penalty + 1e-9)
        for found in blocks.each_block(len(x), lambda rows: _logistic(x[rows], treated[rows], *scale, beta)):
            level, score, information = level + found[0], score + found[1], information + found[2]
        return level, score, information

    return _climbed(parts, start)


@njit(cache=True, nogil=True)
def _logits(x, middle, inverse, beta):  # type: ignore[no-untyped-def]
    found = np.empty(len(x))
    for row in range(len(x)):
        logit = beta[0]
        for at in range(x.shape[1]):
            logit += (x[row, at] - middle[at]) * inverse[at] * beta[at + 1]
        found[row] = logit
    return found


CHUNK = 256
"""Rows whose standardised columns lie in the nearest cache together, so that a core takes several rows at once."""


@njit(cache=True, nogil=True)
def _logistic(x, treated, middle, inverse, beta):  # type: ignore[no-untyped-def]
    """Log likelihood, score and information of a block."""
    width = x.shape[1] + 1
    level, score, information = 0.0, np.zeros(width), np.zeros((width, width))
    z, work = np.ones((width, CHUNK)), np.empty((3, CHUNK))
    for begin in range(0, len(x), CHUNK):
        size = min(CHUNK, len(x) - begin)
        for at in range(1, width):
            for row in range(size):
                z[at, row] = (x[begin + row, at - 1] - middle[at - 1]) * inverse[at - 1]
        level += _level(z, treated[begin : begin + size], beta, work)
        for at in range(width):
            weighted = work[2]
            for row in range(size):
                weighted[row] = work[1, row] * z[at, row]
            score[at] += _dot(z[at], work[0], size)
            for other in range(at + 1):
                information[at, other] += _dot(weighted, z[other], size)
    for at in range(width):
        for other in range(at):
            information[other, at] = information[at, other]
    return level, score, information


@njit(cache=True, nogil=True)
def _level(z, treated, beta, work):  # type: ignore[no-untyped-def]
    """Log likelihood of a chunk; work gets observed less expected, and the weight p (1 − p), of each row."""
    gap, weight, logit = work
    size = len(treated)
    logit[:size] = beta[0]
    for at in range(1, len(z)):
        for row in range(size):
            logit[row] += z[at, row] * beta[at]
    # e is at most 1, so that nothing overflows: p = 1/(1 + e) or e/(1 + e).
    for row in range(size):
        weight[row] = np.exp(-abs(logit[row]))
    level, odds = 0.0, 1.0
    for row in range(size):
        e, y = weight[row], 1.0 if treated[row] else 0.0
        q = 1 / (1 + e)
        level += y * logit[row] - max(logit[row], 0.0)
        # Σ log(1 + e) is the log of the product: one logarithm for 32 rows, whose product is below 2³².
        odds *= 1 + e
        if row % 32 == 31:
            level -= np.log(odds)
            odds = 1.0
        gap[row] = y - (q if logit[row] >= 0 else e * q)
        weight[row] = e * q * q
    return level - np.log(odds)


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _dot(one, other, size):  # type: ignore[no-untyped-def]
    found = 0.0
    for row in range(size):
        found += one[row] * other[row]
    return found


def _climbed(parts: Callable[[Vector], _Parts], beta: Vector) -> Vector:
    """Newton's method; a step that does not climb is halved. Without that it runs away where the treated are few and
    unlike."""
    level, score, information = parts(beta)
    for _ in range(100):
        step = np.linalg.solve(information, score)
        # Each step leaves an error of about its own square: after 1e-7 there is nothing left to climb.
        if np.abs(step).max() < 1e-7:
            return beta + step
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


def prognostic_score(
    covariates: Vector,
    counts: Vector,
    *,
    years: Vector | None = None,
    learn: NDArray[np.bool_] | None = None,
    ridge: float = RIDGE,
) -> Vector:
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


def rate_weights(
    covariates: Vector, counts: Vector, years: Vector, *, learn: NDArray[np.bool_], ridge: float = RIDGE
) -> tuple[Vector, Vector]:
    """float64[covariate], by how much one standard deviation of each moves the log rate; and the covariates
    standardised."""
    scaled = standardised(covariates)
    x = np.column_stack([np.ones(len(scaled)), scaled])
    return _rate_regression(x[learn], counts[learn], years[learn], ridge)[1:], scaled


def _rate_regression(x: Vector, counts: Vector, time: Vector, ridge: float) -> Vector:
    """float64[column]: log rates by Newton's method; the first column is the constant and is not shrunk."""
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 0.0
    weighted = np.empty_like(x)

    def parts(beta: Vector) -> _Parts:
        log_rate = np.clip(x @ beta, -50, 50)
        mean = time * np.exp(log_rate)
        level = float((counts * log_rate - mean).sum()) - 0.5 * float(penalty @ beta**2)
        # A matrix times itself turned is reckoned by halves, and this is where nearly all of the time goes.
        np.multiply(x, np.sqrt(mean)[:, None], out=weighted)
        return level, x.T @ (counts - mean) - penalty * beta, weighted.T @ weighted + np.diag(penalty + 1e-9)

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
