"""A year before anything was done: the two groups must not differ then in what they were not matched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.people.reading import LAGS
from headwater.stats.poisson import rate_model

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "placebo-period"
FEWEST = 40


def placebo_period(case: Case) -> Check:
    """Contacts 366 to 730 days before enrolment, of people observed throughout. Not matched on, so that it can fail."""
    if case.protocol.history_days > LAGS[4]:
        return Check(NAME, None, "The history matched on reaches two years back, so that no earlier period is left.")
    rows = case.sets.row
    seen = case.people.first[case.design.units.person[rows]] <= case.design.units.index[rows] - LAGS[5]
    treated = case.design.units.treated[rows].astype(np.float64)
    if seen.sum() < FEWEST or not 0 < treated[seen].mean() < 1:
        return Check(NAME, None, "Too few people were observed two years before enrolment.")
    counts = case.design.before[rows, case.design.kinds.index(case.protocol.outcome_kinds()[0]), 4]
    model = rate_model(
        counts, seen.astype(np.float64), treated[:, None], case.sets.sets, person=case.design.units.person[rows]
    )
    if model is None:
        return Check(NAME, None, "Too few contacts lie two years before enrolment.")
    ratio = model.ratio(0, 0.99)
    passed = ratio.holds(1.0)
    end = "alike then too" if passed else "they already differed then"
    return Check(
        NAME,
        passed,
        f"One to two years before, the rate ratio was {ratio.mid:.2f} ({ratio.low:.2f} to {ratio.high:.2f}): {end}.",
        ratio.mid,
    )
