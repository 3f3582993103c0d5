"""Many sites told together, from each one's curve alone: what they share, how much they differ, and what each one is
likely to be.

`common` takes one ratio for all: the top of the added curves, with the error that the sites' own clustered errors give
it.

`spread` lets sites differ: θ_i = μ + τ·t₄, so that one odd site does not pull the others; μ ~ N(centre, width²) and τ
half-Cauchy (Gelman 2006, Bayesian Analysis 1:515; a t between sites: Lee & Thompson 2008, Stat Med 27:418). Every curve
is taken as it is, not as a normal of the same error, so that a site without an event counts for what it says. All is
summed over grids of μ, τ and θ: no chain, no sampling error, 500 sites in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats as distributions
from scipy.linalg import toeplitz

from headwater.domain.uncertainty import Interval
from headwater.stats.profiles import REACH, Profile, added

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

TAIL_DEGREES = 4
TAUS = 40
"""Values of the spread between sites, from 0 in steps that widen; more change the third digit of an interval at
most."""
WIDEST_TAU = 2.0
WIDTHS = (0.04, 0.025, 0.0175, 0.0125, 0.01)
"""Of a cell of log ratio: the widest of these that is no more than three eighths of the smallest error."""
COARSEST = WIDTHS[0]


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed before any site is seen: μ ~ N(centre, width²), τ ~ half-Cauchy(between); log rate ratios.

    degrees: of Student's t between sites; infinite for a normal.
    """

    centre: float = 0.0
    width: float = 0.5
    between: float = 0.15
    degrees: float = TAIL_DEGREES
    half_cauchy: bool = True
    """False for a half-normal with scale `between`."""


