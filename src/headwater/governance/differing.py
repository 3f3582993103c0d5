"""How two readings of a protocol differ, part by part and in the words of its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

NOTHING = "nothing"
NAMED_BY = ("kind", "what", "bearer", "name", "id")
"""What tells one entry of a list from another."""


def changes(field: str, locked: Any, now: Any) -> list[tuple[str, str, str]]:
    """(what, before, after) of each part that differs; nothing where none does. field: what the two are, as
    "outcomes"."""
    if locked == now:
        return []
    if _whole(locked) and _whole(now) and type(locked) is type(now):
        return [
            each
            for one in fields(now)
            for each in changes(f"{field}, {one.name}", getattr(locked, one.name), getattr(now, one.name))
        ]
    if isinstance(locked, Mapping) and isinstance(now, Mapping):
        return [
            each
            for key in dict.fromkeys((*locked, *now))
            for each in changes(f"{field} {key}", locked.get(key), now.get(key))
        ]
    if _entries(locked) and _entries(now) and (locked or now):
        before, after = _by_name(locked), _by_name(now)
        return [
            each
            for key in dict.fromkeys((*before, *after))
            for each in changes(f"{field} {key}", before.get(key), after.get(key))
        ]
    return [(field, said(locked), said(now))]


def said(value: Any) -> str:
    """A value as the file has it, on one line."""
    if value is None or value == () or value == {}:
        return NOTHING
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if _whole(value):
        told = ((one.name, getattr(value, one.name)) for one in fields(value))
        return ", ".join(
            f"{name} {said(part)}" for name, part in told if part is not None and part != () and part != {}
        )
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {said(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(said, value))
    return str(value)


def _whole(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _entries(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_whole, value))


def _by_name(entries: Any) -> dict[str, Any]:
    """Each entry by what it is of, numbered where two are alike."""
    found: dict[str, Any] = {}
    for entry in entries:
        name = next((str(said(getattr(entry, key))) for key in NAMED_BY if getattr(entry, key, "")), "entry")
        twice = sum(key == name or key.startswith(f"{name} (") for key in found)
        found[f"{name} ({twice + 1})" if twice else name] = entry
    return found
