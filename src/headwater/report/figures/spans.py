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


STYLES = {
    "upstream": Look("Upstream", DARK_BLUE, "circle"),
    "integration": Look("Integration", TURQUOISE, "square"),
    "mirror": Look("Mirror", DARK_PINK, "diamond"),
}


def ratios(rows: Sequence[Row], size: Size, looks: dict[str, Look], by: str, axis: str) -> Chart:
    """Points with their intervals around the line of no change; the numbers stand at the right where there is room."""
    rows = parts.labelled([{**row, "look": looks.get(str(row.get(by)), PLAIN).words} for row in rows], "label", size)
    scale, ticks = parts.ratio_scale(*parts.span(rows, "low", "high"))
    x_axis = alt.Axis(title=parts.titled(axis, size), values=ticks or alt.Undefined, format="~r", gridDash=[1, 3])
    x = alt.X("low:Q", scale=scale, axis=x_axis)
    marks = alt.layer(parts.rule_at(1), *marks_of(rows, x, *keys_of(rows, looks)))
    return parts.with_words(marks, rows, [_numbers(row) for row in rows], size, keys=len({row["look"] for row in rows}))


def marks_of(rows: Sequence[Row], x: alt.X, colour: alt.Color, shape: alt.Shape) -> tuple[Chart, Chart]:
    """The interval's bar and the point on it."""
    base = alt.Chart(parts.data(rows)).encode(y=parts.name_axis(rows))
    bars = base.mark_rule(strokeWidth=2.5).encode(x=x, x2="high:Q", color=colour)
    return bars, base.mark_point(size=110, filled=True, opacity=1).encode(x="mid:Q", color=colour, shape=shape)


def keys_of(rows: Sequence[Row], looks: dict[str, Look]) -> tuple[alt.Color, alt.Shape]:
    """Colour and shape by a row's `look`, with a key where there is more than one."""
    used = [look for look in (*looks.values(), PLAIN) if any(row["look"] == look.words for row in rows)]
    domain = [look.words for look in used]
    legend = parts.key(domain)
    colour = alt.Color("look:N", scale=alt.Scale(domain=domain, range=[look.colour for look in used]), legend=legend)
    shape = alt.Shape("look:N", scale=alt.Scale(domain=domain, range=[look.shape for look in used]), legend=legend)
    return colour, shape


def _numbers(row: Row) -> str:
    low, mid, high = (number(row[name], 2).text for name in ("low", "mid", "high"))
    return f"{mid} ({low} to {high})"
