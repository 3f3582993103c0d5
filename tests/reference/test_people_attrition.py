"""Death and moving: how far what was cut could move a ratio, and when that takes the word away."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from headwater.domain.evidence import Check
from headwater.evidence.checks.people_attrition import attrition, lost
from headwater.stats.poisson import RateModel
from small_worlds import plan


def case(
    n: int, ours: int, theirs: int, *, times: float = 1.0, log_ratio: float = 0.0, error: float = 0.05
) -> SimpleNamespace:
    """n enrolled and three compared each, followed for a year; so many of each group die at its half, with `times` the
    others' rate of four."""
    treated = np.repeat([True, False], [n, 3 * n])
    rows = np.arange(4 * n)
    gone = np.zeros(4 * n, dtype=bool)
    gone[:ours], gone[n : n + theirs] = True, True
    end = np.where(gone, 183, 366)
    years = (end - 1) / 365.25
    units = SimpleNamespace(
        treated=treated, person=rows, index=np.zeros(4 * n, dtype=int), planned=np.full(4 * n, 366), end=end, lost=gone
    )
    counts = np.where(gone, 4 * times, 4) * years
    design = SimpleNamespace(units=units, kinds=("ae",), after=counts[:, None, None], exposure=years[:, None])
    model = RateModel(np.array([log_ratio]), np.array([[error**2]]), 10_000, 10_000)
    return SimpleNamespace(
        design=design,
        sets=SimpleNamespace(row=rows, weight=np.where(treated, 1, 1 / 3)),
        kind="ae",
        protocol=plan(),
        raw={"ae": model},
        people=SimpleNamespace(losses_told=True, why=np.where(gone, "death", "study-end").astype(object)),
    )


def judged(**more: float) -> Check:
    return attrition(case(**more))  # type: ignore[arg-type]


def test_the_shift_is_what_the_lost_would_have_added() -> None:
    found = lost(case(200, 40, 60, times=3.0))  # type: ignore[arg-type]
    half = 183 / 365
    assert found.ours[0] == pytest.approx(0.2 * half)
    assert found.theirs[0] == pytest.approx(0.1 * half)
    assert found.times[0] == pytest.approx(3.0, rel=0.02)
    assert found.shift[0] == pytest.approx(np.log((1 + 2 * 0.2 * half) / (1 + 2 * 0.1 * half)), rel=0.02)
    assert found.shift[1:].std() > 0.01


def test_nobody_lost_passes_and_alike_losses_pass_where_they_are_many() -> None:
    assert judged(n=200, ours=0, theirs=0).passed is True
    assert judged(n=2_000, ours=100, theirs=300, times=3.0).passed is True


def test_deaths_on_one_side_that_would_turn_the_result_fail() -> None:
    # A fall of 15 % that the dead would have made none: those of the enrolled in need are not there to be counted.
    found = judged(n=400, ours=120, theirs=60, times=4.0, log_ratio=-0.16)
    assert found.passed is False
    assert "alive or not" in found.text
    # The same losses beside a fall that they cannot explain could not tell, and take no word away.
    assert judged(n=400, ours=120, theirs=60, times=4.0, log_ratio=-1.0).passed is None


def test_few_deaths_on_one_side_alone_are_not_too_few_to_tell() -> None:
    """Thirty of the compared died and nobody of the enrolled: that was called too few."""
    assert judged(n=60, ours=0, theirs=60, times=4.0, log_ratio=0.13).passed is False


def test_the_lost_who_were_like_the_others_move_nothing() -> None:
    assert judged(n=400, ours=120, theirs=60, times=1.0, log_ratio=-0.16).figure == pytest.approx(1.0, abs=0.01)


def test_where_no_file_says_who_died_nobody_is_not_what_is_known() -> None:
    unsaid = case(200, 0, 0)
    unsaid.people.losses_told = False
    found = attrition(unsaid)  # type: ignore[arg-type]
    assert found.passed is None
    assert "No file says who died or moved away" in found.text
    assert "table observation" in found.text
