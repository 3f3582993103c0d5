"""Structural breaks and gaps in a panel of series: lasting level shifts that the other series do not share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Break:
    """A series (row `unit`) moves by `shift` (log rate, relative to the others) from period `at` on."""

    unit: int
    at: int
    shift: float


def relative_logs(rates: Floats, among: NDArray[np.intp] | None = None) -> Floats:
    """float64[unit, period]: log rates less the unit's own median, less the median of the units `among` (all) in that
    period.

    What the units share (season, trend, a hard winter, a national recoding) goes; what only one of them does stays. A
    rate of zero has no logarithm and is taken as half the unit's smallest rate above zero.
    """
    held = np.where(rates > 0, rates, np.nan)
    smallest = np.nanmin(held, axis=1, keepdims=True, initial=np.inf) / 2
    floor = np.where(np.isfinite(smallest), smallest, np.nan)
    logs = np.log(np.where(rates == 0, floor, held))
    own = logs - _median(logs, axis=1)
    shared = own - _median(own if among is None else own[among], axis=0)
    return np.asarray(shared - _median(shared, axis=1))


def without_season(logs: Floats, season: int) -> Floats:
    """The same with each unit's own calendar pattern removed (medians by place in the year), given three years of
    it."""
    if logs.shape[1] < 3 * season:
        return logs
    left = logs.copy()
    for month in range(season):
        left[:, month::season] -= _median(left[:, month::season], axis=1)
    return left


def without_steps(rates: Floats, at: NDArray[np.int64], window: int, among: NDArray[np.intp] | None = None) -> Floats:
    """The same with each unit's step at its own period `at` taken out (int[unit]; beyond the last period there is
    none): the difference of the medians of up to `window` counted periods before and half of it after, relative to the
    other units. A step that comes months later is so not taken for one at the start, and stays."""
    found, logs = rates.copy(), relative_logs(rates, among)
    for unit in np.flatnonzero((at > 0) & (at < rates.shape[1])).tolist():
        k, there = int(at[unit]), np.flatnonzero(np.isfinite(logs[unit]))
        before, after = logs[unit, there[there < k][-window:]], logs[unit, there[there >= k][: window // 2]]
        if len(before) and len(after):
            found[unit, k:] /= np.exp(np.median(after) - np.median(before))
    return found


def level_shifts(
    logs: Floats, limit: float, window: int = 12, shortest: int = 4, chance: Floats | None = None
) -> tuple[Break, ...]:
    """Every place where the median of the `window` periods after differs from that of the window before by over
    `limit`,

    lasts at least `shortest` periods, and stands out from the series' own noise (four standard errors of a difference
    of medians, scale from the median absolute deviation, or `chance` where that is larger: float64[unit], the standard
    error that counting alone gives a period's logarithm, for small counts lie still for months and jump by chance). The
    largest of neighbouring candidates is the break. A window is counted in periods with data, so a gap hides no break:
    the level before it is compared with the level after it.
    """
    found: list[Break] = []
    floor = np.zeros(len(logs)) if chance is None else np.nan_to_num(chance)
    for unit, row in enumerate(logs):
        at = np.flatnonzero(np.isfinite(row))
        shifts = _shifts(np.ascontiguousarray(row[at]), (limit, floor[unit]), window, shortest)
        found += [Break(unit, int(at[k]), shift) for k, shift in _peaks(row[at], shifts, window)]
    return tuple(found)


@numba.njit(cache=True)
def _middle(values):  # type: ignore[no-untyped-def]
    """The median of a few dozen numbers; values is sorted in place."""
    values.sort()
    half = len(values) // 2
    return values[half] if len(values) % 2 else 0.5 * (values[half - 1] + values[half])


@numba.njit(cache=True)
def _shifts(row, limits, window, shortest):  # type: ignore[no-untyped-def]
    """float64[period]: the shift at each candidate, 0 elsewhere; limits: the least shift, the least noise of a
    period."""
    limit, floor = limits
    shifts = np.zeros(len(row))
    for k in range(shortest, len(row) - shortest + 1):
        before, after = row[max(0, k - window) : k].copy(), row[k : k + window].copy()
        low, high = _middle(before), _middle(after)
        spread = _middle(np.concatenate((np.abs(before - low), np.abs(after - high))))
        error = 1.2533 * max(1.4826 * spread, floor) * np.sqrt(1 / len(before) + 1 / len(after))
        if abs(high - low) > limit and abs(high - low) > 4 * error:
            shifts[k] = high - low
    return shifts


def _peaks(row: Floats, shifts: Floats, window: int) -> list[tuple[int, float]]:
    """Candidates by size, each silencing its neighbours within half a window; placed where two levels fit best there.

    Medians of windows hardly move while the edge wanders by less than half a window, so that which of them is largest
    is chance.
    """
    kept: list[tuple[int, float]] = []
    left = np.abs(shifts)
    while left.max(initial=0.0) > 0:
        k = int(left.argmax())
        near = slice(max(0, k - window // 2), k + window // 2 + 1)
        alike = near.start + np.flatnonzero((left[near] > 0) & (shifts[near] * shifts[k] > 0))
        at = min(
            alike.tolist(), key=lambda place: _misfit(row[max(0, k - window) : k + window], place - max(0, k - window))
        )
        kept.append((at, float(shifts[at])))
        left[near] = 0
        left[max(0, at - window // 2) : at + window // 2 + 1] = 0
    return sorted(kept)


def _misfit(row: Floats, at: int) -> float:
    """How far the values lie from the medians of those before and from a place on."""
    return float(sum(np.abs(part - np.median(part)).sum() for part in (row[:at], row[at:])))


def zero_runs(counts: Floats, shortest: int = 2, expected: float = 10.0) -> NDArray[np.bool_]:
    """bool[unit, period]: runs of zeros that are gaps filled with zeros rather than counts.

    A unit that has `expected` contacts or more in a typical period (median of those above zero) has none by chance less
    than once in twenty thousand periods.
    """
    typical = _median(np.where(counts > 0, counts, np.nan), axis=1)
    zero = (counts == 0) & (typical >= expected)
    run = np.zeros_like(zero)
    for start in range(counts.shape[1] - shortest + 1):
        whole = zero[:, start : start + shortest].all(axis=1)
        run[:, start : start + shortest] |= whole[:, None]
    return run


def _median(rows: Floats, axis: int) -> Floats:
    """The median over an axis, kept as an axis; NaN where there is nothing (and no warning)."""
    empty = np.isnan(rows).all(axis=axis, keepdims=True)
    return np.where(empty, np.nan, np.nanmedian(np.where(empty, 0.0, rows), axis=axis, keepdims=True))
