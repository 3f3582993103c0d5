"""Which steps could close, and what of that is cash: stations small enough to be reckoned by hand, one rule a test."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import numpy as np
import pytest

from headwater.capacity import Ambition, free, plan_page, solve_for, what_if
from headwater.capacity.free import closable, flowed, presence_years, shares_for
from headwater.capacity.goals import frontier
from headwater.capacity.performance import performance
from headwater.capacity.plan import spendable_per_contact
from headwater.capacity.station import Station, stations_of
from headwater.capacity.whatif import _performance, demand_ahead
from headwater.domain.collaboration import Cost, Entry, Share
from headwater.domain.errors import Usage
from headwater.domain.money import BUCKETS, Bucket
from headwater.domain.uncertainty import Interval
from headwater.stats.trial import fit_negative_binomial, power_of
from money_world import AE, CONTROL, STAY, effect, price, protocol

DOORS = Station(STAY, 8766.0, 3, model="loss", service_level=0.5)
"""Three places of a year each; half must find one. One place carries 1 (E₁(1) = ½), two carry 1 + √3 ((a²/2) / (1 + a +
a²/2) = ½ at a² = 2 + 2a), three E₃(a) = ½ at a³ = 3 · (2 + 2a + a²) … 4.59."""
TWO = 1 + 3**0.5
THREE = max(root.real for root in np.roots([1.0, -3.0, -6.0, -6.0]) if abs(root.imag) < 1e-12)


def test_what_each_number_of_places_carries() -> None:
    assert DOORS.carried() == pytest.approx([THREE, TWO, 1.0, 0.0])
    assert DOORS.met(np.array([1, 1, 1]), np.array([0.99, 1.0, 1.01])).tolist() == [
        True,
        True,
        False,
    ], "at the very level"


SPARE = [
    # contacts a year before (a year's stay each, so these are erlangs), averted → steps that could close because of it
    (None, 0.0, 0),
    (None, THREE - TWO - 0.01, 0),
    (None, THREE - TWO, 1),
    (None, THREE - 1.0 + 0.01, 2),
    (None, 99.0, 3),
    (None, -1.0, 0),
    # Two were enough before anything was averted: the one that stood spare is nobody's saving.
    (2.0, 0.0, 0),
    (2.0, 0.9, 0),
    (2.0, 1.01, 1),
    (2.0, 99.0, 2),
    (2.0, -5.0, 0),
    (1.0, 0.0, 0),
    (1.0, 1.0, 1),
    # More than it can serve before: what is averted first brings it back to its level.
    (6.0, 6.0 - THREE, 0),
    (6.0, 6.01 - TWO, 1),
]


@pytest.mark.parametrize(("before", "averted", "steps"), SPARE)
def test_how_many_steps_could_close(before: float | None, averted: float, steps: int) -> None:
    assert closable(replace(DOORS, contacts_per_year=before), np.array([averted])).tolist() == [steps]


WARD: dict[str, object] = {
    "kind": STAY,
    "name": "ward",
    "service_hours": 8766.0,
    "servers": 3,
    "step_cost_gbp": 1000.0,
    "model": "loss",
    "service_level": 0.5,
}
HOPE = Interval(0.6, 0.8, 1.0)
A_YEAR = 366 / 365.25
"""The demonstration's year of followed days, 2023-24, in years."""


def cash(averted: float, years: int = 1, **station: object) -> float:
    """Pounds of closed steps, with nothing cashable of what varies."""
    freed = free(
        effect({STAY: averted}, years=years), {STAY: price(STAY)}, [{**WARD, **station}], protocol(cashable={})
    )
    return float(freed.split_gbp[0, 0, :, BUCKETS.index(Bucket.CASH)].sum())


@pytest.mark.parametrize(("decided", "closed"), [(0, 0), (1, 1), (2, 2), (3, 2), (9, 2)])
def test_a_step_is_cash_where_it_could_close_and_somebody_decided_it(decided: int, closed: int) -> None:
    """3.7 a year fewer: two of the three places could close."""
    assert cash(3.7, decided=decided) == pytest.approx(closed * 1000 * A_YEAR)


def test_what_was_averted_over_several_years_is_a_year_of_it_at_the_station() -> None:
    """1 a year for three years is 1 a year: too few for a place, though 3 in one year would close one."""
    assert cash(1.0, years=3, decided=9) == 0
    assert cash(3.0, decided=9) == pytest.approx(1000 * A_YEAR)
    assert cash(3.0, years=2, decided=9) == pytest.approx(1000 * (366 + 365) / 365.25)


