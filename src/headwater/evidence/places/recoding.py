"""Changes of source: what counts a unit's contacts is another system, return or rule from some period on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.case_limits import AROUND_START

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.evidence import Panel

    Flags = NDArray[np.bool_]

SHARED = 0.8
"""Where this share of the untreated changes in the same period it is all who change, and the comparison takes it
out."""
RUN = 6
"""So many counts above nought that are all multiples of five are rounded: by chance it comes once in fifteen thousand
times."""


@dataclass(frozen=True, slots=True)
class Recoded:
    """A unit's source changes at period `at`; shared: nearly all others' does too; rounding: seen in the numbers, not
    declared."""

    unit: int
    at: int
    shared: bool
    rounding: bool = False


def recodings(panel: Panel, treated: NDArray[np.intp]) -> tuple[Recoded, ...]:
    """Every change of every unit, in their order; sources that are not told change nothing."""
    declared = _changes(panel.source) if panel.source is not None else []
    rounded = [(unit, at) for unit, at in _changes(_rounded(panel)) if (unit, at) not in set(declared)]
    others = np.setdiff1d(np.arange(len(panel.units)), treated)
    found = []
    for changes, rounding in ((declared, False), (rounded, True)):
        by_period: dict[int, set[int]] = {}
        for unit, at in changes:
            by_period.setdefault(at, set()).add(unit)
        for unit, at in changes:
            alike = len(by_period[at] & set(others.tolist())) / max(1, len(others))
            found.append(Recoded(unit, at, alike >= SHARED, rounding))
    return tuple(sorted(found, key=lambda one: (one.unit, one.at)))


def _changes(source: NDArray[np.int64]) -> list[tuple[int, int]]:
    """(unit, period) of each period whose source is told and differs from the last one told. source: below nought
    untold."""
    found = []
    for unit, row in enumerate(source):
        told = np.flatnonzero(row >= 0)
        moved = told[1:][np.diff(row[told]) != 0]
        found += [(unit, int(at)) for at in moved]
    return found


def _rounded(panel: Panel) -> NDArray[np.int64]:
    """1 within a run at either end of a series whose counts are all multiples of five while the others are not, else 0.

    A count told as small alone says nothing of how the others are rounded: its middle is ours.
    """
    counts, found = panel.counts, np.zeros(panel.counts.shape, dtype=np.int64)
    told = np.isfinite(counts) & (counts > 0)
    if panel.least is not None:
        told &= ~np.isfinite(panel.least)
    five = told & (counts % 5 == 0)
    odd = told & ~five
    for row in np.flatnonzero(odd.any(axis=1)).tolist():
        at = np.flatnonzero(odd[row])
        first, last = int(at[0]), int(at[-1]) + 1
        for run in (slice(0, first), slice(last, counts.shape[1])):
            if five[row, run].sum() >= RUN:
                found[row, run] = 1
    return found


def one_source(
    changes: tuple[Recoded, ...], treated: NDArray[np.intp], first: int, windows: tuple[Flags, Flags]
) -> tuple[Flags, Flags]:
    """The periods before and after the start within which the treated's own source stays one. A change about the start
    cannot be cut away and is left to the check; so is one that all share, for the comparison has it too."""
    pre, post = (window.copy() for window in windows)
    at = np.arange(len(pre))
    for one in changes:
        if one.unit not in treated or one.shared or abs(one.at - first) <= AROUND_START:
            continue
        if one.at < first:
            pre &= at >= one.at
        else:
            post &= at < one.at
    return pre, post
