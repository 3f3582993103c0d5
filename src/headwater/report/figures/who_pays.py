"""Pounds from who pays, through the collaboration, to who gains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.report.figures import parts, sankey
from headwater.report.figures.theme import DARK_BLUE, DARK_GREY, MUTED, ORANGE, TURQUOISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


BUCKETS = {
    "invested": ("Paid in", DARK_GREY),
    "cash": ("Cash", DARK_BLUE),
    "released": ("Capacity released", TURQUOISE),
    "absorbed": ("Absorbed by other demand", ORANGE),
    "unchanged": ("No change in any budget", MUTED),
}


def chart(rows: Sequence[Row], size: Size) -> Chart:
    """Who gains stands at the right, even who also pays: an unseen letter keeps the two apart."""
    by, mark = parts.pounds(row["value"] for row in rows)
    rows = [row if row.get("bucket") == "invested" else {**row, "target": f"{row['target']}\u200b"} for row in rows]
    return sankey.drawn(rows, size, BUCKETS, lambda value: parts.short_pounds(value, by, mark))
