"""How likely a collaboration is to pay, by what it costs: the acceptability curve of health economics (Fenwick, Claxton
& Sculpher 2001, Health Economics 10:779), over its own cost instead of a price for health."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


HALF = 0.5


def chart(rows: Sequence[Row], size: Size) -> Chart:
    x_title = parts.titled("What it costs, as a share of what was spent", size)
    x = alt.X("cost:Q", axis=alt.Axis(title=x_title, format="%", tickCount=size.ticks), scale=alt.Scale(nice=False))
    y_axis = alt.Axis(title=parts.upright("Chance that it pays", size), format="%", values=[0, 0.25, 0.5, 0.75, 1])
    y = alt.Y("chance:Q", axis=y_axis, scale=alt.Scale(domain=[0, 1]))
    line = alt.Chart(parts.data(rows)).mark_line(color=DARK_BLUE).encode(x=x, y=y)
    spent = alt.Chart(parts.data([{"cost": 1.0, "says": "as it was"}])).encode(x="cost:Q")
    low = _chance_at(rows, 1.0) < HALF  # The words stand where the line is not.
    words = spent.mark_text(align="left", dx=4, dy=6 if low else -6, baseline="top" if low else "bottom", color=INK)
    words = words.encode(y=alt.datum(1 if low else 0), text="says:N")
    return alt.layer(parts.rule_at(1.0, "x"), line, words).properties(height=parts.HEIGHT)


def _chance_at(rows: Sequence[Row], cost: float) -> float:
    """The chance of the cost that is nearest."""
    return float(min(rows, key=lambda row: abs(row["cost"] - cost))["chance"])
