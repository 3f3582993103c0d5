"""The two boards: what contacts were followed by (evidence), and who merely saw the demand first (opportunity)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.progress import silent
from headwater.partners.upstream.diagnostics import diagnosed
from headwater.partners.upstream.evidence import Evidence, Series
from headwater.stats.calibration import FEWEST, SystematicError, systematic_error
from headwater.stats.content_order import in_content_order
from headwater.stats.endings import EARLY
from headwater.stats.following import following
from headwater.stats.further import further_shares
from headwater.stats.precedence import precedence
from headwater.stats.sccs import POST, WINDOWS, Course, SelfControlled, joint_sccs
from headwater.stats.unknown_window import averaged, discovered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.domain.progress import Progress
    from headwater.partners.upstream.courses import Courses

    Vector = NDArray[np.float64]

FORETELLS = np.log(2.0)
"""Whoever's contacts are followed by more than twice the demand within a week was called because it was coming."""
MARKER = 2
"""The month before a contact, when it cannot have acted: whoever is seen more in a crisis shows it there, and is off by
it afterwards."""
LOW = 0.1
"""Part of the pairs that are nothing, by which it is told how low such pairs stand before a contact."""
SEEN_OFTEN = 20.0
"""Pairs with fewer events in the half year after a contact say nothing as controls."""


def series(found: Courses, kinds: Sequence[int], wrong: float | None = None, progress: Progress = silent) -> Series:
    """All fits in the same passes; a second round without the services that the demand itself brings.

    Those that were called because it was coming, and those whose contacts mostly answer it (clinics, reviews, calls
    after it), take part of what the others avert upon themselves: among those who rang before an attendance, or were
    reviewed after one, nobody was spared one. Their own estimate is that of the first round.
    """
    course = in_content_order(found.course)
    watched = with_ends(course)
    fits = joint_sccs(watched, kinds, progress=progress)
    follows = following(course, kinds)
    brought = np.stack([foretelling(fit) for fit in fits])
    brought[:, : course.services] |= follows.mostly(wrong)
    again = [at for at in range(len(fits)) if brought[at].any()]
    if again:
        second = joint_sccs(watched, [kinds[at] for at in again], without=brought[again], progress=progress)
        kept = {at: _merged(fits[at], fit, brought[at]) for at, fit in zip(again, second, strict=True)}
        fits = tuple(kept.get(at, fit) for at, fit in enumerate(fits))
    cut = tuple(_of_services(fit, course.services) for fit in fits)
    return Series(tuple(kinds), cut, precedence(course, kinds), follows, further_shares(course), course, wrong)


def with_ends(course: Course) -> Course:
    """The same people with one more service, whose contact is the day after somebody's window ended before the data do.

    Death and moving away follow the demand; the windows before that day take up what comes with them, for every service
    alike.
    """
    last = int(course.end.max()) if course.people else 0
    early = np.flatnonzero(course.end < last - EARLY)
    if not len(early):
        return replace(course, services=course.services + 1)
    at = course.first[early + 1]
    first = course.first + np.concatenate([[0], np.cumsum(np.bincount(early, minlength=course.people))])
    day = np.insert(course.day, at, course.end[early] + 1)
    blur, service = np.insert(course.blur, at, 0), np.insert(course.service, at, course.services)
    return Course(first, day, blur, service, course.start, course.end, course.band, course.services + 1)


def _of_services(fit: SelfControlled, services: int) -> SelfControlled:
    return SelfControlled(
        fit.kind, fit.beta[:services], fit.covariance[:services], fit.supported[:services], fit.calendar, fit.events
    )


def foretelling(fit: SelfControlled) -> NDArray[np.bool_]:
    """bool[service]: surely more than twice the demand in the first window after a contact."""
    week = POST.start
    error = np.sqrt(np.maximum(fit.covariance[:, week, week], 0.0))
    found: NDArray[np.bool_] = fit.supported[:, week] & (fit.beta[:, week] - 2 * error > FORETELLS)
    return found


