"""A rate ratio among the treated that is right when either of two models is: who is treated, or what is to be expected.

Augmented inverse-probability weighting for the effect on the treated (Robins, Rotnitzky & Zhao 1994, JASA 89:846;
Moodie, Saarela & Stephens 2018, Statistics in Medicine 37:1119), cross-fitted: nobody is judged by models that saw them
(Chernozhukov et al. 2018, Econometrics Journal 21:C1). What would have come to the treated is what is expected of them
plus what the others, weighted by their odds of being treated, had beyond their own expectation. Errors are those of the
influence function, summed by person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.stats.propensity import prognostic_score, propensity_logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

FOLDS = 5
RIDGE = 5.0
MOST_ODDS = 20.0
"""Nobody stands for more of the treated than this many times the mean."""
KNOTS = (0.5, 0.85)
"""Quantiles at which a measure's slope may change: histories are skew, and what matters lies in their upper part."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """log_ratio and its standard error; people: clusters behind it."""

    log_ratio: float
    error: float
    people: int


def treated_log_ratio(
    counts: Vector,
    years: Vector,
    treated: NDArray[np.bool_],
    covariates: Vector,
    person: Codes,
    share: Vector,
    fold: Codes,
) -> Opinion | None:
    """None where a fold has nobody to learn from, or nothing happened. counts, years: float64[row]; covariates:
    float64[row, covariate];
    share: float64[row], as how many each row counts; fold: int64[row], the same for all rows of a person."""
    x = bent(covariates)
    expected, odds = np.empty(len(counts)), np.empty(len(counts))
    for at in np.unique(fold):
        mine, learn = fold == at, fold != at
        theirs = learn & ~treated & (years > 0)
        if not (learn & treated).any() or counts[theirs].sum() <= 0:
            return None
        expected[mine] = prognostic_score(x, counts, years=years, learn=theirs, ridge=RIDGE)[mine]
        odds[mine] = np.exp(np.clip(propensity_logit(x, treated, RIDGE, learn=learn)[mine], -30, 30))
    return _weighed(counts, years * np.exp(np.clip(expected, -30, 30)), years, treated, odds * share, person)


def bent(covariates: Vector) -> Vector:
    """float64[row, column]: each measure and, where it has more than two values, its excess over two of its
    quantiles."""
    found = [covariates]
    for column in covariates.T:
        if len(np.unique(column[:2_000])) > 2:
            knots = np.unique(np.quantile(column, KNOTS))
            found += [np.maximum(column - knot, 0.0)[:, None] for knot in knots]
    return np.column_stack(found)


def _weighed(
    counts: Vector, expected: Vector, years: Vector, treated: NDArray[np.bool_], odds: Vector, person: Codes
) -> Opinion | None:
    ours, theirs = treated & (years > 0), ~treated & (years > 0)
    odds = np.minimum(odds, MOST_ODDS * float(np.average(odds[theirs], weights=years[theirs])))
    seen, time, weight = float(counts[ours].sum()), float(years[ours].sum()), float((odds * years)[theirs].sum())
    if seen <= 0 or weight <= 0:
        return None
    beyond = float((odds * (counts - expected))[theirs].sum()) * time / weight
    would = float(expected[ours].sum()) + beyond
    if would <= 0:
        return None
    influence = np.zeros(len(counts))
    influence[ours] = counts[ours] / seen - (expected[ours] + years[ours] * beyond / time) / would
    gap = counts - expected - years * beyond / time
    influence[theirs] = -(odds * gap)[theirs] * time / weight / would
    _, cluster = np.unique(person, return_inverse=True)
    each = np.bincount(cluster, influence)
    return Opinion(float(np.log(seen / would)), float(np.sqrt((each**2).sum())), len(each))
