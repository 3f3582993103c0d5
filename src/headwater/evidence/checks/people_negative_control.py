"""Outcomes that the programme cannot touch: a difference there is a difference of the groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "negative-control-outcome"


def negative_controls(case: Case) -> Check:
    """Fails when a control's 99 % interval, widened for their number (Bonferroni), leaves 1 out. `figure` is the farthest ratio."""
    kinds = case.protocol.outcome_kinds(Role.NEGATIVE_CONTROL)
    models = {kind: model for kind in kinds if (model := case.models.get(kind)) is not None}
    if not models:
        return Check(
            NAME, None, "The protocol names no outcome that nothing should change, or too few of them happened."
        )
    # Essential checks cap the grade, so that each must be wrong rarely: at 99 % a sound evaluation fails here once in a hundred.
    level = 1 - 0.01 / len(models)
    ratios = {kind: model.ratio(0, level) for kind, model in models.items()}
    moved = [kind for kind, ratio in ratios.items() if not ratio.holds(1.0)]
    farthest = max(ratios.values(), key=lambda ratio: max(ratio.mid, 1 / max(ratio.mid, 1e-9)))
    told = "; ".join(f"{kind} {ratio.mid:.2f} ({ratio.low:.2f} to {ratio.high:.2f})" for kind, ratio in ratios.items())
    end = f"moved though nothing should move it: {', '.join(moved)}" if moved else "nothing moved that should not"
    return Check(NAME, not moved, f"{told}: {end}.", farthest.mid)
