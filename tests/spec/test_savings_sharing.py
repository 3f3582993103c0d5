"""Gain share and sensitivity: how partners settle, what the answer hangs on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headwater.domain.calendar import Calendar, Month
from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.money import BUCKETS, Bearer, Perspective, Saving
from headwater.savings import sensitivity, settle, tornado_figure
from headwater.savings.bases import npsv
from headwater.savings.gainshare import shapley
from money_world import AE, price


def payments(*args: object, **kwargs: object) -> dict[str, float]:
    return {line.partner: line.payment_gbp for line in settle(*args, **kwargs)}  # type: ignore[arg-type]


def test_proportional_to_what_each_put_in() -> None:
    """The hospital gains 100, the GPs paid 30 and the council 10: 60 are left, 45 and 15 of it."""
    lines = settle({"hospital": 100.0}, {"gp": 30.0, "council": 10.0})
    assert {line.partner: line.net_gbp for line in lines} == {
        "hospital": 0,
        "gp": pytest.approx(45),
        "council": pytest.approx(15),
    }
    assert next(line for line in lines if line.partner == "gp").return_on_cost == pytest.approx(1.5)
    assert next(line for line in lines if line.partner == "hospital").return_on_cost is None


def test_alike_where_nobody_paid() -> None:
    assert payments({"a": 30.0, "b": 0.0}, {}) == {"a": pytest.approx(-15), "b": pytest.approx(15)}


def test_fixed_shares() -> None:
    assert payments({"hospital": 100.0}, {"gp": 40.0}, "fixed", {"hospital": 0.25, "gp": 0.75}) == {
        "hospital": pytest.approx(-85),
        "gp": pytest.approx(85),
    }


@pytest.mark.parametrize("shares", [{}, {"gp": 0.5}, {"gp": 0.5, "somebody": 0.5}, {"gp": 1.5, "hospital": -0.5}])
def test_fixed_shares_must_name_partners_and_add_to_one(shares: dict[str, float]) -> None:
    with pytest.raises(Usage, match="add to 1"):
        settle({"hospital": 100.0}, {"gp": 40.0}, "fixed", shares)


def test_shapley_halves_a_gain_that_needs_both() -> None:
    """Without the GPs' money there is no collaboration, without the hospital no gain: 60 net, 30 each."""
    assert {line.partner: line.net_gbp for line in settle({"hospital": 100.0}, {"gp": 40.0}, "shapley")} == {
        "hospital": pytest.approx(30),
        "gp": pytest.approx(30),
    }


def test_shapley_of_the_glove_game() -> None:
    """Two left gloves and one right one (Shapley and Shubik): 1/6, 1/6, 4/6."""

    def pairs(group: frozenset[str]) -> float:
        return float(min(len(group & {"l1", "l2"}), len(group & {"r"})))

    assert shapley(("l1", "l2", "r"), pairs) == {
        "l1": pytest.approx(1 / 6),
        "l2": pytest.approx(1 / 6),
        "r": pytest.approx(4 / 6),
    }


def test_too_many_partners_for_shapley() -> None:
    with pytest.raises(Usage, match="too many partners"):
        settle(dict.fromkeys(map(str, range(13)), 1.0), {}, "shapley")


def test_an_unknown_rule_suggests_the_nearest() -> None:
    with pytest.raises(Usage) as refused:
        settle({"a": 1.0}, {}, "proportionate")
    assert "'proportional'" in refused.value.next_step


def test_a_partner_who_would_lose_stops_the_settlement() -> None:
    with pytest.raises(ProtocolBreach, match="gp would lose"):
        settle({"hospital": 10.0}, {"gp": 40.0})
    lines = settle({"hospital": 10.0}, {"gp": 40.0}, a_loss_is_agreed=True)
    assert sum(line.net_gbp for line in lines) == pytest.approx(-30)


# Sensitivity


