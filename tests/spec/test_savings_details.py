"""The small print of the money: each budget's own years, what fades and what does not, the steps of the waterfall, the
slips of a price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headwater.domain.calendar import Calendar, Month
from headwater.domain.money import BUCKETS, Bearer, Perspective, Saving
from headwater.savings import sensitivity
from headwater.savings.bases import npsv
from headwater.savings.fade import forecast
from headwater.savings.lint import lint
from headwater.savings.payers import payers, waterfall_figure
from headwater.savings.tables import PriceRow
from money_world import AE, price

YEARS = 3


def saving(
    gains: dict[str, list[float]],
    costs: dict[str, list[float]],
    bucket: int = 1,
    spread: float = 0.0,
    social: float = 0.0,
) -> Saving:
    """Pounds by bearer and year, each in the first month of its year; 101 draws about them."""
    names, months = tuple(dict.fromkeys([*gains, *costs])), 12 * YEARS
    gbp, cost = np.zeros((101, 1, len(names), months, len(BUCKETS))), np.zeros((1, len(names), months))
    for name, yearly in gains.items():
        gbp[:, 0, names.index(name), ::12, bucket] = yearly
    for name, yearly in costs.items():
        cost[0, names.index(name), ::12] = yearly
    gbp *= (1 + spread * np.linspace(-1, 1, 101))[:, None, None, None, None]
    worth = np.zeros((101, 1, months))
    worth[:, 0, 0] = social
    made = Saving(
        "x",
        Perspective.FISCAL,
        (AE,),
        tuple(map(Bearer, names)),
        Calendar(Month(2023, 4), months),
        gbp,
        ("running",),
        cost,
        worth,
        2024,
        (),
        np.zeros(101),
    )
    return replace(made, npv_gbp=npsv(made))


PAYBACK = [
    # gains a year, costs a year → the year from which they are covered for good
    ([100, 0, 0], [100, 0, 0], 0),
    ([0, 100, 0], [100, 0, 0], 1),
    ([100, 0, 100], [100, 100, 0], 2),
    ([0, 0, 99], [100, 0, 0], None),
    ([300, 0, 0], [100, 0, 201], None),
]


@pytest.mark.parametrize(("gains", "costs", "year"), PAYBACK)
def test_each_budget_is_paid_back_in_its_own_year(gains: list[float], costs: list[float], year: int | None) -> None:
    own, other = payers(saving({"hospital": gains, "gp": [5, 5, 5]}, {"hospital": costs}))
    assert own.payback_year == year
    assert (other.bearer, other.payback_year, other.benefit_cost_ratio) == ("gp", None, None)


def test_a_budgets_account_is_in_present_values() -> None:
    """100 in each year at 3.5 %: 100 + 100/1.035 + 100/1.035²; what was paid in the second year likewise."""
    (one,) = payers(saving({"hospital": [100, 100, 100]}, {"hospital": [0, 90, 0]}))
    worth, paid = 100 + 100 / 1.035 + 100 / 1.035**2, 90 / 1.035
    assert one.released_gbp.mid == pytest.approx(worth)
    assert one.cash_gbp.mid == 0
    assert one.invested_gbp == pytest.approx(paid)
    assert one.net_gbp.mid == pytest.approx(worth - paid)
    assert one.benefit_cost_ratio == pytest.approx(worth / paid)


@pytest.mark.parametrize(("cost", "chance"), [(49, 1.0), (100, 50 / 101), (151, 0.0)])
def test_the_chance_to_break_even_counts_the_draws_above_the_cost(cost: float, chance: float) -> None:
    """Gains of 50 to 150, evenly."""
    (one,) = payers(saving({"hospital": [100, 0, 0]}, {"hospital": [cost, 0, 0]}, spread=0.5))
    assert one.breaks_even == pytest.approx(chance, abs=0.011)


FADES = [
    # the last year's pounds of each further year, half kept: gains fade, losses stay
    (120.0, 0.5, [60.0, 30.0]),
    (-120.0, 0.5, [-120.0, -120.0]),
    (120.0, 1.0, [120.0, 120.0]),
    (120.0, 0.0, [0.0, 0.0]),
    (0.0, 0.5, [0.0, 0.0]),
]


@pytest.mark.parametrize(("last", "kept", "wanted"), FADES)
def test_gains_fade_and_losses_do_not(last: float, kept: float, wanted: list[float]) -> None:
    longer = forecast(saving({"hospital": [7.0, 7.0, last]}, {"hospital": [10, 10, 36]}), 2, kept)
    by_year = longer.gbp.mean(axis=0).sum(axis=(0, 1, 3)).reshape(-1, 12).sum(axis=1)
    assert by_year == pytest.approx([7.0, 7.0, last, *wanted])
    assert longer.cost_gbp.sum(axis=(0, 1)).reshape(-1, 12).sum(axis=1) == pytest.approx([10, 10, 36, 36, 36])


def test_costs_may_end_where_gains_go_on() -> None:
    longer = forecast(saving({"hospital": [0, 0, 12]}, {"hospital": [10, 10, 36]}), 2, 1.0, costs_go_on=False)
    assert longer.cost_gbp.sum() == pytest.approx(56)


def test_the_steps_of_the_waterfall_add_up_to_the_net_value() -> None:
    made = saving({"hospital": [100, 100, 100]}, {"hospital": [50, 0, 0]}, social=40.0)
    steps = dict(row[:2] for row in waterfall_figure(made).rows)
    told = {name: getattr(value, "value", value) for name, value in steps.items()}
    assert told["value to people, in no budget"] == pytest.approx(40)
    assert told["cost of the collaboration"] == pytest.approx(-50)
    *before, (_, net) = told.items()
    assert sum(value for _, value in before) == pytest.approx(net)
    assert net == pytest.approx(made.npv_gbp.mean())


def test_no_value_to_people_is_no_step() -> None:
    made = saving({"hospital": [100, 0, 0]}, {"hospital": [50, 0, 0]})
    assert "value to people, in no budget" not in {row[0] for row in waterfall_figure(made).rows}


def test_each_assumption_is_moved_to_the_ends_of_its_own_range() -> None:
    """Gains of 50 to 150 about 100 at a cost of 80, all in the first year: nothing is discounted."""
    moved = {one.name: one for one in sensitivity(saving({"h": [100, 0, 0]}, {"h": [80, 0, 0]}, spread=0.5))}
    costs = moved["costs, as a multiple"]
    assert (costs.low, costs.high) == (0.75, 1.25)
    assert (costs.npv_low_gbp, costs.npv_high_gbp) == (pytest.approx(40), pytest.approx(0))
    effect = moved["effect, as a multiple of the estimate"]
    assert (effect.low, effect.high) == (pytest.approx(0.525), pytest.approx(1.475))
    assert (effect.npv_low_gbp, effect.npv_high_gbp) == (pytest.approx(-27.5), pytest.approx(67.5))
    caution = moved["optimism correction"]
    assert (caution.low, caution.high, caution.breaks_even_at) == (0.0, 0.4, pytest.approx(20 / 180))
    assert (caution.npv_low_gbp, caution.npv_high_gbp) == (pytest.approx(20), pytest.approx(60 - 112))


def row(code: str, gbp: float, **more: object) -> PriceRow:
    plain = replace(price(AE, gbp), code=code, source=more.pop("source", "a source"), parent=more.pop("parent", ""))
    return PriceRow(plain, "t", 1, **more)  # type: ignore[arg-type]


def names(*rows: PriceRow) -> set[str]:
    return {warning.check for warning in lint(rows, 2024)}


ARITHMETIC = [
    # 1,000 pounds over 10 are 100: wrong from more than two thousandths off, or more than half a penny of a small price
    (100.0, 1000.0, 10.0, False),
    (100.19, 1000.0, 10.0, False),
    (100.21, 1000.0, 10.0, True),
    (99.79, 1000.0, 10.0, True),
    (1.005, 10.0, 10.0, False),
    (1.01, 10.0, 10.0, True),
    (50.0, None, 10.0, False),
]


@pytest.mark.parametrize(("gbp", "total", "activity", "wrong"), ARITHMETIC)
def test_a_price_is_its_total_over_its_activity(gbp: float, total: float | None, activity: float, wrong: bool) -> None:
    assert ("arithmetic" in names(row("A", gbp, total_gbp=total, activity=activity))) == wrong


def test_a_price_that_is_the_sum_of_two_others_is_told_and_declared_parts_are_not() -> None:
    whole = row("W", 100.0)
    assert "nested" in names(whole, row("A", 60.0), row("B", 40.0))
    assert "nested" not in names(whole, row("A", 60.0, parent="W"), row("B", 40.0, parent="W"))
    assert "nested" not in names(whole, row("A", 60.0), row("B", 39.0))
