"""How sure: the Maryland scale (Sherman et al. 1997) by design, taken down by failed essential checks, with the sentence why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Grade

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.evidence import Check

BY_DESIGN = {
    "stepped-wedge": (5, "the order was drawn by lot"),
    "synthetic-control": (4, "a weighted comparison that followed the treated before the start"),
    "synthetic-did": (4, "a weighted comparison that followed the treated before the start"),
    "matched": (4, "people who met the same entry rule at the same moment, matched on their history"),
    "did": (3, "treated and untreated units before and after"),
    "buffer": (3, "treated and further untreated places before and after"),
    "its": (2, "the treated against their own past, with nothing beside them"),
}
WORDS = {1: "very low", 2: "low", 3: "moderate", 4: "high", 5: "high"}


def graded(method: str, checks: Sequence[Check], *, told: bool) -> Grade:
    """The grade. A failed essential check caps it at 2; each further one takes a level; one that was not run takes none."""
    if not told:
        return Grade(1, WORDS[1], "The data cannot tell: there is a before and an after, and no sound comparison.")
    top, why = BY_DESIGN[method]
    failed = [check.name for check in checks if check.essential and check.passed is False]
    level = max(1, min(top, 3 - len(failed))) if failed else top
    text = f"Level {level} of 5 on the Maryland scale: {why}"
    text += f"; lowered because these checks failed: {', '.join(failed)}." if failed else "; no essential check failed."
    return Grade(level, WORDS[level], text)