def _merged(first: SelfControlled, second: SelfControlled, brought: NDArray[np.bool_]) -> SelfControlled:
    beta, covariance, supported = second.beta.copy(), second.covariance.copy(), second.supported.copy()
    beta[brought], covariance[brought], supported[brought] = (
        first.beta[brought],
        first.covariance[brought],
        first.supported[brought],
    )
    return SelfControlled(second.kind, beta, covariance, supported, second.calendar, second.events)


def evidence(all_series: Series, kind: int, controls: Sequence[tuple[int, int]], names: Sequence[str] = ()) -> Evidence:
    """controls: pairs (service, kind) of which it is declared that the first changes nothing about the second.

    names: of the kinds by their codes, for the diagnostics' sentences.
    """
    at = all_series.at(kind)
    fit, seen = all_series.fits[at], all_series.seen
    observed = np.stack([seen.lead[at][:, low : high + 1].sum(axis=1) for low, high in WINDOWS[POST]], axis=1)
    nothing = _nothing(all_series, controls)
    systematic, together = control_errors(*nothing)
    # What comes before a contact is how people are sent to that very service, which no other service's controls say
    # anything about.
    acting = np.arange(len(WINDOWS)) >= POST.start
    marker = fit.beta[:, MARKER]
    around = fit.beta - acting * np.stack([one.expected(marker) for one in systematic], axis=1)
    wide = acting * np.stack([one.doubt(marker) for one in systematic], axis=1)
    doubt = fit.covariance + wide[:, :, None] * wide[:, None, :] * (together + (1 - together) * np.eye(len(WINDOWS)))
    used = np.flatnonzero(fit.supported[:, POST].all(axis=1) & (seen.observed[at] > 0))
    judged = averaged(around[used][:, POST], doubt[used][:, POST, POST])
    found = np.zeros(len(fit.beta), dtype=bool)
    found[used] = discovered(judged.lower())
    board = Evidence(
        kind,
        fit,
        around,
        doubt,
        judged,
        used,
        _lowest(nothing[0]),
        found,
        systematic,
        observed.astype(np.float64),
        seen.contacts,
        all_series.further,
        {},
    )
    return replace(board, diagnoses=diagnosed(board, all_series, lambda at: names[at] if names else f"kind {at}"))


def _nothing(all_series: Series, controls: Sequence[tuple[int, int]]) -> tuple[Vector, Vector]:
    """float64[pair, window] and [pair, window, window]: log ratios and their errors of the declared pairs that are seen
    often enough."""
    known = [(service, all_series.at(kind)) for service, kind in controls if kind in all_series.kinds]
    known = [(service, at) for service, at in known if all_series.seen.observed[at, service] > SEEN_OFTEN]
    fits = [(all_series.fits[at].beta[service], all_series.fits[at].covariance[service]) for service, at in known]
    beta = np.array([beta for beta, _ in fits]).reshape(-1, len(WINDOWS))
    return beta, np.array([spread for _, spread in fits]).reshape(-1, len(WINDOWS), len(WINDOWS))


def control_errors(beta: Vector, spread: Vector) -> tuple[tuple[SystematicError, ...], float]:
    """The systematic error of each window over pairs that are nothing, and how alike it is in all."""
    error = np.sqrt(np.einsum("kww->kw", spread))
    windows = range(beta.shape[1])
    return tuple(systematic_error(beta[:, w], error[:, w], beta[:, MARKER]) for w in windows), _alike(beta, spread)


def _lowest(beta: Vector) -> Vector:
    """float64[window]: the tenth part of the pairs that are nothing stand at or below this; never above nought."""
    if len(beta) < FEWEST:
        return np.zeros(len(WINDOWS))
    found: Vector = np.minimum(np.quantile(beta, LOW, axis=0), 0.0)
    return found


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
    """(people, their contacts of the kind): those with at least `often` a year and no contact with any eligible
    service."""
    person = np.repeat(np.arange(course.people), np.diff(course.first))
    inside = (course.day >= course.start[person]) & (course.day <= course.end[person])
    demand = np.bincount(person[inside & (course.service == kind)], minlength=course.people)
    met = np.bincount(person[inside & np.isin(course.service, eligible)], minlength=course.people) > 0
    years = (course.end.astype(np.float64) - course.start + 1) / 365.25
    missed = ~met & (demand >= 2) & (demand >= often * years)
    return int(missed.sum()), int(demand[missed].sum())
