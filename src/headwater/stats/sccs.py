"""All services at once in one conditional-Poisson self-controlled case series, streamed person by person.

log λ_d(i, t) = α_i + calendar + Σ_u Σ_w β_uw post_uw(t) + Σ_u γ_u pre_u(t), in weeks; α_i drops out given the person's own
number of events (Farrington 1995, Biometrics 51; several exposures at once as in Morel et al. 2020, Biostatistics 21). The
pre-window takes up events that led to the service rather than came after it. A ridge keeps rare services finite; errors are a
sandwich by person. Cost: people × weeks × the square of the services each one uses, not of all services there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

# Weeks from the contact: first and last of each window, the pre-window first. Contacts of one week are unordered.
WINDOWS = np.array([(-4, 0), (1, 1), (2, 4), (5, 13), (14, 26)], dtype=np.int64)
WEEKS_OF = (WINDOWS[:, 1] - WINDOWS[:, 0] + 1).astype(np.float64)
POST = slice(1, len(WINDOWS))
RIDGE = 0.5
CALENDAR = 3
REACH = 26


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Contacts of many people: those of person i are rows first[i] … first[i + 1] − 1, week and service of each.

    start, end: first and last week in which the person was observed.
    """

    first: Codes
    week: Codes
    service: Codes
    start: Codes
    end: Codes
    services: int


@dataclass(frozen=True, slots=True, eq=False)
class SelfControlled:
    """beta: float64[service, window]; covariance: float64[service, window, window], of each service's own windows.

    observed, chance: events with a contact of the service in the 26 weeks before, as they are and as a person's own circularly
    shifted contacts would give; lead: int64[service, 27], events by weeks since the latest such contact; events: their number;
    exposed_rate: expected events per person-week after a contact, were it without effect.
    """

    beta: Vector
    covariance: Vector
    observed: Vector
    chance: Vector
    lead: Codes
    events: int
    exposed_rate: Vector


def joint_sccs(course: Course, events: NDArray[np.bool_], ridge: float = RIDGE, iterations: int = 8) -> SelfControlled:
    """events: bool[contact], those of the downstream kind; contacts of that kind are no exposure."""
    windows = len(WINDOWS)
    columns = course.services * windows + CALENDAR
    arrays = (course.first, course.week, course.service, events, course.start, course.end)
    beta = np.zeros(columns)
    for _ in range(iterations):
        score, information, _meat = _pass(*arrays, WINDOWS, beta, columns)
        score -= ridge * beta
        step = np.linalg.solve(information + ridge * np.eye(columns), score)
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-6:
            break
    _score, information, meat = _pass(*arrays, WINDOWS, beta, columns)
    bread = np.linalg.inv(information + ridge * np.eye(columns))
    covariance = bread @ meat @ bread
    blocks = np.stack(
        [covariance[at : at + windows, at : at + windows] for at in range(0, course.services * windows, windows)]
    )
    observed, chance, lead, rate = _reach(*arrays, WINDOWS, beta, course.services)
    return SelfControlled(
        beta[: course.services * windows].reshape(course.services, windows),
        blocks,
        observed,
        chance,
        lead,
        int(events.sum()),
        rate,
    )


@njit(cache=True)
def _flags(first, last, week, service, events, start, end, windows, local, known):  # type: ignore[no-untyped-def]
    """int8[week, covariate of the person]: which windows hold in which week."""
    flags = np.zeros((end - start + 1, known * len(windows)), dtype=np.int8)
    for row in range(first, last):
        if events[row]:
            continue
        at = local[service[row]] * len(windows)
        for window in range(len(windows)):
            low = max(week[row] + windows[window, 0], start) - start
            high = min(week[row] + windows[window, 1], end) - start
            for w in range(low, high + 1):
                flags[w, at + window] = 1
    return flags


@njit(cache=True)
def _own(first, last, service, events, local, mine):  # type: ignore[no-untyped-def]
    """Number the services the person uses; how many there are."""
    known = 0
    for row in range(first, last):
        if not events[row] and local[service[row]] < 0:
            local[service[row]] = known
            mine[known] = service[row]
            known += 1
    return known


@njit(cache=True)
def _calendar(week):  # type: ignore[no-untyped-def]
    angle = 2 * np.pi * week / 52.18
    return np.cos(angle), np.sin(angle), week / 52.18


