"""Outcomes that the programme cannot touch: a difference there is a difference of the groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Check
from headwater.stats.equivalence import of_model

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "negative-control-outcome"
MARGIN = 1.25


def negative_controls(case: Case) -> Check:
    """Passes when every control is shown to be near 1, fails when one surely is not. `figure` is the farthest ratio."""
    kinds = case.protocol.outcome_kinds(Role.NEGATIVE_CONTROL)
    models = {kind: model for kind in kinds if (model := case.raw.get(kind)) is not None}
    if not models:
        few = f"Too few of {', '.join(kinds)} were counted among those compared."
        said = few if kinds else "The protocol names no outcome that nothing should change."
        return Check(NAME, None, said, limit=MARGIN)
    # A sure difference counts however small it is: nothing at all should have moved it. At 99 % for all of them
    # together a sound evaluation fails here once in a hundred.
    level = 1 - 0.01 / len(models)
    moved = [kind for kind, model in models.items() if not model.ratio(0, level).holds(1.0)]
    found = {kind: of_model(model, MARGIN) for kind, model in models.items()}
    told = "; ".join(f"{kind} {one}" for kind, one in found.items())
    passed = False if moved else True if all(one.passed for one in found.values()) else None
    end = f"moved though nothing should move it: {', '.join(moved)}" if moved else "none clearly moved"
    farthest = max(found.values(), key=lambda one: max(one.ratio.mid, 1 / max(one.ratio.mid, 1e-9)))
    return Check(
        NAME,
        passed,
        f"{told}: {end}.",
        farthest.ratio.mid,
        power=min(one.power for one in found.values()),
        limit=MARGIN,
    )
