"""Sites told together: equal to one fit on all rows, to an implementation of the field, to textbook pooling, and to the
truth."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.stats.meta import random_effects
from headwater.stats.poisson import rate_model
from headwater.stats.pooling import Belief, Density, common, small_study, spread
from headwater.stats.profiles import POINTS, Profile, added, profile
from headwater.stats.shrinkage import GRID, on_grid

Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def site(rng: np.random.Generator, people: int, effect: float) -> Rows:
    """Sets of one treated and three compared, gamma frailty, a covariate that matters."""
    sets = np.repeat(np.arange(people), 4)
    treated = (np.arange(4 * people) % 4 == 0).astype(float)
    frailty, z = rng.gamma(2, 0.5, 4 * people), rng.normal(size=4 * people)
    years = rng.uniform(0.5, 1, 4 * people)
    counts = rng.poisson(2 * years * frailty * np.exp(effect * treated + 0.3 * z)).astype(float)
    return counts, years, np.column_stack([treated, z]), sets


def test_the_sum_of_curves_is_the_fit_on_all_rows() -> None:
    """Each site with its own adjustment: the estimate to 1e-6, and the information of the pooled likelihood to 1e-5 of
    it."""
    rng = np.random.default_rng(4)
    sites = [site(rng, people, -0.16) for people in (50, 120, 300)]
    curves = [one for each in sites if (one := profile(*each)) is not None]
    counts, years = (np.concatenate([each[part] for each in sites]) for part in (0, 1))
    sets = np.concatenate([each[3] + 1000 * at for at, each in enumerate(sites)])
    own = [
        np.where(at == np.repeat(range(3), [len(e[0]) for e in sites]), np.concatenate([e[2][:, 1] for e in sites]), 0)
        for at in range(3)
    ]
    x = np.column_stack([np.concatenate([each[2][:, 0] for each in sites]), *own])
    together = rate_model(counts, years, x, sets, leverage=False)
    assert together is not None
    assert added(curves).top()[0] == pytest.approx(together.beta[0], abs=1e-6)


def test_common_errors_are_those_of_the_sites_together() -> None:
    """Independent normal curves: inverse-variance weighting to the last digit, as every textbook has it."""
    estimates, errors = np.array([-0.4, -0.1, 0.05, -0.3]), np.array([0.1, 0.2, 0.15, 0.4])
    found = common([Profile.normal(*one) for one in zip(estimates, errors, strict=True)], list(errors), [1000] * 4)
    weight = errors**-2.0
    assert found.estimate == pytest.approx((weight * estimates).sum() / weight.sum(), abs=1e-7)
    assert found.se == pytest.approx(weight.sum() ** -0.5, rel=1e-6)


def test_thirteen_trials_of_the_bcg_vaccine() -> None:
    """Log risk ratios of Colditz et al. 1994 (JAMA 271:698) as metafor prints them: REML −0.7145 (0.1798), τ² 0.3132.

    With beliefs that say next to nothing, a normal between trials, the average and the spread are theirs to two digits.
    """
    y = [
        -0.8893,
        -1.5854,
        -1.3481,
        -1.4416,
        -0.2175,
        -0.7861,
        -1.6209,
        0.0120,
        -0.4694,
        -1.3713,
        -0.3394,
        0.4459,
        -0.0173,
    ]
    v = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714]
    errors = np.sqrt(v)
    vague = Belief(width=10, between=2.0, degrees=float("inf"))
    found = spread([Profile.normal(*one) for one in zip(y, errors, strict=True)], list(errors), vague)
    textbook = random_effects(y, errors)
    assert textbook.mean == pytest.approx(-0.7145, abs=1e-4)
    assert found.mean.mean == pytest.approx(textbook.mean, abs=0.02)
    assert found.tau() == pytest.approx(np.sqrt(0.3132), abs=0.08)
    assert found.mean.quantile(0.025) == pytest.approx(textbook.low, abs=0.08)


PERIOD_FIVE = (
    [
        -2.30259,
        -1.7909,
        -1.27921,
        -0.76753,
        -0.25584,
        0.0,
        0.25584,
        0.51169,
        0.76753,
        0.96593,
        1.06514,
        1.16434,
        1.27921,
        1.40714,
        1.53506,
        1.7909,
        2.04674,
        2.30259,
    ],
    [
        -162.88059,
        -131.46732,
        -100.94571,
        -71.91147,
        -45.35831,
        -33.49373,
        -22.94384,
        -14.09196,
        -7.43314,
        -4.18003,
        -3.30444,
        -2.99968,
        -3.43859,
        -5.04845,
        -7.99522,
        -18.65416,
        -37.19452,
        -65.91414,
    ],
)
"""The curve of the outcome of interest in the fifth period that the package EvidenceSynthesis ships (ooiLikelihoods,
OHDSI, version 1.0, Apache 2.0), every third to fourth of its points."""


def test_the_published_example_of_evidence_synthesis() -> None:
    """Its vignette "Bayesian bias correction" prints, for the raw effect with prior N(0, 4²): median 1.1582, mean
    1.1541, 95 % 0.9046 to 1.3971, by a chain of a million steps."""
    curve = Profile.through(*PERIOD_FIVE)
    found = spread([curve], [float("nan")], Belief(width=4, between=1e-6)).mean
    told = [found.quantile(0.5), found.mean, found.quantile(0.025), found.quantile(0.975)]
    assert told == pytest.approx([1.1582, 1.1541, 0.9046, 1.3971], abs=0.006)


def test_a_site_without_a_contact_in_one_arm_counts_for_what_it_says() -> None:
    """Nought among the treated of a small site pulls the average down; no interval of it could have been had."""
    counts = np.array([0, 2, 1, 0, 0, 3, 0, 1], dtype=float)
    treated = np.array([1, 0, 0, 0, 1, 0, 0, 0], dtype=float)
    empty = profile(counts, np.ones(8), treated[:, None], np.repeat([0, 1], 4))
    assert empty is not None and empty.top()[0] == POINTS[0]
    others = [Profile.normal(-0.1, 0.1), Profile.normal(0.05, 0.12)]
    errors = [0.1, 0.12]
    alone, with_it = spread(others, errors), spread([*others, empty], [*errors, float("nan")])
    assert with_it.mean.mean < alone.mean.mean
    assert (
        common([*others, empty], [*errors, float("nan")], [50] * 3).estimate < common(others, errors, [50] * 2).estimate
    )


@pytest.mark.parametrize(("between", "effect"), [(0.0, 0.0), (0.1, -0.16)])
def test_intervals_hold_the_truth_as_often_as_they_say(between: float, effect: float) -> None:
    """Ten sites, 24 worlds: the average, the sites and one more site each between 90 and 100 % for a nominal 95."""
    rng = np.random.default_rng(7)
    held = np.zeros((24, 3))
    gain = np.zeros((24, 2))
    for world in range(24):
        truth = effect + between * rng.standard_normal(11)
        errors = rng.uniform(0.12, 0.35, 10)
        seen = truth[:10] + errors * rng.standard_normal(10)
        found = spread([Profile.normal(*one) for one in zip(seen, errors, strict=True)], list(errors))
        held[world, 0] = found.mean.quantile(0.025) <= effect <= found.mean.quantile(0.975)
        held[world, 1] = found.next.quantile(0.025) <= truth[10] <= found.next.quantile(0.975)
        inside = [
            one.quantile(0.025) <= theta <= one.quantile(0.975) for one, theta in zip(found.sites, truth, strict=False)
        ]
        held[world, 2] = np.mean(inside)
        gain[world] = (
            ((seen - truth[:10]) ** 2).sum(),
            sum((one.mean - t) ** 2 for one, t in zip(found.sites, truth, strict=False)),
        )
    assert (held.mean(axis=0) >= 0.90).all(), held.mean(axis=0)
    assert np.sqrt(gain[:, 1].sum() / gain[:, 0].sum()) < 0.75, "a site's own answer is a quarter nearer the truth"


def test_leaving_a_site_out_is_fitting_without_it() -> None:
    sites = [(-0.3, 0.1), (0.2, 0.15), (-0.1, 0.2), (0.0, 0.1)]
    curves, errors = [Profile.normal(*one) for one in sites], [error for _, error in sites]
    assert spread(curves, errors).without[0].quantile(0.5) == pytest.approx(
        spread(curves[1:], errors[1:]).mean.quantile(0.5), abs=1e-6
    )


def test_small_sites_that_find_more_are_noticed() -> None:
    errors = np.linspace(0.05, 0.5, 14)
    noise = 0.3 * errors * np.array([1, -1] * 7)
    assert small_study(-0.1 - 2 * errors + noise, errors)[1] < 0.01  # type: ignore[index]
    assert small_study(-0.1 + noise, errors)[1] > 0.1  # type: ignore[index]
    assert small_study(-0.1 + noise[:9], errors[:9]) is None


def test_a_belief_keeps_its_mean_on_the_grid_that_money_is_made_on() -> None:
    """float64[grid] of a density on other cells: the same mean to a thousandth, the same chance of a fall, and all of
    it."""
    cells = np.arange(-120, 121) * 0.0175
    mass = np.exp(-0.5 * ((cells + 0.17) / 0.08) ** 2)
    found = on_grid(cells, mass)[0]
    assert found.sum() == pytest.approx(1)
    assert float(found @ GRID) == pytest.approx(-0.17, abs=1e-3)
    below = Density(cells, mass / mass.sum()).below(-0.17)
    assert float(found[GRID < -0.17].sum()) == pytest.approx(below, abs=0.03)
    beyond = on_grid(2 * cells, np.where(2 * cells > GRID[-1] + 0.1, 1.0, 0.0))[0]
    assert beyond[-1] == pytest.approx(1), "what lies beyond the grid is at its end"
