"""What somebody who looks at a report sees: figures that do not contradict each other, words in place of masks, nothing
broken or cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import numpy as np
import pytest

from headwater.app.planning import _sentences
from headwater.capacity import Ambition, plan_page
from headwater.disclosure.release import release
from headwater.domain.collaboration import Entry, Role, Standing, Status, Style
from headwater.domain.evidence import Naive, Verdict
from headwater.domain.money import Bucket
from headwater.domain.options import Option
from headwater.domain.release import DataTable, Document, Sentence
from headwater.domain.uncertainty import Interval
from headwater.domain.workspace import DisclosureSettings
from headwater.report import BoardFacts, board_document, choices, draw, sentences
from headwater.report import docx as word
from headwater.report.comparison import comparison_document
from headwater.report.content import Grid, Names, filled, grid, paper
from headwater.report.figures import group_map, who_pays
from headwater.report.summary import who_pays as told_of_budgets
from headwater.stats.equivalence import sameness
from headwater.web.words import figure as shown
from money_world import AE, price
from money_world import protocol as plan_of
from report_board import evaluation, facts, finding, option
from report_world import FIGURES, figure

if TYPE_CHECKING:
    from collections.abc import Mapping


def released(document: Document) -> Document:
    return release(document, DisclosureSettings()).content


def few(verdict: tuple[float, float, float]) -> BoardFacts:
    """A report of an outcome of which so few contacts were seen that disclosure control takes them."""
    made = evaluation(*verdict)
    first = replace(made.primary, naive=Naive(-0.4, 0.5, 9.0, 5.0, 3.0))
    return facts(replace(made, findings=(first, *made.findings[1:])))


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        ((0.72, 0.81, 0.91), "Too few A&E attendances were seen to say how many fewer that is a year."),
        ((1.05, 1.1, 1.2), "Too few A&E attendances were seen to say how many more that is a year."),
        ((0.97, 1.0, 1.03), "Too few A&E attendances were seen to say how many fewer or more that is a year."),
    ],
)
def test_a_masked_figure_is_no_star_in_the_middle_of_a_sentence(ratio: tuple[float, float, float], said: str) -> None:
    text = [filled(block) for block in released(board_document(few(ratio))).board if isinstance(block, Sentence)]
    assert said in text
    assert not any("*" in one for one in text)


def test_a_masked_number_without_words_of_its_own_is_said_not_to_be_shown() -> None:
    made = released(
        Document("d", "t", "s", "x", (sentences.Sentence("{n} took part.", {"n": sentences.Count(3)}),), (), {})
    )
    assert filled(made.board[0]) == "a number not shown took part."  # type: ignore[arg-type]


def test_an_interval_on_both_sides_of_nothing_is_told_by_its_ends() -> None:
    one = finding("ambulance_call", Role.PRIMARY, 0.95, 1.02, 1.1)
    said = sentences.averted(one)
    assert said is not None
    assert filled(said) == "Over a year, that is between 42 more and 21 fewer ambulance calls."


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            Status.LOCKED,
            "The plan was locked on 27 November 2026, after the last day of the data but before results were read.",
        ),
        (Status.AMENDED, "The plan was locked on 27 November 2026, after the last day of the data."),
    ],
)
def test_a_follow_up_that_the_data_cut_short_is_not_said_to_have_ended(status: Status, said: str) -> None:
    state = Standing(status, "ab", "2026-11-27T10:00:00Z")
    told = filled(sentences.dates("2023-12-31", state, date(2023, 12, 31)))
    assert told == f"The data run to 31 December 2023. {said}"


def table(document: Document, name: str) -> DataTable:
    return next(
        block for block in (*document.board, *document.appendix) if isinstance(block, DataTable) and block.name == name
    )


def test_no_contacts_a_year_stand_beside_a_cannot_tell() -> None:
    made = evaluation(0.8, 0.95, 1.1)
    assert made.primary.verdict is Verdict.CANNOT_TELL
    rows = table(board_document(facts(made)), "findings").rows
    assert rows[0][4] == "cannot tell"


def test_a_check_that_could_not_tell_is_not_said_to_have_been_left_out() -> None:
    rows = table(board_document(facts()), "checks").rows
    assert {row[1] for row in rows} == {"passed", "failed", "could not tell"}


def test_an_interval_of_sameness_says_its_level() -> None:
    assert str(sameness(0.2, 0.3, 1.25)).startswith("1.22 (90% interval 0.75 to 2.00): neither")


@pytest.fixture
def untested() -> Option:
    return replace(option("seen", Style.UPSTREAM, "gp", "calls seen first", 900_000), board="opportunity")


def test_untested_demand_has_no_net_in_a_report(untested: Option) -> None:
    tested = option("one", Style.MIRROR, "gp", "benefits", 200_000)
    given = replace(facts(), options=(tested, untested))
    rows = {str(row[0]): row for row in table(comparison_document(given, 1), "comparison").rows}
    seen = next(row for label, row in rows.items() if "seen first" in label)
    assert seen[2:] == ("not tested", "not tested", "–", "–")
    drawn = [block.data for block in comparison_document(given, 1).board if getattr(block, "data", None)]
    assert [len(one.rows) for one in drawn] == [1]
    assert "not tested" in {str(cell) for row in table(board_document(given), "options-in-full").rows for cell in row}
    assert filled(choices.best_option((untested,))).startswith("None of 1 ways")


def test_what_chance_may_explain_is_no_loss_to_be_warned_of() -> None:
    made = facts()
    assert made.saving is not None
    worth = made.saving
    either = np.where(np.arange(worth.gbp.shape[0]) % 2, 1.0, -1.0).reshape(-1, *([1] * (worth.gbp.ndim - 1)))
    unclear = replace(made, saving=replace(worth, gbp=np.abs(worth.gbp) * either))
    clear = replace(made, saving=replace(worth, gbp=-np.abs(worth.gbp)))
    said = [
        [filled(block) for block in told_of_budgets(one) if isinstance(block, Sentence)] for one in (unclear, clear)
    ]
    assert not any("likely to lose" in text for text in said[0])
    assert any("likely to lose" in text for text in said[1])


def test_the_note_of_who_pays_has_no_minus() -> None:
    rows = [
        {"part": "absorbed", "gbp": -11_000.0},
        {"part": "unchanged", "gbp": -15_000.0},
        {"part": Bucket.CASH.value, "gbp": -1.0},
    ]
    note = who_pays._beside(rows)
    assert (
        note
        == " Not drawn, as no budget changes by it: £11k of added demand that crowds out other work and £15k of added"
        " demand that fixed costs carry."
    )


@pytest.mark.parametrize(
    ("expression", "value", "said"),
    [
        ("agreements_in_force == 1", 0.0, "no"),
        ("agreements_in_force == 1", 1.0, "yes"),
        ("rate_ratio_high < 1", 0.87, "rate ratio at most 0.87"),
        ("link_rate >= 0.85", 0.99, "99%"),
        ("failed_checks == 0", 0.0, "0"),
        ("grade >= 3", None, "not known"),
    ],
)
def test_a_gate_s_figure_says_what_it_is(expression: str, value: float | None, said: str) -> None:
    assert shown(value, expression) == said


def test_a_figure_of_periods_names_them() -> None:
    named = figure(
        "event-study",
        "t",
        "period low mid high x_measure",
        [(1, 0.8, 0.9, 1.0, "Quarter since enrolment"), (2, 0.7, 0.9, 1.1, "Quarter since enrolment")],
    )
    assert "Quarter since enrolment" in draw(named)
    assert "Periods since the start" in draw(FIGURES["event-study"])


def test_a_group_of_n_is_joined_by_n_less_one_lines() -> None:
    group = [{"place": str(at), "easting": at * 1000.0, "northing": (at % 3) * 500.0, "group": "g"} for at in range(9)]
    ties = group_map._ties(group)
    assert len(ties) == 8
    joined = {0}
    reached = {(tie["easting"], tie["to_easting"]) for tie in ties}
    while (
        grown := {int(b // 1000) for a, b in reached | {(b, a) for a, b in reached} if int(a // 1000) in joined}
        - joined
    ):
        joined |= grown
    assert joined == set(range(9)), "everybody is reached"


def ledger_grid() -> Grid:
    return grid(table(released(board_document(facts())), "statement"), Names())


def test_the_table_of_the_ledger_breaks_no_word_in_a_word_file() -> None:
    made = ledger_grid()
    assert "Collaboration" not in made.columns, "a report of one collaboration need not say whose lines they are"
    small = word._widths(made, word.SMALL)
    for at, name in enumerate(made.columns):
        longest = max(len(one) for text in (name, *(row[at].text for row in made.rows)) for one in text.split() or [""])
        assert small[at] >= 0.8 * longest * word.LETTER * word.SMALL / word.CELL, name
    assert sum(small) <= word.WIDE + len(small)


@pytest.mark.parametrize("shape", [0.4, 0.75, 1.0, 1.5, 3.0])
def test_a_picture_in_a_word_file_can_be_read_and_stands_on_a_page(shape: float) -> None:
    across = word._across(shape)
    assert across / shape <= word.HIGHEST + 1
    assert across >= min(word.LEGIBLE, word.HIGHEST * shape) - 1


def test_a_word_file_is_written_with_both_sizes_of_cells() -> None:
    file = docx.Document(BytesIO(word.write(paper(release(board_document(facts()), DisclosureSettings())))))
    used = {one.style.name for table in file.tables for cell in table._cells for one in cell.paragraphs}
    assert used <= {"Cell", "SmallCell"} and "Cell" in used


def test_a_plan_says_over_how_many_days_each_number_is() -> None:
    counts = np.random.default_rng(2).negative_binomial(1 / 3, (1 / 3) / (1 / 3 + 0.3), 60_000)
    made = plan_of(entry=Entry(AE, 5, 90))
    page = plan_page(made, counts, {AE: price()}, Ambition(300, Interval(0.75, 0.85, 0.95)))
    names: Mapping[str, str] = {}
    first, second = _sentences(page, made, names)[:2]
    assert "each in the 90 days before" in first and f"over the {made.follow_up_days} days of the follow-up" in first
    assert second.startswith("Day for day, ")
    poor = replace(page, net_benefit_gbp=-1.0, evaluation_worth_gbp=0.0, perfect_information_gbp=0.0)
    assert "worth nothing" not in _sentences(poor, made, names)[-1]
