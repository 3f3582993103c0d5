"""Records in groups: the partition that pairwise log odds speak for, found by merging groups that agree most on
average.

A pair's weight is the log2 odds that its two records are one person. Groups are merged, best mean first, for as long as
the mean over the pairs that were compared between them is above nought; pairs that were never compared say nothing.
Joining whatever is connected (single linkage) would let one chance pair tie two families together; this is its remedy,
a greedy form of correlation clustering (Bansal, Blum & Chawla 2004, Machine Learning 56; Keuper et al. 2015, ICCV, for
the greedy contraction of edges).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]

LARGEST_PIECE = 1_500
"""Groups taken at a time: two float64 matrices of 1,500 × 1,500 are 36 MB. A piece over it is cut at rising weights
first."""
STEP = 2.0
"""Bits of evidence more that are asked each time a group has to be broken."""
STEPS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Compared pairs of nodes 0 … n − 1, each once. left, right: int64[pair]; weight: float64[pair], log2 odds."""

    left: Whole
    right: Whole
    weight: Real


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """What a node brings. number: int64[node], a code of the number it bears, −1 for none; alone: int64[node], a bit
    mask.

    Nodes of one number are one group from the start and nodes of two numbers never come together. Nodes whose masks
    share a bit (two records of an agency that holds nobody twice) never come together either.
    """

    number: Whole
    alone: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """group: int64[node], numbered in order of each group's first node; broken: sizes of groups that were over the
    limit.

    support: float64[node], mean log2 odds of the node with the compared others of its group; NaN where there are none.
    """

    group: Whole
    support: Real
    broken: tuple[int, ...]


class _Pieces(NamedTuple):
    """Connected pieces of more than one group: where each begins among the members, the members, where each begins
    among its inner pairs, and the numbers of those."""

    firsts: Whole
    members: Whole
    first_pairs: Whole
    inner: Whole


class _Edges(NamedTuple):
    """Compared pairs of starting groups, lower first, and their weights."""

    left: Whole
    right: Whole
    weight: Real


class _Members(NamedTuple):
    """What is known of groups. name: int64[group], to which draws belong; number, alone: as of `Nodes`."""

    name: Whole
    number: Whole
    alone: Whole


class _Evidence(NamedTuple):
    """float64[member, member]: sums of weights between groups of a piece, and of how many pairs."""

    total: Real
    pairs: Real


def grouped(nodes: Nodes, pairs: Pairs, largest: int = 50, seed: int | None = None) -> Groups:
    """The groups. largest: nodes a group may have before it is asked for more evidence and so broken.

    With a seed the groups are drawn, not the most likely ones: to the mean weight between two groups a logistic draw is
    added that belongs to that pair of groups, so that two lone nodes come together with exactly the probability their
    weight says.
    """
    start = _starting(nodes.number)
    count = int(start.max(initial=-1)) + 1
    groups = _of_groups(start, nodes, count)
    edges = _between(start, pairs)
    noise = 0 if seed is None else seed * 2 + 1
    linked = (edges.weight > 0) | (edges.weight + _noises(edges.left, edges.right, noise) > 0)
    pieces = _pieces(count, edges, linked)
    label, broken = _settled(pieces, edges, groups, np.bincount(start, minlength=count), noise, largest)
    group = _numbered(label[start])
    return Groups(group, _support(group, pairs), tuple(int(size) for size in np.sort(broken)[::-1]))


def _starting(number: Whole) -> Whole:
    """int64[node]: nodes of one number together, every other alone; numbered in order of the first node."""
    count = len(number)
    lone = np.where(number >= 0, number, -1 - np.arange(count))
    return _numbered(np.unique(lone, return_inverse=True)[1].astype(np.int64))


def _numbered(label: Whole) -> Whole:
    """The same groups numbered 0, 1, … in order of their first node."""
    _, first, at = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[at]


