"""The appendix, section by section: everything behind the board's two pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import TELLS_THE_RATIO, ShamVerdict, Verdict
from headwater.domain.money import Perspective
from headwater.domain.release import Amount, Count, DataTable, Drawn, Estimate, FigureData, Resting, Sentence, Share
from headwater.report import choices, sentences
from headwater.report.comparison import costs
from headwater.report.glossary import GLOSSARY
from headwater.report.kinds import capital, kind_words
from headwater.report.summary import NOT_MEASURED, unit_of
from headwater.report.verdicts import EFFECTS, ROLES, check_words, design_words, measured_words

if TYPE_CHECKING:
    from headwater.domain.evidence import Evaluation, Finding
    from headwater.domain.governance import Control, Risk
    from headwater.domain.options import Option
    from headwater.domain.release import Block, Cell
    from headwater.report.facts import BoardFacts, LinkRate, LoadRow

NAMED = 5
"""Covariates named in a sentence; the love plot has them all."""
ON_THE_BOARD_S_PAGES = ("who-pays", "chain")
LENSES = {
    Perspective.FISCAL: "public budgets feel them (the fiscal view)",
    Perspective.ECONOMIC: "the whole economy feels them (the economic view)",
    Perspective.SOCIAL: "society feels them (the social view)",
}
EQUALITY = "groups"
"""The kind of figure that shows an effect group by group."""


def methods(facts: BoardFacts) -> tuple[Block, ...]:
    found = facts.evaluation
    if found is None:
        return (NOT_MEASURED, *(Drawn(figure) for figure in facts.figures))
    figures = [figure for figure in every_figure(facts) if figure.kind != EQUALITY]
    return (
        Sentence(f"Design: {design_words(found.design)}. {found.grade.text}"),
        *_comparison(found, unit_of(facts)),
        _findings(facts, found),
        _checks(facts, found),
        *(Sentence(caveat, {}, "bullet") for caveat in found.caveats),
        *(Drawn(figure) for figure in figures),
    )


def every_figure(facts: BoardFacts) -> list[FigureData]:
    """The evaluation's figures and the others, each once even where it was given twice."""
    figures: list[FigureData] = []
    for figure in (*(facts.evaluation.figures if facts.evaluation else ()), *facts.figures):
        if figure not in figures and figure.kind not in ON_THE_BOARD_S_PAGES:
            figures.append(figure)
    return figures


def _comparison(found: Evaluation, unit: str) -> tuple[Block, ...]:
    """Who was compared with whom; how many places or organisations there are counts nobody, and is told as it is."""
    made = found.comparison
    told = (("matched", made.matched), ("unmatched", made.unmatched))
    matched, unmatched = (Count(n, name=f"{what} {found.collaboration}") for what, n in told)
    figures: dict[str, Cell] = {
        "treated": Count(made.treated, name=f"enrolled {found.collaboration}", parts=(matched, unmatched)),
        "matched": matched,
        "controls": Count(made.controls, "controls"),
        "worst": Amount(made.worst_smd, "sd", 2),
    }
    words = "Comparison: of {treated} people enrolled, {matched} could be matched, to {controls} others."
    if unit != "people":
        figures |= {"treated": made.treated, "matched": made.matched, "controls": made.controls}
        words = f"Comparison: {{matched}} of the {{treated}} {unit} that took part, with {{controls}} other {unit}."
    if made.worst_smd >= 0.005:
        words += " The largest difference left between the groups is {worst} standard deviations."
    said = Sentence(words, figures)
    over = (_unlike(made.over_limit),) if made.over_limit else ()
    left = tuple((reason, Count(n)) for reason, n in found.cohort.left_out.items())
    table = (DataTable("left-out", "Who was left out, and why", ("Reason", "People"), left),) if left else ()
    return (said, *over, *table)


def _unlike(over: tuple[str, ...]) -> Sentence:
    more = f", and {len(over) - NAMED} more" if len(over) > NAMED else ""
    return Sentence(
        f"Still different by more than 0.1 standard deviations: {'; '.join(over[:NAMED])}{more}.", {}, "warning"
    )


def _findings(facts: BoardFacts, found: Evaluation) -> DataTable:
    columns = (
        "Outcome",
        "Role",
        "Verdict",
        "Rate ratio",
        "Fewer a year",
        "Before, a year",
        "Expected anyway",
        "Seen",
    )
    people = _of_people(facts)
    return DataTable(
        "findings", "Every outcome", columns, tuple(_finding(finding, people) for finding in found.findings)
    )


def _of_people(facts: BoardFacts) -> bool:
    return facts.protocol is None or facts.protocol.unit == "person"


def _finding(finding: Finding, people: bool) -> tuple[Cell, ...]:
    return (
        capital(kind_words(finding.kind)),
        ROLES[finding.role.value],
        EFFECTS[finding.verdict.value][0],
        _ratio(finding, people),
        _a_year(finding, people),
        *_steps(finding, people),
    )


