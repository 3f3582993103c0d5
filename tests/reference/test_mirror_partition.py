"""The optimiser against every partition there is: 4,140 of eight members."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.stats.partition import best_partitions, connected_groups

if TYPE_CHECKING:
    from collections.abc import Iterator


def every_partition(members: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    if not members:
        yield ()
        return
    first, rest = members[0], members[1:]
    for size in range(len(rest) + 1):
        for others in combinations(rest, size):
            left = tuple(member for member in rest if member not in others)
            for partition in every_partition(left):
                yield ((first, *others), *partition)


@pytest.mark.parametrize("seed", range(4))
def test_the_five_best_partitions_are_those_of_brute_force(seed: int) -> None:
    members = tuple(range(8))
    groups = connected_groups([set(members) - {one} for one in members], 8)
    assert len(groups) == 2**8 - 1
    values = np.random.default_rng(seed).normal(size=len(groups)) * np.array([len(group) for group in groups])
    value = dict(zip(groups, values, strict=True))
    every = list(every_partition(members))
    assert len(every) == 4140
    brute = sorted((sum(value[group] for group in partition) for partition in every), reverse=True)[:5]
    found = best_partitions(8, groups, values, 5)
    assert [partition.value for partition in found] == pytest.approx(brute)
    assert len({partition.groups for partition in found}) == 5


def test_only_connected_groups_are_made() -> None:
    chain = [{1}, {0, 2}, {1, 3}, {2}]
    assert connected_groups(chain, 3) == ((0,), (1,), (2,), (3,), (0, 1), (1, 2), (2, 3), (0, 1, 2), (1, 2, 3))


def test_fewer_partitions_than_asked_for_come_back_when_fewer_exist() -> None:
    assert len(best_partitions(2, ((0,), (1,), (0, 1)), np.array([0.0, 0.0, 1.0]), 5)) == 2
