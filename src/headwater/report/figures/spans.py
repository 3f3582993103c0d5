"""Intervals on a ratio scale, a row each: what forest, displacement and groups have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, DARK_GREY, DARK_PINK, ORANGE, TURQUOISE
from headwater.report.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


@dataclass(frozen=True, slots=True)
class Look:
    """How rows of one sort are marked: words for the key, colour and shape (never colour alone)."""

    words: str
    colour: str
    shape: str


ROLES = {
    "primary": Look("Main outcome", DARK_BLUE, "circle"),
    "secondary": Look("Other outcome", TURQUOISE, "square"),
    "displacement": Look("Other agencies’ demand", ORANGE, "triangle-up"),
    "negative-control": Look("Should not change", DARK_PINK, "diamond"),
    "sham": Look("Sham test", DARK_GREY, "cross"),
}
PLAIN = Look("", DARK_BLUE, "circle")


def ratios(rows: Sequence[Row], size: Size, looks: dict[str, Look], by: str, axis: str) -> Chart:
    """Points with their intervals around the line of no change; the numbers stand at the right where there is room."""
    rows = parts.labelled([{**row, "look": looks.get(str(row.get(by)), PLAIN).words} for row in rows], "label", size)
    scale, ticks = parts.ratio_scale(*parts.span(rows, "low", "high"))
    x_axis = alt.Axis(title=parts.titled(axis, size), values=ticks or alt.Undefined, format="~r", gridDash=[1, 3])
    base = alt.Chart(parts.data(rows)).encode(y=parts.name_axis(rows))
    colour, shape = _keys(rows, looks)
    bars = base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", scale=scale, axis=x_axis), x2="high:Q", color=colour)
    points = base.mark_point(size=110, filled=True, opacity=1).encode(x=alt.X("mid:Q", scale=scale), color=colour, shape=shape)
    marks = alt.layer(parts.rule_at(1), bars, points)
    drawn = alt.layer(marks, _numbers(rows)).resolve_axis(y="independent") if size.wide else marks
    return drawn.properties(height=parts.tall(rows))


def _keys(rows: Sequence[Row], looks: dict[str, Look]) -> tuple[alt.Color, alt.Shape]:
    used = [look for look in (*looks.values(), PLAIN) if any(row["look"] == look.words for row in rows)]
    domain = [look.words for look in used]
    legend = alt.Legend() if len([words for words in domain if words]) > 1 else None
    colour = alt.Color("look:N", scale=alt.Scale(domain=domain, range=[look.colour for look in used]), legend=legend)
    shape = alt.Shape("look:N", scale=alt.Scale(domain=domain, range=[look.shape for look in used]), legend=legend)
    return colour, shape


def _numbers(rows: Sequence[Row]) -> alt.Chart:
    texts = [" to ".join((_two(row["low"]), _two(row["high"]))) for row in rows]
    texts = [f"{_two(row['mid'])} ({text})" for row, text in zip(rows, texts, strict=True)]
    return alt.Chart(parts.data(rows)).mark_point(opacity=0).encode(y=parts.words_axis(rows, texts))


def _two(value: float) -> str:
    return number(value, 2).text
