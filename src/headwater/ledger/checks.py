"""The ledger's own checks, each with a name: rules that hold over all that stands, whatever was booked in which order."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.domain.ledger import ClaimState
from headwater.ledger.rules import NEXT, ROUNDING
from headwater.ledger.statement import amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.ledger.journal import Verification
    from headwater.ledger.standing import Standing
    from headwater.ledger.units import UnitSets

SIGNED = (ClaimState.ACCEPTED, ClaimState.REMOVED)


def run(standing: Standing, held: Mapping[str, float]) -> tuple[Check, ...]:
    """The checks that need the lots netted: `held` is what each may be claimed for."""
    lots = standing.lots.values()
    return (
        _check("claims-within-lots", _over(standing, held), "no lot is claimed for more than it holds after netting"),
        _check("one-event-one-claim", _beyond(standing, held), "netted lots hold no more than was averted"),
        _check("harm-booked", _harm(standing), "every lot of harm is claimed"),
        _check("states", _states(standing), "every claim came to its state by allowed steps, each with a role and a reason"),
        _check("signed-by-another", _alone(standing), "nobody accepted a claim that the same role booked"),
        _check("balances", _balances(standing), "what finance asserted still stands"),
        _check("intervals", [lot.lot for lot in lots if lot.averted_low <= 0 <= lot.averted_high], "no lot's interval includes none"),
    )  # fmt: skip


def chain(verification: Verification) -> Check:
    breaches = [problem.text for problem in verification.problems if problem.breach]
    text = "; ".join(breaches) or f"{verification.entries} entries in an unbroken chain"
    return Check("chain", not breaches, text, float(len(breaches)), essential=True)


def unit_sets(standing: Standing, units: UnitSets) -> Check:
    wrong = [lot.lot for lot in standing.lots.values() if not units.sound(lot.units)]
    return _check("unit-sets", wrong, "every lot's people or places are those it was opened with")


def _check(name: str, wrong: Sequence[str], rule: str) -> Check:
    text = (
        f"not so: {', '.join(wrong[:5])}{f' and {len(wrong) - 5} more' if len(wrong) > 5 else ''} ({rule})"
        if wrong
        else rule
    )
    return Check(name, not wrong, text, float(len(wrong)), essential=True)


def _over(standing: Standing, held: Mapping[str, float]) -> list[str]:
    return [
        f"{lot} (claimed {contacts:,.6g}, holds {held.get(lot, 0.0):,.6g})"
        for lot, contacts in standing.claimed.items()
        if abs(contacts) > abs(held.get(lot, 0.0)) + 10 * ROUNDING * max(1.0, abs(contacts))
        or contacts * held.get(lot, 0.0) < 0
    ]


def _beyond(standing: Standing, held: Mapping[str, float]) -> list[str]:
    return [lot.lot for lot in standing.lots.values() if abs(held[lot.lot]) > abs(lot.averted) * (1 + ROUNDING)]


def _harm(standing: Standing) -> list[str]:
    return [lot.lot for lot in standing.lots.values() if lot.averted < 0 and not standing.claimed.get(lot.lot)]


def _states(standing: Standing) -> list[str]:
    wrong = []
    for name, booked in standing.claims.items():
        states = [state for _, state, _, _ in booked.history]
        steps = all(after in NEXT[before] for before, after in itertools.pairwise(states))
        if not steps or any(not role.strip() or not reason.strip() for _, _, role, reason in booked.history):
            wrong.append(name)
    return wrong


def _alone(standing: Standing) -> list[str]:
    return [
        name for name, booked in standing.claims.items()
        if any(state in SIGNED and role == booked.booked_by for _, state, role, _ in booked.history)
    ]  # fmt: skip


def _balances(standing: Standing) -> list[str]:
    wrong = []
    for at, balance in standing.balances:
        now = amount(standing, balance)
        if abs(now - balance.gbp) > balance.tolerance_gbp:
            wrong.append(f"£{balance.gbp:,.2f} asserted {at}, £{now:,.2f} stand")
    return wrong
