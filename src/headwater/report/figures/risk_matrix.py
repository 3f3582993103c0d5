"""How likely each risk is and what it would cost; an arrow leads to what is left of it under control."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

import altair as alt

from headwater.report.figures import parts
from headwater.report.figures.labels import Spot, placed
from headwater.report.figures.theme import DARK_BLUE, ORANGE, SOFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.report.figures.parts import Chart, Row
    from headwater.report.figures.theme import Size


def chart(rows: Sequence[Row], size: Size) -> Chart:
    rows = [_bounded(row) for row in rows]
    across, up = _domains(rows)
    by, mark = parts.pounds(up)
    x_axis = alt.Axis(
        title=parts.titled(f"Likelihood in a year. Filled: before controls. Open: after them.{_dashed(rows)}", size),
        format="~%",
        tickCount=size.ticks,
    )
    steps = [
        digit * 10.0**power for power in range(2, 11) for digit in (1, 2, 5) if up[0] <= digit * 10.0**power <= up[1]
    ]
    y_axis = alt.Axis(
        title=parts.upright("Impact if it happens", size), labelExpr=parts.in_pounds(by, mark), values=steps
    )
    x = alt.X("likelihood:Q", scale=alt.Scale(domain=across), axis=x_axis)
    y = alt.Y("impact_gbp:Q", scale=alt.Scale(type="log", domain=up, nice=False), axis=y_axis)
    base = alt.Chart(parts.data(rows)).encode(x=x, y=y)
    points = base.mark_point(filled=True, size=110, opacity=1, color=DARK_BLUE)
    spots = [Spot(row["likelihood"], log10(row["impact_gbp"]), str(row["risk"])) for row in rows]
    spots += [spot for row in rows for spot in _on_the_way(row)]
    labels = placed(spots, size, across, (log10(up[0]), log10(up[1])), raised=10)
    return alt.layer(*_appetite(rows, across, up), *_residual(rows, x), points, *labels).properties(
        height=parts.HEIGHT + 60
    )


def _dashed(rows: Sequence[Row]) -> str:
    return " Dashed: the most the board accepts." if any(row.get("appetite_gbp") for row in rows) else ""


def _bounded(row: Row) -> Row:
    """Pounds on a log scale start at one hundred; a smaller impact stands on the floor."""
    return {**row, "impact_gbp": max(row["impact_gbp"], 100.0)}


def _domains(rows: Sequence[Row]) -> tuple[tuple[float, float], tuple[float, float]]:
    _, most = parts.span(rows, "likelihood", "residual_likelihood")
    low, high = parts.span(rows, "impact_gbp", "residual_impact_gbp")
    return (0.0, min(1.0, most * 1.15 or 1.0)), (max(low, 100.0) / 1.6, max(high, 200.0) * 1.6)


STEPS = 12


def _on_the_way(row: Row) -> list[Spot]:
    """Nameless points along a risk's arrow, so that no name is laid over it."""
    if not isinstance(row.get("residual_likelihood"), (int, float)):
        return []
    x, y = float(row["likelihood"]), log10(row["impact_gbp"])
    left = float(row["residual_likelihood"]), log10(max(row.get("residual_impact_gbp") or row["impact_gbp"], 100.0))
    steps = [at / STEPS for at in range(1, STEPS + 1)]
    return [Spot(x + (left[0] - x) * step, y + (left[1] - y) * step, "") for step in steps]


def _residual(rows: Sequence[Row], x: alt.X) -> list[Chart]:
    left = [row for row in rows if isinstance(row.get("residual_likelihood"), (int, float))]
    left = [{"residual_impact_gbp": row["impact_gbp"], **row} for row in left]
    if not left:
        return []
    base = alt.Chart(parts.data(left))
    ends = {"x2": "residual_likelihood:Q", "y2": "residual_impact_gbp:Q"}
    lines = base.mark_rule(color=SOFT, strokeWidth=1.25).encode(x=x, y="impact_gbp:Q", **ends)
    circles = base.mark_point(filled=True, fill="white", stroke=DARK_BLUE, strokeWidth=1.75, size=80, opacity=1)
    return [lines, circles.encode(x="residual_likelihood:Q", y="residual_impact_gbp:Q")]


def _appetite(rows: Sequence[Row], across: tuple[float, float], up: tuple[float, float]) -> list[Chart]:
    """The line on which a year's expected loss is what the organisations said they would bear."""
    gbp = next((row["appetite_gbp"] for row in rows if isinstance(row.get("appetite_gbp"), (int, float))), 0)
    steps = [across[1] * at / 60 for at in range(1, 61)]
    line = [{"x": step, "y": gbp / step} for step in steps if up[0] <= gbp / step <= up[1]]
    if len(line) < 2:
        return []
    base = alt.Chart(parts.data(line)).encode(x="x:Q", y="y:Q")
    return [base.mark_line(color=ORANGE, strokeDash=[6, 3])]
