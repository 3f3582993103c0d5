"""What people feel at a station, before and after; and simulation where people give up."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.capacity import frontier, performance, what_if
from headwater.domain.errors import Usage
from headwater.stats.queueing import erlang_a, erlang_b, mean_wait
from money_world import AE, STAY, price, protocol

DESK = {"kind": AE, "service_hours": 3.0, "servers": 45, "contacts_per_year": 120_000.0, "within_hours": 0.25}
WARD = {
    "kind": STAY,
    "service_hours": 100.0,
    "servers": 20,
    "step": 4,
    "step_cost_gbp": 300_000.0,
    "model": "loss",
    "contacts_per_year": 1200.0,
}
LINE = {
    "kind": "ambulance_call",
    "service_hours": 1.0,
    "servers": 8,
    "contacts_per_year": 8 * 8766.0,
    "model": "abandonment",
    "patience_hours": 0.5,
}


def test_an_emergency_department_against_its_four_hours() -> None:
    """M/M/45 at 41.07 erlangs: 69.7 % are out within four hours (a simulation of 3 million gave 0.69717)."""
    now = performance(DESK)
    assert now.out_within_hours == pytest.approx(0.6973347, abs=1e-6)
    assert now.occupancy == pytest.approx(120_000 / 8766 * 3 / 45)
    better = performance(DESK, averted_per_year=6_000)
    assert better.mean_wait_hours == pytest.approx(float(mean_wait(45, 114_000 / 8766 * 3, 3)))
    for name in ("out_within_hours", "served_in_time"):
        assert getattr(better, name) > getattr(now, name)


def test_the_urgent_wait_less_and_the_mean_stays() -> None:
    found = performance({**DESK, "urgent_share": 0.2})
    assert (
        found.urgent_wait_hours is not None and found.other_wait_hours is not None and found.mean_wait_hours is not None
    )
    assert found.urgent_wait_hours < found.mean_wait_hours < found.other_wait_hours
    assert 0.2 * found.urgent_wait_hours + 0.8 * found.other_wait_hours == pytest.approx(found.mean_wait_hours)


def test_a_station_that_gets_more_than_it_can_serve_says_so() -> None:
    crowded = performance({**DESK, "contacts_per_year": 140_000.0})
    assert not crowded.steady and crowded.mean_wait_hours is None
    assert crowded.occupancy > 1
    assert performance({**DESK, "contacts_per_year": 140_000.0}, averted_per_year=20_000).steady
    with pytest.raises(Usage, match="no steady state"):
        what_if({**DESK, "contacts_per_year": 140_000.0}, 0.1, seed=1)


def test_beds_turn_people_away() -> None:
    assert performance(WARD).served_in_time == pytest.approx(1 - float(erlang_b(20, 1200 * 100 / 8766)))
    closed = performance(WARD, averted_per_year=250, closed_steps=1)
    assert (closed.servers, closed.served_in_time) == (16, pytest.approx(1 - float(erlang_b(16, 950 * 100 / 8766))))


def test_callers_give_up() -> None:
    found = performance(LINE)
    lost, _, wait = erlang_a(8, 8.0, 1.0, 0.5)
    assert (found.given_up, found.mean_wait_hours) == (pytest.approx(lost), pytest.approx(wait))


def test_simulated_callers_give_up_as_often() -> None:
    """Kiefer–Wolfowitz with patience against Erlang-A; 1 point, and 5 % of the wait."""
    change = what_if(LINE, 0.25, seed=2, years=4)
    lost, _, wait = erlang_a(8, 8.0, 1.0, 0.5)
    assert change.before.turned_away == pytest.approx(lost, abs=0.01)
    assert change.before.mean_wait_hours == pytest.approx(wait, rel=0.05)
    assert change.after.turned_away == pytest.approx(erlang_a(8, 6.0, 1.0, 0.5)[0], abs=0.01)


def test_the_frontier_shows_what_a_closed_step_does_to_people() -> None:
    averted = np.full(50, 300.0)
    figure = frontier(averted, price(STAY, 2_000.0), WARD, protocol())
    load = 900 * 100 / 8766
    assert figure.column("served") == pytest.approx(
        [1 - float(erlang_b(20 - 4 * k, load)) for k in range(len(figure.rows))]
    )


def test_everything_closed_serves_nobody() -> None:
    assert performance(WARD, closed_steps=5).served_in_time == 0
    assert not performance(DESK, closed_steps=45).steady
