"""Possible collaborations side by side: pounds a year with their interval, best first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.spans import STYLES, keys_of, marks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


MOST = 25
"""Rows drawn; the table has them all."""


def chart(rows: Sequence[Row], size: Size) -> Chart:
    drawn = parts.labelled([{**row, "look": _style(row)} for row in rows[:MOST]], "label", size)
    scale = parts.money_scale(drawn, "low", "high")
    words = parts.measure(rows, "Net pounds a year, with 95% intervals")
    note = f" (the first {MOST} of {len(rows)})" if len(rows) > MOST else ""
    axis = parts.money_axis(drawn, words + note, size, "low", "high")
    colour, shape = keys_of(drawn, STYLES)
    marks = alt.layer(parts.rule_at(0), *marks_of(drawn, alt.X("low:Q", scale=scale, axis=axis), colour, shape))
    return parts.with_words(marks, drawn, parts.money_texts(drawn), size, keys=len({row["look"] for row in drawn}))


def _style(row: Row) -> str:
    look = STYLES.get(str(row["style"]))
    return look.words if look else ""