def test_the_chance_of_each_step_is_told_up_to_the_most_that_could_close() -> None:
    made = effect({STAY: 1.0})
    draws = np.repeat(np.array([0.0, 2.0, 2.0, 4.0])[:, None, None] / 12, 12, axis=2) * A_YEAR
    freed = free(replace(made, averted=draws), {STAY: price(STAY)}, [WARD], protocol())
    assert freed.steps == {"ward": (0.75, 0.25)}
    assert free(effect({STAY: 0.0}), {STAY: price(STAY)}, [WARD], protocol()).steps == {"ward": (0.0,)}


SHARES = [
    # of the price: variable, step; of the station: variable, step → what counts; variable and step make 1 at most
    ((0.3, 0.5), (None, None), (0.3, 0.5)),
    ((0.3, 0.5), (0.8, None), (0.8, 0.2)),
    ((0.3, 0.5), (None, 0.9), (0.3, 0.7)),
    ((0.3, 0.5), (0.0, 0.0), (0.0, 0.0)),
    ((0.3, 0.5), (1.0, 1.0), (1.0, 0.0)),
    ((0.0, 0.0), (None, 0.4), (0.0, 0.4)),
]


@pytest.mark.parametrize(("priced", "stated", "wanted"), SHARES)
def test_how_an_average_cost_divides(
    priced: tuple[float, float], stated: tuple[float | None, float | None], wanted: tuple[float, float]
) -> None:
    one = price(STAY, variable=priced[0], step=priced[1])
    found = shares_for(STAY, one, Station(STAY, 1.0, 1, variable=stated[0], step_share=stated[1]), protocol())
    assert (found.variable, found.step) == pytest.approx(wanted)


SAID = [
    # the protocol's word, the station's → what counts of cash (cautious: 0) and of backfill (cautious: 1)
    (None, None, 0.0, 1.0),
    (None, 0.4, 0.4, 0.4),
    (None, 0.0, 0.0, 0.0),
    (0.7, 0.4, 0.7, 0.7),
    (0.0, 0.4, 0.0, 0.0),
    (1.0, None, 1.0, 1.0),
]


@pytest.mark.parametrize(("by_protocol", "by_station", "cashable", "backfill"), SAID)
def test_who_says_what_is_cash_and_what_is_filled_again(
    by_protocol: float | None, by_station: float | None, cashable: float, backfill: float
) -> None:
    said = {} if by_protocol is None else {STAY: by_protocol}
    plan = protocol(cashable=said, backfill=said)
    found = shares_for(STAY, price(STAY), Station(STAY, 1.0, 1, cashable=by_station, backfill=by_station), plan)
    assert (found.cashable, found.backfill) == (cashable, backfill)


def test_a_negative_control_frees_nothing_even_where_it_has_a_price() -> None:
    made = effect({AE: 100.0, CONTROL: 50.0})
    assert free(made, {AE: price(), CONTROL: price(CONTROL)}, (), protocol()).outcomes == (AE,)


def test_nothing_with_a_price_does_no_harm() -> None:
    freed = free(effect({AE: -100.0}), {}, (), protocol())
    assert (freed.outcomes, freed.probability_of_harm) == ((), 0.0)


DESK = {"kind": AE, "service_hours": 4, "servers": 10, "routing": {STAY: 0.25, CONTROL: 0.5}}
REACHED = [
    # averted by kind (NaN: of which nothing can be told) → kinds and a year's contacts
    ({AE: 100.0}, {AE: 100.0, STAY: 25.0}),
    ({AE: 100.0, STAY: 9.0}, {AE: 100.0, STAY: 9.0}),
    ({AE: 100.0, STAY: float("nan")}, {AE: 100.0}),
    ({STAY: 9.0}, {STAY: 9.0}),
]


@pytest.mark.parametrize(("means", "wanted"), REACHED)
def test_routing_stands_in_for_no_evaluation(means: dict[str, float], wanted: dict[str, float]) -> None:
    kinds, averted = flowed(effect(means), stations_of([DESK]), {CONTROL})
    assert dict(zip(kinds, averted[0].sum(axis=1).tolist(), strict=True)) == pytest.approx(wanted)


