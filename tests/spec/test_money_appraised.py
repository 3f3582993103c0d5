"""An appraisal in yearly pounds and a decision under doubt, each figure worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headwater.domain.errors import ProtocolBreach, Usage
from headwater.savings import PriceBook
from headwater.savings.appraisal import Appraisal, factors_at, grown, incremental, payback, real, rounded
from headwater.savings.bases import Account, acceptability, break_even_share, information
from headwater.savings.caution import additional_share, with_bias
from headwater.savings.deciding import choice, expected, net_monetary_benefit, rounding_interval, worth_of_test
from headwater.savings.deflator import deflator, latest_price_year, rebased
from headwater.savings.discount import discount_factors, equivalent_annual, present_value, schedules_asked
from headwater.savings.doubt import spread_of
from headwater.savings.gainshare import MOST_PARTNERS, settle, shapley
from headwater.savings.lint import lint
from headwater.savings.payers import SURELY, _of_average, _who_loses
from headwater.savings.prior import stated_prior
from headwater.savings.published import Plan, base_behind, cost_behind, distributional_weight
from headwater.savings.tables import PriceRow
from headwater.stats.shrinkage import Prior
from money_world import price

FACTORS = [
    # years, rates (flat, or bands of years and rate), when within the year → worth of a pound of year 0, 1, ...
    (2, 0.1, 0.0, [1, 1 / 1.1, 1 / 1.21]),
    (2, 0.1, 0.5, [1, 1 / 1.1**0.5, 1 / 1.1**1.5]),
    (2, 0.1, 1.0, [1, 1, 1 / 1.1]),
    (3, ((1, 0.1), (9, 0.2)), 0.0, [1, 1 / 1.1, 1 / 1.1 / 1.2, 1 / 1.1 / 1.44]),
    (0, 0.1, 0.0, [1]),
]


@pytest.mark.parametrize(("years", "rates", "timing", "wanted"), FACTORS)
def test_what_a_later_pound_is_worth(years: int, rates: float, timing: float, wanted: list[float]) -> None:
    assert factors_at(years, rates, timing) == pytest.approx(wanted)


def test_at_the_end_of_the_year_where_nothing_is_said() -> None:
    assert factors_at(1, 0.1).tolist() == factors_at(1, 0.1, 0.0).tolist()


def test_inflation_comes_off_from_the_second_year_and_growth_compounds() -> None:
    assert real([100, 110, 121], 0.1) == pytest.approx([100, 100, 100])
    assert grown(100, 0.1, 2) == pytest.approx(121)
    assert grown(121, 0.1, -2) == pytest.approx(100)


def test_an_appraisal_is_sums_of_present_values_and_ratios_of_sums() -> None:
    made = Appraisal({"a": [0, 110], "b": 50}, {"set-up": [40], "running": [0, 44]}, factors_at(1, 0.1))
    assert made.benefit_gbp() == pytest.approx(150)
    assert made.benefit_gbp("a") == pytest.approx(100)
    assert made.cost_gbp == pytest.approx(80)
    assert made.net_gbp == pytest.approx(70)
    assert made.ratio() == pytest.approx(150 / 80)
    assert made.ratio("a") == pytest.approx(100 / 80), "the whole cost stands against each budget's benefit"
    two = replace(made, costs={"set-up": [40, 10], "running": [10, 45]})
    assert two.yearly_ratios("a") == pytest.approx([0, 2])


PAID_BACK = [
    # net of each year → when the running total first is nought, and for good
    ([-100, 50, 100], 1.5, 1.5),
    ([-100, 100], 1.0, 1.0),
    ([-100, 99], None, None),
    ([0, 5], 0.0, 0.0),
    ([10, -20, 40], 0.0, 1.25),
    ([10, -20], 0.0, None),
    ([-10, 20, -20, 40], 0.5, 2.25),
]


@pytest.mark.parametrize(("net", "first", "lasting"), PAID_BACK)
def test_when_the_money_is_back(net: list[float], first: float | None, lasting: float | None) -> None:
    found = payback(net)
    assert (found.first, found.lasting) == (pytest.approx(first), pytest.approx(lasting))


def test_each_further_unit_of_effect_has_its_own_cost() -> None:
    assert incremental([300, 100, 700], [4, 2, 5]) == pytest.approx([100, 400])


ROUNDED = [
    ([1.4, 1.4, 1.2], 1.0, [2, 1, 1]),
    ([0.5, 0.3, 0.2], 1.0, [1, 0, 0]),
    ([14, 14, 12], 10.0, [20, 10, 10]),
    ([2.0, 3.0], 1.0, [2, 3]),
    ([-1.4, 2.4], 1.0, [-1, 2]),
]


@pytest.mark.parametrize(("parts", "unit", "wanted"), ROUNDED)
def test_rounded_parts_add_to_their_rounded_whole(parts: list[float], unit: float, wanted: list[float]) -> None:
    assert rounded(parts, unit).tolist() == wanted
    assert rounded(parts, unit).sum() == pytest.approx(round(sum(parts) / unit) * unit)


# Decisions


def test_a_mean_by_chances_that_add_to_one() -> None:
    assert expected([10, 20], [0.25, 0.75]) == 17.5
    for chances in ([0.5, 0.4], [0.6, 0.6]):
        with pytest.raises(ValueError, match="add to 1"):
            expected([10, 20], chances)


def test_the_best_option_and_what_perfect_knowledge_adds() -> None:
    """Means 5 and 6; the best of each draw is 10, 6, 9 and 6: 7.75, of which 1.75 are the worth of knowing."""
    found = choice([[10, 0, 9, 1], [6, 6, 6, 6]])
    assert (found.means, found.best, found.chances) == ((5.0, 6.0), 1, (0.5, 0.5))
    assert (found.mean_of_best, found.perfect_information) == (7.75, 1.75)


def test_a_test_before_a_decision_by_backward_induction() -> None:
    """20 % are ill. Treat: 100 if ill, −10 if not; leave: 0. Without a test treat is worth 12. A test that finds 90 %
    of the ill and clears 80 % of the others is positive in 0.18 + 0.16 = 0.34; then treat at 18/34 is worth 48.2;
    negative: 2/66 ill, −6.7, so leave.
    """
    acts = [{"treat": (100.0, -10.0), "leave": (0.0, 0.0)}] * 3
    found = worth_of_test(0.2, 0.9, 0.8, 1.5, acts)
    assert (found.after_positive, found.after_negative) == ("treat", "leave")
    assert found.without == pytest.approx(12)
    assert found.payoff == pytest.approx(0.18 * 100 - 0.16 * 10 - 1.5)
    assert found.net_worth == pytest.approx(16.4 - 1.5 - 12)


def test_figures_as_printed_leave_a_range() -> None:
    """10.0 ± 0.05 over (0.80 ± 0.05) − (0.40 ± 0.05): the gap lies between 0.3 and 0.5."""
    assert rounding_interval(10.0, 0.8, 0.4, (0.05, 0.05)) == pytest.approx((9.95 / 0.5, 10.05 / 0.3))
    assert net_monetary_benefit(500.0, 2.0, 1000.0) == 1500


def account(benefit: list[float], cost: float) -> Account:
    return Account("fiscal", "", np.array(benefit), cost)


def test_how_dear_it_may_be_and_how_strong_it_must_be() -> None:
    told = dict(acceptability(account([100, 200, 300, 400], 200.0)))
    assert (told[0.5], told[1.0], told[2.0]) == (0.75, 0.5, 0.0)
    assert break_even_share(account([100, 300], 50.0), 0.2) == pytest.approx(0.2 * 50 / 200)
    assert break_even_share(account([100, 300], 50.0), 0.0) is None
    assert break_even_share(account([-100, 100], 50.0), 0.2) is None
    assert break_even_share(account([-100, -100], 50.0), 0.2) is None
    assert information(account([100, 100], 50.0)).perfect_gbp == 0


# Years


def test_the_declining_rate_year_by_year() -> None:
    """3.5 % in years 1 to 30, 3.0 % from 31, 2.5 % from 76; the first year is not discounted."""
    found = discount_factors(77)
    assert found[0] == 1
    for year, rate in ((1, 0.035), (30, 0.035), (31, 0.03), (75, 0.03), (76, 0.025)):
        assert found[year - 1] / found[year] == pytest.approx(1 + rate), year
    assert discount_factors(2, edition="review-2026") == pytest.approx([1, 1 / 1.03, 1 / 1.03**2])
    assert present_value([100, 103.5]) == pytest.approx(200)
    assert equivalent_annual(100.0, 2) == pytest.approx(100 / (1 / 1.035 + 1 / 1.035**2))
    for years in (-1, 10_000):
        with pytest.raises(Usage, match="no discount rate"):
            discount_factors(years)
    assert [schedules_asked(years) for years in (50, 51)] == [("standard",), ("standard", "test")]


# Partners


def test_a_settlement_is_nobodys_loss_unless_it_was_agreed() -> None:
    """The pair loses 20 by fixed halves: 10 each. Below a penny's half nobody is called a loser."""
    with pytest.raises(ProtocolBreach, match="a, b would lose"):
        settle({"a": 80.0}, {"b": 100.0}, "fixed", {"a": 0.5, "b": 0.5})
    told = {
        one.partner: one.net_gbp
        for one in settle({"a": 80.0}, {"b": 100.0}, "fixed", {"a": 0.5, "b": 0.5}, a_loss_is_agreed=True)
    }
    assert told == {"a": -10, "b": -10}
    assert settle({"a": 99.996}, {"b": 100.0}, "fixed", {"a": 0.5, "b": 0.5})[0].net_gbp == pytest.approx(-0.002)


