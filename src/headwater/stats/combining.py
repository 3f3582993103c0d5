"""Estimates over drawn data sets made one: Rubin's rules (Rubin 1987, *Multiple Imputation for Nonresponse in Surveys*,
section 3.1).

With M estimates q_m and their variances u_m the estimate is their mean, its variance ū + (1 + 1/M) b, where ū is the
mean variance within and b the variance between.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.stats.poisson import RateModel


def combined(models: Sequence[RateModel]) -> RateModel:
    """One rate model of several drawn ones, of which there is at least one; clusters are those of the fewest.

    Student's t keeps the degrees of freedom of the clusters; those that Rubin gives would be more, b being small beside
    ū.
    """
    count = len(models)
    betas = np.stack([model.beta for model in models])
    within = np.mean([model.covariance for model in models], axis=0)
    apart = betas - betas.mean(axis=0)
    between = apart.T @ apart / max(count - 1, 1)
    clusters = min(model.clusters for model in models)
    return replace(models[0], beta=betas.mean(axis=0), covariance=within + (1 + 1 / count) * between, clusters=clusters)
