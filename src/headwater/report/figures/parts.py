"""Pieces that several kinds of figure are made of."""

from __future__ import annotations

import re
from datetime import date
from itertools import accumulate, pairwise
from math import log10
from statistics import median
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import altair as alt

from headwater.report.figures.theme import INK, KEYS_A_LINE, colours
from headwater.report.kinds import capital
from headwater.report.words import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.report.figures.theme import Size

Row = dict[str, Any]
Chart = Any
"""An altair chart; which of its classes depends on what was layered, and its methods are not typed."""

LINE_HEIGHT = 16
HEIGHT = 340
"""Pixels of a chart that is not made of rows."""
BREAK = "\n"


def data(rows: Iterable[Row]) -> alt.Data:
    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]


def broken(text: object, letters: int) -> str:
    """A label over several lines of at most `letters`."""
    return BREAK.join(wrap(str(text), letters, break_long_words=False)) or " "


def labelled(rows: Sequence[Row], column: str, size: Size) -> list[Row]:
    """Rows with a `name`: their label in lines, told apart by an invisible letter where two would be the same."""
    seen: dict[str, int] = {}
    named = []
    for row in rows:
        text = broken(capital(str(row[column])), size.wrap)
        seen[text] = seen.get(text, 0) + 1
        named.append({**row, "name": text + "​" * (seen[text] - 1)})
    return named


def names(rows: Sequence[Row]) -> list[str]:
    return [row["name"] for row in rows]


