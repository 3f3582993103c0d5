"""Inference for one treated series from placebos: what the same estimate gives for those whom nothing happened to.

With forty placebos or more the reference is their own ranks, exact under exchangeability (Abadie et al. 2010; as
conformal prediction, Chernozhukov, Wüthrich & Zhu 2021). Ranks of fewer cannot reach 5 % two-sided with any power, and
those of under nineteen not at all; there the studentised placebos are taken as Student's, an assumption, and it is said
so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

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
    def freedom(self) -> float:
        """Degrees of freedom of the fitted distribution: half the placebos, for each is compared with the others, so
        that their errors are correlated (with all of them, 95 % intervals from ten donors held the truth in 91 %)."""
        return self.independent / 2

    @property
    def kind(self) -> str:
        return "ranks of placebos" if self.by_ranks else "Student's distribution fitted to placebos"


def moderated(scales: Floats, freedom: float) -> Floats:
    """float64[unit]: each unit's own error scale drawn towards what all share, by as much as they agree.

    A scale from a dozen correlated periods is itself uncertain, and dividing by it makes heavy tails. The prior's scale
    and weight are found from the spread of the log variances, as in Smyth (2004), Stat. Appl. Genet. Mol. Biol. 3:3,
    §6.2; where units truly differ (large and small places) the spread is wide and little is moved. freedom: of each
    scale.
    """
    sound = scales > 0
    if sound.sum() < FEWEST:
        return scales
    logs = np.log(scales[sound] ** 2) - special.digamma(freedom / 2) + np.log(freedom / 2)
    excess = float(np.var(logs, ddof=1) - special.polygamma(1, freedom / 2))
    weight = 2 * _trigamma_inverse(excess) if excess > 0 else np.inf
    if not np.isfinite(weight):
        return np.where(sound, float(np.exp(logs.mean() / 2)), scales)
    prior = np.exp(logs.mean() + special.digamma(weight / 2) - np.log(weight / 2))
    return np.asarray(np.where(sound, np.sqrt((weight * prior + freedom * scales**2) / (weight + freedom)), scales))


PRIOR_POWER, PRIOR_SPREAD = 0.5, 0.5
"""How much of a scale before the start comes back after it, before the placebos are asked."""
LOG_SIZE_VARIANCE = np.pi**2 / 8
"""Of log |z|, z standard normal."""


def tempered(scales: Floats, errors: Floats) -> Floats:
    """float64[row]: scales raised to the power by which those of the placebos foretell their errors, around their
    common mean.

    scales, errors: float64[row], row 0 the treated one, whose error is not looked at. A unit that was hard to follow
    before the start is not for that as hard to follow after it: on English trusts the one says next to nothing of the
    other, and an error divided by a poor fit's scale makes wide intervals of narrow errors. Where places differ in size
    it says a good deal. The power is the slope of log sizes on log scales, drawn towards a half by as much as it is
    uncertain, and stays between none and all.
    """
    told = (np.abs(errors[1:]) > 0) & (scales[1:] > 0)
    if told.sum() < FEWEST:
        return scales
    x, y = np.log(scales[1:][told]), np.log(np.abs(errors[1:][told]))
    off = x - x.mean()
    known = float(off @ off) / LOG_SIZE_VARIANCE
    slope = float(off @ y) / float(off @ off) if known > 0 else PRIOR_POWER
    power = np.clip((known * slope + PRIOR_POWER / PRIOR_SPREAD**2) / (known + 1 / PRIOR_SPREAD**2), 0.0, 1.0)
    middle = float(np.exp(x.mean()))
    return np.asarray(np.where(scales > 0, middle * (np.maximum(scales, 1e-300) / middle) ** power, scales))


def _trigamma_inverse(y: float) -> float:
    """x with trigamma(x) = y, by Newton's method on 1 ÷ trigamma, which is nearly straight."""
    x = 0.5 + 1 / y
    for _ in range(50):
        step = special.polygamma(1, x) * (1 - special.polygamma(1, x) / y) / special.polygamma(2, x)
        x += float(step)
        if abs(step) < 1e-10 * x:
            break
    return x


def p_value(error: float, reference: Reference) -> float:
    """Two-sided: how often a placebo is as large as the treated one's studentised error."""
    sizes = np.abs(reference.errors)
    if reference.by_ranks:
        return float((1 + np.sum(sizes >= abs(error))) / (1 + len(sizes)))
    return float(2 * stats.t.sf(abs(error) / _spread(reference), reference.freedom))


def sizes_at(reference: Reference, level: NDArray[np.float64]) -> Floats:
    """The size of error, |e|, which a share `level` of worlds stays under.

    By ranks the k-th of n placebos stands at k/(n+1). Beyond the last, where the data are silent, the size grows as a
    normal's would, so that a draw there is larger than any placebo rather than equal to the largest.
    """
    if not reference.by_ranks:
        return np.asarray(_spread(reference) * stats.t.ppf((1 + level) / 2, reference.freedom))
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
