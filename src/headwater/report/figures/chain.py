"""From what came before, over what would have come anyway, to what was seen: three bars of contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, DARK_GREY, DARK_PINK, INK, MUTED
from headwater.report.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size

SEEN = {"averted": DARK_BLUE, "harm": DARK_PINK}
"""Verdict → the colour of what was seen; only a verdict that says something has a colour of its own."""


def chart(rows: Sequence[Row], size: Size) -> Chart:
    """What would have come anyway is never in the colour of the effect."""
    rows = parts.labelled([{**row, "fill": _fill(row)} for row in rows], "label", size)
    top = max(1.0, *(float(row["value"]) for row in rows)) * 1.05
    axis = alt.Axis(
        title=parts.titled(parts.measure(rows, "Contacts a year"), size),
        tickCount=size.ticks,
        format=",~r",
        gridDash=[1, 3],
    )
    x = alt.X("value:Q", axis=axis, scale=alt.Scale(domain=[0, top], nice=False))
    base = alt.Chart(parts.data(rows)).encode(y=parts.name_axis(rows))
    bars = base.mark_bar(size=22, stroke=INK, strokeWidth=0.75).encode(x=x, color=alt.Color("fill:N", scale=None))
    marks = alt.layer(bars, parts.rule_at(0, dash=(1, 0)))
    return parts.with_words(marks, rows, [number(row["value"], 0).text for row in rows], size)


def _fill(row: Row) -> str:
    return {"before": MUTED, "expected": "#FFFFFF"}.get(
        str(row.get("state")), SEEN.get(str(row.get("state")), DARK_GREY)
    )