def test_a_partner_may_take_no_part_by_fixed_shares() -> None:
    told = {one.partner: one.net_gbp for one in settle({"a": 80.0}, {"b": 30.0}, "fixed", {"a": 1.0, "b": 0.0})}
    assert told == {"a": 50, "b": 0}


def test_a_case_mix_is_weighed_by_its_pounds() -> None:
    """Half at £100 of which a fifth varies, half at £300 of which three fifths do: £10 and £90 of a mean of £200."""
    cheap, dear = (
        price(code="A", gbp=100.0, variable=0.2, step=0.4),
        price(code="B", gbp=300.0, variable=0.6, step=0.0, price_year=2020),
    )
    mix = PriceBook(2024, {"A": cheap, "B": dear}, {}).price("A:0.5 B:0.5")
    assert (mix.gbp, mix.variable, mix.step, mix.price_year) == (200, pytest.approx(0.5), pytest.approx(0.1), 2020)
    for wrong in ("A:0.5 B:0.4", "A:1.5 B:-0.5", "A:half B:0.5", "A:0.5 B:0.6"):
        with pytest.raises(Usage, match="add to 1"):
            PriceBook(2024, {"A": cheap, "B": dear}, {}).price(wrong)


@pytest.mark.parametrize(("year", "stale"), [(2024, False), (2019, False), (2018, True)])
def test_a_price_is_stale_after_five_years(year: int, stale: bool) -> None:
    row = PriceRow(price(price_year=year), "t", 1)
    assert ("stale price year" in {one.check for one in lint((row,), 2024)}) is stale


