"""Does one area carry the result?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.people.estimate import fitted, follow

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "leave-one-area-out"
MOST = 40
"""Areas tried, the largest first; each costs one fit."""


def leave_one_area_out(case: Case) -> Check:
    """Fails when leaving one area out moves the ratio out of the whole's interval, or across 1 from a sure side."""
    kind = case.kind
    whole = case.raw[kind]
    area = case.people.area[case.design.units.person[case.sets.leader]]
    names, sizes = np.unique(area[area != ""], return_counts=True)
    if whole is None or len(names) < 3:
        return Check(NAME, None, "There are too few areas to leave one out.")
    ratio = whole.ratio(0, case.protocol.level)
    tried = {name: _without(case, kind, area != name) for name in names[np.argsort(-sizes, kind="stable")][:MOST]}
    found = {name: value for name, value in tried.items() if value is not None}
    if not found:
        return Check(NAME, None, "Leaving an area out leaves too little.")
    odd = [name for name, value in found.items() if not ratio.low <= value <= ratio.high]
    low, high = min(found.values()), max(found.values())
    end = f"{', '.join(map(str, odd))} carries it" if odd else "no single area carries it"
    return Check(
        NAME, not odd, f"Leaving out one area at a time the ratio runs from {low:.2f} to {high:.2f}: {end}.", high - low
    )


def _without(case: Case, kind: str, keep: np.ndarray) -> float | None:
    part = case.sets.only(keep)
    model = fitted(follow(case.design, part, kind), case.design, part)
    return None if model is None else float(np.exp(model.beta[0]))
