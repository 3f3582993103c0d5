"""Intervals that hold whenever one looks, and however often.

A score process S with variance V stays within √((V + ρ) log((V + ρ) / (α²ρ))) at all times together, with chance 1 − α:
the boundary of the normal mixture (Robbins 1970, Annals of Mathematical Statistics 41:1397; Howard, Ramdas, McAuliffe &
Sekhon 2021, Annals of Statistics 49:1055, section 3.2). An estimate with standard error s has V = 1/s² and S = V ×
estimate, which becomes such a process as data grow (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, Annals of
Statistics 52:2613). The mixture's value e is a wager against no effect (ter Schure & Grünwald 2022): over 1/α it is
won.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import lambertw

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Boundary:
    """alpha: the chance ever to cross it where nothing is there; tuned: the information (1/s²) at which it is
    tightest."""

    alpha: float
    tuned: float

    @property
    def rho(self) -> float:
        """ρ = V / (−W₋₁(−α²/e) − 1), W₋₁ the lower branch of Lambert's function (Howard et al. 2021, section 3.5)."""
        return float(self.tuned / (-lambertw(-(self.alpha**2) / np.e, -1).real - 1))

    def reach(self, information: ArrayLike) -> NDArray[np.float64]:
        """Half the width of the interval around an estimate of so much information."""
        v = np.asarray(information, dtype=np.float64)
        found: NDArray[np.float64] = np.sqrt((v + self.rho) * np.log((v + self.rho) / (self.alpha**2 * self.rho))) / v
        return found

    def e_value(self, estimate: ArrayLike, information: ArrayLike) -> NDArray[np.float64]:
        """The wager's worth; the interval leaves out nought exactly where it is over 1/α."""
        v = np.asarray(information, dtype=np.float64)
        score = v * np.asarray(estimate, dtype=np.float64)
        found: NDArray[np.float64] = np.sqrt(self.rho / (v + self.rho)) * np.exp(
            np.minimum(score**2 / (2 * (v + self.rho)), 700)
        )
        return found

    def needed(self, effect: float) -> float:
        """The information from which an effect (on the log scale) lies at the interval's end; infinite for none."""
        if not effect:
            return float("inf")
        high = 1 / effect**2
        while float(self.reach(high)) > abs(effect):
            high *= 2
        return float(brentq(lambda v: float(self.reach(v)) - abs(effect), 1e-3 / effect**2, high))
