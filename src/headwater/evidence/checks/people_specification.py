"""Would other sound choices have said the same?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import DataProblem
from headwater.domain.evidence import Check
from headwater.evidence.people.estimate import rate_ratio
from headwater.evidence.people.matching import matched

if TYPE_CHECKING:
    from headwater.domain.collaboration import ComparisonPlan
    from headwater.evidence.people.case import Case

NAME = "specification-curve"


def specification_curve(case: Case) -> Check:
    """Fails when the middle choice leaves the main interval, or a quarter of the choices lie beyond 1 from a sure
    result."""
    kind = case.kind
    model = case.raw[kind]
    if model is None:
        return Check(NAME, None, case.unmodelled)
    ratio = model.ratio(0, case.protocol.level)
    found = _tried(case, kind)
    if len(found) < 3:
        return Check(NAME, None, "Too few other choices could be tried.")
    middle, low, high = float(np.median(found)), min(found), max(found)
    turned = np.mean([(value > 1) != (ratio.mid > 1) for value in found]) if not ratio.holds(1.0) else 0.0
    passed = ratio.low <= middle <= ratio.high and turned < 0.25
    return Check(
        NAME,
        bool(passed),
        f"{len(found)} other sound choices give {low:.2f} to {high:.2f}, half of them below {middle:.2f}.",
        middle,
    )


def _tried(case: Case, kind: str) -> list[float]:
    """One to three controls, three distances, a narrow and a wide caliper, weights, with and without adjustment."""
    plan = case.protocol.comparison
    plans: list[ComparisonPlan] = [
        replace(plan, per_unit=per_unit, distance=distance, caliper=caliper)
        for per_unit in (1, 2, 3)
        for distance in ("propensity", "prognostic", "mahalanobis")
        for caliper in (0.1, 0.2, 0.5)
        if (per_unit, distance, caliper) != (plan.per_unit, plan.distance, plan.caliper)
        and (per_unit == 2 or caliper == 0.2)
    ] + [replace(plan, exact=())]
    found = []
    for other in plans:
        protocol = replace(case.protocol, comparison=other)
        try:
            sets = matched(case.design, protocol)
        except DataProblem:
            continue
        for adjusted in (True, False):
            model = rate_ratio(case.design, sets, kind, adjusted=adjusted)
            if model is not None:
                found.append(float(np.exp(model.beta[0])))
    return found
