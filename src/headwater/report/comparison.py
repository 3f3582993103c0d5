"""The comparison of the three styles for a board: doing nothing among them, in one table and one picture, then why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.figures import FigureData
from headwater.domain.release import Amount, DataTable, Document, Drawn, Estimate, Heading, Sentence
from headwater.domain.uncertainty import Interval
from headwater.report.kinds import capital, named, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.domain.options import Option
    from headwater.domain.release import Block
    from headwater.report.board import BoardFacts

DRAWN = 12
EXPLAINED = 3
SPREAD_YEARS = 5
COLUMNS = (
    "Option", "Style", "Net a year", "Cost a year", "One-off cost", "Who gains", "Who pays", "Posts moved", "Months to benefit", "Level",
)  # fmt: skip
BASIS = (
    "Ranked by what each option brings net in all but one world of forty. One-off costs are spread over five years. "
    "Options that only say who saw the demand first stand last: seeing is not averting."
)


def comparison_document(facts: BoardFacts, beats: int) -> Document:
    """beats: how many of facts.options beat doing nothing; those stand first, doing nothing next."""
    return Document(
        name=facts.name,
        title=facts.title,
        summary="Mirror, integration and upstream side by side, and doing nothing.",
        date=facts.date,
        board=(
            Heading("The decision asked"),
            Sentence(facts.decision, {}, "inset"),
            Heading("The answer in one line"),
            _answer(facts, beats),
            Heading("The three styles side by side"),
            Drawn(_picture(facts.options[:DRAWN], facts.names, beats)),
            _table(facts, beats),
            Sentence(BASIS),
        ),
        appendix=(Heading("Why these, and what would change the answer"), *_why(facts)),
        facts=facts.facts,
    )


def net(option: Option) -> Interval:
    return Interval.of_draws(option.benefit_gbp - option.yearly_cost_gbp - option.one_off_cost_gbp / SPREAD_YEARS)


def _label(option: Option, names: Mapping[str, str]) -> str:
    """All partners by name, and what it is about: nobody in particular asked."""
    return f"{' and '.join(named(code, names) for code in option.partners)}: {plain(option.service)}"


def _answer(facts: BoardFacts, beats: int) -> Sentence:
    if not beats:
        return Sentence("No option surely beats doing nothing.")
    first = facts.options[0]
    words = "{label} comes first of {n} options. It may bring {gbp} a year, net of its cost. {beats} of them surely {verb} doing nothing."
    label = capital(_label(first, facts.names))
    return Sentence(words, {"label": label, "n": len(facts.options), "gbp": Estimate(net(first), "gbp", 0), "beats": beats, "verb": "beats" if beats == 1 else "beat"})  # fmt: skip


def _picture(found: Sequence[Option], names: Mapping[str, str], beats: int) -> FigureData:
    rows = []
    for option in found:
        worth = net(option)
        rows.append((capital(_label(option, names)), option.style.value, *(round(one, -2) for one in (worth.low, worth.mid, worth.high)), option.grade.level))  # fmt: skip
    title = f"{beats} {'option beats' if beats == 1 else 'options beat'} doing nothing" if beats else "No option surely beats doing nothing"  # fmt: skip
    alt = "; ".join(f"{row[0]}: £{row[2]:,.0f} to £{row[4]:,.0f} a year net" for row in rows) + "."
    return FigureData("options", "options", title, alt, ("label", "style", "low", "mid", "high", "grade"), tuple(rows))


def _table(facts: BoardFacts, beats: int) -> DataTable:
    rows: list[tuple[object, ...]] = [_row(option, facts.names) for option in facts.options]
    nothing = Estimate(Interval.of_draws(np.zeros(2)), "gbp", 0)
    rows.insert(beats, ("Do nothing", "–", nothing, Amount(0.0), Amount(0.0), "–", "–", Amount(0.0, "posts", 1), Amount(0.0, "months", 0), "–"))  # fmt: skip
    return DataTable("comparison", "All options, and doing nothing, by what they surely bring", COLUMNS, tuple(rows))  # type: ignore[arg-type]


def _row(option: Option, names: Mapping[str, str]) -> tuple[object, ...]:
    gains, pays = (", ".join(named(code, names) for code in codes) or "–" for codes in (option.gains, option.pays))
    style = f"{option.style.value}, seen only" if option.board == "opportunity" else option.style.value
    return (
        capital(_label(option, names)), style, Estimate(net(option), "gbp", 0), Amount(option.yearly_cost_gbp),
        Amount(option.one_off_cost_gbp), gains, pays, Amount(option.staff_transferred, "posts", 1), Amount(option.months_to_benefit, "months", 0),
        option.grade.level,
    )  # fmt: skip


def _why(facts: BoardFacts) -> list[Block]:
    told: list[Block] = []
    for option in facts.options[:EXPLAINED]:
        told.append(Sentence(f"Why {_label(option, facts.names)}?"))
        told += [Sentence(reason.text, {}, "bullet") for reason in option.reasons]
        told += [Sentence(f"What would change this: {change}", {}, "bullet") for change in option.would_change]
        told += [Sentence(f"Risk: {risk}", {}, "bullet") for risk in option.risks]
        told += [Drawn(figure) for figure in option.figures if figure.kind in {"waterfall", "lead-time", "journey"}]
    return told
