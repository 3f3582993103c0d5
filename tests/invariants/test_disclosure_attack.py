"""No masked count can be reckoned: small systems judged by trying every whole number, ours against primary masking
alone."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headwater
from attacker import said, seen_of
from headwater.app.answers import check, counted_of, finding
from headwater.app.valuing import _effect_words, contacts
from headwater.disclosure import release
from headwater.domain.coarse import share
from headwater.domain.collaboration import Role
from headwater.domain.evidence import Check, Finding, Naive, Verdict
from headwater.domain.release import Count, DataTable, FigureData, Share, Shown
from headwater.domain.uncertainty import Interval
from headwater.domain.workspace import DisclosureSettings
from headwater.evidence.people.figures import beside_counts
from headwater.report import sentences
from headwater.report.appendix import _finding

HOSPITAL, EXACT = DisclosureSettings(), DisclosureSettings(rule="threshold-10")
LIMITS = {"hospital-episodes": (1, 7, 5), "threshold-10": (0, 9, 1)}
"""Least and greatest masked number and the base of rounding, as the two rules are published."""


def possible(text: str, truth: int, rule: str) -> set[int]:
    """Every number that a cell with this text may hold, for somebody who knows which masks the rule itself made."""
    low, high, base = LIMITS[rule]
    if text == "*":
        return set(range(low, high + 1)) if low <= truth <= high else {0, *range(high + 1, 60)}
    shown = int(text.replace(",", ""))
    return {n for n in range(shown + base + 1) if not low <= n <= high and int(n / base + 0.5) * base == shown}


def worlds(sets: list[list[set[int]]]) -> list[list[set[int]]]:
    """What is left of each cell of [row][part] where the last of a row is the sum of the others, by trying
    everything."""
    left = []
    for *parts, total in sets:
        fitting = [one for one in product(*parts) if sum(one) in total]
        left.append([{one[at] for one in fitting} for at in range(len(parts))] + [{sum(one) for one in fitting}])
    return left


def column_of(values: list[int]) -> DataTable:
    rows = (*((f"area {at}", Count(value)) for at, value in enumerate(values)), ("all", Count(sum(values))))
    return DataTable("t", "people by area", ("area", "people"), rows, totals_row=True)


@given(st.lists(st.integers(0, 24), min_size=2, max_size=4), st.sampled_from([HOSPITAL, EXACT]))
@settings(max_examples=150, deadline=None)
def test_in_a_column_with_its_total_no_masked_count_is_known(values: list[int], policy: DisclosureSettings) -> None:
    shown = [row[1].text for row in release(column_of(values), policy).content.rows]
    truth = [*values, sum(values)]
    low, high, _ = LIMITS[policy.rule]
    left = worlds([[possible(text, true, policy.rule) for text, true in zip(shown, truth, strict=True)]])[0]
    for text, true, numbers in zip(shown, truth, left, strict=True):
        assert true in numbers
        if low <= true <= high:
            assert text == "*"
            assert len(numbers) > 1, (values, shown)


def test_primary_masking_alone_gives_counts_away_in_the_same_columns() -> None:
    rng, known, cells = np.random.default_rng(1), 0, 0
    for _ in range(200):
        values = rng.integers(0, 30, 3).tolist()
        shown = [
            row[1].text
            for row in release(column_of(values), DisclosureSettings(rule="threshold-10", secondary=False)).content.rows
        ]
        truth = [*values, sum(values)]
        left = worlds([[possible(text, true, "threshold-10") for text, true in zip(shown, truth, strict=True)]])[0]
        small = [numbers for true, numbers in zip(truth, left, strict=True) if true < 10]
        known, cells = known + sum(len(numbers) == 1 for numbers in small), cells + len(small)
    assert known > 0.2 * cells


@given(st.integers(0, 30), st.integers(0, 30))
@settings(max_examples=80, deadline=None)
def test_a_column_that_sums_others_hides_with_them(kept: int, aside: int) -> None:
    table = DataTable(
        "t",
        "rows",
        ("file", "in", "kept", "aside"),
        (("a", Count(kept + aside), Count(kept), Count(aside)),),
        adds={"in": ("kept", "aside")},
    )
    for policy in (HOSPITAL, EXACT):
        low, high, _ = LIMITS[policy.rule]
        total, *parts = (cell.text for cell in release(table, policy).content.rows[0][1:])
        truth = (kept, aside, kept + aside)
        left = worlds([[possible(text, true, policy.rule) for text, true in zip((*parts, total), truth, strict=True)]])[
            0
        ]
        assert all(len(numbers) > 1 for true, numbers in zip(truth, left, strict=True) if low <= true <= high)


def test_the_same_quantity_in_two_tables_is_masked_in_both() -> None:
    area = DataTable(
        "areas",
        "by area",
        ("area", "people"),
        (("a", Count(3, name="a")), ("b", Count(20, name="b")), ("all", Count(23))),
        totals_row=True,
    )
    again = {"b": Count(20, name="b"), "others": Count(40)}
    found = release([area, again], EXACT).content
    assert found[1]["b"].text == found[0].rows[1][1].text == "*"
    assert found[1]["others"].text == "40"


def test_one_quantity_with_two_values_is_refused() -> None:
    from headwater.domain.errors import DisclosureBlock

    with pytest.raises(DisclosureBlock, match="two values"):
        release([Count(20, name="b"), Count(21, name="b")], HOSPITAL)


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(1, 255, "*"), (254, 255, "*"), (0, 255, 0.0), (100, 255, 0.39), (3, 5, "*"), (255, 255, 1.0)],
)
def test_a_share_is_made_of_the_counts_as_they_are_shown(part: int, whole: int, told: float | str) -> None:
    found = release(Share(Count(part), Count(whole)), HOSPITAL).content
    assert (found.text if isinstance(found, Shown) else found.value) == told


def outcome(seen: float) -> Finding:
    """A fall to 0.31 of what was expected, of which so many contacts a year were seen."""
    averted = seen * (1 / 0.31 - 1)
    return Finding(
        "fracture_attendance",
        Role.PRIMARY,
        Verdict.AVERTED,
        Interval(0.2, 0.31, 0.5),
        Interval(0.8 * averted, averted, 1.2 * averted),
        Naive(-0.5, 0.7, seen / 0.5, seen / 0.31, seen),
    )


@pytest.mark.parametrize(("seen", "told"), [(1.7, False), (6.0, False), (40.0, True), (0.0, True)])
def test_averted_contacts_are_hidden_where_their_ratio_would_give_few_seen_away(seen: float, told: bool) -> None:
    """averted = seen × (1 / ratio − 1): whoever has two of the three has the third, in answers, tables, sentences and
    evidence alike."""
    found = outcome(seen)
    answer = release(finding(found, people=True), HOSPITAL).content
    for value in (
        answer["averted_per_year"],
        answer["naive"]["change"],
        answer["rate_ratio"],
        answer["detectable_rate_ratio"],
    ):
        assert (not isinstance(value, Shown)) == told
    row = release([*_finding(found, people=True)], HOSPITAL).content
    assert [isinstance(cell, Shown) for cell in row[3:5]] == [not told] * 2
    said = release(sentences.averted(found, people=True), HOSPITAL).content
    assert [isinstance(cell, Shown) for cell in said.figures.values()] == [not told] * len(said.figures) != []
    assert "too few" in _effect_words(found, None) if not told else True  # type: ignore[arg-type]
    places = release(finding(found, people=False), HOSPITAL).content
    assert places["averted_per_year"]["mid"] == found.averted_per_year.mid, "places' contacts are nobody's secret"


@pytest.mark.parametrize(("seen", "told"), [(1.7, False), (6.0, False), (40.0, True), (0.0, True)])
def test_a_ratio_is_hidden_in_figures_and_checks_too(seen: float, told: bool) -> None:
    """ratio × what was expected = what was seen: by quarter, by group, by outcome, and in whatever check says the ratio
    once more."""
    found = outcome(seen)
    drawn = FigureData(
        "forest", "forest", "", "", ("low", "mid", "high"), (beside_counts(found.rate_ratio, found.naive.seen),)
    )
    (row,) = release(drawn, HOSPITAL).content.rows
    assert [cell is not None for cell in row] == [told] * 3
    for name, hides in (("hidden-confounder", True), ("specification-curve", True), ("balance", False)):
        told_of = check(Check(name, True, "The ratio is 0.31.", 0.31), counted_of(found, people=True))
        answer = release(told_of, HOSPITAL).content
        assert [isinstance(answer[part], Shown) for part in ("text", "figure")] == [hides and not told] * 2


@pytest.mark.parametrize(("seen", "told"), [(1.7, False), (6.0, False), (40.0, True), (0.0, True)])
def test_what_is_counted_is_hidden_with_what_was_seen(seen: float, told: bool) -> None:
    """The answer of `count` says of the same contacts how many were averted in all, estimated and counted."""
    line = outcome(seen)
    effect = SimpleNamespace(of=lambda kind: np.array([line.averted_per_year.mid] * 3), told=(line.kind,))
    found = SimpleNamespace(findings=(line,), effect=effect)
    worth = SimpleNamespace(effect=effect, saving=SimpleNamespace(kinds=(line.kind,)))
    for people in (True, False):
        (row,) = release(contacts(found, worth, people=people), HOSPITAL).content  # type: ignore[arg-type]
        shown = [not isinstance(row[part], Shown) for part in ("estimated", "counted")]
        assert shown == ([told] * 2 if people else [True] * 2)


def test_the_attacker_reckons_few_people_from_an_exact_share_and_none_from_a_coarse_one() -> None:
    """Found in a released report: 96 % of 70 enrolled had somebody like them, so three had nobody."""
    took_part = "Comparison (matched): of 70 enrolled, 65 could be matched, to 195 others."
    assert said(f"{took_part} 96% of the enrolled have somebody like them.").solved() == {"but 96% enrolled 0": 3.0}
    assert said(f"{took_part} {share(67, 70)} of the enrolled have somebody like them.").solved() == {}


def test_the_attacker_reckons_few_contacts_from_averted_ones_beside_their_ratio() -> None:
    """Found in a released report: 4 fewer a year at a ratio of 0.31, so two a year were seen."""
    low, high = seen_of("4", "0.31")
    assert (low > 1.5, high < 2.5) == (True, True)


def test_no_sentence_on_people_tells_a_share_of_them_to_the_last_digit() -> None:
    """But by `coarse.share`, whose steps are of fifteen people."""
    rooms = Path(headwater.__file__).parent / "evidence"
    exact = re.compile(r"%\}[^\"]{0,12} of (?:the|those) (?:enrolled|compared|followed|matched)(?!'s)")
    files = [*rooms.glob("checks/people_*.py"), *rooms.glob("people/*.py")]
    assert len(files) > 30
    assert [file.name for file in files if exact.search(file.read_text(encoding="utf-8"))] == []
