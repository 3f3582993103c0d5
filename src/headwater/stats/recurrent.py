"""Contacts expected of a person over a time in which they may die: the mean count, restricted to the time that was
followed.

A rate per year alive looks better when the dead were those in need. The mean count Σ S(t) · rate(t) counts the dead
with nothing from their death on (Cook & Lawless 1997, Statistics in Medicine 16:911; Ghosh & Lin 2000, Biometrics
56:554). Rates and hazards are even within a period; whoever moved away or was no longer followed is censored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def mean_count(counts: Floats, exposure: Floats, deaths: Floats, years: float) -> Floats:
    """float64[...]: contacts a person over all periods. counts, exposure (years), deaths: float64[..., period], sums of
    a group;
    years: the length of a period. A period in which nobody was followed adds nothing."""
    seen = np.maximum(exposure, 1e-12)
    rate, hazard = np.where(exposure > 0, counts / seen, 0.0), np.where(exposure > 0, deaths / seen, 0.0)
    alive_after = np.exp(-np.cumsum(hazard, axis=-1) * years)
    alive_before = np.concatenate([np.ones_like(alive_after[..., :1]), alive_after[..., :-1]], axis=-1)
    lived = np.where(hazard > 1e-9, (alive_before - alive_after) / np.maximum(hazard, 1e-9), alive_before * years)
    found: Floats = (rate * lived).sum(axis=-1)
    return found
