"""How sure: the Maryland scale (Sherman et al. 1997) by design, taken down by failed essential checks, with the
sentence why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Grade

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.evidence import Check

BY_DESIGN = {
    "stepped-wedge": (5, "the order was drawn at random"),
    "synthetic-control": (4, "a weighted comparison that followed the treated before the start"),
    "synthetic-did": (4, "a weighted comparison that followed the treated before the start"),
    "matched": (4, "people who met the same entry rule at the same moment, matched on their history"),
    "did": (3, "treated and untreated units before and after"),
    "buffer": (3, "treated and further untreated places before and after"),
    "its": (2, "the treated against their own past, with nothing beside them"),
}
WORDS = {1: "very low", 2: "low", 3: "moderate", 4: "high", 5: "high"}


UNTOLD, DROPPED = 3, 2 / 3
"""The highest level while an essential check could not tell, and the share of the treated below which a level is lost,
and at half of it another."""


DOUBTED = ("small-counts", "source-change", "start-in-a-gap")
"""Checks of the data themselves: what they leave open no design mends, and the grade is capped at 2."""


def graded(method: str, checks: Sequence[Check], *, told: bool, kept: float = 1.0) -> Grade:
    """The grade. A failed essential check caps it at 2; each further one takes a level; one that could not tell caps it
    at 3, and where none passed at 2. kept: the share of the treated that is in the estimate."""
    if not told:
        return Grade(1, WORDS[1], "The data cannot tell: there is a before and an after, and no sound comparison.")
    top, why = BY_DESIGN[method]
    essential = [check for check in checks if check.essential]
    failed = [check.name for check in essential if check.passed is False]
    untold = [check.name for check in essential if check.passed is None]
    level = min(top, 3 - len(failed)) if failed else top
    if untold:
        level = min(level, UNTOLD if any(check.passed for check in essential) else UNTOLD - 1)
    level = min(level, 2) if {*untold} & {*DOUBTED} else level
    lost = (kept < DROPPED) + (kept < DROPPED / 2)
    level = max(1, level - lost)
    text = f"Level {level} of 5 on the Maryland scale: {why}"
    text += (
        f"; lowered because these checks failed: {', '.join(failed).replace('-', ' ')}"
        if failed
        else "; no essential check failed"
    )
    text += f"; these could not tell: {', '.join(untold).replace('-', ' ')}" if untold else ""
    text += f"; only {kept:.0%} of those treated are in the estimate" if lost else ""
    return Grade(level, WORDS[level], text + ".")


MODERATE = 3


def capped(grade: Grade, why: str) -> Grade:
    """The grade, no higher than moderate."""
    if grade.level <= MODERATE:
        return grade
    text = grade.text.replace(f"Level {grade.level}", f"Level {MODERATE}", 1).removesuffix(".")
    return Grade(MODERATE, WORDS[MODERATE], f"{text}; held at {MODERATE} because {why}.")
