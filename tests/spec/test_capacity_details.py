"""The small print of a plan and of a station: pounds of later years, costs that recur, who pays what, and what a
station may be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headwater.capacity import Ambition, free, plan_page, what_if
from headwater.capacity.goals import frontier
from headwater.capacity.performance import felt, performance
from headwater.capacity.station import Station, stations_of
from headwater.domain.collaboration import Cost, Share
from headwater.domain.errors import Usage
from headwater.domain.uncertainty import Interval
from money_world import AE, effect, price, protocol

HOPE = Interval(0.6, 0.8, 1.0)
EACH = np.tile([0, 1, 2, 3, 9], 400)
"""Contacts a year of 2,000 people."""


def page(ambition: Ambition, **changes: object):  # type: ignore[no-untyped-def]
    """Places: nobody is selected, so what is expected is the mean."""
    given = {"entry": None, "follow_up_days": 365, "costs": (), "cashable": {AE: 0.5}, "backfill": {AE: 0.0}, **changes}
    return plan_page(protocol(**given), EACH, {AE: price()}, ambition)


def line(found, payer: str, counting: str):  # type: ignore[no-untyped-def]
    return next(one for one in found.break_even if (one.payer, one.counting) == (payer, counting))


def test_pounds_of_a_second_year_are_discounted_and_those_of_half_a_year_weigh_half() -> None:
    """The same each year: 1, 1 + 1/1.1 and 1 + 1/1.1 + ½/1.21 of a year's gain at 10 %."""
    gains = {}
    for days in (365.25, 730.5, 913.125):
        found = page(
            Ambition(100, HOPE, yearly_discount=0.1), follow_up_days=days, costs=(Cost("hospital", "set-up", 1.0),)
        )
        gains[days] = line(found, "all together", "cash and released").benefit_per_person_gbp
    one = gains[365.25]
    assert gains[730.5] == pytest.approx(one * (1 + 1 / 1.1))
    assert gains[913.125] == pytest.approx(one * (1 + 1 / 1.1 + 0.5 / 1.21))


COSTS = [
    # costs → present cost of the payer over two years at 10 %
    (Cost("gp", "set-up", 110.0), 110.0),
    (Cost("gp", "later", 110.0, 1), 100.0),
    (Cost("gp", "running", 110.0, 0, yearly=True), 210.0),
    (Cost("gp", "running from the second year", 110.0, 1, yearly=True), 100.0),
]


@pytest.mark.parametrize(("cost", "present"), COSTS)
def test_costs_fall_in_their_years(cost: Cost, present: float) -> None:
    found = page(Ambition(100, HOPE, yearly_discount=0.1), follow_up_days=730, costs=(cost,))
    assert line(found, "gp", "cash").cost_gbp == pytest.approx(present)
    assert line(found, "all together", "cash").cost_gbp == pytest.approx(present)


def test_two_payers_break_even_each_on_its_own_share() -> None:
    """The hospital feels seven tenths of what is averted and pays a quarter; n = F / (gain − its own part of the cost a
    person)."""
    costs = (Cost("hospital", "set-up", 1_000.0), Cost("gp", "set-up", 3_000.0))
    feels = (Share(AE, "hospital", 0.7), Share(AE, "ambulance", 0.3))
    found = page(Ambition(100, HOPE, cost_per_person_gbp=4.0), costs=costs, bearers=feels)
    whole, ours, theirs = (line(found, who, "cash and released") for who in ("all together", "hospital", "gp"))
    assert ours.benefit_per_person_gbp == pytest.approx(0.7 * whole.benefit_per_person_gbp)
    assert ours.people == pytest.approx(1_000 / (ours.benefit_per_person_gbp - 4.0 * 0.25))
    assert whole.people == pytest.approx(4_000 / (whole.benefit_per_person_gbp - 4.0))
    assert theirs.benefit_per_person_gbp == 0
    assert theirs.people is None


