"""Siting against a published optimum and against every set of sites there is."""

from __future__ import annotations

import json
import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import floyd_warshall

from headwater.stats.siting import cheapest, covered, expected_cover, most_covered, p_median

HERE = Path(__file__).parent / "data"


def pmed(file: Path) -> tuple[np.ndarray, int]:
    """A p-median problem of OR-Library (Beasley 1985, EJOR 21): of an edge given twice the last length holds, then
    Floyd."""
    numbers = [int(word) for word in file.read_text().split()]
    points, edges, count = numbers[:3]
    length = np.full((points, points), np.inf)
    for one, other, cost in np.array(numbers[3:]).reshape(edges, 3):
        length[one - 1, other - 1] = length[other - 1, one - 1] = cost
    np.fill_diagonal(length, 0)
    return floyd_warshall(length), count


def test_the_published_optimum_of_pmed1() -> None:
    distance, count = pmed(HERE / "pmed1.txt")
    found = p_median(distance, np.ones(len(distance)), count)
    assert found.value == 5819
    assert (len(found.chosen), found.gap) == (5, 0)


@pytest.mark.parametrize("number", range(2, 41))
def test_the_published_optima_of_the_other_thirty_nine(number: int, shared_data: Path) -> None:
    """The problems are not carried here: HEADWATER_ORLIB names a folder that holds pmed2.txt … pmed40.txt as OR-Library
    has them."""
    file = Path(os.environ.get("HEADWATER_ORLIB", str(HERE))) / f"pmed{number}.txt"
    if not file.is_file():
        pytest.skip(f"{file.name} is not there; HEADWATER_ORLIB names no folder with it")
    optima = json.loads((shared_data / "oracles" / "oracles.json").read_text())["location"]["orlib_pmed_opt"]
    distance, count = pmed(file)
    found = p_median(distance, np.ones(len(distance)), count)
    assert (found.value, found.gap) == (optima[str(number)], 0)


@pytest.mark.parametrize(("count", "optimum"), [(1, 5461), (2, 8790), (3, 11604), (4, 12106), (5, 12152)])
def test_the_published_coverings_of_sjc324_at_800_metres(count: int, optimum: int) -> None:
    """São José dos Campos, 324 points (Lorena & Pereira 2002); the data as INFORMS JoC repository 2024.0611 has them
    (MIT)."""
    numbers = np.array((Path(__file__).parent / "data" / "sjc324.txt").read_text().split(), dtype=float).reshape(324, 3)
    where, demand = numbers[:, :2], numbers[:, 2]
    assert demand.sum() == 12152
    reach = np.sqrt(((where[:, None] - where[None]) ** 2).sum(axis=2)) <= 800
    found = most_covered(reach, demand, count)
    assert (found.value, found.gap) == (optimum, 0)


def scene(seed: int, points: int = 40, sites: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    where, stands = rng.random((points, 2)), rng.random((sites, 2))
    apart = np.sqrt(((where[:, None] - stands[None]) ** 2).sum(axis=2))
    return apart, rng.poisson(30, points).astype(float), rng.uniform(1e5, 4e5, sites)


@pytest.mark.parametrize("seed", range(4))
def test_covering_and_median_equal_brute_force(seed: int) -> None:
    apart, demand, _ = scene(seed)
    sets = [list(chosen) for chosen in combinations(range(9), 3)]
    reach = apart < 0.3
    assert most_covered(reach, demand, 3).value == max(covered(reach, demand, chosen) for chosen in sets)
    best = min((demand * apart[:, chosen].min(axis=1)).sum() for chosen in sets)
    assert p_median(apart, demand, 3).value == pytest.approx(best)


@pytest.mark.parametrize("seed", range(4))
def test_the_cheapest_sites_at_which_no_service_gets_slower(seed: int) -> None:
    apart, demand, estate = scene(seed)
    other = np.random.default_rng(seed + 100).poisson(20, len(demand)).astype(float)
    reach = apart < 0.35
    own = ([0, 1, 2, 3, 4], [5, 6, 7, 8])
    least = [covered(reach, weight, sites) for weight, sites in zip((demand, other), own, strict=True)]
    found = cheapest((reach, reach), (demand, other), estate, least)
    assert found is not None
    for weight, level in zip((demand, other), least, strict=True):
        assert covered(reach, weight, found.chosen) >= level - 1e-6
    brute = min(
        estate[list(chosen)].sum()
        for size in range(1, 10)
        for chosen in combinations(range(9), size)
        if all(covered(reach, w, list(chosen)) >= low - 1e-9 for w, low in zip((demand, other), least, strict=True))
    )
    assert found.value == pytest.approx(brute)


def test_no_set_of_sites_may_be_good_enough() -> None:
    assert cheapest((np.zeros((2, 2), bool),), (np.ones(2),), np.ones(2), (1.0,)) is None


def test_fewer_busy_crews_are_more_coverage() -> None:
    reach = np.array([[True, True], [True, False], [False, False]])
    crews, demand = np.array([2.0, 1.0]), np.array([10.0, 20.0, 5.0])
    assert expected_cover(reach, demand, crews, 0.5) == pytest.approx(10 * (1 - 0.5**3) + 20 * (1 - 0.5**2))
    assert expected_cover(reach, demand, crews, 0.0) == covered(reach, demand, [0, 1])
    assert expected_cover(reach, demand, crews, 0.45) > expected_cover(reach, demand, crews, 0.5)
