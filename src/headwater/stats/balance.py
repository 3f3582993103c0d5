"""How alike two groups are: standardised mean differences and variance ratios (Austin 2009, Statistics in Medicine
28)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """smd, variance_ratio: float64[covariate]; the difference is treated less control over the treated's own spread."""

    smd: Vector
    variance_ratio: Vector


def balance(covariates: Vector, treated: NDArray[np.bool_], weights: Vector | None = None) -> Balance:
    """covariates: float64[row, covariate]; weights: float64[row], 1 for all where left out.

    The spread is the treated's, unweighted, so that the measure does not move with the matching it judges. A covariate
    that does not vary among the treated is measured on the spread of all; one that never varies differs by 0. NaN where
    a group is empty.
    """
    if treated.all() or not treated.any():
        nothing = np.full(covariates.shape[1], np.nan)
        return Balance(nothing, nothing)
    weight = np.ones(len(treated)) if weights is None else weights
    one, other = covariates[treated], covariates[~treated]
    mean_one = np.average(one, axis=0, weights=weight[treated])
    mean_other = np.average(other, axis=0, weights=weight[~treated])
    spread = one.std(axis=0)
    spread = np.where(spread > 1e-9, spread, covariates.std(axis=0))
    variance_one = np.average((one - mean_one) ** 2, axis=0, weights=weight[treated])
    variance_other = np.average((other - mean_other) ** 2, axis=0, weights=weight[~treated])
    smd = np.where(spread > 1e-9, (mean_one - mean_other) / np.where(spread > 1e-9, spread, 1), 0.0)
    ratio = np.where(variance_other > 1e-12, variance_one / np.where(variance_other > 1e-12, variance_other, 1), 1.0)
    return Balance(smd, ratio)
