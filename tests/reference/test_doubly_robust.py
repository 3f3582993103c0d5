"""The second opinion: right when either model is, its errors as wide as its scatter, and a disagreement is told."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.evidence.checks.people_second_opinion import NAME, second_opinion
from headwater.stats.doubly_robust import Opinion, bent, treated_log_ratio
from headwater.stats.poisson import RateModel


def world(seed: int, *, curved: str = "", n: int = 4_000) -> tuple[np.ndarray, ...]:
    """Need moves enrolment and contacts; what is `curved` depends on its square, which no column shows. The true ratio
    is 0.8."""
    rng = np.random.default_rng(seed)
    need = rng.normal(size=n)
    pull = need**2 - 1 if curved == "enrolment" else need
    push = need**2 - 1 if curved == "contacts" else need
    treated = rng.random(n) < 1 / (1 + np.exp(2 - 0.8 * pull))
    rate = np.exp(0.2 + 0.35 * push) * rng.gamma(2, 0.5, n) * np.where(treated, 0.8, 1)
    years = rng.uniform(0.3, 1, n)
    return (
        rng.poisson(rate * years).astype(float),
        years,
        treated,
        need[:, None],
        np.arange(n),
        np.ones(n),
        np.arange(n) % 5,
    )


def test_the_ratio_is_found_and_its_error_is_its_scatter() -> None:
    found = [treated_log_ratio(*world(seed)) for seed in range(24)]
    gaps = np.array([one.log_ratio - np.log(0.8) for one in found if one])
    errors = np.array([one.error for one in found if one])
    assert len(gaps) == 24
    assert abs(gaps.mean()) < 3 * gaps.std() / np.sqrt(24)
    assert errors.mean() == pytest.approx(gaps.std(), rel=0.35)


@pytest.mark.parametrize("curved", ["enrolment", "contacts"])
def test_one_of_the_two_models_may_be_wrong(curved: str) -> None:
    found = [treated_log_ratio(*world(seed, curved=curved)) for seed in range(25)]
    gaps = np.array([one.log_ratio - np.log(0.8) for one in found if one])
    assert abs(gaps.mean()) < 3 * gaps.std() / np.sqrt(25) + 0.01


def test_a_row_that_counts_half_twice_is_a_row() -> None:
    whole = world(3)
    keep = ~whole[2]
    twice = tuple(np.concatenate([column, column[keep]]) for column in whole)
    share = np.where(twice[2], 1.0, 0.5)
    one, other = treated_log_ratio(*whole), treated_log_ratio(*twice[:5], share, twice[6])
    assert one is not None
    assert other is not None
    assert other.log_ratio == pytest.approx(one.log_ratio, abs=0.01)
    assert other.error == pytest.approx(one.error, rel=0.05)


def test_nothing_to_learn_from_gives_no_opinion() -> None:
    counts, *rest = world(1, n=200)
    assert treated_log_ratio(counts * 0, *rest) is None  # type: ignore[arg-type]


def test_a_yes_or_no_is_not_bent() -> None:
    assert bent(np.array([[0.0], [1.0], [1.0]])).shape == (3, 1)
    assert bent(np.arange(20.0)[:, None]).shape == (20, 3)


@pytest.mark.parametrize(("apart", "passed"), [(0.4, True), (-1.5, None), (2.5, False), (-2.5, False)])
def test_how_far_apart_they_may_lie(monkeypatch: pytest.MonkeyPatch, apart: float, passed: bool | None) -> None:
    from types import SimpleNamespace

    raw = RateModel(np.array([-0.2]), np.array([[0.0064]]), 100, 100)
    monkeypatch.setattr(f"{second_opinion.__module__}.opinion", lambda *_: Opinion(-0.2 + 0.1 * apart, 0.06, 100))
    case = SimpleNamespace(raw={"ae": raw}, kind="ae", design=None, protocol=SimpleNamespace(seed=1))
    found = second_opinion(case)  # type: ignore[arg-type]
    assert (found.name, found.passed) == (NAME, passed)
    assert found.figure == pytest.approx(apart)