@njit(cache=True)
def _pass(first, week, service, events, start, end, windows, beta, columns):  # type: ignore[no-untyped-def]
    """Score, information and the sum of squared personal scores, one person at a time on the covariates that person has."""
    score, information, meat = np.zeros(columns), np.zeros((columns, columns)), np.zeros((columns, columns))
    services = (columns - 3) // len(windows)
    local, mine = np.full(services, -1), np.zeros(services, dtype=np.int64)
    for person in range(len(first) - 1):
        a, b = first[person], first[person + 1]
        total = 0
        for row in range(a, b):
            if events[row] and start[person] <= week[row] <= end[person]:
                total += 1
        if total == 0:
            continue
        known = _own(a, b, service, events, local, mine)
        flags = _flags(a, b, week, service, events, start[person], end[person], windows, local, known)
        weeks, size = flags.shape[0], known * len(windows) + 3
        names = np.empty(size, dtype=np.int64)
        for k in range(known):
            for window in range(len(windows)):
                names[k * len(windows) + window] = mine[k] * len(windows) + window
        for k in range(3):
            names[size - 3 + k] = columns - 3 + k
        risk, x = np.empty(weeks), np.zeros((weeks, 3))
        for w in range(weeks):
            x[w, 0], x[w, 1], x[w, 2] = _calendar(float(start[person] + w))
            eta = x[w, 0] * beta[columns - 3] + x[w, 1] * beta[columns - 2] + x[w, 2] * beta[columns - 1]
            for k in range(size - 3):
                if flags[w, k]:
                    eta += beta[names[k]]
            risk[w] = np.exp(min(max(eta, -30.0), 30.0))
        whole = risk.sum()
        mean, second, own = np.zeros(size), np.zeros((size, size)), np.zeros(size)
        active = np.empty(size, dtype=np.int64)
        value = np.empty(size)
        for w in range(weeks):
            count = 0
            for k in range(size - 3):
                if flags[w, k]:
                    active[count], value[count] = k, 1.0
                    count += 1
            for k in range(3):
                active[count], value[count] = size - 3 + k, x[w, k]
                count += 1
            share = risk[w] / whole
            for i in range(count):
                mean[active[i]] += share * value[i]
                for j in range(i + 1):
                    second[active[i], active[j]] += share * value[i] * value[j]
        for row in range(a, b):
            if events[row] and start[person] <= week[row] <= end[person]:
                w = week[row] - start[person]
                for k in range(size - 3):
                    own[k] += flags[w, k]
                for k in range(3):
                    own[size - 3 + k] += x[w, k]
        for i in range(size):
            own[i] -= total * mean[i]
        for i in range(size):
            score[names[i]] += own[i]
            for j in range(i + 1):
                bent = total * (second[i, j] - mean[i] * mean[j])
                information[names[i], names[j]] += bent
                meat[names[i], names[j]] += own[i] * own[j]
                if i != j:
                    information[names[j], names[i]] += bent
                    meat[names[j], names[i]] += own[i] * own[j]
        for k in range(known):
            local[mine[k]] = -1
    return score, information, meat


@njit(cache=True)
def _reach(first, week, service, events, start, end, windows, beta, services):  # type: ignore[no-untyped-def]
    """Who saw the demand before: observed, expected by circular shift, lead times, and the rate without the effect."""
    observed, chance = np.zeros(services), np.zeros(services)
    lead = np.zeros((services, 27), dtype=np.int64)
    expected, exposed = np.zeros(services), np.zeros(services)
    local, mine = np.full(services, -1), np.zeros(services, dtype=np.int64)
    reach = windows[-1, 1]
    for person in range(len(first) - 1):
        a, b = first[person], first[person + 1]
        known = _own(a, b, service, events, local, mine)
        weeks = end[person] - start[person] + 1
        since = np.full((known, weeks), 99, dtype=np.int64)
        for row in range(a, b):
            if not events[row]:
                k = local[service[row]]
                for w in range(max(week[row] + 1, start[person]), min(week[row] + reach, end[person]) + 1):
                    since[k, w - start[person]] = min(since[k, w - start[person]], w - week[row])
        total = 0
        for row in range(a, b):
            if events[row] and start[person] <= week[row] <= end[person]:
                total += 1
                w = week[row] - start[person]
                for k in range(known):
                    if since[k, w] <= reach:
                        observed[mine[k]] += 1
                        lead[mine[k], since[k, w]] += 1
                        expected[mine[k]] += _without(since[k, w], windows, beta, mine[k])
        for k in range(known):
            covered = 0
            for w in range(weeks):
                if since[k, w] <= reach:
                    covered += 1
            chance[mine[k]] += total * covered / max(weeks, 1)
            exposed[mine[k]] += covered
            local[mine[k]] = -1
    return observed, chance, lead, expected / np.maximum(exposed, 1.0)


@njit(cache=True)
def _without(since, windows, beta, service):  # type: ignore[no-untyped-def]
    """What one event seen so long after a contact would have been without the contact's effect: 1 / ratio."""
    for window in range(1, len(windows)):
        if windows[window, 0] <= since <= windows[window, 1]:
            return np.exp(-min(max(beta[service * len(windows) + window], -3.0), 3.0))
    return 1.0
