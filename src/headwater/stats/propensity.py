"""Who was likely to be enrolled: logistic regression by Newton's method with a small ridge, so that separation does no harm."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    _Parts = tuple[float, Vector, Vector]

RIDGE = 1.0
"""On standardised covariates: worth one observation each, which bounds the logit where an arm is separated."""


BLOCK = 65_536
"""Rows a time. Sums are made a block at a time and added in the order of blocks, so that no number of threads can change them;
millions of people cost no second copy of their covariates."""


def propensity_logit(covariates: Vector, treated: NDArray[np.bool_], ridge: float = RIDGE) -> Vector:
    """float64[row]: log odds of enrolment. covariates: float64[row, covariate]; constant columns are ignored."""
    x = np.ascontiguousarray(covariates, dtype=np.float64)
    middle = sum(_each_block(len(x), lambda rows: _total(x[rows]))) / max(len(x), 1)
    spread = np.sqrt(sum(_each_block(len(x), lambda rows: _squares(x[rows], middle))) / max(len(x), 1))
    inverse = 1 / np.where(spread > 1e-12, spread, 1.0)
    penalty = np.append(0.0, np.full(x.shape[1], ridge))

    def parts(beta: Vector) -> _Parts:
        """The penalised log likelihood, its score and its information."""
        level, score, information = -0.5 * float(penalty @ beta**2), -penalty * beta, np.diag(penalty + 1e-9)
        for found in _each_block(len(x), lambda rows: _logistic(x[rows], treated[rows], middle, inverse, beta)):
            level, score, information = level + found[0], score + found[1], information + found[2]
        return level, score, information

    start = np.zeros(len(penalty))
    start[0] = _logit(min(max(float(treated.mean()), 1e-6), 1 - 1e-6))
    beta = _climbed(parts, start)
    return np.concatenate(_each_block(len(x), lambda rows: _logits(x[rows], middle, inverse, beta)))


def _each_block(rows: int, make: Callable[[slice], Any]) -> list[Any]:
    """What `make` gives of each block, in order. The kernels let go of the interpreter's lock: every core takes blocks."""
    blocks = [slice(first, first + BLOCK) for first in range(0, max(rows, 1), BLOCK)]
    if len(blocks) == 1:
        return [make(blocks[0])]
    with ThreadPoolExecutor(os.cpu_count()) as cores:
        return list(cores.map(make, blocks))


@njit(cache=True, nogil=True)
def _total(x):  # type: ignore[no-untyped-def]
    found = np.zeros(x.shape[1])
    for row in range(len(x)):
        for at in range(x.shape[1]):
            found[at] += x[row, at]
    return found


@njit(cache=True, nogil=True)
def _squares(x, middle):  # type: ignore[no-untyped-def]
    found = np.zeros(x.shape[1])
    for row in range(len(x)):
        for at in range(x.shape[1]):
            found[at] += (x[row, at] - middle[at]) ** 2
    return found


@njit(cache=True, nogil=True)
def _logits(x, middle, inverse, beta):  # type: ignore[no-untyped-def]
    found = np.empty(len(x))
    for row in range(len(x)):
        logit = beta[0]
        for at in range(x.shape[1]):
            logit += (x[row, at] - middle[at]) * inverse[at] * beta[at + 1]
        found[row] = logit
    return found


@njit(cache=True, nogil=True)
def _logistic(x, treated, middle, inverse, beta):  # type: ignore[no-untyped-def]
    """Log likelihood, score and information of a block; standardised rows, the constant first, live in the cache only."""
    width = x.shape[1] + 1
    level, score, information = 0.0, np.zeros(width), np.zeros((width, width))
    z = np.ones(width)
    for row in range(len(x)):
        logit = beta[0]
        for at in range(1, width):
            z[at] = (x[row, at - 1] - middle[at - 1]) * inverse[at - 1]
            logit += z[at] * beta[at]
        # e is at most 1, so that nothing overflows: p = 1/(1 + e) or e/(1 + e).
        e = np.exp(-abs(logit))
        p = 1 / (1 + e) if logit >= 0 else e / (1 + e)
        y = 1.0 if treated[row] else 0.0
        level += y * logit - max(logit, 0.0) - np.log1p(e)
        weight = p * (1 - p)
        for at in range(width):
            score[at] += z[at] * (y - p)
            each = weight * z[at]
            for other in range(at + 1):
                information[at, other] += each * z[other]
    for at in range(width):
        for other in range(at):
            information[other, at] = information[at, other]
    return level, score, information


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
