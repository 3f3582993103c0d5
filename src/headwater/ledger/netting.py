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
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from headwater.domain.ledger import Lot

RULES = ("first", "equal", "shapley")
MOST_AT_ONCE = 4_000_000
FIRST, AFTER, DENSITY, RISK = range(4)
"""Columns of the lots' facts, float64[lot, 4]."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
"""Exact up to 32 lots on one unit-day; beyond that the integrand is smooth and 16 nodes err by less than 1e-12."""
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2


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
    sets = [codes(lot.units) for lot in lots]
    facts = np.array([_facts(lot, held.size) for lot, held in zip(lots, sets, strict=True)])
    lost = np.zeros(len(lots))
    for units, owner in _slices(sets):
        lost += _lost(units, owner, facts, rule)
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


@njit(cache=True)
def _lost(units, owner, facts, rule):  # type: ignore[no-untyped-def]
    """float64[lot]: what each lot gives up to the others; units are sorted, owners in order of registration within a unit."""
    lost = np.zeros(facts.shape[0])
    start = 0
    while start < units.size:
        end = start + 1
        while end < units.size and units[end] == units[start]:
            end += 1
        if end - start > 1:
            _share_unit(owner[start:end], facts, rule, lost)
        start = end
    return lost


@njit(cache=True)
def _share_unit(lots, facts, rule, lost):  # type: ignore[no-untyped-def]
    """Walk one unit's days from one beginning or end of a lot to the next, and divide each stretch among the lots on it."""
    edges = np.empty(2 * lots.size)
    for i in range(lots.size):
        edges[2 * i], edges[2 * i + 1] = facts[lots[i], FIRST], facts[lots[i], AFTER]
    edges.sort()
    there = np.empty(lots.size, np.int64)
    share = np.empty(lots.size)
    for e in range(edges.size - 1):
        days = edges[e + 1] - edges[e]
        k = 0
        for lot in lots:
            if days > 0 and facts[lot, FIRST] <= edges[e] and facts[lot, AFTER] >= edges[e + 1]:
                there[k] = lot
                k += 1
        if k > 1:
            _divide(facts[there[:k], DENSITY], facts[there[:k], RISK], rule, share)
            for i in range(k):
                lost[there[i]] += (facts[there[i], DENSITY] - share[i]) * days


@njit(cache=True)
def _divide(d, r, rule, share):  # type: ignore[no-untyped-def]
    """The shares of one stretch, by densities and risks in order of registration, into `share`."""
    if rule == 0:
        most = 0.0
        for i in range(d.size):
            share[i] = max(0.0, d[i] - most)
            most = max(most, d[i])
    elif rule == 1:
        _equal(d, share)
    elif np.isnan(r).any():
        _airport(d, share)
    else:
        _joint(d, r, share)


@njit(cache=True)
def _joint(d, r, share):  # type: ignore[no-untyped-def]
    """Shapley value of effects that multiply: φᵢ = dᵢ ∫₀¹ Π_{j≠i} (1 − t·rⱼ) dt."""
    for i in range(d.size):
        share[i] = 0.0
        for q in range(NODES.size):
            product = WEIGHTS[q]
            for j in range(d.size):
                if j != i:
                    product *= 1 - NODES[q] * r[j]
            share[i] += d[i] * product


@njit(cache=True)
def _equal(d, share):  # type: ignore[no-untyped-def]
    """Constrained equal awards of max(d): all get the same, but nobody more than its own."""
    order = np.argsort(d)
    left = d.max()
    for at in range(order.size):
        share[order[at]] = min(d[order[at]], left / (order.size - at))
        left -= share[order[at]]


@njit(cache=True)
def _airport(d, share):  # type: ignore[no-untyped-def]
    """Shapley value of max(d): each step up is paid in equal parts by those who reach it."""
    order = np.argsort(d)
    below, paid = 0.0, 0.0
    for at in range(order.size):
        paid += (d[order[at]] - below) / (order.size - at)
        below = d[order[at]]
        share[order[at]] = paid
