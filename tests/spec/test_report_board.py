"""The board report: its outline, its length, its honesty about what is absent, its reading age."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pypdf
import pytest

from headwater.disclosure.release import release
from headwater.domain.collaboration import Role
from headwater.domain.evidence import Evaluation, Verdict
from headwater.domain.release import Amount, Count, DataTable, Document, Drawn, Heading, Released, Sentence
from headwater.domain.workspace import DisclosureSettings
from headwater.report import BoardFacts, board_document, pdf
from headwater.report.content import filled, paper
from headwater.report.glossary import GLOSSARY
from headwater.report.kinds import KINDS
from headwater.report.readability import reading_age
from report_board import evaluation, facts, finding, protocol
from report_world import FIGURES, SEAL

OUTLINE = [
    "The decision asked",
    "The answer",
    "What this points to",
    "Before, expected anyway and seen",
    "Who pays and who gains",
    "How strong the method is",
    "Can it be turned into cash?",
    "Options side by side",
    "Risks and gates",
]
BEHIND = [
    "Methods",
    "The plan and changes to it",
    "The ledger",
    "Prices",
    "Options in full",
    "Risks and gates in full",
    "Quality of the data",
    "Link rates",
    "Fair to every group?",
    "Words used",
]
RATIOS = [(0.72, 0.81, 0.91), (1.05, 1.1, 1.2), (0.97, 1.0, 1.03), (0.8, 0.95, 1.1)]


def passed(made: Document) -> Released[Document]:
    return release(made, DisclosureSettings())


def nothing() -> BoardFacts:
    return BoardFacts("empty", "An empty report", "today", "Decide whether to measure it.")


def headings(blocks: Any) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Heading)]


def tables(made: Document) -> dict[str, DataTable]:
    return {block.name: block for block in (*made.board, *made.appendix) if isinstance(block, DataTable)}


@pytest.mark.parametrize("given", [facts(), nothing()], ids=["full", "empty"])
def test_the_outline_is_always_the_same(given: BoardFacts) -> None:
    made = board_document(given)
    assert headings(made.board) == OUTLINE
    assert headings(made.appendix) == BEHIND


def test_what_is_absent_is_said_to_be_absent_in_each_section() -> None:
    made = board_document(nothing())
    said = [filled(block) for block in (*made.board, *made.appendix) if isinstance(block, Sentence)]
    assert sum("not measured" in text for text in said) >= 9
    assert "No risks are on file." in said
    assert "There is no plan on file." in said
    assert list(tables(made)) == ["glossary"]


def doubted() -> Evaluation:
    """The evaluation whose word is withheld, since an essential check failed."""
    found = evaluation()
    why = ("a check that has to pass failed (negative control outcome)",)
    return replace(
        found, findings=tuple(replace(one, verdict=Verdict.CANNOT_TELL, withheld=why) for one in found.findings)
    )


FOUND = [*(evaluation(*ratio) for ratio in RATIOS), doubted()]


@pytest.mark.parametrize("found", FOUND)
def test_the_board_s_part_fits_two_pages(found: Evaluation) -> None:
    written = pdf.write(paper(passed(board_document(facts(found)))))
    pages = [page.extract_text() for page in pypdf.PdfReader(BytesIO(written)).pages]
    assert next(at for at, text in enumerate(pages) if re.search(r"^Methods$", text, re.MULTILINE)) <= 2


@pytest.mark.parametrize("found", FOUND)
def test_a_reader_of_eleven_can_read_the_board_s_part(found: Evaluation) -> None:
    given = facts(found)
    made = passed(board_document(given)).content
    known = (*KINDS.values(), *given.names.values(), *GLOSSARY, protocol().name)
    said = [filled(block) for block in made.board if isinstance(block, Sentence)]
    assert reading_age("\n".join(said), known) <= 8
    assert all(reading_age(text, known) <= 11 for text in said)


def test_sums_that_nobody_may_count_are_led_by_that() -> None:
    said = [
        filled(block) if isinstance(block, Sentence) else getattr(block, "text", "")
        for block in passed(board_document(facts(doubted()))).content.board
    ]
    for heading in ("Who pays and who gains", "Can it be turned into cash?"):
        assert (
            said[said.index(heading) + 1]
            == "We cannot tell what changed in A&E attendances, so no money is given for them."
        )
    assert not any(" fewer " in text for text in said)


def test_the_glossary_itself_can_be_read() -> None:
    assert reading_age("\n".join(GLOSSARY.values())) <= 11


def test_people_are_counts_and_estimates_have_intervals() -> None:
    made = board_document(facts())
    left_out = tables(made)["left-out"]
    assert all(isinstance(row[1], Count) for row in left_out.rows)
    enrolled = next(block for block in made.board if isinstance(block, Sentence) and "took part" in block.words)
    assert isinstance(enrolled.figures["n"], Count)
    loads = tables(made)["loads"]
    assert all(isinstance(cell, Count) for row in loads.rows for cell in row[2:])


def test_small_counts_are_gone_once_released() -> None:
    given = facts()
    small = BoardFacts("s", "t", "d", "x", evaluation=given.evaluation)
    assert small.evaluation is not None
    small.evaluation.cohort.left_out["rare"] = 3
    try:
        rows = tables(passed(board_document(small)).content)["left-out"].rows
        assert dict(rows)["rare"].value is None
    finally:
        del small.evaluation.cohort.left_out["rare"]


def test_the_statement_s_last_column_and_row_add_up() -> None:
    table = tables(board_document(facts()))["statement"]
    money = [[cell.value for cell in row[-6:] if isinstance(cell, Amount)] for row in table.rows]
    for _invested, cash, released, absorbed, none, total in money:
        assert cash + released + absorbed + none == pytest.approx(total)
    assert money[-1] == pytest.approx([sum(column) for column in zip(*money[:-1], strict=True)])
    assert table.totals_row


def test_who_pays_is_drawn_as_it_was_given_and_only_there() -> None:
    made = board_document(facts())
    drawn = [block.data for block in (*made.board, *made.appendix) if isinstance(block, Drawn)]
    assert [one.title for one in drawn if one.kind == "who-pays"] == [FIGURES["who-pays"].title]


def test_the_chain_is_told_in_contacts_and_says_what_the_verdict_says() -> None:
    made = board_document(facts())
    chain = next(block.data for block in made.board if isinstance(block, Drawn) and block.data.kind == "chain")
    assert [cell.n for cell in chain.column("value")] == [764.0, 420.0, pytest.approx(340.2)]  # type: ignore[union-attr]
    assert chain.title == "Fewer A&E attendances than expected anyway"
    assert not any("%" in str(cell) for row in chain.rows for cell in row)


def test_a_sham_outcome_that_moved_is_a_warning_on_the_board_s_pages() -> None:
    found = evaluation()
    moved = finding("fracture_attendance", Role.NEGATIVE_CONTROL, 0.7, 0.8, 0.9)
    said = [
        block
        for block in board_document(facts(replace(found, findings=(*found.findings[:2], moved)))).board
        if isinstance(block, Sentence)
    ]
    warned = [one.words for one in said if one.style == "warning" and "should not have" in one.words]
    assert warned == [
        "Fracture attendances moved, and should not have. The work cannot touch them, so the comparison is in doubt."
    ]


def test_the_budget_that_loses_is_warned_of() -> None:
    said = [filled(block) for block in passed(board_document(facts())).content.board if isinstance(block, Sentence)]
    assert any(text.startswith("The council: likely to lose") for text in said)


def test_effects_by_group_stand_in_their_own_section() -> None:
    appendix = board_document(facts()).appendix
    at = headings(appendix).index("Fair to every group?")
    after = [block for block in appendix[appendix.index(Heading("Fair to every group?")) :] if isinstance(block, Drawn)]
    assert at > 0
    assert [block.data.kind for block in after] == ["groups"]


def test_every_price_has_its_source_and_what_has_none_is_named() -> None:
    made = passed(board_document(facts())).content
    assert tables(made)["prices"].rows[0][4:] == ("A made-up cost collection", "2023/24", "OGL v3.0")
    assert any("GP contacts have no price" in filled(block) for block in made.appendix if isinstance(block, Sentence))


def test_a_released_board_report_is_a_paper() -> None:
    assert paper(Released(passed(board_document(facts())).content, SEAL)).title.startswith("The frequent")


def test_a_figure_given_twice_is_drawn_once() -> None:
    given = facts()
    assert given.evaluation is not None
    twice = BoardFacts("s", "t", "d", "x", evaluation=given.evaluation, figures=given.evaluation.figures)
    drawn = [block.data.name for block in board_document(twice).appendix if isinstance(block, Drawn)]
    assert len(drawn) == len(set(drawn)) == len(given.evaluation.figures)


def test_groups_linked_less_well_are_named_behind_the_board_s_pages() -> None:
    found = facts()
    assert "at the same agencies" not in str(paper(passed(board_document(found))))
    rates = tuple(replace(rate, under=rate.group == "men") for rate in found.link_rates)
    said = str(paper(passed(board_document(replace(found, link_rates=rates)))))
    assert "Linked far less well than the others at the same agencies: sex men." in said