def _of_groups(start: Whole, nodes: Nodes, count: int) -> _Members:
    number = np.full(count, -1, dtype=np.int64)
    np.maximum.at(number, start, nodes.number)
    alone = np.zeros(count, dtype=np.int64)
    np.bitwise_or.at(alone, start, nodes.alone)
    return _Members(np.arange(count), number, alone)


def _between(start: Whole, pairs: Pairs) -> _Edges:
    """Pairs of starting groups, lower first, in a fixed order whatever order they came in."""
    a, b = start[pairs.left], start[pairs.right]
    left, right = np.minimum(a, b), np.maximum(a, b)
    keep = left < right
    left, right, weight = left[keep], right[keep], pairs.weight[keep]
    order = np.lexsort((weight, right, left))
    return _Edges(left[order], right[order], weight[order])


def _pieces(count: int, edges: _Edges, linked: NDArray[np.bool_]) -> _Pieces:
    """Too large a piece is cut at rising weights, until the matrices of each fit."""
    left, right, weight = edges
    piece = _connected(count, left[linked], right[linked])
    bar = 0.0
    while (large := np.flatnonzero(np.bincount(piece) > LARGEST_PIECE)).size and bar < STEP * STEPS:
        bar += STEP
        linked = linked & (~np.isin(piece[left], large) | (weight > bar))
        piece = _connected(count, left[linked], right[linked])
    size = np.bincount(piece, minlength=count)
    members = np.argsort(piece, kind="stable")
    members = members[size[piece[members]] > 1]
    inner = np.flatnonzero(piece[left] == piece[right])
    inner = inner[np.argsort(piece[left[inner]], kind="stable")]
    several = np.flatnonzero(size > 1)
    pairs = np.bincount(piece[left[inner]], minlength=len(size))[several]
    return _Pieces(_starts(size[several]), members, _starts(pairs), inner)


def _starts(sizes: Whole) -> Whole:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _connected(count: int, left: Whole, right: Whole) -> Whole:
    edges = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    return np.asarray(connected_components(edges, directed=False)[1], dtype=np.int64)


@njit(cache=True)
def _settled(pieces, edges, groups, nodes, noise, largest):  # type: ignore[no-untyped-def] # pragma: no cover
    """int64[group]: the group that stands for each; sizes of those over the limit, which are done again with more
    evidence asked.

    nodes: int64[group], how many each has.
    """
    firsts, members, first_pairs, inner = pieces
    left, right, weight = edges
    number, alone = groups.number, groups.alone
    label, at_of = np.arange(len(number)), np.zeros(len(number), dtype=np.int64)
    broken = [0 for _ in range(0)]
    for piece in range(len(firsts) - 1):
        mine = members[firsts[piece] : firsts[piece + 1]]
        for at in range(len(mine)):
            at_of[mine[at]] = at
        theirs = inner[first_pairs[piece] : first_pairs[piece + 1]]
        a, b, bits = at_of[left[theirs]], at_of[right[theirs]], weight[theirs]
        for step in range(STEPS):
            stands = _merged(_Members(mine, number[mine], alone[mine]), _Edges(a, b, bits - STEP * step), noise)
            over = _over(stands, nodes[mine], largest)
            if step == 0:
                broken.extend(over)
            if len(over) == 0:
                break
        for at in range(len(mine)):  # assigned at once, it would take ten seconds more to compile
            label[mine[at]] = mine[stands[at]]
    return label, np.array(broken, dtype=np.int64)


@njit(cache=True)
def _over(stands, nodes, largest):  # type: ignore[no-untyped-def] # pragma: no cover
    """Sizes of groups over the limit. A number's own records may be as many as they are: no evidence would part
    them."""
    size, parts = np.zeros(len(stands), dtype=np.int64), np.zeros(len(stands), dtype=np.int64)
    for at in range(len(stands)):
        size[stands[at]] += nodes[at]
        parts[stands[at]] += 1
    return [size[at] for at in range(len(stands)) if size[at] > largest and parts[at] > 1]


