"""What holds for any numbers and any words."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Verdict
from headwater.domain.release import Amount, DataTable, Estimate, Sentence
from headwater.domain.uncertainty import Interval
from headwater.report import NEEDS, draw, fragment
from headwater.report.content import Names, filled, grid
from headwater.report.figures import TEXTS
from headwater.report.figures.sankey import Flow, planned
from headwater.report.manifest import _html_words
from headwater.report.sentences import answer, averted, naive, strength, way
from headwater.report.words import Form, bounds, say
from report_board import finding
from report_world import FIGURES

FEW = settings(max_examples=25, deadline=None)
MANY = settings(max_examples=200, deadline=None)
NUMBERS = st.one_of(st.just(0.0), st.floats(-1e7, 1e7, allow_nan=False), st.floats(0.001, 5.0), st.none())


@pytest.mark.parametrize("kind", sorted(FIGURES))
@settings(max_examples=6, deadline=None)
@given(values=st.lists(NUMBERS, min_size=1, max_size=12))
def test_no_numbers_whatever_stop_a_figure(kind: str, values: list[float | None]) -> None:
    made = FIGURES[kind]
    amounts = [at for at, name in enumerate(made.columns) if name in NEEDS[kind].required and name not in TEXTS]
    rows = tuple(
        tuple(values[(n + c) % len(values)] if c in amounts else cell for c, cell in enumerate(row))
        for n, row in enumerate(made.rows[:12])
    )
    svg = draw(replace(made, rows=rows))
    assert svg == "" or ElementTree.fromstring(svg).get("role") == "img"


@MANY
@given(st.floats(-1e12, 1e12), st.integers(0, 4), st.booleans())
def test_a_number_read_back_is_the_number_within_its_last_digit(value: float, digits: int, percent: bool) -> None:
    text = Form(digits, percent=percent).text(value)
    read = float(text.replace(",", "").replace("−", "-").rstrip("%")) / (100 if percent else 1)
    assert abs(read - value) <= 0.5 * 10.0**-digits * (1.0001 if not percent else 0.01) + abs(value) * 1e-12


INTERVALS = st.lists(st.floats(0.05, 4.0), min_size=3, max_size=3).map(sorted)


@MANY
@given(INTERVALS, st.floats(0.01, 0.3))
def test_no_answer_claims_more_than_its_interval(bounds_: list[float], worthwhile: float) -> None:
    made = finding("ae_attendance", Role.PRIMARY, *bounds_)
    text = filled(answer(made, "The team"))
    if made.rate_ratio is not None and made.rate_ratio.holds(1):
        assert not re.search(r"\b(made .* fall|rose|made things worse)\b", text)
    if made.verdict is Verdict.CANNOT_TELL:
        assert text.startswith("We cannot tell")
    if made.verdict is Verdict.AVERTED:
        assert "is likely to be between" in text


@MANY
@given(INTERVALS)
def test_the_contacts_spared_are_called_fewer_only_where_no_change_is_ruled_out(bounds_: list[float]) -> None:
    made = finding("ae_attendance", Role.PRIMARY, *bounds_)
    said = averted(made)
    assert said is not None
    assert made.averted_per_year is not None
    words, told = filled(said), made.averted_per_year
    assert words.startswith("That is ") == (told.low > 0 or told.high < 0)
    assert (words.startswith("That is ") and " fewer A&E" in words) == (told.low > 0)
    assert (words.startswith("That is ") and " more A&E" in words) == (told.high < 0)


@MANY
@given(st.floats(0.01, 5))
def test_a_ratio_is_said_the_way_it_goes(ratio: float) -> None:
    words = way(ratio)
    assert words == "no change" or ("fall" in words) == (ratio < 1)


@MANY
@given(st.floats(-1, 2), st.floats(-0.5, 2))
def test_a_naive_rise_is_never_called_a_fall(change: float, part: float) -> None:
    from headwater.domain.evidence import Naive

    text = filled(naive(Naive(change, part), "ae_attendance"))
    assert ("fell by" in text) == (change < 0)
    assert ("None of that fall is a saving" in text) == (change < 0 and part >= 1)


@MANY
@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3).map(sorted))
def test_an_interval_keeps_its_order_when_it_is_rounded(ends: list[float]) -> None:
    low, mid, high = (said.value for said in bounds(Estimate(Interval(*ends), "gbp", 0)))
    assert low is not None and mid is not None and high is not None
    assert low <= mid <= high
    assert abs(mid - ends[1]) <= max(abs(end) for end in ends) * 0.0051 + 0.5


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


@FEW
@given(st.lists(WORDS, min_size=1, max_size=4))
def test_any_words_come_back_from_the_page_as_they_went_in(words: list[str]) -> None:
    page = fragment(
        [Sentence("{a}", {"a": " ".join(words)}), DataTable("t", "c", ("x",), tuple((word,) for word in words))]
    )
    read = " ".join(_html_words(page))
    for word in words:
        assert " ".join(word.split()) in read


@FEW
@given(st.lists(WORDS, min_size=1, max_size=30))
def test_identifiers_are_valid_and_no_two_alike(wanted: list[str]) -> None:
    names = Names()
    found = [names.of(word) for word in wanted]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", name) for name in found)


FLOWS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.floats(0.1, 1e6)), min_size=1, max_size=14
)


@MANY
@given(FLOWS)
def test_a_sankey_loses_nothing_and_runs_one_way(flows: list[tuple[str, str, float]]) -> None:
    plan = planned([Flow(*flow) for flow in flows])
    assert sum(flow.value for flow in plan.flows) == pytest.approx(sum(flow[2] for flow in flows))
    for flow in plan.flows:
        assert plan.nodes[flow.source].column < plan.nodes[flow.target].column
    for column in plan.columns:
        spans = sorted((node.top, node.top + node.amount) for node in column)
        assert all(after[0] >= before[1] - 1e-6 * plan.height for before, after in pairwise(spans))


@MANY
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_array_numbers_are_as_good_as_plain_ones(values: list[float]) -> None:
    assert [say(np.float64(value)).text for value in values] == [say(value).text for value in values]
    assert say(np.int64(7)).text == "7"  # type: ignore[arg-type]


@FEW
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6))
def test_a_grid_s_texts_are_what_its_forms_make_of_its_values(values: list[float]) -> None:
    made = grid(DataTable("t", "c", ("name", "gbp"), tuple(("x", Amount(value)) for value in values)), Names())
    for row in made.rows:
        assert row[1].form is not None and row[1].value is not None
        assert row[1].text == row[1].form.text(row[1].value)


def test_every_confidence_has_its_words() -> None:
    from headwater.domain.evidence import Grade

    said = {filled(strength(Grade(3, confidence, ""))) for confidence in ("high", "moderate", "low", "very low")}
    assert len(said) == 4
