"""A year before anything was done: the two groups must not differ then, in contacts that they were not matched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.people.earlier import observed_before
from headwater.evidence.people.reading import HELD, LAGS
from headwater.stats.equivalence import of_model
from headwater.stats.poisson import rate_model

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "placebo-period"
MARGIN = 1.25
"""What is within 0.80 to 1.25 is called the same, as in the check of the courses."""
FEWEST = 40


def placebo_period(case: Case) -> Check:
    """Contacts 366 to 730 days before enrolment, of people observed throughout. Never matched on, so that it can fail."""
    seen = observed_before(case, LAGS[HELD[-1] + 1])
    rows = case.sets.row[seen]
    treated = case.design.units.treated[rows].astype(np.float64)
    if len(rows) < FEWEST or not 0 < treated.mean() < 1:
        return Check(NAME, None, "Too few people were observed two years before enrolment.", limit=MARGIN)
    counts = case.design.before[rows, case.design.kinds.index(case.kind)][:, list(HELD)].sum(axis=1)
    model = rate_model(
        counts, np.ones(len(rows)), treated[:, None], case.sets.sets[seen], person=case.design.units.person[rows]
    )
    if model is None:
        return Check(NAME, None, "Too few contacts lie two years before enrolment.", limit=MARGIN)
    found = of_model(model, MARGIN)
    return Check(
        NAME, found.passed, f"One to two years before, which was not matched on, the rate ratio was {found}.", found.ratio.mid,
        power=found.power, limit=MARGIN,
    )  # fmt: skip