def test_what_flows_on_and_back_is_counted_to_its_end() -> None:
    """100 fewer at the door are 50 fewer on the ward, of whom half come back to a desk that sends a fifth of them up
    again."""
    stations = stations_of(
        [
            {"kind": AE, "service_hours": 1, "servers": 1, "routing": {"ward": 0.5}},
            {"kind": "ward", "service_hours": 1, "servers": 1, "routing": {"desk": 0.5}},
            {"kind": "desk", "service_hours": 1, "servers": 1, "routing": {"ward": 0.2}},
        ]
    )
    kinds, averted = flowed(effect({AE: 100.0}), stations, set())
    ward = 50 / (1 - 0.5 * 0.2)
    assert dict(zip(kinds, averted[0].sum(axis=1).tolist(), strict=True)) == pytest.approx(
        {AE: 100, "ward": ward, "desk": ward / 2}
    )


def test_months_in_which_nothing_is_counted_close_no_step() -> None:
    """Half of the days of the first month, none of the second: no bay is told closed for them."""
    made = effect({STAY: 1.0})
    days = np.array([month.days for month in made.calendar], dtype=float)
    days[:2] = 15.0, 0.0
    assert presence_years(replace(made, counted_days=days)) == pytest.approx(days / 365.25)
    assert presence_years(made).sum() == pytest.approx(A_YEAR)


# One server, of an hour each: M/M/1

QUEUE: dict[str, object] = {
    "kind": AE,
    "service_hours": 1.0,
    "servers": 1,
    "hours_per_year": 2000.0,
    "contacts_per_year": 1000.0,
    "urgent_share": 0.4,
    "within_hours": 2.0,
}


def test_a_queue_with_one_server_by_hand() -> None:
    """ρ = ½: W = ρ/(1 − ρ), P(W > t) = ρ·e^(−(1−ρ)t), out within t: 1 − e^(−(1−ρ)t); urgent first (Cobham 1954): ρ/(1 −
    ρ₁)."""
    found = performance(QUEUE, out_within_hours=3.0)
    assert (found.servers, found.occupancy, found.steady) == (1, 0.5, True)
    assert found.mean_wait_hours == pytest.approx(1.0)
    assert found.served_in_time == pytest.approx(1 - 0.5 * exp(-1.0))
    assert found.out_within_hours == pytest.approx(1 - exp(-1.5))
    assert found.urgent_wait_hours == pytest.approx(0.5 / 0.8)
    assert found.other_wait_hours == pytest.approx(0.5 / (0.8 * 0.5))
    assert performance(QUEUE).out_within_hours == pytest.approx(1 - exp(-2.0)), "four hours, where nobody says how many"


@pytest.mark.parametrize(("contacts", "steady"), [(1999.0, True), (2000.0, False), (2001.0, False)])
def test_a_queue_that_gets_as_much_as_it_can_serve_has_no_steady_state(contacts: float, steady: bool) -> None:
    found = performance({**QUEUE, "contacts_per_year": contacts})
    assert found.steady is steady
    assert (found.served_in_time == 0.0) is not steady
    assert (found.mean_wait_hours is None) is not steady


def test_averted_contacts_and_closed_steps_change_what_is_felt() -> None:
    two = {**QUEUE, "servers": 6, "step": 2}
    assert performance(two, averted_per_year=600.0).occupancy == pytest.approx(0.2 / 6)
    assert performance(two, averted_per_year=-600.0).occupancy == pytest.approx(0.8 / 6)
    assert performance(two, closed_steps=2).servers == 2


def test_the_level_of_a_queue_is_of_those_served_within_its_hours() -> None:
    """P(W ≤ 2) = 1 − ρ·e^(−2(1−ρ)) = 0.95 at the load carried."""
    carried = float(Station(AE, 1.0, 1, within_hours=2.0).carried()[0])
    assert carried * exp(-2 * (1 - carried)) == pytest.approx(0.05, rel=1e-6)
    at_once = float(Station(AE, 1.0, 1).carried()[0])
    assert at_once == pytest.approx(0.05, rel=1e-6), "nobody waits at all, where no hours are said: P(W > 0) = ρ"


# What a station says


def test_what_a_station_is_where_its_line_says_nothing() -> None:
    one = Station(AE, 1.0, 1)
    assert (one.name, one.step, one.step_cost_gbp, one.decided, one.model) == ("", 1, 0.0, 0, "delay")
    assert (one.service_level, one.within_hours, one.patience_hours, one.hours_per_year) == (0.95, 0.0, 1.0, 8766.0)
    assert (one.backfill, one.variable, one.step_share, one.cashable, one.contacts_per_year) == (None,) * 5
    assert replace(one, contacts_per_year=500.0, hours_per_year=2000.0, service_hours=4.0).load(9.0) == 1.0


