"""A second opinion by a structural time series: a wandering level and what the donors tell, by the Kalman filter.

The state-space model behind Brodersen et al. (2015), Ann. Appl. Stat. 9:247, fitted by likelihood in statsmodels; its
regressors are the mean of the donors and their synthetic control.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEWEST = 12
"""With fewer periods before the start a level, its noise and two coefficients are not told apart."""


def structural(target: Floats, regressors: Floats, pre: Flags) -> Floats:
    """float64[period]: what the past of the target and the regressors (float64[period, k]) lead to expect; periods
    outside `pre` are not looked at. NaN where too little stands before."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    if pre.sum() < FEWEST:
        return np.full(len(target), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence: a poor optimum is a poor second opinion, and no more
        model = UnobservedComponents(np.where(pre, target, np.nan), "llevel", exog=regressors)
        found = model.fit(disp=False, maxiter=100)
    return np.where(pre, target, np.asarray(found.get_prediction().predicted_mean))
