"""Possible collaborations side by side: pounds a year with their interval, best first."""

from __future__ import annotations

from math import ceil, floor, log10
from statistics import median
from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.spans import STYLES, keys_of, marks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


DWARFS = 6
"""One interval so many times as wide as the middle one makes the scale go by tens."""
MOST = 25
"""Rows drawn; the table has them all."""


def chart(rows: Sequence[Row], size: Size) -> Chart:
    drawn = parts.labelled([{**row, "look": _style(row)} for row in rows[:MOST]], "label", size)
    words = parts.measure(rows, "Net pounds a year, with 95% intervals")
    note = f" (the first {MOST} of {len(rows)})" if len(rows) > MOST else ""
    scale, axis = _by_tens(drawn, words + note, size) if _one_dwarfs(drawn) else _plain(drawn, words + note, size)
    colour, shape = keys_of(drawn, STYLES)
    marks = alt.layer(parts.rule_at(0), *marks_of(drawn, alt.X("low:Q", scale=scale, axis=axis), colour, shape))
    return parts.with_words(marks, drawn, parts.money_texts(drawn), size, keys=len({row["look"] for row in drawn}))


def _plain(drawn: Sequence[Row], words: str, size: Size) -> tuple[alt.Scale, alt.Axis]:
    return parts.money_scale(drawn, "low", "high"), parts.money_axis(drawn, words, size, "low", "high")


def _reach(row: Row) -> float:
    """How far from nought a row's interval goes."""
    return max(abs(float(row["low"])), abs(float(row["high"])))


def _one_dwarfs(drawn: Sequence[Row]) -> bool:
    """Whether most rows would be specks at nought on the scale that the widest needs."""
    reaches = [_reach(row) for row in drawn]
    return len(reaches) > 1 and max(reaches) > DWARFS * max(median(reaches), 1.0)


def _by_tens(drawn: Sequence[Row], words: str, size: Size) -> tuple[alt.Scale, alt.Axis]:
    """A scale on which each mark is ten times the one before, on both sides of nought; around nought it is even."""
    most = max(map(_reach, drawn))
    top = 10 ** ceil(log10(most))
    least = 10 ** floor(log10(max(median(map(_reach, drawn)), 10.0)))
    steps = [least * 10**at for at in range(round(log10(top / least)) + 1)]
    low, high = parts.span(drawn, "low", "high")
    marks = (
        [-step for step in reversed(steps) if low < 0 and step <= 10 * abs(low)]
        + [0.0]
        + [step for step in steps if high > 0 and step <= 10 * high]
    )
    scale = alt.Scale(type="symlog", constant=least / 3, domain=[min(low * 1.2, 0.0), max(high * 1.2, 0.0)], nice=False)
    shown = "+".join(f"(datum.value=={mark:.0f}?'{_said(mark)}':'')" for mark in marks)
    title = parts.titled(f"{words}. Each mark is ten times the one before.", size)
    return scale, alt.Axis(title=title, values=marks, labelExpr=shown, gridDash=[1, 3], labelOverlap=False)


def _said(mark: float) -> str:
    return parts.short_pounds(mark, *parts.pounds([mark]))


def _style(row: Row) -> str:
    look = STYLES.get(str(row["style"]))
    return look.words if look else ""
