"""Which column of a file of contacts says of what kind each is: a word that was made up for all would call a false
alarm a fire."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from headwater.sources.content import FEW, cardinality, given_values, sort_of
from headwater.sources.whose import EVENTS, words_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from headwater.sources.batches import Batch

SORTS = ("kind", "offence", "type", "category", "group", "class", "classification", "nature", "activity")
"""Words of a heading under which the sort of a thing stands."""
BESIDE = {
    *EVENTS,
    "contact",
    "service",
    "offence",
    "occurrence",
    "complaint",
    "issue",
    "problem",
    "activity",
    "initial",
    "final",
    "first",
    "main",
    "primary",
    "name",
    "description",
    "desc",
    "of",
    "the",
}
"""Words beside which it is the sort of contact: of a property, a client or a vehicle it is that thing's own."""


def kind_column(batch: Batch, used: Collection[object], file: str) -> str:
    """The heading of the sorts of contact, of those that no column of ours is taken from; '' where none says so. Of
    several that which says so most plainly. A row without a sort would be lost, so that each row has to have one."""
    about = set(words_of(PurePosixPath(file).stem))
    fits = [
        (len(rest), at, one)
        for at, one in enumerate(batch.columns)
        if one not in used and (rest := _rest(one, about)) is not None and _says(batch, one)
    ]
    return min(fits)[2] if fits else ""


def _rest(heading: str, about: set[str]) -> set[str] | None:
    """The words of a heading beside that for the sort; None where it tells the sort of something else, or no sort."""
    words = words_of(heading)
    rest = set(words) - set(SORTS)
    return rest if len(rest) < len(set(words)) and rest <= BESIDE | about else None


def _says(batch: Batch, heading: str) -> bool:
    column = batch.columns[heading]
    values = given_values(column)
    several = 1 < pc.count_distinct(values).as_py() <= FEW < len(batch.rows) or cardinality(column).endswith("words")
    return several and len(values) == len(column) and sort_of(column) == "text"
