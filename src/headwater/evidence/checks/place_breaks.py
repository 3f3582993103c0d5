"""Does the treated series break where the collaboration cannot be the reason?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged
    from headwater.evidence.places.case import Case
    from headwater.stats.breaks import Break

NAME = "treated-breaks"
SURELY = 0.01
"""The chance under which more breaks after the starts than before are no chance."""


def _usual(case: Case) -> float:
    """The share of units that would break by themselves among as many of the untreated: where all drift, it is no
    reason."""
    others = np.setdiff1d(np.arange(len(case.panel.units)), case.treated)
    used = np.flatnonzero(case.used)
    broken = {b.unit for b in case.breaks if len(used) and used[0] < b.at <= used[-1]}
    share = float(np.mean(np.isin(others, list(broken)))) if len(others) else 0.0
    return share + 2 * float(np.sqrt(share * (1 - share) / len(case.treated)))


def _by_themselves(case: Case, found: list[Break]) -> bool:
    """Whether the treated break as series do that nothing happens to, where nobody stays untreated to show how often
    that is: after their starts not surely more often than before, and not many at about the same time in the same
    direction."""
    used, starts = np.flatnonzero(case.used), case.starts[case.treated]
    early = float(np.clip(starts - used[0], 0, None).sum())
    late = float(np.clip(used[-1] + 1 - starts, 0, None).sum())
    # A unit counts once on each side: one that wanders breaks again and again.
    sides = {(b.unit, bool(b.at >= case.starts[b.unit])) for b in found}
    after = sum(side for _, side in sides)
    often = float(stats.binom.sf(after - 1, len(sides), late / (early + late))) < SURELY
    chance = len(found) / 2 * (2 * case.around + 1) / len(used)
    together = max(
        len({b.unit for b in found if abs(b.at - a.at) <= case.around and b.shift * a.shift > 0}) for a in found
    )
    return not often and together <= max(0.1 * len(starts), chance + 3 * float(np.sqrt(chance)))


def treated_breaks(judged: Judged) -> Check:
    """Fails when a treated unit's level shifts by itself within the window, away from the start. `figure`: how many."""
    case = judged.case
    if not case.options.screen_breaks:
        return Check(NAME, None, "Breaks were not looked for: the protocol turns the screening off.")
    used = np.flatnonzero(case.used)
    found = [b for b in case.treated_breaks() if len(used) and used[0] < b.at <= used[-1]]
    many = len(case.treated) > 1
    share = len({b.unit for b in found}) / max(1, len(case.treated))
    if not found:
        return Check(NAME, True, "The treated series has no break of its own away from the start.", 0.0)
    text = ", ".join(f"{np.expm1(b.shift):+.0%} at {case.panel.periods[b.at]}" for b in found[:3])
    usual = _usual(case) if many else 0.0
    passed = many and share <= max(0.1, usual)
    if many and not passed and len(case.treated) == len(case.panel.units):
        passed = _by_themselves(case, found)
    if not many and max(abs(b.shift) for b in found) <= case.usual_break:
        # What others do as much by themselves: the interval is as wide as theirs make it.
        said = (
            f"The treated series shifts where the start is no reason ({text}), by no more than many others do by"
            " themselves"
        )
        return Check(NAME, None, f"{said}; the interval is from others that do.", float(len(found)))
    whose = f"{share:.0%} of the treated units shift" if many else "The treated series shifts"
    return Check(NAME, passed, f"{whose} where the start is no reason: {text}.", float(len(found)))
