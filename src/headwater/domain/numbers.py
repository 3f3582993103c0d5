"""The labelled set of an evaluation's pounds: every figure that leaves is read from it, so that no two doors differ.

A label says of what, whose, over which time and of which kind. Amounts of uncertainty are means, which add up, with
their range.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from headwater.domain.money import BUCKETS, Bucket
from headwater.domain.uncertainty import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from headwater.domain.money import Saving

ALL = "all budgets"
IN_ALL, A_YEAR = "in all", "a year"
INVESTED, AVERAGE_COST, SOCIAL, NET = "paid in", "at average cost", "value to people", "net of all costs"
GROSS, PRESENT = "gross, mean", "present value, mean"


def label(what: str, whose: str = ALL, span: str = IN_ALL, sort: str = GROSS) -> str:
    return f"{what}, {whose}, {span}, {sort}"


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Label → pounds, in real prices of the saving's year. What nothing can be told of has no label here."""

    pounds: Mapping[str, Interval]

    def of(self, what: str, whose: str = ALL, span: str = IN_ALL) -> Interval | None:
        """A gross figure: cash, released, absorbed, unchanged, paid in, at average cost; of one budget, or of all."""
        return self.pounds.get(label(what, whose, span))

    @property
    def net(self) -> Interval | None:
        """Net present social value: after the caution of the grade and discounting."""
        return self.pounds.get(label(NET, ALL, IN_ALL, PRESENT))


@lru_cache(maxsize=8)
def numbers(saving: Saving) -> Numbers:
    """Made once of a saving. Where nothing could be told there are costs and no gains, and no net of them."""
    return Numbers(dict(_told(saving)))


def _told(saving: Saving) -> Iterator[tuple[str, Interval]]:
    paid = saving.invested_gbp.sum(axis=1)
    whose = ((ALL, paid.sum()), *((bearer.name, paid[at]) for at, bearer in enumerate(saving.bearers)))
    for name, gbp in whose:
        yield from _spans(INVESTED, name, saving, float(gbp))
    if not saving.kinds:
        return
    by_bearer = saving.gbp.sum(axis=(1, 3))
    for at, bucket in enumerate(BUCKETS):
        yield from _spans(bucket.value, ALL, saving, by_bearer[:, :, at].sum(axis=1))
        for row, bearer in enumerate(saving.bearers):
            yield from _spans(bucket.value, bearer.name, saving, by_bearer[:, row, at])
    yield from _spans(AVERAGE_COST, ALL, saving, by_bearer.sum(axis=(1, 2)))
    if saving.social_gbp.any():
        yield from _spans(SOCIAL, ALL, saving, saving.social_gbp.sum(axis=(1, 2)))
    yield label(NET, ALL, IN_ALL, PRESENT), Interval.around_mean(saving.npv_gbp)


def _spans(what: str, whose: str, saving: Saving, gbp: float | NDArray[np.float64]) -> Iterator[tuple[str, Interval]]:
    for span, years in ((IN_ALL, 1.0), (A_YEAR, max(saving.delivery_years, 1e-9))):
        told = Interval.exactly(gbp / years) if isinstance(gbp, float) else Interval.around_mean(gbp / years)
        yield label(what, whose, span), told


__all__ = [
    "ALL",
    "AVERAGE_COST",
    "A_YEAR",
    "INVESTED",
    "IN_ALL",
    "NET",
    "PRESENT",
    "SOCIAL",
    "Bucket",
    "Numbers",
    "label",
    "numbers",
]
