"""One averted contact, one claim: what each lot holds once lots over the same people or places and days are netted.

A lot's averted contacts lie evenly over its unit-days (density d = averted / (units × days)). Where lots of one kind, unit type
and sign share a unit-day, no more was averted there than the largest of them says, M = max d, because every evaluation
compares with nothing at all and sees the same fall. The rule divides M:

first     in order of registration, each adds only what it says beyond those before it
equal     equal amounts, nobody more than its own d (constrained equal awards; Aumann and Maschler 1985)
shapley   each its mean contribution over all orders: of M (the airport game; Littlechild and Owen 1973), or, where every lot
          there states the contacts expected without it, of the joint model 1 − Π(1 − rᵢ), rᵢ = averted / expected, under which
          effects multiply (0.88 and 0.75 leave 0.66, not 0.63). φᵢ = dᵢ ∫₀¹ Π_{j≠i} (1 − t·rⱼ) dt
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from headwater.domain.ledger import Lot

RULES = ("first", "equal", "shapley")
MOST_AT_ONCE = 4_000_000


def available(lots: Sequence[Lot], codes: Callable[[str], NDArray[np.uint64]], rule: str) -> NDArray[np.float64]:
    """float64[lot]: averted contacts each lot may be claimed for; lots in order of registration."""
    held = np.array([lot.averted for lot in lots], dtype=np.float64)
    groups: dict[tuple[str, str, bool], list[int]] = {}
    for at, lot in enumerate(lots):
        groups.setdefault((lot.kind, lot.unit, lot.averted < 0), []).append(at)
    for members in groups.values():
        if len(members) > 1:
            held[members] = _net([lots[at] for at in members], codes, RULES.index(rule))
    return held


def _net(lots: Sequence[Lot], codes: Callable[[str], NDArray[np.uint64]], rule: int) -> NDArray[np.float64]:
    from headwater.ledger.kernels import (
        lost_to_others,
    )  # compiled code takes a second to load, and a lone lot needs none

    sets = [codes(lot.units) for lot in lots]
    facts = np.array([_facts(lot, held.size) for lot, held in zip(lots, sets, strict=True)])
    lost = np.zeros(len(lots))
    for units, owner in _slices(sets):
        lost += lost_to_others(units, owner, facts, rule)
    averted = np.array([lot.averted for lot in lots])
    return averted - np.sign(averted) * np.minimum(lost, np.abs(averted))


def _facts(lot: Lot, units: int) -> tuple[float, float, float, float]:
    """A lot's first day, the day after its last, contacts averted a unit-day, and averted over expected (NaN if not stated)."""
    first, after = date.fromisoformat(lot.first_day).toordinal(), date.fromisoformat(lot.last_day).toordinal() + 1
    averted = abs(lot.averted)
    risk = min(1.0, averted / lot.expected) if lot.expected > 0 else float("nan")
    return first, after, averted / (max(1, units) * max(1, after - first)), risk


def _slices(sets: Sequence[NDArray[np.uint64]]) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """Units and the lots that hold them, by unit and within it in order of registration, a range of hashes at a time.

    4 million at a time are 100 MB, however many people the lots hold; hashes spread evenly, so the ranges are equal.
    """
    number = 1 + sum(codes.size for codes in sets) // MOST_AT_ONCE
    edges = np.linspace(0, 2.0**64, number + 1)[1:-1].astype(np.uint64)
    cuts = [np.concatenate([[0], np.searchsorted(codes, edges), [codes.size]]).astype(np.int64) for codes in sets]
    for part in range(number):
        parts = [codes[cut[part] : cut[part + 1]] for codes, cut in zip(sets, cuts, strict=True)]
        units = np.concatenate(parts)
        owner = np.repeat(np.arange(len(sets)), [part.size for part in parts])
        order = np.argsort(units, kind="stable")
        yield units[order], owner[order]
