"""Several lists in one register: a list adds to what is there, and takes the place of what was imported of it
before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.partners.register.conflicts import afresh
from headwater.partners.register.listing import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.domain.options import Listed
    from headwater.partners.register.listing import ReadList


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: rows added and rows replaced, the lists that the register holds, and what of this one was not
    read."""

    file: str
    added: int
    replaced: int
    replaced_lists: tuple[str, ...]
    lists: Mapping[str, int]
    columns: Mapping[str, str]
    """Our column → their heading."""
    columns_unread: tuple[str, ...]
    lines_apart: tuple[str, ...]
    said: tuple[str, ...]


def joined(held: Sequence[Listed], read: ReadList, file: str, instead: bool) -> tuple[tuple[Listed, ...], Imported]:
    """The register with one list more. instead: the list takes the place of all that are there.

    The same list is one of the same name, or of the same rows under another name; it takes the place of its earlier
    self.
    """
    gone = {one.from_list for one in held} if instead else _same_list(held, read, file)
    kept = [one for one in held if one.from_list not in gone]
    fresh = [replace(one, from_list=file) for one in numbered(read.rows, (one.id for one in kept))]
    at = next((at for at, one in enumerate(held) if one.from_list in gone), len(held))
    before = [one for one in held[:at] if one.from_list not in gone]
    rows = afresh([*before, *fresh, *kept[len(before) :]])
    lists = Counter(one.from_list for one in rows)
    return rows, Imported(
        file,
        len(fresh),
        len(held) - len(kept),
        tuple(sorted(gone & {one.from_list for one in held})),
        dict(lists),
        dict(read.read),
        read.unread,
        read.apart,
        read.said,
    )


def _same_list(held: Sequence[Listed], read: ReadList, file: str) -> set[str]:
    lists: dict[str, list[Listed]] = {}
    for one in held:
        lists.setdefault(one.from_list, []).append(one)
    mine = _rows(read.rows)
    return {name for name, rows in lists.items() if name == file or _rows(rows) == mine}


def _rows(rows: Iterable[Listed]) -> list[tuple[object, ...]]:
    """What makes rows the same wherever they stand."""
    return sorted(
        (one.partners, one.name, one.service, one.start, one.status, str(one.claim_gbp), one.claim_text) for one in rows
    )