@dataclass(frozen=True, slots=True)
class Common:
    """One ratio for all sites. estimate and se of its logarithm; degrees: of Student's t; information: of the added
    curve."""

    estimate: float
    se: float
    degrees: float
    information: float
    sites: int

    def ratio(self, level: float = 0.95) -> Interval:
        reach = float(distributions.t.ppf(0.5 + level / 2, self.degrees)) * self.se
        low, high = np.exp([self.estimate - reach, self.estimate + reach])
        return Interval(float(low), float(np.exp(self.estimate)), float(high), level)


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """What is believed of one log ratio. cells: float64[cell], their middles, evenly spaced; mass: float64[cell], adds
    to 1."""

    cells: Vector
    mass: Vector

    def quantile(self, chance: float) -> float:
        step = self.cells[1] - self.cells[0]
        edges = np.concatenate([self.cells - step / 2, [self.cells[-1] + step / 2]])
        return float(np.interp(chance, np.concatenate([[0.0], np.cumsum(self.mass)]), edges))

    def interval(self, level: float = 0.95) -> Interval:
        """The ratio's interval with equal tails, its middle the median."""
        low, mid, high = (float(np.exp(self.quantile(at))) for at in (0.5 - level / 2, 0.5, 0.5 + level / 2))
        return Interval(low, mid, high, level)

    def below(self, at: float = 0.0) -> float:
        """The chance that the log ratio is below a value."""
        step = self.cells[1] - self.cells[0]
        share = np.clip((at - (self.cells - step / 2)) / step, 0, 1)
        return float((self.mass * share).sum())

    @property
    def mean(self) -> float:
        return float((self.mass * self.cells).sum())

    def draws(self, uniform: Vector) -> Vector:
        """float64[draw]: log ratios at these chances (float64[draw] in 0..1)."""
        step = self.cells[1] - self.cells[0]
        edges = np.concatenate([self.cells - step / 2, [self.cells[-1] + step / 2]])
        return np.interp(uniform, np.concatenate([[0.0], np.cumsum(self.mass)]), edges)

    def widened(self, se: float) -> Density:
        """With a normal error of its own added; what would lie beyond the cells is at their ends."""
        step = self.cells[1] - self.cells[0]
        if se < step / 4:
            return self
        mass = np.asarray(self.mass @ _moved(self.cells, se, np.inf))
        return Density(self.cells, mass / mass.sum())

    def less(self, other: Density) -> Density:
        """Of the difference of two independent log ratios on the same cells."""
        step = self.cells[1] - self.cells[0]
        mass = np.convolve(self.mass, other.mass[::-1])
        middle = len(other.mass) - 1
        return Density((np.arange(len(mass)) - middle) * step + (self.cells[0] - other.cells[0]), mass)


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Sites that differ. mean: of the average of all sites; next: of one more site; sites: of each, the first as given.

    taus, chance_of_tau: float64[tau]; without: what the average would be without each site.
    """

    mean: Density
    next: Density
    sites: tuple[Density, ...]
    without: tuple[Density, ...]
    taus: Vector
    chance_of_tau: Vector

    def tau(self, chance: float = 0.5) -> float:
        """A quantile of the spread between sites, in log ratios."""
        return float(np.interp(chance, np.cumsum(self.chance_of_tau) - self.chance_of_tau / 2, self.taus))


def common(profiles: Sequence[Profile], errors: Sequence[float], clusters: Sequence[int]) -> Common:
    """The ratio of all sites together: to 1e-6 what one fit on all their rows gives, each site with its own adjustment.

    errors: each site's clustered error of its log ratio (NaN or infinite where it has none: no event in one arm);
    clusters: the number it rests on. Sites are independent, so the scores' variances add: Σ I²s² / (Σ I)², with
    Satterthwaite's degrees of freedom. Raises ValueError where no site has an error.
    """
    top, _ = added(profiles).top()
    information = np.maximum([-float(one.curve.deriv(2)(top)) for one in profiles], 0.0)
    se = np.asarray(errors, dtype=np.float64)
    known = np.isfinite(se) & (se > 0)
    if not known.any():
        raise ValueError("no site has an error of its own")
    wider = dispersion(profiles, errors)
    variance = np.where(known, information**2 * np.where(known, se, 0.0) ** 2, information * wider)
    degrees = np.maximum(np.asarray(clusters, dtype=np.float64) - 1, 1)
    freedom = float(variance.sum() ** 2 / (variance**2 / degrees).sum())
    total = float(information.sum())
    return Common(top, float(np.sqrt(variance.sum())) / total, freedom, total, len(profiles))


def dispersion(profiles: Sequence[Profile], errors: Sequence[float]) -> float:
    """How many times wider than their curves say the sites' own errors are, on average: what a site without one is
    taken to be."""
    tops = [(one.top(), se) for one, se in zip(profiles, errors, strict=True) if np.isfinite(se) and se > 0]
    found = [(information * se**2, information) for (_, information), se in tops if information > 0]
    if not found:
        return 1.0
    times, weight = np.array(found).T
    return float(np.average(times, weights=weight))


def spread(
    profiles: Sequence[Profile], errors: Sequence[float], belief: Belief | None = None, finest: float | None = None
) -> Spread:
    """Sites that differ, each curve scaled to its own error first. errors: as for `common`; finest: the smallest error
    that the cells have to do for, where other sites are to be set beside these.

    The effort is cells² × sites × values of τ in matrix products: 500 sites in a few seconds, memory sites × cells × 8
    bytes × 4.
    """
    before = belief or Belief()
    wider = dispersion(profiles, errors)
    curves = [
        one.scaled(se) if np.isfinite(se) and se > 0 else Profile(one.height / wider)
        for one, se in zip(profiles, errors, strict=True)
    ]
    cells = _cells([finest] if finest else errors)
    likely = np.exp(np.stack([one.on(cells) for one in curves], axis=1))
    taus, weight = _taus(before)
    prior = np.exp(-0.5 * ((cells - before.centre) / before.width) ** 2)
    seen = [(_moved(cells, tau, before.degrees), np.log(share)) for tau, share in zip(taus, weight, strict=True)]
    logs = [_log_marginal(move, likely) for move, _ in seen]
    # float64[tau, μ]: the posterior, first in logarithms, as five hundred sites multiply beyond any float.
    level = np.stack([log.sum(axis=1) + share for log, (_, share) in zip(logs, seen, strict=True)])
    level += np.log(prior)[None, :]
    joint = _normalised(level)
    return _told(cells, taus, joint, level, likely, seen, logs)


def small_study(estimates: Vector, errors: Vector) -> tuple[float, float] | None:
    """Egger's intercept and its p-value: whether small sites find more than large ones. None below ten sites.

    Egger et al. 1997, BMJ 315:629; the limit of ten: Sterne et al. 2011, BMJ 343:d4002.
    """
    if len(estimates) < 10 or np.ptp(1 / errors) <= 0:
        return None
    fit = distributions.linregress(1 / errors, estimates / errors)
    t = fit.intercept / fit.intercept_stderr
    return float(fit.intercept), float(2 * distributions.t.sf(abs(t), len(estimates) - 2))


def _cells(errors: Sequence[float]) -> Vector:
    known = [one for one in errors if np.isfinite(one) and one > 0]
    wanted = min(known, default=COARSEST) * 3 / 8
    # One of few widths, so that the moves between cells are reckoned once for all outcomes, traits and pools of a run.
    step = next((width for width in WIDTHS if width <= wanted), WIDTHS[-1])
    half = int(np.ceil(REACH / step))
    found: Vector = np.arange(-half, half + 1, dtype=np.float64) * step
    return found


def _taus(before: Belief) -> tuple[Vector, Vector]:
    """Values of τ and the prior's mass about each: quarter-square steps, close together near 0."""
    edges = WIDEST_TAU * np.linspace(0, 1, TAUS + 1) ** 2
    family = distributions.halfcauchy if before.half_cauchy else distributions.halfnorm
    mass = np.diff(family.cdf(edges, scale=before.between))
    return (edges[1:] + edges[:-1]) / 2, mass / mass.sum()


