"""The slow twin of grouping: every two groups tried at every step, in plain Python."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.stats.clusters import Nodes, Pairs, grouped

Case = tuple[int, list[tuple[int, int, float]], list[int], list[int]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(2, 9))
    every = list(combinations(range(count), 2))
    kept = draw(st.lists(st.sampled_from(every), unique=True, max_size=20))
    # Weights that no two sums share, so that ties do not decide.
    weights = [draw(st.integers(-80, 80)) / 8 + at * 1e-4 for at in range(len(kept))]
    number = draw(st.lists(st.integers(-1, 2), min_size=count, max_size=count))
    alone = draw(st.lists(st.sampled_from([0, 0, 0, 1, 2]), min_size=count, max_size=count))
    return count, [(a, b, w) for (a, b), w in zip(kept, weights, strict=True)], number, alone


def slowly(case: Case) -> set[frozenset[int]]:
    count, edges, number, alone = case
    groups = [{node for node in range(count) if number[node] == one} for one in sorted({n for n in number if n >= 0})]
    groups += [{node} for node in range(count) if number[node] < 0]
    groups = [group for group in groups if group]

    def mean(one: set[int], other: set[int]) -> float:
        between = [w for a, b, w in edges if (a in one and b in other) or (a in other and b in one)]
        numbers = {number[node] for node in one | other if number[node] >= 0}
        masks = [0, 0]
        for at, group in enumerate((one, other)):
            for node in group:
                masks[at] |= alone[node]
        barred = len(numbers) > 1 or masks[0] & masks[1]
        return -np.inf if barred or not between else sum(between) / len(between)

    while True:
        best = max(
            combinations(range(len(groups)), 2), key=lambda two: mean(groups[two[0]], groups[two[1]]), default=None
        )
        if best is None or mean(groups[best[0]], groups[best[1]]) <= 0:
            return {frozenset(group) for group in groups}
        groups[best[0]] |= groups[best[1]]
        del groups[best[1]]


def quickly(case: Case, order: list[int] | None = None) -> set[frozenset[int]]:
    _count, edges, number, alone = case
    some = [edges[at] for at in order or range(len(edges))]
    left, right, weight = (np.array([edge[at] for edge in some]) for at in range(3))
    pairs = Pairs(left.astype(np.int64), right.astype(np.int64), weight.astype(np.float64))
    group = grouped(Nodes(np.array(number), np.array(alone)), pairs).group
    return {frozenset(np.flatnonzero(group == one).tolist()) for one in np.unique(group)}


@settings(max_examples=300, deadline=None)
@given(cases())
def test_grouping_is_its_slow_twin(case: Case) -> None:
    assert quickly(case) == slowly(case)


@settings(max_examples=100, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_pairs_never_matters(case: Case, random) -> None:  # type: ignore[no-untyped-def]
    order = list(range(len(case[1])))
    random.shuffle(order)
    assert quickly(case, order) == quickly(case)


def test_two_lone_nodes_come_together_as_often_as_their_weight_says() -> None:
    # 4,000 pairs of log2 odds 1: two in three.
    pairs = Pairs(np.arange(0, 8_000, 2), np.arange(1, 8_000, 2), np.ones(4_000))
    drawn = grouped(Nodes(np.full(8_000, -1), np.zeros(8_000, dtype=np.int64)), pairs, seed=3)
    assert abs((8_000 - drawn.group.max() - 1) / 4_000 - 2 / 3) < 0.03


def test_a_giant_group_is_broken_and_told() -> None:
    # A chain of sixty records tied by weak pairs, with two strongly tied tens in it.
    edges = [(at, at + 1, 1.0) for at in range(59)]
    edges += [(a, b, 9.0) for start in (0, 30) for a, b in combinations(range(start, start + 10), 2) if b > a + 1]
    left, right, weight = (np.array([edge[at] for edge in edges]) for at in range(3))
    nodes = Nodes(np.full(60, -1), np.zeros(60, dtype=np.int64))
    found = grouped(nodes, Pairs(left, right, weight.astype(float)), largest=20)
    assert found.broken == (60,)
    assert np.bincount(found.group).max() <= 20
    assert len(set(found.group[:10].tolist())) == 1
