"""Rosenbaum's bounds against a published table, the mean count against its closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata

from headwater.stats.bounds import aligned_ranks, largest_p, tipping_gamma
from headwater.stats.recurrent import mean_count

# Lead in children's blood (µg/dl), 33 pairs of children of exposed workers and of neighbours: Morton et al. 1982,
# American Journal of Epidemiology 115:549; the bounds are table 4.2 of Rosenbaum 2002, Observational Studies (2nd ed.).
EXPOSED = [
    38,
    23,
    41,
    18,
    37,
    36,
    23,
    62,
    31,
    34,
    24,
    14,
    21,
    17,
    16,
    20,
    15,
    10,
    45,
    39,
    22,
    35,
    49,
    48,
    44,
    35,
    43,
    39,
    34,
    13,
    73,
    25,
    27,
]
CONTROL = [
    16,
    18,
    18,
    24,
    19,
    11,
    10,
    15,
    16,
    18,
    18,
    13,
    19,
    10,
    16,
    16,
    24,
    13,
    9,
    14,
    21,
    19,
    7,
    18,
    19,
    12,
    11,
    22,
    25,
    16,
    13,
    11,
    13,
]
TABLE = {2: 0.0018, 3: 0.0136, 4: 0.0388, 4.25: 0.0468, 5: 0.0740}


def lead() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    gap = np.array(EXPOSED, dtype=float) - np.array(CONTROL)
    rank = np.where(gap == 0, 0, rankdata(np.abs(gap)))
    scores = np.concatenate([np.where(gap > 0, rank, 0), np.where(gap < 0, rank, 0)])
    return scores, np.arange(66) < 33, np.tile(np.arange(33), 2)


@pytest.mark.parametrize("gamma", TABLE)
def test_the_bounds_are_those_published_for_lead_in_childrens_blood(gamma: float) -> None:
    assert largest_p(*lead(), gamma) == pytest.approx(TABLE[gamma], abs=6e-5)
    assert largest_p(*lead(), 1.0) < 0.0001


def test_the_tipping_point_is_where_the_bound_crosses() -> None:
    gamma = tipping_gamma(*lead(), alpha=0.05)
    assert largest_p(*lead(), gamma) == pytest.approx(0.05, abs=1e-6)
    assert 4.25 < gamma < 5


def test_no_difference_has_no_tipping_point() -> None:
    scores = aligned_ranks(np.tile([0.0, 1.0], 20), np.repeat(np.arange(20), 2))
    treated = np.tile([True, False], 20)
    assert tipping_gamma(scores, treated, np.repeat(np.arange(20), 2)) == 1


def test_sets_of_several_are_bounded_as_every_hidden_cause_is_at_worst() -> None:
    # The largest mean of one set over all hidden causes u in {0, 1}, by trying them all.
    rng = np.random.default_rng(3)
    scores, gamma = rng.normal(size=4), 2.5
    treated, sets = np.array([True, False, False, False]), np.zeros(4, dtype=np.int64)
    causes = [np.array([(at >> bit) & 1 for bit in range(4)]) for at in range(16)]
    worst = max(float(np.average(scores, weights=gamma**u)) for u in causes)
    best_variance = max(
        float(np.average(scores**2, weights=gamma**u) - worst**2)
        for u in causes
        if np.isclose(np.average(scores, weights=gamma**u), worst)
    )
    from scipy.stats import norm

    expected = norm.sf((scores[0] - worst) / np.sqrt(best_variance))
    assert largest_p(scores, treated, sets, gamma) == pytest.approx(expected)


def test_the_mean_count_has_its_closed_form() -> None:
    rate, hazard, years = 3.0, 0.4, 0.25
    exposure = np.array([100.0, 90, 80, 70])
    found = mean_count(rate * exposure, exposure, hazard * exposure, years)
    assert found == pytest.approx(rate * (1 - np.exp(-hazard * 1.0)) / hazard)
    assert mean_count(rate * exposure, exposure, 0 * exposure, years) == pytest.approx(rate)


def test_a_period_nobody_was_followed_in_adds_nothing() -> None:
    assert mean_count(np.array([4.0, 0]), np.array([2.0, 0]), np.zeros(2), 1.0) == pytest.approx(2.0)
