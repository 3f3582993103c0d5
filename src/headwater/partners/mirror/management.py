"""What leading and managing costs, layer by layer, before and after sharing, at three depths.

M, the cost of leadership and management by layer; managers of a layer = ⌈people below / span⌉. Salaries carry on-costs.
A shared post is paid as the dearest of the posts it takes over (pay is harmonised upward).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPERATIVE = 5
SPAN = 8.0
"""People one manager can lead, where no member already leads more."""


class Depth(StrEnum):
    CHIEF = "shared chief executive"
    TEAM = "shared management team"
    FULL = "full shared service"
    LINE = "shared service"
    """As much as a line of spending can tell of a full shared service: one set of its managers."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Posts of one layer: full-time equivalents and what they cost a year, on-costs included."""

    fte: float
    gbp: float

    @property
    def each_gbp(self) -> float:
        return self.gbp / self.fte if self.fte else 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """What a depth takes out: cost before and after, posts removed, staff whose employer changes."""

    before_gbp: float
    after_gbp: float
    posts_removed: float
    removed_gbp: float
    """Yearly pay of the posts removed, what redundancy is reckoned from."""
    transferred: float | None
    """None where no posts are known."""

    @property
    def paper_gbp(self) -> float:
        """The saving on paper, before it is asked whether such savings come true."""
        return self.before_gbp - self.after_gbp


def managers(below: int, span: float) -> int:
    """Managers over `below` people in a full pyramid: ⌈n / span⌉ of each layer, up to one at the top."""
    total, layer = 0, below
    while layer > 1:
        layer = ceil(layer / span)
        total += layer
    return total


def layers(posts: Sequence[Mapping[str, object]], on_costs: float) -> dict[int, Layer]:
    """Layer number → Layer, of one organisation's posts. on_costs: 0.3 adds 30 % for pension and insurance."""
    fte: dict[int, float] = defaultdict(float)
    gbp: dict[int, float] = defaultdict(float)
    for post in posts:
        if post["layer"] is None or not post["fte"]:
            continue
        number, amount = int(str(post["layer"])), float(str(post["fte"]))
        fte[number] += amount
        gbp[number] += amount * float(str(post["salary_gbp"] or 0)) * (1 + on_costs)
    return {number: Layer(fte[number], gbp[number]) for number in sorted(fte)}


def change(members: Sequence[Mapping[int, Layer]], depth: Depth) -> Change:
    """What one set for all members would cost at a depth, against each having its own."""
    if depth is Depth.CHIEF:
        return _one_set(members, (1,))
    if depth in (Depth.TEAM, Depth.LINE):
        return _one_set(members, (1, 2, 3))
    return _full(members)


def _one_set(members: Sequence[Mapping[int, Layer]], scope: tuple[int, ...]) -> Change:
    """One set of the scope's posts: in each layer the posts of the member with the most, at the dearest pay; all others
    go."""
    before = after = removed = removed_gbp = 0.0
    for number in scope:
        held = [member[number] for member in members if number in member]
        if not held:
            continue
        stays, pay = max(held, key=lambda layer: (layer.fte, layer.gbp)), max(layer.each_gbp for layer in held)
        total, cost = sum(layer.fte for layer in held), sum(layer.gbp for layer in held)
        before, after = before + cost, after + stays.fte * pay
        removed, removed_gbp = removed + total - stays.fte, removed_gbp + cost - stays.gbp
    return Change(before, after, removed, removed_gbp, 0.0)


def _full(members: Sequence[Mapping[int, Layer]]) -> Change:
    """Every layer of managers reckoned anew from all operatives together, at a span of eight or the widest a member
    already runs."""
    numbers = sorted({number for member in members for number in member}, reverse=True)
    below = sum(member[OPERATIVE].fte for member in members if OPERATIVE in member)
    before = after = removed = removed_gbp = 0.0
    for number in (n for n in numbers if n < OPERATIVE):
        held = [member[number] for member in members if number in member]
        total, cost = sum(layer.fte for layer in held), sum(layer.gbp for layer in held)
        span = max(SPAN, *(_below(member, number) / member[number].fte for member in members if number in member))
        kept = min(total, float(ceil(below / span - 1e-9))) if span and below else max(layer.fte for layer in held)
        before, after = before + cost, after + kept * max(layer.each_gbp for layer in held)
        removed, removed_gbp = removed + total - kept, removed_gbp + (total - kept) * cost / total
        below = kept
    return Change(before, after, removed, removed_gbp, _moving(members))


def _below(member: Mapping[int, Layer], number: int) -> float:
    return next((member[lower].fte for lower in sorted(member) if lower > number), 0.0)


def _moving(members: Sequence[Mapping[int, Layer]]) -> float:
    """Staff who get another employer: all but the largest member's."""
    sizes = [sum(layer.fte for layer in member.values()) for member in members]
    return sum(sizes) - max(sizes)
