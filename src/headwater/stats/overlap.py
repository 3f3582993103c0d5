"""Shared caseloads beyond chance: observed against expected under a null that keeps both margins.

Within a stratum of people known to exactly k agencies, and with each agency's caseload as it is, who knows whom is a
draw from the conditional Bernoulli design: P(set) ∝ Π w_a over the k agencies of the set, the weights w fitted to the
caseloads (Chen, Dempster & Liu 1994, "Weighted finite population sampling to maximize entropy", Biometrika 81). How
much a person
needs is then conditioned away: under a Rasch model the number of agencies is sufficient for it (Rasch 1960).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy.stats import norm

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# A stratum this small says nothing about a pair and its fitted margins follow its own noise.
LEAST_PEOPLE = 10


@dataclass(frozen=True, slots=True)
class Overlap:
    """observed, expected: people known to both; sd: of the observed number under the null; p: one-sided, for an
    excess."""

    observed: float
    expected: float
    sd: float
    p: float

    @property
    def ratio(self) -> float:
        return self.observed / self.expected if self.expected > 0 else float("nan")

    def excess_draws(self, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """float64[draw]: the excess number of shared people with its sampling error, never below none."""
        return np.maximum(rng.normal(self.observed - self.expected, max(self.sd, 1e-12), draws), 0.0)


def overlaps(
    people: NDArray[np.int64], degree: NDArray[np.int64], known: NDArray[np.int64], both: NDArray[np.int64]
) -> dict[tuple[int, int], Overlap]:
    """Every pair of agencies. people, degree: int[stratum]; known: int[stratum, agency]; both: int[stratum, agency,
    agency].

    Every person of a stratum is known to `degree` agencies. Strata of fewer than 10 people are left out.
    """
    agencies = known.shape[1]
    observed, expected, variance = (np.zeros((agencies, agencies)) for _ in range(3))
    for row in np.flatnonzero((people >= LEAST_PEOPLE) & (degree >= 2)):
        single, pair = inclusion(known[row] / people[row], int(degree[row]))
        spread = pair * (1 - single[:, None]) * (1 - single[None, :])
        observed += both[row]
        expected += people[row] * pair
        variance += people[row] * spread
    return {
        (one, other): _overlap(observed[one, other], expected[one, other], float(np.sqrt(variance[one, other])))
        for one in range(agencies)
        for other in range(one + 1, agencies)
    }


def _overlap(observed: float, expected: float, sd: float) -> Overlap:
    # Half a person of continuity correction keeps small overlaps from counting as discoveries.
    p = float(norm.sf((observed - expected - 0.5) / sd)) if sd > 0 else 1.0
    return Overlap(float(observed), float(expected), sd, p)


def ratios(people: NDArray[np.int64], known: NDArray[np.int64], both: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64[agency, agency]: observed ÷ expected shared people, chance alike within each stratum (Mantel & Haenszel
    1959).

    The plain figure by bands of caseload. It is shown and not tested: within a band people still differ in need, which
    this calls excess, and a caseload counts the contacts with the very agencies that are compared.
    """
    sizes = np.maximum(people, 1)[:, None, None]
    expected = (known[:, :, None] * known[:, None, :] / sizes).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(both.sum(axis=0) / expected)


def inclusion(shares: NDArray[np.float64], size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """float64[agency] and float64[agency, agency]: chance that a set of `size` holds one, and both, given each one's
    share.

    shares: float64[agency], adding up to `size`. Agencies that know nobody or everybody are in no set or in every one.
    """
    always, free = shares >= 1 - 1e-12, (shares > 1e-12) & (shares < 1 - 1e-12)
    left = size - int(always.sum())
    single = np.where(always, 1.0, 0.0)
    pair = np.outer(single, single)
    if left > 0 and free.any():
        at = np.flatnonzero(free)
        one, two = _fitted(shares[at], left)
        single[at] = one
        pair[np.ix_(at, at)] = two
        sure = np.flatnonzero(always)
        pair[np.ix_(sure, at)] = one[None, :]
        pair[np.ix_(at, sure)] = one[:, None]
    np.fill_diagonal(pair, 0.0)
    return single, pair


@njit(cache=True)
def _symmetric(weights, size):  # type: ignore[no-untyped-def]
    """Elementary symmetric polynomials of the weights, orders 0 to size."""
    found = np.zeros(size + 1)
    found[0] = 1.0
    for weight in weights:
        for order in range(size, 0, -1):
            found[order] += weight * found[order - 1]
    return found


@njit(cache=True)
def _without(found, weight, size):  # type: ignore[no-untyped-def]
    """The polynomials with one weight taken out again: e_j(without) = e_j − w e_{j−1}(without)."""
    rest = np.zeros(size + 1)
    rest[0] = 1.0
    for order in range(1, size + 1):
        rest[order] = found[order] - weight * rest[order - 1]
    return rest


@njit(cache=True)
def _fitted(shares, size):  # type: ignore[no-untyped-def]
    """Weights whose inclusion chances are the shares, by iterative scaling; the chances of one and of two."""
    count = len(shares)
    weights = shares / (1 - shares)
    single, pair = np.zeros(count), np.zeros((count, count))
    for _ in range(500):
        weights = weights / np.exp(np.log(weights).mean())
        whole = _symmetric(weights, size)
        for one in range(count):
            single[one] = weights[one] * _without(whole, weights[one], size)[size - 1] / whole[size]
        if np.abs(single - shares).max() < 1e-10:
            break
        single = np.minimum(np.maximum(single, 1e-12), 1 - 1e-12)
        weights = weights * (shares / (1 - shares)) / (single / (1 - single))
    if size >= 2:
        whole = _symmetric(weights, size)
        for one in range(count):
            rest = _without(whole, weights[one], size)
            for other in range(count):
                if other != one:
                    both = _without(rest, weights[other], size)[size - 2]
                    pair[one, other] = weights[one] * weights[other] * both / whole[size]
    return single, pair


def discoveries(p: ArrayLike, level: float = 0.05) -> NDArray[np.bool_]:
    """bool[test]: those that Benjamini & Yekutieli (2001, Annals of Statistics 29) keep at a false discovery rate.

    Pairs that share an agency are dependent in unknown ways, which is the case this version, unlike the 1995 one,
    allows.
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
