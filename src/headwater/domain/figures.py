"""Small tables of sums that a plot is drawn from and that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class FigureData:
    """The numbers of one figure. `counts` names the columns that count people or contacts (disclosure looks at those).

    kind: forest, event-study, love, trajectories, gap, donors, series, break-map, street-map, displacement, options,
    journey, lead-time, waterfall, groups, group-map, frontier, power, who-pays, ledger, risk-matrix, timeline, tornado.
    """

    name: str
    kind: str
    title: str
    """The finding, as a sentence."""
    alt: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    counts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"figure {self.name}: every row needs {len(self.columns)} cells")

    def column(self, name: str) -> list[Cell]:
        at = self.columns.index(name)
        return [row[at] for row in self.rows]
