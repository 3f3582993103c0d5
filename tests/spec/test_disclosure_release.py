"""What may leave, on small examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.disclosure import audit, release, rule_named, verify
from headwater.domain.errors import DisclosureBlock, Usage
from headwater.domain.figures import FigureData
from headwater.domain.release import Amount, Count, DataTable, Document, Sentence, Shown
from headwater.domain.workspace import DisclosureSettings

if TYPE_CHECKING:
    from pathlib import Path

POLICY = DisclosureSettings()


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0"), (1, "*"), (7, "*"), (8, "10"), (12, "10"), (13, "15"), (1002, "1,000")]
)
def test_the_hospital_episode_rule(count: int, shown: str) -> None:
    # NHS England, Hospital Episode Statistics analysis guide: 0, 1, 7, 8, 12, 13 are shown as 0, *, *, 10, 10, 15.
    assert rule_named("hospital-episodes").shown(count).text == shown


def test_a_threshold_of_ten_masks_nought_too() -> None:
    rule = rule_named("threshold-10")
    assert [rule.shown(n).text for n in (0, 9, 10, 13)] == ["*", "*", "10", "13"]


def test_an_unknown_rule_names_the_known_ones() -> None:
    with pytest.raises(Usage, match="hospital-episodes"):
        release({}, DisclosureSettings(rule="hospital-episode"))


def test_counts_anywhere_in_an_answer_become_shown() -> None:
    found = release({"a": [Count(3), {"b": Count(13)}], "c": "text", "d": 1.5}, POLICY)
    assert found.content == {"a": [Shown("*", None), {"b": Shown("15", 15.0)}], "c": "text", "d": 1.5}
    assert verify(found)


def test_a_changed_release_does_not_verify() -> None:
    found = release({"a": Count(13)}, POLICY)
    found.content["a"] = Count(13)
    assert not verify(found)


def test_dominated_sums_of_money_are_masked() -> None:
    whole = Amount(100.0, parts=(95.0, 3.0, 2.0))
    fair = Amount(100.0, parts=(40.0, 35.0, 25.0))
    assert release([whole, fair], POLICY).content == [Shown("*", None), fair]


def test_a_single_masked_cell_under_a_total_takes_another_with_it() -> None:
    table = DataTable("t", "people by area", ("area", "people"), (("a", Count(3)), ("b", Count(20)), ("c", Count(40)), ("all", Count(63))), totals_row=True)  # fmt: skip
    exact = release(table, DisclosureSettings(rule="threshold-10")).content
    assert [row[1].text for row in exact.rows] == ["*", "*", "40", "63"]


def test_rounding_already_hides_a_single_masked_cell() -> None:
    table = DataTable("t", "people by area", ("area", "people"), (("a", Count(3)), ("b", Count(20)), ("all", Count(23))), totals_row=True)  # fmt: skip
    assert [row[1].text for row in release(table, POLICY).content.rows] == ["*", "20", "25"]


def test_bare_numbers_of_people_are_refused() -> None:
    with pytest.raises(DisclosureBlock) as refused:
        release(DataTable("t", "c", ("area", "people"), (("a", 3),)), POLICY)
    assert refused.value.exit_code == 5


def test_columns_of_counts_in_a_figure_are_rounded_or_blank() -> None:
    figure = FigureData("f", "series", "t", "a", ("period", "observed", "expected"), (("2023", 3, 12.2), ("2024", 22, 30.0)), counts=("observed",))  # fmt: skip
    assert release(figure, POLICY).content.rows == (("2023", None, 12.2), ("2024", 20.0, 30.0))


def test_documents_are_released_whole() -> None:
    words = Sentence("{n} people were enrolled", {"n": Count(2)})
    document = Document("d", "t", "s", "2024-12-31", (words,), (), {})
    assert release(document, POLICY).content.board[0].figures["n"] == Shown("*", None)


def test_draws_never_leave() -> None:
    with pytest.raises(DisclosureBlock):
        release({"draws": np.zeros(3)}, POLICY)


def test_a_difference_between_two_releases_is_blocked(tmp_path) -> None:  # type: ignore[no-untyped-def]
    register = tmp_path / "register.jsonl"
    audit(register, "first", {("a", "b"): 52.0, ("b",): 47.0, ("c",): 20.0}, "threshold-10")
    with pytest.raises(DisclosureBlock, match="reckoned"):
        audit(register, "second", {("a",): 5.0, ("a", "c"): 25.0}, "threshold-10")
    assert len(register.read_text().splitlines()) == 1


def test_a_release_made_twice_stands_once_in_the_register(tmp_path: Path) -> None:
    register = tmp_path / "register.jsonl"
    first = {("a", "b"): 52.0, ("b",): 5.0}
    audit(register, "first", first, "threshold-10")
    once = register.read_bytes()
    audit(register, "first", first, "threshold-10")
    assert register.read_bytes() == once
    audit(register, "first", {("a", "b"): 62.0}, "threshold-10")
    assert len(register.read_text().splitlines()) == 2
