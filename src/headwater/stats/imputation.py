"""Staggered difference-in-differences for counts: impute what treated cells would have counted, unit and period effects
multiplied.

Borusyak, Jaravel & Spiess (2024), Review of Economic Studies 91:3253, with the Poisson mean of Wooldridge (2023),
Econometrics Journal 26:C31. Within a cohort (units with the same start and the same gaps) unit effects drop out of the
period effects' likelihood, so cohorts' sums are enough: a bootstrap over a million units re-weights sums.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

NEVER = 2**31 - 1
STEPS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Imputed:
    """observed, expected: float64[period], sums over the treated cells of a period (both NaN where there is no such
    cell or nobody untreated is left to tell its period); draws: float64[draw, period], the expected ones under
    Bayesian-bootstrap weights of the clusters; before, fitted: the same sums over the treated units' earlier cells."""

    observed: Floats
    expected: Floats
    draws: Floats
    before: Floats
    fitted: Floats


def imputed(
    counts: Floats, exposure: Floats, starts: NDArray[np.int64], clusters: NDArray[np.int64], draws: int, seed: int
) -> Imputed:
    """counts, exposure: float64[unit, period], NaN for gaps; starts: int[unit], first treated period or NEVER;
    clusters: int[unit], units drawn together. Treated cells are those from a unit's start on.

    Draws weight clusters by unit exponentials (Rubin 1981), which keeps each cohort alive however few its units are.
    """
    gap = np.isnan(counts) | np.isnan(exposure)
    cohort = _cohorts(starts, gap)
    first = np.array([np.flatnonzero(cohort == g)[0] for g in range(cohort.max() + 1)])
    cells = _Cells(starts[first], ~gap[first])
    sums = _Sums(np.where(gap, 0.0, counts), np.where(gap, 0.0, exposure), cohort)
    Y, E = sums.of(np.ones((1, len(counts))))
    fitted = _fitted(Y, E, cells)[0]
    observed, expected = (np.where(cells.told, (part * cells.treated).sum(axis=0), np.nan) for part in (Y[0], fitted))
    before, earlier = ((part * cells.earlier).sum(axis=0) for part in (Y[0], fitted))
    drawn = _drawn(sums, clusters, cells, float(np.nansum(observed)), draws, seed)
    return Imputed(observed, expected, drawn, before, earlier)


class _Cells:
    """bool[cohort, period]: which cells are treated and can be told, and which of the treated units come earlier."""

    def __init__(self, starts: NDArray[np.int64], there: Flags) -> None:
        begun = np.arange(there.shape[1])[None, :] >= starts[:, None]
        self.untreated = there & ~begun
        tellable = there & begun & self.untreated.any(axis=0) & self.untreated.any(axis=1, keepdims=True)
        self.treated = tellable
        self.told = tellable.any(axis=0)
        self.earlier = self.untreated & (starts[:, None] < NEVER)


class _Sums:
    """Weighted sums of counts and exposure by cohort: float64[draw, cohort, period] each. Units are put in their
    cohorts' order once, so that a cohort is a slice and not a copy of 100 MB a draw."""

    def __init__(self, counts: Floats, exposure: Floats, cohort: NDArray[np.int64]) -> None:
        self.order = np.argsort(cohort, kind="stable")
        self.cuts = np.searchsorted(cohort[self.order], np.arange(cohort.max() + 2))
        self.both = np.concatenate([counts, exposure], axis=1)[self.order]
        self.periods = counts.shape[1]

    def of(self, weights: Floats) -> tuple[Floats, Floats]:
        held = weights[:, self.order]
        both = np.stack([held[:, a:b] @ self.both[a:b] for a, b in itertools.pairwise(self.cuts)], axis=1)
        return both[:, :, : self.periods], both[:, :, self.periods :]


def _cohorts(starts: NDArray[np.int64], gap: Flags) -> NDArray[np.int64]:
    begins = starts[:, None].astype(">i4").view(np.uint8)
    _, cohort = np.unique(np.concatenate([begins, np.packbits(gap, axis=1)], axis=1), axis=0, return_inverse=True)
    return np.asarray(cohort.reshape(-1), dtype=np.int64)


def _fitted(Y: Floats, E: Floats, cells: _Cells) -> Floats:
    """float64[draw, cohort, period]: rates of cohort × period from the untreated cells, by alternating exact
    solutions."""
    y, e = Y * cells.untreated, E * cells.untreated
    a, b = np.ones(Y.shape[:2]), np.ones((len(Y), Y.shape[2]))
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(STEPS):
            a = np.nan_to_num(y.sum(axis=2) / np.einsum("dgt,dt->dg", e, b))
            new = np.nan_to_num(y.sum(axis=1) / np.einsum("dgt,dg->dt", e, a))
            new /= np.maximum(new.mean(axis=1, keepdims=True), 1e-300)
            moved, b = np.max(np.abs(new - b)), new
            if moved < 1e-10:
                break
    return np.asarray(E * a[:, :, None] * b[:, None, :])


def _drawn(sums: _Sums, clusters: NDArray[np.int64], cells: _Cells, observed: float, draws: int, seed: int) -> Floats:
    """Each draw's expected counts for the observed sum: expected* × (observed ÷ observed*).

    The error of the ratio observed ÷ expected is what the draws must carry; the observed sum itself is known.
    """
    _, cluster = np.unique(clusters, return_inverse=True)
    rng = np.random.default_rng(seed)
    pieces = []
    for _ in range(0, draws, 50):  # 50 draws × 35,000 units × 8 bytes = 14 MB of weights
        Y, E = sums.of(rng.standard_exponential((50, cluster.max() + 1))[:, cluster])
        expected = (_fitted(Y, E, cells) * cells.treated).sum(axis=1)
        seen = (Y * cells.treated).sum(axis=(1, 2))
        pieces.append(expected / np.maximum(seen, 1e-300)[:, None])
    return np.where(cells.told, np.concatenate(pieces)[:draws] * observed, np.nan)