def test_the_expected_net_benefit_is_the_gain_of_all_less_what_is_paid() -> None:
    found = page(Ambition(250, HOPE, cost_per_person_gbp=4.0), costs=(Cost("gp", "set-up", 3_000.0),))
    each = line(found, "all together", "cash and released").benefit_per_person_gbp
    assert found.net_benefit_gbp == pytest.approx(250 * each - 3_000 - 4.0 * 250)


def test_knowing_exactly_is_worth_more_than_the_evaluation_and_both_nothing_where_nothing_is_in_doubt() -> None:
    doubtful = page(Ambition(250, HOPE), costs=(Cost("gp", "set-up", 3_000.0),))
    assert 0 < doubtful.evaluation_worth_gbp < doubtful.perfect_information_gbp
    sure = page(Ambition(250, Interval(0.8, 0.8, 0.8)), costs=(Cost("gp", "set-up", 3_000.0),))
    assert sure.perfect_information_gbp == pytest.approx(0, abs=1e-6)


def test_what_the_evaluation_teaches_by_hand() -> None:
    """Normal prior of net benefit and normal error: E[max(0, posterior mean)] − max(0, mean), by the unit normal
    loss."""
    from scipy.stats import norm

    people, found = 250, page(Ambition(250, HOPE, controls_per_person=2.0), costs=(Cost("gp", "set-up", 8_000.0),))
    each = line(found, "all together", "cash and released").benefit_per_person_gbp / 0.2
    worth, without = people * each, EACH.mean()
    dispersion = page_dispersion()
    sd = worth * 0.4 / (2 * 1.959963984540054)
    error = worth * 0.8 * np.sqrt((1 / without + dispersion) / 500 + (1 / (0.8 * without) + dispersion) / 250)
    learnt = sd**2 / np.sqrt(sd**2 + error**2)
    mean = 250 * each * 0.2 - 8_000

    def gained(spread: float) -> float:
        far = abs(mean) / spread
        return float(spread * (norm.pdf(far) - far * norm.sf(far)))

    assert found.net_benefit_gbp == pytest.approx(mean)
    assert found.perfect_information_gbp == pytest.approx(gained(sd), rel=1e-3)
    assert found.evaluation_worth_gbp == pytest.approx(gained(learnt), rel=0.02)


def page_dispersion() -> float:
    """By moments, the fit's own being by likelihood: (variance − mean) / mean²; only its size matters beside 1 /
    mean."""
    from headwater.stats.trial import fit_negative_binomial

    return 1 / fit_negative_binomial(EACH.astype(float)).shape


def test_the_power_figure_has_a_line_an_effect_and_marks_the_people_asked_for() -> None:
    figure = page(Ambition(250, HOPE)).figure
    assert {row[1] for row in figure.rows} == {0.95, 0.9, 0.8}
    assert {row[3] for row in figure.rows} == {250}
    assert min(row[0] for row in figure.rows) == 10
    assert max(row[0] for row in figure.rows) == 1000
    big = page(Ambition(400, HOPE)).figure
    assert max(row[0] for row in big.rows) == 1600


def test_no_number_of_people_finds_no_effect() -> None:
    assert page(Ambition(250, Interval(0.9, 1.0, 1.1))).people_needed is None
    assert page(Ambition(250, HOPE)).people_needed is not None


# A station


WARD: dict[str, object] = {"kind": "ae_attendance", "service_hours": 2.0, "servers": 4}
BAD: list[tuple[dict[str, object], str]] = [
    ({"servers": 4.5}, "whole number"),
    ({"servers": 0}, "more than 0"),
    ({"service_hours": 0}, "more than 0"),
    ({"service_hours": -1.0}, "0 or more"),
    ({"service_hours": float("inf")}, "0 or more"),
    ({"service_hours": float("nan")}, "0 or more"),
    ({"servers": True}, "0 or more"),
    ({"servers": "four"}, "0 or more"),
    ({"backfill": 1.01}, "a share"),
    ({"model": "queue"}, "model is"),
    ({"routing": {"stay": 1.1}}, "routing shares"),
    ({"routing": {"stay": 0.6, "home": 0.5}}, "routing shares"),
    ({"routing": {"stay": -0.1}}, "routing shares"),
    ({"routing": "stay=0.5"}, "kind:share"),
    ({"beds": 3}, "unknown beds"),
]


