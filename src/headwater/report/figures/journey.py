"""How people move between kinds of contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.report.figures import sankey
from headwater.report.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    return sankey.drawn(rows, size, {}, lambda value: number(value, 0).text)
