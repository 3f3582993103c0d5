"""What is not known of a price: how far off its figure may be, and how much of it follows each contact.

Spread. A published range speaks for itself. Else a collected average (a national total over a national activity) is
taken to be off by 10 %, assumed; any other estimate by 20 %, as two costings of one hip fracture were 34 % apart
(£10,749 and £14,440: ln 1.34 / √2 = 0.21). Age adds to it: five prices of the Unit Cost Database 1.4 (2011 and 2013),
rebased by the GDP deflator, stand beside those of the National Cost Collection 2024-25 for the same contact, and differ
by 11 % a root year (root mean square of ln(new / old) / √age).

Costing. `prices/costing.csv` says a kind which share of its average cost follows each contact and which goes in whole
steps, with its source or the word *assumed*.
"""

from __future__ import annotations

from functools import cache
from math import hypot, sqrt
from typing import TYPE_CHECKING

from headwater.savings.deflator import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

COLLECTED, ESTIMATED, A_ROOT_YEAR = 0.10, 0.20, 0.11
Costing = tuple[float, float, str]
"""Variable share, step share, and where they come from."""


def spread_of(collected: bool, age: int) -> tuple[float, str]:
    """The coefficient of variation of a figure without a published range, and why it is that."""
    base = COLLECTED if collected else ESTIMATED
    sort = "a collected average" if collected else "an estimate"
    return hypot(base, A_ROOT_YEAR * sqrt(max(age, 0))), f"{sort} of {base:.0%}, {max(age, 0)} years old"


@cache
def costings() -> Mapping[str, Costing]:
    """Kind → how its average cost divides."""
    return {row["kind"]: (float(row["variable"]), float(row["step"]), row["source"]) for row in shipped("costing")}
