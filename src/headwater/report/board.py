"""The board report: from what was found to one document, two pages for the board and the appendix behind them.

What is absent is said to be absent ("not measured"); nothing is left out in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.release import Document, Heading, Sentence
from headwater.report import appendix, booked, planned, sentences, summary
from headwater.report.facts import BoardFacts

if TYPE_CHECKING:
    from headwater.domain.release import Block


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
