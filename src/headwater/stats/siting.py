"""Which stations to keep or to share: demand within reach of each service, with and without the chance that a crew is
busy.

- `cheapest`: min Σ_j estate_j x_j with each service's covered demand no less than it is now less ε, a constraint, not a
  weight.
- `most_covered`: p stations that cover most (maximal covering; Church & ReVelle 1974, Papers in Regional Science 32).
- `p_median`: p stations with the least weighted distance (Hakimi 1964, Operations Research 12).
- `expected_cover`: Σ_i w_i (1 − q^k_i), k_i crews in reach, q the share of the time a crew is busy (MEXCLP; Daskin
  1983, Transportation Science 17), so that demand averted, which lowers q, is read as coverage.

Solved by HiGHS through `scipy.optimize.milp`. A binary from a solver is a float near 0 or 1: it is read at one half,
and what is reported is reckoned anew from the data, never taken from the solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix, eye, hstack, vstack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import spmatrix

GAP = 1e-6
SECONDS = 50.0


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """chosen: int[site]; value: what was asked for, from the data; gap: how far from the best it may be, 0 for
    proven."""

    chosen: NDArray[np.int64]
    value: float
    gap: float


def covered(reach: NDArray[np.bool_], demand: NDArray[np.float64], chosen: Sequence[int] | NDArray[np.int64]) -> float:
    """Demand with a chosen site in reach. reach: bool[demand, site]; demand: float64[demand]."""
    return float(demand[reach[:, chosen].any(axis=1)].sum())


def expected_cover(
    reach: NDArray[np.bool_], demand: NDArray[np.float64], crews: NDArray[np.float64], busy: float
) -> float:
    """Demand that finds a free crew in reach. crews: float64[site], 0 where a site is closed; busy: share of a crew's
    time."""
    within = reach.astype(np.float64) @ crews
    return float((demand * (1 - busy**within)).sum())


def cheapest(
    reach: Sequence[NDArray[np.bool_]],
    demand: Sequence[NDArray[np.float64]],
    estate_gbp: NDArray[np.float64],
    least: Sequence[float],
) -> Sites | None:
    """The cheapest sites at which every service covers at least its `least` demand; None where no set of them does.

    reach: bool[demand, site] a service, every service free to use every site; estate_gbp: float64[site] a year.
    """
    sites = len(estate_gbp)
    cost = np.concatenate([estate_gbp, *(np.zeros(len(one)) for one in demand)])
    links, keeps, offset = [], [], sites
    for near, weight in zip(reach, demand, strict=True):
        links.append(_links(near, offset, len(cost)))
        row = np.zeros(len(cost))
        row[offset : offset + len(weight)] = weight
        keeps.append(row)
        offset += len(weight)
    rules = [
        LinearConstraint(vstack(links), -np.inf, 0),
        LinearConstraint(np.array(keeps), np.asarray(least) - 1e-9, np.inf),
    ]
    found = _solved(cost, rules, sites)
    return found and Sites(found[0], float(estate_gbp[found[0]].sum()), found[1])


def most_covered(reach: NDArray[np.bool_], demand: NDArray[np.float64], count: int) -> Sites:
    """The `count` sites with the most demand in reach."""
    sites = reach.shape[1]
    total = sites + len(demand)
    number = np.concatenate([np.ones(sites), np.zeros(len(demand))])
    rules = [LinearConstraint(_links(reach, sites, total), -np.inf, 0), LinearConstraint(number, count, count)]
    chosen, gap = _sure(_solved(np.concatenate([np.zeros(sites), -demand]), rules, sites))
    return Sites(chosen, covered(reach, demand, chosen), gap)


def p_median(distance: NDArray[np.float64], demand: NDArray[np.float64], count: int) -> Sites:
    """The `count` sites from which demand × distance to the nearest is least. distance: float64[demand, site].

    Variables are sites and, of each demand point, its own steps of distance (Cornuéjols, Nemhauser & Wolsey 1980),
    which keeps
    the task small: points reach their site by a few of its nearest.
    """
    points, sites = distance.shape
    steps, reaches, before = [], [], []
    for point in range(points):
        levels = np.unique(distance[point])
        # z = 1 where the nearest chosen site is further than this level; at most count − sites of them can be needed.
        for level, following in pairwise(levels[: sites - count + 2]):
            steps.append(demand[point] * (following - level))
            reaches.append(np.flatnonzero(distance[point] <= level))
        before.append(demand[point] * levels[0])
    rows = np.repeat(np.arange(len(reaches)), [len(one) for one in reaches])
    near = csr_matrix((np.ones(len(rows)), (rows, np.concatenate(reaches))), shape=(len(reaches), sites))
    number = np.concatenate([np.ones(sites), np.zeros(len(steps))])
    rules = [
        LinearConstraint(hstack([near, eye(len(steps))]).tocsr(), 1, np.inf),
        LinearConstraint(number, count, count),
    ]
    chosen, gap = _sure(_solved(np.concatenate([np.zeros(sites), np.array(steps)]), rules, sites))
    return Sites(chosen, float((demand * distance[:, chosen].min(axis=1)).sum()), gap)


def _links(reach: NDArray[np.bool_], offset: int, total: int) -> spmatrix:
    """y_i − Σ_j reach_ij x_j ≤ 0: demand counts as covered only where a chosen site reaches it."""
    points, sites = reach.shape
    left = csr_matrix(-reach.astype(np.float64))
    blank = csr_matrix((points, offset - sites))
    after = csr_matrix((points, total - offset - points))
    return hstack([left, blank, eye(points), after]).tocsr()


def _solved(
    cost: NDArray[np.float64], rules: list[LinearConstraint], sites: int
) -> tuple[NDArray[np.int64], float] | None:
    whole = np.concatenate([np.ones(sites), np.zeros(len(cost) - sites)])
    found = milp(
        cost,
        constraints=rules,
        integrality=whole,
        bounds=Bounds(0, 1),
        options={"time_limit": SECONDS, "mip_rel_gap": GAP},
    )
    if found.x is None:
        return None
    gap = float(found.mip_gap or 0.0)
    return np.flatnonzero(found.x[:sites] > 0.5), gap if gap > GAP else 0.0


def _sure(found: tuple[NDArray[np.int64], float] | None) -> tuple[NDArray[np.int64], float]:
    if found is None:
        raise ValueError("no set of so many sites exists")
    return found
