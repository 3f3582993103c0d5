"""The board report: from what was found to one document, two pages for the board and the appendix behind them.

What is absent is said to be absent ("not measured"); nothing is left out in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.domain.release import Document, Heading, Sentence
from headwater.report import appendix, booked, planned, sentences, summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.collaboration import Protocol, Standing
    from headwater.domain.evidence import Evaluation, MoneyVerdict
    from headwater.domain.figures import FigureData
    from headwater.domain.governance import Gate, Indicator, Risk
    from headwater.domain.ledger import Statement
    from headwater.domain.money import Saving
    from headwater.domain.options import Option
    from headwater.domain.release import Block
    from headwater.domain.uncertainty import Interval


@dataclass(frozen=True, slots=True)
class LinkRate:
    """How well a group's records were linked: `by` is the characteristic (agency, sex, age ...), `rate` a share."""

    by: str
    group: str
    rate: float
    records: int | None = None
    under: bool = False
    """Whether it is linked far less well than the others at the same agencies."""


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One file as it was read. rows in = kept + quarantined."""

    file: str
    table: str
    rows_in: int
    kept: int
    quarantined: int
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class BoardFacts:
    """Everything a board report can be made of. Only the first four must be there."""

    name: str
    title: str
    date: str
    decision: str
    """The decision asked of the board, as a sentence."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Hashes, versions, seeds and dates."""
    verdicts: str = ""
    """Both verdicts in one sentence, as every door says them."""
    money: MoneyVerdict | None = None
    why_money: str = ""
    """Why money cannot be judged, where it cannot for want of something."""
    break_even_fall: float | None = None
    """The fall, as a share of what was expected, from which on it pays for itself."""
    evaluation: Evaluation | None = None
    protocol: Protocol | None = None
    standing: Standing | None = None
    saving: Saving | None = None
    statement: Statement | None = None
    options: tuple[Option, ...] = ()
    risks: tuple[Risk, ...] = ()
    risk_npv: tuple[tuple[str, Interval], ...] = ()
    """The net present value before risk, with inherent risks, and with what their controls leave."""
    gates: tuple[Gate, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    link_rates: tuple[LinkRate, ...] = ()
    loads: tuple[LoadRow, ...] = ()
    figures: tuple[FigureData, ...] = ()
    """More figures for the appendix (capacity, power, timeline, tornado ...)."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of organisations by their codes."""

    @property
    def called(self) -> str:
        """The collaboration's name."""
        if self.protocol is not None:
            return self.protocol.name
        return self.evaluation.collaboration if self.evaluation is not None else self.title


def board_document(facts: BoardFacts) -> Document:
    """The outline of the board report, filled with what there is. Still to be released: it holds `Count`s."""
    return Document(
        name=facts.name,
        title=facts.title,
        summary=_summary(facts),
        date=facts.date,
        board=_board(facts),
        appendix=_appendix(facts),
        facts=facts.facts,
    )


def _summary(facts: BoardFacts) -> str:
    if facts.evaluation is None:
        return "What is asked of the board, and what is known so far."
    return "What was asked, what we found, whether it pays, and how strong the method is."


def _board(facts: BoardFacts) -> tuple[Block, ...]:
    return (
        Heading("The decision asked"),
        Sentence(facts.decision, {}, "inset"),
        Heading("The answer"),
        *summary.answer(facts),
        Heading("What this points to"),
        *summary.points_to(facts),
        Heading("Before, expected anyway and seen"),
        *summary.contacts(facts),
        Heading("Who pays and who gains"),
        *summary.who_pays(facts),
        Heading("How strong the method is"),
        *summary.strength(facts),
        Heading("Can it be turned into cash?"),
        *summary.cash(facts),
        Heading("Options side by side"),
        *summary.options(facts),
        Heading("Risks and gates"),
        *summary.risks(facts),
        *sentences.warnings(facts.indicators),
    )


def _appendix(facts: BoardFacts) -> tuple[Block, ...]:
    return (
        Heading("Methods"),
        *appendix.methods(facts),
        Heading("The plan and changes to it"),
        *planned.plan(facts),
        Heading("The ledger"),
        *booked.ledger(facts),
        Heading("Prices"),
        *appendix.prices(facts),
        Heading("Options in full"),
        *appendix.options(facts),
        Heading("Risks and gates in full"),
        *appendix.risks(facts),
        Heading("Quality of the data"),
        *appendix.loads(facts),
        Heading("Link rates"),
        *appendix.link_rates(facts),
        Heading("Fair to every group?"),
        *appendix.groups(facts),
        Heading("Words used"),
        appendix.words(),
    )
