"""Do the periods used meet at the start, or does it lie in a gap?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.places.fit import said_periods

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "start-in-a-gap"


def start_gap(judged: Judged) -> Check:
    """None, which caps the grade, where whole periods at the start are missing: what happened in them is anybody's
    guess.
    `figure`: how many. A period that the start itself cuts is not missing."""
    case = judged.case
    pre, post = np.flatnonzero(case.pre), np.flatnonzero(case.post)
    if not len(pre) or not len(post):
        return Check(NAME, None, "Nothing is known on one side of the start.")
    between = np.arange(pre[-1] + 1, post[0])
    missing = len(between) - (1 if case.cut else 0)
    if missing <= 0:
        return Check(NAME, True, "The periods before and after the start meet there.", 0.0)
    span = f"{case.panel.periods[between[0]]} to {case.panel.periods[between[-1]]}"
    return Check(
        NAME,
        None,
        f"The start lies in a gap: {said_periods(missing)} beside it ({span}) are missing or left out, and what "
        "happened in them cannot be told from an effect.",
        float(missing),
    )
