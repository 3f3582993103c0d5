"""How long before the downstream contact the upstream one came."""

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
    title = parts.titled("Days from the upstream contact to the downstream one", size)
    y = alt.Y(
        "share:Q",
        axis=alt.Axis(title=parts.upright(parts.measure(rows, "Share of pairs"), size), format="%", tickCount=5),
    )
    if len({row.get("series") for row in rows}) > 1:
        return _lines(rows, title, y)
    x = alt.X("days:O", sort=None, axis=alt.Axis(title=title, labelAngle=0, labelOverlap=True))
    return alt.Chart(parts.data(rows)).mark_bar(color=DARK_BLUE).encode(x=x, y=y).properties(height=parts.HEIGHT)


def _lines(rows: Sequence[Row], title: list[str], y: alt.Y) -> Chart:
    colour, dash, shape = parts.keys(rows, "series")
    base = alt.Chart(parts.data(rows)).encode(
        x=alt.X(
            "days:O" if any(isinstance(row["days"], str) for row in rows) else "days:Q",
            sort=None,
            axis=alt.Axis(title=title),
        ),
        y=y,
        color=colour,
    )
    points = base.mark_point(filled=True, size=40, opacity=1).encode(shape=shape)
    return alt.layer(base.mark_line().encode(strokeDash=dash), points).properties(height=parts.HEIGHT)
