"""Of which places, in which shares, a synthetic comparison is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE
from headwater.report.words import amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    rows = parts.labelled(rows, "donor", size)
    axis = alt.Axis(title="Weight", format="%", tickCount=size.ticks)
    bars = alt.Chart(parts.data(rows)).mark_bar(color=DARK_BLUE, size=16)
    drawn = bars.encode(y=parts.name_axis(rows), x=alt.X("weight:Q", axis=axis))
    return parts.with_words(drawn, rows, [amount(row["weight"], "share", 3).text for row in rows], size)
