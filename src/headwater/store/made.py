"""Results kept with what they were made of: all that their maker was given, and every table that it read while it was
at work.

Nobody writes the key of a result by hand: the maker gets the store and what is named in `given`, and nothing else. What
it read is noted as it reads (a verifying trace, Mokhov, Mitchell, Peyton Jones 2018, "Build systems à la carte",
section 4.2.2).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from headwater.store.kept import keep, packed, read_kept, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headwater.store.store import Store


@dataclass(frozen=True)
class Made:
    """One result. given: what its maker is handed beside the store; state: what the whole rests on, as the code and the
    data loaded."""

    file: Path
    store: Store
    given: tuple[Any, ...]
    state: tuple[str, ...] = ()

    def found(self) -> Any:
        """The result, or None where there is none, where anything that it was made of is another now, or where it does
        not read."""
        held = read_kept(self.file)
        if not self._stands(held):
            return None
        for table in held["read"]:
            self.store.note(table)
        try:
            return unpacked(held.get("value"))
        except (ValueError, KeyError, TypeError):
            return None

    def stands(self) -> bool:
        """Whether `found` would find it; the result itself is not unpacked."""
        return self._stands(read_kept(self.file))

    def on_file(self) -> bool:
        """Whether anything was kept, whatever it was made of."""
        return bool(read_kept(self.file))

    def make(self, maker: Callable[..., Any]) -> Any:
        """The result of `maker(store, *given)`, kept with what it read; told but not kept where a table became another
        meanwhile."""
        with self.store.noting() as read:
            value = maker(self.store, *self.given)
        if all(self.store.key(name) == key for name, key in read.items()):
            keep(self.file, {"given": self.mark, "read": dict(sorted(read.items())), "value": value})
        return value

    @property
    def mark(self) -> str:
        """The hash of the state and of all that is given."""
        return sha256(json.dumps([said(one) for one in (*self.state, *self.given)]).encode()).hexdigest()

    def _stands(self, held: Mapping[str, Any]) -> bool:
        read = held.get("read")
        if held.get("given") != self.mark or not isinstance(read, dict):
            return False
        return all(self.store.key(name) == key for name, key in read.items())


def said(value: Any) -> Any:
    """A value as JSON in which no two values are alike; the order of mappings and sets is no part of it."""
    if isinstance(value, Mapping):
        return {"map": sorted(([said(key), said(part)] for key, part in value.items()), key=json.dumps)}
    if isinstance(value, set | frozenset):
        return {"set": sorted((said(part) for part in value), key=json.dumps)}
    if isinstance(value, list | tuple):
        return [said(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__qualname__: [[each.name, said(getattr(value, each.name))] for each in fields(value)]}
    return packed(value)
