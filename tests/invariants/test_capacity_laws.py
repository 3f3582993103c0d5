"""Laws of stations that hold for any demand, size and routing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.capacity import free, performance, solve_for, what_if
from headwater.capacity.free import cascade, closable
from headwater.capacity.station import stations_of
from headwater.stats.queueing import cobham, erlang_a, erlang_b, erlang_c, mean_wait
from headwater.stats.trial import NegativeBinomial, detectable, per_arm, power_of, selected
from headwater.stats.voi import value_of_perfect_information, value_of_sample
from money_world import AE, STAY, effect, price, protocol

PRICES = {AE: price(), STAY: price(STAY, 2_000.0)}


@st.composite
def stations(draw: st.DrawFn) -> dict[str, object]:
    servers = draw(st.integers(1, 40))
    return {
        "kind": AE,
        "service_hours": draw(st.floats(0.2, 200)),
        "servers": servers,
        "step": draw(st.integers(1, 5)),
        "step_cost_gbp": draw(st.floats(0, 1e6)),
        "decided": draw(st.integers(0, 3)),
        "model": draw(st.sampled_from(["delay", "loss", "abandonment"])),
        "service_level": draw(st.floats(0.3, 0.99)),
        "within_hours": draw(st.floats(0, 10)),
        "patience_hours": draw(st.floats(0.1, 10)),
    }


@settings(max_examples=50, deadline=None)
@given(stations(), st.lists(st.floats(-5e4, 5e4), min_size=2, max_size=8))
def test_more_averted_never_closes_fewer_steps(entry: dict[str, object], averted: list[float]) -> None:
    steps = closable(stations_of([entry])[AE], np.sort(averted))
    assert (np.diff(steps) >= 0).all() and (steps >= 0).all()
    assert not steps[np.sort(averted) <= 0].any(), "nothing averted, nothing closed"


@settings(max_examples=50, deadline=None)
@given(stations(), st.floats(-2_000, 2_000), st.floats(0, 500))
def test_the_split_is_the_average_cost_whatever_the_station(entry: dict[str, object], mean: float, sd: float) -> None:
    made = effect({AE: mean}, sd=sd, years=2, draws=20)
    freed = free(made, PRICES, [entry], protocol())
    assert freed.split_gbp.sum(axis=3) == pytest.approx(made.averted * 100, rel=1e-9, abs=1e-3)
    chances = freed.steps[AE]
    assert all(0 <= chance <= 1 for chance in chances) and list(chances) == sorted(chances, reverse=True)


@settings(max_examples=50, deadline=None)
@given(st.floats(-300, 300), st.floats(0, 50), st.floats(0.1, 10))
def test_without_steps_the_split_is_linear(mean: float, sd: float, multiple: float) -> None:
    made = effect({AE: mean, STAY: mean / 7}, sd=sd, draws=10)
    larger = replace(made, averted=made.averted * multiple)
    one, many = (free(each, PRICES, (), protocol()).split_gbp for each in (made, larger))
    assert many == pytest.approx(one * multiple, rel=1e-9, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=4, max_size=4),
    st.lists(st.floats(-50, 50), min_size=2, max_size=2),
)
def test_routed_flow_balances_at_every_station(rows: list[list[float]], measured: list[float]) -> None:
    """What is averted at an unmeasured station is what is no longer sent there by all the others."""
    routing = np.array(rows)
    routing /= np.maximum(routing.sum(axis=1, keepdims=True) / 0.9, 1.0)
    np.fill_diagonal(routing, 0.0)
    flow = cascade(np.array(measured).reshape(1, 2, 1), routing)[0, :, 0]
    assert flow[:2].tolist() == pytest.approx(measured)
    assert flow[2:] == pytest.approx((routing.T @ flow)[2:], rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.floats(0.05, 0.95))
def test_order_of_the_queueing_models(servers: int, busy: float) -> None:
    """Losing, giving up and waiting: fewer are lost with patience than with none, and more must wait without a way
    out."""
    load = busy * servers
    lost, waiting, wait = erlang_a(servers, load, 1.0, 1.0)
    assert lost <= float(erlang_b(servers, load)) * (1 + 1e-9)
    assert waiting <= float(erlang_c(servers, load)) * (1 + 1e-9)
    assert wait <= float(mean_wait(servers, load)) * (1 + 1e-9)
    assert float(erlang_b(servers + 1, load)) < float(erlang_b(servers, load)) <= float(erlang_c(servers, load))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.lists(st.floats(0.01, 1), min_size=1, max_size=5), st.floats(0.1, 0.9))
def test_priorities_move_waiting_and_make_none(servers: int, parts: list[float], busy: float) -> None:
    loads = np.array(parts) / sum(parts) * busy * servers
    found = cobham(servers, loads)
    assert (np.diff(found) >= 0).all()
    assert float(loads @ found / loads.sum()) == pytest.approx(float(mean_wait(servers, loads.sum())), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(stations(), st.integers(1, 3))
def test_what_solve_for_asks_for_is_enough_and_no_less_is(entry: dict[str, object], steps: int) -> None:
    station = stations_of([entry])[AE]
    if station.carried().size <= steps or station.carried()[steps] <= 0:
        return
    needed = solve_for("steps", steps, entry).contacts_per_year
    enough, short = closable(station, needed * np.array([1 + 1e-6, 1 - 1e-6]))
    assert enough >= steps > short


@settings(max_examples=20, deadline=None)
@given(stations(), st.floats(0.0, 0.9))
def test_performance_never_worsens_when_demand_falls(entry: dict[str, object], share: float) -> None:
    station = stations_of([entry])[AE]
    demand = station.load(float(station.carried()[0])) * station.hours_per_year / station.service_hours
    before, after = performance(entry), performance(entry, share * demand)
    assert after.occupancy <= before.occupancy + 1e-12
    for name, sign in (("served_in_time", 1), ("out_within_hours", 1), ("mean_wait_hours", -1), ("given_up", -1)):
        one, two = getattr(before, name), getattr(after, name)
        if one is not None and two is not None:
            assert sign * (two - one) >= -1e-9


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_common_random_numbers_never_make_fewer_contacts_wait_longer(seed: int, share: float) -> None:
    """The same days with some contacts taken out: first come first served, nobody who stays waits longer, so no mean of
    all is higher."""
    desk = {"kind": AE, "service_hours": 4.0, "servers": 6, "contacts_per_year": 10_000.0, "hours_per_year": 8766.0}
    change = what_if(desk, share, seed, years=0.3)
    assert change.after.contacts <= change.before.contacts
    if change.after.contacts > 300:
        assert change.after.mean_wait_hours <= change.before.mean_wait_hours * 1.25 + 0.01


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 5), st.floats(0.1, 8), st.integers(1, 8))
def test_regression_to_the_mean_lies_between_nothing_and_everything(mean: float, shape: float, at_least: int) -> None:
    group = selected(NegativeBinomial(mean, shape), at_least)
    assert 0 <= group.share <= 1
    assert group.before >= at_least - 1e-9
    assert group.after <= group.before
    assert mean * (1 - 1e-9) <= group.after, "those selected for many still have more than the average"
    stricter = selected(NegativeBinomial(mean, shape), at_least + 1)
    assert stricter.share <= group.share and stricter.after >= group.after * (1 - 1e-9)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.5, 20), st.floats(0.5, 0.95), st.floats(0.05, 3))
def test_people_power_and_the_detectable_effect_are_one_relation(rate: float, ratio: float, dispersion: float) -> None:
    people = per_arm(rate, ratio, dispersion)
    assert detectable(people, people, rate, dispersion) == pytest.approx(ratio, rel=1e-6)
    assert float(power_of(people, people, rate, ratio, dispersion)) == pytest.approx(0.8, abs=2e-4)
    assert float(power_of(2 * people, 2 * people, rate, ratio, dispersion)) > 0.8


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e5, 1e5), st.floats(0.1, 1e5), st.floats(0.1, 1e6))
def test_a_sample_is_worth_no_more_than_certainty(mean: float, sd: float, sampling: float) -> None:
    perfect, sample = value_of_perfect_information(mean, sd), value_of_sample(mean, sd, sampling)
    assert 0 <= sample <= perfect * (1 + 1e-9) + 1e-12
    assert value_of_perfect_information(-mean, sd) == pytest.approx(perfect)
