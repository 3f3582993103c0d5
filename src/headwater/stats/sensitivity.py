"""How strong something unmeasured would have to be; how surely a difference is small; corrections for many looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.domain.uncertainty import Interval


def e_value(ratio: float) -> float:
    """The rate ratio an unmeasured confounder would need with both enrolment and outcome (VanderWeele & Ding 2017)."""
    up = max(ratio, 1 / ratio) if ratio > 0 else np.inf
    return float(up + np.sqrt(up * (up - 1)))


def e_value_of_limit(ratio: Interval) -> float:
    """The E-value of the interval's end nearest to no effect; 1 where the interval holds 1."""
    if ratio.holds(1.0):
        return 1.0
    return e_value(ratio.high if ratio.high < 1 else ratio.low)


def equivalent(ratio: Interval, margin: float) -> bool | None:
    """Whether a ratio is surely within 1/margin … margin; False when surely unlike 1 and beyond it; None between."""
    if ratio.low > 1 / margin and ratio.high < margin:
        return True
    if (ratio.low > 1 or ratio.high < 1) and not 1 / margin <= ratio.mid <= margin:
        return False
    return None


def holm(p: Sequence[float]) -> NDArray[np.float64]:
    """float64[test]: p-values adjusted so that the chance of any false finding holds (Holm 1979)."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    found = np.empty_like(values)
    found[order] = np.minimum(stepped, 1)
    return found


def benjamini_hochberg(p: Sequence[float]) -> NDArray[np.float64]:
    """float64[test]: p-values adjusted so that the expected share of false findings holds (Benjamini & Hochberg
    1995)."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")[::-1]
    ranks = np.arange(len(values), 0, -1)
    stepped = np.minimum.accumulate(values[order] * len(values) / ranks)
    found = np.empty_like(values)
    found[order] = np.minimum(stepped, 1)
    return found
