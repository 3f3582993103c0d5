"""The choice of visits: never below 1 − 1/e of the best there is, its bound never below that best, no budget
overspent."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.stats.greedy import best_visits

ENOUGH = 1 - 1 / np.e


def brute(harm: np.ndarray, chance: np.ndarray, days: np.ndarray, budget: np.ndarray) -> float:
    """The best over every set of visits within the budgets."""
    best = 0.0
    for chosen in product((0, 1), repeat=chance.size):
        picked = np.array(chosen).reshape(chance.shape)
        if ((picked * days).sum(axis=0) <= budget + 1e-9).all():
            best = max(best, float((harm * (1 - (1 - picked * chance).prod(axis=1))).sum()))
    return best


@st.composite
def tasks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    places, senders = draw(st.sampled_from([(1, 3), (2, 2), (3, 2), (2, 4), (4, 2), (9, 1), (3, 3)]))
    numbers = lambda low, high, shape: np.array(  # noqa: E731
        draw(st.lists(st.floats(low, high), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    ).reshape(shape)
    return (
        numbers(0, 1000, (places,)),
        numbers(0, 1, (places, senders)),
        numbers(0.5, 4, (places, senders)),
        numbers(0.5, 9, (senders,)),
    )


@given(tasks())
@settings(max_examples=150, deadline=None)
def test_within_a_known_share_of_the_best(task: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]) -> None:
    _harm, _chance, days, budget = task
    found, best = best_visits(*task), brute(*task)
    assert found.value >= ENOUGH * best - 1e-6
    assert found.bound >= best - 1e-6
    spent = np.zeros(len(budget))
    for place, sender in found.visits:
        spent[sender] += days[place, sender]
    assert (spent <= budget + 1e-6).all()


def test_one_dear_visit_beats_many_cheap_ones_that_leave_no_day_for_it() -> None:
    """Density alone takes the penny; the guard of the best single visit does not."""
    found = best_visits(np.array([1.0, 100.0]), np.array([[1.0], [1.0]]), np.array([[0.001], [10.0]]), np.array([10.0]))
    assert found.value == 100


def test_a_visit_that_needs_the_whole_budget_fits_however_its_days_round() -> None:
    found = best_visits(np.array([1.0]), np.array([[1.0]]), np.array([[0.1 + 0.2]]), np.array([0.3]))
    assert found.value == 1


def test_a_large_task_comes_with_its_own_assurance() -> None:
    rng = np.random.default_rng(2)
    harm = rng.pareto(1.5, 300) * 100
    found = best_visits(harm, rng.uniform(0.1, 0.6, (300, 8)), rng.uniform(1, 4, (300, 8)), np.full(8, 40.0))
    assert ENOUGH < found.assured <= 1
    assert len(np.unique(found.visits, axis=0)) == len(found.visits)


def test_nothing_to_choose_from() -> None:
    found = best_visits(np.array([5.0]), np.array([[0.5]]), np.array([[3.0]]), np.array([1.0]))
    assert (len(found.visits), found.value, found.assured) == (0, 0, 1)
