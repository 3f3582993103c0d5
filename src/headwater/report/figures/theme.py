"""One look for every figure: the Government Analysis Function's palette in its order, one font, sizes for two widths.

Palette and its order: Government Analysis Function, "Data visualisation: colours in charts"
(analysisfunction.civilservice.gov.uk), Open Government Licence v3.0. Adjacent colours keep a contrast of 3 to 1; a fill
too light for white paper gets a dark outline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE = "#12436D", "#28A197", "#801650", "#F46A25"
DARK_GREY, LIGHT_PURPLE = "#3D3D3D", "#A285D1"
CATEGORICAL = (DARK_BLUE, TURQUOISE, DARK_PINK, ORANGE, DARK_GREY, LIGHT_PURPLE)
DUO = (DARK_BLUE, ORANGE)
MID_BLUE, LIGHT_BLUE = "#2073BC", "#6BACE6"
SEQUENTIAL = (DARK_BLUE, MID_BLUE, LIGHT_BLUE)
FOCUS, MUTED = DARK_BLUE, "#BFBFBF"
INK, GRID, SOFT = "#0B0C0C", "#D9D9D9", "#6F777B"

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The renderer carries Liberation Sans within itself, and so does this package; Arial and Helvetica have its widths."""


KEYS_A_LINE = 3


@dataclass(frozen=True, slots=True)
class Size:
    """A width in pixels, how many letters a label at the left may have in a line, and about how many ticks fit."""

    name: str
    width: int
    wrap: int
    ticks: int

    @property
    def wide(self) -> bool:
        return self.width >= 500


WIDE = Size("wide", 680, 36, 8)
NARROW = Size("narrow", 320, 15, 4)
SIZES = {size.name: size for size in (WIDE, NARROW)}


def colours(n: int) -> tuple[str, ...]:
    """The first n colours; two are dark blue and orange, the pair with the most contrast."""
    return DUO if n == 2 else tuple(CATEGORICAL[at % len(CATEGORICAL)] for at in range(n))


def config(size: Size) -> dict[str, Any]:
    text = 13 if size.wide else 12
    label = {
        "labelFontSize": text,
        "titleFontSize": text,
        "labelColor": INK,
        "titleColor": INK,
        "titleFontWeight": "normal",
    }
    return {
        "background": "white",
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        "axis": {
            **label,
            "gridColor": GRID,
            "domainColor": SOFT,
            "tickColor": SOFT,
            "labelLimit": 400,
            "titlePadding": 10,
        },
        "axisX": {"labelOverlap": True, "labelSeparation": 6, "labelFlush": False},
        "axisY": {"labelLineHeight": text + 3},
        "legend": {
            **label,
            "orient": "top",
            "title": None,
            "direction": "horizontal" if size.wide else "vertical",
            "columns": KEYS_A_LINE if size.wide else 1,
            "labelLimit": size.width - 40,
            "columnPadding": 18,
            "symbolSize": 110,
            "offset": 8,
        },
        "text": {"fontSize": text, "color": INK},
        "line": {"strokeWidth": 2.25},
        "range": {"category": list(CATEGORICAL)},
    }
