"""Inference for one treated series from placebos: what the same estimate gives for those whom nothing happened to.

With forty placebos or more the reference is their own ranks, exact under exchangeability (Abadie et al. 2010; as conformal
prediction, Chernozhukov, Wüthrich & Zhu 2021). Ranks of fewer cannot reach 5 % two-sided with any power, and those of
under nineteen not at all; there the studentised placebos are taken as Student's, an assumption, and it is said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RANKS_FROM = 40
FEWEST = 5


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Studentised placebo errors, float64[placebo]; `independent` is how many of them do not overlap."""

    errors: Floats
    independent: int

    @property
    def usable(self) -> bool:
        return self.independent >= FEWEST and len(self.errors) >= FEWEST

    @property
    def by_ranks(self) -> bool:
        return self.independent >= RANKS_FROM

    @property
    def kind(self) -> str:
        return "ranks of placebos" if self.by_ranks else "Student's distribution fitted to placebos"


def p_value(error: float, reference: Reference) -> float:
    """Two-sided: how often a placebo is as large as the treated one's studentised error."""
    sizes = np.abs(reference.errors)
    if reference.by_ranks:
        return float((1 + np.sum(sizes >= abs(error))) / (1 + len(sizes)))
    return float(2 * stats.t.sf(abs(error) / _spread(reference), reference.independent))


def sizes_at(reference: Reference, level: NDArray[np.float64]) -> Floats:
    """The size of error, |e|, which a share `level` of worlds stays under.

    By ranks the k-th of n placebos stands at k/(n+1). Beyond the last, where the data are silent, the size grows as a
    normal's would, so that a draw there is larger than any placebo rather than equal to the largest.
    """
    if not reference.by_ranks:
        return np.asarray(_spread(reference) * stats.t.ppf((1 + level) / 2, reference.independent))
    sizes = np.sort(np.abs(reference.errors))
    at = np.arange(1, len(sizes) + 1) / (len(sizes) + 1)
    inside = np.interp(level, np.r_[0.0, at], np.r_[0.0, sizes])
    beyond = sizes[-1] * stats.norm.ppf((1 + np.maximum(level, at[-1])) / 2) / stats.norm.ppf((1 + at[-1]) / 2)
    return np.asarray(np.where(level > at[-1], beyond, inside))


def drawn_errors(reference: Reference, draws: int, seed: int) -> Floats:
    """float64[draw]: errors with the reference's sizes at even steps, signs balanced, in a seeded order."""
    rng = np.random.default_rng(seed)
    levels = (np.arange((draws + 1) // 2) + 0.5) / ((draws + 1) // 2)
    sizes = sizes_at(reference, levels)
    return np.asarray(rng.permutation(np.concatenate([sizes, -sizes])[:draws]))


def _spread(reference: Reference) -> float:
    return float(np.sqrt(np.mean(reference.errors**2)))
