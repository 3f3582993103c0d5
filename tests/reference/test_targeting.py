"""What choosing by a prediction gains: by hand, by drawing anew, and where nothing differs."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from headwater.evidence.people.matching import Matched
from headwater.evidence.people.whom import whom_next
from headwater.stats.targeting import held_out_gain


def test_the_gain_is_the_mean_of_the_chosen_less_that_of_all() -> None:
    found = held_out_gain(np.array([1.0, 4.0, 2.0, 3.0, 0.0, -1.0]), np.array([1.0, 5.0, 0.0, 3.0, 2.0, 1.0]), 1 / 3)
    assert (found.chosen, found.gain) == (2, pytest.approx(4.0 - 2.0))


def test_its_error_is_the_scatter_over_worlds_and_nothing_is_found_where_nothing_differs() -> None:
    rng = np.random.default_rng(2)
    made = [held_out_gain(rng.normal(size=300), rng.normal(size=300), 1 / 3) for _ in range(600)]
    gains, errors = np.array([one.gain for one in made]), np.array([one.error for one in made])
    assert gains.std() == pytest.approx(errors.mean(), rel=0.1)
    assert 0.02 < (np.abs(gains) > 1.96 * errors).mean() < 0.08


def test_a_difference_that_the_prediction_knows_is_found() -> None:
    rng = np.random.default_rng(3)
    predicted = rng.normal(size=2_000)
    found = held_out_gain(predicted, predicted + rng.normal(size=2_000), 1 / 3)
    # The mean of the upper third of a standard normal is 1.09.
    assert found.gain == pytest.approx(1.09, abs=0.1)
    assert found.gain > 10 * found.error


def case_of(averts: bool, people: int = 600) -> SimpleNamespace:
    """Sets of one enrolled and three compared, alike in what is expected of them. averts: half of what comes to those
    of whom more than the middle is expected, and nothing of the others'."""
    rng = np.random.default_rng(7)
    leader = np.arange(people)
    row = np.arange(4 * people)
    member = np.tile(leader, 4)
    expected = np.log(3.0) + 0.8 * rng.normal(size=people)[member]
    treated = row < people
    ratio = np.where(treated & averts & (expected > np.log(3.0)), 0.5, 1.0)
    counts = rng.poisson(np.exp(expected) * ratio).astype(float)
    units = SimpleNamespace(treated=treated, person=row)
    design = SimpleNamespace(
        kinds=("ae",),
        units=units,
        after=counts[:, None, None],
        time=lambda kind, quarters: np.ones(4 * people),
        expected=expected[:, None],
    )
    sets = Matched(row, member, np.ones(4 * people), expected, np.array([], dtype=np.int64))
    return SimpleNamespace(design=design, sets=sets, protocol=SimpleNamespace(seed=1))


def test_whom_to_enrol_next_is_told_where_it_differs_and_not_where_it_does_not() -> None:
    assert "among the third for whom most was expected to be averted" in whom_next(case_of(averts=True), "ae")  # type: ignore[arg-type]
    assert "no difference can be told on people" in whom_next(case_of(averts=False), "ae")  # type: ignore[arg-type]
    assert "fewer than 100 people" in whom_next(case_of(averts=True, people=60), "ae")  # type: ignore[arg-type]
