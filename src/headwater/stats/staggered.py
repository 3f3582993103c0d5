"""Group-time average effects under staggered starts, and their averages.

Callaway & Sant'Anna (2021), Journal of Econometrics 225:200: each cohort's change since the period before its start,
less the same change among those not treated (or not yet treated). No covariates; clustered by unit through influence
functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from headwater.stats.imputation import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Average:
    """An effect in units of the outcome, and its standard error."""

    effect: float
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class GroupTime:
    """cohorts, times: int[cell], the start and the period of each cell; effects: float64[cell]; influence:
    float64[unit, cell], whose column means of squares ÷ units are the variances; members: bool[unit, cell], of whom
    each cell is."""

    cohorts: NDArray[np.int64]
    times: NDArray[np.int64]
    effects: Floats
    influence: Floats
    members: NDArray[np.bool_]

    @property
    def after(self) -> NDArray[np.bool_]:
        """bool[cell]: from the start on."""
        return self.times >= self.cohorts

    def simple(self) -> Average:
        """Over all cells after the start, by the cohorts' sizes."""
        return self._weighted(self.after)

    def group(self, cohort: int) -> Average:
        """Over a cohort's cells after its start, evenly."""
        return self._weighted(self.after & (self.cohorts == cohort))

    def since(self, periods: int) -> Average:
        """Over cohorts, `periods` after the start (below 0 before it)."""
        return self._weighted(self.times - self.cohorts == periods)

    def _weighted(self, cells: NDArray[np.bool_]) -> Average:
        """Cells weighted by their cohort's share of units; the shares are estimated, and the error knows it."""
        at = np.flatnonzero(cells)
        member = self.members[:, at]
        share = member.mean(axis=0)
        weight = share / share.sum()
        effect = float(self.effects[at] @ weight)
        drift = (member - share) @ (self.effects[at] - effect) / share.sum()
        influence = self.influence[:, at] @ weight + drift
        return Average(effect, float(np.sqrt(np.mean(influence**2) / len(influence))))


def group_time(outcome: Floats, starts: NDArray[np.int64], compare: Literal["never", "not-yet"] = "never") -> GroupTime:
    """outcome: float64[unit, period], NaN where a unit counts for nobody; starts: int[unit], first treated period or
    NEVER.

    Cohorts treated from the first period on have no before and are left out. Before the start the base is the period
    before (short differences), after it the last period before the start.
    """
    cohorts = [int(g) for g in np.unique(starts) if 0 < g < outcome.shape[1]]
    cells = [(g, t) for g in cohorts for t in range(1, outcome.shape[1])]
    parts = [_cell(outcome, starts, g, t, compare) for g, t in cells]
    kept = [(cell, part) for cell, part in zip(cells, parts, strict=True) if part is not None]
    return _together([cell for cell, _ in kept], [part for _, part in kept], len(starts))


def _together(
    cells: Sequence[tuple[int, int]], parts: Sequence[tuple[float, Floats, NDArray[np.bool_]]], units: int
) -> GroupTime:
    return GroupTime(
        np.array([g for g, _ in cells], dtype=np.int64),
        np.array([t for _, t in cells], dtype=np.int64),
        np.array([effect for effect, _, _ in parts]),
        np.column_stack([influence for _, influence, _ in parts]) if parts else np.empty((units, 0)),
        np.column_stack([treated for _, _, treated in parts]) if parts else np.empty((units, 0), dtype=bool),
    )


def _cell(
    outcome: Floats, starts: NDArray[np.int64], g: int, t: int, compare: str
) -> tuple[float, Floats, NDArray[np.bool_]] | None:
    """The effect on cohort g at period t, its influence function and whom it is of, or None where nobody is left on
    either side."""
    base = g - 1 if t >= g else t - 1
    change = outcome[:, t] - outcome[:, base]
    there = np.isfinite(change)
    treated = (starts == g) & there
    control = (starts == NEVER if compare == "never" else (starts > max(t, base)) & (starts != g)) & there
    if not control.any() or not treated.any():
        return None
    change = np.where(there, change, 0.0)
    up, down = change[treated].mean(), change[control].mean()
    n = len(starts)
    influence = n * (treated * (change - up) / treated.sum() - control * (change - down) / control.sum())
    return float(up - down), influence, treated
