"""Is there anybody like the enrolled who was not enrolled? Where most were taken, those left are not their like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "overlap"
LOST, HEAVY, KEPT = 0.35, 2.0, 0.5
"""Fails from so much of the compared's follow-up lost to enrolment; from so large a mean weight at its end; or where less than this
share of the enrolled has anybody to be compared with."""
UPTAKE = 0.4
"""Over this chance of being enrolled at a moment (in the median of the enrolled) those who were left are the odd ones."""


def overlap(case: Case) -> Check:
    """The compared's follow-up that their own enrolment cut, the weights that stand for it, and the enrolled without a like."""
    units, rows = case.design.units, case.sets.row
    theirs = rows[~units.treated[rows]]
    if not len(theirs):
        return Check(NAME, False, "Nobody is compared.", limit=LOST)
    planned = float((units.planned[theirs] - units.index[theirs] - 1).sum())
    cut = (units.planned - units.end)[theirs] * units.enrolled_later[theirs]
    lost, heavy = float(cut.sum()) / max(planned, 1.0), float(case.design.censored.weight[theirs].mean())
    kept = 1 - len(case.sets.unmatched) / max(int(units.treated.sum()), 1)
    chance = float(np.median(case.design.censored.chance[units.treated]))
    passed = lost <= LOST and heavy <= HEAVY and kept >= KEPT and chance <= UPTAKE
    return Check(
        NAME, passed, f"At moments like those of the enrolled {chance:.0%} were taken on; {lost:.0%} of the compared's follow-up was cut short "
        f"because they were enrolled later, and stood for by weights of {heavy:.2f} in the mean; {kept:.0%} of the enrolled have somebody like them.",
        lost, limit=LOST,
    )  # fmt: skip
