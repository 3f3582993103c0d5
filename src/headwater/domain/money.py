"""Prices, what averted contacts free, and savings by bearer. Pounds only here and below, contacts never."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from headwater.domain.calendar import Calendar


ASSUMED = "assumed: of no kind that the costing table knows"


def in_pounds(gbp: float, digits: int = 0) -> str:
    """To the pound, or to the penny with two digits, a minus before the sign and never before nought: -£85,919."""
    return f"{'-' if gbp <= -0.5 * 10.0**-digits else ''}£{abs(gbp):,.{digits}f}"


def about_pounds(gbp: float) -> float:
    """An estimate as running words tell it: to the nearest hundred pounds, below a thousand to the nearest ten, below
    ten to the pound."""
    return round(gbp, -2 if abs(gbp) >= 1_000 else -1 if abs(gbp) >= 10 else 0) + 0.0


def at_most_pounds(gbp: float) -> str:
    """An amount that is never negative, as what knowing more is worth; what is less than a pound is said so."""
    return in_pounds(gbp) if gbp >= 1 else "less than £1" if gbp >= 0.005 else "nothing"


class Perspective(StrEnum):
    FISCAL = "fiscal"
    ECONOMIC = "economic"
    SOCIAL = "social"


@dataclass(frozen=True, slots=True)
class Price:
    """The average cost of one contact of a kind, with where it comes from. `price_year` is the year's first (2023 for
    2023-24)."""

    code: str
    kind: str
    about: str
    gbp: float
    unit: str
    price_year: int
    perspective: Perspective
    bearer: str
    source: str
    edition: str
    licence: str
    variable: float = 0.3
    """Share of the cost that follows each contact (drugs, consumables, agency hours)."""
    step: float = 0.5
    """Share that goes only in whole steps (a bay, a shift, a crew); the rest is fixed."""
    parent: str = ""
    """The code of the price that this one is already a part of."""
    spread: float = 0.0
    """Coefficient of variation of the figure itself: by its published range, else by its sort and age."""
    costing: str = ASSUMED
    """Where `variable` and `step` come from."""
    doubt: str = ""
    """Where `spread` comes from."""

    def __post_init__(self) -> None:
        if self.gbp < 0 or not 0 <= self.variable + self.step <= 1 + 1e-12:
            raise ValueError(f"price {self.code}: a price is not negative and its shares do not exceed 1")

    @property
    def freed_gbp(self) -> float:
        """What one contact less can free: what follows it, and its part of a whole step. The fixed share stays with
        whoever pays it."""
        return self.gbp * (self.variable + self.step)

    @property
    def cash_share(self) -> float:
        """Of what it frees, what leaves a budget; the rest is capacity released."""
        freed = self.variable + self.step
        return self.variable / freed if freed else 0.0


class Bucket(StrEnum):
    """What becomes of a pound of average cost. The four sum to it and are never added into a headline."""

    CASH = "cash"
    RELEASED = "released"
    ABSORBED = "absorbed"
    UNCHANGED = "unchanged"


BUCKETS = tuple(Bucket)


@dataclass(frozen=True, slots=True, eq=False)
class Freed:
    """What averted contacts free, station by station. split_gbp: float64[draw, outcome, month, bucket] in BUCKETS'
    order.

    Its sum over buckets is averted × average cost, exactly. `steps` holds, a station, P(at least k steps close), k = 1,
    2, ...
    """

    collaboration: str
    outcomes: tuple[str, ...]
    calendar: Calendar
    split_gbp: NDArray[np.float64]
    steps: dict[str, tuple[float, ...]]
    probability_of_harm: float


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose budget."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Saving:
    """The one money: everything told or booked in pounds is a sum of it.

    gbp: float64[draw, kind, bearer, month, bucket]; cost_gbp: float64[heading, bearer, month]; social_gbp:
    float64[draw, kind, month], value to people that is in nobody's budget and stands in its own column. Real prices of
    `price_year`, undiscounted; a lens is named once for the whole saving and lenses are never added.
    """

    collaboration: str
    lens: Perspective
    kinds: tuple[str, ...]
    bearers: tuple[Bearer, ...]
    calendar: Calendar
    gbp: NDArray[np.float64]
    headings: tuple[str, ...]
    cost_gbp: NDArray[np.float64]
    social_gbp: NDArray[np.float64]
    price_year: int
    prices: tuple[Price, ...]
    npv_gbp: NDArray[np.float64]
    """float64[draw]: net present social value over all bearers, the net of public value."""
    correction: float = 0.0
    """The optimism correction of the evidence's grade, off gains and onto costs where money is judged; in no
    booking."""
    unpriced: tuple[str, ...] = ()
    """Kinds whose averted contacts carry no pounds, for want of a price in this lens or of a budget that bears it."""
    delivery_years: float = 1.0
    """Years from the first start to the last day followed: what *a year* divides by."""
    price_factors: NDArray[np.float64] | None = None
    """float64[draw, kind]: what each draw takes a price for, as a multiple of its mean; None where prices are
    certain."""

    def __post_init__(self) -> None:
        kinds, bearers, months = len(self.kinds), len(self.bearers), self.calendar.months
        if self.gbp.shape[1:] != (kinds, bearers, months, len(BUCKETS)):
            raise ValueError("gbp runs over draws, kinds, bearers, months and buckets")
        if self.cost_gbp.shape != (len(self.headings), bearers, months):
            raise ValueError("costs run over headings, bearers and months")
        if self.social_gbp.shape != (self.gbp.shape[0], kinds, months):
            raise ValueError("social value runs over draws, kinds and months")

    @property
    def at_mean_prices(self) -> Saving:
        """The saving if every price were its mean: what is left unsure is the effect, of which another evaluation would
        tell more."""
        if self.price_factors is None:
            return self
        return replace(self, gbp=self.gbp / self.price_factors[:, :, None, None, None], price_factors=None)

    @property
    def by_bearer(self) -> NDArray[np.float64]:
        """float64[draw, bearer, month, bucket]"""
        return self.gbp.sum(axis=1)

    @property
    def invested_gbp(self) -> NDArray[np.float64]:
        """float64[bearer, month]"""
        return self.cost_gbp.sum(axis=0)

    @property
    def years(self) -> NDArray[np.int64]:
        """int64[month]: the year of the collaboration, twelve months each, 0 the first."""
        import numpy as np

        return np.arange(self.calendar.months) // 12
