"""A year before anything was done: the two groups must not differ then, in contacts that they were not matched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.evidence.people.earlier import second_year_before
from headwater.stats.equivalence import of_model

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "placebo-period"
MARGIN = 1.25
"""What is within 0.80 to 1.25 is called the same, as in the check of the courses."""


def placebo_period(case: Case) -> Check:
    """Contacts 366 to 730 days before enrolment, of people observed throughout. Never matched on, so that it can
    fail."""
    model = second_year_before(case.design, case.sets, case.kind)
    if model is None:
        return Check(
            NAME,
            None,
            "Too few people were observed two years before enrolment, or too few contacts lie there.",
            limit=MARGIN,
        )
    found = of_model(model, MARGIN)
    return Check(
        NAME,
        found.passed,
        f"One to two years before, which was not matched on, the rate ratio was {found}.",
        found.ratio.mid,
        power=found.power,
        limit=MARGIN,
    )
