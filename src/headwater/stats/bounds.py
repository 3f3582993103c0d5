"""How far a hidden difference between matched people could move a test: Rosenbaum's bounds.

Two matched people may differ in their odds of having been treated by a factor of at most Γ. For each Γ the largest
p-value that any such difference allows is known (Rosenbaum 2002, Observational Studies, ch. 4; sets of several by
asymptotic separability: Gastwirth, Krieger & Rosenbaum 2000, JRSS B 62:545).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, rankdata

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

MOST = 20.0


def aligned_ranks(outcome: Vector, sets: Codes) -> Vector:
    """float64[row]: ranks over all rows of the outcome less its set's mean (Hodges & Lehmann 1962)."""
    _, code = np.unique(sets, return_inverse=True)
    found: Vector = rankdata(outcome - (np.bincount(code, outcome) / np.bincount(code))[code])
    return found


def largest_p(scores: Vector, treated: NDArray[np.bool_], sets: Codes, gamma: float) -> float:
    """One-sided p-value of the treated's sum of scores being so large, at its worst under Γ. One treated row a set."""
    mean = variance = 0.0
    for ranked in _by_size(scores, sets):
        low = np.cumsum(ranked, axis=1)[:, :-1]
        low_square = np.cumsum(ranked**2, axis=1)[:, :-1]
        total, square = ranked.sum(axis=1)[:, None], (ranked**2).sum(axis=1)[:, None]
        few = np.arange(1, ranked.shape[1])
        weight = few + gamma * (ranked.shape[1] - few)
        means = (low + gamma * (total - low)) / weight
        variances = (low_square + gamma * (square - low_square)) / weight - means**2
        # The largest mean; of equal ones the largest variance.
        best = np.lexsort((variances, means), axis=1)[:, -1:]
        mean += float(np.take_along_axis(means, best, axis=1).sum())
        variance += float(np.take_along_axis(variances, best, axis=1).sum())
    return float(norm.sf((scores[treated].sum() - mean) / np.sqrt(max(variance, 1e-300))))


def tipping_gamma(scores: Vector, treated: NDArray[np.bool_], sets: Codes, alpha: float = 0.025) -> float:
    """The Γ from which on the test could have come by chance; 1 where it could without any difference, at most 20."""

    def over(gamma: float) -> float:
        return largest_p(scores, treated, sets, gamma) - alpha

    if over(1.0) >= 0:
        return 1.0
    return float(brentq(over, 1.0, MOST)) if over(MOST) > 0 else MOST


def _by_size(scores: Vector, sets: Codes) -> list[Vector]:
    """float64[set, member], members in ascending order, one array for each size of set; sets of one say nothing."""
    _, code, size = np.unique(sets, return_inverse=True, return_counts=True)
    order = np.lexsort((scores, code))
    ranked, sizes = scores[order], size[code[order]]
    return [ranked[sizes == n].reshape(-1, n) for n in np.unique(size) if n > 1]
