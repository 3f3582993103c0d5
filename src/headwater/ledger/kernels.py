"""The compiled part of netting: unit by unit, stretch of days by stretch of days. The rules are those of `netting`."""

from __future__ import annotations

import numpy as np
from numba import njit

DENSITY, RISK = range(2)
"""Columns of the lots' facts, float64[lot, 2]."""
FIRST, AFTER = range(2)
"""Columns of a unit's days in a lot, float64[n, 2]."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
"""Exact up to 32 lots on one unit-day; beyond that the integrand is smooth and 16 nodes err by less than 1e-12."""
NODES, WEIGHTS = (NODES + 1) / 2, WEIGHTS / 2


@njit(cache=True)
def lost_to_others(units, owner, days, facts, rule):  # type: ignore[no-untyped-def]
    """float64[lot]: what each lot gives up to the others; units are sorted, owners in order of registration within a
    unit."""
    lost = np.zeros(facts.shape[0])
    start = 0
    while start < units.size:
        end = start + 1
        while end < units.size and units[end] == units[start]:
            end += 1
        if end - start > 1:
            _share_unit(owner[start:end], days[start:end], facts, rule, lost)
        start = end
    return lost


@njit(cache=True)
def _share_unit(lots, own, facts, rule, lost):  # type: ignore[no-untyped-def]
    """Walk one unit's days from one beginning or end of a lot to the next, and divide each stretch among the lots on
    it."""
    edges = np.empty(2 * lots.size)
    for i in range(lots.size):
        edges[2 * i], edges[2 * i + 1] = own[i, FIRST], own[i, AFTER]
    edges.sort()
    there = np.empty(lots.size, np.int64)
    share = np.empty(lots.size)
    for e in range(edges.size - 1):
        days = edges[e + 1] - edges[e]
        k = 0
        for i in range(lots.size):
            if days > 0 and own[i, FIRST] <= edges[e] and own[i, AFTER] >= edges[e + 1]:
                there[k] = lots[i]
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
