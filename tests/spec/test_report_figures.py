"""Every kind of figure: what it needs, that it is drawn, that its words are words, that a misfit is told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from headwater.domain.release import FigureData, Shown
from headwater.report import NEEDS, draw, misfit, png
from headwater.report.figures import label_of, parts, plottable, sankey, theme, who_pays
from report_rooms import THEIRS
from report_world import FIGURES, HOSTILE, figure

SVG = "{http://www.w3.org/2000/svg}"


def words_of(svg: str) -> str:
    """The words a reader of the picture meets, labels over several lines joined."""
    tree = ElementTree.fromstring(svg)
    return " ".join(" ".join(node.itertext()) for node in tree.iter(f"{SVG}text")).replace("​", "")


def test_every_kind_the_domain_names_is_drawn_and_no_other() -> None:
    named = re.search(r"kind: ([^.]*)\.", FigureData.__doc__ or "")
    assert named is not None
    assert set(re.split(r",\s+", named[1])) == set(NEEDS) == set(FIGURES)


def test_each_kind_has_one_file() -> None:
    folder = Path(theme.__file__).parent
    assert all((folder / f"{kind.replace('-', '_')}.py").is_file() for kind in NEEDS)


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("kind", sorted(FIGURES))
def test_a_figure_is_one_picture_with_a_name_and_a_description(kind: str, size: str) -> None:
    made = FIGURES[kind]
    assert misfit(made) == ""
    tree = ElementTree.fromstring(draw(made, size))
    assert tree.tag == f"{SVG}svg"
    assert tree.get("role") == "img"
    assert [node.text for node in (tree.find(f"{SVG}title"), tree.find(f"{SVG}desc")) if node is not None] == [
        made.title,
        made.alt,
    ]
    assert float(tree.get("width", "0")) == pytest.approx(theme.SIZES[size].width, abs=12)


@pytest.mark.parametrize("kind", sorted(FIGURES))
def test_a_picture_asks_for_nothing_from_outside_and_has_no_styles_or_scripts(kind: str) -> None:
    svg = draw(FIGURES[kind])
    assert "http" not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "").replace(
        "http://www.w3.org/1999/xlink", ""
    )
    assert not re.search(r"<script|<style|<image|<foreignObject| style=| on[a-z]+=", svg)


LABELS = {
    "forest": "label",
    "love": "covariate",
    "donors": "donor",
    "options": "label",
    "waterfall": "label",
    "ledger": "label",
    "timeline": "label",
    "tornado": "label",
    "journey": "source",
    "chain": "label",
    "who-pays": "budget",
    "displacement": "label",
}


@pytest.mark.parametrize("kind", sorted(LABELS))
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_every_label_is_there_as_words(kind: str, size: str) -> None:
    made = FIGURES[kind]
    squeezed = re.sub(r"\W", "", words_of(draw(made, size)))
    for label in made.column(LABELS[kind]):
        assert re.sub(r"\W", "", str(label)) in squeezed


def test_the_palette_is_the_analysis_function_s_in_its_order() -> None:
    """Government Analysis Function, "Data visualisation: colours in charts"; as afcharts 0.2 gives them."""
    assert theme.CATEGORICAL == ("#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1")
    assert theme.colours(2) == ("#12436D", "#F46A25")
    assert theme.colours(3) == theme.CATEGORICAL[:3]
    assert theme.SEQUENTIAL == ("#12436D", "#2073BC", "#6BACE6")


def test_each_line_of_the_four_main_colours_stands_out_from_white_by_three_to_one() -> None:
    """WCAG 2.2, 1.4.11. The fill that does not (grey) is always drawn with a dark outline."""
    assert all(contrast(colour, "#FFFFFF") >= 2.99 for colour in theme.CATEGORICAL[:5])
    assert contrast(theme.MUTED, "#FFFFFF") < 3
    assert theme.INK.lower() in draw(FIGURES["timeline"]).lower()


def contrast(one: str, other: str) -> float:
    lights = sorted((_light(one), _light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def test_words_on_a_band_can_be_read() -> None:
    """WCAG 2.2, 1.4.3: ink on each band's colour, mixed with the white paper under it."""
    for colour in (theme.MID_BLUE, theme.LIGHT_BLUE):
        channels = [int(colour[at : at + 2], 16) * sankey.BAND + 255 * (1 - sankey.BAND) for at in (1, 3, 5)]
        assert contrast(theme.INK, "#" + "".join(f"{round(channel):02X}" for channel in channels)) >= 4.5


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_figure_without_its_columns_is_not_drawn_and_says_why() -> None:
    odd = figure("forest", "odd", "label value", [("x", 1.0)])
    assert draw(odd) == ""
    assert png(odd) == b""
    assert (
        misfit(odd)
        == "This figure is not drawn, because it has no low and no mid and no high. The table has its numbers."
    )