def _a_year(finding: Finding, people: bool) -> Cell:
    """Of what cannot be told no number of contacts is given, as on the pages."""
    if finding.verdict in (Verdict.CANNOT_TELL, ShamVerdict.CANNOT_TELL):
        return "cannot tell"
    return sentences.a_year(finding, people) if finding.averted_per_year else "not measured"


def _ratio(finding: Finding, people: bool) -> Cell:
    if finding.rate_ratio is None:
        return "not measured"
    return Resting(Estimate(finding.rate_ratio, "ratio"), _behind(finding, people))


def _behind(finding: Finding, people: bool) -> tuple[Count, ...]:
    """The contacts seen, which a ratio tells beside those expected."""
    seen = finding.naive.seen if finding.naive and people else None
    return () if seen is None else (Count(seen, "contacts"),)


def _steps(finding: Finding, people: bool) -> tuple[Cell, ...]:
    """Contacts a year before, expected anyway and seen; people: whether disclosure control counts them."""
    naive = finding.naive
    steps = (naive.before, naive.expected_anyway, naive.seen) if naive else (None, None, None)
    return tuple(
        "not measured" if step is None else Count(step, "contacts") if people else round(step) for step in steps
    )


def _checks(facts: BoardFacts, found: Evaluation) -> DataTable:
    behind = _behind(found.primary, _of_people(facts))
    passed = {True: "passed", False: "failed", None: "could not tell"}
    rows = tuple(
        (
            capital(check_words(check.name)),
            passed[check.passed],
            "yes" if check.essential else "no",
            Resting(check.text, behind if check.name in TELLS_THE_RATIO else ()),
        )
        for check in found.checks
    )
    return DataTable(
        "checks",
        "Checks that tried to show the result is wrong",
        ("Check", "Result", "Essential", "What it found"),
        rows,
    )


def prices(facts: BoardFacts) -> tuple[Block, ...]:
    if facts.saving is None:
        return (NOT_MEASURED,)
    saving = facts.saving
    rows = tuple(
        (
            capital(kind_words(price.kind)),
            Amount(price.gbp, "gbp", 2),
            Amount(price.spread, "share", 2),
            f"{price.price_year}-{(price.price_year + 1) % 100:02d}",
            price.source,
            price.edition,
            price.licence,
        )
        for price in saving.prices
    )
    unpriced = [
        f"{capital(kind_words(kind))} have no price, or no budget bears them, so no pounds are counted for them."
        for kind in saving.unpriced
    ]
    columns = ("Kind", "Price", "Give or take", "Price year", "Source", "Edition", "Licence")
    return (
        Sentence(
            f"Pounds are counted as {LENSES[saving.lens]}, at prices of {{year}}.",
            {"year": f"{saving.price_year}-{(saving.price_year + 1) % 100:02d}"},
        ),
        DataTable("prices", "Prices used, with their sources", columns, rows),
        *(Sentence(words, {}, "bullet") for words in unpriced),
    )


def options(facts: BoardFacts) -> tuple[Block, ...]:
    told = tuple(option for option in facts.options if not option.needs)
    if not told:
        return (NOT_MEASURED,)
    rows = tuple(
        (
            capital(choices.option_label(option, facts.names)),
            option.style.value,
            _net(option),
            *costs(option),
            None if option.staff_transferred is None else Amount(option.staff_transferred, "staff", 0),
            Amount(option.months_to_benefit, "months", 0),
            option.grade.level,
        )
        for option in told
    )
    columns = (
        "Option",
        "Style",
        "Expected net a year",
        "Cost a year",
        "One-off cost",
        "Posts moved",
        "Time to benefit",
        "Level",
    )
    why: list[Block] = []
    for option in facts.options[:3]:
        why.append(Sentence(f"Why {choices.option_label(option, facts.names)}?"))
        why += choices.why(option, facts.names)
    return (DataTable("options-in-full", "All options", columns, rows), *why)


def _net(option: Option) -> Cell:
    return "not tested" if choices.untested(option) else Estimate(option.net(), "gbp", 0)


def risks(facts: BoardFacts) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if facts.risks:
        columns = ("Cause", "Event", "Effect", "Chance a year", "Cost", "Owner", "Controls")
        blocks.append(DataTable("risks", "Every risk on file", columns, tuple(_risk(risk) for risk in facts.risks)))
        blocks.append(Drawn(_matrix(facts.risks)))
    if facts.risk_npv:
        rows = tuple((words, Estimate(npv, "gbp", 0)) for words, npv in facts.risk_npv)
        blocks.append(DataTable("risk-npv", "Net value with the risks", ("Counting", "Net present value"), rows))
    criteria = tuple(
        (
            capital(gate.gate.replace("-", " ")),
            criterion.text,
            criterion.met.value,
            measured_words(criterion.expression, criterion.figure) or _measured(criterion.figure),
            capital(gate.decides),
        )
        for gate in facts.gates
        for criterion in gate.criteria
    )
    if criteria:
        tests = ("Gate", "Test", "Met?", "Figure", "Who decides")
        blocks.append(DataTable("gates", "Every test of every gate", tests, criteria))
    return tuple(blocks) or (Sentence("No risks and no gates are on file."),)


