"""Did one group die or move away more? Then the living of that group are others than they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.stats.poisson import rate_model

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "attrition"


def attrition(case: Case) -> Check:
    """Deaths and moves per year followed. Fails when they differ surely; the count per person enrolled is then told beside."""
    units, rows = case.design.units, case.sets.row
    treated = units.treated[rows].astype(np.float64)
    years = case.design.exposure[rows].sum(axis=1)
    model = rate_model(
        units.lost[rows].astype(np.float64), years, treated[:, None], case.sets.sets, person=units.person[rows]
    )
    if model is None:
        return Check(NAME, None, "Too few died or moved away to compare.")
    ratio = model.ratio(0, 0.99)
    passed = ratio.holds(1.0)
    text = f"The enrolled died or moved {ratio.mid:.2f} times as often ({ratio.low:.2f} to {ratio.high:.2f})."
    return Check(NAME, passed, text if passed else f"{text} {_restricted(case)}", ratio.mid)


def _restricted(case: Case) -> str:
    """Contacts per person enrolled over the whole follow-up, the dead counting nought: the restricted mean count."""
    at = case.design.kinds.index(case.protocol.outcome_kinds()[0])
    treated = case.design.units.treated[case.sets.row]
    counts = case.design.after[case.sets.row, at].sum(axis=1)
    means = [float(np.average(counts[arm], weights=case.sets.weight[arm])) for arm in (treated, ~treated)]
    return f"Counted per person whether alive or not: {means[0]:.2f} contacts against {means[1]:.2f}."
