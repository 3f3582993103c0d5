"""Nearest neighbours within exact strata and calipers, at the scale of a nation.

Candidates are sorted by stratum and score once; each treated unit looks outwards from its place until the caliper ends,
past those already taken in one step, so the cost is linear in people but for the sort. Treated units go in order of
score, hardest first, a round at a time, so that everybody gets a first control before anybody a second. Ties go to the
smaller unit number: neither the order of rows nor the number of threads can change a pair.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from headwater.stats import blocks
from headwater.stats.matching_kernels import Known, by_features, by_score, columns, settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """treated, control: int64[pair], row numbers; distance: float64[pair], on the score (or Mahalanobis)."""

    treated: Codes
    control: Codes
    distance: Vector


class Rule(NamedTuple):
    """How many controls each gets, how far apart scores and moments may lie, and whether a control may serve
    several."""

    per_unit: int = 3
    caliper: float = np.inf
    apart: float = np.inf
    replacement: bool = False


RULE = Rule()


def nearest_pairs(
    treated: NDArray[np.bool_],
    strata: Codes,
    score: Vector,
    rule: Rule = RULE,
    *,
    owner: Codes | None = None,
    when: Vector | None = None,
    features: Vector | None = None,
) -> Pairs:
    """Up to `per_unit` of the rule as controls for each treated row.

    treated: bool[row]; strata, owner: int64[row] (rows of one owner, a person, are never matched to each other nor
    stand in one set; without replacement no row is used twice); score, when: float64[row], matched within the rule's
    `caliper` and `apart`; features: float64[row, k], whose Euclidean distance (whitened by the caller: Mahalanobis)
    chooses among those within the calipers in the score's place.
    """
    pool, ours = np.flatnonzero(~treated), np.flatnonzero(treated)
    pool = pool[_in_order(strata[pool], score[pool])]
    ours = ours[_in_order(strata[ours], -score[ours])]
    where = strata[pool]
    first, last = (np.searchsorted(where, strata[ours], side=side) for side in ("left", "right"))
    # What is known of the candidates lies in the order in which it is looked at: a search runs through memory, not
    # across it.
    known, wanted = (_known(rows, score, when, owner) for rows in (pool, ours))
    rule = Rule(rule.per_unit, float(rule.caliper), float(rule.apart), rule.replacement)
    if features is None:
        search = _search_by_score(known, rule)
    else:
        search, wanted = _search_by_features(known, features, rule), wanted._replace(features=features[ours])
    places, far = _shared_out(search, first, last, wanted)
    made = places.ravel() >= 0
    unit, control = np.repeat(ours, rule.per_unit)[made], pool[places.ravel()[made]]
    order = np.lexsort((control, unit))
    return Pairs(unit[order], control[order], far.ravel()[made][order])


def _known(rows: Codes, score: Vector, when: Vector | None, owner: Codes | None) -> Known:
    moment = np.zeros(len(rows)) if when is None else when[rows]
    return Known(rows, score[rows], moment, rows if owner is None else owner[rows].astype(np.int64), np.empty((0, 0)))


def _in_order(strata: Codes, score: Vector) -> Codes:
    """The order of both; equals stay in order of row. One sort of numbers that hold stratum, score and row, each with
    its bits.

    What the score's bits cannot part is settled afterwards, so that their number decides how long it takes, never the
    order.
    """
    codes = _numbered(strata)
    row_bits, stratum_bits = max(len(codes) - 1, 0).bit_length(), int(codes.max(initial=0)).bit_length()
    low, high = (float(end) for end in (score.min(initial=np.inf), score.max(initial=-np.inf)))
    bits = min(64 - row_bits - stratum_bits, 48)
    steps = (score - low) * ((2**bits - 1) / (high - low)) if high > low else np.zeros(len(score))
    packed = ((codes << np.uint64(bits)) | steps.astype(np.uint64)) << np.uint64(row_bits)
    packed |= np.arange(len(codes), dtype=np.uint64)
    packed.sort()
    order = (packed & np.uint64(2**row_bits - 1)).astype(np.int64)
    settled(order, packed >> np.uint64(row_bits), score)
    return order


SPAN = 2**24
"""Stratum codes that lie within so many are packed as they are; others are numbered first."""


def _numbered(strata: Codes) -> NDArray[np.uint64]:
    low = int(strata.min(initial=0))
    if int(strata.max(initial=0)) - low >= SPAN:
        strata, low = np.unique(strata, return_inverse=True)[1], 0
    found: NDArray[np.uint64] = (strata - low).astype(np.uint64)
    return found


def _search_by_score(pool: Known, rule: Rule) -> Callable[..., tuple[Codes, Vector]]:
    up, down = np.arange(len(pool.row)), np.arange(len(pool.row))

    def search(first: Codes, last: Codes, ours: Known) -> tuple[Codes, Vector]:
        found: tuple[Codes, Vector] = by_score(first, last, pool, ours, rule, up, down)
        return found

    return search


def _search_by_features(pool: Known, features: Vector, rule: Rule) -> Callable[..., tuple[Codes, Vector]]:
    used, turned = np.zeros(len(pool.row), dtype=np.bool_), np.empty((features.shape[1], len(pool.row)))
    blocks.each_block(len(pool.row), lambda rows: columns(features, pool.row[rows], turned[:, rows]))
    pool = pool._replace(features=turned)

    def search(first: Codes, last: Codes, ours: Known) -> tuple[Codes, Vector]:
        found: tuple[Codes, Vector] = by_features(first, last, pool, ours, rule, used)
        return found

    return search


FEW = 2_000
"""Treated units that one core searches for sooner than several would start."""


def _shared_out(
    search: Callable[..., tuple[Codes, Vector]], first: Codes, last: Codes, ours: Known
) -> tuple[Codes, Vector]:
    """As the search of all at once. Strata share no candidate, so that every core takes some of them whole."""
    cores = os.cpu_count() or 1
    if len(first) < FEW or cores == 1:
        return search(first, last, ours)
    # Strata lie one after another; as many of the treated go to each core as there are shares.
    wanted = np.arange(1, 4 * cores) * len(first) // (4 * cores)
    ends = np.unique([0, *np.searchsorted(first, first[wanted]), len(first)])

    def part(rows: slice) -> tuple[Codes, Vector]:
        return search(first[rows], last[rows], Known._make(column[rows] for column in ours))

    with ThreadPoolExecutor(cores) as threads:
        found = list(threads.map(part, [slice(*ends[at : at + 2]) for at in range(len(ends) - 1)]))
    return np.concatenate([one for one, _ in found]), np.concatenate([far for _, far in found])


def whitened(features: NDArray[Any]) -> Vector:
    """Features whose Euclidean distance is the Mahalanobis distance; collinear directions are dropped."""
    x = blocks.table(features)
    middle = blocks.mean(x)
    values, vectors = np.linalg.eigh(blocks.cross(x, middle) / max(len(x) - 1, 1))
    kept = values > 1e-10 * max(values.max(), 1e-300)
    return blocks.turned(x, middle, vectors[:, kept] / np.sqrt(values[kept]))
