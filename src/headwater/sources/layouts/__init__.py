"""File layouts that agencies hold, one file each: the headings they are recognised by, and the [[source]] that reads
them.

Headings and codes are retyped from the public source that each file names. A layout that something needed is lacking
for says why in
`refuse`: a mapping that half fits is worse than none.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from headwater.sources.headings import found_in

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Block:
    """One [[source]] as text with {files}, {agency} and {name} of another file; with_: name of another file → what it
    adds."""

    text: str
    with_: dict[str, str]


@dataclass(frozen=True, slots=True)
class LayoutFile:
    """One sort of file of a layout. needs: the files without which its rows cannot be used."""

    layout: Layout
    name: str
    signature: tuple[str, ...]
    needs: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """source: where its headings are published; refuse: why it cannot be read, where it cannot."""

    name: str
    title: str
    source: str
    agency: str
    refuse: str


@cache
def known() -> tuple[LayoutFile, ...]:
    """Every sort of file that is recognised."""
    found: list[LayoutFile] = []
    for file in sorted(files(__package__).iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".toml"):
            continue
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        layout = Layout(
            file.name.removesuffix(".toml"), told["title"], told["source"], told["agency"], told.get("refuse", "")
        )
        found += [_file(layout, one) for one in told["file"]]
    return tuple(found)


def _file(layout: Layout, told: dict[str, object]) -> LayoutFile:
    blocks = tuple(
        Block(one["text"], {more["file"]: more["text"] for more in one.get("with", ())})
        for one in told.get("block", ())  # type: ignore[attr-defined]
    )
    return LayoutFile(layout, str(told["name"]), tuple(told["signature"]), tuple(told.get("needs", ())), blocks)  # type: ignore[arg-type]


def recognised(headings: Iterable[str]) -> LayoutFile | None:
    """The sort of file that has these headings: all of its signature, the longest where several fit; None where none
    does."""
    there = list(headings)
    fits = [one for one in known() if all(found_in(wanted, there) for wanted in one.signature)]
    return max(fits, key=lambda one: len(one.signature), default=None)
