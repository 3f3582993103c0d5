"""What may be booked. Short and on one page: each rule raises, saying what was given, what is allowed and what to type
next."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

from headwater.domain.collaboration import Standing as Lock
from headwater.domain.collaboration import Status
from headwater.domain.errors import ProtocolBreach, Usage, one_of
from headwater.domain.ledger import Claim, ClaimState, Lot
from headwater.domain.money import Bucket, in_pounds
from headwater.domain.spelled import letters_of, spelled

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from headwater.ledger.standing import Booked

ROUNDING = 1e-9
"""Of the contacts claimed: what adding floating-point numbers in another order may differ by."""

LEAST = 1e-6
PAGES_ROLES = re.compile(r"^(?:(?:reader|analyst|finance verifier)(?: |$))+")
"""The roles that the pages put before a person's name."""
PLAIN = re.compile(r"\w[\w .&'’()/,-]*")
LONGEST = 2000
"""Letters of a claim's reason: a page. What is longer is a document, and a claim names it."""

PRICE_SLACK, PENCE = 0.05, 0.01
"""Of what a claim's amounts should come to: a mean of drawn contacts times drawn prices is the product of the means but
for chance."""
OVERRIDE = re.compile(r"override\W+(?=.*?\w+\W+\w+\W+\w)", re.IGNORECASE | re.DOTALL)
"""How a reason begins that says why a claim departs from what was counted: the word alone says nothing."""

NEXT: Mapping[ClaimState, tuple[ClaimState, ...]] = {
    ClaimState.FORECAST: (ClaimState.REVERSED,),
    ClaimState.MEASURED: (ClaimState.ACCEPTED, ClaimState.DECAYED, ClaimState.REVERSED),
    ClaimState.ACCEPTED: (ClaimState.REMOVED, ClaimState.DECAYED, ClaimState.REVERSED),
    ClaimState.REMOVED: (ClaimState.DECAYED, ClaimState.REVERSED),
    ClaimState.DECAYED: (ClaimState.REVERSED,),
    ClaimState.REVERSED: (),
}
"""A forecast never becomes a measurement: a measured claim is booked beside it, against a lot."""


def lot_may_open(lot: Lot, lock: Lock, minimum_grade: int, known: Mapping[str, Lot]) -> None:
    """Evidence opens a lot only under a locked protocol, sure enough, and on one side of nothing."""
    if lot.lot in known:
        raise ProtocolBreach(
            f"pool {lot.lot} is there already", next_step="withdraw it, and open another for new evidence"
        )
    if lock.status is Status.EXPLORATORY:
        step = f"headwater lock {lot.collaboration}, before outcomes are read"
        _refuse(lot, f"its protocol stood {lock.status}", "locked or amended", step)
    if lot.protocol_sha256 != lock.sha256:
        step = f"headwater evaluate {lot.collaboration}"
        _refuse(lot, "its evidence was made under another protocol", f"protocol {lock.sha256[:12]}…", step)
    if lot.grade < minimum_grade:
        step = "a comparison with people or places that were not enrolled"
        _refuse(lot, f"its evidence is of grade {lot.grade}", f"grade {minimum_grade} or more", step)
    _figures_make_sense(lot)
    if lot.averted_low <= 0 <= lot.averted_high:
        given = (
            f"averted {lot.averted:,.0f}, but from {lot.averted_low:,.0f} to {lot.averted_high:,.0f}: none at all is"
            " among them"
        )
        step = "more people or a longer follow-up; nothing is booked until then"
        _refuse(lot, given, "an interval wholly above 0 (a saving) or wholly below it (harm)", step)


def _figures_make_sense(lot: Lot) -> None:
    figures = (lot.averted, lot.averted_low, lot.averted_high, lot.expected)
    if not all(math.isfinite(figure) for figure in figures):
        raise Usage(f"pool {lot.lot} holds a figure that is not a number", given=", ".join(map(str, figures)))
    if not lot.averted_low <= lot.averted <= lot.averted_high:
        raise Usage(
            f"pool {lot.lot} has its figure outside its interval",
            given=f"{lot.averted:,.6g}, {lot.averted_low:,.6g} to {lot.averted_high:,.6g}",
        )
    if date.fromisoformat(lot.last_day) < date.fromisoformat(lot.first_day):
        raise Usage(f"pool {lot.lot} ends before it begins", given=f"{lot.first_day} to {lot.last_day}")


def _refuse(lot: Lot, given: str, allowed: str, next_step: str) -> None:
    raise ProtocolBreach(
        f"no pool is opened for {lot.kind} of {lot.collaboration}", given=given, allowed=allowed, next_step=next_step
    )


