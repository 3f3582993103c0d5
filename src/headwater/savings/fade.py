"""Effects fade. What a measured saving would be worth beyond its follow-up, always a forecast."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.calendar import Calendar
from headwater.domain.errors import Usage
from headwater.savings.bases import npsv

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from headwater.domain.money import Saving


YEAR = 12


def faded(first: ArrayLike, years: int, kept: float) -> NDArray[np.float64]:
    """float64[..., years]: an amount of year 0 of which a share `kept` is left each following year."""
    return np.asarray(first, dtype=np.float64)[..., None] * kept ** np.arange(years)


def kept_of_half_life(years: float) -> float:
    """The share left after a year of an effect that halves in so many years."""
    return float(0.5 ** (1 / years))


def forecast(saving: Saving, years: int, kept: float, *, costs_go_on: bool = True) -> Saving:
    """The measured saving and `years` more: each year the share `kept` of the last twelve months' gains, costs as in
    those.

    Harm does not fade: a loss stays what it was. The result is a forecast and opens no lot.
    """
    if not 0 <= kept <= 1:
        raise Usage("the share kept from year to year lies between 0 and 1", given=str(kept))
    gbp, social = (_onward(part, axis, years, kept) for part, axis in ((saving.gbp, 3), (saving.social_gbp, 2)))
    longer = replace(
        saving,
        calendar=Calendar(saving.calendar.first, saving.calendar.months + YEAR * years),
        gbp=gbp,
        social_gbp=social,
        cost_gbp=_onward(saving.cost_gbp, 2, years, 1.0, go_on=costs_go_on),
    )
    return replace(longer, npv_gbp=npsv(longer))


def _onward(
    part: NDArray[np.float64], axis: int, years: int, kept: float, *, go_on: bool = True
) -> NDArray[np.float64]:
    """The months as they are and the mean month of the last twelve for each further year, faded where it is a gain."""
    size = part.shape[axis]
    last = np.take(part, range(max(0, size - YEAR), size), axis=axis).mean(axis=axis, keepdims=True) * go_on
    ahead = [np.repeat(np.where(last > 0, last * kept**t, last), YEAR, axis=axis) for t in range(1, years + 1)]
    return np.concatenate([part, *ahead], axis=axis)
