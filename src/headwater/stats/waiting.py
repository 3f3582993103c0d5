"""Queues that no formula covers, simulated: any arrivals, any service times, first come first served, c servers.

Kiefer and Wolfowitz 1955: keep the c servers' free times sorted; each arrival takes the earliest. Common random
numbers: the same arrivals and services are served with and without what was averted, so that the difference has little
noise of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(cache=True)
def waits(arrivals, services, servers):  # type: ignore[no-untyped-def]
    """float64[n]: wait of each arrival. arrivals float64[n] ascending, services float64[n], servers int; O(n·c)."""
    free = np.zeros(servers)
    waited = np.empty(arrivals.size)
    for i in range(arrivals.size):
        begin = max(arrivals[i], free[0])
        waited[i] = begin - arrivals[i]
        done = begin + services[i]
        at = 1
        while at < servers and free[at] < done:
            free[at - 1] = free[at]
            at += 1
        free[at - 1] = done
    return waited


@njit(cache=True)
def waits_with_patience(arrivals, services, patience, servers):  # type: ignore[no-untyped-def]
    """float64[n]: wait of each arrival, negative (minus its patience) where it gave up before it was served."""
    free = np.zeros(servers)
    waited = np.empty(arrivals.size)
    for i in range(arrivals.size):
        begin = max(arrivals[i], free[0])
        if begin - arrivals[i] > patience[i]:
            waited[i] = -patience[i]
            continue
        waited[i] = begin - arrivals[i]
        done = begin + services[i]
        at = 1
        while at < servers and free[at] < done:
            free[at - 1] = free[at]
            at += 1
        free[at - 1] = done
    return waited


@njit(cache=True)
def turned_away(arrivals, services, servers):  # type: ignore[no-untyped-def]
    """bool[n]: whether each arrival found all servers busy and left (no queue)."""
    free = np.zeros(servers)
    lost = np.zeros(arrivals.size, np.bool_)
    for i in range(arrivals.size):
        if free[0] > arrivals[i]:
            lost[i] = True
            continue
        done = arrivals[i] + services[i]
        at = 1
        while at < servers and free[at] < done:
            free[at - 1] = free[at]
            at += 1
        free[at - 1] = done
    return lost


@njit(cache=True)
def tandem_departures(first, second, buffer):  # type: ignore[no-untyped-def]
    """float64[n]: departures from two servers in series with a full queue before the first and `buffer` places between.

    A customer whose next place is taken stays and blocks the first server (blocking after service).
    """
    n = first.size
    left_first, begun_second, done = np.zeros(n), np.zeros(n), np.zeros(n)
    for i in range(n):
        begin = left_first[i - 1] if i > 0 else 0.0
        served = begin + first[i]
        freed = begun_second[i - buffer] if buffer > 0 and i >= buffer else 0.0
        if buffer == 0 and i > 0:
            freed = done[i - 1]
        left_first[i] = max(served, freed)
        begun_second[i] = max(left_first[i], done[i - 1] if i > 0 else 0.0)
        done[i] = begun_second[i] + second[i]
    return done


def poisson_arrivals(
    rate: float, hours: float, generator: np.random.Generator, profile: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """float64[n]: arrival times over `hours` at a mean `rate` an hour; profile: float64[24], the day's shape (mean 1).

    With a profile the arrivals are thinned from the busiest hour's rate (Lewis and Shedler 1979).
    """
    peak = 1.0 if profile is None else float(profile.max())
    times = np.sort(generator.uniform(0.0, hours, generator.poisson(rate * peak * hours)))
    if profile is None:
        return times
    keep = generator.uniform(0.0, peak, times.size) < profile[np.floor(times % 24).astype(np.int64)]
    return times[keep]


def lognormal_services(mean: float, sd: float, n: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """float64[n]: service times of a mean and a standard deviation, exponential where sd equals the mean."""
    if sd == mean:
        return generator.exponential(mean, n)
    variance = np.log1p((sd / mean) ** 2)
    return generator.lognormal(np.log(mean) - variance / 2, np.sqrt(variance), n)
