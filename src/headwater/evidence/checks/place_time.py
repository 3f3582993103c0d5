"""Does the design find an effect at a time when nothing had begun?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.checks.place_alike import alike
from headwater.evidence.places.designs import estimated
from headwater.stats.imputation import NEVER

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged
    from headwater.evidence.places.case import Case

NAME = "placebo-in-time"


def placebo_in_time(judged: Judged) -> Check:
    """Moves the start to two thirds of the pre-period; the real post-period is not looked at. `figure`: the ratio
    there."""
    sham = backdated(judged.case, int(judged.case.pre.sum()) // 3)
    if sham is None:
        return Check(NAME, None, "There are too few periods before the start to pretend an earlier one.")
    when = sham.panel.periods[int(np.flatnonzero(sham.post)[0])]
    limit = judged.case.options.alike_within
    return alike(NAME, estimated(sham, judged.method), limit, f"Pretending the start was {when} gives a ratio of")


def backdated(case: Case, periods: int) -> Case | None:
    """The same case with its last pre-periods as if they were the post-period; None when too few would be left."""
    at = np.flatnonzero(case.pre)
    if periods < 1 or len(at) - periods < case.options.min_pre_periods:
        return None
    pre, post = np.zeros_like(case.pre), np.zeros_like(case.post)
    pre[at[:-periods]], post[at[-periods:]] = True, True
    starts = np.where(case.starts < NEVER, at[-periods], NEVER)
    return replace(case, pre=pre, post=post, starts=starts, off=np.zeros((0, 0), dtype=bool))
