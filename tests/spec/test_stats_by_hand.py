"""Small statistics by hand: few clusters are wider, drawn data sets wider than one, placebos rank, studies pool."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.domain.uncertainty import Interval
from headwater.stats.balance import balance
from headwater.stats.combining import combined
from headwater.stats.equivalence import sameness
from headwater.stats.matching import Rule, nearest_pairs
from headwater.stats.meta import cochran_q, moment_tau2, random_effects, restricted_tau2
from headwater.stats.placebo import Reference, drawn_errors, p_value, sizes_at
from headwater.stats.poisson import RateModel, log_ratios, rate_model
from headwater.stats.sensitivity import benjamini_hochberg, e_value, e_value_of_limit, equivalent, holm
from headwater.stats.voi import value_of_perfect_information, value_of_sample

T975 = {1: 12.706, 2: 4.303, 4: 2.776, 9: 2.262, 10**6: 1.960}
"""Of Student's t, from its printed table."""


def model(beta: float, se: float, clusters: int) -> RateModel:
    return RateModel(np.array([beta]), np.array([[se**2]]), clusters, clusters)


@pytest.mark.parametrize("freedom", T975)
def test_an_interval_is_as_wide_as_its_clusters_are_few(freedom: int) -> None:
    found = model(0.5, 0.2, freedom + 1).ratio()
    assert found.mid == pytest.approx(np.exp(0.5))
    assert np.log(found.high) - 0.5 == pytest.approx(0.2 * T975[freedom], abs=2e-4)
    assert 0.5 - np.log(found.low) == pytest.approx(0.2 * T975[freedom], abs=2e-4)
    assert model(0.5, 0.2, 1).ratio() == model(0.5, 0.2, 2).ratio(), "one cluster is no better than two"


@pytest.mark.parametrize("freedom", [2, 4, 9])
def test_draws_are_as_wide_as_the_interval(freedom: int) -> None:
    drawn = model(0.5, 0.2, freedom + 1).draws(400_000, np.random.default_rng(1))
    assert np.quantile(drawn, 0.975) - 0.5 == pytest.approx(0.2 * T975[freedom], rel=0.02)
    assert np.quantile(drawn, 0.025) - 0.5 == pytest.approx(-0.2 * T975[freedom], rel=0.02)


def test_drawn_data_sets_pool_by_rubins_rules() -> None:
    """Means 1, 2 and 3: b = 1; within 0.4 in the mean; total 0.4 + (1 + 1/3) · 1. The fewest clusters count."""
    models = [model(beta, se**0.5, clusters) for beta, se, clusters in ((1.0, 0.2, 30), (2.0, 0.4, 10), (3.0, 0.6, 20))]
    found = combined(models)
    assert found.beta == pytest.approx([2.0])
    assert found.covariance == pytest.approx(np.array([[0.4 + 4 / 3]]))
    assert found.clusters == 10
    assert combined(models[:1]).covariance == pytest.approx(np.array([[0.2]])), "one data set has nothing between"


# Matched pairs


