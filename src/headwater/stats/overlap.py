"""Shared caseloads beyond chance: observed against expected under a null that keeps every stratum's margins.

Within a stratum of N units, n_a of them known to a and n_b to b, the number known to both is hypergeometric when the two
have nothing to do with each other: mean n_a n_b / N, variance n_a n_b (N − n_a)(N − n_b) / (N²(N − 1)). Strata are
independent, so means and variances add up (the Mantel–Haenszel test; Mantel & Haenszel 1959, JNCI 22).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Overlap:
    """observed, expected: units known to both; sd: of the observed number under the null; p: one-sided, for an excess."""

    observed: float
    expected: float
    sd: float
    p: float

    @property
    def ratio(self) -> float:
        return self.observed / self.expected if self.expected > 0 else float("nan")

    def excess_draws(self, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """float64[draw]: the excess number of shared units with its sampling error, never below none."""
        return np.maximum(rng.normal(self.observed - self.expected, max(self.sd, 1e-12), draws), 0.0)


def overlap(units: ArrayLike, in_a: ArrayLike, in_b: ArrayLike, in_both: ArrayLike) -> Overlap:
    """Each argument int[stratum]: units in the stratum, known to a, known to b, known to both."""
    n, a, b, both = (np.asarray(part, dtype=np.float64) for part in (units, in_a, in_b, in_both))
    full = n > 1
    n, a, b, both = n[full], a[full], b[full], both[full]
    expected = float((a * b / n).sum())
    sd = float(np.sqrt((a * b * (n - a) * (n - b) / (n**2 * (n - 1))).sum()))
    observed = float(both.sum())
    # Half a unit of continuity correction keeps small overlaps from counting as discoveries.
    p = float(norm.sf((observed - expected - 0.5) / sd)) if sd > 0 else 1.0
    return Overlap(observed, expected, sd, p)


def discoveries(p: ArrayLike, level: float = 0.05) -> NDArray[np.bool_]:
    """bool[test]: those that Benjamini & Yekutieli (2001, Annals of Statistics 29) keep at a false discovery rate.

    Pairs that share an agency are dependent in unknown ways, which is the case this version, unlike the 1995 one, allows.
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    steps = np.arange(1, len(values) + 1)
    limits = level * steps / (len(values) * (1 / steps).sum()) if len(values) else steps
    passed = np.flatnonzero(values[order] <= limits)
    kept = np.zeros(len(values), dtype=bool)
    if len(passed):
        kept[order[: passed[-1] + 1]] = True
    return kept
