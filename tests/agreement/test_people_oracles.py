"""Published results that concern people, found again by our estimators; each with its source and its tolerance."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import causaldata
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from headwater.domain.evidence import Verdict, verdict
from headwater.stats.matching import Rule, nearest_pairs
from headwater.stats.poisson import rate_model
from headwater.stats.propensity import propensity_logit

if TYPE_CHECKING:
    from pathlib import Path

EXPERIMENT = 1794
"""LaLonde 1986, American Economic Review 76:604; the subsample of Dehejia & Wahba 1999, JASA 94:1053: $1,794 (standard
error 671)."""
ERROR = 671


@pytest.fixture(scope="module")
def nsw() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Enrolled of the National Supported Work demonstration beside people of the Current Population Survey: x, treated,
    y; and the earnings of the experiment's own controls."""
    trial = causaldata.nsw_mixtape.load_pandas().data
    survey = causaldata.cps_mixtape.load_pandas().data
    both = pd.concat([trial[trial.treat == 1], survey])
    none = [(both[year] == 0).astype(float) for year in ("re74", "re75")]
    columns = [
        both.age,
        both.age**2,
        both.age**3,
        both.educ,
        both.educ**2,
        both.marr,
        both.nodegree,
        both.black,
        both.hisp,
        both.re74,
        both.re75,
        *none,
        both.educ * both.re74,
    ]
    x = np.column_stack(columns).astype(np.float64)
    return (
        x,
        (both.treat == 1).to_numpy(),
        both.re78.to_numpy(np.float64),
        trial[trial.treat == 0].re78.to_numpy(np.float64),
    )


def test_the_experiment_and_the_survey_are_as_published(nsw: tuple[np.ndarray, ...]) -> None:
    _, treated, earned, controls = nsw
    assert earned[treated].mean() - controls.mean() == pytest.approx(EXPERIMENT, abs=1)
    # Against the raw survey the programme seems to have cost its people $8,498 a year.
    assert earned[treated].mean() - earned[~treated].mean() == pytest.approx(-8498, abs=1)


@pytest.mark.parametrize("replacement", [True, False])
def test_matching_finds_the_experiment_again(nsw: tuple[np.ndarray, ...], replacement: bool) -> None:
    x, treated, earned, _ = nsw
    score = propensity_logit(x, treated, ridge=1e-6)
    pairs = nearest_pairs(treated, np.zeros(len(x), dtype=np.int64), score, Rule(1, replacement=replacement))
    assert len(pairs.treated) == treated.sum()
    assert (earned[pairs.treated] - earned[pairs.control]).mean() == pytest.approx(EXPERIMENT, abs=ERROR)


def test_the_propensity_settles_where_few_are_enrolled_and_unlike(nsw: tuple[np.ndarray, ...]) -> None:
    x, treated, _, _ = nsw
    z = sm.add_constant((x - x.mean(axis=0)) / x.std(axis=0))
    theirs = sm.Logit(treated.astype(float), z).fit(disp=False, maxiter=200)
    assert propensity_logit(x, treated, ridge=1e-9) == pytest.approx(z @ theirs.params, abs=1e-4)


@pytest.fixture(scope="module")
def health_insurance() -> tuple[np.ndarray, np.ndarray]:
    """RAND Health Insurance Experiment (Deb & Trivedi 2002, J Health Econ 21:601): visits to a doctor a year,
    co-insurance in per cent."""
    data = sm.datasets.randhie.load_pandas().data
    return data.mdvis.to_numpy(np.float64), np.round(np.exp(data.lncoins.to_numpy(np.float64)) - 1)


def test_free_care_raises_visits(health_insurance: tuple[np.ndarray, np.ndarray]) -> None:
    # Manning et al. 1987, American Economic Review 77:251: visits fall with each step from free care to 95 per cent
    # co-insurance.
    visits, share = health_insurance
    free = (share == 0).astype(float)
    one = np.zeros(len(visits), dtype=np.int64)
    model = rate_model(visits, np.ones(len(visits)), free[:, None], one, person=np.arange(len(visits)))
    assert model is not None
    assert model.ratio().low > 1.1
    means = [visits[share == step].mean() for step in (0, 25, 50, 95)]
    assert means == sorted(means, reverse=True)
    assert means[0] / means[3] == pytest.approx(4.55 / 2.73, rel=0.15)


def test_the_rate_model_agrees_with_statsmodels_on_it(health_insurance: tuple[np.ndarray, np.ndarray]) -> None:
    visits, share = health_insurance
    design = np.column_stack([share == 0, np.log1p(share)]).astype(float)
    n = len(visits)
    one = np.zeros(n, dtype=np.int64)
    model = rate_model(visits, np.ones(n), design, one, person=np.arange(n), leverage=False)
    theirs = sm.GLM(visits, sm.add_constant(design), family=sm.families.Poisson()).fit(tol=1e-12, cov_type="HC0")
    assert model is not None
    assert model.beta == pytest.approx(theirs.params[1:], abs=1e-6)
    assert model.se * np.sqrt((n - 1) / n) == pytest.approx(theirs.bse[1:], abs=1e-6)
    jackknifed = rate_model(visits, np.ones(n), design, one, person=np.arange(n))
    assert jackknifed is not None
    assert jackknifed.beta == pytest.approx(model.beta, abs=1e-12)
    assert jackknifed.se == pytest.approx(
        model.se, rel=1e-3
    )  # among twenty thousand people none has leverage to speak of


def test_camden_saved_nothing_though_everybody_fell(shared_data: Path) -> None:
    # Finkelstein, Zhou, Taubman & Doyle 2020, NEJM 382:152: readmitted within 180 days 62.3 % of 393 and 61.7 % of 389.
    with (shared_data / "oracles" / "oracles.csv").open(encoding="utf-8") as file:
        row = next(",".join(line) for line in csv.reader(file) if "Camden" in ",".join(line))
    one, other = (float(share) / 100 for share in re.findall(r"(?:treated|control) (\d+\.\d)", row))
    sizes = (393, 389)
    readmitted = np.concatenate([np.arange(n) < round(share * n) for n, share in zip(sizes, (one, other), strict=True)])
    treated = np.repeat([1.0, 0.0], sizes)
    n = len(treated)
    model = rate_model(
        readmitted.astype(float), np.ones(n), treated[:, None], np.zeros(n, dtype=np.int64), person=np.arange(n)
    )
    assert model is not None
    assert model.ratio().mid == pytest.approx(62.3 / 61.7, abs=0.005)
    assert verdict(model.ratio(), 0.05) in (Verdict.NOTHING_FOUND, Verdict.CANNOT_TELL)
