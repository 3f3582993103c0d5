"""Did something happen just before enrolment to one group only?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.stats.equivalence import of_model
from headwater.stats.poisson import rate_model

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "anticipation"
MARGIN = 1.25


def anticipation(case: Case) -> Check:
    """Contacts of other kinds in the last 30 days, of which only the sum of 90 was matched on: a rate ratio near 1."""
    protocol = case.protocol
    main = {*protocol.outcome_kinds(), *([protocol.entry.kind] if protocol.entry else ())}
    other = [at for at, kind in enumerate(case.design.kinds) if kind not in main]
    if not other:
        return Check(
            NAME, None, "There is no kind of contact that was not matched on just before enrolment.", limit=MARGIN
        )
    rows = case.sets.row
    counts = case.design.before[rows][:, other, 0].sum(axis=1)
    treated = case.design.units.treated[rows].astype(np.float64)
    model = rate_model(
        counts, np.ones(len(rows)), treated[:, None], case.sets.sets, person=case.design.units.person[rows]
    )
    if model is None:
        return Check(NAME, None, "Too few other contacts lie in the 30 days before enrolment.", limit=MARGIN)
    found = of_model(model, MARGIN)
    return Check(
        NAME,
        found.passed,
        f"In the 30 days before enrolment the rate ratio of all other contacts was {found}.",
        found.ratio.mid,
        power=found.power,
        limit=MARGIN,
    )