def saving(cash: float, released: float, absorbed: float, cost: float, sd: float = 0.1) -> Saving:
    gbp = np.zeros((400, 1, 1, 1, len(BUCKETS)))
    gbp[:, 0, 0, 0, :3] = (cash, released, absorbed)
    gbp *= (1 + sd * np.linspace(-2, 2, 400))[:, None, None, None, None]
    bare = Saving(
        "x",
        Perspective.FISCAL,
        (AE,),
        (Bearer("hospital"),),
        Calendar(Month(2023, 4), 1),
        gbp,
        ("running",),
        np.full((1, 1, 1), cost),
        np.zeros((400, 1, 1)),
        2024,
        (),
        np.zeros(400),
    )
    return replace(bare, npv_gbp=npsv(bare))


def test_what_frees_nothing_breaks_even_at_no_multiple_of_its_cost() -> None:
    at = {one.name: one for one in sensitivity(saving(0, 0, 0, 50))}
    assert at["costs, as a multiple"].breaks_even_at is None


def test_what_must_be_true_to_break_even() -> None:
    """Cash 20, released 40, absorbed 60 against a cost of 50: nothing is left at 5/6 of the effect, at a cost of 60, at
    70 % filled."""
    at = {factor.name: factor for factor in sensitivity(saving(20, 40, 60, 50))}
    assert at["effect, as a multiple of the estimate"].breaks_even_at == pytest.approx(50 / 60, rel=1e-6)
    assert at["costs, as a multiple"].breaks_even_at == pytest.approx(60 / 50, rel=1e-6)
    filled = at["share of freed capacity that other demand fills"]
    assert filled.now == pytest.approx(0.6)
    assert filled.breaks_even_at == pytest.approx(0.7, rel=1e-6)
    assert at["cash, as a share of what is stated"].breaks_even_at == pytest.approx(0.5, rel=1e-6)
    assert at["optimism correction"].breaks_even_at == pytest.approx(10 / 110, rel=1e-6)


def test_factors_come_by_swing_and_the_figure_says_which_decides() -> None:
    made = saving(20, 40, 60, 50)
    factors = sensitivity(made, 0.0)
    swings = [factor.swing_gbp for factor in factors]
    assert swings == sorted(swings, reverse=True)
    figure = tornado_figure(made, factors)
    assert figure.kind == "tornado"
    assert figure.title == "Whether it pays depends most on this: share of freed capacity that other demand fills"


def test_what_moves_nothing_is_no_assumption_and_prices_move_by_their_own_doubt() -> None:
    assert sensitivity(saving(0, 0, 0, 0)) == ()
    plain = replace(price(), spread=0.1)
    made = replace(saving(20, 40, 60, 50), prices=(plain,))
    (prices,) = (factor for factor in sensitivity(made) if factor.name.startswith("prices"))
    assert (prices.low, prices.high) == (pytest.approx(1 - 0.196), pytest.approx(1.196))


def test_the_rate_that_is_recommended_and_not_in_force_is_a_sensitivity() -> None:
    """Two years, the gain in the second: 10,000 / 1.035 now, 10,000 / 1.03 by the review of 2026."""
    first = saving(0, 10_000, 0, 0)
    late = replace(
        first,
        calendar=Calendar(Month(2023, 4), 13),
        gbp=np.concatenate([np.zeros((400, 1, 1, 12, 4)), first.gbp], axis=3),
        cost_gbp=np.zeros((1, 1, 13)),
        social_gbp=np.zeros((400, 1, 13)),
    )
    (rate,) = (
        factor for factor in sensitivity(replace(late, npv_gbp=npsv(late))) if factor.name.startswith("discount")
    )
    assert (rate.low, rate.high) == (0.030, 0.035)
    assert (rate.npv_low_gbp, rate.npv_high_gbp) == (pytest.approx(10_000 / 1.03), pytest.approx(10_000 / 1.035))


def test_where_no_assumption_alone_is_enough() -> None:
    made = saving(1, 0, 0, 500)
    factors = sensitivity(made, 0.0)
    assert tornado_figure(made, factors).title.startswith("No single assumption")
    assert all(factor.npv_low_gbp <= 0 and factor.npv_high_gbp <= 0 for factor in factors)
    by_name = {factor.name: factor for factor in factors}
    assert by_name["cash, as a share of what is stated"].breaks_even_at is None
