"""Deciding under uncertainty: expected values, what perfect and imperfect knowledge are worth, where a decision
turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


def expected(values: ArrayLike, chances: ArrayLike) -> float:
    """The mean of values by their chances, which add to 1."""
    weights = np.asarray(chances, dtype=np.float64)
    if abs(weights.sum() - 1) > 1e-9:
        raise ValueError(f"chances add to 1, not {weights.sum():g}")
    return float(np.asarray(values, dtype=np.float64) @ weights)


@dataclass(frozen=True, slots=True)
class Choice:
    """best: position of the option with the highest mean; chances: how often each option is the best of a draw."""

    means: tuple[float, ...]
    best: int
    chances: tuple[float, ...]
    mean_of_best: float
    perfect_information: float


def choice(net_benefit: ArrayLike) -> Choice:
    """Options by draws, float64[option, draw]. EVPI = mean of the best of each draw less the best mean."""
    net = np.asarray(net_benefit, dtype=np.float64)
    means, top = net.mean(axis=1), net.max(axis=0)
    wins = np.bincount(net.argmax(axis=0), minlength=len(net)) / net.shape[1]
    return Choice(
        tuple(means.tolist()),
        int(means.argmax()),
        tuple(wins.tolist()),
        float(top.mean()),
        float(top.mean() - means.max()),
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """What a test before a decision is worth. payoff: with the test and its price; without: of the best act without
    it."""

    after_positive: str
    after_negative: str
    payoff: float
    without: float

    @property
    def net_worth(self) -> float:
        return self.payoff - self.without


def worth_of_test(
    chance: float, sensitivity: float, specificity: float, price: float, acts: Sequence[dict[str, tuple[float, float]]]
) -> Trial:
    """Backward induction. chance: of the good state. acts: without a test, after a positive one, after a negative one;
    each act → its payoff in the good and in the bad state."""
    positive = chance * sensitivity + (1 - chance) * (1 - specificity)
    good = {True: chance * sensitivity / positive, False: chance * (1 - sensitivity) / (1 - positive)}

    def best(options: dict[str, tuple[float, float]], p: float) -> tuple[float, str]:
        return max((p * yes + (1 - p) * no, name) for name, (yes, no) in options.items())

    without = best(acts[0], chance)[0]
    after, other = best(acts[1], good[True]), best(acts[2], good[False])
    return Trial(after[1], other[1], positive * after[0] + (1 - positive) * other[0] - price, without)


def rounding_interval(
    numerator: float, minuend: float, subtrahend: float, half: tuple[float, float]
) -> tuple[float, float]:
    """Where numerator / (minuend − subtrahend) may lie, each figure printed to ± its half unit (of the numerator, of
    the rates)."""
    gap, wide = minuend - subtrahend, 2 * half[1]
    return (numerator - half[0]) / (gap + wide), (numerator + half[0]) / (gap - wide)


def net_monetary_benefit(extra_cost_gbp: float, extra_effect: float, worth_gbp: float) -> float:
    """What an effect is worth at so many pounds a unit, less what it costs."""
    return worth_gbp * extra_effect - extra_cost_gbp
