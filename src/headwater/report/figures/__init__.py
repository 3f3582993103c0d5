"""What each kind of figure needs: the one table that whoever makes `FigureData` and whoever draws it agree on."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from headwater.domain.release import Shown
from headwater.report.kinds import plain

if TYPE_CHECKING:
    from headwater.domain.release import FigureData


@dataclass(frozen=True, slots=True)
class Needs:
    """Columns of a kind of figure. `required` must be there, `allowed` are used where given; any others are only
    tabled.

    A column `measure` (the same words in every row) names the axis of amounts; `start` (a period or a number) is where
    the programme began and is drawn as a line.
    """

    required: tuple[str, ...]
    allowed: tuple[str, ...] = ()
    about: str = ""


_SPAN = ("label", "low", "mid", "high")

NEEDS: dict[str, Needs] = {
    "forest": Needs(
        _SPAN,
        ("role", "measure"),
        "Rate ratios, a row an outcome, drawn in the order given; role: primary, secondary, negative-control,"
        " displacement, sham.",
    ),
    "event-study": Needs(
        ("period", "low", "mid", "high"),
        ("measure", "reference", "start", "x_measure"),
        "Periods relative to the start (-4, ... 0, 1, ...) or ISO dates; no change is `reference` (0 where not given);"
        " x_measure names the periods.",
    ),
    "love": Needs(
        ("covariate", "before", "after"),
        ("measure",),
        "Standardised mean differences, signed or absolute.",
    ),
    "trajectories": Needs(
        ("period", "group", "value"),
        ("low", "high", "measure", "start", "x_measure"),
        "A mean by period (number or ISO date; x_measure names it) and group; two to four groups.",
    ),
    "gap": Needs(
        ("period", "unit", "gap"),
        ("role", "measure", "start"),
        "Treated less synthetic, a line a unit; role: treated or placebo (the first unit is treated where not given).",
    ),
    "donors": Needs(("donor", "weight"), (), "Weights of the donors, largest first; shares of 1."),
    "series": Needs(
        ("period", "observed", "expected"),
        ("low", "high", "measure", "start", "when"),
        "What happened and what would have happened, with the interval of the latter; `when` (before, after) may stand"
        " for start.",
    ),
    "break-map": Needs(
        ("unit", "period", "state"),
        ("start",),
        "A row a mark: state is gap, break or any word for what was found there (excluded, opened, recoded ...).",
    ),
    "street-map": Needs(
        ("place", "easting", "northing"),
        ("value", "role", "measure"),
        "Places in metres; value is drawn as the size of a mark; role: treated, buffer, comparison, other.",
    ),
    "displacement": Needs(
        _SPAN,
        ("role", "measure"),
        "Rate ratios of other agencies' demand, or of rings around the treated places; drawn in the order given.",
    ),
    "options": Needs(
        ("label", "style", "low", "mid", "high"),
        ("grade", "measure"),
        "Pounds a year by option, best first; style: mirror, integration, upstream.",
    ),
    "journey": Needs(
        ("source", "target", "value"),
        ("measure",),
        "Flows between kinds of contact; a node's step follows from the flows. Cycles are cut by adding a step: "
        "name later visits differently if they are to be told apart.",
    ),
    "lead-time": Needs(
        ("days", "share"),
        ("series", "measure"),
        "Share of pairs by days from the upstream contact to the downstream one, binned.",
    ),
    "waterfall": Needs(
        ("label", "value"),
        ("role", "measure"),
        "Steps that add up; role: step, total, anyway (what would have come anyway) or effect (a total is drawn from"
        " nought; its value is the sum so far). Without roles, a last row that is the sum of the others is a total.",
    ),
    "groups": Needs(
        _SPAN,
        ("group", "measure"),
        "An effect by subgroup (rate ratios); `group` is the characteristic (sex, age, deprivation ...).",
    ),
    "group-map": Needs(
        ("place", "easting", "northing"),
        ("group",),
        "Organisations in metres; those of one `group` are joined by lines, those of none are not.",
    ),
    "frontier": Needs(
        ("x", "y"),
        ("label", "series", "x_measure", "y_measure"),
        "Points on the line from cash to performance, in order; x_measure and y_measure name the axes.",
    ),
    "power": Needs(
        ("x", "power"),
        ("series", "x_measure", "mark"),
        "Power (0 to 1) by number of people or by rate ratio; `mark` is the x of the plan.",
    ),
    "chain": Needs(
        ("label", "value"),
        ("state", "measure"),
        "Contacts before, expected anyway and seen; state: before, expected, then the verdict on the outcome.",
    ),
    "chance-to-pay": Needs(
        ("cost", "chance"),
        (),
        "Chance (0 to 1) that benefits exceed the cost, by the cost as a multiple of what was spent; in order.",
    ),
    "who-pays": Needs(
        ("budget", "part", "gbp"),
        (),
        "Pounds by budget; part: invested (drawn to the left), cash, released (harm is below nought), absorbed,"
        " unchanged (told in a note).",
    ),
    "ledger": Needs(
        ("label", "value"),
        ("role", "measure", "forecast_gbp", "measured_gbp", "bearer", "year", "bucket"),
        "As waterfall, over the states of the ledger: claimed, accepted, decayed, reversed, what stands. With"
        " forecast_gbp and measured_gbp: what was forecast beside what was measured, a row a saving.",
    ),
    "risk-matrix": Needs(
        ("risk", "likelihood", "impact_gbp"),
        ("residual_likelihood", "residual_impact_gbp", "appetite_gbp"),
        "Likelihood a year (0 to 1) by pounds; an arrow leads to the residual risk where it is given.",
    ),
    "timeline": Needs(
        ("label", "start", "end"),
        ("state", "lane"),
        "ISO dates; an empty end is a milestone; state: done, current, planned, late.",
    ),
    "tornado": Needs(
        ("label", "low", "high"),
        ("base", "measure"),
        "The result when each input runs over its own range, widest first; base is the result with all at their"
        " middle.",
    ),
}

TEXTS = (
    "label",
    "role",
    "measure",
    "style",
    "state",
    "lane",
    "group",
    "series",
    "source",
    "target",
    "budget",
    "part",
    "unit",
    "place",
    "donor",
    "covariate",
    "risk",
    "period",
    "start",
    "end",
    "x_measure",
    "y_measure",
    "grade",
)
"""Columns that hold words (or dates, or numbers used as labels); every other column holds amounts."""


ALSO: dict[str, dict[str, tuple[str, ...]]] = {
    "gap": {"unit": ("unit", "series")},
    "donors": {"donor": ("donor", "unit")},
    "break-map": {"state": ("state", "what")},
    "street-map": {"role": ("role", "part")},
    "displacement": {"label": ("label", "part"), "mid": ("mid", "ratio")},
    "power": {"x": ("x", "people"), "series": ("series", "rate_ratio")},
    "frontier": {"x": ("x", "cash_gbp"), "y": ("y", "released_gbp"), "label": ("label", "steps")},
    "waterfall": {"label": ("label", "step"), "value": ("value", "gbp")},
    "tornado": {
        "label": ("label", "factor"),
        "low": ("npv_low_gbp", "low"),
        "high": ("npv_high_gbp", "high"),
        "base": ("base", "npv_gbp"),
    },
    "ledger": {"label": ("label", "collaboration"), "value": ("value", "gap_gbp")},
}
"""Kind → our column → the names it may go by, first come first served: the table beside keeps the name it was given."""

ABOVE_NOUGHT = {"journey": "value", "donors": "weight"}
"""Kinds in which an amount of nought or less has no drawing: a flow, a weight."""


def misfit(figure: FigureData) -> str:
    """Why a figure cannot be drawn, as a note for its reader; empty where it can."""
    needs = NEEDS.get(figure.kind)
    if needs is None:
        return f"There is no drawing of the kind {figure.kind}. The table has its numbers."
    absent = [name for name in needs.required if not _given(figure, name)]
    if absent:
        return f"This figure is not drawn, because it has no {' and no '.join(absent)}. The table has its numbers."
    if not plottable(figure):
        return "There is nothing here that may be drawn. The table has what can be shown."
    return ""


def plottable(figure: FigureData) -> tuple[dict[str, object], ...]:
    """The rows that can be drawn, as column → value: every required amount is there and is a finite number."""
    required = [name for name in NEEDS[figure.kind].required if name not in TEXTS and name not in OPTIONAL]
    also = {ours: _given(figure, ours) for ours in ALSO.get(figure.kind, {})}
    drawn = []
    for cells in figure.rows:
        given = dict(zip(figure.columns, map(_plain, cells), strict=True))
        row = {**given, **{ours: given[theirs] for ours, theirs in also.items() if theirs}}
        if all(_is_number(row[name]) for name in required) and _above(figure.kind, row):
            drawn.append(row)
    return tuple(drawn)


def _given(figure: FigureData, name: str) -> str:
    """The column of the figure that holds one of ours; empty where there is none."""
    names = ALSO.get(figure.kind, {}).get(name, (name,))
    return next((theirs for theirs in names if theirs in figure.columns), "")


def _above(kind: str, row: dict[str, object]) -> bool:
    amount = row.get(ABOVE_NOUGHT.get(kind, ""))
    return kind not in ABOVE_NOUGHT or (isinstance(amount, int | float) and amount > 0)


OPTIONAL = ("observed", "days")
"""Columns that need not be a number in every row: a gap in a series stays a gap, a bin may be named 7–13."""


HEADS = {
    "gbp": "Pounds",
    "npv_gbp": "Net (£)",
    "npv_low_gbp": "Net, low (£)",
    "npv_high_gbp": "Net, high (£)",
    "low": "Low",
    "mid": "Middle",
    "high": "High",
    "label": "What",
    "part": "Part",
    "source": "Seen first by",
    "target": "Before",
    "value": "Amount",
    "adjusted_p_of_a_difference": "Chance of such a difference by luck",
    "smd": "Standardised difference",
}
"""A figure's column → its name where the code alone would not say it."""

BEHIND_THE_LINES: dict[str, tuple[str, ...]] = {
    "waterfall": ("role",),
    "ledger": ("role",),
    "chain": ("state",),
    "event-study": ("reference", "start"),
    "trajectories": ("start",),
    "series": ("start",),
    "gap": ("start",),
    "power": ("mark",),
}
"""Kind → columns that only tell the drawing how to draw (a step or a total, where a line stands); no table shows
them."""


def label_of(column: str) -> str:
    """A column's name as a reader sees it: impact_gbp → Impact (£)."""
    if column in HEADS:
        return HEADS[column]
    words = column.replace("_gbp", " (£)").replace("_", " ").replace(" per year", " a year").strip()
    return words[:1].upper() + words[1:]


def _plain(cell: object) -> object:
    """A cell without what disclosure control wrapped around it, and without an array library's own type of number."""
    value = cell.value if isinstance(cell, Shown) else cell
    if isinstance(value, str):
        return plain(value)
    return value.item() if hasattr(value, "item") else value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
