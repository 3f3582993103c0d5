"""The content model: what becomes of each block before any format is written."""

from __future__ import annotations

import pytest

from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import Amount, Count, DataTable, Document, Drawn, Heading, Released, Sentence, Shown
from headwater.report.content import Bullets, Grid, Head, Picture, Words, filled, paged, paper, pieces
from report_world import FIGURES, SEAL, document, figure, released


def test_headings_start_at_two_and_have_identifiers_of_their_own() -> None:
    made = pieces([Heading("Same"), Heading("Same"), Heading("1. Odd: one!", 1), Heading("Deep", 9)])
    assert [(piece.level, piece.id) for piece in made if isinstance(piece, Head)] == [
        (2, "same"),
        (2, "same-2"),
        (2, "p-1-odd-one"),
        (4, "deep"),
    ]


def test_bullets_that_follow_one_another_are_one_list() -> None:
    made = pieces(
        [Sentence("a", {}, "bullet"), Sentence("b", {}, "bullet"), Sentence("c"), Sentence("d", {}, "bullet")]
    )
    assert made == (Bullets(("a", "b")), Words("c"), Bullets(("d",)))


def test_gaps_are_filled_and_an_empty_one_says_so() -> None:
    words = "{n} of {all}, {gap}, {not a gap}, {{n}}"
    assert filled(Sentence(words, {"n": Shown("5", 5.0), "all": 1200})) == "5 of 1,200, not known, {not a gap}, {5}"


def test_a_figure_in_a_gap_cannot_reach_into_objects() -> None:
    assert filled(Sentence("{n.__class__} {n[0]}", {"n": 1})) == "{n.__class__} {n[0]}"


def test_an_unknown_style_is_plain_text() -> None:
    assert pieces([Sentence("a", {}, "loud")]) == (Words("a", "body"),)


def test_numbers_stand_right_and_words_left_and_the_first_column_names_the_row() -> None:
    table = DataTable(
        "t", "c", ("year", "gbp", "note"), ((2023, Amount(5.0), "x"), (2024, Shown("suppressed", None), "y"))
    )
    (made,) = pieces([table])
    assert isinstance(made, Grid)
    assert made.right == (False, True, False)
    assert [row[0].text for row in made.rows] == ["2023", "2024"]


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="every row needs 2 cells"):
        pieces([DataTable("t", "c", ("a", "b"), ((1,),))])


def test_a_misfit_figure_keeps_its_table_and_a_note() -> None:
    (made,) = pieces([Drawn(figure("forest", "odd", "label value", [("x", 1.5)]))])
    assert isinstance(made, Picture)
    assert made.note.startswith("This figure is not drawn")
    assert made.grid.rows[0][1].text == "1.5"


def test_only_what_was_released_becomes_a_paper() -> None:
    with pytest.raises(DisclosureBlock, match="passed disclosure control"):
        paper(document())  # type: ignore[arg-type]


def test_a_count_within_a_released_document_is_still_refused() -> None:
    leaking = Document("n", "t", "s", "d", (Sentence("{n}", {"n": Count(4)}),), (), {})
    with pytest.raises(DisclosureBlock):
        paper(Released(leaking, SEAL))


def test_on_pages_the_board_s_tables_stand_at_the_end() -> None:
    made = paper(released())
    board, appendix = paged(made)
    assert board == made.board
    behind = [piece.id for piece in appendix if isinstance(piece, Head)].index("behind")
    assert behind == len([piece for piece in appendix if isinstance(piece, Head)]) - 2
    first = next(piece for piece in made.board if isinstance(piece, Picture))
    assert first.grid in appendix


def test_each_table_is_listed_once() -> None:
    made = paper(released())
    assert len({grid.id for grid in made.grids}) == len(made.grids) == len(FIGURES) + 4


def test_columns_that_only_name_an_axis_become_names() -> None:
    wide = figure("frontier", "t", "x y x_measure y_measure", [(1.0, 2.0, "Cash (£)", "Room"), (2.0, 1.0, "", "")])
    (made,) = pieces([Drawn(wide)])
    assert isinstance(made, Picture)
    assert made.grid.columns == ("Cash (£)", "Room")
    (rates,) = pieces(
        [Drawn(figure("forest", "t", "label low mid high measure", [("a", 0.7, 0.8, 0.9, "rate ratio")]))]
    )
    assert isinstance(rates, Picture)
    assert rates.grid.caption == "The numbers behind: t (rate ratio)"
    assert rates.grid.columns == ("What", "Low", "Middle", "High")


def test_a_masked_cell_is_explained() -> None:
    (made,) = pieces([DataTable("t", "People", ("a", "n"), (("x", Shown("*", None)),))])
    assert isinstance(made, Grid)
    assert made.caption == "People (* is a number too small to show)"


def test_cells_begin_with_a_capital_and_columns_for_the_drawing_alone_are_not_tabled() -> None:
    steps = [("stations now", 5.0, "total"), ("data/ae.csv", -2.0, "step"), ("ab12cd", 3.0, "total")]
    (made,) = pieces([Drawn(figure("waterfall", "t", "label value role", steps))])
    assert isinstance(made, Picture)
    assert [row[0].text for row in made.grid.rows] == ["Stations now", "data/ae.csv", "ab12cd"]
    assert made.grid.columns == ("What", "Amount")


def test_periods_that_are_months_are_told_as_months_and_a_long_table_is_left_to_the_screen() -> None:
    months = [(f"{2010 + at // 12}-{at % 12 + 1:02d}-01", 1.0, 1.0) for at in range(61)]
    drawn = Drawn(figure("series", "By month", "period observed expected", months))
    made = paper(Released(Document("d", "D", "s", "2024", (), (drawn,), {}), SEAL))
    (table,) = made.grids
    assert [row[0].text for row in table.rows[::60]] == ["January 2010", "January 2015"]
    _board, behind = paged(made)
    assert table not in behind
    assert any(isinstance(piece, Words) and "61 rows, too many for paper" in piece.text for piece in behind)
