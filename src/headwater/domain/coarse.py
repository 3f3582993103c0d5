"""Shares of people in words that are too coarse to reckon a small number from."""

from __future__ import annotations

STEPS = (0.01, 0.05, 0.1, 0.25, 0.5)
WIDE = 15
"""People that a step must at least span: twice the seven that the strictest shipped rule masks, and one."""


def share(part: float, whole: float) -> str:
    """'fewer than 5 %', 'about 35 %' or 'some' of `whole`: steps of at least fifteen people, so that no count under
    eight follows."""
    step = next((step for step in STEPS if step * whole >= WIDE), None)
    if step is None or whole <= 0:
        return "some"
    nearest = round(part / whole / step) * step
    if nearest < step / 2:
        return f"fewer than {step:.0%}"
    if nearest > 1 - step / 2:
        return f"more than {1 - step:.0%}"
    return f"about {nearest:.0%}"
