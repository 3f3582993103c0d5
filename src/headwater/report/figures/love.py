"""How alike the two groups are on each covariate, before and after matching."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DUO, SOFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


LONG = 42
"""Letters of a label in one line of the wide picture."""
LIMIT = 0.1
"""A standardised mean difference up to 0.1 is taken as alike (Austin 2009, doi 10.1002/sim.3697)."""


def chart(rows: Sequence[Row], size: Size) -> Chart:
    rows = parts.labelled(
        [{**row, "before": abs(row["before"]), "after": abs(row["after"])} for row in rows], "covariate", _wider(size)
    )
    title = parts.titled(parts.measure(rows, "Difference in standard deviations; up to 0.1 is alike"), size)
    base = alt.Chart(parts.data(rows)).encode(y=parts.name_axis(rows))
    x = alt.X("before:Q", axis=alt.Axis(title=title, tickCount=size.ticks), scale=alt.Scale(zero=True))
    paths = base.mark_rule(color=SOFT, strokeWidth=1).encode(x=x, x2="after:Q")
    return alt.layer(parts.rule_at(LIMIT), paths, _points(rows)).properties(height=parts.tall(rows, size, 24, keys=2))


def _wider(size: Size) -> Size:
    """Most labels on one line, so that many rows are no taller than they need be."""
    return replace(size, wrap=LONG) if size.wide else size


def _points(rows: Sequence[Row]) -> Chart:
    long = [
        {"name": row["name"], "at": row[when], "when": f"{when.capitalize()} matching"}
        for row in rows
        for when in ("before", "after")
    ]
    domain = ["Before matching", "After matching"]
    colour = alt.Color("when:N", scale=alt.Scale(domain=domain, range=list(reversed(DUO))))
    shape = alt.Shape("when:N", scale=alt.Scale(domain=domain, range=["triangle-up", "circle"]))
    points = alt.Chart(parts.data(long)).mark_point(filled=True, size=85, opacity=1)
    return points.encode(y=parts.name_axis(rows), x="at:Q", color=colour, shape=shape)