def paired(
    ours: list[float], theirs: list[float], years: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    counts = np.array([*ours, *theirs])
    first = np.repeat([1.0, 0.0], len(ours))
    exposure = np.where(first == 1, years, 1.0)
    return counts, exposure, first[:, None], np.tile(np.arange(len(ours)), 2)


@pytest.mark.parametrize(
    ("ours", "theirs", "years"),
    [([1, 2, 0, 4], [2, 2, 3, 1], 1.0), ([1, 0, 0, 5], [2, 9, 3, 1], 2.0), ([5, 5], [1, 1], 0.5)],
)
def test_the_ratio_of_pairs_is_the_ratio_of_their_sums(ours: list[float], theirs: list[float], years: float) -> None:
    """With one exposure an arm the conditional likelihood is binomial in the sums of all pairs: β = log(Σy₁/t₁ ÷
    Σy₀/t₀)."""
    found = rate_model(*paired(ours, theirs, years))
    assert found is not None
    assert found.ratio().mid == pytest.approx(sum(ours) / years / sum(theirs))
    assert log_ratios(*paired(ours, theirs, years)) == pytest.approx(found.beta)


def test_sets_without_an_event_or_a_comparison_say_nothing() -> None:
    counts, exposure, x, sets = paired([1, 2, 0], [2, 2, 0])
    plain = rate_model(counts, exposure, x, sets)
    alone = rate_model(
        np.append(counts, 50.0), np.append(exposure, 1.0), np.append(x, [[1.0]], axis=0), np.append(sets, 9)
    )
    unseen = rate_model(
        np.append(counts, [50.0, 0.0]),
        np.append(exposure, [0.0, 1.0]),
        np.append(x, [[1.0], [0.0]], axis=0),
        np.append(sets, [7, 7]),
    )
    assert plain is not None and alone is not None and unseen is not None
    assert plain.sets_used == alone.sets_used == unseen.sets_used == 2
    assert alone.beta.tolist() == unseen.beta.tolist() == plain.beta.tolist()


@pytest.mark.parametrize(("ours", "theirs"), [([0, 0], [1, 2]), ([1, 2], [0, 0]), ([0, 0], [0, 0])])
def test_where_one_arm_has_no_event_there_is_no_ratio(ours: list[float], theirs: list[float]) -> None:
    assert rate_model(*paired(ours, theirs)) is None


def test_weights_count_as_so_many_rows() -> None:
    """One of weight ½ beside one of 1: contacts 2 + ½ · 6 among the compared."""
    counts, exposure = np.array([4.0, 2.0, 6.0]), np.ones(3)
    found = log_ratios(
        counts, exposure, np.array([[1.0], [0.0], [0.0]]), np.zeros(3, dtype=int), np.array([1.0, 1.0, 0.5])
    )
    assert found == pytest.approx([np.log(4.0 / ((2.0 + 3.0) / 1.5))])


def test_nearest_controls_by_hand() -> None:
    """Hardest (highest score) first, everybody a first control before anybody a second, never across strata or the
    caliper."""
    treated = np.array([True, True, False, False, False, False])
    score = np.array([0.9, 0.5, 0.8, 0.55, 0.1, 0.5])
    strata = np.array([0, 0, 0, 0, 0, 1])
    found = nearest_pairs(treated, strata, score, Rule(2, 0.3, np.inf, False))
    assert list(zip(found.treated.tolist(), found.control.tolist(), strict=True)) == [(0, 2), (1, 3)]
    wide = nearest_pairs(treated, strata, score, Rule(2, np.inf, np.inf, False))
    assert list(zip(wide.treated.tolist(), wide.control.tolist(), strict=True)) == [(0, 2), (0, 4), (1, 3)]
    again = nearest_pairs(treated, strata, score, Rule(1, np.inf, np.inf, True))
    assert again.control.tolist() == [2, 3]
    assert again.distance == pytest.approx([0.1, 0.05])


def test_a_standardised_difference_by_hand() -> None:
    """Means 2 and 1; variances 1 and ¼: the difference in standard deviations of the treated is 1, the ratio of
    variances 4."""
    x = np.array([[1.0], [3.0], [0.5], [1.5]])
    found = balance(x, np.array([True, True, False, False]), np.ones(4))
    assert found.smd[0] == pytest.approx(1.0), "treated less control"
    assert found.variance_ratio[0] == pytest.approx(4.0)


# Placebos


def test_the_chance_of_a_placebo_as_large() -> None:
    """By ranks of 49: the treated is the fiftieth; as large as the third largest of them, 1 + 3 of 50."""
    errors = np.arange(1.0, 50.0) * np.where(np.arange(49) % 2, 1, -1)
    ranks = Reference(errors, 49)
    assert (ranks.by_ranks, Reference(errors, 40).by_ranks, Reference(errors, 39).by_ranks) == (True, True, False)
    for error, larger in ((47.0, 3), (-47.0, 3), (46.5, 3), (0.0, 49), (1000.0, 0)):
        assert p_value(error, ranks) == pytest.approx((1 + larger) / 50)
    assert sizes_at(ranks, np.array([0.5, 0.02, 0.98])) == pytest.approx([25, 1, 49])
    assert sizes_at(ranks, np.array([0.99]))[0] > 49


def test_few_placebos_are_students_with_half_as_many_degrees() -> None:
    """18 placebos of size 2: t on nine degrees, so that 2.262 × 2 is the 5 % point."""
    few = Reference(np.tile([2.0, -2.0], 9), 18)
    assert few.freedom == 9
    assert p_value(2.262 * 2, few) == pytest.approx(0.05, abs=1e-4)
    assert sizes_at(few, np.array([0.95]))[0] == pytest.approx(2.262 * 2, abs=1e-3)
    assert [Reference(np.ones(n), m).usable for n, m in ((5, 5), (4, 5), (5, 4))] == [True, False, False]
    drawn = drawn_errors(few, 1000, 1)
    assert drawn.mean() == pytest.approx(0, abs=1e-12)
    assert np.mean(np.abs(drawn) <= 2.262 * 2) == pytest.approx(0.95, abs=0.003)
    assert sorted(drawn_errors(few, 1000, 1)) == sorted(drawn)


# Studies together


def test_two_studies_by_hand() -> None:
    """0 and 1 with errors of ½: Q = 2 · ¼/¼ = 2 on one degree; τ² = ½ − ¼ (both ways); mean ½ with √(½ / 2) = ½ by
    Hartung and Knapp."""
    y, s = [0.0, 1.0], [0.5, 0.5]
    assert cochran_q(y, s) == pytest.approx(2)
    assert moment_tau2(y, s) == pytest.approx(0.25)
    assert restricted_tau2(y, s) == pytest.approx(0.25)
    found = random_effects(y, s)
    assert (found.mean, found.error, found.i2) == pytest.approx((0.5, 0.5, 0.5))
    assert found.high == pytest.approx(0.5 + 12.706 * 0.5, abs=1e-3)
    assert found.next_high != found.next_high, "no further place can be foretold of two"
    normal = random_effects(y, s, knapp=False)
    assert normal.high == pytest.approx(0.5 + 1.96 * 0.5, abs=1e-4)


def test_three_studies_foretell_a_fourth_on_one_degree() -> None:
    """Alike to the last digit: τ² = 0, the next place within t(1) = 12.706 standard errors of the mean."""
    found = random_effects([0.2, 0.2, 0.2], [0.3, 0.3, 0.3])
    assert (found.tau2, found.q, found.i2) == (0.0, pytest.approx(0.0), 0.0)
    assert found.next_high == pytest.approx(0.2 + 12.706 * 0.3 / 3**0.5, abs=1e-3)
    alone = random_effects([0.2], [0.3])
    assert (alone.studies, alone.mean, alone.tau2) == (1, 0.2, 0.0)
    assert alone.high != alone.high
    for wrong in (([], []), ([1.0], [0.0]), ([1.0], [1.0, 2.0]), ([float("nan")], [1.0])):
        with pytest.raises(ValueError, match="estimate"):
            random_effects(*wrong)


# Sameness, many looks, what is hidden

SAME = [
    # log ratio, error, margin → shown the same (90 % within), shown not (99 % off 1 and beyond), neither
    (0.0, 0.1, 1.25, True),
    (0.0, 0.14, 1.25, None),
    (0.1, 0.05, 1.25, True),
    (-0.1, 0.05, 1.25, True),
    (0.3, 0.1, 1.25, False),
    (-0.3, 0.1, 1.25, False),
    (0.3, 0.2, 1.25, None),
    (0.2, 0.01, 1.25, True),
    (0.21, 0.01, 1.25, None),
    (0.23, 0.01, 1.25, False),
]


@pytest.mark.parametrize(("log_ratio", "error", "margin", "passed"), SAME)
def test_sameness_is_shown_or_refuted_or_neither(
    log_ratio: float, error: float, margin: float, passed: bool | None
) -> None:
    found = sameness(log_ratio, error, margin)
    assert found.passed is passed
    assert found.ratio.high == pytest.approx(np.exp(log_ratio + 1.6449 * error), rel=1e-4)
    assert found.power == pytest.approx(max(0.0, 2 * _cdf((np.log(margin) - 1.6449 * error) / error) - 1), abs=1e-4)


def _cdf(x: float) -> float:
    from math import erf

    return 0.5 * (1 + erf(x / 2**0.5))


def test_many_looks_are_corrected() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])
    assert sameness(0.26, 0.1, 1.25).passed is False
    assert sameness(0.26, 0.1, 1.25, looks=2).passed is None, "2.6 standard errors are rare alone and not among two"


