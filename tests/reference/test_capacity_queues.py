"""Queues and stations against slow, obvious twins: balance equations solved as matrices, servers counted one by one, a
heap."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.capacity.free import closable
from headwater.capacity.station import MOST_STEPS, Station, stations_of
from headwater.stats.queueing import (
    erlang_a,
    erlang_b,
    erlang_c,
    loads_met,
    mean_wait,
    sinusoid_load,
    sojourn_within,
    wait_over,
)
from headwater.stats.trial import (
    NegativeBinomial,
    detectable,
    fit_negative_binomial,
    power_of,
    selected,
    stepped_wedge_variance,
)
from headwater.stats.waiting import lognormal_services, poisson_arrivals, tandem_departures, turned_away, waits

# Formulas against the balance equations


def stationary(up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Probabilities of a birth-death chain by solving its balance equations."""
    n = len(up) + 1
    flow = np.diag(up, 1) + np.diag(down, -1)
    balance = (flow - np.diag(flow.sum(axis=1))).T
    balance[-1] = 1.0
    return np.linalg.solve(balance, np.eye(n)[-1])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.floats(0.05, 15))
def test_loss_by_balance_equations(servers: int, load: float) -> None:
    states = stationary(np.full(servers, load), np.arange(1.0, servers + 1))
    assert float(erlang_b(servers, load)) == pytest.approx(states[-1], rel=1e-8, abs=1e-14)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.floats(0.05, 0.8))
def test_delay_by_balance_equations(servers: int, busy: float) -> None:
    """A queue cut off at 150: the tail beyond holds less than 1e-14 of the mass at 80 % load."""
    load, most = busy * servers, servers + 150
    states = stationary(np.full(most, load), np.minimum(np.arange(1.0, most + 1), servers))
    queue = states @ np.maximum(np.arange(most + 1) - servers, 0)
    assert float(erlang_c(servers, load)) == pytest.approx(states[servers:].sum(), rel=1e-6, abs=1e-10)
    assert float(mean_wait(servers, load)) == pytest.approx(queue / load, rel=1e-6, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.floats(0.1, 14), st.floats(0.2, 4))
def test_abandonment_by_balance_equations(servers: int, load: float, patience: float) -> None:
    most = servers + 200
    n = np.arange(1.0, most + 1)
    states = stationary(np.full(most, load), np.minimum(n, servers) + np.maximum(n - servers, 0) / patience)
    queue = states @ np.maximum(np.arange(most + 1) - servers, 0)
    lost, waiting, wait = erlang_a(servers, load, 1.0, patience)
    assert lost == pytest.approx(queue / patience / load, rel=1e-6, abs=1e-10)
    assert waiting == pytest.approx(states[servers:].sum(), rel=1e-6, abs=1e-10)
    assert wait == pytest.approx(queue / load, rel=1e-6, abs=1e-10)


def test_nobody_arriving_is_no_trouble() -> None:
    assert erlang_a(3, 0.0, 1.0, 1.0) == (0.0, 0.0, 0.0)
    assert float(erlang_b(3, 0.0)) == float(erlang_c(3, 0.0)) == float(mean_wait(3, 0.0)) == 0


def test_a_queue_without_a_steady_state_says_so() -> None:
    """At or beyond as many erlangs as servers nothing is extrapolated: everybody waits, without end."""
    assert erlang_c(3, [3.0, 4.0]).tolist() == [1, 1]
    assert mean_wait(3, [3.0, 4.0]).tolist() == [np.inf, np.inf]
    assert wait_over(3, 5.0, 100.0).tolist() == 1
    assert sojourn_within(3, 3.0, 100.0) == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.floats(0.01, 0.95), st.floats(0, 5))
def test_many_stations_at_once_are_each_alone(servers: int, busy: float, target: float) -> None:
    counts = np.array([servers, 1, servers + 3, 0])
    loads = busy * np.array([servers, 1.0, servers, 0.0])
    for formula in (erlang_b, erlang_c, mean_wait):
        with np.errstate(invalid="ignore"):
            together = formula(counts, loads)
        alone = [float(formula(int(c), float(a))) for c, a in zip(counts[:3], loads[:3], strict=True)]
        assert together[:3].tolist() == pytest.approx(alone, rel=1e-12)
    assert wait_over(counts[:3], loads[:3], target).tolist() == pytest.approx(
        [float(wait_over(int(c), float(a), target)) for c, a in zip(counts[:3], loads[:3], strict=True)], rel=1e-12
    )


def test_time_in_the_system_by_adding_wait_and_service() -> None:
    """P(T ≤ t) as the wait's distribution convolved with the service's, numerically; 1e-5."""
    servers, load, target, mu = 4, 3.1, 2.0, 1.0
    grid = np.linspace(0, target, 20_001)
    over = wait_over(servers, load, grid)
    density = -np.gradient(over, grid)
    within = (1 - over[0]) * (1 - np.exp(-mu * target)) + np.trapezoid(
        density * (1 - np.exp(-mu * (target - grid))), grid
    )
    assert sojourn_within(servers, load, target) == pytest.approx(float(within), abs=1e-5)


