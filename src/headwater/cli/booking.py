"""The ledger's verbs."""

from __future__ import annotations

import click

from headwater.cli import words
from headwater.cli.answering import reason_option, role_option
from headwater.cli.door import Door

door = click.pass_obj


@click.group("ledger")
def ledger_verb() -> None:
    """Lots that evidence opened and the savings claimed on them; nothing is counted twice."""


@ledger_verb.command("show")
@door
def show(at: Door) -> None:
    """Lots, claims, totals by bearer, and the hash of the last entry."""
    from headwater.app import booking

    at.answer(booking.show(at.place()), words.ledger)


@ledger_verb.command("claim")
@click.argument("lot")
@click.option("--bearer", required=True, help="Whose budget.")
@click.option("--contacts", type=float, required=True, help="How many averted contacts.")
@click.option("--year", required=True, help="The financial year, as 2023-24.")
@reason_option
@door
def claim(at: Door, lot: str, bearer: str, contacts: float, year: str, reason: str) -> None:
    """Book a saving on a lot. More than is left of it is refused."""
    from headwater.app import booking

    at.answer(booking.claim(at.place(), lot, bearer, contacts, year, reason), words.claimed)


@ledger_verb.command("accept")
@click.argument("claim_id", metavar="CLAIM")
@click.option(
    "--state", default="finance-accepted", show_default=True, help="finance-accepted, budget-removed or decayed."
)
@role_option
@reason_option
@door
def accept(at: Door, claim_id: str, state: str, role: str, reason: str) -> None:
    """Finance moves a claim on; the role must not be the one that booked it."""
    from headwater.app import booking

    at.answer(booking.advance(at.place(), claim_id, state, role, reason), words.moved)


@ledger_verb.command("reverse")
@click.argument("claim_id", metavar="CLAIM")
@role_option
@reason_option
@door
def reverse(at: Door, claim_id: str, role: str, reason: str) -> None:
    """Take a claim back by a new entry; nothing is deleted."""
    from headwater.app import booking

    at.answer(booking.reverse(at.place(), claim_id, role, reason), words.moved)


@ledger_verb.command("attribute")
@click.argument("rule", metavar="RULE")
@role_option
@reason_option
@door
def attribute(at: Door, rule: str, role: str, reason: str) -> None:
    """How contacts that several collaborations averted are shared: first, equal or shapley."""
    from headwater.app import booking

    at.answer(booking.attribute(at.place(), rule, role, reason), words.attributed)


@ledger_verb.command("verify")
@click.option("--head", default="", help="The hash of the last entry as it was noted elsewhere.")
@door
def verify(at: Door, head: str) -> None:
    """Whether the ledger is as it was written: tampering, truncation, reordering and replay are found and located."""
    from headwater.app import booking

    at.answer(booking.verify(at.place(), head), words.verified_ledger)


@ledger_verb.command("check")
@door
def check(at: Door) -> None:
    """Every rule of the ledger by name, with whether it holds."""
    from headwater.app import booking

    answer = booking.check(at.place())
    at.answer(answer, words.ledger_checks)
    words.fail_if_broken(answer.content)
