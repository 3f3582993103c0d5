"""Did another agency's demand rise instead?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "displacement"


def displacement(case: Case) -> Check:
    """Fails when an outcome named for it surely rose."""
    kinds = case.protocol.outcome_kinds(Role.DISPLACEMENT)
    ratios = {
        kind: model.ratio(0, case.protocol.level) for kind in kinds if (model := case.models.get(kind)) is not None
    }
    if not ratios:
        return Check(NAME, None, "The protocol names no other agency's demand to look at.")
    rose = [kind for kind, ratio in ratios.items() if ratio.low > 1]
    told = "; ".join(f"{kind} {ratio.mid:.2f} ({ratio.low:.2f} to {ratio.high:.2f})" for kind, ratio in ratios.items())
    return Check(
        NAME,
        not rose,
        f"{told}: {'demand moved there' if rose else 'no rise found'}.",
        max(ratio.mid for ratio in ratios.values()),
    )
