"""Could those the programme reached have averted so much?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "plausible"
WARNS = 0.5


def plausible(judged: Judged) -> Check:
    """Fails when the effect needs more of the contacts of those reached than `reach.share` allows. `figure`: the share
    needed."""
    reach, case, fit = judged.protocol.reach, judged.case, judged.fit
    theirs = reach.contacts.get(judged.outcome.kind, 0.0) if reach is not None else 0.0
    averted = fit.averted()
    if reach is None or not theirs:
        return Check(NAME, None, "The protocol does not say what those reached used before ([reach] contacts).")
    if averted is None:
        return Check(NAME, None, "Nothing can be told of the effect that could be held against it.")
    years = max(int(fit.post.sum()) * case.period_years, 1e-9)
    needed = float(np.median(averted.sum(axis=1))) / years
    share = needed / theirs
    who = f"the {reach.people:,} people reached" if reach.people else "those reached"
    text = (
        f"For the effect to be true {who} must have averted {needed:,.0f} of their {theirs:,.0f} contacts a year"
        f" ({share:.0%})"
    )
    if share > reach.share:
        return Check(NAME, False, f"{text}, over the {reach.share:.0%} that can be.", share, limit=reach.share)
    tail = "; that is much." if share > WARNS else "."
    return Check(NAME, True, text + tail, share, limit=reach.share)
