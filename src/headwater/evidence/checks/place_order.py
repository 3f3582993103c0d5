"""Is the order in which places began the one that was drawn by lot?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.stats.stepped import drawn_order

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "drawn-by-lot"


def drawn_by_lot(judged: Judged) -> Check:
    """Draws the order again from the protocol's seed. `figure`: the share of places that began at their drawn turn."""
    case = judged.case
    names = sorted(case.panel.units[row] for row in case.treated)
    begun = {case.panel.units[row]: int(case.starts[row]) for row in case.treated}
    turns = np.unique(list(begun.values()), return_inverse=True)[1] if begun else np.array([])
    turn = dict(zip(begun, turns.tolist(), strict=True))
    drawn = drawn_order(len(names), len(set(turn.values())), judged.protocol.seed) if names else np.array([])
    share = (
        float(np.mean([turn[name] == step for name, step in zip(names, drawn.tolist(), strict=True)])) if names else 0.0
    )
    if share == 1:
        return Check(NAME, True, "Every place began at the turn that was drawn for it.", 1.0)
    return Check(
        NAME,
        None if share < 0.9 else False,
        f"{share:.0%} of the places began at the turn that this protocol's seed draws; if another draw was used, or"
        " none, what the random order shows is only as good as that.",
        share,
    )