@pytest.mark.parametrize("model", ["delay", "loss", "abandonment"])
def test_nobody_meets_no_level_however_low(model: str) -> None:
    none = Station(AE, 1.0, 1, model=model, service_level=0.0)
    assert none.met(np.array([0, 1]), np.array([0.0, 0.0])).tolist() == [False, True]


REFUSED = [
    *(
        (name, 1.01, "is a share")
        for name in ("urgent_share", "backfill", "variable", "step_share", "cashable", "service_level")
    ),
    *((name, 1.5, "is a whole number") for name in ("servers", "step", "decided")),
    *(
        (name, 0, "must be more than 0")
        for name in ("service_hours", "servers", "step", "hours_per_year", "patience_hours")
    ),
    *((name, -1, "0 or more") for name in ("step_cost_gbp", "contacts_per_year", "within_hours", "decided")),
    *((name, float("inf"), "0 or more") for name in ("step_cost_gbp", "contacts_per_year")),
    ("servers", True, "0 or more"),
    ("routing", {STAY: 1.01}, "between 0 and 1"),
    ("routing", {STAY: -0.01}, "between 0 and 1"),
    ("routing", {STAY: 0.6, AE: 0.41}, "add to 1"),
    ("model", "queue", "model is"),
    ("bed", 1, "unknown bed"),
]


@pytest.mark.parametrize(("name", "value", "told"), REFUSED)
def test_what_a_station_may_not_say(name: str, value: object, told: str) -> None:
    with pytest.raises(Usage) as refused:
        stations_of([{"kind": AE, "service_hours": 1, "servers": 1, name: value}])
    assert told in refused.value.given


TAKEN = [
    *(
        (name, value)
        for name in ("urgent_share", "backfill", "variable", "cashable", "service_level")
        for value in (0, 1)
    ),
    ("within_hours", 0),
    ("decided", 0),
    ("step_cost_gbp", 0),
    ("contacts_per_year", 0),
    ("routing", {STAY: 1.0}),
    ("routing", {STAY: 0.0}),
    ("routing", {STAY: 0.6, "x": 0.4}),
    ("routing", f"{STAY}:0.6,x:0.4"),
]


@pytest.mark.parametrize(("name", "value"), TAKEN)
def test_what_a_station_may_say(name: str, value: object) -> None:
    (one,) = stations_of([{"kind": AE, "service_hours": 1, "servers": 1, name: value}]).values()
    assert getattr(one, name) == ({STAY: 0.6, "x": 0.4} if isinstance(value, str) else value)


# From a goal back

GOALS = [
    # goal, wanted → averted contacts a year, of 1,000
    ("steps", 1, THREE - TWO),
    ("steps", 2, THREE - 1.0),
    ("steps", 3, THREE),
]


@pytest.mark.parametrize(("goal", "wanted", "contacts"), GOALS)
def test_how_much_must_be_averted_for_a_place_to_close(goal: str, wanted: float, contacts: float) -> None:
    found = solve_for(goal, wanted, WARD, averted_per_person=0.5)
    assert found.contacts_per_year == pytest.approx(contacts, rel=1e-6)
    assert found.share_of_demand == pytest.approx(contacts / THREE, rel=1e-6)
    assert found.people == pytest.approx(2 * contacts, rel=1e-6)
    assert solve_for(goal, wanted, WARD).people is None


def test_more_steps_than_there_are_cannot_close() -> None:
    with pytest.raises(Usage, match="cannot close 4 steps"):
        solve_for("steps", 4, WARD)
    with pytest.raises(Usage, match="cannot close 2 steps") as refused:
        solve_for("steps", 2, {**WARD, "contacts_per_year": 1.0})
    assert refused.value.allowed == "at most 1"
    spare = solve_for("steps", 1, {**WARD, "contacts_per_year": 2.0})
    assert spare.contacts_per_year == pytest.approx(1.0), "one of three stood spare already: the second is to close"


def test_how_much_must_be_averted_for_a_wait_to_fall() -> None:
    """W = ρ/(1 − ρ) hours: from 1 (ρ = ½) to ¼ (ρ = ⅕), 600 of 1,000 contacts."""
    assert solve_for("wait", 0.25, QUEUE).contacts_per_year == pytest.approx(600)
    assert solve_for("wait", 1.0, QUEUE).contacts_per_year == 0
    assert solve_for("wait", 3.0, QUEUE).contacts_per_year == 0
    busy = {**QUEUE, "contacts_per_year": 3000.0}
    assert solve_for("wait", 1.0, busy).contacts_per_year == pytest.approx(2000), "from more than it can serve"


