"""The comparison of the three styles for a board: doing nothing among them, in one table and one picture, then why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.money import in_pounds
from headwater.domain.release import Amount, DataTable, Document, Drawn, Estimate, FigureData, Heading, Sentence
from headwater.report import choices, words
from headwater.report.kinds import capital, named, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.domain.options import Option
    from headwater.domain.release import Block, Cell
    from headwater.report.facts import BoardFacts

DRAWN = 6
EXPLAINED = 3
COLUMNS = ("Option", "Style", "Expected net a year", "Chance that it pays", "Cost a year", "One-off cost")
WHOSE = ("Option", "Who gains", "Who pays", "Staff moved", "Months to benefit", "Level")
BASIS = (
    "Ranked by the net gain a year expected of each; those too small to matter come after the rest. "
    "One-off costs are spread over five years. "
    "Options that only say who saw the demand first follow, because seeing demand is not averting it. "
    "Options that lack figures come last, with what they need."
)


def comparison_document(facts: BoardFacts, beats: int) -> Document:
    """beats: after how many of facts.options doing nothing stands."""
    return Document(
        name=facts.name,
        title=facts.title,
        summary="Mirror, integration and upstream side by side, and doing nothing.",
        date=facts.date,
        board=(
            Heading("The decision asked"),
            Sentence(facts.decision, {}, "inset"),
            Heading("The answer"),
            _answer(facts, beats),
            Heading("The three styles side by side"),
            *([Drawn(_picture(known[:DRAWN], facts.names))] if (known := _tested(facts)) else []),
            _table(facts, beats),
            Sentence(BASIS),
        ),
        appendix=(
            Heading("Who gains, who pays, and how soon"),
            DataTable(
                "whose",
                "Each option's bodies, people and time",
                WHOSE,
                tuple(_whose(one, facts.names) for one in facts.options),
            ),
            Heading("Why these, and what would change the answer"),
            *_why(facts),
        ),
        facts=facts.facts,
    )


def _known(facts: BoardFacts) -> list[Option]:
    return [option for option in facts.options if not option.needs]


def _tested(facts: BoardFacts) -> list[Option]:
    """Those whose net can be drawn: of who only saw the demand first there is none."""
    return [option for option in _known(facts) if not choices.untested(option)]


def _label(option: Option, names: Mapping[str, str]) -> str:
    """All partners by name, and what it is about: nobody in particular asked."""
    return f"{' and '.join(named(code, names) for code in option.partners)}: {plain(option.service)}"


def _answer(facts: BoardFacts, beats: int) -> Sentence:
    if not beats:
        return Sentence("No option is expected to beat doing nothing.")
    first = facts.options[0]
    words = (
        "First of {n} options: {label}. It may bring {gbp} a year, after its costs. {beats} of them {verb} expected to"
        " beat doing nothing."
    )
    label = _label(first, facts.names)
    return Sentence(
        words,
        {
            "label": label,
            "n": len(_known(facts)),
            "gbp": Estimate(first.net(), "gbp", 0),
            "beats": beats,
            "verb": "is" if beats == 1 else "are",
        },
    )


def _picture(found: Sequence[Option], names: Mapping[str, str]) -> FigureData:
    rows = []
    for option in found:
        net = option.net()
        rows.append(
            (
                capital(_label(option, names)),
                option.style.value,
                *(round(one, -2) for one in (net.low, net.mid, net.high)),
                option.grade.level,
            )
        )
    sure = sum(one.net().low > 0 and one.board != "opportunity" for one in found)
    title = (
        f"{sure} {'option clearly beats' if sure == 1 else 'options clearly beat'} doing nothing"
        if sure
        else "No option clearly beats doing nothing"
    )
    alt = (
        "; ".join(f"{row[0]}: {in_pounds(float(row[2]))} to {in_pounds(float(row[4]))} a year net" for row in rows)
        + "."
    )
    return FigureData("options", "options", title, alt, ("label", "style", "low", "mid", "high", "grade"), tuple(rows))


def _table(facts: BoardFacts, beats: int) -> DataTable:
    rows: list[tuple[Cell, ...]] = [_row(option, facts.names) for option in facts.options]
    rows.insert(beats, ("Do nothing", "–", Amount(0.0), "–", Amount(0.0), Amount(0.0)))
    return DataTable("comparison", "All options, and doing nothing, by what is expected of them", COLUMNS, tuple(rows))


def _row(option: Option, names: Mapping[str, str]) -> tuple[Cell, ...]:
    label, style = (
        capital(_label(option, names)),
        option.style.value + (", seen only" if option.board == "opportunity" else ""),
    )
    if option.needs:
        return label, style, f"needs {option.needs[0]}", "–", "–", "–"
    if choices.untested(option):
        return label, style, "not tested", "not tested", *costs(option)
    chance = words.chance(float((option.net_gbp > 0).mean()))
    return label, style, Estimate(option.net(), "gbp", 0), chance, *costs(option)


def _whose(option: Option, names: Mapping[str, str]) -> tuple[Cell, ...]:
    gains, pays = (", ".join(named(code, names) for code in codes) or "–" for codes in (option.gains, option.pays))
    staff = None if option.staff_transferred is None else Amount(option.staff_transferred, "staff", 0)
    months = "–" if option.needs else Amount(option.months_to_benefit, "", 0)
    return capital(_label(option, names)), gains, pays, staff, months, option.grade.level


def costs(option: Option) -> tuple[str | Amount, str | Amount]:
    """Yearly and one-off; nobody has told what acting on what was only seen would cost."""
    if option.board == "opportunity":
        return "–", "–"
    return Amount(option.yearly_cost_gbp), Amount(option.one_off_cost_gbp)


def _why(facts: BoardFacts) -> list[Block]:
    told: list[Block] = []
    for option in _known(facts)[:EXPLAINED]:
        told.append(Sentence(f"Why {_label(option, facts.names)}?"))
        told += choices.why(option, facts.names)
        told += [Sentence(f"Risk: {risk}", {}, "bullet") for risk in option.risks]
        told += [Drawn(figure) for figure in option.figures if figure.kind in {"waterfall", "lead-time", "journey"}]
    return told
