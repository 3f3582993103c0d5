"""Tests that ask for sameness: passed when a ratio is shown to be near 1, failed when it is shown not to be, and
neither otherwise.

Two one-sided tests at 5 % show sameness within a margin (Schuirmann 1987, J. Pharmacokinetics and Biopharmaceutics
15:657). A ratio fails when it surely (99 %) is not 1 and its middle lies beyond the margin. Power is the chance that
sameness is shown where it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from headwater.domain.uncertainty import Interval

if TYPE_CHECKING:
    from headwater.stats.poisson import RateModel

SHOWN, SURE = 0.90, 0.99


@dataclass(frozen=True, slots=True)
class Sameness:
    """passed: None where neither could be shown. ratio: at 90 %, the interval that has to lie within 1/margin …
    margin."""

    passed: bool | None
    ratio: Interval
    power: float
    margin: float

    def __str__(self) -> str:
        words = {True: "the same", False: "not the same", None: "neither clearly the same nor clearly different"}
        return (
            f"{self.ratio.mid:.2f} ({SHOWN:.0%} interval {self.ratio.low:.2f} to {self.ratio.high:.2f}):"
            f" {words[self.passed]} within {1 / self.margin:.2f} to {self.margin:.2f} (if they were the same, this"
            f" check would show it {self.power:.0%} of the time)"
        )


def sameness(log_ratio: float, error: float, margin: float, freedom: float = 1e6, looks: int = 1) -> Sameness:
    """Of a log ratio with its standard error. looks: how many such tests are made together; a failure is then as rare
    in all."""
    reach = float(student.ppf(0.5 + SHOWN / 2, freedom)) * error
    sure = float(student.ppf(1 - (1 - SURE) / 2 / looks, freedom)) * error
    low, mid, high = (float(np.exp(np.clip(at, -50, 50))) for at in (log_ratio - reach, log_ratio, log_ratio + reach))
    edge = float(np.log(margin))
    passed: bool | None = None
    if abs(log_ratio) + reach < edge:
        passed = True
    elif abs(log_ratio) > max(sure, edge):
        passed = False
    return Sameness(passed, Interval(low, mid, high, SHOWN), _power(edge, reach, error, freedom), margin)


def of_model(model: RateModel, margin: float, looks: int = 1) -> Sameness:
    return sameness(float(model.beta[0]), float(model.se[0]), margin, max(model.clusters - 1, 1), looks)


def _power(edge: float, reach: float, error: float, freedom: float) -> float:
    """The chance that |estimate| + reach stays within the edge, where there is no difference."""
    if error <= 0:
        return 1.0
    return max(0.0, float(2 * student.cdf((edge - reach) / error, freedom) - 1))
