"""The library of published effects and of the approaches they are about: shipped data, each line with its source."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOUND = ("fewer", "none", "more", "mixed")
CHECKED = ("figure read", "figure read, its base recalled", "direction read", "figure held", "recalled")
"""How sure the line itself is: whether its number was read in the study, only its direction, held in other data, or
remembered."""


@dataclass(frozen=True, slots=True)
class PublishedEffect:
    """One outcome of one approach in one study. ratio: demand with over demand without, None where no size is printed.

    low, high: its interval at `level` %; scale: rate or odds; grade: 5 randomised, 4 strong quasi-experiment, 3
    matched, difference in differences or panel, 2 weak comparison, 1 before and after; before_after: what the same
    study's own before and after said.
    """

    effect: str
    approach: str
    done: str
    kind: str
    part: str
    people: str
    country: str
    design: str
    ratio: float | None
    low: float | None
    high: float | None
    level: float | None
    scale: str
    printed: str
    grade: int
    found: str
    before_after: str
    study: str
    year: int
    seen_at: str
    checked: str

    @property
    def compared(self) -> bool:
        """Whether it had a comparison worth the word: a before and after, or a weak one, is shown and moves nothing."""
        return self.grade >= 3


@dataclass(frozen=True, slots=True)
class Approach:
    """A way to meet demand earlier. reach: the share of a segment that a programme takes on, an assumption of this
    tool."""

    id: str
    name: str
    style: str
    by: tuple[str, ...]
    reach: float
    segments: tuple[str, ...]
    acts: str = "more"
    """less: its studies are of services that were cut; shown, and turned into no option."""

    @property
    def across_area(self) -> bool:
        return self.reach == 1


@cache
def effects() -> tuple[PublishedEffect, ...]:
    text = (resources.files(__package__) / "effects.csv").read_text(encoding="utf-8")
    return tuple(_effect(row) for row in csv.DictReader(text.splitlines()))


@cache
def approaches() -> tuple[Approach, ...]:
    raw = tomllib.loads((resources.files(__package__) / "approaches.toml").read_text(encoding="utf-8"))
    return tuple(
        Approach(
            one["id"],
            one["name"],
            one["style"],
            tuple(one["by"]),
            float(one["reach"]),
            tuple(one["segments"]),
            one.get("acts", "more"),
        )
        for one in raw["approach"]
    )


def of_approach(approach: str) -> tuple[PublishedEffect, ...]:
    return tuple(one for one in effects() if one.approach == approach)


def for_segment(segment: str) -> tuple[Approach, ...]:
    """Approaches whose studies are about the demand of this segment, and that act more rather than less."""
    return tuple(one for one in approaches() if segment in one.segments and one.acts == "more")


def _effect(row: Mapping[str, str]) -> PublishedEffect:
    ratio, low, high, level = (float(row[name]) if row[name] else None for name in ("ratio", "low", "high", "level"))
    return PublishedEffect(
        row["effect"],
        row["approach"],
        row["done"],
        row["kind"],
        row["part"],
        row["people"],
        row["country"],
        row["design"],
        ratio,
        low,
        high,
        level,
        row["scale"],
        row["printed"],
        int(row["grade"]),
        row["found"],
        row["before_after"],
        row["study"],
        int(row["year"]),
        row["seen_at"],
        row["checked"],
    )