def test_the_daily_load_by_integration() -> None:
    """m(t) = ∫ λ(t − u) P(S > u) du with exponential service; 1e-6."""
    u = np.linspace(0, 400, 400_001)
    rate = 10 + 4 * np.sin(2 * np.pi / 24 * (1000 - u))
    assert float(sinusoid_load(10, 4, 2 * np.pi / 24, 6, 1000)) == pytest.approx(
        float(np.trapezoid(rate * np.exp(-u / 6), u)), abs=1e-6
    )


# Simulation against a heap


def by_heap(arrivals: np.ndarray, services: np.ndarray, servers: int) -> list[float]:
    free = [0.0] * servers
    waited = []
    for arrival, service in zip(arrivals.tolist(), services.tolist(), strict=True):
        begin = max(arrival, heapq.heappop(free))
        heapq.heappush(free, begin + service)
        waited.append(begin - arrival)
    return waited


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(0, 10_000), st.floats(0.2, 3))
def test_waits_are_those_of_a_heap(servers: int, seed: int, load: float) -> None:
    generator = np.random.default_rng(seed)
    arrivals = poisson_arrivals(load * servers, 60.0, generator)
    services = lognormal_services(1.0, 1.7, arrivals.size, generator)
    assert waits(arrivals, services, servers).tolist() == pytest.approx(by_heap(arrivals, services, servers), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(0, 10_000), st.floats(0.2, 3))
def test_who_is_turned_away_by_counting_who_is_there(servers: int, seed: int, load: float) -> None:
    generator = np.random.default_rng(seed)
    arrivals = poisson_arrivals(load * servers, 40.0, generator)
    services = generator.exponential(1.0, arrivals.size)
    leaving: list[float] = []
    expected = []
    for arrival, service in zip(arrivals.tolist(), services.tolist(), strict=True):
        full = sum(end > arrival for end in leaving) >= servers
        expected.append(full)
        if not full:
            leaving.append(arrival + service)
    assert turned_away(arrivals, services, servers).tolist() == expected


@pytest.mark.parametrize("buffer", [0, 1, 3])
def test_a_blocked_tandem_event_by_event(buffer: int) -> None:
    """Each customer in turn: it leaves the first server only when one of the buffer's places, or the second server, is
    free."""
    generator = np.random.default_rng(buffer)
    first, second = generator.exponential(1, 400), generator.exponential(1, 400)
    left: list[float] = []
    done: list[float] = []
    for at in range(400):
        ready = (left[-1] if left else 0.0) + first[at]
        moment = ready
        while (
            sum(out > moment for out in done) > buffer
        ):  # those still beyond the first server fill the places and the second
            moment = min(out for out in done if out > moment)
        left.append(moment)
        done.append(max(moment, done[-1] if done else 0.0) + second[at])
    assert tandem_departures(first, second, buffer).tolist() == pytest.approx(done, abs=1e-9)


def test_arrivals_follow_the_day() -> None:
    profile = np.array([0.5] * 12 + [1.5] * 12)
    arrivals = poisson_arrivals(20.0, 24 * 400, np.random.default_rng(1), profile)
    evening = ((arrivals % 24) >= 12).mean()
    assert arrivals.size == pytest.approx(20 * 24 * 400, rel=0.01)
    assert evening == pytest.approx(0.75, abs=0.005)
    assert (np.diff(arrivals) >= 0).all()


@pytest.mark.parametrize(("mean", "sd"), [(7.4, 8.61), (28.4, 27.2), (3.0, 3.0), (1.8, 0.2)])
def test_service_times_have_the_mean_and_spread_asked_for(mean: float, sd: float) -> None:
    """Lengths of stay of Monks et al. 2016 among them."""
    drawn = lognormal_services(mean, sd, 400_000, np.random.default_rng(2))
    assert drawn.mean() == pytest.approx(mean, rel=0.02)
    assert drawn.std() == pytest.approx(sd, rel=0.05)
    assert (drawn > 0).all()


# Stations


def by_counting(station: Station, load: float) -> int:
    """Most steps that can be closed with the level still met, tried one by one."""
    k = 0
    while k < MOST_STEPS and (left := station.servers - station.step * (k + 1)) >= 0:
        if load > 0 and not (left > 0 and bool(station.met(np.array([left]), np.array([load]))[0])):
            break
        k += 1
    return k


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["delay", "loss", "abandonment"]),
    st.integers(1, 25),
    st.integers(1, 6),
    st.floats(0.5, 0.99),
    st.floats(0.05, 0.95),
    st.floats(-0.5, 1.2),
)
def test_closable_steps_by_trying_one_after_another(
    model: str, servers: int, step: int, level: float, occupied: float, averted: float
) -> None:
    entry = {
        "kind": "ward",
        "service_hours": 10.0,
        "servers": servers,
        "step": step,
        "model": model,
        "service_level": level,
        "within_hours": 2.0,
        "patience_hours": 8.0,
        "contacts_per_year": occupied * servers * 876.6,
    }
    station = stations_of([entry])["ward"]
    load = station.load(0.0)
    after = max(0.0, load * (1 - averted))
    expected = max(0, by_counting(station, after) - by_counting(station, load))
    assert closable(station, np.array([averted * occupied * servers * 876.6])).tolist() == [expected]


