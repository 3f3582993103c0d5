"""What can be had as cash and what as performance: the same capacity is never both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.labels import Spot, placed
from headwater.report.figures.theme import DARK_BLUE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    x_axis = parts.money_axis(rows, parts.measure(rows, "Cash that can be taken out (£)", "x_measure"), size, "x")
    in_pounds = "released_gbp" in rows[0]
    y_words = "Capacity released instead (£)" if in_pounds else "Contacts that can be served instead"
    y_axis = parts.upright_axis(rows, parts.measure(rows, y_words, "y_measure"), size, "y")
    x_scale, y_scale = (alt.Scale(domain=parts.from_nought(rows, name), nice=True) for name in "xy")
    base = alt.Chart(parts.data({**row, "order": at} for at, row in enumerate(rows)))
    spread = base.encode(x=alt.X("x:Q", axis=x_axis, scale=x_scale), y=alt.Y("y:Q", axis=y_axis, scale=y_scale))
    colour, dash, shape = parts.keys(rows, "series")
    if not any(row.get("series") for row in rows):
        colour = dash = shape = alt.value(DARK_BLUE)  # type: ignore[assignment]
        lines = spread.mark_line(color=DARK_BLUE).encode(order="order:Q")
        points = spread.mark_point(filled=True, size=80, opacity=1, color=DARK_BLUE)
    else:
        lines = spread.mark_line().encode(order="order:Q", color=colour, strokeDash=dash)
        points = spread.mark_point(filled=True, size=80, opacity=1).encode(color=colour, shape=shape)
    return alt.layer(lines, points, *_labels(rows, size)).properties(height=parts.HEIGHT)


def _step(row: Row) -> str:
    label = row.get("label")
    if isinstance(label, int):
        return "as it is" if label == 0 else f"{label} step{'s' * (label != 1)} closed"
    return str(label or "")


def _labels(rows: Sequence[Row], size: Size) -> list[Chart]:
    (left, right), (bottom, top) = parts.from_nought(rows, "x"), parts.from_nought(rows, "y")
    spots = [Spot(row["x"], row["y"], _step(row)) for row in rows]
    return placed(spots, size, (left, right), (bottom, top))
