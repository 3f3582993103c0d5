"""Queueing, trial and value-of-information figures by other people and other programs; source and tolerance by test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson
from statsmodels.stats.rates import power_negbin_ratio_2indep

from headwater.capacity import demand_ahead
from headwater.stats.queueing import (
    cobham,
    erlang_a,
    erlang_b,
    erlang_c,
    hypercube,
    mean_wait,
    sinusoid_load,
    sojourn_within,
    tandem_throughput,
)
from headwater.stats.trial import (
    NegativeBinomial,
    detectable,
    fit_negative_binomial,
    per_arm,
    power_of,
    selected,
    stepped_wedge_design_effect,
    stepped_wedge_variance,
)
from headwater.stats.voi import unit_normal_loss, value_of_perfect_information, value_of_sample
from headwater.stats.waiting import lognormal_services, poisson_arrivals, tandem_departures, turned_away, waits


@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    [
        (3, 2.5, 0.28216704288939054),
        (10, 8, 0.1216610642529515),
        (20, 15, 0.04559321558981184),
        (14, 8.145493, 0.019213),
    ],
)
def test_erlang_b(servers: int, load: float, blocked: float) -> None:
    """Closed form, recomputed in exact arithmetic; 1e-6. The same as a Poisson probability over its cumulative one;
    1e-12."""
    assert float(erlang_b(servers, load)) == pytest.approx(blocked, abs=1e-6)
    assert float(erlang_b(servers, load)) == pytest.approx(
        poisson.pmf(servers, load) / poisson.cdf(servers, load), rel=1e-12
    )


@pytest.mark.parametrize(
    ("servers", "load", "waits_"), [(3, 2.5, 0.702247191011236), (2, 1, 1 / 3), (10, 8, 0.40918015079644354)]
)
def test_erlang_c(servers: int, load: float, waits_: float) -> None:
    """Closed form; 1e-12."""
    assert float(erlang_c(servers, load)) == pytest.approx(waits_, abs=1e-12)


def test_wait_of_three_servers() -> None:
    """M/M/3, λ = 10, μ = 4 (the set-up of Palmer et al. 2017, Ciw); 1e-9."""
    assert float(mean_wait(3, 10 / 4, 1 / 4)) == pytest.approx(0.351123595505618, abs=1e-9)


def test_priority_classes() -> None:
    """Cobham 1954 with c = 3, μ = 1, λ = (1, 1.5); 1e-9. A Ciw simulation gave 0.349 and 2.060: within 3 %."""
    found = cobham(3, [1.0, 1.5])
    assert found == pytest.approx([0.35112359550561795, 2.106741573033708], abs=1e-9)
    assert found == pytest.approx([0.34923, 2.06026], rel=0.03)


def test_the_mean_over_priority_classes_is_the_plain_wait() -> None:
    """Kleinrock's conservation law."""
    loads = np.array([0.4, 0.9, 1.1])
    assert loads @ cobham(3, loads) / loads.sum() == pytest.approx(float(mean_wait(3, loads.sum())), rel=1e-12)


@pytest.mark.parametrize(("buffer", "simulated"), [(0, 0.669), (1, 0.7442), (2, 0.8041)])
def test_two_stations_in_series_block_each_other(buffer: int, simulated: float) -> None:
    """Hunt 1956: (b + 2)/(b + 3); Ciw gave the simulated figures (within 1 %); our recursion within 0.5 %."""
    exact = tandem_throughput(buffer)
    assert exact == pytest.approx((2 / 3, 3 / 4, 4 / 5)[buffer], abs=1e-15)
    assert exact == pytest.approx(simulated, rel=0.01)
    generator = np.random.default_rng(buffer)
    n = 300_000
    left = tandem_departures(generator.exponential(1, n), generator.exponential(1, n), buffer)
    assert n / left[-1] == pytest.approx(exact, rel=0.005)


def test_load_that_rises_and_falls_with_the_day() -> None:
    """M_t/M/∞, λ̄ = 10, β = 4, γ = 2π/24, E[S] = 6, t = 1000 (Eick, Massey and Whitt 1993); 1e-9."""
    assert float(sinusoid_load(10, 4, 2 * np.pi / 24, 6, 1000)) == pytest.approx(59.44192964317413, abs=1e-9)


def test_time_in_a_department_of_45_places() -> None:
    """M/M/45 with 120,000 attendances a year of 3 hours: P(T ≤ 4); 1e-6. A simulation of 3 million gave 0.69717."""
    found = sojourn_within(45, 120_000 / 8766 * 3, 4, 3)
    assert found == pytest.approx(0.6973347, abs=1e-6)
    assert found == pytest.approx(0.69717, abs=1e-3)


