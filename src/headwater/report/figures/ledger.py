"""What was claimed, what was accepted, what decayed or was reversed, and what stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.report.figures import waterfall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    return waterfall.chart(rows, size)
