"""Nearest neighbours within exact strata and calipers, at the scale of a nation.

Candidates are sorted by stratum and score once; each treated unit looks outwards from its place until the caliper ends, so the
cost is linear in people but for the sort. Treated units go in order of score, hardest first, a round at a time, so that
everybody gets a first control before anybody a second. Ties go to the smaller unit number: neither the order of rows nor the
number of threads can change a pair.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]
    _Known = tuple[Vector, Vector, Codes, Vector]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """treated, control: int64[pair], row numbers; distance: float64[pair], on the score (or Mahalanobis)."""

    treated: Codes
    control: Codes
    distance: Vector


def nearest_pairs(
    treated: NDArray[np.bool_],
    strata: Codes,
    score: Vector,
    *,
    per_unit: int = 3,
    caliper: float = np.inf,
    owner: Codes | None = None,
    when: Vector | None = None,
    apart: float = np.inf,
    features: Vector | None = None,
    replacement: bool = False,
) -> Pairs:
    """Up to `per_unit` controls for each treated row.

    treated: bool[row]; strata, owner: int64[row] (rows of one owner, a person, are never matched to each other nor
    stand in one set; without replacement no row is used twice); score, when: float64[row], matched within `caliper` and `apart`; features: float64[row, k], whose
    Euclidean distance (whitened by the caller: Mahalanobis) chooses among those within the calipers in the score's place.
    """
    rows = len(treated)
    owner = np.arange(rows) if owner is None else owner.astype(np.int64)
    when = np.zeros(rows) if when is None else when
    chosen_by = np.zeros((rows, 0)) if features is None else np.ascontiguousarray(features)
    pool = np.flatnonzero(~treated)
    pool = pool[_by_stratum_and_score(strata[pool], score[pool])]
    ours = np.flatnonzero(treated)
    ours = ours[np.argsort(-score[ours], kind="stable")]
    where = strata[pool]
    first, last = np.searchsorted(where, strata[ours]), np.searchsorted(where, strata[ours], side="right")
    # What is known of the candidates lies in the order in which it is looked at: a search runs through memory, not across it.
    known, wanted = ((score[rows], when[rows], owner[rows], chosen_by[rows]) for rows in (pool, ours))
    places, far = _searched(first, last, pool, known, wanted, (per_unit, caliper, apart, replacement))
    made = places.ravel() >= 0
    unit, control = np.repeat(ours, per_unit)[made], pool[places.ravel()[made]]
    order = np.lexsort((control, unit))
    return Pairs(unit[order], control[order], far.ravel()[made][order])


def _by_stratum_and_score(strata: Codes, score: Vector) -> Codes:
    """The order of both; equal scores stay in order of row, the sorts being stable. Small numbers are sorted by their digits."""
    order = np.argsort(score, kind="stable")
    low = int(strata.min(initial=0))
    few = int(strata.max(initial=0)) - low < 2**16
    where = strata[order]
    return order[np.argsort((where - low).astype(np.uint16) if few else where, kind="stable")]


FEW = 2_000
"""Treated units that one core searches for sooner than several would start."""


def _searched(
    first: Codes, last: Codes, pool: Codes, known: _Known, wanted: _Known, rule: tuple[int, float, float, bool]
) -> tuple[Codes, Vector]:
    """As the search of all at once. Strata share no candidate, so that every core takes some of them whole."""
    used, cores = np.zeros(len(pool), dtype=np.bool_), os.cpu_count() or 1
    if len(first) < FEW or cores == 1:
        return _search(first, last, pool, known, wanted, rule, used)
    places, far = np.empty((len(first), rule[0]), dtype=np.int64), np.empty((len(first), rule[0]))
    # Strata lie one after another in the pool; as many of the treated go to each core as there are shares.
    order = np.argsort(first, kind="stable")
    cuts = first[order[np.arange(1, 4 * cores) * len(first) // (4 * cores)]]
    share = np.searchsorted(np.unique(cuts), first, side="right")

    def part(rows: Codes) -> None:
        some = tuple(column[rows] for column in wanted)
        places[rows], far[rows] = _search(first[rows], last[rows], pool, known, some, rule, used)

    with ThreadPoolExecutor(cores) as threads:
        list(threads.map(part, [np.flatnonzero(share == at) for at in range(share.max() + 1)]))
    return places, far


@njit(cache=True, nogil=True)
def _search(first, last, pool, known, ours, rule, used):  # type: ignore[no-untyped-def]
    """int64[treated, turn], places in the pool or −1, and their distances. Treated units in order, a round at a time."""
    per_unit, caliper, apart, replacement = rule
    mine = np.full((len(first), per_unit), -1, dtype=np.int64)
    far = np.empty((len(first), per_unit), dtype=np.float64)
    for turn in range(per_unit):
        for at in range(len(first)):
            best, distance = _closest(at, first[at], last[at], pool, known, ours, caliper, apart, used, mine[at, :turn])
            mine[at, turn], far[at, turn] = best, distance
            if best >= 0 and not replacement:
                used[best] = True
    return mine, far


@njit(cache=True, nogil=True)
def _closest(at, first, last, pool, known, ours, caliper, apart, used, mine):  # type: ignore[no-untyped-def]
    """The nearest free candidate of a stratum: outwards on both sides until nothing nearer can come."""
    score, when, owner, features = known
    level, moment, own = ours[0][at], ours[1][at], ours[2][at]
    low, high = first, last
    while low < high:
        middle = (low + high) // 2
        if score[middle] < level:
            low = middle + 1
        else:
            high = middle
    left, right = low - 1, low
    best, nearest, bound = -1, np.inf, np.inf
    by_features = features.shape[1] > 0
    while left >= first or right < last:
        down = level - score[left] if left >= first else np.inf
        up = score[right] - level if right < last else np.inf
        gap = min(down, up)
        if gap > caliper or (not by_features and gap > nearest):
            break
        if down <= up:
            place, left = left, left - 1
        else:
            place, right = right, right + 1
        if used[place] or abs(when[place] - moment) > apart or _theirs(own, owner[place], owner, mine):
            continue
        distance = gap
        if by_features:
            distance = 0.0
            for k in range(features.shape[1]):
                distance += (features[place, k] - ours[3][at, k]) ** 2
                if distance > bound:
                    break
            distance = np.sqrt(distance)
        if distance < nearest or (distance == nearest and pool[place] < pool[best]):
            best, nearest = place, distance
            # A little above the square, so that rounding parts no tie.
            bound = nearest * nearest * (1 + 1e-12)
    return best, nearest


@njit(cache=True, nogil=True)
def _theirs(own, candidate, owner, mine):  # type: ignore[no-untyped-def]
    """Whether the candidate is the unit's own person, or one who stands in its set already."""
    if candidate == own:
        return True
    # numba compiles the loop, not a generator expression
    for place in mine:  # noqa: SIM110
        if place >= 0 and owner[place] == candidate:
            return True
    return False


