"""The case series against a published one, the calibration against published controls.

Idiopathic thrombocytopenic purpura after the measles, mumps and rubella vaccine: 44 admissions of 35 children in their
second year (Miller et al. 2001, Archives of Disease in Childhood 84; Whitaker, Farrington, Spiessens & Musonda 2006,
Statistics in Medicine 25; the facts are in the R package SCCS as `itpdat`). Relative incidence 1.31, 5.98 and 2.59 on
days 0–14, 15–28 and 29–42.

45 drugs not believed to cause gastrointestinal bleeding, each with its estimate from a self-controlled case series, and
sertraline (Schuemie et al. 2014, Statistics in Medicine 33; data set `sccs` of the R package EmpiricalCalibration,
Apache-2.0, figures as in its article "Empirical calibration of p-values"): null distribution 0.7920 and 0.2835,
calibrated p of sertraline 0.8394.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from headwater.stats.calibration import SystematicError, calibrated, null_distribution, systematic_error
from headwater.stats.sccs import Course, Model, SelfControlled, course_of, joint_sccs

DATA = Path(__file__).parent / "data"
VACCINE, ADMISSION = 0, 1
AGE_GROUPS = (428, 489, 550, 611, 672)
"""First days of the second to sixth age group."""
SERTRALINE = (np.array([0.7326235]), np.array([0.07371708]))


def children() -> Course:
    rows = [{name: int(value) for name, value in row.items()} for row in csv.DictReader((DATA / "itp_mmr.csv").open())]
    contacts, seen = [], {}
    for row in rows:
        seen[row["case"]] = (row["from"], row["to"])
        contacts.append((row["case"], row["admitted"], ADMISSION))
    contacts += sorted({(row["case"], row["vaccinated"], VACCINE) for row in rows})
    contacts.sort()
    case, day, service = (np.array(column) for column in zip(*contacts, strict=True))
    names = np.array(sorted(seen))
    window = tuple(np.array([seen[name][edge] for name in names]) for edge in (0, 1))
    return course_of(np.append(np.searchsorted(case, names), len(case)), day, service, window, 2)  # type: ignore[arg-type]


def age_steps(day: np.ndarray) -> np.ndarray:
    return (np.digitize(day, AGE_GROUPS)[:, None] == np.arange(1, len(AGE_GROUPS) + 1)).astype(float)


def fitted(windows: list[tuple[int, int]]) -> SelfControlled:
    model = Model(np.array(windows), age_steps, ridge=0.0, tolerance=1e-16, passes=60)
    (found,) = joint_sccs(children(), [ADMISSION], model)
    return found


def test_the_relative_incidence_by_risk_window_is_the_published_one() -> None:
    found = fitted([(0, 14), (15, 28), (29, 42)])
    assert found.events == 44
    assert np.exp(found.beta[VACCINE]) == pytest.approx([1.31, 5.98, 2.59], abs=0.01)


def controls() -> tuple[np.ndarray, np.ndarray]:
    rows = list(csv.DictReader((DATA / "negative_controls.csv").open()))
    return np.array([float(row["estimate"]) for row in rows]), np.array([float(row["error"]) for row in rows])


def test_the_null_distribution_of_the_published_controls_is_the_published_one() -> None:
    assert null_distribution(*controls()) == pytest.approx((0.7920, 0.2835), abs=5e-4)


def test_the_published_drug_is_nothing_once_calibrated() -> None:
    estimate, error = SERTRALINE
    mean, sd = null_distribution(*controls())
    moved, wider = calibrated(estimate, error, SystematicError(mean, sd, 0.0, 45))
    assert 2 * norm.sf(abs(estimate / error)) < 1e-20
    assert 2 * norm.sf(abs(moved / wider)) == pytest.approx(0.8394, abs=2e-3)


def test_what_is_not_known_of_the_null_widens_the_interval_a_little() -> None:
    estimate, error = SERTRALINE
    known = systematic_error(*controls())
    _, wider = calibrated(estimate, error, known)
    assert known.controls == 45
    assert np.hypot(error, 0.2835) < wider < 1.06 * np.hypot(error, 0.2835)
