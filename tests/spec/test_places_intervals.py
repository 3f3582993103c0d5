"""How wide the interval of a place design is, and from which past its level is taken."""

from __future__ import annotations

import numpy as np

from headwater.stats.placebo import tempered
from headwater.stats.synthetic import level_window, synthetic


def errors_of(scales: np.ndarray, power: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=len(scales)) * 0.05 * scales**power


def test_a_poor_fit_widens_no_interval_where_poor_fits_foretell_no_errors() -> None:
    scales = np.exp(np.random.default_rng(1).normal(0, 0.7, 200))
    scales[0] = 8.0
    held = tempered(scales, errors_of(scales, 0.0, 2))
    assert held[0] / np.median(held[1:]) < 1.7
    assert scales[0] / np.median(scales[1:]) > 7


def test_where_small_places_err_more_their_interval_stays_wide() -> None:
    scales = np.exp(np.random.default_rng(3).normal(0, 0.7, 200))
    scales[0] = 4.0
    held = tempered(scales, errors_of(scales, 1.0, 4))
    assert held[0] / np.median(held[1:]) > 3


def test_the_error_of_the_treated_itself_moves_nothing() -> None:
    scales = np.exp(np.random.default_rng(5).normal(0, 0.5, 40))
    errors = errors_of(scales, 0.5, 6)
    np.testing.assert_array_equal(tempered(scales, errors), tempered(scales, np.r_[9.0, errors[1:]]))


def test_a_level_that_wanders_is_taken_from_the_last_year_and_one_that_stays_from_all() -> None:
    rng = np.random.default_rng(7)
    wandering = np.cumsum(rng.normal(0, 0.03, (60, 48)), axis=1) + rng.normal(0, 0.02, (60, 48))
    assert level_window(wandering, 12) == 12
    assert level_window(rng.normal(0, 0.05, (60, 48)), 12) == 48
    assert level_window(wandering[:, :20], 12) == 20  # under two years there is nothing to choose between


def test_difference_in_differences_carries_on_the_level_of_the_window() -> None:
    pre, post = np.arange(60) < 48, np.arange(60) >= 48
    rng = np.random.default_rng(8)
    paths = 1 + np.cumsum(rng.normal(0, 0.02, (40, 60)), axis=1)
    allowed = ~np.eye(40, dtype=bool)
    found = synthetic(paths, paths, allowed, pre, post, "did", season=12)
    assert found.level == 12
    others = (paths.sum(axis=0) - paths) / 39
    due = others + (paths - others)[:, 36:48].mean(axis=1, keepdims=True)
    np.testing.assert_allclose(found.expected, due, rtol=1e-12)
    whole = synthetic(paths, paths, allowed, pre, post, "did")
    late = [np.abs((paths - fit.expected)[:, post].mean(axis=1)).mean() for fit in (found, whole)]
    assert late[0] < 0.75 * late[1]
