"""Did another agency's demand rise instead?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "displacement"


def displacement(judged: Judged) -> Check:
    """Fails when a displacement outcome's whole interval lies above no change. `figure`: the largest ratio."""
    pairs = [
        (outcome.kind, fit.ratio, interval)
        for outcome, fit in zip(judged.protocol.outcomes, judged.fits, strict=True)
        if outcome.role is Role.DISPLACEMENT and (interval := fit.ratio_interval(judged.case.level)) is not None
    ]
    if not pairs:
        return Check(NAME, None, "The protocol names no displacement outcome that could be estimated.")
    text = "; ".join(f"{kind} {ratio:.3f} ({held.low:.3f} to {held.high:.3f})" for kind, ratio, held in pairs)
    rose = any(held.low > 1 for _, _, held in pairs)
    return Check(NAME, not rose, f"Demand elsewhere: {text}.", max(ratio for _, ratio, _ in pairs))
