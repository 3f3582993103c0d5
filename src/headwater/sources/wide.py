"""Tables with a column for each period: which columns these are, and the [source.unpivot] that turns them into rows."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from headwater.sources.content import are_numbers, cardinality, given_values, sort_of
from headwater.sources.forms import FORMS, QUARTER_ALONE, WEEK_TOLD, YEAR
from headwater.sources.headings import plain
from headwater.sources.sums import is_total

if TYPE_CHECKING:
    from headwater.sources.batches import Batch

FEWEST = 3
"""Columns named by periods from which on a table is wide."""
PERIODS = tuple(form for name, form in FORMS if name != "compact")
NAME, VALUE, MEASURE = "period", "contacts", "kind"
"""What the rows made of the columns are called."""


def wide_columns(batch: Batch) -> list[str]:
    """The headings that are periods over numbers; none where they are fewer than three."""
    found = [name for name, column in batch.columns.items() if is_period(name) and _numbers_or_none(column)]
    return found if len(found) >= FEWEST else []


def is_period(heading: str) -> bool:
    low = re.sub(WEEK_TOLD, "", " ".join(heading.lower().split()))
    return any(re.search(form, low) for form in (*PERIODS, QUARTER_ALONE, YEAR))


def _numbers_or_none(column: pa.StringArray) -> bool:
    values = given_values(column)
    return not len(values) or are_numbers(values)


def patterns(wide: list[str], others: list[str]) -> list[str]:
    """Patterns that name these headings, next month's too, and no other; else the headings themselves."""
    made = list(dict.fromkeys(re.sub(r"\d", "?", re.sub(r"[A-Za-z]+", "*", one)) for one in wide))
    taken = [one for one in others if any(fnmatchcase(plain(one), plain(pattern)) for pattern in made)]
    return wide if taken or any(set(pattern) <= set("?*") for pattern in made) else made


def unit_of(batch: Batch, wide: list[str]) -> str:
    """The column that says whose numbers a row holds: a code before a name, another in each row; '' for none."""
    others = [name for name in batch.columns if name not in wide]
    keyed = [
        name
        for name in others
        if cardinality(batch.columns[name]) == "another in each row" and sort_of(batch.columns[name]) == "text"
    ]
    coded = [name for name in keyed if not pc.any(pc.match_substring(batch.columns[name], " "), min_count=0).as_py()]
    return (coded or keyed or [""])[0]


def totals(batch: Batch, unit: str) -> list[str]:
    """Values of the unit's column that are no unit but the sum of the others."""
    return [str(one) for one in pc.unique(given_values(batch.columns[unit])).to_pylist() if is_total(str(one))]
