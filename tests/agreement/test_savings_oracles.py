"""Published worked examples. Each test names its source; the numbers are retyped from it, the tolerance is stated."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.domain.calendar import Calendar, Month
from headwater.domain.errors import ProtocolBreach
from headwater.savings.bases import npsv
from headwater.savings.caution import additional_share, capital_cost, with_bias
from headwater.savings.deflator import rebased
from headwater.savings.discount import discount_factors, equivalent_annual, present_value, schedules_asked
from headwater.savings.fade import faded
from headwater.savings.published import (
    Plan,
    base_behind,
    cost_behind,
    distributional_weight,
    unit_value_warnings,
)


@pytest.mark.parametrize(
    ("year", "factor"),
    [
        (1, 0.966184),
        (5, 0.841973),
        (10, 0.708919),
        (30, 0.356278),
        (31, 0.345901),
        (75, 0.094214),
        (76, 0.091916),
        (125, 0.027411),
    ],
)
def test_discount_factors_of_the_declining_schedule(year: int, factor: float) -> None:
    """O1: HM Treasury Green Book kinked schedule, as the greenbook R package tests it; 1e-6."""
    assert discount_factors(200)[year] == pytest.approx(factor, abs=1e-6)
    assert discount_factors(200, edition="2022")[year] == pytest.approx(factor, abs=1e-6)


@pytest.mark.parametrize(
    ("schedule", "edition", "year", "factor"),
    [
        ("test", "2026", 31, 1.03**-30 / 1.0257),
        ("health", "2026", 76, 1.015**-30 / 1.0129**45 / 1.0107),
        ("standard", "review-2026", 60, 1.03**-60),
    ],
)
def test_rates_are_data_with_their_edition(schedule: str, edition: str, year: int, factor: float) -> None:
    """Beyond 50 years the lower test rates stand beside the standard ones; what a review recommends has a name of its
    own."""
    assert discount_factors(100, schedule, edition)[year] == pytest.approx(factor)
    assert schedules_asked(51) == ("standard", "test") and schedules_asked(50) == ("standard",)


def test_net_present_value_and_equivalent_annual_amount() -> None:
    """O2: greenbook test-discounting.R; 1e-6."""
    npv = float(present_value([-100, 30, 30, 30, 30, 30]))
    assert npv == pytest.approx(35.451571, abs=1e-6)
    assert equivalent_annual(npv, 5) == pytest.approx(7.851863, abs=1e-6)


def test_appraisal_with_and_without_optimism_bias_on_capital() -> None:
    """O3: inputs of the greenbook README; 1e-4. Capital alone carries the bias, 51 % half mitigated."""
    costs = np.array([100.0, 50, 50] + [0] * 7)
    benefits = np.array([0.0] * 3 + [30] * 7)
    pv_cost, pv_benefit = float(present_value(costs)), float(present_value(benefits))
    assert (pv_cost, pv_benefit) == (pytest.approx(194.98471, abs=1e-4), pytest.approx(171.23977, abs=1e-4))
    assert pv_benefit - pv_cost == pytest.approx(-23.74495, abs=1e-4)
    assert pv_benefit / pv_cost == pytest.approx(0.878221, abs=1e-4)
    biased = float(present_value([capital_cost(c, "non_standard_buildings", 0.5) for c in costs]))
    assert pv_benefit - biased == pytest.approx(-73.46605, abs=1e-4)
    assert pv_benefit / biased == pytest.approx(0.699778, abs=1e-4)


def test_optimism_bias_of_capital() -> None:
    """O4: greenbook test-optimism_bias.R, exact."""
    assert [capital_cost(gbp, "non_standard_buildings") for gbp in (100.0, 50.0)] == pytest.approx(
        [151.0, 75.5], abs=1e-12
    )
    assert with_bias(100.0, 0.5, 0.5) == 125


@pytest.mark.parametrize(
    ("gbp", "year", "in_2024"), [(109, 2011, 153.88), (216, 2013, 293.96), (1542, 2013, 2098.54), (500, 2002, 878.56)]
)
def test_rebasing_to_2024_prices(gbp: float, year: int, in_2024: float) -> None:
    """O5: Unit Cost Database 1.4 amounts with HM Treasury's December 2025 deflator; 0.01."""
    assert rebased(gbp, year, 2024) == pytest.approx(in_2024, abs=0.01)


@pytest.mark.parametrize(
    ("contacts", "gbp", "more", "unit", "worse", "published"),
    [(106_000, 171e6, 87_000, 1613.21, 311.35e6, 311e6), (293_000, 90e6, 185_000, 307.17, 146.83e6, 146e6)],
    ids=["better care fund: emergency admissions", "better care fund: delayed transfers"],
)
def test_better_care_fund_against_its_plan(
    contacts: float, gbp: float, more: float, unit: float, worse: float, published: float
) -> None:
    """O6 and O7: National Audit Office figures in PAC HC 959; unit to a penny, the published total within 1 %."""
    plan = Plan(contacts, gbp)
    assert plan.unit_gbp == pytest.approx(unit, abs=0.01)
    assert plan.short_by_gbp(more) == pytest.approx(worse, abs=0.01e6)
    assert plan.short_by_gbp(more) == pytest.approx(published, rel=0.01)