def test_shapley_of_those_who_pay_and_those_who_only_gain() -> None:
    """a pays 30, b pays nothing and gains 100, c gains 20. Without a nothing happens; a with c alone would lose 10 and
    does not begin. Marginal worths over the six orders: a (0 + 70 + 0 + 90 + 90 + 90), ..."""
    found = {one.partner: one.net_gbp for one in settle({"b": 100.0, "c": 20.0}, {"a": 30.0, "b": 0.0}, "shapley")}
    worth = {"": 0, "a": 0, "b": 0, "c": 0, "ab": 70, "ac": 0, "bc": 0, "abc": 90}

    def mean(name: str) -> float:
        total = 0.0
        for order in ("abc", "acb", "bac", "bca", "cab", "cba"):
            before = "".join(sorted(order[: order.index(name)]))
            total += worth["".join(sorted(before + name))] - worth[before]
        return total / 6

    assert found == {name: pytest.approx(mean(name)) for name in "bca"}


def test_where_all_together_lose_the_loss_is_shared() -> None:
    found = settle({"b": 20.0}, {"a": 30.0}, "shapley", a_loss_is_agreed=True)
    assert sum(one.net_gbp for one in found) == pytest.approx(-10)
    assert {one.partner: one.net_gbp for one in found} == {"b": pytest.approx(-5), "a": pytest.approx(-5)}


def test_shapley_is_exact_up_to_twelve_partners() -> None:
    names = [f"p{at}" for at in range(MOST_PARTNERS)]
    assert shapley(names, lambda group: float(len(group)))["p3"] == pytest.approx(1)
    with pytest.raises(Usage, match="too many partners"):
        shapley([*names, "one more"], len)


# The titles of two figures


