"""A file as it was looked at, and what is proposed to be written for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headwater.sources.content import cardinality, sort_of
from headwater.sources.layouts import LayoutFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.sources.batches import Batch
    from headwater.sources.suggest import Guess


@dataclass
class Proposal:
    """files: as one [[source]] names them; texts: the blocks; problems: why nothing is written, or what to settle
    before it is loaded."""

    files: str
    names: tuple[str, ...]
    title: str = ""
    why: str = ""
    texts: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    draft: str = ""
    """What would be written if the lines marked in it were said; '' where nothing lacks."""
    columns: list[dict[str, str]] = field(default_factory=list)
    sample: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was looked at. people: how it would fill the table of records; header_file: where its headings
    stand, if not in itself."""

    name: str
    batch: Batch
    layout: LayoutFile | None
    whole: Guess
    people: Guess
    header_file: str = ""
    headless: bool = False
    sheet: str = ""
    left: Sequence[str] = ()
    others: tuple[str, ...] = ()
    """Sorts of things in the file that are not read, each with how many there are."""
    theirs: Mapping[str, str] = field(default_factory=dict)
    """The layout's heading → the file's own, where all of these bear something before or after it."""

    @property
    def bare(self) -> Batch:
        """The batch under the headings of its layout."""
        held = self.batch.columns
        return (
            replace(self.batch, columns={ours: held[one] for ours, one in self.theirs.items()})
            if self.theirs
            else self.batch
        )


def slug(text: str) -> str:
    return re.sub(r"[^a-z]+", "-", text.lower()).strip("-") or "theirs"


def columns_seen(batch: Batch, ours: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"heading": name, "holds": sort_of(column), "values": cardinality(column), "ours": ours.get(name, "")}
        for name, column in batch.columns.items()
    ]
