"""What left before: every released count by name, so that the next release is protected together with all of them."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from headwater.disclosure.cells import cells_of
from headwater.disclosure.protect import Before, masked, ranges_of
from headwater.disclosure.release import release
from headwater.disclosure.rules import rule_named
from headwater.domain.errors import DisclosureBlock, Failed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from headwater.disclosure.cells import Cells
    from headwater.disclosure.rules import Rule
    from headwater.domain.release import Document, Released
    from headwater.domain.workspace import DisclosureSettings


def let_out(register: Path, document: Document, settings: DisclosureSettings, scope: str) -> Released[Document]:
    """Release a document together with everything that left before, and enter it in the register.

    scope: the version of the data. What is in the register already, to the letter, is not entered again, so a report
    made twice, or by a run that was cut off, leaves the same register. Raises DisclosureBlock, and writes nothing, when
    a masked count would be known from this release and the earlier ones together.
    """
    rule, cells, entries = rule_named(settings.rule), cells_of(document, scope), entries_of(register)
    before = _before(entries)
    hidden = masked(cells, rule, before, moved_by_few(entries, cells, rule), secondary=settings.secondary)
    entry = _entry(document, cells, rule, hidden, scope)
    if entry not in ({**one, "at": document.date} for one in entries):
        _append(register, {**entry, "at": document.date})
    return release(document, settings, scope, hidden)


def hidden_before(register: Path, scope: str) -> frozenset[str]:
    """The quantities of this version of the data that some release masked: no page may show them either."""
    return frozenset(name for name in _before(entries_of(register)).hidden if name.startswith(f"{scope}|"))


def moved_by_few(entries: Sequence[Mapping[str, Any]], cells: Cells, rule: Rule) -> set[str]:
    """Quantities that were told to the unit before and changed by so few since that the change would be masked."""
    return {
        now
        for one in entries
        for _, name, low, high in _ranges(one)
        if low == high and (now := f"{cells.scope}|{name}") in cells.values
        if _few(rule, cells.values[now], low)
    }


def _few(rule: Rule, now: float, before: float) -> bool:
    """A count that did not change tells of nobody; of one that was rounded, no earlier value is known to the unit."""
    return now != before and rule.masks(now - before)


def _entry(document: Document, cells: Cells, rule: Rule, hidden: Collection[str], scope: str) -> dict[str, Any]:
    """What this release tells an attacker; no true count, only the range that is visible of each."""
    ranges = ranges_of(cells, rule, hidden)
    bare = {name: name.partition("|")[2] for name in cells.values}
    small = sorted(bare[name] for name, value in cells.values.items() if rule.masks(value))
    return {
        "release": document.name,
        "at": document.date,
        "rule": rule.name,
        "data": scope,
        "small": small,
        "masked": sorted(bare[name] for name in hidden),
        "told": {
            bare[name]: [low, None if high == float("inf") else high] for name, (low, high) in sorted(ranges.items())
        },
        "sums": [[bare[total], [bare[part] for part in parts]] for total, parts in sorted(cells.sums)],
    }


def _before(entries: Sequence[Mapping[str, Any]]) -> Before:
    ranges: dict[str, tuple[float, float]] = {}
    for one in entries:
        for scope, name, low, high in _ranges(one):
            was = ranges.get(f"{scope}|{name}", (0.0, float("inf")))
            ranges[f"{scope}|{name}"] = (max(low, was[0]), min(high, was[1]))
    named = {
        part: frozenset(f"{one['data']}|{name}" for one in entries for name in one[part])
        for part in ("small", "masked")
    }
    sums = frozenset(
        (f"{one['data']}|{total}", tuple(f"{one['data']}|{part}" for part in parts))
        for one in entries
        for total, parts in one["sums"]
    )
    return Before(ranges, sums, named["small"], named["masked"])


def _ranges(entry: Mapping[str, Any]) -> list[tuple[str, str, float, float]]:
    return [
        (entry["data"], name, low, float("inf") if high is None else high)
        for name, (low, high) in entry["told"].items()
    ]


def entries_of(register: Path) -> list[dict[str, Any]]:
    """Every release on file, the first first. Raises DisclosureBlock where a line does not read: nobody could say what
    left."""
    try:
        lines = register.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [_read(register, at, line) for at, line in enumerate(lines, 1) if line]


PARTS = {"release": str, "data": str, "small": list, "masked": list, "told": dict, "sums": list}


def _read(register: Path, at: int, line: bytes) -> dict[str, Any]:
    try:
        entry: dict[str, Any] = json.loads(line)
        if all(isinstance(entry[part], kind) for part, kind in PARTS.items()):
            return entry
    except (ValueError, KeyError, TypeError):
        pass
    raise DisclosureBlock(
        "the register of what left is damaged, so nothing can be protected together with it",
        given=f"{register.name}, line {at}",
        allowed="the lines that headwater wrote",
        next_step=(
            f"put back {register.name} from your backup; without it a masked count could be reckoned from an earlier"
            " release"
        ),
    )


def _append(register: Path, entry: Mapping[str, Any]) -> None:
    """Written beside, put on the disk and renamed: a register cut off in the middle of a line would forget what had
    left."""
    beside = register.with_name(f".{register.name}.{os.getpid()}-register.beside")
    try:
        register.parent.mkdir(parents=True, exist_ok=True)
        before = register.read_bytes() if register.exists() else b""
        with beside.open("wb") as file:
            file.write(before + (json.dumps(entry, sort_keys=True) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(register)
    except OSError as problem:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise Failed(
            f"what leaves could not be entered in {register.name}, so nothing left: {problem.strerror}",
            given=str(register.parent),
            next_step="free some space or mend the folder's permissions, then type the same command again",
        ) from problem