def claim_may_stand(claim: Claim, lot: Lot | None, claimed: float, available: float) -> None:
    """A claim fits its lot: same sign, never more contacts than it still holds. lot is None where none of that name is
    open."""
    if lot is None:
        raise Usage(f"claim {claim.claim} names no open pool", given=claim.lot, next_step="headwater ledger show")
    if claim.state is not ClaimState.MEASURED:
        raise ProtocolBreach(f"claim {claim.claim} cannot begin as {claim.state}", allowed=ClaimState.MEASURED)
    figures = (claim.contacts, *claim_pounds(claim))
    if not all(math.isfinite(figure) for figure in figures):
        raise Usage(f"claim {claim.claim} holds a figure that is not a number")
    words_may_stand(claim)
    if not amounts_fit(claim, lot):
        raise ProtocolBreach(
            f"the amounts of claim {claim.claim} are not those of its pool's prices",
            given=f"{in_pounds(sum(claim_pounds(claim)), 2)} for {claim.contacts:,.6g} contacts",
            allowed=(
                f"{in_pounds(claim.contacts * (lot.price_gbp or 0.0), 2)}, at £{lot.price_gbp:,.2f} each, or a reason"
                " that begins with override: and says why"
            ),
            next_step="headwater count, which books the amounts itself",
        )
    if split := not_as_counted(claim, lot):
        raise ProtocolBreach(
            f"the amounts of claim {claim.claim} are not divided as its pool was counted",
            given=split,
            allowed=(
                "cash, released, absorbed and unchanged in the parts that were counted, or a reason that begins with"
                " override: and says why"
            ),
            next_step="headwater count, which books the amounts itself",
        )
    left = available - claimed
    slack = ROUNDING * max(1.0, abs(available))
    if claim.contacts * available < 0 or abs(claimed + claim.contacts) > abs(available) + slack:
        many = abs(claim.contacts - left) if claim.contacts * available >= 0 else abs(claim.contacts)
        raise ProtocolBreach(
            f"claimed {claim.contacts:,.6g}, available {left if abs(left) > slack else 0.0:,.6g} ({many:,.6g} too"
            " many)",
            given=f"claim {claim.claim} of {claim.bearer} on pool {lot.lot} ({lot.kind} of {lot.collaboration})",
            allowed=f"{available:,.6g} after what other pools count is taken off, of which {claimed:,.6g} are claimed",
            next_step="headwater ledger show, and claim no more than is left",
        )


def words_may_stand(claim: Claim) -> None:
    """A claim says in plain words whose it is, of which year, and why."""
    words = {"bearer": claim.bearer, "year": claim.year, "reason": claim.reason}
    if long := [name for name, text in words.items() if len(text) > LONGEST]:
        raise Usage(
            f"a claim's {long[0]} is too long", given=f"{len(words[long[0]]):,} letters", allowed=f"{LONGEST:,}"
        )
    for name, text in words.items():
        if not says(text) or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
            raise Usage(
                f"a claim's {name} is missing, or holds letters that cannot be seen",
                given=ascii(text[:80]),
                allowed="plain words",
            )
    if not re.fullmatch(r"\d{4}-\d{2}", claim.year) or int(claim.year[5:]) != (int(claim.year[2:4]) + 1) % 100:
        raise Usage(
            "this is no financial year",
            given=claim.year[:40],
            allowed="a year as in 2023-24",
            next_step="headwater ledger show",
        )


def says(text: str) -> bool:
    """Whether a text has a letter or a figure: a full stop is no reason, nor what cannot be seen."""
    return any(letter.isalnum() for letter in text)


def amounts_fit(claim: Claim, lot: Lot) -> bool:
    """Whether cash, released, absorbed and none come to the lot's own price, or the claim's reason says that it
    overrides it."""
    if lot.price_gbp is None or overrides(claim):
        return True
    whole, should = sum(claim_pounds(claim)), claim.contacts * lot.price_gbp
    return abs(whole - should) <= PRICE_SLACK * abs(should) + PENCE


def not_as_counted(claim: Claim, lot: Lot) -> str:
    """Which bucket of a claim is not the part of it that its pool was counted with; '' where all are, or nobody can
    tell."""
    due = lot.due_to(claim.bearer, claim.year)
    if due is None or not due[0] or overrides(claim):
        return ""
    should = [claim.contacts / due[0] * part for part in due[1:]]
    slack = PRICE_SLACK * sum(map(abs, should)) + PENCE
    wrong = (
        (bucket, has, part)
        for bucket, has, part in zip(Bucket, claim_pounds(claim), should, strict=True)
        if abs(has - part) > slack
    )
    return next(
        (
            f"{in_pounds(has, 2)} of {bucket.value}, where {in_pounds(part, 2)} was counted"
            for bucket, has, part in wrong
        ),
        "",
    )


def overrides(claim: Claim) -> bool:
    return OVERRIDE.match(claim.reason) is not None


def year_is_within(year: str, lot: Lot) -> bool:
    """Whether a financial year, as 2023-24, holds a day of the lot."""
    return lot.first_day <= f"{int(year[:4]) + 1}-03-31" and lot.last_day >= f"{year[:4]}-04-01"


def claim_pounds(claim: Claim) -> tuple[float, float, float, float]:
    return claim.cash_gbp, claim.released_gbp, claim.absorbed_gbp, claim.none_gbp


