"""Whom to enrol next: what enrolling those for whom most is expected would avert more, on people who were not learnt
from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.people.estimate import follow
from headwater.stats.content import even, mixed, named_seed
from headwater.stats.poisson import log_ratios
from headwater.stats.targeting import held_out_gain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.case import Case
    from headwater.evidence.people.estimate import Follow

    Vector = NDArray[np.float64]

SHARE, FOLDS, FEWEST, SURE = 1 / 3, 5, 100, 1.96
"""The third to be chosen; parts of the people, each judged by what the others taught; sets from which a choice is tried
at all."""


def whom_next(case: Case, kind: str) -> str:
    """One sentence: what the choice would avert more, with its interval, or that no difference can be told.
    Exploratory."""
    rows, leader = follow(case.design, case.sets, kind), case.sets.leader
    expected = case.design.expected[case.sets.row, case.design.kinds.index(kind)]
    who, at = np.unique(leader, return_inverse=True)
    if len(who) < FEWEST:
        return f"Whom to enrol next: no difference can be told among fewer than {FEWEST} people."
    person = case.design.units.person[who]
    fold = (even(mixed(person, named_seed(case.protocol.seed, "whom"))) * FOLDS).astype(np.int64)
    predicted = _predicted(rows, expected, case.sets.sets, fold[at])
    if predicted is None:
        return "Whom to enrol next: too few contacts to tell a difference."
    ours, averted, years = np.flatnonzero(rows.treated), *_averted(rows, at, len(who))
    found = held_out_gain(predicted[ours[np.argsort(leader[ours])]], averted / years, SHARE)
    low, high = found.gain - SURE * found.error, found.gain + SURE * found.error
    if low <= 0 <= high:
        return "Whom to enrol next: no difference can be told on people who were not learnt from."
    more, size = ("more", found.gain) if found.gain > 0 else ("fewer", -found.gain)
    ends = sorted((abs(low), abs(high)))
    return (
        f"Whom to enrol next: among the third for whom most was expected to be averted, {size:.1f} {more} a person a"
        f" year were ({ends[0]:.1f} to {ends[1]:.1f}) than among all, on people who were not learnt from."
    )


def _predicted(rows: Follow, expected: Vector, sets: NDArray[np.int64], fold: NDArray[np.int64]) -> Vector | None:
    """float64[member]: contacts averted a year, by a ratio that changes with what is expected, learnt from the other
    folds' sets."""
    treated, found = rows.treated.astype(np.float64), np.zeros(len(expected))
    centred = expected - expected.mean()
    x = np.column_stack([treated, treated * centred, rows.adjust])
    for part in np.unique(fold):
        learn = fold != part
        beta = log_ratios(rows.counts[learn], rows.exposure[learn], x[learn], sets[learn])
        if beta is None:
            return None
        log_ratio = np.clip(beta[0] + beta[1] * centred, -3, 3)
        found[~learn] = (np.exp(expected) * (1 - np.exp(log_ratio)))[~learn]
    return found


def _averted(rows: Follow, at: NDArray[np.int64], sets: int) -> tuple[Vector, Vector]:
    """float64[set] each: what the compared's rate lets expect of the enrolled less what they had, and the enrolled's
    years."""
    ours = rows.treated.astype(np.float64)
    seen, years = (np.bincount(at, part * ours, sets) for part in (rows.counts, rows.exposure))
    theirs, time = (np.bincount(at, part * (1 - ours), sets) for part in (rows.counts, rows.exposure))
    return theirs / np.maximum(time, 1e-9) * years - seen, np.maximum(years, 1e-9)
