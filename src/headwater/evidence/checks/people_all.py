"""The checks of an evaluation of people, in the order they are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
from headwater.evidence.checks.people_specification import specification_curve
from headwater.evidence.checks.people_spillover import spillover

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.domain.evidence import Check
    from headwater.evidence.people.evaluation import Case

CHECKS: dict[str, Callable[[Case], Check]] = {
    "balance": balanced,
    "overlap": overlap,
    "contamination": contamination,
    "pre-trend": pre_trend,
    "negative-control-outcome": negative_controls,
    "placebo-cohort": placebo_cohort,
    "placebo-period": placebo_period,
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


def people_checks(case: Case) -> tuple[Check, ...]:
    """Those the protocol names, or all; the protocol's essential ones are marked."""
    named = case.protocol.checks or tuple(CHECKS)
    found = [run(case) for name, run in CHECKS.items() if name in named]
    return tuple(replace(check, essential=check.name in case.protocol.essential) for check in found)
