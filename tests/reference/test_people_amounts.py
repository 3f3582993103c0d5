"""Bed-days with noughts and tails, and the time to the first: against other software and known truths."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg

from headwater.stats.first_event import risk_rows
from headwater.stats.poisson import rate_model


def test_the_rows_are_those_still_waiting_at_each_first_event_of_their_set() -> None:
    time = np.array([5, 3, 9, 4, 4])
    came = np.array([True, True, False, True, False])
    row, event, group = risk_rows(time, came, np.array([7, 7, 7, 2, 2]))
    told = sorted(zip(group.tolist(), row.tolist(), event.tolist(), strict=True))
    # Set 2 at day 4: both. Set 7 at day 3: all three; at day 5: the first and the one who never had any.
    assert told == [(0, 3, 1.0), (0, 4, 0.0), (1, 0, 0.0), (1, 1, 1.0), (1, 2, 0.0), (2, 0, 1.0), (2, 2, 0.0)]


def test_nothing_that_came_is_no_row() -> None:
    row, _, _ = risk_rows(np.array([5, 3]), np.zeros(2, dtype=bool), np.array([1, 1]))
    assert len(row) == 0


def test_the_hazard_ratio_is_that_of_other_software() -> None:
    rng = np.random.default_rng(4)
    sets = np.repeat(np.arange(150), 4)
    treated = np.tile([1.0, 0.0, 0.0, 0.0], 150)
    need = rng.normal(size=600)
    time = rng.exponential(100 / np.exp(0.5 * need + np.log(0.6) * treated + np.repeat(rng.normal(0, 1, 150), 4)))
    came, time = time < 200, np.minimum(time, 200)
    x = np.column_stack([treated, need])
    row, event, group = risk_rows(time, came, sets)
    model = rate_model(event, np.ones(len(row)), x[row], group, person=row)
    other = PHReg(time, x, status=came.astype(int), strata=sets, ties="breslow").fit()
    assert model is not None
    assert model.beta == pytest.approx(other.params, abs=1e-5)
    assert model.se[0] == pytest.approx(other.bse[0], rel=0.25)


def test_amounts_with_noughts_and_a_long_tail_have_the_ratio_of_their_means() -> None:
    """Two in five have none, the others gamma with a tail; the programme takes a quarter off each amount."""
    gaps, errors = [], []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        sets, treated = np.repeat(np.arange(250), 4), np.tile([1.0, 0.0, 0.0, 0.0], 250)
        amount = rng.gamma(0.7, 8, 1_000) * (rng.random(1_000) < 0.6) * np.where(treated > 0, 0.75, 1)
        model = rate_model(amount, np.ones(1_000), treated[:, None], sets, person=np.arange(1_000))
        assert model is not None
        gaps.append(model.beta[0] - np.log(0.75))
        errors.append(model.se[0])
    assert abs(np.mean(gaps)) < 3 * np.std(gaps) / np.sqrt(30)
    assert np.mean(errors) == pytest.approx(np.std(gaps), rel=0.35)