def test_how_much_must_be_averted_for_a_cost_to_be_covered() -> None:
    found = solve_for("gbp", 5000.0, QUEUE, gbp_per_contact=25.0)
    assert (found.contacts_per_year, found.share_of_demand) == (200, pytest.approx(0.2))
    for worth in (0.0, -1.0):
        with pytest.raises(Usage, match="worth nothing"):
            solve_for("gbp", 5000.0, QUEUE, gbp_per_contact=worth)
    with pytest.raises(Usage, match="no such goal"):
        solve_for("beds", 1.0, QUEUE)


def test_cash_or_performance_never_both() -> None:
    """100 contacts at £100, half of it in steps, nothing filled again: what a closed step turns into cash leaves what
    is freed."""
    plan = protocol(cashable={STAY: 0.0}, backfill={STAY: 0.0})
    draws = np.array([2.0, 2.0, 2.0, 0.0])
    figure = frontier(draws, price(STAY, 100.0, variable=0.3, step=0.5), WARD, plan)
    rows = [row[:6] for row in figure.rows]
    assert rows == [
        (0, 0.0, pytest.approx(75), 0.0, pytest.approx(75), 1.0),
        (1, 1000.0, pytest.approx(75 - 1000), 0.0, pytest.approx(75), 0.75),
        (2, 2000.0, pytest.approx(75 - 2000), 0.0, pytest.approx(75), 0.0),
    ]
    assert figure.title.startswith("ward: 0 steps could")
    sure = frontier(np.full(4, 2.0), price(STAY), WARD, plan)
    assert sure.title.startswith("ward: 1 step could")
    load = THREE - 1.5
    assert figure.rows[0][6] == pytest.approx(1 - load**3 / 6 / (1 + load + load**2 / 2 + load**3 / 6), rel=1e-6)
    assert figure.rows[1][6] == pytest.approx(1 - load**2 / 2 / (1 + load + load**2 / 2), rel=1e-6)


def test_a_frontier_of_people_who_give_up_tells_who_did_not() -> None:
    """Nobody waits where there are places enough, so nobody gives up: all are served."""
    desk = {"kind": AE, "service_hours": 1.0, "servers": 40, "model": "abandonment", "contacts_per_year": 100.0}
    rows = frontier(np.zeros(4), price(), desk, protocol()).rows
    assert rows[0][6] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("contacts", "runs"), [(1999.0, True), (2000.0, False)])
def test_a_queue_without_a_steady_state_is_not_simulated(contacts: float, runs: bool) -> None:
    """As much as it can serve is too much: the queue would grow for as long as it was watched."""
    asked = {**QUEUE, "contacts_per_year": contacts}
    if runs:
        assert what_if(asked, 0.5, 1, years=0.1).before.contacts > 0
        return
    with pytest.raises(Usage, match="no steady state"):
        what_if(asked, 0.5, 1, years=0.1)


def test_what_is_counted_of_a_run() -> None:
    """Two who were served at once, two after an hour, one who gave up after three: in time is served within the
    hour."""
    station = Station(AE, 1.0, 1, model="abandonment", within_hours=1.0, patience_hours=1e-9)
    never = _performance(station, np.array([[0.0, 10.0, 1.0], [1.0, 1.0, 0.5], [11.0, 1.0, 0.5]]))
    assert (never.contacts, never.turned_away, never.served_in_time) == (3, pytest.approx(1 / 3), pytest.approx(2 / 3))
    patient = Station(AE, 1.0, 1, within_hours=1.0)
    days = np.array([[float(at), 1.5, 1.0] for at in range(9)])
    found = _performance(patient, days)
    waits = [0.5 * at for at in range(9)]
    assert found.mean_wait_hours == pytest.approx(np.mean(waits))
    assert found.ninth_decile_hours == pytest.approx(np.quantile(waits, 0.9))
    assert found.served_in_time == pytest.approx(3 / 9), "a wait of an hour is within it"
    full = _performance(replace(patient, model="loss"), days)
    assert (full.mean_wait_hours, full.ninth_decile_hours, full.turned_away) == (0.0, 0.0, pytest.approx(4 / 9))


def test_growth_and_mitigation_multiply() -> None:
    assert demand_ahead(100.0, (1.1, 1.2), (0.88, 0.75)) == pytest.approx(100 * 1.1 * 1.2 * 0.88 * 0.75)
    assert demand_ahead(100.0) == 100


