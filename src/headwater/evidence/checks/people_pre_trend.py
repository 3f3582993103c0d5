"""Did both groups follow the same course in a year that they were not matched on? Sameness is asked for, not merely no
sure difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.people.earlier import observed_before
from headwater.evidence.people.reading import HELD, LAGS
from headwater.stats.equivalence import of_model
from headwater.stats.poisson import rate_model

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "pre-trend"
MARGIN = 1.25
"""The margin of bioequivalence, 0.80 to 1.25 (EMA and FDA): what is within it is called the same."""


def pre_trend(case: Case) -> Check:
    """How the rate ratio moved from the older to the nearer half of the second year before: it should not have."""
    kind = case.kind
    seen = observed_before(case.design, case.sets, LAGS[HELD[-1] + 1])
    rows, sets = case.sets.row[seen], case.sets.sets[seen]
    if not len(rows):
        return Check(NAME, None, "Too few people were observed two years before enrolment.", limit=MARGIN)
    counts = case.design.before[rows, case.design.kinds.index(kind)][:, list(HELD)]
    years = np.array([(LAGS[at + 1] - LAGS[at]) / 365.25 for at in HELD])
    treated = case.design.units.treated[rows].astype(np.float64)
    nearer = np.array([1.0, 0.0])
    # A member's own level and the group's both stand in it: what is told is the change of their ratio from half to
    # half.
    x = np.stack(
        [np.outer(treated, nearer), np.outer(treated, np.ones(2)), np.outer(np.ones(len(rows)), nearer)], axis=2
    )
    model = rate_model(
        counts.ravel(),
        np.tile(years, len(rows)),
        x.reshape(-1, 3),
        np.repeat(sets, 2),
        person=np.repeat(case.design.units.person[rows], 2),
    )
    if model is None:
        return Check(
            NAME, None, "Too few contacts lie two years before enrolment to compare the courses.", limit=MARGIN
        )
    found = of_model(model, MARGIN)
    return Check(
        NAME,
        found.passed,
        f"Over the second year before, which was not matched on, the groups' ratio moved by {found}.",
        found.ratio.mid,
        power=found.power,
        limit=MARGIN,
    )
