"""What earlier releases told: which counts a second release may show, in small documents one after the other."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import pytest

from headwater.disclosure import hidden_before, let_out, release
from headwater.disclosure.cells import cells_of
from headwater.disclosure.protect import Before, masked, ranges_of
from headwater.disclosure.release import digest
from headwater.disclosure.rules import Rule
from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import Count, Curve, DataTable, Derived, Document, FigureData, Rate, Resting, Share
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
    assert seen(let_out(register, page("one", {"a": 3, "b": 20, "c": 40}, total=True), EXACT, "v1")) == [
        "*",
        "*",
        "40",
        "63",
    ]
    assert seen(let_out(register, page("two", {"b": 20}), EXACT, "v1")) == ["*"]
    assert hidden_before(register, "v1") == {"v1|a", "v1|b"}
    assert hidden_before(register, "v2") == frozenset()


def test_a_sum_told_before_holds_for_what_is_told_next(register: Path) -> None:
    """First the total and one part, then the other part of three: the last, small one is what is left of 63."""
    let_out(register, page("one", {"a": 3, "b": 20, "c": 40}, adds=True), EXACT, "v1")
    assert seen(let_out(register, page("two", {"c": 40, "b": 20}), EXACT, "v1")) == ["40", "*"]


def test_a_total_that_left_first_masks_a_part_of_the_next_page(register: Path) -> None:
    let_out(register, page("one", {"all": 63}), EXACT, "v1")
    assert seen(let_out(register, page("two", {"a": 3, "b": 20, "c": 40}, total=True), EXACT, "v1")) == [
        "*",
        "*",
        "40",
        "63",
    ]


def test_where_everything_has_left_already_the_release_is_refused_and_nothing_written(register: Path) -> None:
    let_out(register, page("one", {"b": 20, "c": 40, "all": 63}), EXACT, "v1")
    before = register.read_bytes()
    with pytest.raises(DisclosureBlock, match="1 masked figure") as refused:
        let_out(register, page("two", {"a": 3, "b": 20, "c": 40}, total=True), EXACT, "v1")
    assert refused.value.given == "a"
    assert register.read_bytes() == before


def sub_total(name: str, whole: str, parts: dict[str, int]) -> Document:
    """A document of one row, whose last column is the sum of the others."""
    cells = (*(Count(n, name=one) for one, n in parts.items()), Count(sum(parts.values()), name=whole))
    return Document(
        name,
        "t",
        "s",
        "2024-12-31",
        (DataTable("t", "c", (*parts, whole), (cells,), adds={whole: tuple(parts)}),),
        (),
        {},
    )


def test_the_parts_of_what_was_masked_give_it_away_as_it_would_itself(register: Path) -> None:
    """3 + 20 = 23, of which 20 was masked beside 3. Now 20 = 9 + 11 in finer groups: both told, 3 were known; one is
    masked."""
    assert seen(let_out(register, page("one", {"a": 3, "b": 20}, total=True), EXACT, "v1")) == ["*", "*", "23"]
    assert seen(let_out(register, sub_total("two", "b", {"d": 10, "e": 10}), EXACT, "v1")) in (
        ["*", "10", "*"],
        ["10", "*", "*"],
    )


def test_what_has_left_already_is_not_masked_in_the_place_of_what_has_not(register: Path) -> None:
    """20 is smaller than 40 and would be masked first; it has been seen, so masking it hides nothing."""
    let_out(register, page("one", {"b": 20}), EXACT, "v1")
    assert seen(let_out(register, page("two", {"a": 3, "b": 20, "c": 40}, total=True), EXACT, "v1")) == [
        "*",
        "20",
        "*",
        "63",
    ]


def exactly(name: str, **counts: int) -> Document:
    """A document whose curve tells these counts to the unit, whatever the rule rounds to."""
    curve = Curve((1.0,), tuple(Count(n, name=one) for one, n in counts.items()))
    return Document(name, "t", "s", "2024-12-31", (curve,), (), {})  # type: ignore[arg-type]


@pytest.mark.parametrize("first", ["exact", "rounded"])
def test_what_was_told_to_the_unit_is_known_to_the_unit_whatever_was_told_before_or_after(
    register: Path, first: str
) -> None:
    """12 of 15 to the unit: the three that are left are known, so no table may add them up, however it rounds."""
    pages = [exactly("exact", a=12, all=15), page("rounded", {"a": 12, "all": 15})]
    for one in pages if first == "exact" else reversed(pages):
        let_out(register, one, HES, "v1")
    with pytest.raises(DisclosureBlock, match="1 masked figure"):
        let_out(register, page("three", {"a": 12, "b": 3}, total=True), HES, "v1")


def test_seven_ones_under_a_seven_are_all_masked_and_block_nothing_later(register: Path) -> None:
    """Masked are 1 to 7, so seven masked counts under a masked total can be but ones. There is nothing left to mask,
    and neither the same page nor another one adds to it."""
    ones = page("ones", dict.fromkeys("abcdefg", 1), total=True)
    for _ in range(2):
        assert seen(let_out(register, ones, HES, "v1")) == ["*"] * 8
    assert seen(let_out(register, page("other", {"z": 50}), HES, "v1")) == ["50"]
    let_out(register, exactly("more", y=12, x=15), HES, "v1")
    with pytest.raises(DisclosureBlock, match="1 masked figure") as refused:
        let_out(register, sub_total("most", "x", {"y": 12, "w": 3}), HES, "v1")
    assert refused.value.given == "w"


def test_a_number_reckoned_from_a_count_tells_it_to_whoever_comes_later(register: Path) -> None:
    """A ratio of 43 people leaves, then a page with 40 of them at the next load: three people came between."""
    ratio = Derived(1.5, of=(Count(43, name="a"),), digits=1)
    let_out(register, Document("one", "t", "s", "2024-12-31", (ratio,), (), {}), EXACT, "v1")  # type: ignore[arg-type]
    assert seen(let_out(register, page("two", {"a": 40}), EXACT, "v2")) == ["*"]


def test_the_register_says_what_is_visible_of_each_quantity_and_no_more(register: Path) -> None:
    """Told, masked beside another (10 and more, without end), left over of a share (never told), a whole of parts never
    told."""
    share = Share(Count(20, name="some"), Count(50, name="many"))
    parts = Count(100, name="whole", parts=(Count(40, name="one"), Count(60, name="two")))
    table = DataTable(
        "t",
        "c",
        ("area", "people"),
        (("a", Count(3, name="a")), ("b", Count(20, name="b")), ("all", Count(23, name="all"))),
        totals_row=True,
    )
    let_out(register, Document("r", "t", "s", "2024-12-31", (share, parts, table), (), {}), EXACT, "v1")  # type: ignore[arg-type]
    entry = json.loads(register.read_text())
    rest = next(name for name in entry["told"] if " but " in name)
    assert entry["told"] == {
        "some": [20, 20],
        "many": [50, 50],
        rest: [0, None],
        "whole": [100, 100],
        "one": [0, None],
        "two": [0, None],
        "a": [0, 9],
        "b": [10, None],
        "all": [23, 23],
    }
    assert set(entry["masked"]) == {rest, "one", "two", "a", "b"}
    assert entry["small"] == ["a"]
    assert "Infinity" not in register.read_text(), "a file that any reader of JSON reads"


def test_another_version_of_the_data_is_another_system(register: Path) -> None:
    let_out(register, page("one", {"b": 20, "c": 40, "all": 63}), EXACT, "v1")
    assert seen(let_out(register, page("two", {"a": 13, "b": 30, "c": 50}, total=True), EXACT, "v2")) == [
        "13",
        "30",
        "50",
        "93",
    ]


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
    assert seen(let_out(register, page("one", {"a": 3, "b": 20, "c": 40}, total=True), off, "v1")) == [
        "*",
        "20",
        "40",
        "63",
    ]
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


def test_a_count_below_nought_is_the_same_quantity_as_its_size() -> None:
    up, down = release([Count(20, name="moved"), Count(-20, name="moved")], EXACT, "v1").content
    assert (up.text, down.text) == ("20", "-20")


@pytest.mark.parametrize(("mean", "shown"), [(7.6, "10"), (7.4, "*"), (12.5, "15"), (0.4, "0"), (0.6, "*")])
def test_a_mean_number_of_people_is_masked_as_the_nearest_whole_one(mean: float, shown: str) -> None:
    assert release(Count(mean), HES).content.text == shown


def test_the_second_step_reaches_what_is_reckoned_from_a_count_without_a_name() -> None:
    """18 is the sum of two masked nines, which are at most nine each: 18 is masked with them, and a number made of it
    too."""
    nines = Count(18, parts=(Count(9), Count(9)))
    for made in (Derived(1.5, of=(Count(40), nines)), Curve((1.0,), (Count(40), nines)), Rate(nines, 2.0)):
        assert release({"a": made}, EXACT, "v1").content["a"].text == "*"
    assert release(nines, EXACT).content.text == "*"
    assert release(Count(18, parts=(Count(8), Count(10))), EXACT).content.text == "18"


def test_a_table_masks_the_same_under_any_version_of_the_data() -> None:
    for scope in ("", "v1"):
        shown = release(page("one", {"a": 3, "b": 20, "c": 40}, total=True), EXACT, scope)
        assert seen(shown) == ["*", "*", "40", "63"]


def test_a_curve_that_is_masked_itself_tells_nothing_to_the_unit() -> None:
    table = page("one", {"a": 3, "b": 20, "c": 40}, total=True).board[0]
    rows, curve = release([table, Curve((1.0,), (Count(3, name="a"), Count(20, name="b")))], EXACT).content
    assert [row[1].text for row in rows.rows] == ["*", "*", "40", "63"]
    assert curve.text == "*"


def test_a_count_with_parts_of_its_own_is_masked_after_one_without() -> None:
    """20 is smaller than 40, but it is told again as 10 + 10: masking it would ask for a third mask."""
    first, second = (
        page("one", {"a": 3, "b": 20, "c": 40}, total=True).board[0],
        sub_total("two", "b", {"d": 10, "e": 10}).board[0],
    )
    one, two = release([first, second], EXACT).content
    assert [row[1].text for row in one.rows] == ["*", "20", "*", "63"]
    assert [cell.text for cell in two.rows[0]] == ["10", "10", "20"]


ALONE = Rule("own", 1, 9, 1)
"""Nought is seen, and nothing rounded."""


def test_a_nought_is_masked_last() -> None:
    cells = cells_of(page("one", {"a": 3, "b": 0, "c": 40}, total=True))
    assert masked(cells, ALONE) == {"|a", "|c"}
    left = masked(cells, ALONE, Before(ranges={"|c": (40, 40), "|all": (43, 43)}))
    assert left == {"|a", "|b"}, "where nothing else is left, even a nought hides"


def test_what_is_known_of_a_mask_alone() -> None:
    """By the rule: 1 to 9. Beside another: 10 or more, unless it is a nought or never told, of which nothing is
    known."""
    cells = cells_of(
        [Count(3, name="a"), Count(0, name="b"), Count(40, name="c", parts=(Count(25, name="d"), Count(15, name="e")))]
    )
    found = ranges_of(cells, ALONE, {"|a", "|b", "|c", "|d", "|e"})
    assert found == {"|a": (1, 9), "|b": (0, inf), "|c": (10, inf), "|d": (0, inf), "|e": (0, inf)}
    assert ranges_of(cells, ALONE, set())["|c"] == (40, 40)


@pytest.mark.parametrize(
    "name", ["people", "Persons", "contacts", "enrolled", "controls", "count", "COUNTS", "patients"]
)
def test_a_column_that_counts_somebody_holds_counts(name: str) -> None:
    with pytest.raises(DisclosureBlock, match="bare numbers"):
        release(DataTable("t", "c", ("area", name), (("a", 3),)), HES)


def test_what_a_figure_reckons_from_counts_is_a_number_or_nothing() -> None:
    cells = tuple((Derived(1.234, of=(Count(n),), digits=2),) for n in (40, 3))
    assert release(FigureData("f", "series", "t", "a", ("ratio",), cells), HES).content.rows == ((1.23,), (None,))


@dataclass(frozen=True)
class One:
    part: int


@dataclass(frozen=True)
class Other:
    part: int


def test_two_sorts_of_thing_with_the_same_parts_have_two_digests() -> None:
    assert digest(One(1)) != digest(Other(1))
    assert digest(One(1)) == digest(One(1))
    with pytest.raises(DisclosureBlock, match="cannot be released"):
        release({"a": One}, HES)


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