def claim_may_be_asked(claim: Claim, lot: Lot, bearers: Collection[str], left: float | None = None) -> None:
    """What is typed in is of something, of a body that has a part in it, and of a year in which the lot counts.

    bearers: the organisations and budgets of the workspace; empty where it names none. left: contacts that this budget
    may still claim of this year; None where the lot does not say.
    """
    words_may_stand(claim)
    if math.isfinite(claim.contacts) and abs(claim.contacts) < LEAST:
        raise Usage("a claim of no contact is none", given=f"{claim.contacts:g}", next_step="headwater ledger show")
    if claim.contacts * lot.averted < 0:
        raise Usage(
            "a claim has the sign of its pool",
            given=f"{claim.contacts:g} contacts",
            allowed="above 0" if lot.averted > 0 else "below 0: this pool is of harm",
            next_step="headwater ledger reverse takes a claim back",
        )
    if bearers and claim.bearer not in bearers:
        raise one_of("no such bearer", claim.bearer, bearers, "headwater ledger show")
    if not PLAIN.fullmatch(claim.bearer):
        raise Usage(
            "this is no name of a bearer",
            given=ascii(claim.bearer[:80]),
            allowed="letters, digits, spaces and - _ . & ' ( ) / ,",
        )
    if not year_is_within(claim.year, lot):
        raise Usage(
            "nothing in the pool was averted in that year",
            given=claim.year,
            allowed=f"{lot.first_day} to {lot.last_day}",
            next_step="headwater ledger show",
        )
    if overrides(claim) or left is None:
        return
    if claim.bearer not in lot.bearers:
        raise ProtocolBreach(
            "this budget has no part in the pool: its protocol gives none of these contacts to it",
            given=claim.bearer,
            allowed=", ".join(lot.bearers),
            next_step="amend [shares] of the protocol and count again, or begin the reason with override: and say why",
        )
    if abs(claim.contacts) > abs(left) + LEAST:
        raise ProtocolBreach(
            f"claimed {claim.contacts:,.6g}, available {max(left, 0.0) if lot.averted > 0 else min(left, 0.0):,.6g} for"
            f" {claim.bearer} in {claim.year}",
            given=f"{claim.contacts:,.6g}",
            allowed="what was measured in that year, less what is claimed of it",
            next_step="headwater ledger show, and claim each year's own",
        )


def state_may_change(booked: Booked | None, given: str, state: ClaimState, role: str, reason: str) -> None:
    """Forward only, by somebody, for a reason; who accepts is not who booked."""
    if booked is None:
        raise Usage("there is no such claim", given=given, next_step="headwater ledger show")
    if not says(role) or not says(reason):
        raise Usage(
            f"claim {given} changes its state only with a role and a reason", given=f"role {role!r}, reason {reason!r}"
        )
    if state not in NEXT[booked.claim.state]:
        allowed = ", ".join(NEXT[booked.claim.state]) or "nothing: it is closed"
        raise ProtocolBreach(f"claim {given} is {booked.claim.state} and cannot become {state}", allowed=allowed)
    if state in (ClaimState.ACCEPTED, ClaimState.REMOVED) and same_role(role, booked.booked_by):
        raise ProtocolBreach(
            f"claim {given} was booked by {role}, who cannot accept it as well",
            allowed="another role than the one that booked it",
            next_step="let finance sign it: --role with the role that signs",
        )


def cost_may_stand(gbp: float, known_gbp: float, heading: str) -> None:
    """The same cost again is the same; another amount under its heading would be a silent change."""
    if not math.isfinite(gbp) or gbp < 0:
        raise Usage("a cost is a number of pounds, nought or more", given=f"{heading}: {gbp}")
    if gbp != known_gbp:
        raise ProtocolBreach(
            f"{in_pounds(known_gbp, 2)} is booked under this heading already",
            given=f"{heading}: {in_pounds(gbp, 2)}",
            next_step="book the difference under a heading of its own",
        )


def balance_may_be(gbp: float) -> None:
    if not math.isfinite(gbp):
        raise Usage("a balance is not a number", given=str(gbp), allowed="pounds", next_step="headwater ledger show")


def same_role(one: str, other: str) -> bool:
    """Whether two roles are one to whoever reads them: no spelling of a name is another name.

    A person whom the proxy names, by an address or behind the roles of the pages, is that person in every role.
    """
    return letters_of(one) == letters_of(other) or bool(_people(one) & _people(other))


def _people(role: str) -> set[str]:
    """Who is named in a role: addresses, and what stands behind the pages' own words for roles."""
    words = spelled(role)
    named = {word for word in words.split() if "@" in word}
    name = letters_of(PAGES_ROLES.sub("", words))
    return named | ({name} if name != letters_of(words) and len(name) > 1 else set())


def rule_may_hold(rule: str, rules: Sequence[str], reason: str) -> None:
    if rule not in rules:
        raise one_of("there is no such rule of attribution", rule, rules)
    if not says(reason):
        raise Usage("a rule of attribution needs a reason")