def test_sojourn_where_both_rates_are_the_same() -> None:
    """The removable singularity (c − a)μ = μ, against its neighbours."""
    middle, beside = sojourn_within(3, 2.0, 1.5), sojourn_within(3, 2.0 + 1e-7, 1.5)
    assert middle == pytest.approx(beside, abs=1e-6)


def test_hypercube_is_a_truncated_poisson() -> None:
    """Larson 1974, N = 6, no queue, equal service: states with n busy add to the truncated Poisson; 1e-12."""
    rates = np.array([0.3, 0.5, 0.2, 0.7, 0.4, 0.9])
    preference = np.array([np.roll(np.arange(6), -atom) for atom in range(6)])
    states = hypercube(rates, preference, 1.3)
    busy = np.array([bin(state).count("1") for state in range(64)])
    weight = poisson.pmf(np.arange(7), rates.sum() * 1.3)
    assert [states[busy == n].sum() for n in range(7)] == pytest.approx((weight / weight.sum()).tolist(), abs=1e-12)


def test_abandonment_lies_between_loss_and_delay() -> None:
    """Erlang-A tends to Erlang-B as patience goes to 0 and to Erlang-C as it grows (Garnett et al. 2002)."""
    hasty, patient = erlang_a(10, 8.0, 1.0, 1e-6), erlang_a(10, 8.0, 1.0, 1e6)
    assert hasty[0] == pytest.approx(float(erlang_b(10, 8.0)), rel=1e-4)
    assert patient[1] == pytest.approx(float(erlang_c(10, 8.0)), rel=1e-4)
    assert patient[2] == pytest.approx(float(mean_wait(10, 8.0)), rel=1e-3)
    overloaded = erlang_a(10, 15.0, 1.0, 2.0)
    assert overloaded[0] == pytest.approx(1 - 10 / 15, abs=0.02), "with more demand than servers, the rest must give up"


MONKS_ASU = {9: 0.19, 10: 0.14, 11: 0.09, 12: 0.06, 13: 0.04, 14: 0.02}
MONKS_REHAB = {10: 0.20, 12: 0.11, 13: 0.08, 14: 0.05, 15: 0.03, 16: 0.02}


@pytest.mark.parametrize(
    ("load", "published"), [(8.145493, MONKS_ASU), (9.718218, MONKS_REHAB)], ids=["acute stroke unit", "rehabilitation"]
)
def test_stroke_beds(load: float, published: dict[int, float]) -> None:
    """Monks et al. 2016, doi 10.1186/s12913-016-1789-4, probability of delay by number of beds; 0.015 (a simulation,
    rounded)."""
    for beds, share in published.items():
        assert float(erlang_b(beds, load)) == pytest.approx(share, abs=0.015)


def test_stroke_beds_pooled() -> None:
    """Monks et al. 2016: both units pooled, 22 and 26 beds; 0.015."""
    pooled = 8.145493 + 9.718218
    assert float(erlang_b(22, pooled)) == pytest.approx(0.057, abs=0.015)
    assert float(erlang_b(26, pooled)) == pytest.approx(0.016, abs=0.015)


def test_stroke_beds_with_five_per_cent_more_patients() -> None:
    """Monks et al. 2016, what-if of 5 % more admissions; 0.015."""
    for beds, share in {10: 0.16, 11: 0.11, 12: 0.07, 13: 0.05, 14: 0.03}.items():
        assert float(erlang_b(beds, 8.145493 * 1.05)) == pytest.approx(share, abs=0.015)


def test_simulated_beds_agree_with_the_loss_formula_whatever_the_stay() -> None:
    """Erlang-B depends on the mean stay alone: lognormal stays of the stroke unit, mean 7.4 and sd 8.61 days; 0.01."""
    generator = np.random.default_rng(5)
    arrivals = poisson_arrivals(8.145493 / 7.4, 400_000, generator)
    lost = turned_away(arrivals, lognormal_services(7.4, 8.61, arrivals.size, generator), 10)
    assert lost[5_000:].mean() == pytest.approx(float(erlang_b(10, 8.145493)), abs=0.01)


def test_simulated_queue_agrees_with_the_delay_formula() -> None:
    """Kiefer–Wolfowitz over a million arrivals of M/M/3; 4 %."""
    generator = np.random.default_rng(6)
    arrivals = poisson_arrivals(10, 100_000, generator)
    assert waits(arrivals, generator.exponential(0.25, arrivals.size), 3).mean() == pytest.approx(0.3511236, rel=0.04)


