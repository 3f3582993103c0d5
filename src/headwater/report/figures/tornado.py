"""Which inputs move the result most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, INK, TURQUOISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    rows = [{**row, "low": min(row["low"], row["high"]), "high": max(row["low"], row["high"])} for row in rows]
    base = next((row["base"] for row in rows if isinstance(row.get("base"), (int, float))), None)
    middle = base if base is not None else sum(row["low"] + row["high"] for row in rows) / (2 * len(rows))
    rows = parts.labelled([{**row, "middle": middle} for row in rows], "label", size)
    axis = parts.money_axis(
        rows, parts.measure(rows, "Result in pounds when each input runs over its own range"), size, "low", "high"
    )
    x = alt.X("low:Q", axis=axis, scale=parts.money_scale(rows, "low", "high", zero=False))
    bars = alt.Chart(parts.data(rows)).encode(y=parts.name_axis(rows))
    under = bars.mark_bar(size=18, color=TURQUOISE, stroke=INK, strokeWidth=0.5).encode(x=x, x2="middle:Q")
    over = bars.mark_bar(size=18, color=DARK_BLUE, stroke=INK, strokeWidth=0.5).encode(x="middle:Q", x2="high:Q")
    marks = alt.layer(under, over, parts.rule_at(middle, dash=(1, 0)))
    return parts.with_words(marks, rows, parts.money_texts(rows, "low", "high"), size)
