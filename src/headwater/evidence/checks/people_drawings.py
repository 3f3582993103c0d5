"""Does the result hang on the lot: on which wait a candidate was given, and who came first among equals?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.people.estimate import by_drawing

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "drawings"
LIMIT = 0.5
"""Of the result's own standard error: what is left of the lot once the drawings are pooled."""


def drawings(case: Case) -> Check:
    """Fails when pooling the drawings leaves a doubt of more than half the standard error. `figure` is that share."""
    kind = case.kind
    model = case.raw[kind]
    if model is None:
        return Check(NAME, None, case.unmodelled, limit=LIMIT)
    found = by_drawing(case.design, case.sets, kind)
    if len(found) < 2:
        return Check(
            NAME,
            None,
            "Waits and ties were drawn once: among so many people, or so few sets, more tells nothing.",
            limit=LIMIT,
        )
    left = float(found.std(ddof=1) / np.sqrt(len(found)) / max(float(model.se[0]), 1e-12))
    return Check(
        NAME,
        left <= LIMIT,
        f"Waits and ties drawn {len(found)} times again give {np.exp(found.min()):.2f} to {np.exp(found.max()):.2f};"
        f" all are pooled, and what is left to chance is {left:.0%} of the standard error and part of the interval.",
        left,
        limit=LIMIT,
    )
