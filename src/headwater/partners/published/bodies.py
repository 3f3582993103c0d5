"""Bodies that could act earlier, by whatever name a segment or a study calls them, and who they are here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Body:
    """sorts: of organisation that are it; kinds: of contact that its records hold; ask: what to ask it for, in
    words."""

    name: str
    also: tuple[str, ...]
    sorts: tuple[str, ...]
    kinds: tuple[str, ...]
    ask: str


@cache
def bodies() -> tuple[Body, ...]:
    raw = tomllib.loads((resources.files(__package__) / "bodies.toml").read_text(encoding="utf-8"))
    return tuple(
        Body(one["name"], tuple(one.get("also", ())), tuple(one["sorts"]), tuple(one["kinds"]), one["ask"])
        for one in raw["body"]
    )


@cache
def _by_name() -> Mapping[str, Body]:
    return {name: body for body in bodies() for name in (body.name, *body.also)}


def body_of(name: str) -> Body:
    """The body that is called so; one of its own where the list does not know it."""
    return _by_name().get(name) or Body(name, (), (), (), "who was seen, and when")


def bodies_of(names: Iterable[str]) -> tuple[Body, ...]:
    """Each body once, in the order of the names."""
    return tuple(dict.fromkeys(body_of(name) for name in names))
