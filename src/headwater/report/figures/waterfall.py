"""Steps that add up to a total, one under the other."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, DARK_GREY, INK, MUTED, ORANGE, SOFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


ROLES = {"anyway": "Would have come anyway", "effect": "Left for the work"}
LOOKS = {
    "Adds": DARK_BLUE,
    "Takes away": ORANGE,
    ROLES["anyway"]: MUTED,
    ROLES["effect"]: DARK_BLUE,
    "Total": DARK_GREY,
}
"""Colours by meaning: what would have come anyway is never in the colour of what the work did."""


def chart(rows: Sequence[Row], size: Size) -> Chart:
    rows = parts.labelled(_stepped(rows), "label", size)
    axis = parts.money_axis(rows, parts.measure(rows, "Pounds"), size, "from", "to")
    used = [words for words in LOOKS if any(row["key"] == words for row in rows)]
    colour = alt.Color("key:N", scale=alt.Scale(domain=used, range=[LOOKS[words] for words in used]))
    base = alt.Chart(parts.data(rows)).encode(y=parts.name_axis(rows))
    x = alt.X("from:Q", axis=axis, scale=parts.money_scale(rows, "from", "to"))
    bars = base.mark_bar(size=18, stroke=INK, strokeWidth=0.5).encode(x=x, x2="to:Q", color=colour)
    ends = base.mark_tick(color=SOFT, size=30, thickness=1).encode(x="to:Q")
    marks = alt.layer(parts.rule_at(0, dash=(1, 0)), ends, bars)
    return parts.with_words(marks, rows, parts.money_texts(rows, "value"), size, keys=len(used))


def _stepped(rows: Sequence[Row]) -> list[Row]:
    """Each row with where its bar begins and ends; a total's begins at nought."""
    steps, at = [], 0.0
    for row in rows:
        last = row is rows[-1] and len(rows) > 1 and not row.get("role")
        total = row.get("role") == "total" or (last and isclose(row["value"], at, rel_tol=1e-6))
        begin = 0.0 if total else at
        at = row["value"] if total else at + row["value"]
        key = (
            "Total"
            if total
            else said
            if (said := ROLES.get(str(row.get("role"))))
            else "Adds"
            if row["value"] >= 0
            else "Takes away"
        )
        steps.append({**row, "from": begin, "to": at, "key": key})
    return steps
