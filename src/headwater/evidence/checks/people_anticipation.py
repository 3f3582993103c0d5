"""Did something happen just before enrolment to one group only?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.stats.balance import balance

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "anticipation"


def anticipation(case: Case) -> Check:
    """The last 30 days' contacts of the primary kind: alike within a quarter of a standard deviation."""
    at = case.design.kinds.index(case.protocol.outcome_kinds()[0])
    treated = case.design.units.treated[case.sets.row]
    if not treated.any() or treated.all():
        return Check(NAME, None, "Nobody could be matched.")
    last = case.design.before[case.sets.row, at, 0][:, None]
    smd = float(balance(last, treated, case.sets.weight).smd[0])
    limit = max(0.25, 2.5 * float(np.sqrt(2 / treated.sum())))
    passed = abs(smd) <= limit
    return Check(
        NAME,
        passed,
        f"In the 30 days before enrolment the groups differ by {smd:+.2f} standard deviations (limit {limit:.2f}).",
        smd,
    )
