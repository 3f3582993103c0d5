"""Before launch: regression to the mean from a fitted negative binomial, sample size, power, stepped wedges. Closed
forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln, ndtr, ndtri, xlogy

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MOST_COUNTS = 2e6
"""16 MB of counts; only rates spread wider than any service's would need more."""
POISSON_SHAPE = 1e6
"""A gamma shape this large is a Poisson: the counts show no more spread than chance."""


@dataclass(frozen=True, slots=True)
class NegativeBinomial:
    """Counts whose rates are gamma distributed over people: mean μ a window, shape r (dispersion κ = 1/r)."""

    mean: float
    shape: float

    def again(self, first: ArrayLike) -> NDArray[np.float64]:
        """E[Y₂ | Y₁ = y] = μ(r + y)/(r + μ): what the same window holds next time if nothing changes (Robbins 1956)."""
        return self.mean * (self.shape + np.asarray(first, dtype=np.float64)) / (self.shape + self.mean)

    def probability(self, counts: ArrayLike) -> NDArray[np.float64]:
        y, p = np.asarray(counts, dtype=np.float64), self.shape / (self.shape + self.mean)
        choose = gammaln(self.shape + y) - gammaln(self.shape) - gammaln(y + 1)
        probability: NDArray[np.float64] = np.exp(choose + self.shape * np.log(p) + xlogy(y, 1 - p))
        return probability


@dataclass(frozen=True, slots=True)
class Selected:
    """Those with at least so many contacts in a window. Rates are a window; dispersion is of their rates afterwards."""

    share: float
    before: float
    after: float
    dispersion: float

    @property
    def spontaneous_fall(self) -> float:
        """Share of their contacts that falls away by itself: regression to the mean."""
        return 1 - self.after / self.before if self.before else 0.0


def fit_negative_binomial(counts: ArrayLike) -> NegativeBinomial:
    """Maximum likelihood from counts of everybody observed, those with none among them. The mean is the sample mean."""
    values, often = np.unique(np.asarray(counts, dtype=np.float64), return_counts=True)
    mean = float(values @ often / often.sum())
    if mean == 0 or np.sum(often * (values - mean) ** 2) / often.sum() <= mean:
        return NegativeBinomial(mean, POISSON_SHAPE)

    def minus_log_likelihood(log_r: float) -> float:
        r = np.exp(log_r)
        terms = gammaln(r + values) - gammaln(r) + r * np.log(r / (r + mean)) + values * np.log(mean / (r + mean))
        return -float(often @ terms)

    best = minimize_scalar(
        minus_log_likelihood, bounds=(-10.0, np.log(POISSON_SHAPE)), method="bounded", options={"xatol": 1e-10}
    )
    return NegativeBinomial(mean, float(np.exp(best.x)))


def selected(fit: NegativeBinomial, at_least: int) -> Selected:
    """What those selected by a count look like in the selecting window and in the next, if nothing is done."""
    # far enough out that what is left away is below 1e-13 of the mass: gamma rates beyond 40 shapes' worth, and their
    # Poisson tail
    rate = fit.mean * (1 + 40 / fit.shape + 12 / np.sqrt(fit.shape))
    most = at_least + int(min(rate + 12 * np.sqrt(rate) + 50, MOST_COUNTS))
    counts = np.arange(at_least, most + 1)
    weight = fit.probability(counts)
    share = float(weight.sum())
    if share <= 0:
        return Selected(0.0, float(at_least), float(fit.again(at_least)), 1 / (fit.shape + at_least))
    weight /= share
    again = fit.again(counts)
    after = float(weight @ again)
    spread = weight @ (again * fit.mean / (fit.shape + fit.mean) + again**2) - after**2
    return Selected(min(share, 1.0), float(weight @ counts), after, float(spread / after**2) if after else 0.0)


def log_rate_ratio_variance(
    n0: ArrayLike, n1: ArrayLike, rate0: ArrayLike, rate1: ArrayLike, dispersion: float
) -> NDArray[np.float64]:
    """Variance of the log rate ratio of two arms of negative binomial counts; rates are contacts per person over
    follow-up."""
    return (1 / np.asarray(rate0) + dispersion) / np.asarray(n0) + (1 / np.asarray(rate1) + dispersion) / np.asarray(n1)


