"""Did the bounds of a treated unit change where its effect is looked for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.places.case_limits import AROUND_START

if TYPE_CHECKING:
    from headwater.evidence.checks.place_all import Judged

NAME = "boundary-change"


def boundary(judged: Judged) -> Check:
    """Fails when a treated unit took over, or was taken over, about the start. `figure`: how many changes within the window."""
    case = judged.case
    used = np.flatnonzero(case.used)
    changes = [b for b in case.boundaries if len(used) and used[0] <= b.at <= used[-1] + 1]
    near = [b for b in changes if b.merged and abs(b.at - int(case.starts[case.treated].min())) <= AROUND_START]
    if near:
        text = "; ".join(b.text for b in near)
        said = f"{text}: a change of bounds about the start cannot be told from an effect, also where the series are joined."
        return Check(NAME, False, said, float(len(near)))
    if changes:
        return Check(
            NAME, True, f"Joined, and away from the start: {'; '.join(b.text for b in changes)}.", float(len(changes))
        )
    return Check(NAME, True, "The register knows of no change of the treated units' bounds within the window.", 0.0)
