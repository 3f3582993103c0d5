"""Stepped wedge: units begin in an order drawn by lot, and the lot itself is the inference.

Hussey & Hughes (2007), Contemporary Clinical Trials 28:182; randomisation inference as in Wang & De Gruttola (2017),
Statistics in Medicine 36:3135. Counts, unit and period effects multiplied, one rate ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

STEPS = 60
CHUNK = 64


@dataclass(frozen=True, slots=True, eq=False)
class Stepped:
    """log_ratio: of treated to untreated rates; draws: float64[draw] of it; p: two-sided, by the lot;
    fitted: float64[unit, period], what each cell would have counted untreated."""

    log_ratio: float
    draws: Floats
    p: float
    fitted: Floats


def drawn_order(units: int, steps: int, seed: int) -> NDArray[np.int64]:
    """int[unit]: the step, 0 … steps − 1, at which each unit begins, as equal in number as can be."""
    places = np.arange(units) * steps // units
    return np.asarray(np.random.default_rng(seed).permutation(places), dtype=np.int64)


def stepped(
    counts: Floats, exposure: Floats, courses: tuple[NDArray[np.int64], Flags], draws: int, seed: int
) -> Stepped:
    """counts, exposure: float64[unit, period], NaN for gaps; courses: int[unit], the first treated period, and
    bool[unit, period], later cells in which a unit is not treated any more. These count for nobody, and the lot draws a
    start with its end.

    The reference is the same estimate over re-drawn orders: on the counts as they are for the p-value, on the counts
    with the estimated effect taken out again for the draws, so that the interval holds the ratios that the lot cannot
    reject.
    """
    periods = np.arange(counts.shape[1])
    starts, off = courses
    gap = np.isnan(counts) | np.isnan(exposure) | off
    y, e = np.where(gap, 0.0, counts), np.where(gap, 0.0, exposure)
    treated = periods >= starts[:, None]
    found, fitted = _ratios(y[None], e[None], treated[None])
    rng = np.random.default_rng(seed)
    whose = np.stack([rng.permutation(len(starts)) for _ in range(draws)])
    orders, ended = starts[whose][:, :, None] <= periods, off[whose] if off.any() else None
    null = _over(y, e, orders, ended)
    around = _over(np.where(treated, y / np.exp(found[0]), y), e, orders, ended)
    p = (1 + np.sum(np.abs(null) >= abs(found[0]) - 1e-12)) / (1 + len(null))
    return Stepped(float(found[0]), np.asarray(found[0] - around), float(p), fitted[0])


def log_ratios(counts: Floats, exposure: Floats, starts: NDArray[np.int64]) -> Floats:
    """float64[order]: the estimate alone for each of several orders, starts int[order, unit]; counts without gaps."""
    return _over(counts, exposure, starts[:, :, None] <= np.arange(counts.shape[1]))


def _over(y: Floats, e: Floats, treated: Flags, ended: Flags | None = None) -> Floats:
    """Orders in pieces: 64 × 200 units × 40 periods × 8 bytes = 4 MB each. ended: bool[order, unit, period], cells that
    count for nobody."""
    found = []
    for piece in (slice(at, at + CHUNK) for at in range(0, len(treated), CHUNK)):
        left = np.ones((1, 1, 1)) if ended is None else ~ended[piece]
        found.append(_ratios(y * left, e * left, treated[piece])[0])
    return np.concatenate(found)


def _ratios(y: Floats, e: Floats, treated: Flags) -> tuple[Floats, Floats]:
    """Log ratio float64[order] and untreated mean float64[order, unit, period] by Poisson likelihood. y, e:
    float64[order, unit, period], or one for all orders.

    Unit and period effects are solved exactly in turn; the ratio takes Newton's step on the likelihood that has the
    unit effects profiled out, which converges in a few dozen turns where plain alternation would need hundreds.
    """
    log_ratio = np.zeros(len(treated))
    b = np.ones((len(treated), y.shape[2]))
    units, cells = y.sum(axis=2), (y * treated).sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(STEPS):
            lifted = e * np.where(treated, np.exp(log_ratio)[:, None, None], 1.0)
            a = np.nan_to_num(units / np.einsum("dnt,dt->dn", lifted, b))
            b = np.nan_to_num(y.sum(axis=1) / np.einsum("dnt,dn->dt", lifted, a))
            mean = lifted * a[:, :, None] * b[:, None, :]
            step = _newton(mean, treated, cells)
            log_ratio = np.clip(log_ratio + step, -5, 5)
            if np.abs(step).max() < 1e-8:
                break
    return log_ratio, e * a[:, :, None] * b[:, None, :]


def _newton(mean: Floats, treated: Flags, cells: Floats) -> Floats:
    """Score over information of the log ratio, the latter with unit and period effects taken out (two-way
    demeaning)."""
    own = (mean * treated).sum(axis=2) / np.maximum(mean.sum(axis=2), 1e-300)
    residual = treated - own[:, :, None]
    shared = (mean * residual).sum(axis=1) / np.maximum(mean.sum(axis=1), 1e-300)
    residual = residual - shared[:, None, :]
    information = (mean * residual * treated).sum(axis=(1, 2))
    score = cells - (mean * treated).sum(axis=(1, 2))
    return np.clip(np.nan_to_num(score / np.maximum(information, 1e-300)), -1, 1)
