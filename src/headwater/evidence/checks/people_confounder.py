"""How strong something unmeasured would have to be to explain the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.stats.bounds import aligned_ranks, tipping_gamma
from headwater.stats.sensitivity import e_value, e_value_of_limit

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "hidden-confounder"
WEAK = 1.2
"""A confounder this weak is easily missed: tobacco-like ones reach 2 and more."""


def hidden_confounder(case: Case) -> Check:
    """E-values of the ratio and of its interval's nearer end; fails when a weak confounder could explain a sure
    effect."""
    model = case.models[case.kind]
    if model is None:
        return Check(NAME, None, case.unmodelled)
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
        NAME,
        limit >= WEAK,
        f"{_bound(case)}To explain the result away, something unmeasured would need a rate ratio of {value:.2f} with"
        f" both enrolment and outcome, {limit:.2f} to reach the interval's end.",
        limit,
    )


def _bound(case: Case) -> str:
    """Rosenbaum's Γ of the aligned ranks of yearly contacts."""
    kind = case.design.kinds.index(case.kind)
    rows = case.sets.row
    years = np.maximum(case.design.exposure[rows].sum(axis=1), 1 / 365.25)
    ranks = aligned_ranks(case.design.after[rows, kind].sum(axis=1) / years, case.sets.sets)
    treated = case.design.units.treated[rows]
    gamma = max(tipping_gamma(sign * ranks, treated, case.sets.sets) for sign in (-1.0, 1.0))
    if gamma <= 1:
        return "A rank test alone would not have found the effect (Rosenbaum's Γ is 1). "
    return (
        f"By a rank test, two matched people's odds of enrolment would have to differ {gamma:.2f} times to explain it"
        " (Rosenbaum's Γ). "
    )