def _moved(cells: Vector, tau: float, degrees: float) -> Vector:
    """float64[μ, θ]: the chance that a site lies in a cell when the average is in another; what lies beyond the ends is
    there."""
    return _moves(len(cells), round(float(cells[1] - cells[0]), 9), tau, degrees)


@lru_cache(maxsize=3 * TAUS)
def _moves(count: int, step: float, tau: float, degrees: float) -> Vector:
    family = distributions.t(degrees) if np.isfinite(degrees) else distributions.norm()
    apart = np.arange(count) * step
    below = family.cdf(-(apart + step / 2) / tau)
    move: Vector = toeplitz(np.append(1 - 2 * below[0], below[:-1] - below[1:]))
    move[:, 0] += below
    move[:, -1] += below[::-1]
    return move


def _log_marginal(move: Vector, likely: Vector) -> Vector:
    """float64[μ, site]: the log of what each average says of each site's data."""
    return np.log(np.maximum(move @ likely, 1e-300))


def _normalised(level: Vector) -> Vector:
    mass = np.exp(level - level.max())
    found: Vector = np.asarray(mass / mass.sum(), dtype=np.float64)
    return found


def _told(
    cells: Vector,
    taus: Vector,
    joint: Vector,
    level: Vector,
    likely: Vector,
    seen: list[tuple[Vector, float]],
    logs: list[Vector],
) -> Spread:
    ahead = sum(mass @ move for mass, (move, _) in zip(joint, seen, strict=True))
    back = sum(move.T @ (mass[:, None] * np.exp(-log)) for mass, (move, _), log in zip(joint, seen, logs, strict=True))
    return Spread(
        Density(cells, joint.sum(axis=0)),
        Density(cells, np.asarray(ahead)),
        tuple(Density(cells, mass / mass.sum()) for mass in (likely * back).T),
        tuple(_without(cells, level, logs)),
        taus,
        joint.sum(axis=1),
    )


def _without(cells: Vector, level: Vector, logs: list[Vector]) -> Iterator[Density]:
    """The average without each site: its own part is taken out of the posterior, so nothing is fitted again."""
    for site in range(logs[0].shape[1]):
        left = _normalised(level - np.stack([log[:, site] for log in logs]))
        yield Density(cells, left.sum(axis=0))
