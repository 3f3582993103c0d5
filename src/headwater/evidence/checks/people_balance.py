"""Are the enrolled and the compared alike in what was measured before?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.stats.balance import balance

if TYPE_CHECKING:
    from headwater.evidence.people.evaluation import Case

NAME = "balance"
LIMIT, WORST = 0.1, 0.25
"""Stuart, Lee & Leacy 2013 (J Clin Epidemiol 66): 0.1 is small; up to 0.25 regression can take it out."""
ALIKE = (0.5, 2.0)
"""Rubin 2001 (Health Services & Outcomes Research Methodology 2): variance ratios out of this are extreme. Told, not judged: a
count that nearly nobody has varies by one person."""


def balanced(case: Case) -> Check:
    """Fails when a standardised difference is over 0.25, or their mean over 0.1, by more than chance. `figure` is the worst."""
    treated = case.design.units.treated[case.sets.row]
    if not treated.any():
        return Check(NAME, False, "Nobody could be matched.")
    found = balance(case.design.covariates[case.sets.row], treated, case.sets.weight)
    smd = np.abs(found.smd)
    # Two groups of n differ by chance alone with a standard error of about √(2/n), and by 0.8 of it in the mean: that much is no
    # fault of the matching. The worst of many measures may be 2.5 standard errors, the mean of all one.
    chance = float(np.sqrt(2 / treated.sum()))
    passed = bool(smd.max() <= max(WORST, 2.5 * chance) and smd.mean() <= max(LIMIT, chance))
    over, apart = (
        int((smd > LIMIT).sum()),
        int(((found.variance_ratio < ALIKE[0]) | (found.variance_ratio > ALIKE[1])).sum()),
    )
    return Check(
        NAME, passed, f"The worst standardised difference is {smd.max():.2f}, the mean {smd.mean():.2f}; {over} of {len(smd)} measures are over {LIMIT}; what is left is adjusted for. "
        f"{len(smd) - apart} of {len(smd)} variance ratios lie within {ALIKE[0]:g} and {ALIKE[1]:g}.",
        float(smd.max()),
    )  # fmt: skip