@pytest.mark.parametrize(
    ("ratio", "dispersion", "people"),
    [(0.8, 0.5, 216.7), (0.8, 1, 374.4), (0.8, 2, 689.6), (0.85, 1, 702.1), (0.9, 1, 1662.9)],
)
def test_people_per_arm(ratio: float, dispersion: float, people: float) -> None:
    """Two arms of negative binomial counts, rate 6, two-sided 5 %, power 80 %; 0.1. statsmodels' power at that size is
    80 %."""
    assert per_arm(6, ratio, dispersion) == pytest.approx(people, abs=0.1)
    # a rate ratio of arm 1 to arm 2: the treated rate over the control's
    power = power_negbin_ratio_2indep(
        6 * ratio, 6, people, dispersion=dispersion, alpha=0.05, return_results=False, method_var="alt"
    )
    assert power == pytest.approx(0.8, abs=0.001)
    assert detectable(people, people, 6, dispersion) == pytest.approx(ratio, abs=1e-4)
    assert float(power_of(people, people, 6, ratio, dispersion)) == pytest.approx(0.8, abs=1e-3)


def test_stepped_wedge() -> None:
    """Hussey and Hughes 2007, 12 clusters, 4 steps, 20 a period, ρ = 0.05; Woertman et al. 2013; 1e-12."""
    assert stepped_wedge_variance(12, 4, 20, 0.05) == pytest.approx(0.009540084388185655, abs=1e-12)
    assert stepped_wedge_design_effect(4, 20, 0.05) == pytest.approx(0.5724050632911393, abs=1e-12)


def test_unit_normal_loss() -> None:
    """Raiffa and Schlaifer 1961, the table of L; 1e-6."""
    assert unit_normal_loss([0, 0.5, 1, 2]) == pytest.approx([0.398942, 0.197797, 0.083315, 0.008491], abs=1e-6)


def test_value_of_information() -> None:
    """Prior −20 ± 50, an observation's sd 400, 100 of them: EVPI 11.522, EVSI 7.576; 1e-9. Perfect is the limit of ever
    more people."""
    assert value_of_perfect_information(-20, 50) == pytest.approx(11.52194184737265, abs=1e-9)
    assert value_of_sample(-20, 50, 400 / 10) == pytest.approx(7.576120095411027, abs=1e-9)
    assert value_of_sample(-20, 50, 400 / 1e6) == pytest.approx(11.52194184737265, rel=1e-6)
    assert value_of_sample(-20, 0, 1) == value_of_perfect_information(-20, 0) == 0


def test_value_of_perfect_information_by_drawing() -> None:
    """The mean of the better choice with foresight less the better choice without; 1 %."""
    draws = np.random.default_rng(3).normal(-20, 50, 2_000_000)
    assert np.maximum(draws, 0).mean() - max(-20, 0) == pytest.approx(value_of_perfect_information(-20, 50), rel=0.01)


def test_regression_to_the_mean() -> None:
    """Gamma–Poisson with μ = 0.3, r = 1/3: after 5 visits 2.526 are expected; selecting 5 or more, 0.498 fall away;
    0.002."""
    fit = NegativeBinomial(0.3, 1 / 3)
    assert float(fit.again(5)) == pytest.approx(2.526315789473684, abs=1e-12)
    assert selected(fit, 5).spontaneous_fall == pytest.approx(0.498, abs=0.002)


def test_regression_to_the_mean_by_drawing() -> None:
    """Two windows drawn from the same rates: the selected fall as the formula says; 1.5 %. The fit finds the shape; 3
    %."""
    generator = np.random.default_rng(11)
    rates = generator.gamma(1 / 3, 0.3 * 3, 3_000_000)
    first, second = generator.poisson(rates), generator.poisson(rates)
    group = selected(fit_negative_binomial(first[:400_000]), 5)
    chosen = first >= 5
    assert group.share == pytest.approx(chosen.mean(), rel=0.05)
    assert group.after == pytest.approx(second[chosen].mean(), rel=0.02)
    assert group.dispersion == pytest.approx(rates[chosen].var() / rates[chosen].mean() ** 2, rel=0.05)
    assert fit_negative_binomial(first[:400_000]).shape == pytest.approx(1 / 3, rel=0.03)


@pytest.mark.parametrize(
    ("factors", "product"),
    [((1.09, 1.02), 1.1118), ((1.03, 1.0057, 1.0217), 1.0583), ((1.2, 1.02), 1.224), ((0.88, 0.75), 0.66)],
)
def test_growth_and_mitigation_multiply(factors: tuple[float, ...], product: float) -> None:
    """O12: the Strategy Unit's modelling of the New Hospital Programme (modelling_uncertainty.qmd); 1e-4. Adding would
    give 0.63."""
    assert demand_ahead(1.0, factors) == pytest.approx(product, abs=1e-4)
