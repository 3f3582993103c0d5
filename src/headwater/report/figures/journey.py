"""How people move between kinds of contact: bars where all lead to one, bands where they part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts, sankey
from headwater.report.figures.theme import FOCUS, INK
from headwater.report.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    """Bands that all end in one node show nothing by their course: a bar each says the same, and its name stands clear
    of it."""
    targets = list(dict.fromkeys(str(row["target"]) for row in rows))
    return _bars(rows, targets[0], size) if len(targets) == 1 else sankey.drawn(rows, size, {}, _said)


def _bars(rows: Sequence[Row], target: str, size: Size) -> Chart:
    rows = parts.labelled(rows, "source", size)
    top = max(1.0, *(float(row["value"]) for row in rows)) * 1.05
    axis = alt.Axis(title=parts.titled(target, size), tickCount=size.ticks, format=",~r", gridDash=[1, 3])
    x = alt.X("value:Q", axis=axis, scale=alt.Scale(domain=[0, top], nice=False))
    base = alt.Chart(parts.data(rows)).encode(y=parts.name_axis(rows))
    bars = base.mark_bar(size=18, color=FOCUS, stroke=INK, strokeWidth=0.5).encode(x=x)
    marks = alt.layer(bars, parts.rule_at(0, dash=(1, 0)))
    return parts.with_words(marks, rows, [_said(row["value"]) for row in rows], size)


def _said(value: float) -> str:
    return number(value, 0).text
