"""The figures of a saving: who pays, how the average-cost value shrinks to what is left, what the answer hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.savings.payers import waterfall_figure, who_pays_figure
from headwater.savings.sensitivity import sensitivity, tornado_figure

if TYPE_CHECKING:
    from headwater.domain.money import Saving
    from headwater.domain.release import FigureData


def figures(saving: Saving) -> tuple[FigureData, ...]:
    """who-pays, waterfall and tornado; none where nothing can be told."""
    if not saving.kinds:
        return ()
    tornado = tornado_figure(saving, sensitivity(saving))
    return who_pays_figure(saving), waterfall_figure(saving), tornado
