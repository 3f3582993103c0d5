"""The gap between a treated place and its synthetic twin, among the gaps of places where nothing was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import FOCUS, SOFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    time = parts.Time(rows, size)
    first = rows[0]["unit"]
    dated = time.whole([{**row, "treated": _treated(row, first)} for row in rows])
    title = parts.upright(parts.measure(rows, "Gap to the synthetic comparison"), size)
    y = alt.Y("gap:Q", axis=alt.Axis(title=title, tickCount=6))
    sham = _lines([row for row in dated if not row["treated"]], "Placebo: nothing was done here", 0.8, time, y)
    true = _lines([row for row in dated if row["treated"]], "Treated", 3.0, time, y)
    return alt.layer(sham, parts.rule_at(0, "y", dash=(1, 0)), *time.start(rows), true).properties(height=parts.HEIGHT)


def _treated(row: Row, first: object) -> bool:
    return bool(row["role"] == "treated" if row.get("role") else row["unit"] == first)


def _lines(rows: Sequence[Row], words: str, width: float, time: parts.Time, y: alt.Y) -> Chart:
    domain = ["Treated", "Placebo: nothing was done here"]
    colour = alt.Color("key:N", scale=alt.Scale(domain=domain, range=[FOCUS, SOFT]))
    lines = alt.Chart(parts.data({**row, "key": words} for row in rows)).mark_line(strokeWidth=width, opacity=1)
    return lines.encode(x=time.x(), y=y, color=colour, detail=["unit:N", "run:N"])
