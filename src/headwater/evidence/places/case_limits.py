"""Limits that several steps of a place evaluation share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

AROUND_START = 3
"""A change within this many months of the start may be the effect itself and is not held against the treated."""


def around(period_days: float) -> int:
    """The same in periods: thirteen weeks, three months; two of longer ones, for a break is seldom placed to the
    period."""
    return max(2, round(AROUND_START * 30.4 / period_days)) if period_days > 0 else AROUND_START


def counted_between(there: NDArray[np.bool_], one: int, other: int) -> int:
    """How many periods with a count lie from one to the other: a step over a gap is a step at its end. there:
    bool[period]."""
    return int(there[min(one, other) : max(one, other)].sum())


FEWEST_TREATED = 10
"""With fewer treated units a bootstrap over units says too little about them; placebos do the inference then."""
