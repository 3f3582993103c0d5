"""How strong something unmeasured would have to be to explain the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.stats.sensitivity import e_value, e_value_of_limit

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "hidden-confounder"
WEAK = 1.2
"""A confounder this weak is easily missed: tobacco-like ones reach 2 and more."""


def hidden_confounder(case: Case) -> Check:
    """E-values of the ratio and of its interval's nearer end; fails when a weak confounder could explain a sure effect."""
    model = case.models[case.protocol.outcome_kinds()[0]]
    if model is None:
        return Check(NAME, None, "There is no rate ratio to explain.")
    ratio = model.ratio(0, case.protocol.level)
    value, limit = e_value(ratio.mid), e_value_of_limit(ratio)
    if ratio.holds(1.0):
        return Check(
            NAME,
            None,
            f"The interval holds 1, so there is nothing to explain away (E-value of the middle {value:.2f}).",
            value,
        )
    return Check(
        NAME, limit >= WEAK,
        f"To explain the result away, something unmeasured would need a rate ratio of {value:.2f} with both enrolment and outcome, {limit:.2f} to reach the interval's end.",
        limit,
    )  # fmt: skip