def test_how_strong_something_hidden_must_be() -> None:
    """VanderWeele and Ding: RR 2 → 2 + √2; its mirror the same; nothing for an interval that holds 1."""
    assert e_value(2.0) == e_value(0.5) == pytest.approx(2 + 2**0.5)
    assert e_value(1.0) == 1
    assert e_value_of_limit(Interval(0.4, 0.5, 0.8)) == pytest.approx(1.25 + (1.25 * 0.25) ** 0.5)
    assert e_value_of_limit(Interval(1.25, 2.0, 3.0)) == pytest.approx(1.25 + (1.25 * 0.25) ** 0.5)
    assert e_value_of_limit(Interval(0.9, 1.5, 3.0)) == 1
    assert [
        equivalent(Interval(*one), 1.25)
        for one in ((0.81, 1.0, 1.24), (0.79, 1.0, 1.24), (1.3, 1.5, 1.7), (1.05, 1.2, 1.4))
    ] == [True, None, False, None]


def test_what_knowing_is_worth_by_the_unit_normal_loss() -> None:
    """σ/√(2π) where the mean is nothing; less the farther it lies; a sample as good as the prior learns half of its
    variance."""
    root = (2 * np.pi) ** 0.5
    assert value_of_perfect_information(0.0, 100.0) == pytest.approx(100 / root)
    one_off = 100 * (np.exp(-0.5) / root - (1 - _cdf(1.0)))
    assert (
        value_of_perfect_information(100.0, 100.0)
        == value_of_perfect_information(-100.0, 100.0)
        == pytest.approx(one_off)
    )
    assert value_of_sample(0.0, 100.0, 100.0) == pytest.approx(100 / 2**0.5 / root)
