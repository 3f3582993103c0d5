"""Does a way of comparing that matches nobody say the same?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.stats.content import even, mixed, named_seed
from headwater.stats.doubly_robust import FOLDS, Opinion, treated_log_ratio

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case
    from headwater.evidence.people.design import Design

NAME = "second-opinion"
ALIKE, APART = 1.0, 2.0
"""Of the root of both squared errors. Both look at the same enrolled, so that where both are right they lie closer than
that: within one it is agreement, beyond two it is not. In the result's own error alone seven of forty sound worlds of
120 enrolled did not agree."""
MOST = 60_000
"""Moments that the second opinion looks at: the ratio's error comes from the enrolled, and each more costs two
regressions."""


def second_opinion(case: Case) -> Check:
    """A doubly robust, cross-fitted estimate beside the matched one. `figure`: their difference in joint standard
    errors."""
    raw = case.raw[case.kind]
    if raw is None:
        return Check(NAME, None, case.unmodelled, limit=APART)
    other = opinion(case.design, case.kind, case.protocol.seed)
    if other is None:
        return Check(NAME, None, "Too few contacts for a second opinion.", limit=APART)
    off = float((other.log_ratio - raw.beta[0]) / max(float(np.hypot(raw.se[0], other.error)), 1e-12))
    passed = True if abs(off) <= ALIKE else False if abs(off) > APART else None
    word = {True: "they agree", False: "they do not agree", None: "they neither agree nor clearly differ"}[passed]
    return Check(
        NAME,
        passed,
        "Another method, which weights everybody by their odds of enrolment and the contacts expected of them, gives"
        f" {np.exp(other.log_ratio):.2f}; matching gives {np.exp(raw.beta[0]):.2f}. They are {abs(off):.1f} standard"
        f" errors apart: {word}.",
        off,
        limit=APART,
    )


def opinion(design: Design, kind: str, seed: int) -> Opinion | None:
    """Of one kind, from all units of the design, or some where they are very many; candidates count once over all
    drawings."""
    units = design.units
    free = ~units.treated
    keep = units.treated | (
        even(mixed(units.person, units.index, named_seed(seed, "second"))) < MOST / max(free.sum(), 1)
    )
    rows = np.flatnonzero(keep & (design.exposure.sum(axis=1) > 0))
    when = (units.index[rows] - units.index[units.treated].min()) / 365.25
    x = np.column_stack([design.covariates[rows], when])
    fold = (even(mixed(units.person[rows], named_seed(seed, "folds"))) * FOLDS).astype(np.int64)
    return treated_log_ratio(
        design.after[rows, design.kinds.index(kind)].sum(axis=1),
        design.time(kind)[rows],
        units.treated[rows],
        x,
        units.person[rows],
        np.where(units.treated[rows], 1.0, 1.0 / design.drawings),
        fold,
    )
