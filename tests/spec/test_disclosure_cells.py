"""What becomes of each sort of number that leaves, in small tables: rates, shares, what is reckoned from counts, sums
that hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest

from headwater.disclosure import let_out, release, rule_named, verify
from headwater.disclosure.cells import cells_of
from headwater.disclosure.protect import Before, masked, ranges_of
from headwater.disclosure.release import digest
from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import Amount, Count, DataTable, Derived, Document, FigureData, Rate, Share, Shown
from headwater.domain.workspace import DisclosureSettings

if TYPE_CHECKING:
    from pathlib import Path

HES, EXACT = DisclosureSettings(), DisclosureSettings(rule="threshold-10")


def told(cell: Any, policy: DisclosureSettings = HES) -> Any:
    found = release(cell, policy).content
    return found.text if isinstance(found, Shown) else found.value


TOLD = [
    # A rate is made of the count as it is shown: 12 contacts are told as 10.
    (Rate(Count(12), 4.0, digits=2), 2.5),
    (Rate(Count(13), 4.0, digits=2), 3.75),
    (Rate(Count(7), 4.0, digits=2), "*"),
    (Rate(Count(0), 4.0, digits=2), 0.0),
    # What is reckoned from counts is told as it is, or not at all where any of them is masked.
    (Derived(1.234, of=(Count(20), Count(40)), digits=2), 1.23),
    (Derived(1.234, of=(Count(20), Count(3)), digits=2), "*"),
    (Derived(1.234, of=(Count(0), Count(40)), digits=2), 1.23),
    # A share is made of counts as they are shown, is masked with either, and where so few are left over.
    (Share(Count(12), Count(24)), 0.4),
    (Share(Count(24), Count(24)), 1.0),
    (Share(Count(0), Count(0)), "*"),
    (Share(Count(20), Count(27)), "*"),
    (Share(Count(20), Count(28)), 0.67),
]


@pytest.mark.parametrize(("cell", "wanted"), TOLD)
def test_numbers_made_of_counts(cell: Any, wanted: float | str) -> None:
    assert told(cell) == (wanted if isinstance(wanted, str) else pytest.approx(wanted, abs=0.005))


def test_a_number_of_counts_bears_its_unit() -> None:
    rate = release(Rate(Count(40), 4.0, unit="a day", digits=1), HES).content
    share = release(Share(Count(40), Count(80)), HES).content
    assert (rate.unit, rate.digits) == ("a day", 1)
    assert share.unit == "share"


SUMS = [
    # The rule of hospital episodes asks both: two largest of nine tenths, and a rest below a tenth of the largest.
    ((60.0, 25.0, 15.0), False),
    ((95.0, 1.0, 4.0), True),
    ((1.0,), True),
    ((0.0, 0.0), False),
    ((), False),
    ((30.0, 30.0, 40.0), False),
]


@pytest.mark.parametrize(("parts", "hidden"), SUMS)
def test_sums_of_money(parts: tuple[float, ...], hidden: bool) -> None:
    assert told(Amount(sum(parts), parts=parts)) == ("*" if hidden else sum(parts))


def test_a_named_quantity_that_was_masked_before_stays_masked_wherever_it_stands() -> None:
    hidden = frozenset({"v1|few"})
    kept = release({"a": Count(40, name="few"), "b": Count(40, name="many")}, HES, "v1", hidden).content
    assert (kept["a"].text, kept["b"].text) == ("*", "40")
    other = release(Count(40, name="few"), HES, "v2", hidden).content
    assert other.text == "40", "another version of the data is another quantity"
    place = release({"a": Count(40)}, HES, "v1", frozenset({"v1|.a"})).content
    assert place["a"].text in {"*", "40"}


def test_a_table_whose_counts_are_all_bare_words_is_let_through_and_a_bare_count_is_not() -> None:
    plain = DataTable("t", "c", ("area", "rate"), (("a", 3.5), ("b", 4)))
    assert release(plain, HES).content.rows == plain.rows
    for name in ("people", "Contacts", "ENROLLED", "count"):
        with pytest.raises(DisclosureBlock, match="bare numbers"):
            release(DataTable("t", "c", ("area", name), (("a", 3),)), HES)
    flags = DataTable("t", "c", ("area", "people"), (("a", True), ("b", "none")))
    assert release(flags, HES).content.rows == flags.rows


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Nest:
    colour: Colour
    parts: tuple[Any, ...]


def test_a_nest_is_walked_to_its_ends_and_its_seal_covers_every_part() -> None:
    nest = Nest(Colour.RED, ({"n": Count(13)}, [Count(3)], None, 1.5, "x", True))
    found = release(nest, HES)
    assert found.content.parts == ({"n": Shown("15", 15.0)}, [Shown("*", None)], None, 1.5, "x", True)
    assert found.content.colour is Colour.RED
    assert verify(found)
    assert (found.seal.policy, found.seal.role, found.seal.purpose) == ("hospital-episodes", HES.role, HES.purpose)


def test_a_class_is_no_content() -> None:
    with pytest.raises(DisclosureBlock, match="cannot be released"):
        release({"a": Nest}, HES)


DIGESTS = [
    (Nest(Colour.RED, (1,)), Nest(Colour.RED, (2,))),
    ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
    ({"a": 1}, {"a": "1"}),
    ({"a": 1.5}, {"a": "1.5"}),
    ({"a": True}, {"a": "True"}),
    ({"a": None}, {"a": "None"}),
    ((Colour.RED,), (None,)),
    ((Shown("1", 1.0),), (Amount(1.0),)),
]


@pytest.mark.parametrize(("one", "other"), DIGESTS)
def test_two_contents_have_two_digests(one: Any, other: Any) -> None:
    assert digest(one) != digest(other)


def test_the_order_of_names_is_no_part_of_a_digest_and_an_enum_is_its_word() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest(Colour.RED) == digest("red")


def rows(*counts: int, names: tuple[str, ...] = "abcdef", total: bool = True) -> DataTable:
    lines = [(name, Count(n, name=name)) for name, n in zip(names, counts, strict=False)]
    lines += [("all", Count(sum(counts), name="all"))] if total else []
    return DataTable("t", "c", ("area", "people"), tuple(lines), totals_row=total)


BESIDE = [
    # The smallest visible count goes with the masked one; a nought goes last, the total after the parts.
    ((3, 20, 40), ["*", "*", "40", "63"]),
    ((3, 40, 20), ["*", "40", "*", "63"]),
    ((3, 12), ["*", "*", "15"]),
    ((20, 40), ["20", "40", "60"]),
    # Two masked hide each other, unless each can be only one number.
    ((3, 4, 40), ["*", "*", "40", "47"]),
]


@pytest.mark.parametrize(("counts", "wanted"), BESIDE)
def test_what_is_masked_beside_a_small_count(counts: tuple[int, ...], wanted: list[str]) -> None:
    assert [row[1].text for row in release(rows(*counts), EXACT).content.rows] == wanted


def test_two_nines_under_a_total_of_eighteen_take_another_with_them() -> None:
    """9 + 9 of at most 9 each: the sum has one solution, so masking both hides neither."""
    shown = [row[1].text for row in release(rows(9, 9, 40), EXACT).content.rows]
    assert shown == ["*", "*", "*", "58"]


def test_secondary_masking_is_the_default_and_can_be_turned_off() -> None:
    off = DisclosureSettings(rule="threshold-10", secondary=False)
    assert [row[1].text for row in release(rows(3, 20, 40), off).content.rows] == ["*", "20", "40", "63"]
    assert "c" not in masked(cells_of(rows(3, 20, 40), ""), rule_named("threshold-10"), secondary=False)


def test_a_gap_in_a_sum_is_a_part_that_is_never_told() -> None:
    """A row without a number leaves what is missing between the total and the rest: small, it must not be reckoned."""
    table = DataTable(
        "t",
        "c",
        ("area", "people"),
        (("a", Count(20, name="a")), ("b", "not known"), ("all", Count(24, name="all"))),
        totals_row=True,
    )
    shown = [getattr(row[1], "text", row[1]) for row in release(table, EXACT).content.rows]
    assert shown == ["*", "not known", "24"]
    wide = DataTable(
        "t",
        "c",
        ("area", "people"),
        (("a", Count(20, name="a")), ("b", "not known"), ("all", Count(64, name="all"))),
        totals_row=True,
    )
    assert [getattr(row[1], "text", row[1]) for row in release(wide, EXACT).content.rows] == ["20", "not known", "64"]


RANGES = [
    # As told by the rule of hospital episodes: masked, nought, and the middle and ends of what is rounded.
    (3, (1, 7)),
    (0, (0, 0)),
    (8, (8, 12)),
    (12, (8, 12)),
    (13, (13, 17)),
    (100, (98, 102)),
]


@pytest.mark.parametrize(("count", "wanted"), RANGES)
def test_what_is_known_of_a_count_alone(count: int, wanted: tuple[int, int]) -> None:
    cells = cells_of({"a": Count(count, name="a")}, "")
    assert ranges_of(cells, rule_named("hospital-episodes"), ())["|a"] == wanted


def test_what_was_told_before_narrows_what_is_known() -> None:
    cells, rule = cells_of({"a": Count(100, name="a")}, ""), rule_named("hospital-episodes")
    before = Before(ranges={"|a": (100, 104), "|z": (1, 7)})
    found = ranges_of(cells, rule, (), before)
    assert found == {"|a": (100, 102), "|z": (1, 7)}
    assert ranges_of(cells, rule, {"|a"})["|a"] == (
        8,
        float("inf"),
    ), "masked beside another: anything the rule lets be seen"


def test_what_left_before_is_told_by_the_register_alone_and_to_the_letter(tmp_path: Path) -> None:
    register = tmp_path / "register.jsonl"
    document = Document("r", "t", "s", "2024-12-31", (rows(3, 22, total=False),), (), {})
    let_out(register, document, HES, "v1")
    (entry,) = [json.loads(line) for line in register.read_text().splitlines()]
    assert entry == {
        "release": "r",
        "at": "2024-12-31",
        "rule": "hospital-episodes",
        "data": "v1",
        "small": ["a"],
        "masked": ["a"],
        "told": {"a": [1, 7], "b": [18, 22]},
        "sums": [],
    }


@pytest.mark.parametrize(
    "harm", [b"[]\n", b"{}\n", b"7\n", b"\xff\xfe\n", b'{"release": "r", "data": "v1"}\n', b'{"release"']
)
def test_a_damaged_register_lets_nothing_out_and_says_so(tmp_path: Path, harm: bytes) -> None:
    register = tmp_path / "register.jsonl"
    document = Document("r", "t", "s", "2024-12-31", (rows(30, 22, total=False),), (), {})
    let_out(register, document, HES, "v1")
    register.write_bytes(register.read_bytes() + harm)
    with pytest.raises(DisclosureBlock, match="register of what left is damaged") as refused:
        let_out(register, document, HES, "v1")
    assert "line 2" in refused.value.given and "backup" in refused.value.next_step


def test_the_numbers_of_a_figure_that_count_somebody_hide_together() -> None:
    figure = FigureData(
        "f", "series", "t", "a", ("period", "seen"), (("1", 3), ("2", None), ("3", 22.0)), counts=("seen",)
    )
    assert release(figure, HES).content.rows == (("1", None), ("2", None), ("3", 20.0))


def test_a_yes_or_no_in_a_column_of_counts_is_no_count() -> None:
    figure = FigureData(
        "f", "series", "t", "a", ("period", "seen"), (("1", True), ("2", float("nan")), ("3", 8)), counts=("seen",)
    )
    yes, gap, eight = (row[1] for row in release(figure, HES).content.rows)
    assert (yes is True, gap != gap, eight) == (True, True, 10.0)


def test_a_quantity_of_another_table_is_not_masked_for_one_that_has_nothing_to_do_with_it() -> None:
    """Only what some chain of sums ties to the one that is given away can hide it."""
    apart = DataTable("u", "c", ("area", "people"), (("x", Count(11, name="x")), ("y", Count(12, name="y"))))
    first, second = release([rows(3, 20, 40), apart], EXACT).content
    assert [row[1].text for row in first.rows] == ["*", "*", "40", "63"]
    assert [row[1].text for row in second.rows] == ["11", "12"]
