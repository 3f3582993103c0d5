"""How likely the evaluation is to see a true change, by how many are enrolled or how large the change is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, DARK_PINK, INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


ENOUGH = 0.8
"""The power that is usually asked for."""


def chart(rows: Sequence[Row], size: Size) -> Chart:
    rows = [{**row, "series": _named(row.get("series"))} for row in rows]
    title = parts.titled(parts.measure(rows, "People enrolled", "x_measure"), size)
    x = alt.X(
        "x:Q", axis=alt.Axis(title=title, tickCount=size.ticks, format=",~r"), scale=alt.Scale(zero=False, nice=False)
    )
    y_axis = alt.Axis(
        title=parts.upright("Chance of detecting it", size), format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1]
    )
    base = alt.Chart(parts.data(rows)).encode(x=x, y=alt.Y("power:Q", axis=y_axis, scale=alt.Scale(domain=[0, 1])))
    if any(row.get("series") for row in rows):
        colour, dash, _shape = parts.keys(rows, "series")
        lines = base.mark_line(interpolate="monotone").encode(color=colour, strokeDash=dash)
    else:
        lines = base.mark_line(interpolate="monotone", color=DARK_BLUE)
    return alt.layer(parts.rule_at(ENOUGH, "y"), *_mark(rows), lines).properties(height=parts.HEIGHT)


def _named(series: object) -> str:
    """A line's name; a bare number is the rate ratio it was drawn for."""
    return f"rate ratio {series:g}" if isinstance(series, (int, float)) else str(series or "")


def _mark(rows: Sequence[Row]) -> list[Chart]:
    at = next((row["mark"] for row in rows if isinstance(row.get("mark"), (int, float))), None)
    if at is None:
        return []
    base = alt.Chart(parts.data([{"x": at, "says": "the plan"}])).encode(x="x:Q")
    line = base.mark_rule(color=DARK_PINK, strokeWidth=1.5)
    return [
        line,
        base.mark_text(align="left", dx=4, dy=-6, baseline="bottom", color=INK).encode(y=alt.datum(0), text="says:N"),
    ]
