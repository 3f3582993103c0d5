"""What the answer hangs on: each assumption moved alone (tornado), and how far it must move to break even."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.money import BUCKETS, Bucket, Saving
from headwater.domain.release import FigureData
from headwater.savings.bases import SPENDABLE, npsv
from headwater.savings.discount import EDITION, REVIEW

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CASH, RELEASED, ABSORBED, NONE = (
    BUCKETS.index(bucket) for bucket in (Bucket.CASH, Bucket.RELEASED, Bucket.ABSORBED, Bucket.UNCHANGED)
)

SMALLEST_GBP = 0.5
PLAIN = 0.25


@dataclass(frozen=True, slots=True)
class Factor:
    """One assumption: its value now, the range it may lie in, the mean NPV at either end, and where NPV crosses
    nothing.

    breaks_even_at is None where no value in reach does; it may lie outside the range, which is then the finding.
    """

    name: str
    now: float
    low: float
    high: float
    npv_low_gbp: float
    npv_high_gbp: float
    breaks_even_at: float | None

    @property
    def swing_gbp(self) -> float:
        return abs(self.npv_high_gbp - self.npv_low_gbp)


def sensitivity(
    saving: Saving, price_range: float | None = None, cost_range: float = 0.25, level: float = 0.95
) -> tuple[Factor, ...]:
    """Factors by swing, the largest first: effect (its own interval), prices (their own doubt, ± a share), costs (± a
    share), backfill (all … none), cashability (none of the cash … as stated), optimism correction (none … the largest
    of 40 %), and the discount rate that was recommended and is not in force. What moves nothing is left out."""
    prices = _doubt(saving) if price_range is None else price_range
    # What prices leave unsure is in their own row alone.
    worth = saving.at_mean_prices.gbp[..., SPENDABLE].sum(axis=(1, 2, 3, 4))
    mean = float(worth.mean()) or 1.0
    low, high = (float(q) / mean for q in np.quantile(worth, ((1 - level) / 2, (1 + level) / 2)))
    room = saving.gbp[..., [RELEASED, ABSORBED]].sum()
    backfill = float(saving.gbp[..., ABSORBED].sum() / room) if room else 0.0
    low, high = sorted((low, high))
    moved = [
        _factor("effect, as a multiple of the estimate", 1.0, (low, high), saving, _effect),
        _factor("prices, as a multiple", 1.0, (max(0.0, 1 - prices), 1 + prices), saving, _effect),
        _factor("costs, as a multiple", 1.0, (1 - cost_range, 1 + cost_range), saving, _costs),
        _factor("share of freed capacity that other demand fills", backfill, (0.0, 1.0), saving, _backfill),
        _factor("cash, as a share of what is stated", 1.0, (0.0, 1.0), saving, _cash),
        _correction(saving),
        _rate(saving),
    ]
    told = (factor for factor in moved if factor.swing_gbp >= SMALLEST_GBP)
    return tuple(sorted(told, key=lambda factor: -factor.swing_gbp))


def _doubt(saving: Saving) -> float:
    """Half the width of the prices' own doubt at 95 %, weighed by what each carries; a price without a stated doubt has
    a quarter."""
    carried = np.abs(saving.gbp[..., SPENDABLE].mean(axis=0).sum(axis=(1, 2, 3)))
    if not saving.prices or not carried.sum():
        return PLAIN
    each = np.array([min(1.96 * price.spread, 1.0) if price.spread else PLAIN for price in saving.prices])
    return float(each @ carried / carried.sum())


def _rate(saving: Saving) -> Factor:
    """A flat 3.0 % in the place of 3.5 %: the independent review of 2026, not adopted."""
    low, now = (float(npsv(saving, edition=edition).mean()) for edition in (REVIEW, EDITION))
    return Factor(
        "discount rate (a flat 3% is recommended by the review of 2026, not adopted)",
        0.035,
        0.030,
        0.035,
        low,
        now,
        None,
    )


def tornado_figure(saving: Saving, factors: tuple[Factor, ...]) -> FigureData:
    base = float(saving.npv_gbp.mean())
    rows = tuple((f.name, f.low, f.high, f.npv_low_gbp, f.npv_high_gbp, base, f.breaks_even_at) for f in factors)
    turns = [f.name for f in factors if min(f.npv_low_gbp, f.npv_high_gbp) < 0 < max(f.npv_low_gbp, f.npv_high_gbp)]
    title = (
        f"Whether it pays depends most on this: {turns[0]}" if turns else "No single assumption changes whether it pays"
    )
    return FigureData(
        f"tornado-{saving.collaboration}",
        "tornado",
        title,
        "Mean net present value with each assumption at the ends of its range.",
        ("factor", "low", "high", "npv_low_gbp", "npv_high_gbp", "npv_gbp", "breaks_even_at"),
        rows,
    )


def _npv(saving: Saving) -> float:
    return float(npsv(saving).mean())


def _factor(
    name: str,
    now: float,
    ends: tuple[float, float],
    saving: Saving,
    move: Callable[[Saving, float], Saving],
) -> Factor:
    def npv(value: float) -> float:
        return _npv(move(saving, value))

    return Factor(name, now, *ends, npv(ends[0]), npv(ends[1]), _crossing(npv, now, ends))


def _crossing(npv: Callable[[float], float], now: float, ends: tuple[float, float]) -> float | None:
    """Where NPV is nothing, looked for from 0 to ten times as far as the range reaches; each factor moves it one way
    only."""
    low, high = min(0.0, *ends), max(10 * max(abs(end) for end in ends), now) if ends[1] > 1 else ends[1]
    at_low, at_high = npv(low), npv(high)
    # Nothing at nought alone is no point to reach: where nothing is freed, no multiple of the cost pays.
    if at_low * at_high > 0 or (low == 0.0 and at_low == 0.0):
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if npv(middle) * at_low > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _effect(saving: Saving, multiple: float) -> Saving:
    return replace(saving, gbp=saving.gbp * multiple, social_gbp=saving.social_gbp * multiple)


def _costs(saving: Saving, multiple: float) -> Saving:
    return replace(saving, cost_gbp=saving.cost_gbp * multiple)


def _backfill(saving: Saving, share: float) -> Saving:
    gbp: NDArray[np.float64] = saving.gbp.copy()
    room = gbp[..., RELEASED] + gbp[..., ABSORBED]
    gbp[..., RELEASED], gbp[..., ABSORBED] = (1 - share) * room, share * room
    return replace(saving, gbp=gbp)


def _cash(saving: Saving, share: float) -> Saving:
    gbp: NDArray[np.float64] = saving.gbp.copy()
    gbp[..., NONE] += (1 - share) * gbp[..., CASH]
    gbp[..., CASH] *= share
    return replace(saving, gbp=gbp)


def _correction(saving: Saving) -> Factor:
    def npv(value: float) -> float:
        return _npv(replace(saving, correction=value))

    return Factor(
        "optimism correction",
        saving.correction,
        0.0,
        0.4,
        npv(0.0),
        npv(0.4),
        _crossing(npv, saving.correction, (0.0, 1.0)),
    )