def whitened(features: Vector) -> Vector:
    """Features whose Euclidean distance is the Mahalanobis distance; collinear directions are dropped."""
    centred = features - features.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(centred, rowvar=False).reshape(centred.shape[1], -1))
    kept = values > 1e-10 * max(values.max(), 1e-300)
    found: Vector = centred @ (vectors[:, kept] / np.sqrt(values[kept]))
    return found


def entropy_weights(covariates: Vector, targets: Vector, steps: int = 200) -> Vector | None:
    """float64[row], summing to 1, whose weighted means equal `targets` (Hainmueller 2012); None where none exist.

    covariates: float64[row, covariate]; targets: float64[covariate]. Newton on the dual with halved steps.
    """
    spread = covariates.std(axis=0)
    used = spread > 1e-12
    x = (covariates[:, used] - targets[used]) / spread[used]
    dual = np.zeros(x.shape[1])
    for _ in range(steps):
        weight, level = _tilted(x, dual)
        gradient = weight @ x
        if np.abs(gradient).max() < 1e-9:
            return weight
        centred = x - gradient
        step = np.linalg.lstsq(
            (centred * weight[:, None]).T @ centred + 1e-9 * np.eye(len(dual)), gradient, rcond=None
        )[0]
        scale = 1.0
        while scale > 1e-8 and _tilted(x, dual - scale * step)[1] > level:
            scale /= 2
        dual = dual - scale * step
    return None


def _tilted(x: Vector, dual: Vector) -> tuple[Vector, float]:
    exponent = x @ dual
    top = exponent.max()
    raw = np.exp(exponent - top)
    return raw / raw.sum(), float(np.log(raw.sum()) + top)
