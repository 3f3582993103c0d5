"""What was claimed, what was accepted and what stands; or what was forecast beside what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts, waterfall
from headwater.report.figures.theme import DUO, SOFT
from headwater.report.kinds import capital, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size

ENDS = {"forecast_gbp": "Forecast", "measured_gbp": "Measured"}


def chart(rows: Sequence[Row], size: Size) -> Chart:
    paired = [row for row in rows if all(isinstance(row.get(end), (int, float)) for end in ENDS)]
    return _beside(paired, size) if paired else waterfall.chart(rows, size)


def _beside(rows: Sequence[Row], size: Size) -> Chart:
    rows = parts.labelled([{**row, "label": _named(row)} for row in rows], "label", size)
    axis = parts.money_axis(rows, parts.measure(rows, "Pounds"), size, *ENDS)
    x = alt.X("forecast_gbp:Q", axis=axis, scale=parts.money_scale(rows, *ENDS))
    base = alt.Chart(parts.data(rows)).encode(y=parts.name_axis(rows))
    paths = base.mark_rule(color=SOFT, strokeWidth=1).encode(x=x, x2="measured_gbp:Q")
    marks = alt.layer(parts.rule_at(0, dash=(1, 0)), paths, _points(rows))
    return parts.with_words(marks, rows, parts.money_texts(rows, *ENDS, between=", then "), size, keys=2)


def _points(rows: Sequence[Row]) -> Chart:
    long = [{"name": row["name"], "at": row[end], "key": words} for row in rows for end, words in ENDS.items()]
    domain = list(ENDS.values())
    colour = alt.Color("key:N", scale=alt.Scale(domain=domain, range=list(reversed(DUO))))
    shape = alt.Shape("key:N", scale=alt.Scale(domain=domain, range=["triangle-up", "circle"]))
    points = alt.Chart(parts.data(long)).mark_point(filled=True, size=90, opacity=1)
    return points.encode(y=parts.name_axis(rows), x="at:Q", color=colour, shape=shape)


def _named(row: Row) -> str:
    said = [str(row[name]) for name in ("label", "bearer", "year", "bucket") if row.get(name) not in (None, "")]
    return ", ".join(one if one[:1].isdigit() else capital(named(one, {})) for one in said)
