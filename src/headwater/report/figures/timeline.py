"""What happens when: phases as bars, gates and decisions as diamonds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, INK, MUTED, ORANGE, TURQUOISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


STATES = {"done": DARK_BLUE, "current": TURQUOISE, "planned": MUTED, "late": ORANGE}


def chart(rows: Sequence[Row], size: Size) -> Chart:
    rows = parts.labelled([_dated(row) for row in rows], "label", size)
    states = list(dict.fromkeys(row["key"] for row in rows))
    given = [STATES.get(state.lower(), DARK_BLUE) for state in states]
    legend = alt.Legend(symbolType="square", symbolStrokeColor=INK) if len(states) > 1 else None
    colour = alt.Color("key:N", scale=alt.Scale(domain=states, range=given), legend=legend)
    axis = alt.Axis(title=None, format="%b %Y", tickCount=7 if size.wide else 3, gridDash=[1, 3], labelBound=True)
    x = alt.X("start:T", scale=alt.Scale(type="utc", padding=26), axis=axis)
    bars = _base([row for row in rows if row["end"] != row["start"]], rows).mark_bar(
        size=16, stroke=INK, strokeWidth=0.75
    )
    stops = _base([row for row in rows if row["end"] == row["start"]], rows)
    stops = stops.mark_point(shape="diamond", filled=True, size=150, opacity=1, stroke=INK, strokeWidth=0.75)
    layers = (bars.encode(x=x, x2="end:T", color=colour), stops.encode(x=x, color=colour))
    return alt.layer(*layers).properties(height=parts.tall(rows, size, keys=len(states)))


def _base(rows: Sequence[Row], every: Sequence[Row]) -> Chart:
    return alt.Chart(parts.data(rows)).encode(y=parts.name_axis(every))


def _dated(row: Row) -> Row:
    return {**row, "end": row["end"] or row["start"], "key": str(row.get("state") or "planned").capitalize()}
