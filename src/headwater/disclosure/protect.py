"""Secondary suppression: what else must be masked so that no masked count can be reckoned from everything that was ever
told.

A masked count is safe when what is visible leaves it a second whole number. The smallest visible neighbours are masked,
one after the other, until the attack finds none known. What left before stays visible, and stops a release that it
would unmask.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING

from headwater.disclosure.attack import Ranges, known
from headwater.domain.errors import DisclosureBlock

if TYPE_CHECKING:
    from collections.abc import Collection

    from headwater.disclosure.cells import Cells, Sum
    from headwater.disclosure.rules import Rule


@dataclass(frozen=True, slots=True)
class Before:
    """What left before: the range that each quantity was told in, the sums, and which were masked for being small.

    hidden: those masked for whatever reason, which stay masked.
    """

    ranges: Ranges = field(default_factory=dict)
    sums: frozenset[Sum] = frozenset()
    small: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


NOTHING_LEFT = Before()


def masked(
    cells: Cells, rule: Rule, before: Before = NOTHING_LEFT, also: Collection[str] = (), *, secondary: bool = True
) -> frozenset[str]:
    """The quantities to mask: those the rule masks, those masked before, those in `also`, and what would give them
    away.

    Quantities that are never told are masked by nature, and protected where they are small. Raises DisclosureBlock
    where something small would be known and all that is left to mask has left already.
    """
    small = {name for name, value in cells.values.items() if rule.masks(value)}
    stay = small | before.hidden | set(also)
    hidden = {name for name in cells.values if name in stay or name not in cells.told}
    sums, given = cells.sums | before.sums, small | before.small
    # Masking more only adds worlds, so what was not known stays unknown and is not asked again.
    while secondary and (given := known(sums, ranges_of(cells, rule, hidden, before), given)):
        told = {name for name in cells.values if name not in hidden and name not in before.ranges}
        more = {name for one in sorted(given) if (name := _cheapest(cells, sums, told, one))}
        if not more:
            if together := given - _known_anyway(cells, rule, before):
                raise _given_away(together)
            break
        hidden |= more
    return frozenset(hidden)


def _known_anyway(cells: Cells, rule: Rule, before: Before) -> set[str]:
    """What no mask would hide: of this content with all of it masked, as seven small ones under a small seven, and of
    what left before by itself."""
    small = {name for name, value in cells.values.items() if rule.masks(value)}
    return known(cells.sums, ranges_of(cells, rule, cells.values), small) | known(
        before.sums, before.ranges, before.small
    )


def _given_away(given: Collection[str]) -> DisclosureBlock:
    return DisclosureBlock(
        f"with what left before, {len(given)} masked figure(s) could be reckoned exactly",
        given=", ".join(sorted(name.partition("|")[2] for name in given)[:3]),
        allowed="releases from which no masked figure can be reckoned",
        next_step="release the same groups as before, or coarser ones; the register is releases/register.jsonl",
    )


def ranges_of(cells: Cells, rule: Rule, hidden: Collection[str], before: Before = NOTHING_LEFT) -> Ranges:
    """What an attacker knows of each quantity alone: who is masked by the rule lies in its range, who is masked beside
    it above."""
    found = dict(before.ranges)
    for name in cells.values:
        low, high = _seen(cells, rule, name, hidden)
        was = before.ranges.get(name, (0, inf))
        found[name] = (max(low, was[0]), min(high, was[1]))
    return found


def _seen(cells: Cells, rule: Rule, name: str, hidden: Collection[str]) -> tuple[float, float]:
    value = cells.values[name]
    if name in hidden and not rule.masks(value):
        return _beside(cells, rule, name)
    if name in cells.exact and name not in hidden:
        return value, value
    return rule.whole_numbers(value)


def _beside(cells: Cells, rule: Rule, name: str) -> tuple[float, float]:
    """What is known of a count that is masked although the rule lets it be seen, or never told: it is not one the rule
    masks."""
    return (rule.high + 1 if cells.values[name] > rule.high and name in cells.told else 0), inf


def _cheapest(cells: Cells, sums: Collection[Sum], told: Collection[str], given: str) -> str:
    """The smallest visible count in a sum with one that is given away; parts before totals, noughts last; '' for
    none."""
    totals = {total for total, _ in sums}
    near = {name for total, parts in sums if given in (total, *parts) for name in (total, *parts)}
    for around in (near, _joined(sums, given)):
        free = [name for name in around if name in told]
        if free:
            return min(free, key=lambda name: (cells.values[name] == 0, name in totals, cells.values[name], name))
    return ""


def _joined(sums: Collection[Sum], given: str) -> set[str]:
    """Every quantity that some chain of sums ties to this one."""
    found, grown = {given}, True
    while grown:
        more = {name for total, parts in sums if found & {total, *parts} for name in (total, *parts)}
        grown, found = bool(more - found), found | more
    return found