def per_arm(rate0: float, rate_ratio: float, dispersion: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """People an arm (not rounded) to tell a rate ratio from 1, two-sided, two equal arms."""
    z = ndtri(1 - alpha / 2) + ndtri(power)
    return float((z / np.log(rate_ratio)) ** 2 * (1 / rate0 + 1 / (rate0 * rate_ratio) + 2 * dispersion))


def detectable(
    treated: float,
    controls: float,
    rate0: float,
    dispersion: float,
    alpha: float = 0.05,
    power: float = 0.8,
    *,
    lasting: float = 0.0,
) -> float:
    """The rate ratio nearest to 1, below it, that so many people can tell from 1; 0 where none can. lasting: as in
    `power_of`."""
    z = ndtri(1 - alpha / 2) + ndtri(power)
    if min(treated, controls, rate0) <= 0:
        return 0.0

    def short(log_ratio: float) -> float:
        variance = log_rate_ratio_variance(controls, treated, rate0, rate0 * np.exp(log_ratio), dispersion)
        return float(-log_ratio - z * np.sqrt(variance + lasting**2))

    # a fall too deep leaves too few contacts to be sure of: look for the shallowest that is enough
    grid = -np.geomspace(1e-6, 12, 400)
    enough = np.flatnonzero(np.array([short(point) for point in grid]) >= 0)
    if not enough.size:
        return 0.0
    first = int(enough[0])
    return float(np.exp(grid[first] if first == 0 else brentq(short, grid[first], grid[first - 1], xtol=1e-12)))


def power_of(
    treated: ArrayLike,
    controls: ArrayLike,
    rate0: float,
    rate_ratio: float,
    dispersion: float,
    alpha: float = 0.05,
    *,
    lasting: float = 0.0,
) -> NDArray[np.float64]:
    """Chance to find a rate ratio that is really there, two-sided; arrays of people broadcast. lasting: standard
    deviation, on the log scale, of an error that does not fall with the number of people."""
    sampling = log_rate_ratio_variance(controls, treated, rate0, rate0 * rate_ratio, dispersion)
    deviation = np.sqrt(sampling + lasting**2)
    z, shift = ndtri(1 - alpha / 2), np.log(rate_ratio) / deviation
    return ndtr(-z - shift) + ndtr(-z + shift)


def information_limit(treated: float, rate0: float, rate_ratio: float, alpha: float = 0.05) -> float:
    """Power of somebody who knows every treated person's own expected count, so that chance alone is left: Poisson
    counts against a known mean. What any comparison can find lies below it."""
    z, shift = ndtri(1 - alpha / 2), np.log(rate_ratio) * np.sqrt(treated * rate0 * rate_ratio)
    return float(ndtr(-z - shift) + ndtr(-z + shift))


def stepped_wedge_variance(
    clusters: int, steps: int, per_period: float, rho: float, total_variance: float = 1.0
) -> float:
    """Variance of the effect in a cross-sectional stepped wedge with one baseline period (Hussey and Hughes 2007)."""
    periods, group = steps + 1, clusters // steps
    crossed = np.repeat(np.arange(1, steps + 1), group)
    x = (np.arange(periods)[None, :] >= crossed[:, None]).astype(float)
    sigma2, tau2 = total_variance * (1 - rho) / per_period, total_variance * rho
    u, w, v = x.sum(), (x.sum(axis=0) ** 2).sum(), (x.sum(axis=1) ** 2).sum()
    spread = (clusters * u - w) * sigma2 + (u**2 + clusters * periods * u - periods * w - clusters * v) * tau2
    return float(clusters * sigma2 * (sigma2 + periods * tau2) / spread)


def stepped_wedge_design_effect(
    steps: int, per_period: float, rho: float, baseline: int = 1, per_step: int = 1
) -> float:
    """People needed over an individually randomised trial with the same number of measurements (Woertman et al.
    2013)."""
    k, t, b, n = steps, per_step, baseline, per_period
    spread = (1 + rho * (k * t * n + b * n - 1)) / (1 + rho * (k * t * n / 2 + b * n - 1))
    return spread * 3 * (1 - rho) / (2 * t * (k - 1 / k))
