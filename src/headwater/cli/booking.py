"""The ledger's verbs."""

from __future__ import annotations

import click

from headwater.cli import money_words, refusals, words
from headwater.cli.answering import reason_option, role_option
from headwater.cli.door import Door, Parts

door = click.pass_obj


@click.group("ledger", cls=Parts)
def ledger_verb() -> None:
    """Pools of averted contacts that evidence opened, and the savings claimed on them; nothing is counted twice."""


@ledger_verb.command("show")
@click.option("--by", default="bearer", show_default=True, help="bearer, year, collaboration or style.")
@door
def show(at: Door, by: str) -> None:
    """Pools, claims, the statement summed by one of its sides, forecast beside measured, and the hash of the last
    entry."""
    from headwater.app import booking

    at.answer(booking.show(at.place(), by), money_words.ledger)


@ledger_verb.command("forecast")
@click.argument("collaboration", metavar="COLLAB")
@role_option
@reason_option
@door
def forecast(at: Door, collaboration: str, role: str, reason: str) -> None:
    """Book what the plan hopes for, before anything is measured, to stand beside what is measured later."""
    from headwater.app import forecasting

    at.answer(forecasting.forecast(at.place(), collaboration, role, reason, at.progress), money_words.forecast)


@ledger_verb.command("balance")
@click.option("--bucket", required=True, help="cash, released, absorbed or none (fixed costs unchanged).")
@click.option("--gbp", type=float, required=True, help="What must stand, in pounds.")
@click.option("--bearer", default="", help="Whose budget; all when left out.")
@click.option("--collab", default="", help="Which collaboration; all when left out.")
@click.option("--year", default="", help="The financial year, as 2023-24; all when left out.")
@role_option
@door
def balance(at: Door, bucket: str, gbp: float, bearer: str, collab: str, year: str, role: str) -> None:
    """Finance writes down what a balance is; refused unless it is true now, and every later check holds it."""
    from headwater.app import booking

    answer = booking.balance(at.place(), bucket, gbp, {"bearer": bearer, "collaboration": collab, "year": year}, role)
    at.answer(answer, money_words.balance)


@ledger_verb.command("claim")
@click.argument("lot")
@click.option("--bearer", required=True, help="Whose budget.")
@click.option("--contacts", type=float, required=True, help="How many averted contacts.")
@click.option("--year", required=True, help="The financial year, as 2023-24.")
@reason_option
@door
def claim(at: Door, lot: str, bearer: str, contacts: float, year: str, reason: str) -> None:
    """Book a saving against a pool of averted contacts. More than is left in it is refused."""
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

    at.answer(booking.check(at.place()), words.ledger_checks, refusals.fail_if_broken)
