"""The ledger's own checks, each with a name: rules that hold over all that stands, whatever was booked in which
order."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import Usage
from headwater.domain.evidence import Check
from headwater.domain.ledger import SIGNED, ClaimState, Lot
from headwater.domain.money import Bucket, in_pounds
from headwater.ledger.rules import (
    NEXT,
    PENCE,
    PRICE_SLACK,
    ROUNDING,
    amounts_fit,
    claim_pounds,
    not_as_counted,
    overrides,
    same_role,
    words_may_stand,
    year_is_within,
)
from headwater.ledger.standing import claim_of, lot_of, parts_of
from headwater.ledger.statement import amount

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.ledger import Claim
    from headwater.ledger.standing import Standing
    from headwater.ledger.units import UnitSets
    from headwater.store.chain import Entry, Verification

LEFT_OUT = 1e-6
"""Of a harm: what adding in another order may leave unclaimed."""


def run(standing: Standing, held: NDArray[np.float64], once: NDArray[np.float64]) -> tuple[Check, ...]:
    """The checks that need the open lots netted: `held` is what each may be claimed for, `once` the same by first
    registered.

    First registered gives out each averted contact exactly once, so no rule may give out more than it does.
    """
    lots = standing.open_lots
    by_lot = dict(zip((lot.lot for lot in lots), held.tolist(), strict=True))
    straddling = [lot.lot for lot in lots if lot.averted_low <= 0 <= lot.averted_high]
    return (
        _check("claims-within-lots", _over(standing, by_lot), "no pool is claimed for more than it holds"),
        _check(
            "one-event-one-claim",
            _beyond(lots, held, once, standing.rule),
            "the pools together hold each averted contact once",
        ),
        _check("harm-booked", _harm(standing, by_lot), "every pool of harm is booked"),
        _check(
            "states", _states(standing), "every claim came to its state by allowed steps, each with a role and a reason"
        ),
        _check("signed-by-another", _alone(standing), "nobody accepted a claim that the same role booked"),
        _check("balances", _balances(standing), "what finance asserted still stands"),
        _check("intervals", straddling, "no pool's interval includes nothing"),
        _check(
            "amounts", _amounts(standing), "every claim's pounds are those of its pool's prices, or it says why not"
        ),
    )


def chain(verification: Verification) -> Check:
    breaches = [problem.text for problem in verification.problems if problem.breach]
    text = "; ".join(breaches) or f"{verification.entries} entries in an unbroken chain"
    return Check("chain", not breaches, text, float(len(breaches)), essential=True)


def allowed(entries: Iterable[Entry]) -> Check:
    """Entries that no rule of the ledger would have let in: they were written by something else."""
    wrong, claims, lots = [], set[str](), dict[str, Lot]()
    for act, body in (part for entry in entries for part in parts_of(entry)):
        if act == "lot":
            lots[str(body["lot"])] = lot_of(body)
        elif act == "withdrawn":
            lots.pop(str(body["lot"]), None)
        elif act in ("claim", "forecast"):
            claim = claim_of(body)
            wrong += [f"{claim.claim} ({why})" for why in _unallowed(claim, act, claims, lots)]
            claims.add(claim.claim)
    return _check("entries", wrong, "every entry is one that the ledger's rules let in")


def _unallowed(claim: Claim, act: str, claims: Collection[str], lots: Mapping[str, Lot]) -> list[str]:
    pounds = (claim.cash_gbp, claim.released_gbp, claim.absorbed_gbp, claim.none_gbp)
    begins, lot = ClaimState.MEASURED if act == "claim" else ClaimState.FORECAST, lots.get(claim.lot)
    said = {
        "booked twice": claim.claim in claims,
        f"begins as {claim.state}": claim.state is not begins,
        "on no open pool": act == "claim" and claim.lot not in lots,
        "a figure that is no number": not all(map(math.isfinite, (claim.contacts, *pounds))),
        **_unsaid(claim, lot),
        "pounds of no contact": act == "claim" and abs(claim.contacts) < ROUNDING and max(map(abs, pounds)) > 1.0,
    }
    return [why for why, so in said.items() if so]


def _unsaid(claim: Claim, lot: Lot | None) -> dict[str, bool]:
    """What a claim must say of itself, and of which year its lot can be."""
    try:
        words_may_stand(claim)
    except Usage as problem:
        return {problem.what: True}
    against = lot is not None and claim.contacts * lot.averted < 0
    return {
        "against the sign of its pool": against,
        "of a year in which its pool averted nothing": lot is not None and not year_is_within(claim.year, lot),
    }


def unit_sets(standing: Standing, units: UnitSets) -> Check:
    wrong = [lot.lot for lot in standing.lots.values() if not units.sound(lot.units)]
    return _check("unit-sets", wrong, "every pool's people or places are those it was opened with")


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
    ] + [
        f"{lot.lot} ({bearer} claimed {contacts:,.6g} of {year}, in which it has {has:,.6g})"
        for lot, bearer, year, contacts, has in _out_of_year(standing, held)
    ]


def _out_of_year(standing: Standing, held: Mapping[str, float]) -> Iterator[tuple[Lot, str, str, float, float]]:
    """What a bearer claims of a year beyond what the pool was counted with, where it says so and no reason overrides
    it."""
    sums: dict[tuple[str, str, str], list[float]] = {}
    for one in standing.claims.values():
        if one.claim.state is not ClaimState.REVERSED and not overrides(one.claim):
            sums.setdefault((one.claim.lot, one.claim.bearer, one.claim.year), []).append(one.claim.contacts)
    for (name, bearer, year), parts in sums.items():
        lot, contacts = standing.lots.get(name), math.fsum(parts)
        if lot is None or name not in held or (due := lot.due_to(bearer, year)) is None or not lot.averted:
            continue
        has = due[0] * held[name] / lot.averted
        if abs(contacts) > abs(has) + LEFT_OUT * max(1.0, abs(has)):
            yield lot, bearer, year, contacts, has


def _beyond(lots: Sequence[Lot], held: NDArray[np.float64], once: NDArray[np.float64], rule: str) -> list[str]:
    """Lots beyond their own figure; and kinds whose lots hold more between them than was averted once.

    Under the joint model the sum may be larger, as effects that multiply are: it is then bounded by each lot's own
    figure.
    """
    averted = np.array([lot.averted for lot in lots])
    slack = 1e-9 * np.maximum(1.0, np.abs(averted))
    wrong = [lot.lot for lot, more in zip(lots, np.abs(held) > np.abs(averted) + slack, strict=True) if more]
    if rule == "shapley" and any(lot.expected > 0 for lot in lots):
        return wrong
    for kind in dict.fromkeys((lot.kind, lot.averted < 0) for lot in lots):
        mine = np.array([(lot.kind, lot.averted < 0) == kind for lot in lots])
        if abs(held[mine].sum()) > abs(once[mine].sum()) + slack[mine].sum():
            wrong.append(f"{kind[0]} ({held[mine].sum():,.6g} held, {once[mine].sum():,.6g} averted)")
    return wrong


def _harm(standing: Standing, held: Mapping[str, float]) -> list[str]:
    """Lots of harm of which something is claimed by nobody: a loss cannot be left out, in whole or in part."""
    claimed = standing.claimed
    short = {
        lot.lot: abs(held.get(lot.lot, 0.0)) - abs(claimed.get(lot.lot, 0.0))
        for lot in standing.open_lots
        if lot.averted < 0
    }
    return [f"{lot} ({much:,.6g} not claimed)" for lot, much in short.items() if much > LEFT_OUT * abs(held[lot])]


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
        name
        for name, booked in standing.claims.items()
        if any(state in SIGNED and same_role(role, booked.booked_by) for _, state, role, _ in booked.history)
    ]


def _amounts(standing: Standing) -> list[str]:
    """Standing claims whose pounds are not what their contacts cost by the lot's own price."""
    return (
        [
            f"{name} ({in_pounds(sum(claim_pounds(one.claim)))} for {one.claim.contacts:,.6g} contacts)"
            for name, one in standing.claims.items()
            if one.claim.state is not ClaimState.REVERSED
            and (lot := standing.lots.get(one.claim.lot)) is not None
            and not amounts_fit(one.claim, lot)
        ]
        + [
            f"{lot} ({in_pounds(claimed)} of {bucket}, of which it has {in_pounds(has)})"
            for lot, bucket, claimed, has in _made_of_another(standing)
        ]
        + [
            f"{name} ({said})"
            for name, one in standing.claims.items()
            if one.claim.state is not ClaimState.REVERSED
            and (lot := standing.lots.get(one.claim.lot)) is not None
            and (said := not_as_counted(one.claim, lot))
        ]
    )


def _made_of_another(standing: Standing) -> Iterator[tuple[str, str, float, float]]:
    """Lots of which more of a bucket is claimed than they have: cash made of absorbed pounds, which comes to the same
    whole."""
    sums: dict[str, list[tuple[float, ...]]] = {}
    for one in standing.claims.values():
        if one.claim.state is not ClaimState.REVERSED and not overrides(one.claim):
            sums.setdefault(one.claim.lot, []).append(claim_pounds(one.claim))
    for name, rows in sums.items():
        lot = standing.lots.get(name)
        for bucket, has, each in zip(Bucket, lot.split_gbp if lot else (), zip(*rows, strict=True), strict=False):
            claimed = math.fsum(each)
            slack = abs(has) * PRICE_SLACK + PENCE * len(rows)
            if not min(has, 0.0) - slack <= claimed <= max(has, 0.0) + slack:
                yield name, bucket.value, claimed, has


def _balances(standing: Standing) -> list[str]:
    wrong = []
    for at, balance in standing.balances:
        now = amount(standing, balance)
        if abs(now - balance.gbp) > balance.tolerance_gbp:
            wrong.append(f"{in_pounds(balance.gbp, 2)} asserted {at}, {in_pounds(now, 2)} stand")
    return wrong
