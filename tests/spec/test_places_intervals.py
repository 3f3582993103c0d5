"""How wide the interval of a place design is, and from which past its level is taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from headwater.domain.evidence import Panel
from headwater.evidence.checks.place_all import place_checks
from headwater.evidence.places.alike import alike, as_compared
from headwater.evidence.places.case import ready
from headwater.evidence.places.cohorts import recent, staggered
from headwater.evidence.places.evaluation import compared
from headwater.evidence.places.options import options_of
from headwater.stats.placebo import tempered
from headwater.stats.structural import structural
from headwater.stats.synthetic import level_window, synthetic
from places_world import months, protocol, unit_names


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


@pytest.mark.parametrize("wander", [0.0, 0.04])
def test_a_pool_is_taken_from_as_much_of_the_past_as_its_levels_are_worth(wander: float) -> None:
    rng = np.random.default_rng(9)
    paths = np.exp(np.cumsum(rng.normal(0, wander, (60, 60)), axis=1))
    counts = rng.poisson(400 * paths).astype(float)
    names, days = tuple(unit_names(60)), tuple(str(day) for day in months("2018-01", 60))
    plan = protocol(
        "did", start=date(2022, 1, 1), treated=names[:12], history_days=3660, options={"screen_breaks": False}
    )
    panel = Panel("ae_attendance", names, days, counts, np.ones_like(counts))
    case = ready(panel, dict.fromkeys(plan.treated, plan.start), plan, options_of(plan), None)
    narrowed, level = recent(case)
    assert (level, int(narrowed.pre.sum())) == ((12, 12) if wander else (48, 48))
    assert (narrowed.post == case.post).all()


@pytest.mark.parametrize("kind", ["matched-did", "augmented", "structural"])
def test_each_second_opinion_follows_what_the_donors_tell(kind: str) -> None:
    """A target that is like a few of many donors, and falls by a fifth from the start on."""
    rng = np.random.default_rng(10)
    slopes = np.r_[0.01, np.full(10, 0.01), np.full(18, -0.005)][:, None] * np.arange(60)
    paths = np.exp(slopes + rng.normal(0, 0.01, (29, 60)))
    pre = np.arange(60) < 48
    paths[0, 48:] *= 0.8
    indexed = paths / paths[:, pre].mean(axis=1, keepdims=True)
    allowed = np.ones((1, 28), dtype=bool)
    found = synthetic(indexed[:1], indexed[1:], allowed, pre, ~pre, kind, 12)  # type: ignore[arg-type]
    assert indexed[0, 48:].sum() / found.expected[0, 48:].sum() == pytest.approx(0.8, abs=0.02)


def test_a_structural_series_of_a_few_periods_has_no_opinion() -> None:
    rng = np.random.default_rng(11)
    assert np.isnan(structural(rng.normal(1, 0.1, 20), rng.normal(1, 0.1, (20, 2)), np.arange(20) < 8)).all()


@pytest.mark.parametrize(("shift", "passes"), [(0.25, None), (1.2, False)])
def test_a_treated_series_may_shift_as_many_others_do_by_themselves_and_no_more(
    shift: float, passes: bool | None
) -> None:
    """Half of forty series shift by a quarter to a half somewhere; the interval is then from such series."""
    rng = np.random.default_rng(12)
    logs = rng.normal(0, 0.02, (41, 60))
    for unit in range(1, 21):
        logs[unit, rng.integers(8, 28) :] += rng.choice([-1, 1]) * rng.uniform(0.25, 0.5)
    logs[0, 20:] += shift
    counts = np.round(1000 * np.exp(logs))
    names, days = tuple(unit_names(41)), tuple(str(day) for day in months("2018-01", 60))
    plan = protocol("did", start=date(2022, 1, 1), treated=names[:1], history_days=3660)
    panel = Panel("ae_attendance", names, days, counts, np.ones_like(counts))
    done = compared({"ae_attendance": panel}, {names[0]: plan.start}, plan, options_of(plan), None)
    (check,) = place_checks(done.cases, done.fits, plan, "did", ("treated-breaks",))
    assert check.passed is passes
    assert len(done.cases[0].placebos) > len(done.cases[0].donors)
    held = done.fits[0].ratio_interval(0.95)
    assert held is not None and (passes is False or held.holds(1.0))


def merging(seed: int) -> Panel:
    """Ninety bodies; fifteen take in one each in the year after the start (the other's counts end), and nothing else
    happens."""
    rng = np.random.default_rng(seed)
    rate = 300 * rng.lognormal(0, 0.3, (90, 1)) * np.exp(rng.normal(0, 0.04, (90, 48)))
    counts = rng.poisson(rate).astype(float)
    for one in range(15):
        at = 36 + int(rng.integers(1, 7))
        counts[one, at:] += counts[75 + one, at:]
        counts[75 + one, at:] = np.nan
    return Panel(
        "ae_attendance", tuple(unit_names(90)), tuple(map(str, months("2018-01", 48))), counts, np.ones_like(counts)
    )


def test_many_treated_that_merge_as_others_do_are_set_beside_others_that_do() -> None:
    """Thirty drawn by lot before anything happens. Set beside the whole and unbroken alone they would stand 7 % too
    high."""
    logs, sound = [], []
    for seed in range(12):
        panel = merging(seed)
        treated = tuple(sorted(np.random.default_rng([1, seed]).choice(panel.units, 30, replace=False).tolist()))
        starts = dict.fromkeys(treated, date(2021, 1, 1))
        plan = protocol("did", treated=treated, draws=200)
        case = ready(panel, starts, plan, options_of(plan), None)
        logs.append(float(np.log(staggered(case).ratio)))
        sound.append(float(np.log(staggered(replace(case, left=())).ratio)))
    assert abs(np.mean(logs)) < 0.02
    assert np.mean(sound) > 0.04
    fit = compared({"ae_attendance": panel}, starts, plan, options_of(plan), None).fits[0]
    told = as_compared(case, fit)
    assert len(told.donors) == 60 and not told.left
    assert fit.alarms is not None and fit.alarms.tried == 100
    dropped = replace(plan, comparison=replace(plan.comparison, options={"drop_broken": True}))
    kept = alike(ready(panel, starts, dropped, options_of(dropped), None))
    assert len(kept) < 60
