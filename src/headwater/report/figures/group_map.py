"""Organisations on the ground, those that might share joined by the shortest lines that join them all."""

from __future__ import annotations

import re
from collections import defaultdict
from math import hypot
from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.street_map import frame, ruler
from headwater.report.figures.theme import DARK_BLUE, INK, MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size

SORT = re.compile(r" (District |Borough |City |County )?Council$")
"""What every name on the map would end with."""
NAMED = 40
"""More names than these would lie on top of each other: then those of the groups alone are written, and where those are
as many too, none; the table beside the map has them all."""
SMALL = 25


def chart(rows: Sequence[Row], size: Size) -> Chart:
    across, up, height = frame(rows, size)
    x = alt.X("easting:Q", scale=alt.Scale(domain=across, nice=False), axis=None)
    y = alt.Y("northing:Q", scale=alt.Scale(domain=up, nice=False), axis=None)
    grouped = [row for row in rows if row.get("group")]
    alone = [row for row in rows if not row.get("group")]
    named = next((some for some in (rows, grouped) if len(some) <= NAMED), [])
    dot = 90 if len(rows) <= NAMED else SMALL
    lines = (
        alt.Chart(parts.data(_ties(grouped)))
        .mark_rule(color=DARK_BLUE, strokeWidth=2, opacity=0.45)
        .encode(x=x, y=y, x2="to_easting:Q", y2="to_northing:Q")
    )
    short = [{**row, "place": SORT.sub("", str(row["place"]))} for row in named]
    halo = (
        alt.Chart(parts.data(short)).mark_text(dy=-12, stroke="white", strokeWidth=4).encode(x=x, y=y, text="place:N")
    )
    words = alt.Chart(parts.data(short)).mark_text(dy=-12, color=INK).encode(x=x, y=y, text="place:N")
    dots = [_dots(grouped, DARK_BLUE, dot).encode(x=x, y=y), _dots(alone, MUTED, dot).encode(x=x, y=y)]
    return alt.layer(lines, *dots, halo, words, *ruler(across, up)).properties(height=height + 60)


def _dots(rows: Sequence[Row], colour: str, dot: int) -> Chart:
    return alt.Chart(parts.data(list(rows))).mark_circle(
        size=dot, color=colour, stroke=INK, strokeWidth=0.75, opacity=1
    )


def _ties(rows: Sequence[Row]) -> list[Row]:
    members: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        members[str(row["group"])].append(row)
    return [
        {**one, "to_easting": other["easting"], "to_northing": other["northing"]}
        for group in members.values()
        for one, other in _tree(group)
    ]


def _tree(group: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Each member with the nearest one that is joined already: a line between any two would be a cat's cradle."""
    joined, left, found = list(group[:1]), list(group[1:]), []
    while left:
        one, other = min(((one, other) for one in left for other in joined), key=lambda pair: _apart(*pair))
        left.remove(one)
        joined.append(one)
        found.append((one, other))
    return found


def _apart(one: Row, other: Row) -> float:
    return hypot(one["easting"] - other["easting"], one["northing"] - other["northing"])
