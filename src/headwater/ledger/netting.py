"""One averted contact, one claim: what each lot holds once lots over the same people or places and days are netted.

A lot's averted contacts lie evenly over its unit-days, each unit's own (density d = averted / unit-days). Where lots of
one kind, unit type and sign share a unit-day, no more was averted there than the largest of them says, M = max d,
because every evaluation compares with nothing at all and sees the same fall. The rule divides M:

first     in order of registration, each adds only what it says beyond those before it
equal     equal amounts, nobody more than its own d (constrained equal awards; Aumann and Maschler 1985)
shapley   each its mean contribution over all orders: of M (the airport game; Littlechild and Owen 1973), or, where
every lot
          there states the contacts expected without it, of the joint model 1 − Π(1 − rᵢ), rᵢ = averted / expected,
          under which effects multiply (0.88 and 0.75 leave 0.66, not 0.63). φᵢ = dᵢ ∫₀¹ Π_{j≠i} (1 − t·rⱼ) dt
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from headwater.domain.ledger import Lot
    from headwater.ledger.units import UnitSets

RULES = ("first", "equal", "shapley")
MOST_AT_ONCE = 4_000_000


def available(lots: Sequence[Lot], sets: UnitSets, rule: str) -> NDArray[np.float64]:
    """float64[lot]: averted contacts each lot may be claimed for; lots in order of registration."""
    held = np.array([lot.averted for lot in lots], dtype=np.float64)
    groups: dict[tuple[str, str, bool], list[int]] = {}
    for at, lot in enumerate(lots):
        groups.setdefault((lot.kind, lot.unit, lot.averted < 0), []).append(at)
    for members in groups.values():
        if len(members) > 1:
            held[members] = _net([_stretches(lots[at], sets) for at in members], RULES.index(rule))
    return held


@dataclass(frozen=True, slots=True, eq=False)
class _Stretches:
    """One lot's units by code, with the first day of each and the day after its last, since 1970."""

    lot: Lot
    codes: NDArray[np.uint64]
    first: NDArray[np.int64]
    after: NDArray[np.int64]

    @property
    def facts(self) -> tuple[float, float]:
        """Contacts averted a unit-day, and averted over expected (NaN if not stated)."""
        averted, days = abs(self.lot.averted), int((self.after - self.first).sum())
        risk = min(1.0, averted / self.lot.expected) if self.lot.expected > 0 else float("nan")
        return averted / max(1, days), risk


def _stretches(lot: Lot, sets: UnitSets) -> _Stretches:
    codes, days = sets.codes(lot.units), sets.days(lot.units)
    if days is None:
        ends = (np.datetime64(day, "D").astype(np.int64) for day in (lot.first_day, lot.last_day))
        days = np.repeat(np.array(list(ends))[:, None], codes.size, axis=1)
    return _Stretches(lot, codes, days[0], np.maximum(days[1], days[0]) + 1)


def _net(lots: Sequence[_Stretches], rule: int) -> NDArray[np.float64]:
    from headwater.ledger.kernels import (
        lost_to_others,
    )  # compiled code takes a second to load, and a lone lot needs none

    facts = np.array([lot.facts for lot in lots])
    lost = np.zeros(len(lots))
    for units, owner, days in _slices(lots):
        lost += lost_to_others(units, owner, days, facts, rule)
    averted = np.array([lot.lot.averted for lot in lots])
    return averted - np.sign(averted) * np.minimum(lost, np.abs(averted))


def _slices(
    lots: Sequence[_Stretches],
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.float64]]]:
    """Units, the lots that hold them, and float64[n, 2] their days there, by unit and within it in order of
    registration, a range of hashes at a time.

    4 million at a time are 200 MB, however many people the lots hold; hashes spread evenly, so the ranges are equal.
    """
    number = 1 + sum(lot.codes.size for lot in lots) // MOST_AT_ONCE
    edges = np.linspace(0, 2.0**64, number + 1)[1:-1].astype(np.uint64)
    cuts = [np.concatenate([[0], np.searchsorted(lot.codes, edges), [lot.codes.size]]).astype(np.int64) for lot in lots]
    for part in range(number):
        within = [slice(cut[part], cut[part + 1]) for cut in cuts]
        units = np.concatenate([lot.codes[at] for lot, at in zip(lots, within, strict=True)])
        days = [np.column_stack([lot.first[at], lot.after[at]]) for lot, at in zip(lots, within, strict=True)]
        owner = np.repeat(np.arange(len(lots)), [len(each) for each in days])
        order = np.argsort(units, kind="stable")
        yield units[order], owner[order], np.concatenate(days)[order].astype(np.float64)
