"""The figures of a saving: who pays, how the average-cost value shrinks to what is left, what the answer hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.release import FigureData
from headwater.savings.bases import acceptability
from headwater.savings.payers import waterfall_figure, who_pays_figure
from headwater.savings.sensitivity import sensitivity, tornado_figure

if TYPE_CHECKING:
    from headwater.domain.money import Saving
    from headwater.savings.bases import Account


DEAREST = 2.0
"""The dearest that is drawn, as a multiple of what was spent."""


def chance_figure(public: Account, collaboration: str) -> FigureData:
    """The acceptability curve: by how much it costs, the chance that it pays in public value. public: the account of
    the whole."""
    rows = tuple((multiple, chance) for multiple, chance in acceptability(public) if multiple <= DEAREST)
    return FigureData(
        f"chance-to-pay-{collaboration}",
        "chance-to-pay",
        f"At what it cost, the chance that it pays is {about_share(public.chance)}",
        "The chance that what it frees is worth more than it costs, by the cost as a share of what was spent.",
        ("cost", "chance"),
        rows,
    )


def about_share(chance: float) -> str:
    """A chance to the nearest hundredth; what is nearly sure is not called sure."""
    return "under 1%" if chance < 0.01 else "over 99%" if chance > 0.99 else f"{chance:.0%}"


def figures(saving: Saving) -> tuple[FigureData, ...]:
    """who-pays, waterfall and tornado; none where nothing can be told."""
    if not saving.kinds:
        return ()
    tornado = tornado_figure(saving, sensitivity(saving))
    return who_pays_figure(saving), waterfall_figure(saving), tornado
