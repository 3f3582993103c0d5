"""High users who were not enrolled, treated as if they had been: the method must find nothing among them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import DataProblem
from headwater.domain.evidence import Check
from headwater.evidence.people.matching import matched
from headwater.evidence.people.estimate import rate_ratio

if TYPE_CHECKING:
    from headwater.evidence.people.design import Design
    from headwater.evidence.people.evaluation import Case

NAME = "placebo-cohort"
FEWEST = 60


def placebo_cohort(case: Case) -> Check:
    """A third of the candidates by lot, at most as many as were enrolled, matched to the rest by the same protocol."""
    sham = _sham(case)
    if sham is None:
        return Check(NAME, None, "Too few people were left unenrolled to try the method on them.")
    kind = case.protocol.outcome_kinds()[0]
    try:
        model = rate_ratio(sham, matched(sham, case.protocol), kind)
    except DataProblem:
        model = None
    if model is None:
        return Check(NAME, None, "Too few contacts happened among the unenrolled to try the method on them.")
    ratio = model.ratio(0, 0.99)
    passed = ratio.holds(1.0)
    end = "nothing, as it must" if passed else "an effect where there was no programme"
    # One check among many that a sound evaluation runs: at 99 % a sound one fails it once in a hundred.
    return Check(
        NAME,
        passed,
        f"Among people never enrolled the same method finds {ratio.mid:.2f} ({ratio.low:.2f} to {ratio.high:.2f}): {end}.",
        ratio.mid,
    )


def _sham(case: Case) -> Design | None:
    units = case.design.units
    free = np.flatnonzero(~units.treated)
    rng = np.random.default_rng((case.protocol.seed, 7))
    people = rng.permutation(np.unique(units.person[free]))
    chosen = people[: min(len(people) // 3, int(units.treated.sum()))]
    if len(chosen) < FEWEST // 3 or len(people) < FEWEST:
        return None
    pool = case.design.only(~units.treated)
    # A person's first moment is the sham enrolment; their later ones would be matched to themselves otherwise.
    mine = np.isin(pool.units.person, chosen)
    first = np.zeros(len(mine), dtype=bool)
    first[np.unique(pool.units.person, return_index=True)[1]] = True
    keep = ~mine | first
    kept = pool.only(keep)
    return replace(kept, units=replace(kept.units, treated=mine[keep])).learnt(case.protocol.outcome_kinds()[:1])
