"""What earlier releases told: which counts a second release may show, in small documents one after the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from headwater.disclosure import hidden_before, let_out, release
from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import Count, Curve, DataTable, Derived, Document, Rate, Resting, Share
from headwater.domain.workspace import DisclosureSettings

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.domain.release import Released

HES, EXACT = DisclosureSettings(), DisclosureSettings(rule="threshold-10")


def page(
    name: str, counts: dict[str, int], total: bool = False, adds: bool = False, date: str = "2024-12-31"
) -> Document:
    """A document of one table: a row a count, by name; with their sum as a last row, or as a column of its own."""
    lines = [(one, Count(n, name=one)) for one, n in counts.items()]
    if total:
        lines.append(("all", Count(sum(counts.values()), name="all")))
    table = DataTable("t", "c", ("area", "people"), tuple(lines), totals_row=total)
    if adds:
        cells = (*(Count(n, name=one) for one, n in counts.items()), Count(sum(counts.values()), name="all"))
        table = DataTable("t", "c", (*counts, "all"), (cells,), adds={"all": tuple(counts)})
    return Document(name, "t", "s", date, (table,), (), {})


def seen(released: Released[Document]) -> list[str]:
    return [cell.text for row in released.content.board[0].rows for cell in row if hasattr(cell, "text")]


@pytest.fixture
def register(tmp_path: Path) -> Path:
    return tmp_path / "register.jsonl"


def test_what_was_masked_beside_another_stays_masked_on_every_later_page(register: Path) -> None:
    """20 is masked to hide 3 under a total of 63; told alone next week it would give 3 away."""
    assert seen(let_out(register, page("one", {"a": 3, "b": 20, "c": 40}, total=True), EXACT, "v1")) == ["*", "*", "40", "63"]  # fmt: skip
    assert seen(let_out(register, page("two", {"b": 20}), EXACT, "v1")) == ["*"]
    assert hidden_before(register, "v1") == {"v1|a", "v1|b"}
    assert hidden_before(register, "v2") == frozenset()


def test_a_sum_told_before_holds_for_what_is_told_next(register: Path) -> None:
    """First the total and one part, then the other part of three: the last, small one is what is left of 63."""
    let_out(register, page("one", {"a": 3, "b": 20, "c": 40}, adds=True), EXACT, "v1")
    assert seen(let_out(register, page("two", {"c": 40, "b": 20}), EXACT, "v1")) == ["40", "*"]


def test_a_total_that_left_first_masks_a_part_of_the_next_page(register: Path) -> None:
    let_out(register, page("one", {"all": 63}), EXACT, "v1")
    assert seen(let_out(register, page("two", {"a": 3, "b": 20, "c": 40}, total=True), EXACT, "v1")) == ["*", "*", "40", "63"]  # fmt: skip


def test_where_everything_has_left_already_the_release_is_refused_and_nothing_written(register: Path) -> None:
    let_out(register, page("one", {"b": 20, "c": 40, "all": 63}), EXACT, "v1")
    before = register.read_bytes()
    with pytest.raises(DisclosureBlock, match="1 masked figure") as refused:
        let_out(register, page("two", {"a": 3, "b": 20, "c": 40}, total=True), EXACT, "v1")
    assert refused.value.given == "a"
    assert register.read_bytes() == before


def test_another_version_of_the_data_is_another_system(register: Path) -> None:
    let_out(register, page("one", {"b": 20, "c": 40, "all": 63}), EXACT, "v1")
    assert seen(let_out(register, page("two", {"a": 13, "b": 30, "c": 50}, total=True), EXACT, "v2")) == ["13", "30", "50", "93"]  # fmt: skip


MOVED = [
    # told at the first version, at the second → shown at the second, by a rule that masks 0 to 9
    (40, 43, "*"),
    (43, 40, "*"),
    (40, 49, "*"),
    (40, 50, "50"),
    (50, 40, "40"),
    (40, 40, "40"),
]


@pytest.mark.parametrize(("before", "now", "shown"), MOVED)
def test_a_count_that_moved_by_so_few_that_they_would_be_masked_is_masked(
    register: Path, before: int, now: int, shown: str
) -> None:
    """Whoever holds both pages has the difference: three people came or went."""
    let_out(register, page("one", {"a": before}), EXACT, "v1")
    assert seen(let_out(register, page("two", {"a": now}), EXACT, "v2")) == [shown]


def test_a_rounded_count_tells_no_difference_to_the_unit(register: Path) -> None:
    let_out(register, page("one", {"a": 42}), HES, "v1")
    assert seen(let_out(register, page("two", {"a": 45}), HES, "v2")) == ["45"]


def test_without_the_second_step_only_small_counts_are_masked(register: Path) -> None:
    """`secondary = false` is the workspace's own word: the small count, and nothing beside it."""
    off = DisclosureSettings(rule="threshold-10", secondary=False)
    assert seen(let_out(register, page("one", {"a": 3, "b": 20, "c": 40}, total=True), off, "v1")) == ["*", "20", "40", "63"]  # fmt: skip
    assert json.loads(register.read_text())["masked"] == ["a"]


