"""Effects fade. What a measured saving would be worth beyond its follow-up, always a forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import Usage
from headwater.savings.value import net_present_value, years_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from headwater.domain.money import Saving


def faded(first: ArrayLike, years: int, kept: float) -> NDArray[np.float64]:
    """float64[..., years]: an amount of year 0 of which a share `kept` is left each following year."""
    return np.asarray(first, dtype=np.float64)[..., None] * kept ** np.arange(years)


def kept_of_half_life(years: float) -> float:
    """The share left after a year of an effect that halves in so many years."""
    return float(0.5 ** (1 / years))


def forecast(saving: Saving, years: int, kept: float, correction: float = 0.0, *, costs_go_on: bool = True) -> Saving:
    """The measured saving and `years` more: each year the share `kept` of the last measured year's gains, costs as in that year.

    Harm does not fade: a negative last year stays what it was. The result is a forecast and opens no lot.
    """
    if not 0 <= kept <= 1:
        raise Usage("the share kept from year to year lies between 0 and 1", given=str(kept))
    at = years_of(saving.periods)
    last = at == at[-1]
    gains = saving.gbp[:, :, last].sum(axis=2)
    ahead = np.stack([np.where(gains > 0, gains * kept**t, gains) for t in range(1, years + 1)], axis=2)
    spent = np.repeat(saving.invested_gbp[:, last].sum(axis=1, keepdims=True) * costs_go_on, years, axis=1)
    first = date.fromisoformat(saving.periods[0])
    periods = (*saving.periods, *(_later(first, int(at[-1]) + t) for t in range(1, years + 1)))
    gbp = np.concatenate([saving.gbp, ahead], axis=2)
    invested = np.concatenate([saving.invested_gbp, spent], axis=1)
    return replace(
        saving,
        periods=periods,
        gbp=gbp,
        invested_gbp=invested,
        npv_gbp=net_present_value(gbp, invested, periods, correction),
    )


def _later(first: date, years: int) -> str:
    return first.replace(year=first.year + years, day=min(first.day, 28)).isoformat()
