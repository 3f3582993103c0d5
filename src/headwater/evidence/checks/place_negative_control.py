"""Does an outcome that nothing could change seem to change?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.checks.place_all import Judged

NAME = "negative-control-outcome"


def negative_control(judged: Judged) -> Check:
    """Fails when the interval of a negative control leaves out no change. `figure`: the ratio furthest from 1."""
    pairs = [
        (outcome.kind, fit.ratio, interval)
        for outcome, fit in zip(judged.protocol.outcomes, judged.fits, strict=True)
        if outcome.role is Role.NEGATIVE_CONTROL and (interval := fit.ratio_interval(judged.case.level)) is not None
    ]
    if not pairs:
        return Check(NAME, None, "No negative-control outcome could be estimated.")
    text = "; ".join(f"{kind} {ratio:.3f} ({held.low:.3f} to {held.high:.3f})" for kind, ratio, held in pairs)
    worst = max((ratio for _, ratio, _ in pairs), key=lambda ratio: abs(ratio - 1))
    # Several controls share one level, so that having more of them does not make an alarm likelier (Bonferroni).
    limit = 1 - (1 - judged.case.level) / len(pairs)
    fits = [f for o, f in zip(judged.protocol.outcomes, judged.fits, strict=True) if o.role is Role.NEGATIVE_CONTROL]
    held = [interval.holds(1.0) for fit in fits if (interval := fit.ratio_interval(limit)) is not None]
    return Check(NAME, all(held), f"Outcomes that nothing should change: {text}.", worst)
