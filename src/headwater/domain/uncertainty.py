"""Amounts of uncertainty, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class IntervalAnswer(TypedDict):
    low: float
    mid: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A middle value and the range that holds the truth in `level` of the worlds. Units are the owner's."""

    low: float
    mid: float
    high: float
    level: float = 0.95

    def __post_init__(self) -> None:
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"an interval runs low ≤ mid ≤ high, not {self.low} / {self.mid} / {self.high}")
        if not 0 < self.level < 1:
            raise ValueError(f"a level lies between 0 and 1, not {self.level}")

    @classmethod
    def exactly(cls, value: float) -> Interval:
        return cls(value, value, value)

    @classmethod
    def of_draws(cls, draws: NDArray[np.float64], level: float = 0.95) -> Interval:
        """The equal-tailed interval of one-dimensional draws around their median."""
        import numpy as np

        tail = (1 - level) / 2
        low, mid, high = (float(q) for q in np.quantile(draws, (tail, 0.5, 1 - tail)))
        return cls(low, mid, high, level)

    @classmethod
    def around_mean(cls, draws: NDArray[np.float64], level: float = 0.95) -> Interval:
        """The equal-tailed interval around the mean, which is what adds up; stretched to it where a long tail leaves it
        outside."""
        import numpy as np

        if not len(draws):
            raise ValueError("there are no draws to make an interval of")
        tail, mean = (1 - level) / 2, float(np.mean(draws))
        low, high = (float(q) for q in np.quantile(draws, (tail, 1 - tail)))
        return cls(min(low, mean), mean, max(high, mean), level)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def times(self, factor: float) -> Interval:
        low, high = sorted((self.low * factor, self.high * factor))
        return Interval(low, self.mid * factor, high, self.level)

    def answer(self) -> IntervalAnswer:
        return {"low": self.low, "mid": self.mid, "high": self.high, "level": self.level}
