"""Where the names of points go: beside them, without lying on one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart
    from headwater.report.figures.theme import Size

LETTER, LINE = 6.6, 15
"""About the width of a letter and the height of a line, in pixels."""


@dataclass(frozen=True, slots=True)
class Spot:
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        apart = (
            self.right <= other.left or other.right <= self.left or self.bottom <= other.top or other.bottom <= self.top
        )
        return not apart


def placed(
    spots: Sequence[Spot], size: Size, across: Sequence[float], up: Sequence[float], raised: int = 0
) -> list[Chart]:
    """Texts at their points, each tried at the right, left, above and below; one that fits nowhere is left to the
    table.

    `raised`: y is the exponent of this base on a log scale (10), or the value itself (0).
    """
    width, height = size.width - (90 if size.wide else 70), parts.HEIGHT - 60
    taken = [_dot(*_pixel(spot, across, up, width, height)) for spot in spots]
    charts = []
    for spot in spots:
        text = parts.broken(spot.text, 26 if size.wide else 15)
        at = _pixel(spot, across, up, width, height)
        found = _first_free(at, text, taken, (width, height))
        if found is None or not spot.text:
            continue
        align, dx, dy, box = found
        taken.append(box)
        y = raised**spot.y if raised else spot.y
        base = alt.Chart(parts.data([{"x": spot.x, "y": y, "says": text}])).encode(x="x:Q", y="y:Q", text="says:N")
        charts.append(
            base.mark_text(
                align=align,  # type: ignore[arg-type]
                dx=dx,
                dy=dy,
                lineBreak=parts.BREAK,
                baseline="middle",
                lineHeight=LINE,
            )
        )
    return charts


def _pixel(
    spot: Spot, across: Sequence[float], up: Sequence[float], width: float, height: float
) -> tuple[float, float]:
    x = (spot.x - across[0]) / ((across[1] - across[0]) or 1) * width
    y = (1 - (spot.y - up[0]) / ((up[1] - up[0]) or 1)) * height
    return x, y


def _dot(x: float, y: float) -> _Box:
    return _Box(x - 6, y - 6, x + 6, y + 6)


def _first_free(
    at: tuple[float, float], text: str, taken: Sequence[_Box], room: tuple[float, float]
) -> tuple[str, float, float, _Box] | None:
    lines, (width, height) = text.split(parts.BREAK), room
    wide, high = max(map(len, lines)) * LETTER, len(lines) * LINE
    first = -(high - LINE) / 2
    tries = (
        ("left", 9, first - 9),
        ("right", -9, first - 9),
        ("left", 10, first),
        ("right", -10, first),
        ("center", 0, -high - 2 + LINE / 2),
        ("center", 0, 10 + LINE / 2),
        ("left", 8, first - 14),
        ("left", 8, first + 14),
        ("right", -8, first - 14),
        ("right", -8, first + 14),
        ("right", 8, -high - 2 + LINE / 2),
        ("right", 8, 10 + LINE / 2),
        ("left", -8, -high - 2 + LINE / 2),
        ("left", -8, 10 + LINE / 2),
    )
    for align, dx, dy in tries:
        left = at[0] + dx - {"left": 0.0, "right": wide, "center": wide / 2}[align]
        box = _Box(left, at[1] + dy - LINE / 2, left + wide, at[1] + dy - LINE / 2 + high)
        inside = box.left >= 0 and box.right <= width and box.top >= 0 and box.bottom <= height
        if inside and not any(box.meets(other) for other in taken):
            return align, dx, dy, box
    return None
