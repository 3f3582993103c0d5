"""Ten sites of the package EvidenceSynthesis, told together from their curves, as the package tells them (OHDSI,
version 1.0.0, Apache 2.0).

Its tests hold ten simulated sites (tests/testthat/resources/populations.rds) and what it finds of all their rows: a Cox
model stratified by site and score, fitted as one, and its Bayesian model of sites that differ. A Cox likelihood needs
of each event only who had it and how many of either arm were still at risk in its stratum; these are retyped here. Five
sites have events in one arm alone.
"""

from __future__ import annotations

import numpy as np
import pytest

from headwater.stats.pooling import Belief, Spread, common, spread
from headwater.stats.profiles import Profile, added, profile

EVENTS = (
    ((1, 43, 137), (1, 15, 40)),
    ((0, 65, 176), (1, 17, 35), (0, 32, 86)),
    ((0, 51, 184), (0, 65, 170), (1, 18, 55), (1, 64, 148)),
    ((1, 17, 34), (1, 30, 112)),
    ((1, 40, 106),),
    ((1, 13, 33), (0, 43, 113), (0, 57, 182), (0, 36, 134), (0, 45, 159)),
    ((0, 28, 88), (0, 31, 101), (0, 70, 233)),
    ((1, 37, 115), (1, 17, 61), (0, 57, 140), (1, 83, 213), (1, 72, 199)),
    ((1, 45, 141), (0, 13, 43)),
    ((0, 7, 22),),
)
"""Site by site, event by event: whether the one who had it was exposed, and the exposed and the others at risk."""


def curve(events: tuple[tuple[int, int, int], ...]) -> Profile:
    """Each event is a set of two rows whose exposures are the numbers at risk: the conditional likelihood is Cox's."""
    counts = np.array([[exposed, 1 - exposed] for exposed, _, _ in events], dtype=np.float64).ravel()
    at_risk = np.array([[exposed, others] for _, exposed, others in events], dtype=np.float64).ravel()
    arms, sets = np.tile([1.0, 0.0], len(events)), np.repeat(np.arange(len(events)), 2)
    made = profile(counts, at_risk, arms[:, None], sets)
    assert made is not None
    return made


@pytest.fixture(scope="module")
def curves() -> list[Profile]:
    return [curve(events) for events in EVENTS]


@pytest.fixture(scope="module")
def differing(curves: list[Profile]) -> Spread:
    """With the package's own beliefs: μ ~ N(0, 2²), τ half-normal of a half, normal between sites."""
    belief = Belief(width=2, between=0.5, degrees=float("inf"), half_cauchy=False)
    return spread(curves, [float("nan")] * len(curves), belief)


def test_one_ratio_for_all_sites_is_the_fit_on_all_their_rows(curves: list[Profile]) -> None:
    """pooledFixedFxEstimate.rds: log ratio 1.069748, 95 % 1.374313 to 6.181116 as ratios (the profile's own ends)."""
    both = added(curves)
    top, information = both.top()
    assert top == pytest.approx(1.069748, abs=1e-6)
    assert information**-0.5 == pytest.approx(0.383564, rel=0.02)
    # Where the curve has fallen by half of 3.841 is the likelihood's interval, which the package prints.
    ends = np.log([1.374313, 6.181116])
    assert both.on(ends) - both.on(np.array([top])) == pytest.approx(np.full(2, -1.9207), abs=2e-3)


def test_sites_that_differ_are_told_as_the_package_tells_them(differing: Spread) -> None:
    """pooledRandomFxEstimate.rds, a chain: mean 1.0502, 95 % 0.1975 to 1.9073, τ 0.4252 with 95 % of it below 1.0461.

    A sum over 400 × 600 × 80 points, made apart from both, gives mean 1.037, 0.176 to 1.873 and τ 0.399, 95 % below
    1.047.
    """
    found = differing.mean
    assert [found.mean, found.quantile(0.025), found.quantile(0.975)] == pytest.approx(
        [1.0502, 0.1975, 1.9073], abs=0.03
    )
    assert differing.tau() == pytest.approx(0.4252, abs=0.04)
    assert differing.tau(0.95) == pytest.approx(1.0461, abs=0.03)


def test_a_site_with_events_in_one_arm_alone_is_told_given_the_others(curves: list[Profile], differing: Spread) -> None:
    one_sided = [at for at, events in enumerate(EVENTS) if len({exposed for exposed, _, _ in events}) == 1]
    assert len(one_sided) == 5
    for at in one_sided:
        assert abs(curves[at].top()[0]) == 2.5, "alone it has no estimate"
        assert 0.0 < np.exp(differing.sites[at].mean) < 20
    with pytest.raises(ValueError, match="no site has an error"):
        common([curves[at] for at in one_sided], [float("nan")] * len(one_sided), [1] * len(one_sided))
