"""What is booked, against what was truly averted, in made-up portfolios most of whose programmes do next to nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headwater.savings.prior import stated_prior
from headwater.stats.shrinkage import GRID, averted_share, learnt, posterior

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def study() -> Any:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import booking

    return booking


def test_booked_is_what_was_averted_and_the_old_rule_books_more(study: Any) -> None:
    rng = np.random.default_rng(1)
    worlds = [study.portfolio(300, rng) for _ in range(12)]
    rows = [study.booked(world) for world in worlds]
    mean = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    assert 0.9 < mean["new"] < 1.1 and 0.9 < mean["total_new"] < 1.1
    assert mean["new"] < mean["old"]
    assert mean["false_new"] < 0.05
    assert 0.9 < study.slope(worlds, rng) < 1.1


def test_workspaces_of_five_book_what_effects_as_published_avert(study: Any) -> None:
    """The stated prior alone, against effects it was not fitted to: falls of a half and rises of a third among them."""
    rng, drawn = np.random.default_rng(3), study.published()
    assert drawn[GRID > 0].sum() > 0.05 and drawn[GRID < -0.3].sum() > 0.2
    each = [study.sums(study.portfolio(5, rng, drawn)) for _ in range(200)]
    pooled = study.shares({name: float(np.sum([one[name] for one in each])) for name in each[0]})
    assert 0.9 < pooled["new"] < 1.1 and 0.9 < pooled["total_new"] < 1.1 and 0.8 < pooled["harm_new"] < 1.2
    assert pooled["new"] < pooled["old"] and pooled["false_new"] < 0.05


def test_one_lucky_small_programme_books_less_than_it_saw_and_a_sure_one_all_of_it() -> None:
    few, sure = np.array([0.14]), np.array([0.01])
    estimate = np.array([-0.30])
    raw = float(np.exp(0.30) - 1)
    lucky, certain = (
        float(averted_share(posterior(estimate, error, learnt(estimate, error, stated_prior())))[0])
        for error in (few, sure)
    )
    assert 0.2 * raw < lucky < 0.75 * raw
    assert certain == pytest.approx(raw, rel=0.05)


def test_many_programmes_outvote_the_stated_prior() -> None:
    rng = np.random.default_rng(2)
    error = np.full(400, 0.05)
    estimates = rng.normal(-0.4, 0.05, 400) + error * rng.normal(size=400)
    weights = learnt(estimates, error, stated_prior())
    assert float(weights @ GRID) == pytest.approx(-0.4, abs=0.04)
    assert weights.sum() == pytest.approx(1)
