"""The two boards: what contacts were followed by (evidence), and who merely saw the demand first (opportunity)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.progress import silent
from headwater.stats.calibration import FEWEST, SystematicError, systematic_error
from headwater.stats.precedence import Precedence, precedence
from headwater.stats.sccs import POST, WINDOWS, SelfControlled, joint_sccs
from headwater.stats.unknown_window import Averaged, averaged, discovered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.domain.progress import Progress
    from headwater.partners.upstream.courses import Courses
    from headwater.stats.sccs import Course

    Vector = NDArray[np.float64]

FORETELLS = np.log(2.0)
"""Whoever's contacts are followed by more than twice the demand within a week was called because it was coming."""
SEEN_OFTEN = 20.0
"""Pairs with fewer events in the half year after a contact say nothing as controls."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Every downstream kind's fit, and who saw it first. fits: by place in `kinds`; seen: the same order."""

    kinds: tuple[int, ...]
    fits: tuple[SelfControlled, ...]
    seen: Precedence

    def at(self, kind: int) -> int:
        return self.kinds.index(kind)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One downstream kind, all services.

    beta, covariance: float64[service, window], [service, window, window], calibrated, windows after the contact; averaged: over
    the unknown window, shrunk; used: bool[service], those that are judged; discovered: bool[service], averting at a false
    discovery rate of 5 %; observed: float64[service, window], events by window since the latest contact; contacts: float64[service].
    """

    kind: int
    raw: SelfControlled
    beta: Vector
    covariance: Vector
    averaged: Averaged
    used: NDArray[np.int64]
    discovered: NDArray[np.bool_]
    systematic: tuple[SystematicError, ...]
    observed: Vector
    contacts: Vector

    @property
    def calibrated(self) -> bool:
        return self.systematic[0].controls >= FEWEST

    def place(self, service: int) -> int:
        """Where the service stands among those that are judged."""
        return int(np.flatnonzero(self.used == service)[0])

    def averted_each(self, service: int, draws: int, rng: np.random.Generator, link_error: float = 0.0) -> Vector:
        """float64[draw]: events that one contact averted within 180 days, as contacts now are: observed · (1 / ratio − 1).

        link_error: the share of pairs of contacts that are not of one person; such pairs show no effect and hide part of it.
        """
        found = self.averaged.draws(self.place(service), draws, rng)
        if link_error:
            found = unhidden(found, link_error, rng)
        each: Vector = (np.expm1(-found) @ self.observed[service]) / max(self.contacts[service], 1.0)
        return each


def unhidden(log_ratio: Vector, link_error: float, rng: np.random.Generator) -> Vector:
    """float64[draw, window]: log ratios among rightly linked pairs, ratio = (seen − f) / (1 − f), f known to two fifths of itself."""
    wrong = np.clip(rng.normal(link_error, 0.4 * link_error, len(log_ratio)), 0.0, 0.6)[:, None]
    found: Vector = np.log(np.maximum((np.exp(log_ratio) - wrong) / (1 - wrong), 0.05))
    return found


def series(found: Courses, kinds: Sequence[int], progress: Progress = silent) -> Series:
    """All fits in the same passes; a second round without the services that were called because the demand was coming.

    Such a service takes part of what the others avert upon itself: among those who rang before an attendance nobody was spared
    one. Its own estimate is that of the first round.
    """
    fits = joint_sccs(found.course, kinds, progress=progress)
    heralds = np.stack([foretelling(fit) for fit in fits])
    again = [at for at in range(len(fits)) if heralds[at].any()]
    if again:
        second = joint_sccs(found.course, [kinds[at] for at in again], without=heralds[again], progress=progress)
        kept = {at: _merged(fits[at], fit, heralds[at]) for at, fit in zip(again, second, strict=True)}
        fits = tuple(kept.get(at, fit) for at, fit in enumerate(fits))
    return Series(tuple(kinds), fits, precedence(found.course, kinds))


def foretelling(fit: SelfControlled) -> NDArray[np.bool_]:
    """bool[service]: surely more than twice the demand in the first window after a contact."""
    error = np.sqrt(np.maximum(fit.covariance[:, 1, 1], 0.0))
    found: NDArray[np.bool_] = fit.supported[:, 1] & (fit.beta[:, 1] - 2 * error > FORETELLS)
    return found


def _merged(first: SelfControlled, second: SelfControlled, heralds: NDArray[np.bool_]) -> SelfControlled:
    beta, covariance, supported = second.beta.copy(), second.covariance.copy(), second.supported.copy()
    beta[heralds], covariance[heralds], supported[heralds] = (
        first.beta[heralds], first.covariance[heralds], first.supported[heralds],
    )  # fmt: skip
    return SelfControlled(second.kind, beta, covariance, supported, second.calendar, second.events)


def evidence(all_series: Series, kind: int, controls: Sequence[tuple[int, int]]) -> Evidence:
    """controls: pairs (service, kind) of which it is declared that the first changes nothing about the second."""
    at = all_series.at(kind)
    fit, seen = all_series.fits[at], all_series.seen
    observed = np.stack([seen.lead[at][:, low : high + 1].sum(axis=1) for low, high in WINDOWS[POST]], axis=1)
    systematic, together = control_errors(all_series, controls)
    beta = fit.beta[:, POST] - np.array([one.mean for one in systematic])
    wide = np.sqrt([one.sd**2 + one.mean_se**2 for one in systematic])
    covariance = fit.covariance[:, POST, POST] + np.outer(wide, wide) * (together + (1 - together) * np.eye(len(wide)))
    used = np.flatnonzero(fit.supported[:, POST].all(axis=1) & (seen.observed[at] > 0))
    judged = averaged(beta[used], covariance[used])
    found = np.zeros(len(fit.beta), dtype=bool)
    found[used] = discovered(judged.lower())
    return Evidence(
        kind, fit, beta, covariance, judged, used, found, systematic, observed.astype(np.float64), seen.contacts
    )


def control_errors(
    all_series: Series, controls: Sequence[tuple[int, int]]
) -> tuple[tuple[SystematicError, ...], float]:
    """The systematic error of each window over the declared pairs that are seen often enough, and how alike it is in all."""
    known = [(service, all_series.at(kind)) for service, kind in controls if kind in all_series.kinds]
    known = [(service, at) for service, at in known if all_series.seen.observed[at, service] > SEEN_OFTEN]
    fits = [(all_series.fits[at].beta[service], all_series.fits[at].covariance[service]) for service, at in known]
    beta = np.array([beta for beta, _ in fits]).reshape(-1, len(WINDOWS))[:, POST]
    spread = np.array([spread for _, spread in fits]).reshape(-1, len(WINDOWS), len(WINDOWS))[:, POST, POST]
    error = np.sqrt(np.einsum("kww->kw", spread))
    windows = range(beta.shape[1])
    return tuple(systematic_error(beta[:, w], error[:, w]) for w in windows), _alike(beta, spread)


def _alike(beta: Vector, spread: Vector) -> float:
    """Correlation of the systematic error between windows, one number for all pairs of them, by moments; 0 to 0.9."""
    if len(beta) < FEWEST:
        return 0.0
    moved = np.cov(beta.T) - spread.mean(axis=0)
    sd = np.sqrt(np.maximum(np.diag(moved), 1e-6))
    off = ~np.eye(len(sd), dtype=bool)
    return float(np.clip((moved / np.outer(sd, sd))[off].clip(-1, 1).mean(), 0.0, 0.9))


def mean_effect(board: Evidence, days: Vector) -> tuple[Vector, Vector]:
    """float64[service] twice: the mean calibrated log ratio over the 180 days, not shrunk, and its error.

    days: float64[service, 181], by which the windows are weighted, as people spend them after contacts.
    """
    weight = np.stack([days[:, low : high + 1].sum(axis=1) for low, high in WINDOWS[POST]], axis=1)
    weight = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
    theta: Vector = (weight * board.beta).sum(axis=1)
    error: Vector = np.sqrt(np.einsum("sv,svw,sw->s", weight, board.covariance, weight))
    return theta, error


def unmet(course: Course, kind: int, eligible: Sequence[int], often: float) -> tuple[int, int]:
    """(people, their contacts of the kind): those with at least `often` a year and no contact with any eligible service."""
    person = np.repeat(np.arange(course.people), np.diff(course.first))
    inside = (course.day >= course.start[person]) & (course.day <= course.end[person])
    demand = np.bincount(person[inside & (course.service == kind)], minlength=course.people)
    met = np.bincount(person[inside & np.isin(course.service, eligible)], minlength=course.people) > 0
    years = (course.end.astype(np.float64) - course.start + 1) / 365.25
    missed = ~met & (demand >= 2) & (demand >= often * years)
    return int(missed.sum()), int(demand[missed].sum())
