"""What knowing more is worth: expected value of perfect and of sample information for a normal net benefit (Raiffa and
Schlaifer 1961)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def unit_normal_loss(z: ArrayLike) -> NDArray[np.float64]:
    """L(z) = φ(z) − z(1 − Φ(z)): the mean of a standard normal beyond z."""
    points = np.asarray(z, dtype=np.float64)
    density = np.exp(-(points**2) / 2) / np.sqrt(2 * np.pi)
    # Far out the two terms cancel, and their rounding must not make a loss negative.
    loss: NDArray[np.float64] = np.maximum(density - points * ndtr(-points), 0.0)
    return loss


def value_of_perfect_information(mean: float, sd: float) -> float:
    """EVPI = s·L(|m|/s), in the unit of the net benefit; 0 where nothing is uncertain."""
    return float(sd * unit_normal_loss(abs(mean) / sd)) if sd > 0 else 0.0


def value_of_sample(mean: float, sd: float, sampling_sd: float) -> float:
    """EVSI = s′·L(|m|/s′), s′ = s·√(s² / (s² + σ²/n)); sampling_sd is σ/√n, the standard error the study will have."""
    return value_of_perfect_information(mean, sd * np.sqrt(sd**2 / (sd**2 + sampling_sd**2)) if sd > 0 else 0.0)
