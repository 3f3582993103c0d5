"""Numbers of people as text: what programs put to them or take from them, and files in which one person would be two
for it.

A spreadsheet opens 00123 as 123. Where that befell one file of several, people fall apart, or contacts find no record,
without a word: each file's numbers are told by how many figures they have, and where forms differ that could be one,
the numbers themselves are compared.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.sources.letters import holds
from headwater.store.kept import keep_for, kept_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

VERSION = "figures/1"

MOST_FIGURES = 18
"""Figures of the longest number that is compared as one: it fits into 64 bits."""
KEPT_BY_SPREADSHEETS = 15
"""Figures of a number that a spreadsheet keeps; further ones become noughts."""
FEWEST = 5
"""Long numbers from which on "all end in noughts" is no chance."""
SAME = 0.01
"""Share of the short numbers that have to be known with noughts in front for the two to be one numbering."""


def as_stored(text: pa.StringArray) -> pa.StringArray:
    """Numbers of things without what programs put to them: a spreadsheet's mark for text ('0042), and the point of a
    column that was held as a decimal (1042.0). A name of several words keeps its apostrophe."""
    if not holds(text, b"'.") or not pc.any(pc.match_substring_regex(text, r"^'|\.0+$"), min_count=0).as_py():
        return text
    return pc.replace_substring_regex(pc.replace_substring_regex(text, r"^'(\w[^'\s]*)$", r"\1"), r"^(\d+)\.0+$", r"\1")


def with_noughts(text: pa.StringArray, figures: int) -> pa.StringArray:
    """Numbers of figures alone with as many noughts in front as they lack; 0 leaves them."""
    if not figures:
        return text
    return pc.if_else(pc.match_substring_regex(text, r"^\d+$"), pc.utf8_lpad(text, figures, "0"), text)


@dataclass
class Figures:
    """What the numbers of one column look like, no number being kept. led, bare: how many of each length begin with a
    nought, or do not; long: numbers too long for a spreadsheet, and how many of these end as it would have left
    them."""

    led: dict[int, int] = field(default_factory=dict)
    bare: dict[int, int] = field(default_factory=dict)
    long: int = 0
    rounded: int = 0

    def add(self, text: pa.StringArray) -> None:
        """text: trimmed, null where nothing is given; counted once a batch and value."""
        figures = pc.unique(whole(text))
        if not len(figures):
            return
        sizes = pc.utf8_length(figures).to_numpy(zero_copy_only=False)
        begins = pc.starts_with(figures, "0").to_numpy(zero_copy_only=False)
        for of, mask in ((self.led, begins), (self.bare, ~begins)):
            for size, count in zip(*np.unique(sizes[mask], return_counts=True), strict=True):
                of[int(size)] = of.get(int(size), 0) + int(count)
        far = figures.filter(pa.array(sizes > KEPT_BY_SPREADSHEETS))
        self.long += len(far)
        self.rounded += int(pc.sum(pc.match_substring_regex(far, rf"^\d{{{KEPT_BY_SPREADSHEETS}}}0+$")).as_py() or 0)

    @property
    def problem(self) -> str:
        if self.long >= FEWEST and self.rounded == self.long:
            return (
                f"all {self.long:,} numbers of more than {KEPT_BY_SPREADSHEETS} figures end in noughts, as a"
                " spreadsheet rounds them: ask for the file again with this column as text"
            )
        return ""


class Remembered:
    """How many figures the numbers of each file have, kept from load to load by the key of its part."""

    def __init__(self, file: Path) -> None:
        self.file, self.before = file, kept_for(file, VERSION) or {}
        self.now: dict[str, dict[str, Figures]] = {}

    def of(self, key: str, judged: Callable[[], Mapping[str, Figures]]) -> Mapping[str, Figures]:
        """As it was when the file was read; judged again where that is not known any more."""
        known = self.before.get(key)
        self.now[key] = (
            dict(judged())
            if known is None
            else {
                name: Figures(_sizes(one["led"]), _sizes(one["bare"]), one["long"], one["rounded"])
                for name, one in known.items()
            }
        )
        return self.now[key]

    def keep(self) -> None:
        told = {key: {name: asdict(one) for name, one in found.items()} for key, found in self.now.items()}
        keep_for(self.file, VERSION, told)


def _sizes(found: Mapping[str, int]) -> dict[int, int]:
    return {int(size): count for size, count in found.items()}


def whole(text: pa.StringArray) -> pa.StringArray:
    """The values that are figures alone."""
    return text.filter(pc.fill_null(pc.ascii_is_decimal(text), False))


def could_be_one(found: Iterable[Figures]) -> int:
    """How many figures the numbers of these columns have where some begin with noughts and others are shorter; 0 where
    none could have lost any."""
    led: dict[int, int] = {}
    shortest = MOST_FIGURES + 1
    for one in found:
        for size, count in one.led.items():
            led[size] = led.get(size, 0) + count
        shortest = min([shortest, *one.bare])
    led = {size: count for size, count in led.items() if 1 < size <= MOST_FIGURES}
    usual = max(led, key=lambda size: (led[size], size), default=0)
    return usual if shortest < usual else 0


def lost_noughts(numbers: Mapping[str, pa.StringArray], figures: int) -> dict[str, int]:
    """File → how many of its different numbers are those of others without the noughts in front. numbers: file → its
    different ones."""
    parts = {name: _led_and_short(text, figures) for name, text in numbers.items()}
    led = np.unique(np.concatenate([one for one, _short in parts.values()]))
    found = {name: int(np.isin(short, led).sum()) for name, (_led, short) in parts.items()}
    sizes = {name: len(short) for name, (_led, short) in parts.items()}
    return {name: count for name, count in found.items() if count > SAME * sizes[name]}


def _led_and_short(text: pa.StringArray, figures: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """int64: numbers with noughts in front, and numbers without that have fewer figures than is usual."""
    text = whole(text)
    text = text.filter(pc.less_equal(pc.utf8_length(text), MOST_FIGURES))
    led = pc.starts_with(text, "0")
    short = pc.and_(pc.invert(led), pc.less(pc.utf8_length(text), figures))
    values = text.cast(pa.int64())
    return tuple(values.filter(mask).to_numpy() for mask in (led, short))
