"""What may leave, on small examples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.disclosure import hidden_before, let_out, release, rule_named, verify
from headwater.domain.errors import DisclosureBlock, Usage
from headwater.domain.release import Amount, Count, DataTable, Document, FigureData, Released, Sentence, Shown
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
    table = DataTable(
        "t",
        "people by area",
        ("area", "people"),
        (("a", Count(3)), ("b", Count(20)), ("c", Count(40)), ("all", Count(63))),
        totals_row=True,
    )
    exact = release(table, DisclosureSettings(rule="threshold-10")).content
    assert [row[1].text for row in exact.rows] == ["*", "*", "40", "63"]


def test_rounding_already_hides_a_single_masked_cell() -> None:
    table = DataTable(
        "t",
        "people by area",
        ("area", "people"),
        (("a", Count(3)), ("b", Count(20)), ("all", Count(23))),
        totals_row=True,
    )
    assert [row[1].text for row in release(table, POLICY).content.rows] == ["*", "20", "25"]


def test_bare_numbers_of_people_are_refused() -> None:
    with pytest.raises(DisclosureBlock) as refused:
        release(DataTable("t", "c", ("area", "people"), (("a", 3),)), POLICY)
    assert refused.value.exit_code == 5


def test_columns_of_counts_in_a_figure_are_rounded_or_blank() -> None:
    figure = FigureData(
        "f",
        "series",
        "t",
        "a",
        ("period", "observed", "expected"),
        (("2023", 3, 12.2), ("2024", 22, 30.0)),
        counts=("observed",),
    )
    assert release(figure, POLICY).content.rows == (("2023", None, 12.2), ("2024", 20.0, 30.0))


def test_documents_are_released_whole() -> None:
    words = Sentence("{n} people were enrolled", {"n": Count(2)})
    document = Document("d", "t", "s", "2024-12-31", (words,), (), {})
    assert release(document, POLICY).content.board[0].figures["n"] == Shown("*", None)


def test_draws_never_leave() -> None:
    with pytest.raises(DisclosureBlock):
        release({"draws": np.zeros(3)}, POLICY)


def left(name: str, *rows: tuple[str, Count], total: int | None = None) -> Document:
    lines = (*rows, ("all", Count(total))) if total is not None else rows
    return Document(
        name,
        "t",
        "s",
        "2024-12-31",
        (DataTable("t", "c", ("area", "people"), lines, totals_row=total is not None),),
        (),
        {},
    )


def texts(found: Released[Document]) -> list[str]:
    return [row[1].text for row in found.content.board[0].rows]  # type: ignore[union-attr]


def test_what_one_release_masked_no_later_one_shows(tmp_path: Path) -> None:
    register, policy = tmp_path / "register.jsonl", DisclosureSettings(rule="threshold-10")
    first = left("first", ("a", Count(5, name="a")), ("b", Count(47, name="b")), ("c", Count(60, name="c")), total=112)
    assert texts(let_out(register, first, policy, "v1")) == ["*", "*", "60", "112"]
    second = left("second", ("b", Count(47, name="b")), ("d", Count(30)))
    assert texts(let_out(register, second, policy, "v1")) == ["*", "30"]
    assert hidden_before(register, "v1") >= {"v1|a", "v1|b"}


def test_a_difference_between_two_releases_is_masked_or_blocked(tmp_path: Path) -> None:
    register, policy = tmp_path / "register.jsonl", DisclosureSettings(rule="threshold-10")
    whole = Count(52, name="both", parts=(Count(47, name="b"), Count(5, name="a")))
    let_out(register, left("first", ("both", whole)), policy, "v1")
    assert texts(let_out(register, left("second", ("b", Count(47, name="b"))), policy, "v1")) == ["*"]
    crossed = Document("third", "t", "s", "2024-12-31", (Sentence("{n}", {"n": Count(47, name="b")}),), (), {})
    assert let_out(register, crossed, policy, "v1").content.board[0].figures["n"] == Shown("*", None)  # type: ignore[union-attr]


def test_a_release_is_blocked_where_what_left_before_already_tells_the_rest(tmp_path: Path) -> None:
    register, policy = tmp_path / "register.jsonl", DisclosureSettings(rule="threshold-10")
    let_out(register, left("first", ("b", Count(47, name="b")), ("both", Count(52, name="both"))), policy, "v1")
    told = register.read_bytes()
    with pytest.raises(DisclosureBlock, match="reckoned"):
        let_out(
            register,
            left("second", ("both", Count(52, name="both", parts=(Count(47, name="b"), Count(5, name="a"))))),
            policy,
            "v1",
        )
    assert register.read_bytes() == told


def test_a_change_of_a_few_people_between_two_loads_is_masked(tmp_path: Path) -> None:
    register, policy = tmp_path / "register.jsonl", DisclosureSettings(rule="threshold-10")
    assert texts(
        let_out(register, left("r", ("a", Count(63, name="a")), ("b", Count(80, name="b"))), policy, "v1")
    ) == ["63", "80"]
    assert texts(
        let_out(register, left("r", ("a", Count(64, name="a")), ("b", Count(80, name="b"))), policy, "v2")
    ) == ["*", "80"]


def test_the_register_holds_no_true_count_that_is_masked(tmp_path: Path) -> None:
    register = tmp_path / "register.jsonl"
    let_out(register, left("r", ("a", Count(3, name="a")), ("b", Count(22, name="b"))), POLICY, "v1")
    told = json.loads(register.read_text())["told"]
    assert told == {"a": [1, 7], "b": [18, 22]}


def test_a_release_made_twice_stands_once_in_the_register(tmp_path: Path) -> None:
    register = tmp_path / "register.jsonl"
    let_out(register, left("r", ("a", Count(52))), POLICY, "v1")
    once = register.read_bytes()
    let_out(register, left("r", ("a", Count(52))), POLICY, "v1")
    assert register.read_bytes() == once
    let_out(register, left("r", ("a", Count(62))), POLICY, "v2")
    assert len(register.read_text().splitlines()) == 2