CHANCES = [
    # chance to lose cash, by budget → what the title says
    ({"a": 0.95}, "a pays in more than it gains in cash"),
    ({"a": 0.94}, "It is not clear yet whether any budget gains more in cash than it pays in"),
    ({"a": 0.06}, "It is not clear yet whether any budget gains more in cash than it pays in"),
    ({"a": 0.04}, "No budget pays in more than it gains in cash"),
    ({"a": 0.0, "b": 0.0}, "No budget pays in more than it gains in cash"),
    ({"a": 1.0, "b": 0.5, "c": 0.5}, "a pays in more than it gains in cash; for 2 it is not clear yet"),
]


@pytest.mark.parametrize(("chances", "said"), CHANCES)
def test_a_title_is_as_sure_as_the_verdict_on_money(chances: dict[str, float], said: str) -> None:
    assert SURELY == 0.95
    assert _who_loses(chances, set(chances)) == said


def test_only_where_every_part_is_a_cost_is_it_told_as_one() -> None:
    assert _of_average(-1000.0, -100.0, 50.0).startswith("Of ")
    assert _of_average(-1000.0, 100.0, -50.0).startswith("Of ")
    assert _of_average(-1000.0, 0.0, 0.0).startswith("Added demand costs")
    assert _of_average(1000.0, 0.0, 0.0).startswith("Of ")


@pytest.mark.parametrize(("mitigated", "gbp"), [(0.0, 150.0), (0.4, 130.0), (1.0, 100.0)])
def test_the_bias_of_a_cost_less_what_was_mitigated(mitigated: float, gbp: float) -> None:
    assert with_bias(100.0, 0.5, mitigated) == pytest.approx(gbp)


CHAIN = [
    ((0.0, 0.0, 0.0, 0.0), 1.0),
    ((0.5, 0.0, 0.0, 0.0), 0.5),
    ((0.0, 0.5, 0.0, 0.0), 0.5),
    ((0.0, 0.0, 0.5, 0.0), 0.5),
    ((0.0, 0.0, 0.0, 0.5), 0.5),
    ((0.1, 0.2, 0.3, 0.4), 0.9 * 0.8 * 0.7 * 0.6),
    ((1.0, 0.0, 0.0, 0.0), 0.0),
]


@pytest.mark.parametrize(("shares", "left"), CHAIN)
def test_what_a_gross_effect_added(shares: tuple[float, float, float, float], left: float) -> None:
    assert additional_share(*shares, counterfactual=False) == pytest.approx(left)
    if any(shares):
        with pytest.raises(ProtocolBreach, match="taken off twice"):
            additional_share(*shares, counterfactual=True)
    else:
        assert additional_share(*shares, counterfactual=True) == 1
    for wrong in (-0.1, 1.1):
        with pytest.raises(Usage, match="between 0 and 1"):
            additional_share(wrong, *shares[1:], counterfactual=False)


@pytest.mark.parametrize(
    ("collected", "age", "spread"),
    [
        (True, 0, 0.1),
        (False, 0, 0.2),
        (True, 4, (0.1**2 + 0.22**2) ** 0.5),
        (False, 9, (0.2**2 + 0.33**2) ** 0.5),
        (True, -3, 0.1),
    ],
)
def test_how_far_off_a_price_may_be(collected: bool, age: int, spread: float) -> None:
    """A tenth or a fifth, and 0.11 a root year, as independent errors add."""
    assert spread_of(collected, age)[0] == pytest.approx(spread)


def test_a_plan_that_was_published() -> None:
    plan = Plan(contacts=200.0, gbp=50_000.0)
    assert (plan.unit_gbp, plan.short_by_gbp(40.0)) == (250, 60_000)
    assert cost_behind(30.0, 4.0) == pytest.approx(10)
    assert base_behind(20.0, 0.05, 0.03) == pytest.approx(1000)
    assert distributional_weight(0.5, 1.0) == pytest.approx(2**1.3)
    assert distributional_weight(2.0, 1.0) == pytest.approx(0.5**1.3)


def test_pounds_of_one_year_in_pounds_of_another() -> None:
    index, latest = deflator(), latest_price_year()
    assert latest == max(index)
    assert rebased(100.0, latest - 5, latest) == pytest.approx(100 * index[latest] / index[latest - 5])
    assert rebased(100.0, latest - 5, latest) > 100, "prices rose"
    assert rebased(rebased(100.0, 2015, 2020), 2020, 2015) == pytest.approx(100)


def test_what_is_believed_before_anything_is_measured() -> None:
    """Two thirds do next to nothing (± 3 %); of the rest the mean log ratio is −0.15 with a standard deviation of
    0.19."""
    assert stated_prior() == Prior(2 / 3, 0.03, -0.15, 0.19)
