"""High users who were not enrolled, treated as if they had been: the method must find nothing among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.evidence.people.shams import own_error
from headwater.stats.calibration import FEWEST
from headwater.stats.equivalence import sameness

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "placebo-cohort"
MARGIN = 1.15
"""What the same method makes up of nothing, in the mean of many sham cohorts; so much could still be taken out of the
result."""


def placebo_cohort(case: Case) -> Check:
    """Many sham cohorts by lot, evaluated by the same protocol: in the mean they must show nothing."""
    shams = case.shams[case.kind]
    if len(shams.estimates) < FEWEST:
        return Check(NAME, None, "Too few people were left unenrolled to try the method on them.", limit=MARGIN)
    known = own_error(shams.estimates, shams.errors)
    found = sameness(known.mean, known.mean_se, MARGIN, known.controls - 1)
    return Check(
        NAME,
        found.passed,
        f"In {known.controls} sham cohorts of people never enrolled the same method finds {found}.",
        found.ratio.mid,
        power=found.power,
        limit=MARGIN,
    )