def _measured(value: float | None) -> Cell:
    """What a test of a gate was measured to be: a share as a percentage, a whole number as one."""
    if value is None:
        return None
    if 0 < abs(value) < 1:
        return Amount(value, "share", 2)
    return Amount(value, "", 0 if float(value).is_integer() else 1)


def _risk(risk: Risk) -> tuple[Cell, ...]:
    controls = "; ".join(_control(control) for control in risk.controls) or "none"
    chance, cost = Estimate(risk.likelihood, "share", 2), Estimate(risk.impact_gbp, "gbp", 0)
    return (risk.cause, risk.event, risk.effect, chance, cost, capital(risk.owner), controls)


def _control(control: Control) -> str:
    tested = f"tested {control.tested}" if control.tested else "never tested"
    return f"{control.text} (takes {control.effectiveness:.0%} off the {control.acts_on}, {tested})"


def _matrix(found: tuple[Risk, ...]) -> FigureData:
    rows = []
    for risk in found:
        chance, cost = risk.likelihood.mid, risk.impact_gbp.mid
        left = _left(risk, "likelihood"), _left(risk, "impact")
        rows.append((risk.event, chance, cost, chance * left[0], cost * left[1]))
    worst = max(rows, key=lambda row: row[3] * row[4])
    alt = "; ".join(f"{row[0]}: {row[1]:.0%} a year, £{row[2]:,.0f}" for row in rows) + "."
    columns = ("risk", "likelihood", "impact_gbp", "residual_likelihood", "residual_impact_gbp")
    return FigureData("risk-matrix", "risk-matrix", f"The most serious risk: {worst[0]}", alt, columns, tuple(rows))


def _left(risk: Risk, side: str) -> float:
    """Share of a risk's likelihood or impact that its controls leave, one acting after the other."""
    left = 1.0
    for control in risk.controls:
        left *= 1 - control.effectiveness if control.acts_on == side else 1
    return left


def loads(facts: BoardFacts) -> tuple[Block, ...]:
    if not facts.loads:
        return (NOT_MEASURED,)
    rows: list[tuple[Cell, ...]] = [(row.file, row.table, *_rows_of(row)) for row in facts.loads]
    blocks: list[Block] = [
        DataTable(
            "loads",
            "Files read, with the rows set aside",
            ("File", "Table", "Rows in", "Kept", "Set aside"),
            tuple(rows),
            adds={"Rows in": ("Kept", "Set aside")},
        )
    ]
    reasons = tuple((row.file, reason, Count(n, "rows")) for row in facts.loads for reason, n in row.reasons.items())
    if reasons:
        blocks.append(DataTable("set-aside", "Why rows were set aside", ("File", "Reason", "Rows"), reasons))
    return tuple(blocks)


def _rows_of(row: LoadRow) -> tuple[Count, ...]:
    """Rows in, kept and set aside, each under the name that every report gives it."""
    told = (("rows in", row.rows_in), ("kept", row.kept), ("set aside", row.quarantined))
    return tuple(Count(n, "rows", f"{what} {row.file} {row.table}") for what, n in told)


def link_rates(facts: BoardFacts) -> tuple[Block, ...]:
    if not facts.link_rates:
        return (NOT_MEASURED,)
    rows = tuple(
        (
            rate.by,
            rate.group,
            _linked(rate),
            Count(rate.records, "records", f"records {rate.by} {rate.group}") if rate.records is not None else None,
        )
        for rate in facts.link_rates
    )
    said = Sentence("Where a group is linked less well, less of what changed for it is seen.")
    under = ", ".join(f"{rate.by} {rate.group}" for rate in facts.link_rates if rate.under)
    named = Sentence(
        "Linked far less well than the others at the same agencies: {groups}.", {"groups": under}, "warning"
    )
    return (
        said,
        *((named,) if under else ()),
        DataTable("link-rates", "Share of records linked, group by group", ("By", "Group", "Linked", "Records"), rows),
    )


def _linked(rate: LinkRate) -> Cell:
    """The share of a group's records that were linked, from the rounded numbers where the number of records is
    known."""
    if rate.records is None:
        return Amount(rate.rate, "share", 2)
    return Share(
        Count(round(rate.rate * rate.records), "records"),
        Count(rate.records, "records", f"records {rate.by} {rate.group}"),
    )


def groups(facts: BoardFacts) -> tuple[Block, ...]:
    drawn = tuple(Drawn(figure) for figure in every_figure(facts) if figure.kind == EQUALITY)
    return drawn or (Sentence("Whether it works as well for every group was not measured."),)


def words() -> DataTable:
    return DataTable("glossary", "What the words mean", ("Word", "Meaning"), tuple(GLOSSARY.items()))