def test_an_unknown_kind_is_not_drawn_and_says_so() -> None:
    assert "no drawing of the kind cloud" in misfit(figure("cloud", "odd", "a", [(1,)]))


def test_a_figure_with_nothing_left_to_show_is_told() -> None:
    hidden = figure("forest", "odd", "label low mid high", [("x", None, None, None)])
    assert "nothing here that may be drawn" in misfit(hidden)


@pytest.mark.parametrize("kind", sorted(set(FIGURES) - {"break-map", "timeline"}))
def test_a_suppressed_row_is_left_out_and_the_rest_is_drawn(kind: str) -> None:
    made = FIGURES[kind]
    amounts = [name for name in NEEDS[kind].required if isinstance(made.rows[0][made.columns.index(name)], int | float)]
    at = made.columns.index(amounts[-1])
    rows = tuple(
        tuple(None if n == 0 and c == at else cell for c, cell in enumerate(row)) for n, row in enumerate(made.rows)
    )
    hidden = replace(made, rows=rows)
    assert len(plottable(hidden)) == len(made.rows) - 1
    assert draw(hidden).startswith("<svg")


def test_a_gap_in_a_series_is_not_a_lost_row() -> None:
    assert len(plottable(FIGURES["series"])) == len(FIGURES["series"].rows)


def test_what_disclosure_control_shows_is_drawn_by_its_value() -> None:
    bare = figure("donors", "t", "donor weight", [("a", 0.6), ("b", 0.4)])
    shown = replace(bare, rows=(("a", Shown("60%", 0.6)), ("b", Shown("40%", 0.4))))  # type: ignore[arg-type]
    assert plottable(bare) == plottable(shown)


@pytest.mark.parametrize("kind", sorted(LABELS))
def test_hostile_words_stay_words(kind: str) -> None:
    made = FIGURES[kind]
    at = made.columns.index(LABELS[kind])
    first = (*made.rows[0][:at], HOSTILE + "\\'\"]", *made.rows[0][at + 1 :])
    svg = draw(replace(made, rows=(first, *made.rows[1:]), title=HOSTILE, alt=HOSTILE))
    tree = ElementTree.fromstring(svg)
    assert not list(tree.iter(f"{SVG}script"))
    assert "alert(1)" in words_of(svg)


def test_two_rows_of_the_same_name_stay_two_rows() -> None:
    twice = figure("forest", "t", "label low mid high", [("same", 0.7, 0.8, 0.9), ("same", 1.0, 1.1, 1.2)])
    assert words_of(draw(twice)).count("Same") == 2


def test_no_two_pictures_on_a_page_share_an_identifier() -> None:
    page = "".join(draw(made, size) for made in FIGURES.values() for size in ("wide", "narrow"))
    found = re.findall(r'\bid="([^"]+)"', page)
    assert len(found) == len(set(found))


def test_a_rate_ratio_that_reaches_nought_is_drawn_on_a_plain_scale() -> None:
    assert draw(figure("forest", "t", "label low mid high", [("x", 0.0, 0.4, 3.0)])).startswith("<svg")


def test_columns_are_named_for_readers() -> None:
    assert [label_of(name) for name in ("impact_gbp", "rate_ratio", "label")] == ["Impact (£)", "Rate ratio", "What"]


def test_lists_are_as_good_as_tuples() -> None:
    made = FIGURES["donors"]
    assert draw(
        FigureData(made.name, made.kind, made.title, made.alt, made.columns, tuple(map(list, made.rows)))
    ) == draw(made)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_columns_by_the_names_other_rooms_give_them_are_understood(name: str) -> None:
    assert misfit(THEIRS[name]) == ""
    assert draw(THEIRS[name]).startswith("<svg")
    assert draw(THEIRS[name], "narrow").startswith("<svg")


def test_what_has_no_flow_and_no_weight_is_not_drawn() -> None:
    assert [row["donor"] for row in plottable(THEIRS["donors-places"])] == ["a", "b"]
    assert "nothing here" in misfit(figure("journey", "t", "source target value", [("a", "b", 0.0)]))


def test_a_payer_that_also_gains_has_one_bar_and_harm_is_drawn() -> None:
    words = words_of(draw(THEIRS["who-pays-savings"]))
    assert words.count("hospital") == 1
    assert all(word in words for word in ("Paid in", "Cash gained", "Lost to added demand"))
    assert "£700 absorbed by other demand" in words
    assert "Absorbed" not in who_pays.LOOKS