@pytest.mark.parametrize(("change", "told"), BAD)
def test_what_is_no_station_is_named(change: dict[str, object], told: str) -> None:
    with pytest.raises(Usage) as refused:
        stations_of([{**WARD, **change}])
    assert told in refused.value.given


def test_a_station_without_its_three_figures_names_all_of_them() -> None:
    with pytest.raises(Usage) as refused:
        stations_of([{"name": "ward"}])
    assert [name for name in ("kind", "service_hours", "servers") if f"{name} is missing" in refused.value.given] == [
        "kind",
        "service_hours",
        "servers",
    ]


GOOD: list[dict[str, object]] = [
    {"backfill": 1.0},
    {"backfill": 0.0},
    {"decided": 0},
    {"within_hours": 0.0},
    {"routing": {"stay": 0.5, "home": 0.5}},
    {"routing": "stay:0.25 home:0.75"},
    {"routing": "stay:0.25, home:0.75"},
    {"contacts_per_year": 0.0},
    {"urgent_share": 1.0},
]


@pytest.mark.parametrize("change", GOOD)
def test_ends_of_what_is_allowed_are_allowed(change: dict[str, object]) -> None:
    (one,) = stations_of([{**WARD, **change}]).values()
    assert one.kind == "ae_attendance"


def test_two_stations_of_one_kind_are_refused() -> None:
    with pytest.raises(Usage, match="cannot be read") as refused:
        stations_of([WARD, WARD])
    assert "already a station" in refused.value.given


def test_nobody_serves_no_load_at_all_and_defaults_are_said() -> None:
    one = Station("ae_attendance", 2.0, 4)
    assert one.met(np.array([0, 4]), np.array([0.0, 0.0])).tolist() == [False, True]
    assert (one.step, one.backfill, one.decided, one.model, one.service_level, one.urgent_share) == (
        1,
        None,
        0,
        "delay",
        0.95,
        0.0,
    )
    assert one.load(3.5) == 3.5
    busy = Station("ae_attendance", 2.0, 4, contacts_per_year=8766.0)
    assert busy.load(99.0) == pytest.approx(8766 * 2 / busy.hours_per_year)


