"""Did another agency's demand rise instead?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Check
from headwater.stats.equivalence import of_model
from headwater.stats.sensitivity import holm

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case
    from headwater.stats.poisson import RateModel

NAME = "displacement"
MARGIN = 1.25


def displacement(case: Case) -> Check:
    """Fails when an outcome named for it surely rose, corrected for how many were looked at (Holm); passes when a rise
    is ruled out."""
    kinds = case.protocol.outcome_kinds(Role.DISPLACEMENT)
    models = {kind: model for kind in kinds if (model := case.models.get(kind)) is not None}
    if not models:
        return Check(NAME, None, "The protocol names no other agency's demand to look at.", limit=MARGIN)
    chances = holm([_of_a_rise(model) for model in models.values()])
    rose = [kind for kind, p in zip(models, chances, strict=True) if p < (1 - case.protocol.level) / 2]
    found = {kind: of_model(model, MARGIN) for kind, model in models.items()}
    told = "; ".join(
        f"{kind} {one.ratio.mid:.2f} ({one.ratio.level:.0%} interval {one.ratio.low:.2f} to {one.ratio.high:.2f})"
        for kind, one in found.items()
    )
    passed = False if rose else True if all(one.ratio.high < MARGIN for one in found.values()) else None
    end = {
        False: "demand moved there",
        True: f"a rise of {MARGIN - 1:.0%} is ruled out",
        None: "a rise can neither be shown nor ruled out",
    }
    return Check(
        NAME,
        passed,
        f"{told}: {end[passed]}.",
        max(one.ratio.mid for one in found.values()),
        power=min(one.power for one in found.values()),
        limit=MARGIN,
    )


def _of_a_rise(model: RateModel) -> float:
    return float(
        student.sf(model.beta[0] / max(float(np.sqrt(model.covariance[0, 0])), 1e-12), max(model.clusters - 1, 1))
    )
