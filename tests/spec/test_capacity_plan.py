"""Before launch: the plan page, goals, the frontier, what-if."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.capacity import Ambition, frontier, plan_page, solve_for, what_if
from headwater.domain.collaboration import Cost, Entry, Share
from headwater.domain.errors import Usage
from headwater.domain.uncertainty import Interval
from headwater.stats.queueing import erlang_b, mean_wait
from headwater.stats.trial import NegativeBinomial, information_limit, selected
from money_world import AE, STAY, price, protocol

PRICES = {AE: price()}
HOPE = Interval(0.75, 0.85, 0.95)


@pytest.fixture(scope="module")
def counts() -> np.ndarray:
    """A year of attendances of 60,000 people, mean 0.3, shape 1/3."""
    return np.random.default_rng(2).negative_binomial(1 / 3, (1 / 3) / (1 / 3 + 0.3), 60_000)


def plan(**changes: object) -> object:
    return protocol(entry=Entry(AE, 5, 365), **changes)


def test_half_of_the_fall_comes_by_itself(counts: np.ndarray) -> None:
    """Selecting five or more attendances a year: half of them fall away whatever is done."""
    page = plan_page(plan(), counts, PRICES, Ambition(300, HOPE))  # type: ignore[arg-type]
    exact = selected(NegativeBinomial(0.3, 1 / 3), 5)
    assert page.regression_to_the_mean == pytest.approx(exact.spontaneous_fall, abs=0.02)
    assert page.before == pytest.approx(exact.before, rel=0.03)
    assert page.expected_without == pytest.approx(exact.after, rel=0.03)
    assert page.eligible == pytest.approx((counts >= 5).sum(), rel=0.1)


def test_a_longer_follow_up_holds_more_contacts(counts: np.ndarray) -> None:
    one = plan_page(plan(), counts, PRICES, Ambition(300, HOPE))  # type: ignore[arg-type]
    two = plan_page(plan(follow_up_days=730), counts, PRICES, Ambition(300, HOPE))  # type: ignore[arg-type]
    assert two.expected_without == pytest.approx(2 * one.expected_without)
    assert two.detectable > one.detectable


def test_power_and_people_needed_agree(counts: np.ndarray) -> None:
    page = plan_page(plan(), counts, PRICES, Ambition(300, HOPE))  # type: ignore[arg-type]
    assert page.people_needed is not None
    again = plan_page(plan(), counts, PRICES, Ambition(round(page.people_needed), HOPE))  # type: ignore[arg-type]
    assert again.power == pytest.approx(0.8, abs=0.005)
    assert again.detectable == pytest.approx(0.85, abs=0.005)


def test_an_error_that_no_number_takes_away_bounds_what_can_be_found(counts: np.ndarray) -> None:
    hard, easy = (plan_page(plan(), counts, PRICES, Ambition(300, HOPE, lasting=doubt)) for doubt in (0.05, 0.0))  # type: ignore[arg-type]
    assert hard.power < easy.power
    assert hard.detectable < easy.detectable
    assert hard.people_needed is not None
    assert easy.people_needed is not None
    assert hard.people_needed > 1.5 * easy.people_needed
    # |log 0.85| is under (1.96 + 0.84) × 0.06.
    assert plan_page(plan(), counts, PRICES, Ambition(300, HOPE, lasting=0.06)).people_needed is None  # type: ignore[arg-type]


def test_the_information_limit_is_the_power_of_a_poisson_against_a_known_mean(counts: np.ndarray) -> None:
    """174 people with 2.5 expected contacts each: 370 come under a ratio of 0.85, and √370 × |log 0.85| is 3.13
    standard errors."""
    assert information_limit(174, 2.5, 0.85) == pytest.approx(0.878, abs=0.002)
    page = plan_page(plan(), counts, PRICES, Ambition(174, HOPE))  # type: ignore[arg-type]
    assert page.information_limit == pytest.approx(information_limit(174, page.expected_without, 0.85))
    assert page.power < page.information_limit < 1


def test_no_number_of_people_finds_no_effect(counts: np.ndarray) -> None:
    page = plan_page(plan(), counts, PRICES, Ambition(300, Interval(0.9, 1.0, 1.1)))  # type: ignore[arg-type]
    assert page.people_needed is None
    assert page.power == pytest.approx(0.05, abs=1e-6)


def test_break_even_by_payer_in_cash_and_with_released_capacity(counts: np.ndarray) -> None:
    """n* = F / (benefit per person − c): 15 % of the expected contacts at £15 cash or £35 cash and released each."""
    page = plan_page(plan(), counts, PRICES, Ambition(300, HOPE))  # type: ignore[arg-type]
    lines = {(line.payer, line.counting): line for line in page.break_even}
    cash = page.expected_without * 0.15 * 15
    assert lines["hospital", "cash"].people == pytest.approx(5_000 / cash)
    assert lines["hospital", "cash and released"].people == pytest.approx(5_000 / (cash * 35 / 15))
    assert lines["all together", "cash"].people == pytest.approx(25_000 / cash)
    assert lines["gp", "cash"].people is None, "who gains nothing never breaks even"


def test_a_cost_for_each_person_above_the_benefit_never_breaks_even(counts: np.ndarray) -> None:
    page = plan_page(plan(), counts, PRICES, Ambition(300, HOPE, cost_per_person_gbp=10_000))  # type: ignore[arg-type]
    assert all(line.people is None for line in page.break_even)
    assert page.net_benefit_gbp < -2_900_000


def test_shares_of_bearers_count_in_break_even(counts: np.ndarray) -> None:
    shared = plan(bearers=(Share(AE, "hospital", 0.25), Share(AE, "gp", 0.75)))
    page = plan_page(shared, counts, PRICES, Ambition(300, HOPE))  # type: ignore[arg-type]
    lines = {(line.payer, line.counting): line.benefit_per_person_gbp for line in page.break_even}
    assert lines["gp", "cash"] == pytest.approx(3 * lines["hospital", "cash"])


def test_information_is_worth_most_where_the_decision_hangs_in_the_balance(counts: np.ndarray) -> None:
    def page(cost: float) -> object:
        return plan_page(plan(costs=(Cost("gp", "running", cost),)), counts, PRICES, Ambition(300, HOPE))  # type: ignore[arg-type]

    break_even = page(0.0).net_benefit_gbp  # type: ignore[attr-defined]
    worth = [page(cost).perfect_information_gbp for cost in (0.0, break_even, 4 * break_even)]  # type: ignore[attr-defined]
    assert worth[1] > worth[0] and worth[1] > worth[2]
    evaluated = page(break_even)
    assert 0 < evaluated.evaluation_worth_gbp < evaluated.perfect_information_gbp  # type: ignore[attr-defined]


def test_places_have_no_regression_to_the_mean_by_selection() -> None:
    page = plan_page(protocol(entry=None, unit="place"), np.full(500, 7), PRICES, Ambition(40, HOPE))
    assert page.regression_to_the_mean == 0
    assert page.expected_without == pytest.approx(7 * 365 / 365.25)


def test_the_power_figure_rises_with_people(counts: np.ndarray) -> None:
    figure = plan_page(plan(), counts, PRICES, Ambition(300, HOPE)).figure  # type: ignore[arg-type]
    line = [row[2] for row in figure.rows if row[1] == 0.85]
    assert figure.kind == "power" and line == sorted(line) and len(line) > 10
    assert "300 people" in figure.title


def test_a_plan_without_contacts_or_price_is_refused() -> None:
    with pytest.raises(Usage, match="nobody observed"):
        plan_page(plan(), np.zeros(100), PRICES, Ambition(10, HOPE))  # type: ignore[arg-type]
    with pytest.raises(Usage, match="has no price"):
        plan_page(plan(), np.ones(100), {}, Ambition(10, HOPE))  # type: ignore[arg-type]


# Goals

WARD = {
    "kind": STAY,
    "service_hours": 100.0,
    "servers": 20,
    "step": 4,
    "step_cost_gbp": 300_000.0,
    "model": "loss",
    "service_level": 0.95,
    "contacts_per_year": 1200.0,
}
DESK = {"kind": AE, "service_hours": 4.0, "servers": 10, "contacts_per_year": 18_000.0}


def test_contacts_that_let_a_bay_close() -> None:
    needed = solve_for("steps", 1, WARD, averted_per_person=2.0)
    load = (1200 - needed.contacts_per_year) * 100 / 8766
    assert float(erlang_b(16, load)) == pytest.approx(0.05)
    assert needed.people == pytest.approx(needed.contacts_per_year / 2)
    assert needed.share_of_demand == pytest.approx(needed.contacts_per_year / 1200)


def test_a_step_that_is_spare_already_is_not_credited() -> None:
    """With 900 stays a year (10.3 erlangs) one bay of four is spare before anything is averted: the goal is the next
    one."""
    quiet = {**WARD, "contacts_per_year": 900.0}
    needed = solve_for("steps", 1, quiet)
    load = (900 - needed.contacts_per_year) * 100 / 8766
    assert float(erlang_b(16, 900 * 100 / 8766)) < 0.05
    assert float(erlang_b(12, load)) == pytest.approx(0.05)


def test_contacts_that_bring_the_wait_down() -> None:
    needed = solve_for("wait", 0.1, DESK)
    assert float(mean_wait(10, (18_000 - needed.contacts_per_year) * 4 / 8766, 4)) == pytest.approx(0.1, rel=1e-6)
    assert needed.people is None
    assert solve_for("wait", 1e6, DESK).contacts_per_year == 0


def test_contacts_that_cover_a_cost() -> None:
    assert solve_for("gbp", 20_000, DESK, gbp_per_contact=40).contacts_per_year == 500
    with pytest.raises(Usage, match="worth nothing"):
        solve_for("gbp", 20_000, DESK)


def test_goals_out_of_reach_are_refused() -> None:
    with pytest.raises(Usage, match="cannot close 9 steps"):
        solve_for("steps", 9, WARD)
    with pytest.raises(Usage) as refused:
        solve_for("bed", 1, WARD)
    assert "steps" in refused.value.allowed


def test_the_frontier_trades_cash_for_performance_and_never_counts_both() -> None:
    averted = np.random.default_rng(1).normal(300, 60, 2_000)
    figure = frontier(averted, price(STAY, 2_000.0), WARD, protocol())
    rows = np.array(figure.rows, dtype=float)
    assert figure.kind == "frontier" and rows[0, 0] == 0
    assert rows[:, 1:5].sum(axis=1) == pytest.approx(np.full(len(rows), averted.mean() * 2_000))
    assert np.diff(rows[:, 1]) == pytest.approx(np.full(len(rows) - 1, 300_000))
    assert (np.diff(rows[:, 5]) <= 0).all() and rows[0, 5] == 1


# What-if


def test_what_if_uses_the_same_days_before_and_after() -> None:
    one, two = what_if(DESK, 0.1, seed=3, years=2), what_if(DESK, 0.1, seed=3, years=2)
    assert one == two
    assert one.after.mean_wait_hours < one.before.mean_wait_hours
    assert one.before.mean_wait_hours == pytest.approx(float(mean_wait(10, 18_000 * 4 / 8766, 4)), rel=0.25)
    nothing = what_if(DESK, 0.0, seed=3, years=2)
    assert nothing.before == nothing.after, "common random numbers: no change, no difference at all"


def test_what_if_for_beds() -> None:
    change = what_if(WARD, 0.2, seed=3, years=20, service_sd_hours=150.0)
    assert change.before.turned_away == pytest.approx(float(erlang_b(20, 1200 * 100 / 8766)), abs=0.01)
    assert change.after.turned_away < change.before.turned_away


def test_a_day_with_a_peak_waits_longer_than_a_level_one() -> None:
    profile = [0.2] * 8 + [2.0] * 8 + [0.8] * 8
    peaked, level = what_if(DESK, 0.0, seed=4, years=2, profile=profile), what_if(DESK, 0.0, seed=4, years=2)
    assert peaked.before.contacts == pytest.approx(level.before.contacts, rel=0.03)
    assert peaked.before.mean_wait_hours > level.before.mean_wait_hours


def test_a_share_beyond_one_is_refused() -> None:
    with pytest.raises(Usage, match="between 0 and 1"):
        what_if(DESK, 1.2, seed=1)