def test_only_a_verdict_that_says_something_colours_what_was_seen() -> None:
    made = FIGURES["chain"]
    colours = {}
    for word in ("averted", "harm", "nothing-found", "cannot-tell"):
        rows = tuple((*row[:2], word if row[2] == "averted" else row[2], row[3]) for row in made.rows)
        colours[word] = {
            one for one in (theme.DARK_BLUE, theme.DARK_PINK, theme.DARK_GREY) if one in draw(replace(made, rows=rows))
        }
    assert colours == {
        "averted": {theme.DARK_BLUE},
        "harm": {theme.DARK_PINK},
        "nothing-found": {theme.DARK_GREY},
        "cannot-tell": {theme.DARK_GREY},
    }


def test_a_last_step_that_is_the_sum_is_a_total() -> None:
    assert "Total" in words_of(draw(THEIRS["waterfall-savings"]))
    assert "Total" not in words_of(draw(figure("waterfall", "t", "label value", [("a", 5.0), ("b", 2.0)])))


def test_an_input_whose_ends_turn_round_is_drawn_from_the_lower_to_the_higher() -> None:
    assert "£150k to £250k" in words_of(draw(THEIRS["tornado-savings"]))


def test_the_programme_s_start_is_read_from_the_first_period_after_it() -> None:
    assert "start" in words_of(draw(THEIRS["series-places"])).split()


def test_every_word_has_the_picture_s_face_said_once() -> None:
    svg = draw(FIGURES["forest"])
    assert svg.count("font-family") == 1
    assert not re.search(r'transform="[^"]*\d\.\d{3,}', svg)


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_names_in_a_sankey_never_touch_however_little_flows(size: str) -> None:
    names = (
        "A very long name of an integrated care board",
        "A very long name of a county council",
        "Another long name",
        "Tiny",
    )
    flows = [
        sankey.Flow(name, "The programme with a long name", amount)
        for name, amount in zip(names, (60.0, 2.0, 1.0, 0.1), strict=True)
    ]
    plan, form = sankey.planned(flows), theme.SIZES[size]
    height = sankey._with_room_for_names(plan, form, lambda amount: f"£{amount:.0f}k")
    pixel, line = height / plan.height, sankey._points(plan, form) + 2
    column = plan.columns[0]
    middles = [(node.top + node.amount / 2) * pixel for node in column]
    tall = [
        (sankey._says(plan, node, form, lambda amount: f"£{amount:.0f}k").count(parts.BREAK) + 1) * line
        for node in column
    ]
    for at in range(1, len(column)):
        assert middles[at] - middles[at - 1] >= (tall[at] + tall[at - 1]) / 2
        assert column[at].top >= column[at - 1].top + column[at - 1].amount, "nor do the bars"


def test_one_wide_interval_does_not_squeeze_the_others_to_specks() -> None:
    rows = [
        ("wide", "upstream", 660e3, 1.3e6, 2.2e6),
        ("a", "mirror", -9e3, 3e3, 12e3),
        ("b", "mirror", -11e3, 5e3, 20e3),
        ("c", "mirror", -8e3, 2e3, 14e3),
    ]
    svg = draw(figure("options", "t", "label style low mid high", rows))
    assert "ten times the one before" in words_of(svg)
    assert "£1.00m" in words_of(svg)
    even = words_of(draw(figure("options", "t", "label style low mid high", rows[1:])))
    assert "ten times" not in even


def test_no_risk_s_name_lies_on_an_arrow_or_is_lost_at_the_edge() -> None:
    """Two risks near the right edge with arrows to their left: both names are drawn."""
    rows = [
        ("The council withdraws its share", 0.2, 15000.0, 0.08, 15000.0),
        ("The data-sharing agreement lapses", 0.3, 8000.0, 0.15, 8000.0),
    ]
    columns = "risk likelihood impact_gbp residual_likelihood residual_impact_gbp"
    said = words_of(draw(figure("risk-matrix", "t", columns, rows)))
    assert "The council withdraws" in said and "The data-sharing" in said
    assert "Dashed" not in said, "no line is explained that is not drawn"
    assert "Dashed" in words_of(
        draw(figure("risk-matrix", "t", f"{columns} appetite_gbp", [(*row, 1500.0) for row in rows]))
    )


def test_what_would_have_come_anyway_is_never_in_the_colour_of_the_effect() -> None:
    rows = [
        ("before", 5.0, "total"),
        ("by itself", -2.0, "anyway"),
        ("the work", -1.0, "effect"),
        ("after", 2.0, "total"),
    ]
    svg = draw(figure("waterfall", "t", "label value role", rows))
    assert {theme.MUTED.lower(), theme.DARK_BLUE.lower()} <= {
        found.lower() for found in re.findall(r"#[0-9A-Fa-f]{6}", svg)
    }
    assert "Would have come anyway" in words_of(svg) and "Left for the work" in words_of(svg)
    assert theme.ORANGE.lower() not in svg.lower()
