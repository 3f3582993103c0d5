"""What choosing by a prediction gains, told on those it was not learnt from.

The targeting curve's height at one share: the mean gain of the share with the highest predictions less the mean of all
(Yadlowsky, Fleming, Shah, Brunskill & Wager 2025, JASA 120:38). Each gain is an unbiased, noisy estimate of its own;
the error is that of the influence function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Targeting:
    """gain: of the chosen over all, in the unit of the gains; error: its standard error; chosen: how many they are."""

    gain: float
    error: float
    chosen: int


def held_out_gain(predicted: Vector, gains: Vector, share: float) -> Targeting:
    """Of the share with the highest predictions; those as high as the last of them go with it. predicted, gains:
    float64[person]."""
    top = predicted >= np.quantile(predicted, 1 - share, method="higher")
    chosen, whole = float(gains[top].mean()), float(gains.mean())
    influence = np.where(top, (gains - chosen) / top.mean(), 0.0) - (gains - whole)
    return Targeting(chosen - whole, float(np.sqrt((influence**2).sum()) / len(gains)), int(top.sum()))
