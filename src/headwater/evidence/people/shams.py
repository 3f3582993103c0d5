"""Sham cohorts: people taken on by lot at moments at which they could have been, to whom nothing was done.

The lot follows the chances by which people were really enrolled, moment by moment, and the first success counts, so
that the shams come to their enrolment the way the enrolled came to theirs. What the same method finds among them is its
error on these data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import DataProblem
from headwater.evidence.people.estimate import rate_ratio
from headwater.evidence.people.matching import matched
from headwater.stats.calibration import believed_error
from headwater.stats.content import even, mixed, named_seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.evidence.people.design import Design
    from headwater.stats.calibration import SystematicError
    from headwater.stats.poisson import RateModel

    Vector = NDArray[np.float64]

COHORTS = 20
FEWEST = 20
"""People a sham cohort needs for a ratio."""
PART = 4
"""A sham cohort is at most this part of those who could be in one; the rest is its comparison."""
CROWDED = 0.25
"""The mean chance at the moments of the shams over which too few like them are left at such moments."""
MOST_UNITS = 30_000
"""Moments that a sham evaluation looks at: more of them would tell the same at greater cost."""


SPREAD = 0.05
"""The scale of the belief about the method's own spread from one sham to the next, on the log scale. Chosen, not
measured: what large cohorts measure of it outweighs it, and small ones cannot measure it."""
TOGETHER = 0.06
"""The correlation of two sham cohorts of one workspace, which share people: over 78 worlds the mean of four had a
standard deviation of 0.060 where one had 0.111."""


def own_error(estimates: Vector, errors: Vector) -> SystematicError:
    """What the method makes of nothing: its mean and its spread, as far as the shams can tell."""
    return believed_error(estimates, errors, SPREAD, TOGETHER)


@dataclass(frozen=True, slots=True, eq=False)
class Shams:
    """estimates, errors: float64[cohort], log rate ratios where nothing was done and their standard errors."""

    estimates: Vector
    errors: Vector


def sham_cohorts(design: Design, protocol: Protocol, kinds: Sequence[str]) -> dict[str, Shams]:
    """Of each kind as many as can be made; none where too few people are left unenrolled."""
    found = [one for at in range(COHORTS) if (one := _tried(design, protocol, kinds, at)) is not None]
    return {kind: _of([one[kind] for one in found]) for kind in kinds}


def _of(models: Sequence[RateModel | None]) -> Shams:
    told = [model for model in models if model is not None and model.se[0] > 0]
    return Shams(np.array([model.beta[0] for model in told]), np.array([model.se[0] for model in told]))


def _tried(design: Design, protocol: Protocol, kinds: Sequence[str], at: int) -> dict[str, RateModel | None] | None:
    sham = sham_design(design, protocol, at)
    if sham is None:
        return None
    # Expectations stay those learnt from all candidates: learning fifty weights anew from the ninety-nine in a hundred
    # who are not shams moves nothing, and took two thirds of an evaluation's time.
    try:
        sets = matched(sham, protocol)
    except DataProblem:
        return None
    return {kind: rate_ratio(sham, sets, kind) for kind in kinds}


def sham_design(design: Design, protocol: Protocol, at: int) -> Design | None:
    """The candidates of one drawing, some of them enrolled for show; None where there are too few."""
    units = design.units
    seed = named_seed(protocol.seed, "sham", str(at))
    pool = design.only(_pool(design, at % design.drawings, seed))
    people = np.unique(pool.units.person)
    wanted = min(int(units.treated.sum()), len(people) // PART)
    if wanted < FEWEST:
        return None
    first = _first_successes(pool, wanted, seed)
    if first.sum() < FEWEST:
        return None
    # From their sham enrolment on, the shams are no longer candidates; before it they are, as the really enrolled were.
    began = np.full(len(design.people.first), np.iinfo(np.int64).max)
    began[pool.units.person[first]] = pool.units.index[first]
    keep = pool.units.index <= began[pool.units.person]
    kept = pool.only(keep)
    return replace(
        kept, units=replace(kept.units, treated=first[keep], drawing=np.zeros(int(keep.sum()), dtype=np.int64))
    )


def _pool(design: Design, drawing: int, seed: int) -> NDArray[np.bool_]:
    """bool[unit]: the candidates of a drawing, of some of the people where there are very many.

    Whoever stands before the first enrolment or after the last could not have been a sham, and is none's like: with
    them among the compared the method seemed to err by 3.8 % ± 1.8 % (35 worlds with nothing in them), without by 1.5 %
    ± 1.6 %. They are left out where the shams find their like without them; where so many were taken on that they would
    not, the lack would double the spread.
    """
    units, chance = design.units, design.censored.chance
    mine: NDArray[np.bool_] = ~units.treated & (units.drawing == drawing)
    if float((chance[mine] ** 2).sum()) <= CROWDED * float(chance[mine].sum()):
        mine &= chance > 0
    if mine.sum() > MOST_UNITS:
        mine &= even(mixed(units.person, seed)) < MOST_UNITS / mine.sum()
    return mine


def _first_successes(pool: Design, wanted: int, seed: int) -> NDArray[np.bool_]:
    """bool[unit]: each person's first moment at which the lot took them on, for about so many people at most.

    Never with a higher chance than the enrolled had: shams taken more densely than that leave too few like them to be
    compared with, and what matching then cannot take out looked like an error of 1 to 3 % of the method, while the same
    shams weighed by the chances of the lot show none (−0.5 % ± 0.9 % over 58 worlds).
    """
    units = pool.units
    lot, chance = even(mixed(units.person, units.index, seed)), np.maximum(pool.censored.chance, 0)
    scale = 1.0
    for _ in range(40):
        taken = len(np.unique(units.person[lot < chance * scale]))
        if abs(taken - wanted) <= 0.02 * wanted or (taken < wanted and scale >= 1.0):
            break
        scale = min(1.0, scale * max(0.2, min(5.0, wanted / max(taken, 1))))
    hit = np.flatnonzero(lot < chance * scale)
    order = hit[np.lexsort((units.index[hit], units.person[hit]))]
    found = np.zeros(len(lot), dtype=bool)
    found[order[np.unique(units.person[order], return_index=True)[1]]] = True
    return found
