"""What happened beside what would have happened, with the interval of the latter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, ORANGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


WORDS = ("What happened", "Without the collaboration")


def chart(rows: Sequence[Row], size: Size) -> Chart:
    time = parts.Time(rows, size)
    base = alt.Chart(parts.data(time.whole(rows))).encode(x=time.x(), detail="run:N")
    title = parts.upright(parts.measure(rows, "Contacts"), size)
    y = alt.Y("expected:Q", axis=alt.Axis(title=title, tickCount=6), scale=alt.Scale(zero=True))
    expected = base.mark_line(strokeDash=[6, 3]).encode(y=y, color=_key(1))
    # Dots that touch hide the line they stand on.
    dot = 36 if len(rows) <= (60 if size.wide else 30) else 8
    observed = base.mark_line(point=alt.OverlayMarkDef(size=dot, filled=True, opacity=1)).encode(
        y="observed:Q", color=_key(0)
    )
    layers = (*_band(base, rows), *time.start(rows), expected, observed)
    return alt.layer(*layers).properties(height=parts.HEIGHT)


def _key(at: int) -> alt.Color:
    return alt.Color(datum=WORDS[at], type="nominal", scale=alt.Scale(domain=list(WORDS), range=[DARK_BLUE, ORANGE]))


def _band(base: Chart, rows: Sequence[Row]) -> list[Chart]:
    if not any(isinstance(row.get("low"), (int, float)) for row in rows):
        return []
    return [base.mark_area(color=ORANGE, opacity=0.22).encode(y="low:Q", y2="high:Q")]
