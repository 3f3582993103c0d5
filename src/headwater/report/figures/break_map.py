"""Where and when a series breaks or has gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


SHAPES = ("diamond", "square", "circle", "triangle-up", "cross", "triangle-down")


def chart(rows: Sequence[Row], size: Size) -> Chart:
    time = parts.Time(rows, size)
    units = parts.labelled([{"unit": unit} for unit in dict.fromkeys(row["unit"] for row in rows)], "unit", size)
    named = dict(zip((row["unit"] for row in units), parts.names(units), strict=True))
    states = sorted({str(row["state"]) for row in rows})
    domain, given = [state.capitalize() for state in states], list(colours(len(states)))
    marks = [{**row, "name": named[row["unit"]], "key": str(row["state"]).capitalize()} for row in time.dated(rows)]
    points = alt.Chart(parts.data(marks)).mark_point(filled=True, size=80, opacity=1, stroke="white", strokeWidth=0.5)
    shapes = [SHAPES[at % len(SHAPES)] for at in range(len(states))]
    legend = parts.key(domain)
    drawn = points.encode(
        y=parts.name_axis(units, grid=True),
        x=time.x(),
        color=alt.Color("key:N", scale=alt.Scale(domain=domain, range=given), legend=legend),
        shape=alt.Shape("key:N", scale=alt.Scale(domain=domain, range=shapes), legend=legend),
    )
    return alt.layer(*time.start([row for row in rows if row.get("start")]), drawn).properties(
        height=parts.tall(units, size, 24, keys=len(states))
    )