def test_the_largest_load_is_just_carried_and_a_hair_more_is_not() -> None:
    station = stations_of([{"kind": "x", "service_hours": 1.0, "servers": 9, "model": "loss", "service_level": 0.9}])[
        "x"
    ]
    (carried,) = loads_met(station.met, np.array([9]))
    assert station.met(np.array([9]), np.array([carried * (1 - 1e-9)]))[0]
    assert not station.met(np.array([9]), np.array([carried * (1 + 1e-9)]))[0]


# Trials


@settings(max_examples=12, deadline=None)
@given(st.floats(0.05, 4), st.floats(0.2, 5), st.integers(1, 6))
def test_selection_by_summing_over_rates(mean: float, shape: float, at_least: int) -> None:
    """Regression to the mean by numerical integration over the gamma rates instead of the closed form."""
    from scipy.integrate import quad
    from scipy.stats import gamma, poisson

    def over_rates(weight: object) -> float:
        top = float(gamma.ppf(1 - 1e-13, shape, scale=mean / shape))
        pieces = np.geomspace(1e-9, 1, 25) * top
        return sum(
            quad(
                lambda rate: weight(rate) * gamma.pdf(rate, shape, scale=mean / shape) * poisson.sf(at_least - 1, rate),
                low,
                high,
            )[0]  # type: ignore[operator]
            for low, high in zip([0.0, *pieces[:-1]], pieces, strict=True)
        )

    chosen = over_rates(lambda rate: 1.0)
    group = selected(NegativeBinomial(mean, shape), at_least)
    assert group.share == pytest.approx(chosen, rel=1e-3)
    assert group.after == pytest.approx(over_rates(lambda rate: rate) / chosen, rel=1e-3)


def test_counts_without_extra_spread_are_poisson() -> None:
    fit = fit_negative_binomial(np.repeat([2.0, 3.0, 4.0], 100))
    assert fit.shape == 1e6
    assert selected(fit, 4).spontaneous_fall == pytest.approx(1 - 3 / selected(fit, 4).before, rel=1e-3)


def test_a_threshold_that_nobody_reaches_selects_nobody() -> None:
    assert selected(NegativeBinomial(1e-300, 1.0), 5).share == 0


def test_power_by_drawing() -> None:
    """2,000 trials of 300 and 600 people, rate 3, dispersion 0.5, ratio 0.8, tested on the log rate ratio; 3 points."""
    generator = np.random.default_rng(4)
    rate, ratio, kappa, n1, n0, trials = 3.0, 0.8, 0.5, 300, 600, 2_000

    def sums(mean: float, people: int) -> np.ndarray:
        return generator.poisson(generator.gamma(1 / kappa, kappa * mean, (trials, people))).mean(axis=1)

    treated, control = sums(rate * ratio, n1), sums(rate, n0)
    deviation = np.sqrt((1 / treated + kappa) / n1 + (1 / control + kappa) / n0)
    found = (np.abs(np.log(treated / control)) > 1.959964 * deviation).mean()
    assert float(power_of(n1, n0, rate, ratio, kappa)) == pytest.approx(found, abs=0.03)


def test_the_detectable_effect_is_found_with_the_wished_for_power() -> None:
    ratio = detectable(250, 750, 2.5, 0.8)
    assert float(power_of(250, 750, 2.5, ratio, 0.8)) == pytest.approx(0.8, abs=1e-3)
    assert detectable(1, 1, 0.01, 5) == 0, "two people cannot tell anything"
    assert detectable(0, 100, 2.0, 1) == 0


def test_the_stepped_wedge_variance_by_generalised_least_squares() -> None:
    """The treatment's variance from the full design matrix of cluster-period means."""
    clusters, steps, n, rho = 12, 4, 20, 0.05
    periods = steps + 1
    x = np.array([[float(t >= 1 + i // (clusters // steps)) for t in range(periods)] for i in range(clusters)])
    design = np.array(
        [[float(t == s) for s in range(periods)] + [x[i, t]] for i in range(clusters) for t in range(periods)]
    )
    within = np.eye(periods) * (1 - rho) / n + rho
    inverse = np.kron(np.eye(clusters), np.linalg.inv(within))
    variance = np.linalg.inv(design.T @ inverse @ design)[-1, -1]
    assert stepped_wedge_variance(clusters, steps, n, rho) == pytest.approx(variance, rel=1e-10)
