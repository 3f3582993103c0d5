"""One count before it is booked: each part applied to a copy of what stands, so that the next part is judged by it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.ledger import ClaimState
from headwater.ledger import rules
from headwater.ledger.standing import Standing, apply, body_of
from headwater.store.chain import Body, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from headwater.domain.collaboration import Standing as Lock
    from headwater.domain.ledger import Claim, Lot
    from headwater.ledger.standing import Spent
    from headwater.ledger.units import Followed


@dataclass(frozen=True)
class Counted:
    """What an evaluation bears out and no longer bears out.

    withdraw: (lot, why); opened: each lot with its units; claims: from what each open lot then has left to what is
    claimed.
    """

    collaboration: str
    lock: Lock
    minimum_grade: int
    withdraw: tuple[tuple[str, str], ...]
    opened: tuple[tuple[Lot, Sequence[str] | Followed], ...]
    claims: Callable[[Mapping[str, float]], Iterable[Claim]]
    spent: tuple[Spent, ...] = ()


@dataclass
class Draft:
    """standing: as it would be after the parts so far."""

    standing: Standing
    at: str
    role: str
    parts: list[list[object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.standing = deepcopy(self.standing)

    def put(self, act: str, body: Body) -> None:
        self.parts.append([act, body])
        apply(self.standing, Entry(0, self.at, act, self.role, body, "", ""))

    def withdraw(self, lot: str, reason: str) -> None:
        if lot not in {one.lot for one in self.standing.open_lots}:
            raise Usage("there is no such open pool of averted contacts", given=lot, next_step="headwater ledger show")
        for name, booked in list(self.standing.claims.items()):
            if booked.claim.lot == lot and booked.claim.state is not ClaimState.REVERSED:
                rules.state_may_change(booked, name, ClaimState.REVERSED, self.role, reason)
                self.put("state", {"claim": name, "state": ClaimState.REVERSED, "reason": reason})
        self.put("withdrawn", {"lot": lot, "reason": reason})

    def claim(self, claims: Iterable[Claim], held: Mapping[str, float]) -> None:
        for claim in claims:
            if claim.claim in self.standing.claims:
                raise ProtocolBreach(f"claim {claim.claim} is booked already", next_step="headwater ledger show")
            lot = self.standing.lots.get(claim.lot) if claim.lot in held else None
            rules.claim_may_stand(claim, lot, self.standing.claimed.get(claim.lot, 0.0), held.get(claim.lot, 0.0))
            self.put("claim", body_of(claim))

    def spend(self, spent: Iterable[Spent]) -> None:
        known = {each.heading: each.gbp for each in self.standing.spent}
        for each in spent:
            rules.cost_may_stand(each.gbp, known.get(each.heading, each.gbp), " · ".join(each.heading))
            if each.heading not in known:
                known[each.heading] = each.gbp
                self.put("spent", body_of(each))
