"""Queueing formulas in closed form. Loads are in erlangs (arrivals per hour × hours of service); arrays broadcast.

Erlang 1917; Cobham 1954; Garnett, Mandelbaum and Reiman 2002 for abandonment; Hunt 1956 for blocking in series; Eick,
Massey and Whitt 1993 for time-varying load; Larson 1974 for the hypercube. Where a queue without abandonment has no
steady state (load ≥ servers) waits are infinite and say so; nothing is extrapolated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray


def erlang_b(servers: ArrayLike, load: ArrayLike) -> NDArray[np.float64]:
    """Share of arrivals turned away by c servers without a queue: B₀ = 1, B_n = aB_{n−1} / (n + aB_{n−1})."""
    c, a = np.broadcast_arrays(np.asarray(servers), np.asarray(load, dtype=np.float64))
    blocked = np.ones(a.shape)
    for n in range(1, int(c.max(initial=0)) + 1):
        np.copyto(blocked, a * blocked / (n + a * blocked), where=n <= c)
    return blocked


def erlang_c(servers: ArrayLike, load: ArrayLike) -> NDArray[np.float64]:
    """Share of arrivals that must wait for c servers with an endless queue; 1 where the load is not below c."""
    c, a = np.asarray(servers), np.asarray(load, dtype=np.float64)
    blocked = erlang_b(c, a)
    waits = c * blocked / np.maximum(c - a * (1 - blocked), 1e-300)
    return np.where(a < c, waits, 1.0)


def mean_wait(servers: ArrayLike, load: ArrayLike, service: float = 1.0) -> NDArray[np.float64]:
    """Mean wait in the queue of M/M/c, in the unit of `service` (the mean service time); infinite where load ≥ c."""
    c, a = np.asarray(servers), np.asarray(load, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.where(a < c, erlang_c(c, a) * service / np.maximum(c - a, 0), np.inf)


def wait_over(servers: ArrayLike, load: ArrayLike, target: float, service: float = 1.0) -> NDArray[np.float64]:
    """Share of M/M/c arrivals that wait longer than `target`: C·e^{−(c−a)t/E[S]}; 1 where load ≥ c."""
    c, a = np.asarray(servers), np.asarray(load, dtype=np.float64)
    return np.where(a < c, erlang_c(c, a) * np.exp(-np.maximum(c - a, 0) * target / service), 1.0)


def sojourn_within(servers: int, load: float, target: float, service: float = 1.0) -> float:
    """Share of M/M/c arrivals that have left, served, within `target` of arriving."""
    if load >= servers:
        return 0.0
    mu, theta, waits = 1 / service, (servers - load) / service, float(erlang_c(servers, load))
    served = -np.expm1(-mu * target)
    if abs(theta - mu) < 1e-12 * mu:
        convolved = -np.expm1(-mu * target) - mu * target * np.exp(-mu * target)
    else:
        convolved = 1 - (theta * np.exp(-mu * target) - mu * np.exp(-theta * target)) / (theta - mu)
    return float((1 - waits) * served + waits * convolved)


def cobham(servers: int, loads: ArrayLike, service: float = 1.0) -> NDArray[np.float64]:
    """Mean waits by priority class, first served first, not pre-empted, one mean service time for all (M/M/c)."""
    a = np.asarray(loads, dtype=np.float64)
    reached = np.concatenate([[0.0], np.cumsum(a)]) / servers
    waits = float(erlang_c(servers, a.sum())) * service / servers
    with np.errstate(divide="ignore"):
        within = waits / ((1 - reached[:-1]) * (1 - reached[1:]))
    return np.where(reached[1:] < 1, within, np.inf)


def erlang_a(servers: int, load: float, service: float, patience: float) -> tuple[float, float, float]:
    """M/M/c+M: (share that gives up, share that waits, mean wait of all); patience is the mean, exponential.

    The queue's states are summed until the tail holds less than 1e-14 of the mass; it has a steady state at any load.
    """
    mu, theta, lam = 1 / service, 1 / patience, load / service
    behind = max(0.0, (lam - servers * mu) / theta) + 12 * np.sqrt(lam / theta)
    if load < servers:
        behind = min(behind, 37 / -np.log(max(load, 1e-9) / servers))  # a tail that shrinks by the load alone: e⁻³⁷
    most = int(servers + 20 + behind)
    n = np.arange(1, most + 1)
    out = np.minimum(n, servers) * mu + np.maximum(n - servers, 0) * theta
    log_p = (
        np.concatenate([[0.0], np.cumsum(np.log(lam / out))])
        if lam > 0
        else np.concatenate([[0.0], np.full(most, -np.inf)])
    )
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    queue = float(p @ np.maximum(np.arange(most + 1) - servers, 0))
    return (theta * queue / lam if lam else 0.0), float(p[servers:].sum()), (queue / lam if lam else 0.0)


def tandem_throughput(buffer: int, rate: float = 1.0) -> float:
    """Most that two equal exponential servers in series pass on with `buffer` places between them: (b+2)/(b+3)·μ (Hunt
    1956)."""
    return (buffer + 2) / (buffer + 3) * rate


def sinusoid_load(
    mean_rate: float, relative: float, frequency: float, service: float, at: ArrayLike
) -> NDArray[np.float64]:
    """Mean number busy of M_t/M/∞ with rate λ̄ + β·sin(γt): the load lags its arrivals (Eick, Massey and Whitt 1993).

    relative is β in arrivals per hour; the result is in erlangs at the hours `at`.
    """
    t, lag = np.asarray(at, dtype=np.float64), frequency * service
    swing = (np.sin(frequency * t) - lag * np.cos(frequency * t)) / (1 + lag**2)
    return service * (mean_rate + relative * swing)


def hypercube(rates: NDArray[np.float64], preference: NDArray[np.int64], service: float = 1.0) -> NDArray[np.float64]:
    """Steady state of Larson's hypercube without a queue: float64[2^N], state s has unit i busy where bit i of s is
    set.

    rates: float64[atom] calls per hour; preference: int64[atom, N] units in the order each atom calls them; equal
    exponential service. Calls that find all N busy are lost. For N ≤ 12 (4,096 states).
    """
    units = preference.shape[1]
    states = 1 << units
    flow = np.zeros((states, states))
    for state in range(states):
        for unit in range(units):
            if state >> unit & 1:
                flow[state, state & ~(1 << unit)] += 1 / service
        for rate, order in zip(rates, preference, strict=True):
            free = [unit for unit in order if not state >> int(unit) & 1]
            if free:
                flow[state, state | 1 << int(free[0])] += rate
    balance = flow.T - np.diag(flow.sum(axis=1))
    balance[-1] = 1.0
    known = np.zeros(states)
    known[-1] = 1.0
    return np.linalg.solve(balance, known)


def loads_met(
    met: Callable[[NDArray[np.int64], NDArray[np.float64]], NDArray[np.bool_]], servers: NDArray[np.int64]
) -> NDArray[np.float64]:
    """float64[k]: the largest load that each number of servers carries at the service level.

    `met(servers, loads)` says where the level is met; it must hold at load 0 and fail once, upwards. 60 halvings of all
    at once: exact to 1e-17 of c.
    """
    low, high = np.zeros(servers.shape), np.maximum(4.0 * servers, 4.0)
    for _ in range(60):
        middle = (low + high) / 2
        holds = met(servers, middle)
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return low
