"""What a design found for one outcome, in one shape for all designs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.uncertainty import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.stats.peaks import Regressed

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Alarms:
    """tried: shams of the same panel under the same rule; found: how many of them the design would call an effect at
    its own level; stretch: by how much the interval was widened so that no more than the stated share of them are (1 is
    not at all).
    """

    tried: int
    found: int
    stretch: float = 1.0

    @property
    def rate(self) -> float:
        return self.found / self.tried if self.tried else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Sums over the treated cells of each period of the panel, NaN outside the window used.

    observed, expected: float64[period]; drawn: float64[draw, period], the expected counts as draws over the post
    period.
    reference: bool[period], pre-periods the fit was made on. problem: why nothing can be told, '' when something can.
    gaps: float64[placebo, period] relative gaps; weights: donor row → weight; scale, typical_scale: held-out relative
    pre-period error of the treated and the median donor; p: two-sided; error: the studentised effect.
    """

    observed: Floats
    expected: Floats
    drawn: Floats | None
    pre: NDArray[np.bool_]
    post: NDArray[np.bool_]
    inference: str
    problem: str = ""
    gaps: Floats = field(default_factory=lambda: np.empty((0, 0)))
    weights: dict[int, float] = field(default_factory=dict)
    scale: float = float("nan")
    typical_scale: float = float("nan")
    p: float = float("nan")
    detectable: float | None = None
    peak: Regressed | None = None
    """What the same rule of choice led to at earlier moments, where places were chosen for being busy."""
    errors: Floats = field(default_factory=lambda: np.empty(0))
    """float64[placebo]: studentised errors of the placebos, and `half`, the size beyond which one is called an
    effect."""
    half: float = float("nan")
    level: int = 0
    """How many of the last periods before the start set the level that is carried on; 0 for all."""
    alarms: Alarms | None = None
    """How often the design finds something where nothing was done."""
    beside: NDArray[np.intp] | None = None
    """int[…]: the untreated units of a comparison of many, where these are not the case's donors alone."""

    @property
    def ratio(self) -> float:
        """Treated observed ÷ counterfactual over the post window."""
        return float(np.nansum(self.observed[self.post]) / np.nansum(self.expected[self.post]))

    def ratio_interval(self, level: float) -> Interval | None:
        if self.drawn is None:
            return None
        return Interval.of_draws(np.nansum(self.observed[self.post]) / self.drawn[:, self.post].sum(axis=1), level)

    def averted(self) -> Floats | None:
        """float64[draw, post period]"""
        return None if self.drawn is None else self.drawn[:, self.post] - self.observed[self.post]


def said_periods(number: int) -> str:
    return f"{number} period" + ("" if number == 1 else "s")


CLOSED = "a closure, or nobody reported; that is no contact averted that could be told"
"""Why a series of noughts is no effect."""


def cannot(problem: str, observed: Floats, pre: NDArray[np.bool_], post: NDArray[np.bool_]) -> Fit:
    return Fit(observed, np.full_like(observed, np.nan), None, pre, post, "none", problem)
