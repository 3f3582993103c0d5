"""Every outcome's rate ratio with its interval, the sham ones among them, around the line of no change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.report.figures import parts
from headwater.report.figures.spans import ROLES, ratios

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    axis = parts.measure(rows, "Rate ratio: under 1 is fewer contacts than without the collaboration")
    return ratios(rows, size, ROLES, "role", axis)