@njit(cache=True)
def _draw(a: int, b: int, noise: int) -> float:  # pragma: no cover
    """A logistic draw in bits that belongs to the pair (a, b), by the finaliser of splitmix64 (Steele, Lea & Flood
    2014)."""
    if noise == 0:
        return 0.0
    low, high = min(a, b), max(a, b)
    z = np.uint64(low) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(high) * np.uint64(0xD1B54A32D192ED03)
    z += np.uint64(noise) * np.uint64(0x8CB92BA72F3D8DD7)
    for _ in range(2):
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    u = (float(z >> np.uint64(11)) + 0.5) / 9007199254740992.0
    return float(np.log2(u / (1.0 - u)))


@njit(cache=True)
def _noises(left: Whole, right: Whole, noise: int) -> Real:  # pragma: no cover
    found = np.zeros(len(left))
    for at in range(len(left)):
        found[at] = _draw(left[at], right[at], noise)
    return found


@njit(cache=True)
def _merged(members, edges, noise):  # type: ignore[no-untyped-def] # pragma: no cover
    """int64[member]: the member standing for its group. edges: between members of one piece; members are its own, and
    are changed."""
    a, b, weight = edges
    count = len(members.name)
    total, pairs = np.zeros((count, count)), np.zeros((count, count))
    for at in range(len(a)):
        total[a[at], b[at]] += weight[at]
        total[b[at], a[at]] += weight[at]
        pairs[a[at], b[at]] += 1
        pairs[b[at], a[at]] += 1
    known = _Evidence(total, pairs)
    stands = np.arange(count)
    alive = np.ones(count, dtype=np.bool_)
    best, mean = np.full(count, -1), np.zeros(count)
    for row in range(count):
        best[row], mean[row] = _nearest(row, members, known, alive, noise)
    while True:
        row = -1
        for at in range(count):
            if alive[at] and best[at] >= 0 and (row < 0 or mean[at] > mean[row]):
                row = at
        if row < 0:
            return stands
        one, other = min(row, best[row]), max(row, best[row])
        _join(one, other, members, known, alive, stands)
        best[one], mean[one] = _nearest(one, members, known, alive, noise)
        for at in range(count):
            if alive[at] and at != one and (best[at] == one or best[at] == other or pairs[at, one] > 0):
                best[at], mean[at] = _nearest(at, members, known, alive, noise)


@njit(cache=True)
def _join(one, other, members, known, alive, stands) -> None:  # type: ignore[no-untyped-def] # pragma: no cover
    _name, number, alone = members
    total, pairs = known
    alive[other] = False
    number[one] = max(number[one], number[other])
    alone[one] |= alone[other]
    for at in range(len(alive)):
        if stands[at] == other:
            stands[at] = one
        if at != one and alive[at]:
            total[one, at] += total[other, at]
            pairs[one, at] += pairs[other, at]
            total[at, one], pairs[at, one] = total[one, at], pairs[one, at]


@njit(cache=True)
def _nearest(row, members, known, alive, noise):  # type: ignore[no-untyped-def] # pragma: no cover
    """The group this one may join that it agrees with most, and the mean weight; −1 where there is none above
    nought."""
    name, number, alone = members
    total, pairs = known
    best, mean = -1, 0.0
    for at in range(len(alive)):
        if at == row or not alive[at] or pairs[row, at] == 0 or (alone[row] & alone[at]) != 0:
            continue
        if number[row] >= 0 and number[at] >= 0 and number[row] != number[at]:
            continue
        value = total[row, at] / pairs[row, at] + _draw(name[row], name[at], noise)
        if value > mean:
            best, mean = at, value
    return best, mean


def _support(group: Whole, pairs: Pairs) -> Real:
    inside = group[pairs.left] == group[pairs.right]
    ends = np.concatenate([pairs.left[inside], pairs.right[inside]])
    weights = np.concatenate([pairs.weight[inside], pairs.weight[inside]])
    order = np.lexsort((weights, ends))
    total = np.bincount(ends[order], weights=weights[order], minlength=len(group))
    count = np.bincount(ends, minlength=len(group))
    return np.divide(total, count, out=np.full(len(group), np.nan), where=count > 0)
