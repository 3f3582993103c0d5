"""The method's own error from few and inexact controls: noise is not taken for spread, and exact controls outweigh the
belief."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.stats.calibration import believed_error, systematic_error

BELIEF = 0.05


def controls(seed: int, number: int, spread: float, error: float, mean: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return mean + rng.normal(0, np.hypot(spread, error), number), np.full(number, error)


def test_the_noise_of_inexact_controls_is_not_taken_for_spread() -> None:
    """Twenty controls of error 0.2 with no spread at all: the published way finds 0.08 and more in a good part of
    them."""
    believed = [believed_error(*controls(seed, 20, 0.0, 0.2), BELIEF).sd for seed in range(60)]
    published = [systematic_error(*controls(seed, 20, 0.0, 0.2)).sd for seed in range(60)]
    assert max(believed) < 0.08
    assert np.quantile(published, 0.85) > 0.08


@pytest.mark.parametrize(("spread", "error", "number"), [(0.15, 0.03, 60), (0.02, 0.01, 60)])
def test_exact_controls_outweigh_the_belief(spread: float, error: float, number: int) -> None:
    found = [believed_error(*controls(seed, number, spread, error, 0.1), BELIEF) for seed in range(20)]
    assert np.mean([one.sd for one in found]) == pytest.approx(spread, rel=0.12)
    assert np.mean([one.mean for one in found]) == pytest.approx(0.1, abs=3 * spread / np.sqrt(20 * number))
    assert np.mean([one.mean_se for one in found]) == pytest.approx(np.hypot(spread, error) / np.sqrt(number), rel=0.15)


def test_fewer_than_ten_controls_tell_nothing() -> None:
    one = believed_error(*controls(1, 9, 0.1, 0.1), BELIEF)
    assert (one.mean, one.sd, one.mean_se, one.controls) == (0.0, 0.0, 0.0, 9)


def test_controls_that_share_people_tell_less_of_the_mean() -> None:
    alone, shared = (believed_error(*controls(3, 20, 0.0, 0.1), BELIEF, together).mean_se for together in (0.0, 0.06))
    assert shared**2 - alone**2 == pytest.approx(0.06 * 0.1**2)