def test_a_plan_counts_its_follow_up_in_windows_of_its_rule_and_its_own_controls() -> None:
    """Three in 90 days, followed 180: two windows. Comparison people as the protocol has them, where the ambition names
    none."""
    counts = np.tile([0, 1, 2, 3, 9], 400)
    plan = protocol(follow_up_days=180, costs=())
    one, two = (
        plan_page(replace(plan, follow_up_days=days), counts, {AE: price()}, Ambition(100, HOPE)) for days in (90, 180)
    )
    assert two.expected_without == pytest.approx(2 * one.expected_without)
    three = replace(plan, comparison=replace(plan.comparison, per_unit=3))
    said = plan_page(plan, counts, {AE: price()}, Ambition(100, HOPE, controls_per_person=3.0))
    assert plan_page(three, counts, {AE: price()}, Ambition(100, HOPE)).power == said.power
    assert spendable_per_contact(protocol(cashable={AE: 0.5}, backfill={AE: 0.6}), price()) == pytest.approx(
        100 * (0.3 * 0.5 + 0.5 * 0.4)
    )


def test_a_share_of_another_kind_is_nobodys_part_of_this_one() -> None:
    plan = protocol(
        entry=None, costs=(Cost("gp", "set-up", 10.0),), bearers=(Share(STAY, "gp", 1.0), Share(AE, "hospital", 1.0))
    )
    found = plan_page(plan, np.tile([0, 1, 2, 3, 9], 400), {AE: price()}, Ambition(100, HOPE))
    assert {line.payer: line.benefit_per_person_gbp for line in found.break_even if line.counting == "cash"}["gp"] == 0


def test_a_plan_of_places_takes_all_and_one_of_people_counts_the_kind_of_its_rule() -> None:
    counts = np.tile([0, 1, 2, 3, 9], 400)
    assert Ambition(100, HOPE).lasting == 0.0
    everywhere = plan_page(protocol(entry=None, unit="place"), counts, {AE: price()}, Ambition(100, HOPE))
    assert (everywhere.kind, everywhere.eligible) == (AE, 2000)
    other = protocol(entry=Entry(STAY, 2, 365), costs=())
    assert plan_page(other, counts, {AE: price(), STAY: price(STAY)}, Ambition(100, HOPE)).kind == STAY


@pytest.mark.parametrize(("share", "pays"), [(0.9, True), (1.1, False)])
def test_a_plan_without_fixed_costs_pays_from_the_first_person_or_never(share: float, pays: bool) -> None:
    """What one person frees against what one person costs."""
    counts, plan = np.tile([0, 1, 2, 3, 9], 400), protocol(entry=None, costs=())
    free_of_cost = plan_page(plan, counts, {AE: price()}, Ambition(100, HOPE)).break_even[0]
    dear = Ambition(100, HOPE, cost_per_person_gbp=share * free_of_cost.benefit_per_person_gbp)
    found = plan_page(plan, counts, {AE: price()}, dear).break_even[0]
    assert (found.counting, found.people) == ("cash", 0.0 if pays else None)


def test_a_day_without_a_shape_is_every_hour_alike() -> None:
    """Relative rates: twice as much in each hour is the same day."""
    ward = {**QUEUE, "contacts_per_year": 800.0}
    plain, flat = (what_if(ward, 0.0, 1, years=2.0, profile=shape).before.contacts for shape in ((), (2.0,) * 24))
    assert flat == pytest.approx(plain, rel=0.1)


def test_a_station_that_turns_away_has_always_a_steady_state() -> None:
    assert performance({**WARD, "contacts_per_year": 50.0}).steady


def test_the_power_of_a_plan_is_that_of_its_people_and_twice_as_many_compared() -> None:
    counts, plan = np.tile([0, 1, 2, 3, 9], 400), protocol(entry=None, costs=(), follow_up_days=365)
    found = plan_page(plan, counts, {AE: price()}, Ambition(100, HOPE, controls_per_person=2.0))
    spread = 1 / fit_negative_binomial(counts.astype(float)).shape

    def power(people: float) -> float:
        return float(power_of(people, 2 * people, 3.0 * 365 / 365.25, 0.8, spread, 0.05))

    assert found.power == pytest.approx(power(100))
    assert power(found.people_needed or 0.0) == pytest.approx(0.8, abs=1e-6)
    assert solve_for("gbp", 50.0, QUEUE, gbp_per_contact=0.5).contacts_per_year == 100