@pytest.mark.parametrize(
    ("parts", "cost", "total", "net", "ratio"),
    [((2570, 1547, 0, -283), 2053, 3834, 1780, 1.87), ((2254, 1941, 3919, -30334), 61908, -22219, -84127, -0.36)],
    ids=["programme 572", "programme 95"],
)
def test_benefits_by_bearer_of_published_programmes(
    parts: tuple[int, ...], cost: int, total: int, net: int, ratio: float
) -> None:
    """O8 and O9: Washington State Institute for Public Policy, wsipp.wa.gov/BenefitCost; ±1 (each part is published
    rounded).

    The four parts are the bearers of one saving in one year; the accounts of `payers` must add to the published net.
    """
    from headwater.domain.money import BUCKETS, Bearer, Perspective, Saving
    from headwater.savings import payers

    gbp = np.zeros((1, 1, 4, 1, len(BUCKETS)))
    gbp[0, 0, :, 0, 1] = parts
    invested = np.zeros((1, 4, 1))
    invested[0, 0, 0] = cost
    bearers = tuple(Bearer(name) for name in ("taxpayers", "participants", "others", "indirect"))
    saving = Saving(
        "p",
        Perspective.ECONOMIC,
        ("reoffence",),
        bearers,
        Calendar(Month(2024, 1), 1),
        gbp,
        ("running",),
        invested,
        np.zeros((1, 1, 1)),
        2024,
        (),
        np.zeros(1),
    )
    npv = npsv(saving)
    accounts = payers(saving)
    assert sum(account.released_gbp.mid for account in accounts) == pytest.approx(total, abs=1)
    assert sum(account.net_gbp.mid for account in accounts) == pytest.approx(net, abs=1)
    assert float(npv[0]) == pytest.approx(net, abs=1)
    assert sum(parts) / cost == pytest.approx(ratio, abs=0.005)


def test_social_return_with_deadweight_attribution_and_drop_off() -> None:
    """O10: the doctest of the Rust crate public_value; ratio to 0.001. The second year is discounted once."""
    gross = 60 * 8_500
    first = gross * additional_share(0.4, 0.0, 0.3, counterfactual=False)
    assert first == pytest.approx(214_200)
    years = faded(first, 2, kept=0.7)
    assert years[1] * discount_factors(1)[1] == pytest.approx(144_869.57, abs=0.01)
    assert float(present_value(years)) / 250_000 == pytest.approx(1.436, abs=0.001)


@pytest.mark.parametrize(
    ("chain", "share"),
    [((0.2, 0.25, 0.1, 0.0), 0.54), ((0.35, 0.4, 0.2, 0.05), 0.2964), ((0.1, 0.1, 0.05, 0.0), 0.7695)],
)
def test_additionality_chain(chain: tuple[float, float, float, float], share: float) -> None:
    """O11: econstack additionality.json; 1e-4. The shares multiply."""
    assert additional_share(*chain, counterfactual=False) == pytest.approx(share, abs=1e-4)


def test_additionality_is_refused_for_a_counterfactual_effect() -> None:
    with pytest.raises(ProtocolBreach, match="twice"):
        additional_share(0.2, 0.25, 0.1, counterfactual=True)
    assert additional_share(0, 0, 0, counterfactual=True) == 1


def test_troubled_families_two_ratios_imply_one_cost() -> None:
    """O13: Local Government Chronicle on the 2017-18 cohort: £366m net at 2.28, £147m net at 1.51; the costs agree
    within 1 %."""
    economic, fiscal = cost_behind(366, 2.28), cost_behind(147, 1.51)
    assert (economic, fiscal) == (pytest.approx(285.9, abs=0.1), pytest.approx(288.2, abs=0.1))
    assert economic == pytest.approx(fiscal, rel=0.01)


def test_vanguard_plans_above_every_price_table_warn() -> None:
    """O14: Health Service Journal on 15 vanguards: £107m for 43,000 admissions, £36m for 109,000 attendances."""
    admissions, attendances = Plan(43_000, 107e6), Plan(109_000, 36e6)
    assert (admissions.unit_gbp, attendances.unit_gbp) == (pytest.approx(2488, abs=1), pytest.approx(330, abs=1))
    warned = {warning.code for warning in unit_value_warnings(admissions, "emergency_admission", 2013)}
    assert warned == {"UCD14-HE7.0.2", "NCC24-NEL"}
    for year in (2011, 2015, 2024):
        assert {warning.code for warning in unit_value_warnings(attendances, "ae_attendance", year)} == {
            "UCD14-HE4.0",
            "NCC24-ED",
        }


def test_a_plan_at_the_price_tables_own_value_does_not_warn() -> None:
    assert unit_value_warnings(Plan(1000, 100_000), "ae_attendance", 2024) == ()


def test_sunderland_implied_base() -> None:
    """O15: Sunderland GP Alliance: growth 8.4 % before, 1.8 % after, "140 fewer a month": 2,121 a month, 1,680 a
    year."""
    assert base_behind(140, 0.084, 0.018) == pytest.approx(2121, abs=1)
    assert 12 * base_behind(140, 0.084, 0.018) * (0.084 - 0.018) == pytest.approx(1680)


@pytest.mark.parametrize(("income", "weight"), [(15_000, 3.0086), (25_000, 1.5487), (50_000, 0.6290)])
def test_distributional_weights(income: float, weight: float) -> None:
    """O17: (reference / income) to the power 1.3, reference £35,000, the formula in econstack; 1e-3."""
    assert distributional_weight(income, 35_000) == pytest.approx(weight, abs=1e-3)
