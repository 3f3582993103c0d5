"""What stands in the ledger, and what was promised beside it, for the appendix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.release import Amount, DataTable, Sentence
from headwater.report.kinds import capital, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.ledger import Statement, StatementLine
    from headwater.domain.release import Block, Cell
    from headwater.report.facts import BoardFacts

STATES = {
    "forecast": "forecast",
    "measured": "waiting for finance",
    "finance-accepted": "accepted by finance",
    "budget-removed": "out of the budget",
    "decayed": "decayed",
    "reversed": "reversed",
}
"""The state of a claim, as the pages say it too."""


def ledger(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.statement is None or not facts.statement.lines:
        return (Sentence("Nothing is booked in the ledger yet."),)
    promised = outturn_table(facts.statement, facts.names)
    return (
        statement_table(facts.statement, facts.names),
        *((promised,) if promised.rows else ()),
        Sentence(f"Head of the ledger: {facts.statement.head_hash}."),
    )


def outturn_table(statement: Statement, names: Mapping[str, str]) -> DataTable:
    """What was promised before launch beside what was measured, by budget and year, cash and released each in its own
    line."""
    sums: dict[tuple[str, str, str], list[float]] = {}
    for line in statement.lines:
        for bucket, gbp in (("Cash", line.cash_gbp), ("Released", line.released_gbp)):
            pair = sums.setdefault((line.bearer, line.year, bucket), [0.0, 0.0])
            pair[line.state != "forecast"] += gbp
    rows = tuple(
        (capital(named(bearer, names)), year, bucket, Amount(before), Amount(after), Amount(after - before))
        for (bearer, year, bucket), (before, after) in sorted(sums.items())
        if before or after
    )
    columns = ("Budget", "Year", "Pounds of", "Forecast (£)", "Measured (£)", "Difference (£)")
    promised = any(line.state == "forecast" for line in statement.lines)
    return DataTable("outturn", "Forecast beside measured", columns, rows if promised else ())


def statement_table(statement: Statement, names: Mapping[str, str]) -> DataTable:
    """The ledger's lines but the forecasts, which are in no total, with a total row. The last column adds the four
    buckets back to the average cost. Whose lines they are stands in each where they are those of several
    collaborations."""
    lines = [line for line in statement.lines if line.state != "forecast"]
    several = len({line.collaboration for line in lines}) > 1
    rows = [_statement_row(line, names, several) for line in lines]
    sums = tuple(Amount(sum(_money(row[at]) for row in rows)) for at in range(-6, 0))
    whose = ("Collaboration",) if several else ()
    columns = (
        "Budget",
        *whose,
        "Year",
        "State",
        "Contacts averted",
        "Invested (£)",
        "Cash (£)",
        "Released (£)",
        "Absorbed (£)",
        "Unchanged (£)",
        "At average cost (£)",
    )
    total: tuple[Cell, ...] = ("All", *("" for _ in columns[1:-6]), *sums)
    formulas = {"At average cost (£)": "=SUM(G{row}:J{row})" if several else "=SUM(F{row}:I{row})"}
    return DataTable(
        "statement", "What stands in the ledger", columns, (*rows, total), totals_row=True, formulas=formulas
    )


def _statement_row(line: StatementLine, names: Mapping[str, str], several: bool) -> tuple[Cell, ...]:
    buckets = (line.cash_gbp, line.released_gbp, line.absorbed_gbp, line.none_gbp)
    return (
        capital(named(line.bearer, names)),
        *((named(line.collaboration, names),) if several else ()),
        line.year,
        STATES[line.state.value],
        Amount(line.contacts, "contact", 1),
        Amount(line.invested_gbp),
        *(Amount(gbp) for gbp in buckets),
        Amount(sum(buckets)),
    )


def _money(cell: Cell) -> float:
    return cell.value if isinstance(cell, Amount) else 0.0
