"""Does the design find an effect at a time when nothing had begun?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.places.designs import estimated
from headwater.stats.imputation import NEVER

if TYPE_CHECKING:
    from headwater.evidence.checks.place_all import Judged
    from headwater.evidence.places.case import Case

NAME = "placebo-in-time"


def placebo_in_time(judged: Judged) -> Check:
    """Moves the start to two thirds of the pre-period; the real post-period is not looked at. `figure`: the ratio there."""
    sham = backdated(judged.case, int(judged.case.pre.sum()) // 3)
    if sham is None:
        return Check(NAME, None, "There are too few periods before the start to pretend an earlier one.")
    fit = estimated(sham, judged.method)
    # An essential check caps the grade: at 99 % a sound evaluation fails it once in a hundred.
    interval = fit.ratio_interval(0.99)
    if interval is None:
        return Check(NAME, None, f"An earlier start could not be judged: {fit.problem}.")
    when = sham.panel.periods[int(np.flatnonzero(sham.post)[0])]
    return Check(
        NAME, interval.holds(1.0),
        f"Pretending the start was {when} gives a ratio of {fit.ratio:.3f} ({interval.low:.3f} to {interval.high:.3f} at 99 %); "
        "it should be 1.", fit.ratio,
    )  # fmt: skip


def backdated(case: Case, periods: int) -> Case | None:
    """The same case with its last pre-periods as if they were the post-period; None when too few would be left."""
    at = np.flatnonzero(case.pre)
    if periods < 1 or len(at) - periods < case.options.min_pre_periods:
        return None
    pre, post = np.zeros_like(case.pre), np.zeros_like(case.post)
    pre[at[:-periods]], post[at[-periods:]] = True, True
    starts = np.where(case.starts < NEVER, at[-periods], NEVER)
    return replace(case, pre=pre, post=post, starts=starts)
