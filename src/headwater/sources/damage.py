"""Texts that are not as they were written: what a quotation mark left open, a spreadsheet or a nought byte made of
them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from headwater.sources.files import LONGEST
from headwater.sources.letters import holds, letters_of

if TYPE_CHECKING:
    import pyarrow as pa

Mask = np.ndarray[Any, np.dtype[np.bool_]]

FREE = ("address", "name", "title", "outcome", "source")
"""Texts in which a line end is nothing unusual."""
NUMBERED = (
    "record",
    "contact",
    "person",
    "nhs_number",
    "local_key",
    "unit",
    "organisation",
    "place",
    "post",
    "asset",
    "successor",
)
"""Columns of the numbers and codes of things."""
TOO_LONG = f"longer than {LONGEST:,} letters"
ROUND = r"\x00|^\d([.,]\d+)?[eE]\+\d+$"
QUOTE = '^"|^[^"]*"$'
DAY = (
    r"^\d{4}-\d{2}-\d{2}([T"
    r" ]00:00:00)?$|^\d{1,2}-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(-\d{2})?$|^(Jan|Feb|Mar"
    r"|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{2}$"
)
REASONS = (
    (ROUND, "not a number as it was: a nought byte, or rounded by a spreadsheet (store the column as text)"),
    ("\n", "a line end within, as after a quotation mark left open"),
    (QUOTE, "a quotation mark of its own, as one left open"),
)
BECAME_DAY = (
    "a day where a number or a code should be, as a spreadsheet makes of 3-1 and SEP2 (store the column as text)"
)
ANY = r'["\n\x00]|^\d([.,]\d+)?[eE]\+\d+$'
"""Whether a text could be one of these at all: most columns hold none, and are looked through once."""
ENCODED_TWICE = "letters that were encoded twice, as \u00c3\u00a9 for \u00e9 (ask for the file again)"
TWICE_ENCODED = (
    "[\u00c2\u00c3][\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6"
    "\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a"
    "\u0153\u017e\u0178]|\u00e2\u20ac"
)
"""A first byte and a further one of UTF-8, as Windows-1252 shows them."""
MARKS = b'"\n\x00+'
"""Letters without which none of these is found; a day has a hyphen."""


def damages(text: pa.StringArray, name: str) -> list[tuple[Mask, str]]:
    """Which values of a column are damaged, and how. text: trimmed, null where nothing is given."""
    found = []
    if not letters_of(text).isascii() and _some(text, TWICE_ENCODED):
        found.append((_mask(pc.match_substring_regex(text, TWICE_ENCODED)), ENCODED_TWICE))
    suspect = name not in FREE and holds(text, MARKS + b"-" if name in NUMBERED else MARKS)
    if suspect and _some(text, f"{ANY}|{DAY}" if name in NUMBERED else ANY):
        found += [(_mask(pc.match_substring_regex(text, form)), why) for form, why in REASONS]
        found += [(_mask(pc.match_substring_regex(text, DAY)), BECAME_DAY)] if name in NUMBERED else []
    if (pc.max(pc.binary_length(text)).as_py() or 0) > LONGEST:
        found.append((_mask(pc.greater(pc.utf8_length(text), LONGEST)), TOO_LONG))
    return found


def _some(text: pa.StringArray, form: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(text, form), min_count=0).as_py())


def _mask(found: Any) -> Mask:
    made: Mask = pc.fill_null(found, False).to_numpy(zero_copy_only=False).astype(bool)
    return made
