"""The board's two pages, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.figures import FigureData
from headwater.domain.money import BUCKETS
from headwater.domain.numbers import INVESTED, numbers
from headwater.domain.release import Amount, Count, DataTable, Drawn, Estimate, Sentence
from headwater.domain.uncertainty import Interval
from headwater.report import sentences
from headwater.report.kinds import capital, kind_words, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.money import Saving
    from headwater.domain.options import Option
    from headwater.domain.release import Block, Cell
    from headwater.report.board import BoardFacts

UNITS = {"person": "people", "place": "places", "organisation": "organisations"}
NOT_MEASURED = Sentence("This was not measured.")
BEST = 6
"""Options drawn on the board's pages; the appendix has them all."""
WORST = 3
"""Risks named on the board's pages."""


def answer(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.evaluation is None:
        return (Sentence("There is no answer yet: what the work changed was not measured.", {}, "lead"),)
    finding = facts.evaluation.primary
    per_year = sentences.averted(finding)
    unit = UNITS.get(facts.protocol.unit if facts.protocol else "person", "people")
    treated = facts.evaluation.effect.treated
    # How many places or organisations took part is in the protocol for everybody to read, and counts nobody.
    enrolled = Sentence(f"{{n}} {unit} took part.", {"n": Count(treated, unit) if unit == "people" else treated})
    return (sentences.answer(finding, facts.called), *((per_year,) if per_year else ()), enrolled)


def sure(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.evaluation is None:
        return (NOT_MEASURED,)
    found = facts.evaluation
    return (sentences.sure(found.grade), sentences.standing(facts.standing), sentences.checks(found.checks))


def naive(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.evaluation is None:
        return (NOT_MEASURED,)
    finding = facts.evaluation.primary
    kind = kind_words(finding.kind)
    rows: list[tuple[Cell, ...]] = []
    if finding.naive is not None:
        rows.append(("Before and after only", sentences.share(finding.naive.change)))
    if finding.rate_ratio is not None:
        rows.append(("Against people or places like them", Estimate(_change(finding.rate_ratio), "share", 2)))
    table = DataTable("naive", f"Change in {kind}, counted both ways", ("How it is counted", "Change"), tuple(rows))
    whose = UNITS.get(facts.protocol.unit if facts.protocol else "person", "people")
    return (sentences.naive(finding.naive, finding.kind, whose), *((table,) if rows else ()))


def _change(ratio: Interval) -> Interval:
    return Interval(ratio.low - 1, ratio.mid - 1, ratio.high - 1, ratio.level)


def who_pays(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.saving is None:
        return (NOT_MEASURED,)
    figure = flows(facts.saving, facts.called, facts.names)
    gains = any(row[3] != "invested" for row in figure.rows)
    drawn = (Drawn(figure),) if gains else (Sentence("No budget gains anything from it."),)
    table = bearers(facts.saving, facts.names)
    return (*_doubt(facts), sentences.worth(facts.saving), *drawn, table, *sentences.losses(_lost(table)))


def _doubt(facts: BoardFacts) -> tuple[Sentence, ...]:
    """What stands before pounds that nobody may count."""
    if facts.evaluation is None or not facts.evaluation.primary.withheld:
        return ()
    return (Sentence("We cannot tell if these sums come from the work. None of them may be counted.", {}, "warning"),)


def _lost(table: DataTable) -> dict[str, tuple[float, float]]:
    """Budget → what it loses in cash and in released capacity; the other two buckets are no loss that anybody feels."""
    return {str(row[0]): (_below(row[2]), _below(row[3])) for row in table.rows}


def _below(cell: Cell) -> float:
    return min(cell.value, 0.0) if isinstance(cell, Amount) else 0.0


def bearers(saving: Saving, names: Mapping[str, str]) -> DataTable:
    """What each budget pays in and gains in all, bucket by bucket; nothing in a column of which nothing can be told."""
    told = numbers(saving)
    rows: list[tuple[Cell, ...]] = []
    for bearer in saving.bearers:
        money = (told.of(what, bearer.name) for what in (INVESTED, *(bucket.value for bucket in BUCKETS)))
        cells = (None if gbp is None else Amount(gbp.mid + 0.0) for gbp in money)
        rows.append((capital(named(bearer.name, names)), *cells))
    caption = f"What each budget pays and gains, in pounds of {saving.price_year}-{(saving.price_year + 1) % 100:02d}"
    columns = ("Budget", "Pays in", "Cash", "Released", "Absorbed", "Unchanged")
    return DataTable("bearers", caption, columns, tuple(rows))


def _nearest(gbp: float) -> float:
    """To the nearest hundred pounds: an estimate is not known better. The sign of nought is dropped."""
    return round(gbp / 100) * 100 + 0.0


def flows(saving: Saving, called: str, names: Mapping[str, str]) -> FigureData:
    """Who pays in and who gains, as flows through the collaboration."""
    table = bearers(saving, names)
    rows: list[tuple[str, str, float, str]] = []
    for bearer, paid, *gained in table.rows:
        if isinstance(paid, Amount) and paid.value > 0:
            rows.append((str(bearer), called, paid.value, "invested"))
        for bucket, gain in zip(BUCKETS, gained, strict=True):
            if isinstance(gain, Amount) and gain.value > 0:
                rows.append((called, str(bearer), gain.value, bucket.value))
    title, alt = _flow_words(rows, called)
    return FigureData("who-pays", "who-pays", title, alt, ("source", "target", "value", "bucket"), tuple(rows))


def _flow_words(rows: list[tuple[str, str, float, str]], called: str) -> tuple[str, str]:
    paid, gained = _sums(rows, 0, paying=True), _sums(rows, 1, paying=False)
    title = "What goes in and what comes out"
    if paid and gained:
        most, best = max(paid, key=lambda name: paid[name]), max(gained, key=lambda name: gained[name])
        low = best.replace("The ", "the ", 1)
        title = f"{most} pays most and gains most" if most == best else f"{most} pays most, {low} gains most"
    said = [f"{name} pays £{gbp:,.0f}" for name, gbp in paid.items()] + [
        f"{name} gains £{gbp:,.0f}" for name, gbp in gained.items()
    ]
    return title, f"Flows of money through {called}. {'; '.join(said)}."


def _sums(rows: list[tuple[str, str, float, str]], at: int, paying: bool) -> dict[str, float]:
    sums: dict[str, float] = {}
    for row in rows:
        if (row[3] == "invested") == paying:
            name = str(row[at]).strip()
            sums[name] = sums.get(name, 0.0) + row[2]
    return sums


def cash(facts: BoardFacts) -> tuple[Block, ...]:
    booked = (sentences.ledger(facts.statement),) if facts.statement is not None else ()
    if facts.saving is None:
        return (NOT_MEASURED, *booked)
    return (*_doubt(facts), *sentences.money(facts.saving), *booked)


def options(facts: BoardFacts) -> tuple[Block, ...]:
    said = sentences.best_option(facts.options, facts.names)
    told = tuple(option for option in facts.options if not option.needs)
    if not told:
        return (said,)
    return (said, Drawn(side_by_side(told[:BEST], facts.names)))


def side_by_side(found: tuple[Option, ...], names: Mapping[str, str]) -> FigureData:
    rows = []
    for option in found:
        worth = option.net()
        label = capital(sentences.option_label(option, names))
        rows.append((label, option.style.value, *map(_nearest, (worth.low, worth.mid, worth.high)), option.grade.level))
    title = f"{rows[0][0]} comes first" if rows else "No options"
    alt = "; ".join(f"{row[0]}: £{row[2]:,.0f} to £{row[4]:,.0f} a year" for row in rows) + "."
    return FigureData("options", "options", title, alt, ("label", "style", "low", "mid", "high", "grade"), tuple(rows))


def risks(facts: BoardFacts) -> tuple[Block, ...]:
    worst = sorted(facts.risks, key=lambda risk: -risk.likelihood.mid * risk.impact_gbp.mid)[:WORST]
    rows = tuple(
        (risk.event, Amount(risk.likelihood.mid, "share", 2), Amount(_nearest(risk.impact_gbp.mid)), risk.owner)
        for risk in worst
    )
    table = DataTable("worst-risks", "The gravest risks", ("What may happen", "Chance a year", "Cost", "Owner"), rows)
    none = (Sentence("No risks are on file.", {}, "warning"),)
    gates = sentences.gates(facts.gates) or (Sentence("No gates are set."),)
    return (*((table,) if rows else none), *gates)
