"""An effect in each part of the people, characteristic by characteristic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.report.figures import parts
from headwater.report.figures.spans import ratios

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    axis = parts.measure(rows, "Rate ratio: under 1 is fewer contacts than without the collaboration")
    return ratios([{**row, "label": _named(row)} for row in rows], size, {}, "role", axis)


def _named(row: Row) -> str:
    group, label = str(row.get("group") or "").removesuffix("_band").replace("_", " "), str(row["label"])
    return label if not group or group.lower() in label.lower() else f"{group}: {label}"
