"""Did the comparison follow the treated before the start, in months it was not fitted on?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "pre-fit"
NEAR = 0.75
"""The share of the limit over which a fit is no good one either: it caps the grade."""


def pre_fit(judged: Judged) -> Check:
    """Fails when the held-out error is over `fit_limit` times the typical donor's own, and cannot tell near it.
    `figure` is that ratio."""
    fit, limit = judged.fit, judged.case.options.fit_limit
    if not np.isfinite(fit.scale) or not fit.typical_scale > 0:
        return Check(NAME, None, "The fit before the start could not be judged on periods held out.")
    ratio = fit.scale / fit.typical_scale
    follows = "followed" if ratio <= NEAR * limit else "hardly followed" if ratio <= limit else "did not follow"
    passed = False if ratio > limit else True if ratio <= NEAR * limit else None
    return Check(
        NAME,
        passed,
        f"Before the start the comparison {follows} the treated: it was {fit.scale:.1%} off in periods held out, "
        f"{ratio:.1f} times the typical donor's {fit.typical_scale:.1%} (limit {limit:g}).",
        ratio,
    )
