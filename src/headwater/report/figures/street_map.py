"""Places on the ground: where it fell, where it rose, which were treated and which stood beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.theme import DARK_BLUE, INK, MUTED, ORANGE, SOFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


ROLES = {
    "treated": ("Treated", DARK_BLUE, "circle"),
    "buffer": ("Next to treated", ORANGE, "square"),
    "comparison": ("Comparison", MUTED, "triangle-up"),
    "other": ("Other", "white", "diamond"),
}

PLACE = ("Place", DARK_BLUE, "circle")


def chart(rows: Sequence[Row], size: Size) -> Chart:
    across, up, height = frame(rows, size)
    marked = [{**row, "key": _look(row)[0], "size": abs(row.get("value") or 0)} for row in rows]
    order = [ROLES[role][0] for role in ("other", "comparison", "buffer", "treated")]
    marked.sort(key=lambda row: (order.index(row["key"]) if row["key"] in order else 0, -row["size"]))
    used = [look for look in (*ROLES.values(), PLACE) if any(row["key"] == look[0] for row in marked)]
    domain = [look[0] for look in used]
    legend = parts.key(domain)
    points = alt.Chart(parts.data(marked)).mark_point(filled=True, opacity=0.8, stroke=INK, strokeWidth=0.75)
    places = points.encode(
        x=alt.X("easting:Q", scale=alt.Scale(domain=across, nice=False), axis=None),
        y=alt.Y("northing:Q", scale=alt.Scale(domain=up, nice=False), axis=None),
        color=alt.Color("key:N", scale=alt.Scale(domain=domain, range=[look[1] for look in used]), legend=legend),
        shape=alt.Shape("key:N", scale=alt.Scale(domain=domain, range=[look[2] for look in used]), legend=legend),
        size=_size(marked, size),
    )
    return alt.layer(places, *ruler(across, up)).properties(height=height + 60)


def _look(row: Row) -> tuple[str, str, str]:
    return ROLES.get(str(row.get("role")), ROLES["other"] if row.get("role") else PLACE)


def _size(rows: Sequence[Row], size: Size) -> alt.Size | alt.Value:
    """The size of a place by its value; all alike where none is given."""
    if not any(row["size"] for row in rows):
        return alt.value(90)
    return alt.Size("size:Q", scale=alt.Scale(range=[20, 420]), legend=_sizes(rows, size))


def _sizes(rows: Sequence[Row], size: Size) -> alt.Legend:
    title = parts.titled(parts.measure(rows, "Size: the change"), size)
    return alt.Legend(title=title, titleFontWeight="normal", symbolType="circle", symbolFillColor="white", tickCount=3)


def frame(rows: Sequence[Row], size: Size) -> tuple[list[float], list[float], int]:
    """A frame in metres with the same scale both ways, and its height in pixels."""
    (west, east), (south, north) = parts.span(rows, "easting"), parts.span(rows, "northing")
    room = max(east - west, north - south, 100.0) * 0.08
    wide, high = east - west + 2 * room, north - south + 2 * room
    pixels = size.width - 8
    height = min(max(pixels * high / wide, pixels * 0.45), pixels * 0.9)
    metres = max(wide / pixels, high / height)
    middle = ((west + east) / 2, (south + north) / 2)
    reach = (pixels * metres / 2, height * metres / 2)
    return [middle[0] - reach[0], middle[0] + reach[0]], [middle[1] - reach[1], middle[1] + reach[1]], int(height)


def ruler(across: Sequence[float], up: Sequence[float]) -> list[Chart]:
    """A length to measure by, at the lower left."""
    metres = next(
        step
        for step in (100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 0)
        if step <= (across[1] - across[0]) / 4
    )
    at = up[0] + (up[1] - up[0]) * 0.02
    words = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    row = {"easting": across[0], "end": across[0] + metres, "northing": at, "says": words}
    base = alt.Chart(parts.data([row])).encode(x="easting:Q", y="northing:Q")
    return [
        base.mark_rule(color=SOFT, strokeWidth=2).encode(x2="end:Q"),
        base.mark_text(align="left", dy=-9, color=INK).encode(text="says:N"),
    ]