def erlang_b(servers: int, load: float) -> float:
    """By its recursion."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def test_a_station_that_turns_away_meets_its_level_by_erlangs_formula() -> None:
    one = Station("ae_attendance", 2.0, 6, model="loss", service_level=0.95)
    loads = np.array([0.5, 2.0, 2.9, 3.1, 5.0])
    wanted = [1 - erlang_b(6, load) >= 0.95 for load in loads]
    assert one.met(np.full(5, 6), loads).tolist() == wanted
    assert True in wanted and False in wanted
    told = felt(one, 6, 3.0)
    assert told.served_in_time == pytest.approx(1 - erlang_b(6, 3.0))
    assert told.occupancy == pytest.approx(0.5)


def test_steps_that_somebody_could_close_carry_less_and_less() -> None:
    carried = Station("ae_attendance", 2.0, 9, step=3).carried()
    assert len(carried) == 4
    assert carried[-1] == 0
    assert (np.diff(carried) < 0).all()


def test_the_frontier_counts_the_steps_that_surely_could_close() -> None:
    ward: dict[str, object] = {**WARD, "servers": 10, "step_cost_gbp": 50_000.0, "name": "The ward", "model": "loss"}
    many, none = (frontier(np.full(50, averted), price(), ward, protocol()) for averted in (1e6, 0.0))
    assert none.title.startswith("The ward: 0 steps")
    assert [row[0] for row in none.rows] == [0, 1]
    assert [row[5] for row in none.rows] == [1.0, 0.0]
    sure = sum(row[5] >= 0.95 for row in many.rows[1:])
    assert many.title.startswith(f"The ward: {sure} step{'s' * (sure != 1)}")
    assert sure > 1
    assert all(row[1] >= before[1] for before, row in zip(many.rows, many.rows[1:], strict=False)), "each step is cash"


def test_a_simulation_leaves_its_first_tenth_out_and_averts_the_share_asked_for() -> None:
    ward: dict[str, object] = {**WARD, "contacts_per_year": 8_000.0}
    change = what_if(ward, 0.25, 3, years=2.0)
    assert change.before.contacts == pytest.approx(0.9 * 16_000, rel=0.03)
    assert change.after.contacts / change.before.contacts == pytest.approx(0.75, abs=0.02)
    assert change.after.mean_wait_hours < change.before.mean_wait_hours
    assert change.after.served_in_time > change.before.served_in_time


@pytest.mark.parametrize("share", [-0.01, 1.01])
def test_no_more_than_all_can_be_averted(share: float) -> None:
    with pytest.raises(Usage, match="averted share"):
        what_if(WARD, share, 3)


def test_a_station_that_nobody_needs_any_more_is_empty_and_one_step_without_a_price_costs_nothing() -> None:
    ward: dict[str, object] = {**WARD, "contacts_per_year": 1_000.0, "step": 2}
    assert performance(ward, 1_000_000.0).occupancy == 0
    assert performance(ward).occupancy == pytest.approx(1_000 * 2 / 8766 / 4)
    assert performance(ward, 500.0, closed_steps=1).occupancy == pytest.approx(500 * 2 / 8766 / 2)
    assert performance(ward, closed_steps=9).servers == 0
    assert Station("ae_attendance", 2.0, 4).step_cost_gbp == 0


def test_no_more_than_twelve_steps_are_looked_at() -> None:
    assert len(Station("ae_attendance", 2.0, 40).carried()) == 13
    assert len(Station("ae_attendance", 2.0, 5).carried()) == 6


HARMS = [
    # a year's averted contacts by draw → share of draws that cost more than they free
    ([10.0, 10.0, -10.0, -10.0], 0.5),
    ([10.0, 10.0, 10.0, 10.0], 0.0),
    ([0.001, 0.001, -0.001, 0.001], 0.25),
    ([0.0, 0.0, 0.0, 0.0], 0.0),
]


@pytest.mark.parametrize(("averted", "share"), HARMS)
def test_the_share_of_draws_in_which_harm_was_done(averted: list[float], share: float) -> None:
    made = effect({AE: 100.0})
    draws = np.repeat(np.array(averted)[:, None, None] / 12, 12, axis=2)
    freed = free(replace(made, averted=draws), {AE: price(gbp=1.0)}, (), protocol(bearers=()))
    assert freed.probability_of_harm == share


def test_a_simulation_in_which_nobody_comes_and_one_of_steady_service() -> None:
    ward: dict[str, object] = {**WARD, "contacts_per_year": 12_000.0}
    empty = what_if(ward, 1.0, 3, years=0.5).after
    assert (empty.contacts, empty.mean_wait_hours, empty.served_in_time, empty.turned_away) == (0, 0.0, 1.0, 0.0)
    wide, steady = (what_if(ward, 0.0, 3, years=2.0, service_sd_hours=sd).before for sd in (None, 0.1))
    assert steady.mean_wait_hours < 0.75 * wide.mean_wait_hours, "half the wait, by Pollaczek and Khinchine"


def test_the_green_books_rate_is_taken_where_none_is_said_and_no_line_is_drawn_for_no_effect() -> None:
    assert Ambition(100, HOPE).yearly_discount == 0.035
    figure = page(Ambition(250, Interval(0.9, 1.0, 1.1))).figure
    assert {row[1] for row in figure.rows} == {0.95, 0.9, 0.8}


def test_a_frontier_beyond_all_demand_serves_everybody() -> None:
    ward: dict[str, object] = {**WARD, "servers": 10, "model": "loss", "contacts_per_year": 8_766.0}
    rows = frontier(np.full(50, 1e6), price(), ward, protocol()).rows
    assert rows[0][6] == 1.0
