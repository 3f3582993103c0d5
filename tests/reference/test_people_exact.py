"""Exact ratios and tests of sameness against closed forms, and the weights of those who were enrolled later against a
plain loop."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import beta, gamma

from headwater.domain.evidence import Check
from headwater.evidence.grade import graded
from headwater.evidence.people import few
from headwater.evidence.people.censoring import _cut, _Later
from headwater.stats.equivalence import sameness
from headwater.stats.exact import SetTotals, exact_ratio, set_totals


def _pairs(ours: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, ...]:
    n = len(ours)
    treated = np.repeat([True, False], n)
    return np.concatenate([ours, theirs]).astype(float), np.ones(2 * n), treated, np.tile(np.arange(n), 2)


def test_no_contact_among_the_enrolled_is_a_ratio_of_nought_with_an_upper_end() -> None:
    theirs = np.tile([1, 2, 3, 2], 45)
    found = exact_ratio(set_totals(*_pairs(np.zeros(180), theirs)))
    assert found is not None
    # (1/(1 + θ))^n = 0.025 for n contacts of the compared, near 3.69 over what was expected
    assert (found.low, found.mid) == (0, 0)
    assert found.high == pytest.approx(0.025 ** (-1 / 360) - 1, rel=1e-6)
    assert found.high == pytest.approx(3.69 / 360, rel=0.01)


def test_the_exact_interval_is_that_of_clopper_and_pearson() -> None:
    ours, theirs = np.zeros(12), np.ones(12)
    ours[:4] = 1
    found = exact_ratio(set_totals(*_pairs(ours, theirs)))
    assert found is not None
    low, high = beta.ppf(0.025, 4, 13), beta.ppf(0.975, 5, 12)
    assert found.low == pytest.approx(low / (1 - low), rel=1e-5)
    assert found.high == pytest.approx(high / (1 - high), rel=1e-5)
    assert found.mid == pytest.approx(4 / 12, rel=1e-6)


def test_contacts_of_the_enrolled_alone_have_a_lower_end_and_none_at_all_say_nothing() -> None:
    found = exact_ratio(set_totals(*_pairs(np.ones(9), np.zeros(9))))
    assert found is not None
    assert found.low == pytest.approx(1 / (0.025 ** (-1 / 9) - 1), rel=1e-5)
    assert found.high == pytest.approx(1e4)
    assert exact_ratio(set_totals(*_pairs(np.zeros(9), np.zeros(9)))) is None


@pytest.mark.parametrize(("ours", "theirs"), [(15, 35), (9, 20), (6, 20), (3, 9), (30, 12), (4, 0)])
def test_what_is_averted_of_few_is_as_unsure_as_its_ratio(
    monkeypatch: pytest.MonkeyPatch, ours: int, theirs: int
) -> None:
    """Pairs of equal time, so that what was to be expected is what the compared had."""
    counts = np.zeros(40), np.zeros(40)
    for arm, n in zip(counts, (ours, theirs), strict=True):
        arm[:n] = 1
    totals = replace(set_totals(*_pairs(*counts)), dispersion=1.0)
    ratio = exact_ratio(totals)
    assert ratio is not None
    drawn = np.quantile(few.drawn_ratios(ratio, 20_000, np.random.default_rng(7)), (0.025, 0.5, 0.975))
    assert drawn == pytest.approx([ratio.low, ratio.mid, ratio.high], rel=0.15)
    low, mid, high = np.quantile(_averted(monkeypatch, totals), (0.025, 0.5, 0.975))
    if theirs:
        assert mid == pytest.approx(ours * (1 / ratio.mid - 1), abs=0.8)
    assert bool(low < 0 < high) is ratio.holds(1.0), "what may be none by the ratio may be none in contacts"
    # Of all that happened, what was to be expected under each end of the ratio, and as much more as their number is
    # unsure.
    ends = [(ours + theirs) * (1 - end) / (1 + end) for end in (ratio.high, ratio.low)]
    assert low < ends[0] + 0.5
    assert high > ends[1] - 0.5
    assert high - low < 1.35 * (ends[1] - ends[0]) or not theirs


def test_where_nothing_was_seen_no_more_is_averted_than_was_to_be_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = np.zeros(60)
    theirs[:36] = 1
    drawn = _averted(monkeypatch, replace(set_totals(*_pairs(np.zeros(60), theirs)), dispersion=1.0))
    assert np.isfinite(drawn).all()
    low, mid, high = np.quantile(drawn, (0.025, 0.5, 0.975))
    assert 31 < mid < 36
    assert low == pytest.approx(gamma.ppf(0.025, 36.5), abs=3)
    assert high < gamma.ppf(0.975, 36.5)


def _averted(monkeypatch: pytest.MonkeyPatch, totals: SetTotals) -> np.ndarray:
    """Draws over a year of twelve months of so many sets."""
    n = len(totals.events)
    monthly = SimpleNamespace(
        of=lambda rows: (None, np.full(12, 30 * len(rows))), fallen=lambda *given: np.full(12, totals.ours.sum() / 12)
    )
    design = SimpleNamespace(
        units=SimpleNamespace(treated=np.arange(2 * n) < n),
        monthly=monthly,
        kinds=("ae",),
        expected=np.zeros((2 * n, 1)),
        pace=np.ones((1, 4)),
    )
    case = SimpleNamespace(
        design=design,
        sets=SimpleNamespace(row=np.arange(2 * n)),
        exact={"ae": exact_ratio(totals)},
        protocol=SimpleNamespace(draws=20_000),
    )
    monkeypatch.setattr(few, "_totals", lambda *asked: totals)
    found = few.averted_of_few(case, "ae", np.random.default_rng(5))  # type: ignore[arg-type]
    assert found.shape == (20_000, 12)
    return found.sum(axis=1)


def test_sameness_is_shown_refuted_or_neither_and_tells_its_power() -> None:
    assert sameness(0.02, 0.05, 1.25).passed is True
    assert sameness(0.5, 0.1, 1.25).passed is False
    assert sameness(0.02, 0.3, 1.25).passed is None
    assert sameness(0.3, 0.2, 1.25).passed is None
    drawn = np.random.default_rng(1).normal(0, 0.08, 20_000)
    shown = np.mean([sameness(at, 0.08, 1.25).passed is True for at in drawn])
    assert sameness(0.0, 0.08, 1.25).power == pytest.approx(shown, abs=0.01)


def test_each_moment_passed_carries_the_days_from_its_own_day_on() -> None:
    """One person with candidates on days 0, 50 and 200, followed to day 300, against a weight reckoned day by day."""
    index, end = np.array([0, 50, 200]), np.array([300, 300, 300])
    growth = -np.log1p(-np.array([0.1, 0.3, 0.4]))
    later = _Later(np.arange(3), np.array([1, 2, 3]), np.array([3, 3, 3]))
    unit, start, stop, weight, final = _cut(later, growth, index, end, 91)
    daily = np.ones(301)
    daily[50:] /= 0.7
    daily[200:] /= 0.6
    ours = unit == 0
    assert final == pytest.approx([1 / 0.7 / 0.6, 1 / 0.6, 1])
    covered = np.concatenate([np.arange(a, b) for a, b in zip(start[ours], stop[ours], strict=True)])
    assert covered.tolist() == list(range(1, 300))
    for a, b, w in zip(start[ours], stop[ours], weight[ours], strict=True):
        assert daily[a:b] == pytest.approx(w)
        assert (a - 1) // 91 == (b - 2) // 91
    assert not (unit == 2).any()


def test_an_untold_check_and_a_dropped_cohort_take_the_grade_down() -> None:
    passed, untold, failed = (Check("one", word, "", essential=True) for word in (True, None, False))
    level = {
        name: graded("matched", checks, told=True).level
        for name, checks in {
            "passed": [passed],
            "untold": [passed, untold],
            "none passed": [untold],
            "failed": [passed, failed],
        }.items()
    }
    assert level == {"passed": 4, "untold": 3, "none passed": 2, "failed": 2}
    assert graded("matched", [passed], told=True, kept=0.5).level == 3
    assert graded("matched", [passed], told=True, kept=0.2).level == 2
