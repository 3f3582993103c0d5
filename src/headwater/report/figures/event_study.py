"""The difference from the comparison, period by period, before and after the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    time = parts.Time(rows, size)
    reference = next((row["reference"] for row in rows if row.get("reference") is not None), 0)
    title = parts.measure(rows, "Difference from the comparison")
    base = alt.Chart(parts.data(time.dated(rows))).encode(x=time.x())
    y = alt.Y("low:Q", axis=alt.Axis(title=parts.upright(title, size), tickCount=6), scale=alt.Scale(zero=False))
    bars = base.mark_rule(color=DARK_BLUE, strokeWidth=2).encode(y=y, y2="high:Q")
    points = base.mark_point(color=DARK_BLUE, filled=True, size=70, opacity=1).encode(y="mid:Q")
    nothing = parts.rule_at(reference, "y")
    return alt.layer(nothing, *time.start(rows), bars, points).properties(height=parts.HEIGHT)
