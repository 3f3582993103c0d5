"""Rate ratios by Poisson pseudo-likelihood with matched-set effects taken out.

log E[y_i] = α_set(i) + x_i'β + log t_i. Given the set's total the α drop out (Hausman, Hall & Griliches 1984, Econometrica 52):
the likelihood is multinomial in the shares p_i = t_i exp(x_i'β) / Σ_set. It needs the rate to be right, not the variance
(Gourieroux, Monfort & Trognon 1984), which is why errors are clustered: by set, by person, and by both where a person serves in
several sets (Cameron, Gelbach & Miller 2011, JBES 29).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from headwater.domain.uncertainty import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

CONVERGED = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class RateModel:
    """beta: float64[covariate]; covariance: float64[covariate, covariate]; clusters: the smaller number of clusters."""

    beta: Vector
    covariance: Vector
    clusters: int
    sets_used: int

    @property
    def se(self) -> Vector:
        found: Vector = np.sqrt(np.maximum(np.diag(self.covariance), 0))
        return found

    def ratio(self, column: int = 0, level: float = 0.95) -> Interval:
        """exp(β) with its interval by Student's t on clusters − 1 degrees of freedom."""
        reach = float(student.ppf(0.5 + level / 2, max(self.clusters - 1, 1)) * self.se[column])
        mid = float(self.beta[column])
        low, high = (float(np.exp(np.clip(mid + sign * reach, -50, 50))) for sign in (-1, 1))
        return Interval(low, float(np.exp(mid)), high, level)

    def draws(self, count: int, rng: np.random.Generator, column: int = 0) -> Vector:
        """float64[draw]: log rate ratios, t-distributed around the estimate as its interval is."""
        found: Vector = self.beta[column] + self.se[column] * rng.standard_t(max(self.clusters - 1, 1), count)
        return found


def rate_model(
    counts: Vector,
    exposure: Vector,
    design: Vector,
    sets: Codes,
    *,
    person: Codes | None = None,
    weights: Vector | None = None,
) -> RateModel | None:
    """Fit it. counts, exposure, weights: float64[row]; design: float64[row, covariate]; sets, person: int64[row].

    Rows without exposure and sets without an event or a comparison say nothing and are left out. None where nothing is left,
    or where one arm never has an event, so that the ratio would be nought or infinite.
    """
    weight = np.ones(len(counts)) if weights is None else weights
    keep = (exposure > 0) & (weight > 0)
    keep &= _telling(counts * keep, sets, keep)
    if not keep.any() or not _both_arms(counts[keep], design[keep, 0]):
        return None
    _, group = np.unique(sets[keep], return_inverse=True)
    y, t, x, w = counts[keep], exposure[keep], design[keep], weight[keep]
    x = x - x.mean(axis=0)
    beta = _fitted(y, t, x, group, w)
    if beta is None:
        return None
    people = None if person is None else person[keep]
    covariance, clusters = _sandwich((y, t, x, group, w), beta, people)
    return RateModel(beta, covariance, clusters, int(group.max()) + 1)


def _telling(counts: Vector, sets: Codes, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows of sets with an event and at least two rows."""
    _, group = np.unique(sets, return_inverse=True)
    events, rows = np.bincount(group, counts), np.bincount(group, keep)
    found: NDArray[np.bool_] = ((events > 0) & (rows > 1))[group]
    return found


def _both_arms(counts: Vector, treated: Vector) -> bool:
    middle = (treated.min() + treated.max()) / 2
    return bool(counts[treated > middle].sum() > 0 and counts[treated <= middle].sum() > 0)


def _shares(t: Vector, x: Vector, group: Codes, w: Vector, beta: Vector) -> tuple[Vector, Vector]:
    """Expected counts per unit of the set's total, and the set means of x under them."""
    risk = w * t * np.exp(np.clip(x @ beta, -30, 30))
    share = risk / np.bincount(group, risk)[group]
    means = np.stack([np.bincount(group, share * column) for column in x.T], axis=1).astype(np.float64)
    return share, means


def _fitted(y: Vector, t: Vector, x: Vector, group: Codes, w: Vector) -> Vector | None:
    """Newton on the conditional likelihood, halving steps that do not climb; None where it does not settle."""
    total = np.bincount(group, w * y)
    beta = np.zeros(x.shape[1])
    held = -np.inf
    for _ in range(60):
        share, means = _shares(t, x, group, w, beta)
        centred = x - means[group]
        score = centred.T @ (w * y)
        information = (centred * (total[group] * share)[:, None]).T @ centred
        step = np.linalg.lstsq(information + 1e-10 * np.eye(len(beta)), score, rcond=None)[0]
        level, scale = _loglik(y, t, x, group, w, beta), 1.0
        while scale > 1e-4 and _loglik(y, t, x, group, w, beta + scale * step) < level - 1e-12:
            scale /= 2
        beta = beta + scale * step
        if np.abs(scale * step).max() < CONVERGED or (level - held) ** 2 < 1e-24:
            return beta if np.abs(beta[0]) < 20 else None
        held = level
    return None


def _loglik(y: Vector, t: Vector, x: Vector, group: Codes, w: Vector, beta: Vector) -> float:
    share, _ = _shares(t, x, group, w, beta)
    return float((w * y * np.log(np.maximum(share, 1e-300))).sum())


def _sandwich(
    fit: tuple[Vector, Vector, Vector, Codes, Vector], beta: Vector, person: Codes | None
) -> tuple[Vector, int]:
    y, t, x, group, w = fit
    share, means = _shares(t, x, group, w, beta)
    centred = x - means[group]
    total = np.bincount(group, w * y)[group]
    bread = np.linalg.pinv((centred * (total * share)[:, None]).T @ centred)
    scores = centred * (w * y - total * share)[:, None]
    if person is None or not group.any():
        # Within one set the scores add up to nought, so that only people can be clusters.
        middle, clusters = _meat(scores, group if person is None else person)
        return bread @ middle @ bread, clusters
    by_set, sets = _meat(scores, group)
    by_person, people = _meat(scores, person)
    by_both, _ = _meat(scores, group * (person.max() + 1) + person)
    middle = by_set + by_person - by_both
    covariance = bread @ middle @ bread
    if (np.diag(covariance) <= 0).any():
        # The two-way sum need not be positive; the larger of the two one-way ones is the cautious choice.
        middle = by_set if np.trace(by_set) > np.trace(by_person) else by_person
        covariance = bread @ middle @ bread
    return covariance, min(sets, people)


def _meat(scores: Vector, clusters: Codes) -> tuple[Vector, int]:
    _, code = np.unique(clusters, return_inverse=True)
    sums = np.stack([np.bincount(code, column) for column in scores.T], axis=1).astype(np.float64)
    count = int(code.max()) + 1
    return sums.T @ sums * (count / max(count - 1, 1)), count
