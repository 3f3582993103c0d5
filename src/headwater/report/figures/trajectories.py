"""The mean of each group over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    time = parts.Time(rows, size)
    title = parts.upright(parts.measure(rows, "Contacts a person"), size)
    base = alt.Chart(parts.data(time.dated(rows))).encode(x=time.x())
    y = alt.Y("value:Q", axis=alt.Axis(title=title, tickCount=6), scale=alt.Scale(zero=True))
    colour, dash, shape = parts.keys(rows, "group")
    lines = base.mark_line().encode(y=y, color=colour, strokeDash=dash)
    points = base.mark_point(filled=True, size=45, opacity=1).encode(y="value:Q", color=colour, shape=shape)
    return alt.layer(*_bands(base, rows), *time.start(rows), lines, points).properties(height=parts.HEIGHT)


def _bands(base: Chart, rows: Sequence[Row]) -> list[Chart]:
    if not all(isinstance(row.get(end), (int, float)) for row in rows for end in ("low", "high")):
        return []
    groups = list(dict.fromkeys(str(row["group"]) for row in rows))
    bands = (
        base.transform_filter(alt.datum.group == group).mark_area(opacity=0.15, color=colour)
        for group, colour in zip(groups, colours(len(groups)), strict=True)
    )
    return [band.encode(y="low:Q", y2="high:Q") for band in bands]
