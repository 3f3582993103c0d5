"""Did both groups follow the same course before? Equivalence is asked for, not merely no significant difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.people.reading import LAGS
from headwater.stats.poisson import rate_model
from headwater.stats.sensitivity import equivalent

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "pre-trend"
MARGIN = 1.25
"""The margin of bioequivalence, 0.80 to 1.25 (EMA and FDA): what is within it is called the same."""


def pre_trend(case: Case) -> Check:
    """Contacts of the primary kind 91 to 365 days before: their rate ratio should lie within 0.80 and 1.25."""
    kind = case.protocol.outcome_kinds()[0]
    at = case.design.kinds.index(kind)
    treated = case.design.units.treated[case.sets.row].astype(np.float64)
    counts = case.design.before[case.sets.row, at, 2:4].sum(axis=1)
    years = np.full(len(counts), (LAGS[4] - LAGS[2]) / 365.25)
    model = rate_model(counts, years, treated[:, None], case.sets.sets, person=case.design.units.person[case.sets.row])
    if model is None:
        return Check(NAME, None, "Too few contacts lie 91 to 365 days before enrolment to compare the courses.")
    ratio = model.ratio(0, 0.90)
    # Shown to be the same at the 5 % of an equivalence test; shown to differ only at 99 %, since a failed essential check caps
    # the grade and a sound evaluation must fail rarely.
    same = True if equivalent(ratio, MARGIN) else False if equivalent(model.ratio(0, 0.99), MARGIN) is False else None
    words = {
        True: "the same within 0.80 to 1.25",
        False: "not the same",
        None: "neither surely the same nor surely different",
    }[same]
    return Check(
        NAME,
        same,
        f"91 to 365 days before, the rate ratio was {ratio.mid:.2f} ({ratio.low:.2f} to {ratio.high:.2f}): {words}.",
        ratio.mid,
    )
