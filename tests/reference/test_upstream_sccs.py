"""The streamed joint series against a dense obvious twin; the decoy, the preventive and the controls in a small world."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from headwater.stats.calibration import calibrated, shrunk, systematic_error
from headwater.stats.sccs import CALENDAR, WINDOWS, Course, joint_sccs


def world(seed: int, people: int = 400, weeks: int = 104, services: int = 4) -> tuple[Course, np.ndarray]:
    """Service 0 averts (0.5 for 13 weeks), service 1 is called before the event, 2 and 3 do nothing; code 4 is the event."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, int, int]] = []
    for person in range(people):
        level = rng.gamma(1.0, 0.06)
        used = rng.random((services, weeks)) < 0.03
        last = -99
        for week in range(weeks):
            if used[0, week]:
                last = week
            averting = 0.5 if 1 <= week - last <= 13 else 1.0
            for _ in range(rng.poisson(level * averting)):
                rows.append((person, week, services))
                if rng.random() < 0.6 and week > 2:
                    rows.append((person, week - int(rng.integers(1, 3)), 1))
        rows += [(person, int(week), service) for service in range(services) for week in np.flatnonzero(used[service])]
    rows.sort()
    person, week, service = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    first = np.searchsorted(person, np.arange(people + 1)).astype(np.int64)
    return Course(
        first, week, service, np.zeros(people, dtype=np.int64), np.full(people, weeks - 1), services + 1
    ), service == services


def test_the_streamed_fit_is_poisson_regression_on_a_dense_table() -> None:
    course, events = world(1, people=60, weeks=52, services=2)
    found = joint_sccs(course, events, ridge=1e-6, iterations=40)
    columns = course.services * len(WINDOWS) + CALENDAR
    x, y, groups = [], [], []
    for person in range(len(course.first) - 1):
        mine = slice(course.first[person], course.first[person + 1])
        dense = np.zeros((52, columns))
        for week, service, event in zip(course.week[mine], course.service[mine], events[mine], strict=True):
            if event:
                continue
            for at, (low, high) in enumerate(WINDOWS):
                dense[max(week + low, 0) : min(week + high, 51) + 1, service * len(WINDOWS) + at] = 1
        weeks = np.arange(52)
        angle = 2 * np.pi * weeks / 52.18
        dense[:, -3], dense[:, -2], dense[:, -1] = np.cos(angle), np.sin(angle), weeks / 52.18
        x.append(dense)
        y.append(np.bincount(course.week[mine][events[mine]], minlength=52))
        groups.append(np.full(52, person))
    table, counts, group = np.vstack(x), np.concatenate(y), np.concatenate(groups)
    used = table.std(axis=0) > 0
    telling = np.bincount(group, counts)[group] > 0
    dummies = (group[telling, None] == np.unique(group[telling])[None, :]).astype(float)
    theirs = sm.GLM(counts[telling], np.hstack([table[telling][:, used], dummies]), family=sm.families.Poisson()).fit(
        tol=1e-12
    )
    ours = np.concatenate([found.beta.ravel(), np.zeros(CALENDAR)])[used]
    exposures = np.arange(columns)[used] < columns - CALENDAR
    assert ours[exposures] == pytest.approx(theirs.params[: used.sum()][exposures], abs=1e-4)


def test_the_preventive_service_is_told_from_the_decoy_and_from_nothing() -> None:
    course, events = world(2, people=1500)
    found = joint_sccs(course, events)
    ratios = np.exp(found.beta)
    assert (ratios[0, 1:4] < 0.75).all()
    assert ratios[1, 1] > 1.5
    errors = np.sqrt(np.einsum("sww->sw", found.covariance))
    for nothing in (2, 3):
        assert (np.abs(found.beta[nothing] / errors[nothing]) < 4).all()
    assert found.observed[1] > found.chance[1]
    assert abs(found.observed[2] - found.chance[2]) < 0.15 * found.chance[2]
    assert found.lead[1].sum() == found.observed[1]


def test_calibration_takes_bias_out_and_widens() -> None:
    rng = np.random.default_rng(1)
    errors = np.full(200, 0.05)
    truth_free = 0.2 + rng.normal(0, 0.1, 200) + rng.normal(0, 0.05, 200)
    known = systematic_error(truth_free, errors)
    assert known.mean == pytest.approx(0.2, abs=0.03)
    assert known.sd == pytest.approx(0.1, abs=0.03)
    moved, wider = calibrated(np.array([0.2]), np.array([0.05]), known)
    assert moved[0] == pytest.approx(0.0, abs=0.03)
    assert wider[0] > 0.1


def test_calibrated_intervals_cover_what_is_nothing() -> None:
    covered, raw = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        errors = rng.uniform(0.03, 0.1, 31)
        estimates = rng.normal(0.1, 0.08, 31) + rng.normal(0, errors)
        moved, wider = calibrated(estimates[:1], errors[:1], systematic_error(estimates[1:], errors[1:]))
        covered.append(abs(moved[0]) <= 1.96 * wider[0])
        raw.append(abs(estimates[0]) <= 1.96 * errors[0])
    assert 0.90 <= np.mean(covered) <= 0.99
    assert np.mean(raw) < 0.75


def test_too_few_controls_calibrate_nothing() -> None:
    known = systematic_error(np.array([0.3, 0.4]), np.array([0.1, 0.1]))
    assert (known.mean, known.sd, known.controls) == (0.0, 0.0, 2)


def test_shrinkage_pulls_the_noisy_more() -> None:
    estimates, errors = np.array([-0.3, -0.3, 0.0, 0.02]), np.array([0.02, 0.3, 0.02, 0.02])
    moved, narrower = shrunk(estimates, errors)
    assert abs(moved[1]) < abs(moved[0]) <= 0.3
    assert (narrower <= errors).all()
