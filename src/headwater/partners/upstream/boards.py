"""The two boards: what contacts were followed by (evidence), and who merely saw the demand first (opportunity)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from headwater.stats.calibration import SystematicError, calibrated, shrunk, systematic_error
from headwater.stats.sccs import POST, WEEKS_OF, SelfControlled, joint_sccs
from headwater.stats.sensitivity import benjamini_hochberg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.partners.upstream.courses import Courses

    Vector = NDArray[np.float64]

LENGTH = WEEKS_OF[POST] / WEEKS_OF[POST].sum()


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One downstream kind, all services. theta, error: float64[service], the mean log rate ratio over the 26 weeks after a
    contact, calibrated and shrunk; discovered: bool[service], averting at a false discovery rate of 5 %."""

    kind: str
    kinds: tuple[str, ...]
    raw: SelfControlled
    theta: Vector
    error: Vector
    discovered: NDArray[np.bool_]
    systematic: SystematicError

    def averted_each(self, service: int, draws: int, rng: np.random.Generator) -> Vector:
        """float64[draw]: downstream contacts that one further contact averts within 26 weeks."""
        theta = rng.normal(self.theta[service], self.error[service], draws)
        found: Vector = self.raw.exposed_rate[service] * WEEKS_OF[POST].sum() * -np.expm1(theta)
        return found


def evidence(found: Courses, kind: str, controls: Sequence[tuple[str, SelfControlled]]) -> Evidence:
    """controls: kinds that no service touches, with their own series over all services."""
    course, events = found.of(kind)
    raw = joint_sccs(course, events)
    theta, error = mean_effect(raw)
    systematic = control_error(found, kind, raw, controls)
    theta, error = calibrated(theta, error, systematic)
    used = (raw.observed > 0) & (np.array(found.kinds) != kind)
    fits, width = shrunk(theta[used], error[used])
    theta, error = theta.copy(), error.copy()
    theta[used], error[used] = fits, width
    theta[~used], error[~used] = 0.0, np.inf
    return Evidence(kind, found.kinds, raw, theta, error, _discovered(theta, error), systematic)


def mean_effect(raw: SelfControlled) -> tuple[Vector, Vector]:
    """Mean of the windows' log ratios by their length: the window in which a service works is not known."""
    theta = raw.beta[:, POST] @ LENGTH
    error = np.sqrt(np.einsum("v,svw,w->s", LENGTH, raw.covariance[:, POST, POST], LENGTH))
    return theta, np.maximum(error, 1e-9)


def control_error(
    found: Courses, kind: str, raw: SelfControlled, controls: Sequence[tuple[str, SelfControlled]]
) -> SystematicError:
    """The systematic error over all pairs of which one side is a negative control."""
    estimates, errors = [], []
    named = {name for name, _ in controls}
    for name, series in controls:
        theta, error = mean_effect(series)
        fits = (series.observed > 20) & ~np.isin(found.kinds, [name, kind])
        estimates.append(theta[fits])
        errors.append(error[fits])
    theta, error = mean_effect(raw)
    exposures = np.isin(found.kinds, list(named)) & (raw.observed > 20)
    estimates.append(theta[exposures])
    errors.append(error[exposures])
    return systematic_error(np.concatenate(estimates), np.concatenate(errors))


def _discovered(theta: Vector, error: Vector, level: float = 0.05) -> NDArray[np.bool_]:
    """bool[service]: those whose contacts are followed by less demand, at a false discovery rate (Benjamini & Hochberg 1995)."""
    wrong = np.where(np.isfinite(error), norm.cdf(theta / error), 1.0)
    return np.asarray(benjamini_hochberg(wrong.tolist()) <= level)


def excess(raw: SelfControlled) -> Vector:
    """float64[service]: events seen in the 26 weeks after a contact beyond what a person's own shifted contacts give."""
    return raw.observed - raw.chance


def median_lead_weeks(raw: SelfControlled, service: int) -> float:
    """Half of the events so preceded came later than this after the latest contact."""
    counts = np.cumsum(raw.lead[service])
    return float(np.searchsorted(counts, counts[-1] / 2)) if counts[-1] else float("nan")