def tall(rows: Sequence[Row], size: Size, least: int = 30, keys: int = 0) -> int:
    """Height in pixels of a chart with a band a row: each as high as its label's lines, the axis and the key
    besides."""
    lines = max((row["name"].count(BREAK) + 1 for row in rows), default=1)
    key = keys * 18 if not size.wide else 24 * -(-keys // KEYS_A_LINE)
    return len(rows) * max(least, lines * LINE_HEIGHT + 6) + key + (64 if size.wide else 84)


def name_axis(rows: Sequence[Row], **more: Any) -> alt.Y:
    """Bands down the left side in the rows' own order, labels in lines; `more` goes to the axis."""
    lines = f"split(datum.label, '{_ESCAPED}')"
    axis = alt.Axis(title=None, labelExpr=lines, ticks=False, domain=False, labelPadding=8, **more)
    return alt.Y("name:N", sort=names(rows), axis=axis)


def key(entries: Sequence[str]) -> alt.Legend | None:
    """A key where there is more than one thing to tell apart."""
    return alt.Legend() if len([words for words in entries if words]) > 1 else None


_ESCAPED = "\\n"


def words_axis(rows: Sequence[Row], texts: Sequence[str]) -> alt.Y:
    """The same bands with a text a row down the right side."""
    pairs = ",".join(f"{_literal(row['name'])}:{_literal(text)}" for row, text in zip(rows, texts, strict=True))
    axis = alt.Axis(
        title=None, orient="right", labelExpr=f"({{{pairs}}})[datum.label]", ticks=False, domain=False, grid=False
    )
    return alt.Y("name:N", sort=names(rows), axis=axis)


def _literal(text: str) -> str:
    """A string literal of the expression language; everything but plain letters is written as its code."""
    return "'" + "".join(c if c.isalnum() and c.isascii() else f"\\u{min(ord(c), 0xFFFF):04x}" for c in text) + "'"


def measure(rows: Sequence[Row], otherwise: str, column: str = "measure") -> str:
    """The axis's words: the figure's own where it gives them."""
    return next((str(row[column]) for row in rows if row.get(column)), otherwise)


def titled(text: str, size: Size, room: float = 1.0) -> list[str]:
    """An axis title that fits the width. room: the share of the width that labels at its side leave it, as it is
    centred on the axis."""
    return wrap(text, int((84 if size.wide else 34) * room)) or [""]


def pounds(values: Iterable[float]) -> tuple[float, str]:
    """The divisor and its suffix that keep an axis of pounds short: thousands (k), millions (m) or billions (bn)."""
    largest = max((abs(value) for value in values), default=0)
    steps = ((1e9, "bn"), (1e6, "m"), (1e4, "k"))
    return next(((1e3 if mark == "k" else by, mark) for by, mark in steps if largest >= by), (1.0, ""))


def in_pounds(by: float, mark: str) -> str:
    """The axis's label expression for pounds: £250k, with the sign before the £."""
    amount = f"format(abs(datum.value) / {by:g}, ',~r') + '{mark}'"
    return f"datum.value == 0 ? '£0' : (datum.value < 0 ? '−' : '') + '£' + {amount}"


def short_pounds(value: float, by: float, mark: str) -> str:
    digits = 0 if by <= 1e3 else 2
    return number(value / by, digits, before="£", after=mark if value else "").text


def speaks_of_pounds(words: str) -> bool:
    return bool(re.search(r"£|pound|gbp", words, re.IGNORECASE))


def upright(text: str, size: Size) -> list[str]:
    """A title along a vertical axis, in lines that fit the height."""
    return wrap(text, 44 if size.wide else 38)


def money_axis(rows: Sequence[Row], words: str, size: Size, *columns: str, room: float = 1.0) -> alt.Axis:
    """An axis in pounds where the words speak of pounds, in plain numbers elsewhere."""
    title, ticks = titled(words, size, room), size.ticks - (0 if size.wide else 1)
    if not speaks_of_pounds(words):
        return alt.Axis(title=title, tickCount=ticks, format=",~r", gridDash=[1, 3])
    by, mark = pounds(span(rows, *columns))
    return alt.Axis(title=title, tickCount=ticks, labelExpr=in_pounds(by, mark), gridDash=[1, 3])


def upright_axis(rows: Sequence[Row], words: str, size: Size, column: str) -> alt.Axis:
    """A vertical axis, in pounds where its words speak of pounds."""
    if not speaks_of_pounds(words):
        return alt.Axis(title=upright(words, size), tickCount=6)
    by, mark = pounds(span(rows, column))
    return alt.Axis(title=upright(words, size), tickCount=6, labelExpr=in_pounds(by, mark))


def money_scale(rows: Sequence[Row], *columns: str, zero: bool = True) -> alt.Scale:
    low, high = span(rows, *columns)
    low, high = (min(low, 0.0), max(high, 0.0)) if zero else (low, high)
    bottom, top = padded(low, high)
    return alt.Scale(domain=[bottom if low < 0 or not zero else 0, top if high > 0 or not zero else 0], nice=False)


def from_nought(rows: Sequence[Row], column: str) -> list[float]:
    low, high = span(rows, column)
    return [min(0.0, low), max(high, 0.0) * 1.08 or 1.0]


def money_texts(rows: Sequence[Row], *columns: str, between: str = " to ") -> list[str]:
    """The numbers at the right of a row: one, the two ends, or the middle with its ends."""
    columns = columns or ("mid", "low", "high")
    if not speaks_of_pounds(measure(rows, "£")):
        whole = all(float(row[name]).is_integer() for row in rows for name in columns)
        texts = [
            [number(row[name], 2 if abs(row[name]) < 100 and not whole else 0).text for name in columns] for row in rows
        ]
    else:
        # Each row in the unit that suits it: on an axis of millions £1,000 would be £0.00m.
        units = [pounds([row[name] for name in columns]) for row in rows]
        texts = [[short_pounds(row[name], *unit) for name in columns] for row, unit in zip(rows, units, strict=True)]
    return [_joined(text, between) for text in texts]


def _joined(texts: Sequence[str], between: str) -> str:
    if len(set(texts)) == 1:
        # Ends that look alike are one figure: a range of nothing would feign that something was moved.
        return texts[0]
    if len(texts) == 3:
        return f"{texts[0]} ({texts[1]} to {texts[2]})"
    return between.join(texts)


def with_words(marks: Chart, rows: Sequence[Row], texts: Sequence[str], size: Size, keys: int = 0) -> Chart:
    """Rows of marks, with their numbers down the right side where there is room for them."""
    height = tall(rows, size, keys=keys)
    if not size.wide:
        return marks.properties(height=height)
    numbers = alt.Chart(data(rows)).mark_point(opacity=0).encode(y=words_axis(rows, texts))
    return alt.layer(marks, numbers).resolve_axis(y="independent").properties(height=height)


def keys(rows: Sequence[Row], column: str) -> tuple[alt.Color, alt.StrokeDash, alt.Shape]:
    """Colour, dash and shape of a few groups, told apart by all three; one key for them."""
    domain = list(dict.fromkeys(str(row.get(column) or "") for row in rows))
    n = len(domain)
    field = f"{column}:N"
    return (
        alt.Color(field, scale=alt.Scale(domain=domain, range=list(colours(n)))),
        alt.StrokeDash(field, scale=alt.Scale(domain=domain, range=[_DASHES[at % len(_DASHES)] for at in range(n)])),
        alt.Shape(field, scale=alt.Scale(domain=domain, range=[_SHAPES[at % len(_SHAPES)] for at in range(n)])),
    )


_DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
_SHAPES = ("circle", "square", "triangle-up", "diamond")


def span(rows: Sequence[Row], *columns: str) -> tuple[float, float]:
    values = [float(row[name]) for row in rows for name in columns if isinstance(row.get(name), (int, float))]
    return (min(values), max(values)) if values else (0.0, 1.0)


def padded(low: float, high: float, share: float = 0.05) -> list[float]:
    room = (high - low) * share or abs(high) * share or 1.0
    return [low - room, high + room]


def rule_at(value: float, axis: str = "x", dash: Sequence[int] = (4, 3), colour: str = INK) -> Chart:
    """A line across the chart at one value."""
    at = alt.datum(value)
    mark = alt.Chart(data([{}])).mark_rule(color=colour, strokeDash=list(dash), strokeWidth=1.25)
    return mark.encode(x=at) if axis == "x" else mark.encode(y=at)


class Time:
    """How a figure's periods run along the bottom: as numbers, as dates, or as words in their own order."""

    def __init__(self, rows: Sequence[Row], size: Size, column: str = "period") -> None:
        self.column, self.size = column, size
        self.values = [row[column] for row in rows]
        self.unit = measure(rows, "", "x_measure")
        self.kind = self._kind()

    def _kind(self) -> str:
        if all(isinstance(value, (int, float)) for value in self.values):
            return "Q"
        return "T" if all(re.fullmatch(r"\d{4}(-\d\d){0,2}", str(value)) for value in self.values) else "O"

    def dated(self, rows: Sequence[Row]) -> list[Row]:
        return [{**row, self.column: self.at(row[self.column])} for row in rows]

    def whole(self, rows: Sequence[Row]) -> list[Row]:
        """Dated rows with `run`, the number of the stretch without a gap they belong to: no line crosses missing
        periods."""
        periods = sorted({self.at(value) for value in self.values}) if self.kind == "T" else []
        days = [date.fromisoformat(period).toordinal() for period in periods]
        steps = [after - before for before, after in pairwise(days)]
        longest = 1.6 * median(steps) if steps else 0
        runs = dict(zip(periods, accumulate((step > longest for step in steps), initial=0), strict=False))
        return [{**row, "run": int(runs.get(row[self.column], 0))} for row in self.dated(rows)]

    def at(self, value: Any) -> Any:
        return (str(value) + "-01-01"[len(str(value)) - 4 :])[:10] if self.kind == "T" else value

    def x(self, title: str = "") -> alt.X:
        words = titled(title or self.unit or ("Periods since the start" if self.kind == "Q" else ""), self.size)
        axis = alt.Axis(title=words if any(words) else None, grid=False, **self._ticks())
        if self.kind == "T":
            return alt.X(f"{self.column}:T", scale=alt.Scale(type="utc", padding=10), axis=axis)
        scale = alt.Scale(nice=False, zero=False, padding=10) if self.kind == "Q" else alt.Undefined
        return alt.X(f"{self.column}:{self.kind}", axis=axis, sort=None, scale=scale)

    def _ticks(self) -> Row:
        if self.kind == "T":
            return {"format": "%b %Y", "tickCount": 6 if self.size.wide else 3, "labelBound": 26}
        if self.kind == "Q":
            step = 1 if max(self.values) - min(self.values) <= self.size.ticks * 2 else 0
            return {"tickCount": self.size.ticks, "tickMinStep": step or 1, "format": ",d"}
        return {"labelAngle": -45 if len(self.values) > self.size.ticks else 0}

    def start(self, rows: Sequence[Row]) -> list[Chart]:
        """The line where the programme began, where the figure says so."""
        given = next((row["start"] for row in rows if row.get("start") not in (None, "")), None)
        given = next((row[self.column] for row in rows if row.get("when") == "after"), None) if given is None else given
        if given is None and self.kind == "Q" and min(self.values) < 0 <= max(self.values):
            given = 0
        if given is None or (self.kind == "Q") != isinstance(given, (int, float)):
            return []
        base = alt.Chart(data([{self.column: self.at(given), "says": "start"}]))
        line = base.mark_rule(color=INK, strokeDash=[4, 3], strokeWidth=1.25).encode(x=self._bare())
        text = base.mark_text(align="left", dx=4, dy=8, baseline="top", color=INK).encode(
            x=self._bare(), y=alt.value(0), text="says:N"
        )
        return [line, text]

    def _bare(self) -> alt.X:
        scale = alt.Scale(type="utc") if self.kind == "T" else alt.Undefined
        return alt.X(f"{self.column}:{self.kind}", scale=scale)


def ratio_scale(low: float, high: float) -> tuple[alt.Scale, list[float]]:
    """A log scale for rate ratios with ticks people say, always showing 1; linear where a bound is not above nought."""
    if low <= 0:
        bottom, top = padded(min(low, 1), max(high, 1))
        return alt.Scale(domain=[bottom, top], nice=True), []
    bottom, top = min(low, 0.9) * 0.97, max(high, 1.1) * 1.03
    ladder = _LADDERS[0 if log10(top / bottom) > 1 else 1 if top / bottom > 2.2 else 2]
    ticks = [tick for tick in ladder if bottom <= tick <= top]
    return alt.Scale(type="log", domain=[bottom, top], nice=False), ticks


_LADDERS = (
    (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100),
    (0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 4),
    (0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.6),
)
