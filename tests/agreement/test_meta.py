"""Meta-analysis against the textbook: thirteen trials of BCG against tuberculosis (Colditz et al. 1994, JAMA 271:698).

Expected figures are those that the R package metafor prints for the same table (Viechtbauer 2010, J Stat Softw 36:3).
"""

from __future__ import annotations

import numpy as np
import pytest

from headwater.stats.meta import (
    Scepticism,
    cochran_q,
    mean_draws,
    moment_tau2,
    predictive,
    random_effects,
    restricted_tau2,
)

# Vaccinated with and without tuberculosis, not vaccinated with and without.
TRIALS = np.array(
    [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13536, 248, 12619),
        (33, 5036, 47, 5761),
        (180, 1361, 372, 1079),
        (8, 2537, 10, 619),
        (505, 87886, 499, 87892),
        (29, 7470, 45, 7232),
        (17, 1699, 65, 1600),
        (186, 50448, 141, 27197),
        (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ],
    dtype=np.float64,
)


@pytest.fixture
def trials() -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratios and their standard errors."""
    a, b, c, d = TRIALS.T
    return np.log(a / (a + b)) - np.log(c / (c + d)), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


def test_the_spread_between_trials_is_that_of_metafor(trials: tuple[np.ndarray, np.ndarray]) -> None:
    assert cochran_q(*trials) == pytest.approx(152.2330, abs=1e-3)
    assert moment_tau2(*trials) == pytest.approx(0.3088, abs=1e-4)
    assert restricted_tau2(*trials) == pytest.approx(0.3132, abs=1e-4)


def test_the_mean_and_the_next_place_are_those_of_metafor(trials: tuple[np.ndarray, np.ndarray]) -> None:
    found = random_effects(*trials, knapp=False)
    assert (found.mean, found.error) == pytest.approx((-0.7145, 0.1798), abs=1e-4)
    assert (found.low, found.high) == pytest.approx((-1.0669, -0.3622), abs=1e-4)
    # metafor's normal prediction interval, 0.1546 to 1.5474 as risk ratios, is widened here by t of 11 degrees.
    half = (np.log(1.5474) - np.log(0.1546)) / 2 * 2.200985 / 1.959964
    assert (found.next_high - found.next_low) / 2 == pytest.approx(half, abs=1e-3)


def test_hartung_and_knapp_is_weighted_regression_on_a_constant(trials: tuple[np.ndarray, np.ndarray]) -> None:
    """Their error is that of weighted least squares whose scale is estimated; statsmodels has it."""
    import statsmodels.api as sm

    estimates, errors = trials
    weights = 1 / (errors**2 + restricted_tau2(estimates, errors))
    line = sm.WLS(estimates, np.ones(len(estimates)), weights=weights).fit()
    found = random_effects(estimates, errors)
    assert found.error == pytest.approx(float(line.bse[0]))
    assert (found.low, found.high) == pytest.approx(tuple(map(float, line.conf_int()[0])))


def test_equal_studies_have_no_spread_and_one_study_gives_no_interval() -> None:
    same = random_effects([0.2, 0.2, 0.2], [0.1, 0.1, 0.1], knapp=False)
    assert (same.tau2, same.i2, same.mean) == pytest.approx((0.0, 0.0, 0.2))
    assert same.error == pytest.approx(0.1 / np.sqrt(3))
    assert np.isnan(random_effects([0.2], [0.1]).high)


def test_the_grid_agrees_with_conjugate_arithmetic_where_places_do_not_differ() -> None:
    """Without spread between places the posterior of one study is the precision-weighted mean, known in closed form."""
    before = Scepticism(0.0, 0.2, 1e-6)
    found = mean_draws([-0.4], [0.1], 200_000, np.random.default_rng(1), before)
    precision = 0.2**-2 + 0.1**-2
    assert found.mean() == pytest.approx(-0.4 * 0.1**-2 / precision, abs=1e-3)
    assert found.std() == pytest.approx(precision**-0.5, abs=1e-3)


def test_a_vague_prior_comes_to_the_textbook(trials: tuple[np.ndarray, np.ndarray]) -> None:
    found = mean_draws(*trials, 200_000, np.random.default_rng(2), Scepticism(0.0, 100.0, 100.0))
    assert found.mean() == pytest.approx(random_effects(*trials).mean, abs=0.05)


def test_the_grid_agrees_with_plain_importance_sampling() -> None:
    """A slow twin: draw μ and τ from the prior, weigh each pair by the likelihood of the studies."""
    y, s, before = np.array([-0.3, 0.1, -0.2]), np.array([0.1, 0.15, 0.05]), Scepticism()
    rng = np.random.default_rng(3)
    mu = rng.normal(before.centre, before.spread, 1_000_000)
    tau = np.abs(rng.normal(0, before.heterogeneity, 1_000_000))
    spread = np.sqrt(s[:, None] ** 2 + tau**2)
    weight = np.exp((-np.log(spread) - 0.5 * ((y[:, None] - mu) / spread) ** 2).sum(axis=0))
    twin = float((weight * mu).sum() / weight.sum())
    assert mean_draws(y, s, 400_000, rng, before).mean() == pytest.approx(twin, abs=2e-3)


def test_the_next_place_has_heavy_tails_and_no_study_leaves_the_prior() -> None:
    rng = np.random.default_rng(4)
    none = predictive([], [], 400_000, rng)
    assert none.mean() == pytest.approx(0.0, abs=2e-3)
    assert none.std() == pytest.approx(np.hypot(0.15, 0.15), rel=0.02)
    assert ((none / none.std()) ** 4).mean() > 3.3  # a normal has 3


def test_few_and_weak_studies_are_shrunk_and_many_are_believed() -> None:
    rng = np.random.default_rng(5)
    one = predictive([-0.5], [0.3], 100_000, rng).mean()
    many = predictive([-0.5] * 12, [0.05] * 12, 100_000, rng).mean()
    assert -0.2 < one < -0.03
    assert many < -0.4


@pytest.mark.parametrize(("estimates", "errors"), [([], []), ([0.1], [0.0]), ([0.1, 0.2], [0.1]), ([np.nan], [0.1])])
def test_studies_that_cannot_be_are_refused(estimates: list[float], errors: list[float]) -> None:
    with pytest.raises(ValueError, match=r"stud|error"):
        random_effects(estimates, errors)
