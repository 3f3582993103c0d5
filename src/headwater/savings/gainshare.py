"""How partners settle among themselves: payments that add to zero, under an agreed rule, refused where a partner would
lose."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial, fsum
from typing import TYPE_CHECKING

from headwater.domain.errors import ProtocolBreach, Usage, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

RULES = ("proportional", "shapley", "fixed")
MOST_PARTNERS = 12
"""Shapley goes through 2ⁿ coalitions: 4,096 for 12."""
PENNY = 0.005


@dataclass(frozen=True, slots=True)
class Settled:
    """One partner: what its budget gained, what it paid in, the payment that settles (positive is received), and where
    it ends."""

    partner: str
    gain_gbp: float
    cost_gbp: float
    payment_gbp: float

    @property
    def net_gbp(self) -> float:
        return self.gain_gbp - self.cost_gbp + self.payment_gbp

    @property
    def return_on_cost(self) -> float | None:
        """Net gain a pound put in."""
        return self.net_gbp / self.cost_gbp if self.cost_gbp else None


def settle(
    gains_gbp: Mapping[str, float],
    costs_gbp: Mapping[str, float],
    rule: str = "proportional",
    shares: Mapping[str, float] | None = None,
    *,
    a_loss_is_agreed: bool = False,
) -> tuple[Settled, ...]:
    """Split the net gain of a collaboration over its partners; the payments add to zero.

    proportional: to what each put in (alike where nobody did). shapley: each partner's mean contribution, where nothing
    is gained unless all who pay take part. fixed: `shares`, adding to 1. Raises ProtocolBreach naming every partner who
    would end below zero, unless a loss was agreed.
    """
    partners = tuple(dict.fromkeys([*gains_gbp, *costs_gbp]))
    if rule not in RULES:
        raise one_of("there is no such rule of gain share", rule, RULES)
    before = {name: gains_gbp.get(name, 0.0) - costs_gbp.get(name, 0.0) for name in partners}
    surplus = fsum(before.values())
    after = {
        "proportional": lambda: _proportional(surplus, partners, costs_gbp),
        "fixed": lambda: _fixed(surplus, partners, shares or {}),
        "shapley": lambda: shapley(partners, _all_investors_needed(gains_gbp, costs_gbp)),
    }[rule]()
    losers = [name for name in partners if after[name] < -PENNY]
    if losers and not a_loss_is_agreed:
        raise ProtocolBreach(
            f"{', '.join(losers)} would lose by this settlement",
            given=f"{rule}: " + ", ".join(f"{name} £{after[name]:,.0f}" for name in partners),
            allowed="nobody below zero, unless the partners agreed to a loss beforehand",
            next_step="choose another rule, share the cost otherwise, or record the agreed loss",
        )
    paid = {name: after[name] - before[name] for name in partners}
    paid[partners[-1]] -= fsum(paid.values())  # the last rounding of floating point, so that the payments add to zero
    return tuple(Settled(name, gains_gbp.get(name, 0.0), costs_gbp.get(name, 0.0), paid[name]) for name in partners)


def _proportional(surplus: float, partners: Collection[str], costs: Mapping[str, float]) -> dict[str, float]:
    total = fsum(costs.values())
    return {name: surplus * (costs.get(name, 0.0) / total if total else 1 / len(partners)) for name in partners}


def _fixed(surplus: float, partners: Collection[str], shares: Mapping[str, float]) -> dict[str, float]:
    if abs(fsum(shares.values()) - 1) > 1e-9 or set(shares) - set(partners) or min(shares.values(), default=-1) < 0:
        raise Usage("fixed shares name partners and add to 1", given=str(dict(shares)), allowed=", ".join(partners))
    return {name: surplus * shares.get(name, 0.0) for name in partners}


def _all_investors_needed(gains: Mapping[str, float], costs: Mapping[str, float]) -> Callable[[frozenset[str]], float]:
    """v(S): the gains of S less all costs once everybody who pays is in S; before that there is no collaboration.

    Some of the partners alone would not begin at a loss, so only all of them together can be worth less than nothing.
    """
    investors = frozenset(name for name, cost in costs.items() if cost > 0)
    everybody = frozenset([*gains, *costs])

    def worth(coalition: frozenset[str]) -> float:
        if not investors <= coalition:
            return 0.0
        surplus = fsum([*(gains.get(name, 0.0) for name in coalition), *(-cost for cost in costs.values())])
        return surplus if coalition == everybody else max(0.0, surplus)

    return worth


def shapley(players: Collection[str], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Each player's mean marginal worth over all orders (Shapley 1953), exactly; v(∅) = 0."""
    names = tuple(players)
    n = len(names)
    if n > MOST_PARTNERS:
        raise Usage(
            "too many partners for an exact Shapley split",
            given=str(n),
            allowed=f"up to {MOST_PARTNERS}",
            next_step="settle by proportional or fixed shares",
        )
    values = {frozenset(group): worth(frozenset(group)) for size in range(n + 1) for group in combinations(names, size)}
    weight = [factorial(size) * factorial(n - size - 1) / factorial(n) for size in range(n)]
    return {
        name: fsum(
            weight[len(group)] * (values[group | {name}] - values[group]) for group in values if name not in group
        )
        for name in names
    }
