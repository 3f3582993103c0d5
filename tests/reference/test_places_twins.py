"""Slow, obvious twins of the kernels of the place designs, and other people's software on the same numbers."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from headwater.stats.breaks import level_shifts
from headwater.stats.imputation import NEVER, imputed
from headwater.stats.simplex import simplex_weights
from headwater.stats.stepped import drawn_order, log_ratios, stepped
from headwater.stats.synthetic import synthetic
from places_world import panel_counts


def test_simplex_weights_are_those_of_a_general_solver() -> None:
    rng = np.random.default_rng(4)
    X, Z = rng.normal(1, 0.2, (7, 12)), rng.normal(1, 0.2, (3, 12))
    for ridge in (0.0, 0.5):
        ours = simplex_weights(X @ X.T, Z @ X.T, np.ones((3, 7), dtype=bool), ridge)
        for z, w in zip(Z, ours, strict=True):
            theirs = minimize(
                lambda v, z=z, ridge=ridge: 0.5 * np.sum((z - v @ X) ** 2) + 0.5 * ridge * v @ v,
                np.full(7, 1 / 7),
                method="SLSQP",
                bounds=[(0, 1)] * 7,
                constraints={"type": "eq", "fun": lambda v: v.sum() - 1},
                options={"ftol": 1e-14, "maxiter": 1000},
            )
            assert w == pytest.approx(theirs.x, abs=2e-5)


@pytest.mark.parametrize("ridge", [0.0, 3.0])
def test_the_way_to_the_weights_does_not_matter(ridge: float) -> None:
    """Begun from one donor, from all, or from the weights of another problem: the same minimum."""
    y = panel_counts(30, 24, 9)
    y /= y.mean(axis=1, keepdims=True)
    allowed = ~np.eye(30, dtype=bool)
    plain = simplex_weights(y @ y.T, y @ y.T, allowed, ridge)
    near = simplex_weights(y[:, :20] @ y[:, :20].T, y[:, :20] @ y[:, :20].T, allowed, ridge)
    assert simplex_weights(y @ y.T, y @ y.T, allowed, ridge, near) == pytest.approx(plain, abs=1e-7)
    assert (plain[~allowed] == 0).all()


def test_how_many_cores_share_the_placebos_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    y = panel_counts(80, 40, 3)
    y /= y.mean(axis=1, keepdims=True)
    allowed = ~np.eye(80, dtype=bool)
    for ridge in (0.0, 2.0):
        found = []
        for cores in (1, 2, 5):
            monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
            found.append(simplex_weights(y @ y.T, y @ y.T, allowed, ridge).tobytes())
        assert len(set(found)) == 1


def test_shared_products_give_each_target_the_month_weights_of_its_own_donors() -> None:
    rates = panel_counts(20, 30, 11) / 100
    pre, post = np.arange(30) < 24, np.arange(30) >= 24
    allowed = ~np.eye(20, dtype=bool)
    whole = synthetic(rates, rates, allowed, pre, post, "synthetic-did")
    for k in (0, 7, 19):
        others = np.delete(rates, k, axis=0)
        before = others[:, :24] - others[:, :24].mean(axis=0)
        after = others[:, 24:].mean(axis=1) - others[:, 24:].mean()
        theirs = minimize(
            lambda v, X=before, a=after: float(np.sum((v @ X.T - a) ** 2)),
            np.full(24, 1 / 24),
            method="SLSQP",
            bounds=[(0, 1)] * 24,
            constraints={"type": "eq", "fun": lambda v: v.sum() - 1},
            options={"ftol": 1e-16, "maxiter": 2000},
        ).x
        plain = np.delete(whole.weights[k], k) @ others
        assert whole.expected[k] == pytest.approx(plain + theirs @ (rates[k] - plain)[:24], abs=1e-4)


def slow_shifts(row: np.ndarray, limit: float, window: int, shortest: int) -> dict[int, float]:
    """Every candidate, by medians as anybody would write them."""
    found = {}
    for k in range(shortest, len(row) - shortest + 1):
        before, after = row[max(0, k - window) : k], row[k : k + window]
        shift = float(np.median(after) - np.median(before))
        spread = np.median(np.abs(np.concatenate([before - np.median(before), after - np.median(after)])))
        error = 1.2533 * 1.4826 * spread * np.sqrt(1 / len(before) + 1 / len(after))
        if abs(shift) > limit and abs(shift) > 4 * error:
            found[k] = shift
    return found


def test_breaks_stand_at_the_largest_of_the_slow_candidates() -> None:
    rng = np.random.default_rng(2)
    logs = rng.normal(0, 0.05, (40, 80))
    logs[:10, 40:] += 0.5
    found = level_shifts(logs, 0.2)
    for unit in range(40):
        slow = slow_shifts(logs[unit], 0.2, 12, 4)
        ours = [b for b in found if b.unit == unit]
        assert bool(ours) == bool(slow)
        assert all(b.shift == pytest.approx(slow[b.at]) for b in ours)
    assert [u for u in range(10) if any(b.unit == u and abs(b.at - 40) <= 2 for b in found)] == list(range(10))
    assert not [b for b in found if b.unit >= 10]


def test_a_break_stands_in_its_own_month_and_only_there() -> None:
    """Half of a series is gone from month 50 on: medians of twelve months move alike for half a year about it."""
    rng = np.random.default_rng(5)
    logs = rng.normal(0, 0.12, (300, 84))
    logs[:, 50:] += np.log(0.55)
    found = [b for b in level_shifts(logs, 0.2) if b.shift < -0.3]
    assert len(found) == 300
    assert np.mean([b.at == 50 for b in found]) > 0.95
    assert max(abs(b.at - 50) for b in found) <= 2
    assert np.mean([b.shift for b in found]) == pytest.approx(np.log(0.55), abs=0.02)


def test_small_counts_do_not_break_by_chance() -> None:
    """Counts of about two a month lie still and jump; knowing how few they are keeps nearly all of them whole."""
    counts = np.random.default_rng(7).poisson(2.0, (200, 30)).astype(float)
    logs = np.log(np.maximum(counts, 0.5) / 2.0)
    chance = 1 / np.sqrt(counts.mean(axis=1))
    with_chance, without = (len({b.unit for b in level_shifts(logs, 0.2, chance=c)}) for c in (chance, None))
    assert with_chance <= 4
    assert without > 4 * max(1, with_chance)


def test_one_cohort_imputed_is_the_poisson_regression_of_pyfixest() -> None:
    fepois = pytest.importorskip("pyfixest").fepois
    counts = panel_counts(24, 20, 5, start=12, ratio=0.8, treated=6)
    starts = np.where(np.arange(24) < 6, 12, NEVER).astype(np.int64)
    found = imputed(counts, np.ones_like(counts), starts, np.arange(24), 50, 1)
    ratio = np.nansum(found.observed) / np.nansum(found.expected)
    unit, period = np.divmod(np.arange(counts.size), 20)
    frame = pd.DataFrame({"y": counts.ravel(), "unit": unit, "period": period, "d": (unit < 6) & (period >= 12)})
    frame["d"] = frame["d"].astype(float)
    assert np.log(ratio) == pytest.approx(float(fepois("y ~ d | unit + period", frame).coef()["d"]), abs=1e-6)


def test_staggered_cohorts_imputed_are_a_poisson_model_of_the_untreated_cells() -> None:
    sm = pytest.importorskip("statsmodels.api")
    counts = panel_counts(12, 14, 6, mean=60)
    starts = np.array([8] * 3 + [11] * 3 + [NEVER] * 6, dtype=np.int64)
    unit, period = np.divmod(np.arange(counts.size), 14)
    X = np.column_stack([unit[:, None] == np.arange(12), period[:, None] == np.arange(1, 14)]).astype(float)
    untreated = period < starts[unit]
    fit = sm.GLM(counts.ravel()[untreated], X[untreated], family=sm.families.Poisson()).fit(tol=1e-12)
    expected = (fit.predict(X) * ~untreated).reshape(counts.shape).sum(axis=0)
    found = imputed(counts, np.ones_like(counts), starts, np.arange(12), 10, 1)
    assert np.nan_to_num(found.expected) == pytest.approx(expected, rel=1e-6)


def test_a_stepped_wedge_is_the_poisson_regression_of_all_its_cells() -> None:
    sm = pytest.importorskip("statsmodels.api")
    counts = panel_counts(10, 12, 8, mean=40)
    starts = 2 + 2 * drawn_order(10, 5, 3)
    unit, period = np.divmod(np.arange(counts.size), 12)
    d = (period >= starts[unit]).astype(float)
    X = np.column_stack([unit[:, None] == np.arange(10), period[:, None] == np.arange(1, 12), d]).astype(float)
    fit = sm.GLM(counts.ravel(), X, family=sm.families.Poisson()).fit(tol=1e-12)
    assert log_ratios(counts, np.ones_like(counts), starts[None])[0] == pytest.approx(fit.params[-1], abs=1e-6)


def test_a_stepped_wedge_whose_programme_ends_is_the_regression_of_the_cells_before_and_within() -> None:
    sm = pytest.importorskip("statsmodels.api")
    counts = panel_counts(12, 15, 8, mean=40)
    starts = 2 + 2 * drawn_order(12, 6, 3)
    unit, period = np.divmod(np.arange(counts.size), 15)
    off = np.arange(15) >= starts[:, None] + 3
    kept = ~off.ravel()
    d = (period >= starts[unit]).astype(float)
    X = np.column_stack([unit[:, None] == np.arange(12), period[:, None] == np.arange(1, 15), d]).astype(float)
    fit = sm.GLM(counts.ravel()[kept], X[kept], family=sm.families.Poisson()).fit(tol=1e-12)
    counts[off] = 9e5  # whatever comes after the end is not looked at
    found = stepped(counts, np.ones_like(counts), (starts, off), 200, 1)
    assert found.log_ratio == pytest.approx(fit.params[-1], abs=1e-6)
    assert 0.01 < found.draws.std() < 0.3
