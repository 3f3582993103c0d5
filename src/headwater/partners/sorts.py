"""What sort of body an organisation is, as registers and lists write it: councils of every tier are one sort."""

from __future__ import annotations

import re

COUNCIL = re.compile(
    r"council|\bdistrict\b|\bcounty\b|borough|unitary|city corporation|\b(nmd|ua|md|lbo|cty|cc|sc|sd|lb)\b",
    re.IGNORECASE,
)
"""How registers call the kinds of council, and their codes: non-metropolitan district, unitary, metropolitan, London
borough, county."""


def body_sort(sort: str) -> str:
    """The sort of which bodies are alike; '' where nobody says."""
    return "council" if COUNCIL.search(sort) else sort.strip().lower()
