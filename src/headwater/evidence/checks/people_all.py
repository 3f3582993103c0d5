"""The checks of an evaluation of people, in the order they are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.evidence.checks.people_anticipation import anticipation
from headwater.evidence.checks.people_attrition import attrition
from headwater.evidence.checks.people_balance import balanced
from headwater.evidence.checks.people_confounder import hidden_confounder
from headwater.evidence.checks.people_contamination import contamination
from headwater.evidence.checks.people_decomposition import regression_to_the_mean
from headwater.evidence.checks.people_dispersion import dispersion
from headwater.evidence.checks.people_displacement import displacement
from headwater.evidence.checks.people_drawings import drawings
from headwater.evidence.checks.people_leave_out import leave_one_area_out
from headwater.evidence.checks.people_negative_control import negative_controls
from headwater.evidence.checks.people_overlap import overlap
from headwater.evidence.checks.people_placebo_cohort import placebo_cohort
from headwater.evidence.checks.people_placebo_period import placebo_period
from headwater.evidence.checks.people_pre_trend import pre_trend
from headwater.evidence.checks.people_second_opinion import second_opinion
from headwater.evidence.checks.people_specification import specification_curve
from headwater.evidence.checks.people_spillover import spillover
from headwater.stats.content import steady

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.domain.evidence import Check
    from headwater.evidence.people.case import Case

CHECKS: dict[str, Callable[[Case], Check]] = {
    "balance": balanced,
    "overlap": overlap,
    "contamination": contamination,
    "pre-trend": pre_trend,
    "negative-control-outcome": negative_controls,
    "placebo-cohort": placebo_cohort,
    "placebo-period": placebo_period,
    "second-opinion": second_opinion,
    "anticipation": anticipation,
    "attrition": attrition,
    "displacement": displacement,
    "spillover": spillover,
    "leave-one-area-out": leave_one_area_out,
    "drawings": drawings,
    "dispersion": dispersion,
    "hidden-confounder": hidden_confounder,
    "regression-to-the-mean": regression_to_the_mean,
    "specification-curve": specification_curve,
}


ESSENTIAL = ("second-opinion", "attrition")
"""Essential in every evaluation of people, beside those the protocol names."""
OF_EACH = (
    "pre-trend",
    "placebo-cohort",
    "placebo-period",
    "second-opinion",
    "drawings",
    "hidden-confounder",
    "regression-to-the-mean",
)
"""Made for every outcome but the shams, which are checks themselves; the others judge the comparison of all outcomes,
or look at the primary one in ways that take long."""


def people_checks(case: Case) -> tuple[Check, ...]:
    """Those the protocol names, or all: of the comparison and of the primary outcome in the order they are read, then
    outcome by outcome. The protocol's essential ones are marked."""
    protocol = case.protocol
    named = [name for name in CHECKS if not protocol.checks or name in protocol.checks]
    shams, first = protocol.outcome_kinds(Role.NEGATIVE_CONTROL), protocol.primary_kind
    others = [kind for kind in protocol.outcome_kinds() if kind not in (*shams, first)]
    found = [_of(case, name, first) for name in named]
    found += [_of(case, name, kind) for kind in others for name in named if name in OF_EACH]
    return tuple(replace(check, essential=check.name in (*ESSENTIAL, *protocol.essential)) for check in found)


def _of(case: Case, name: str, kind: str) -> Check:
    check = CHECKS[name](replace(case, judged=kind))
    # Cut as the ratios are: the order in which a library adds up moves no digit that leaves.
    figure = None if check.figure is None else float(steady(np.array(check.figure)))
    return replace(check, figure=figure, outcome=kind if name in OF_EACH else "")
