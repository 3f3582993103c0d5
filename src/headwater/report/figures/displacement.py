"""Whether demand rose elsewhere instead: rate ratios of other agencies, or of rings around the treated places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.report.figures import parts
from headwater.report.figures.spans import ROLES, ratios

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    axis = parts.measure(rows, "Rate ratio: over 1 is more demand than would have been")
    return ratios([{"role": "displacement", **row} for row in rows], size, ROLES, "role", axis)
