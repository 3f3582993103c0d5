"""The figures of a saving: who pays, how the average-cost value shrinks to what is left, what the answer hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.savings.caution import optimism
from headwater.savings.payers import waterfall_figure, who_pays_figure
from headwater.savings.sensitivity import sensitivity, tornado_figure

if TYPE_CHECKING:
    from headwater.domain.evidence import Grade
    from headwater.domain.figures import FigureData
    from headwater.domain.money import Saving


def figures(saving: Saving, grade: Grade) -> tuple[FigureData, ...]:
    """who-pays, waterfall and tornado, with the optimism correction of the evidence's grade."""
    correction = optimism(grade)
    tornado = tornado_figure(saving, sensitivity(saving, correction))
    return who_pays_figure(saving), waterfall_figure(saving), tornado
