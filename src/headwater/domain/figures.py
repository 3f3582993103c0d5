"""Small tables of sums that a plot is drawn from and that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.domain.release import Count, Derived, Rate, Share

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class FigureData:
    """The numbers of one figure. `counts` names the columns that count people or contacts (disclosure looks at those).

    A cell that is reckoned from counts is given as a Count, Share, Rate or Derived; released, it is a number or None.

    kind: forest, event-study, love, trajectories, gap, donors, series, break-map, street-map, displacement, options,
    journey, lead-time, waterfall, groups, group-map, frontier, power, chain, who-pays, ledger, risk-matrix, timeline, tornado.
    """

    name: str
    kind: str
    title: str
    """The finding, as a sentence."""
    alt: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | Count | Share | Rate | Derived, ...], ...]
    counts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"figure {self.name}: every row needs {len(self.columns)} cells")

    def column(self, name: str) -> list[Cell]:
        """The cells of a released figure's column."""
        at = self.columns.index(name)
        return [row[at] for row in self.rows]  # type: ignore[misc]