def test_two_ranges_of_one_quantity_are_what_both_leave_of_it(register: Path) -> None:
    """Rounded to five, 12 is 8 to 12; the same count told to the unit next is 12 and no other."""
    let_out(register, page("one", {"a": 12}), HES, "v1")
    exact = Document("two", "t", "s", "2024-12-31", (Curve((1.0,), (Count(12, name="a"),)),), (), {})  # type: ignore[arg-type]
    let_out(register, exact, HES, "v1")
    told = [json.loads(line)["told"]["a"] for line in register.read_text().splitlines()]
    assert told == [[8, 12], [12, 12]]


def test_the_same_page_twice_is_one_entry_and_another_day_does_not_make_it_two(register: Path) -> None:
    for date in ("2024-12-31", "2025-01-31"):
        let_out(register, page("one", {"a": 52}, date=date), HES, "v1")
    assert len(register.read_text().splitlines()) == 1
    let_out(register, page("one", {"a": 62}), HES, "v1b")
    assert len(register.read_text().splitlines()) == 2


def test_a_small_count_is_masked_even_where_the_caller_says_that_nothing_is_hidden() -> None:
    cells = [
        Count(3),
        Count(30),
        Derived(1.5, of=(Count(30), Count(3))),
        Share(Count(3), Count(30)),
        Rate(Count(3), 2.0),
    ]
    found = release(cells, HES, "v1", frozenset()).content
    assert [cell.text for cell in found] == ["*", "30", "*", "*", "*"]


def test_what_is_left_over_of_a_share_is_a_count_too() -> None:
    """11 of 20 leaves nine: with both told elsewhere, the nine are told, so one of the two is masked."""
    part, whole = Count(11, name="part"), Count(20, name="whole")
    share, one, all_of_them = release([Share(part, whole), part, whole], EXACT).content
    assert share.text == "*"
    assert "*" in (one.text, all_of_them.text)
    share, one, all_of_them = release([Share(Count(10, name="p"), whole), Count(10, name="p"), whole], EXACT).content
    assert (share.value, one.text, all_of_them.text) == (0.5, "10", "20")


RECKONED = [
    # What is reckoned from counts is hidden by any one of them, never only by all.
    (Derived(1.5, of=(Count(40), Count(3)), digits=1), None),
    (Derived(1.5, of=(Count(3), Count(40)), digits=1), None),
    (Derived(1.5, of=(Count(40), Count(30)), digits=1), 1.5),
    (Rate(Count(3), 2.0, digits=1), None),
    (Rate(Count(41), 2.0, digits=1), 20.0),
    (Share(Count(3), Count(40)), None),
    (Share(Count(41), Count(80)), 0.5),
    (Share(Count(78), Count(80)), None),
    (Share(Count(0), Count(0)), None),
]


@pytest.mark.parametrize(("cell", "told"), RECKONED)
def test_what_is_reckoned_from_counts(cell: object, told: float | None) -> None:
    """41 is shown as 40, and 40 / 2 is 20: the number is made of what is shown."""
    found = release(cell, HES).content
    assert getattr(found, "value", found) == told
    assert told is not None or found.text == "*"


@pytest.mark.parametrize(("counts", "told"), [((40, 30), True), ((40, 3), False), ((3, 3), False), ((0, 30), True)])
def test_a_curve_and_a_resting_value_are_told_whole_or_not_at_all(counts: tuple[int, int], told: bool) -> None:
    of = tuple(Count(n) for n in counts)
    for cell, value in ((Curve((0.9, 0.8), of), (0.9, 0.8)), (Resting("as before", of), "as before")):
        found = release(cell, HES).content
        assert (found == value) is told
        assert told or found.text == "*"
