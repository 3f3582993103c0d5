"""The board's two pages, section by section."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.domain.evidence import Verdict
from headwater.domain.money import BUCKETS, Bucket, in_pounds
from headwater.domain.numbers import INVESTED, numbers
from headwater.domain.release import Amount, Count, DataTable, Drawn, FigureData, Sentence
from headwater.report import choices, sentences
from headwater.report.chain import chain
from headwater.report.kinds import capital, kind_words, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.money import Saving
    from headwater.domain.options import Option
    from headwater.domain.release import Block, Cell
    from headwater.domain.uncertainty import Interval
    from headwater.report.facts import BoardFacts

UNITS = {"person": "people", "place": "places", "organisation": "organisations"}
NOT_MEASURED = Sentence("This was not measured.")
BEST = 6
"""Options drawn on the board's pages; the appendix has them all."""
WORST = 3
"""Risks named on the board's pages."""


def unit_of(facts: BoardFacts) -> str:
    return UNITS.get(facts.protocol.unit if facts.protocol else "person", "people")


def answer(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.evaluation is None:
        return (Sentence("There is no answer yet: what the work changed was not measured.", {}, "lead"),)
    finding = facts.evaluation.primary
    people = facts.protocol is None or facts.protocol.unit == "person"
    per_year = None if finding.verdict is Verdict.CANNOT_TELL else sentences.averted(finding, people)
    together = facts.evaluation.together
    first = (
        (
            Sentence("{said}", {"said": facts.verdicts}, "lead"),
            replace(sentences.answer(finding, facts.called, reason=False, together=together), style="body"),
        )
        if facts.verdicts
        else (sentences.answer(finding, facts.called, together=together),)
    )
    unit = unit_of(facts)
    treated = facts.evaluation.comparison.treated
    # How many places or organisations took part is in the protocol for everybody to read, and counts nobody.
    enrolled = Sentence(
        f"{{n}} {unit} took part.",
        {"n": Count(treated, unit, name=f"enrolled {facts.evaluation.collaboration}") if unit == "people" else treated},
    )
    dated = sentences.dates(facts.facts.get("data to", facts.date), facts.standing, facts.evaluation.effect.last_day)
    return (*first, *((per_year,) if per_year else ()), enrolled, dated)


def points_to(facts: BoardFacts) -> tuple[Block, ...]:
    """What the verdicts point to, and what would change them."""
    if facts.evaluation is None or facts.money is None:
        return (NOT_MEASURED,)
    finding = facts.evaluation.primary
    changes = sentences.would_change(finding, facts.money, facts.why_money, facts.break_even_fall)
    head = (Sentence("What would change this answer:"),) if changes else ()
    known = facts.knowing
    worth = () if known is None else (sentences.finding_out(known.perfect_gbp, known.sample_gbp),)
    pointer = sentences.pointer(finding.verdict.value, facts.money.value, known.chance if known else None)
    return (pointer, *worth, *head, *changes)


def strength(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.evaluation is None:
        return (NOT_MEASURED,)
    found = facts.evaluation
    shams = tuple(said for one in found.findings if (said := sentences.sham(one)))
    return (sentences.strength(found.grade), sentences.standing(facts.standing), sentences.checks(found.checks), *shams)


def contacts(facts: BoardFacts) -> tuple[Block, ...]:
    """The chain from before, over what would have come anyway, to what was seen; in words where it cannot be drawn."""
    if facts.evaluation is None:
        return (NOT_MEASURED,)
    finding = facts.evaluation.primary
    whose = unit_of(facts)
    drawn = chain(finding, facts.evaluation.collaboration, people=whose == "people")
    if drawn is None:
        return (sentences.naive(finding.naive, finding.kind, whose),)
    return (Drawn(drawn), sentences.gap(finding, facts.called))


def who_pays(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.saving is None:
        return (NOT_MEASURED,)
    figures = tuple(Drawn(replace(one, name="who-pays")) for one in facts.figures if one.kind == "who-pays")[:1]
    worth = () if facts.why_money else (sentences.worth(facts.saving),)
    table = bearers(facts.saving, facts.names)
    return (*_doubt(facts), *worth, *figures, table, *sentences.losses(_lost(facts.saving, facts.names)))


def _doubt(facts: BoardFacts) -> tuple[Sentence, ...]:
    """What stands before pounds from which the main outcome is left out."""
    if facts.evaluation is None or facts.evaluation.primary.verdict is not Verdict.CANNOT_TELL:
        return ()
    kind = kind_words(facts.evaluation.primary.kind)
    return (Sentence(f"We cannot tell what changed in {kind}, so no money is given for them.", {}, "warning"),)


def _lost(saving: Saving, names: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """Budget → what it loses in cash and in released capacity, where chance alone does not explain it; the other two
    buckets are no loss that anybody feels."""
    told = numbers(saving)
    felt = (Bucket.CASH.value, Bucket.RELEASED.value)
    return {
        capital(named(bearer.name, names)): (
            _below(told.of(felt[0], bearer.name)),
            _below(told.of(felt[1], bearer.name)),
        )
        for bearer in saving.bearers
    }


def _below(gbp: Interval | None) -> float:
    return gbp.mid if gbp is not None and gbp.high < 0 else 0.0


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


def cash(facts: BoardFacts) -> tuple[Block, ...]:
    booked = (sentences.ledger(facts.statement),) if facts.statement is not None else ()
    if facts.saving is None:
        return (NOT_MEASURED, *booked)
    said = sentences.money(facts.saving) if facts.saving.kinds else ()
    return (*_doubt(facts), *said, *booked)


def options(facts: BoardFacts) -> tuple[Block, ...]:
    said = choices.best_option(facts.options, facts.names)
    told = tuple(option for option in facts.options if not option.needs and not choices.untested(option))
    if not told:
        return (said,)
    return (said, Drawn(side_by_side(told[:BEST], facts.names)))


def side_by_side(found: tuple[Option, ...], names: Mapping[str, str]) -> FigureData:
    rows = []
    for option in found:
        worth = option.net()
        label = capital(choices.option_label(option, names))
        rows.append((label, option.style.value, *map(_nearest, (worth.low, worth.mid, worth.high)), option.grade.level))
    title = f"{rows[0][0]} comes first" if rows else "No options"
    alt = "; ".join(f"{row[0]}: {in_pounds(float(row[2]))} to {in_pounds(float(row[4]))} a year" for row in rows) + "."
    return FigureData("options", "options", title, alt, ("label", "style", "low", "mid", "high", "grade"), tuple(rows))


def risks(facts: BoardFacts) -> tuple[Block, ...]:
    worst = sorted(facts.risks, key=lambda risk: -risk.likelihood.mid * risk.impact_gbp.mid)[:WORST]
    rows = tuple(
        (
            risk.event,
            Amount(risk.likelihood.mid, "share", 2),
            Amount(_nearest(risk.impact_gbp.mid)),
            capital(risk.owner),
        )
        for risk in worst
    )
    table = DataTable(
        "worst-risks", "The most serious risks", ("What may happen", "Chance a year", "Cost", "Owner"), rows
    )
    none = (Sentence("No risks are on file.", {}, "warning"),)
    gates = sentences.gates(facts.gates) or (Sentence("No gates are set."),)
    return (*((table,) if rows else none), *gates)
