"""Does an outcome that nothing could change seem to change?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Check
from headwater.evidence.checks.place_breaks import treated_breaks

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "negative-control-outcome"


def negative_control(judged: Judged) -> Check:
    """Fails when a control's 99 % interval, widened for their number (Bonferroni), leaves 1 out. `figure`: the ratio
    furthest from 1."""
    named = [
        (o.kind, f)
        for at, (o, f) in enumerate(zip(judged.protocol.outcomes, judged.fits, strict=True))
        if o.role is Role.NEGATIVE_CONTROL and treated_breaks(judged.beside(at)).passed is not False
    ]
    told = [(kind, fit) for kind, fit in named if fit.drawn is not None]
    # An essential check caps the grade: at 99 % a sound evaluation fails it once in a hundred, however many controls it
    # has.
    level = 1 - 0.01 / max(1, len(told))
    pairs = [(kind, fit.ratio, held) for kind, fit in told if (held := fit.ratio_interval(level)) is not None]
    if not pairs:
        return Check(NAME, None, "No negative-control outcome could be estimated.")
    text = "; ".join(f"{kind} {ratio:.3f} ({held.low:.3f} to {held.high:.3f})" for kind, ratio, held in pairs)
    worst = max((ratio for _, ratio, _ in pairs), key=lambda ratio: abs(ratio - 1))
    return Check(
        NAME, all(held.holds(1.0) for _, _, held in pairs), f"Outcomes that nothing should change: {text}.", worst
    )
