"""Incidents in streets, week by week, and the action week that makes twelve of them quieter and their neighbours a
little busier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.worlds.lives import WEEKS
from headwater.worlds.programmes import DISPLACED_RATIO, STREETWEEK_RATIO, STREETWEEK_WEEK, STREETWEEK_WEEKS

if TYPE_CHECKING:
    from numpy.typing import NDArray

TREATED = 12
NEAR_M = 300.0


@dataclass(frozen=True, slots=True, eq=False)
class Incidents:
    """street, day (from the first Monday), kind (0 police, 1 fire): one row an incident; treated: the streets'
    numbers."""

    street: NDArray[np.int64]
    day: NDArray[np.int64]
    kind: NDArray[np.int64]
    treated: NDArray[np.int64]
    averted: NDArray[np.float64]
    """float64[week]: incidents that there would have been more in the treated streets without the action week, by the
    rates."""


def incidents(easting: NDArray[np.float64], northing: NDArray[np.float64], rng: np.random.Generator) -> Incidents:
    """float64[street] coordinates in metres. Streets differ in how much happens; all share the seasons and a small
    trend."""
    count = len(easting)
    level = rng.gamma(3.0, 1.4 / 3.0, count)
    treated = rng.permutation(np.argsort(-level, kind="stable")[: count // 2])[:TREATED]
    distance = np.hypot(easting[:, None] - easting[treated], northing[:, None] - northing[treated]).min(axis=1)
    near = (distance > 0) & (distance < NEAR_M)
    week = np.arange(WEEKS)
    season = (1 + 0.12 * np.sin(2 * np.pi * (week - 20) / 52.18)) * 0.995 ** (week / 52.18)
    rate = level[:, None] * season[None, :] * rng.gamma(25.0, 1 / 25.0, (count, WEEKS))
    during = (week >= STREETWEEK_WEEK) & (week < STREETWEEK_WEEK + STREETWEEK_WEEKS)
    averted = rate[treated].sum(axis=0) * during * (1 - STREETWEEK_RATIO)
    rate[np.ix_(treated, during)] *= STREETWEEK_RATIO
    rate[np.ix_(near, during)] *= DISPLACED_RATIO
    drawn = [rng.poisson(rate), rng.poisson(0.012, rate.shape)]
    pieces = [_rows(counts, at, rng) for at, counts in enumerate(drawn)]
    street, day, kind = (np.concatenate([piece[at] for piece in pieces]) for at in range(3))
    order = np.lexsort((kind, street, day))
    return Incidents(street[order], day[order], kind[order], np.sort(treated), averted)


def _rows(counts: NDArray[np.int64], kind: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], ...]:
    street, week = np.nonzero(counts)
    times = counts[street, week]
    street, week = np.repeat(street, times), np.repeat(week, times)
    return street, 7 * week + rng.integers(0, 7, len(week)), np.full(len(week), kind)
