"""The verbs of money that book nothing: prices, and how partners settle."""

from __future__ import annotations

import click

from headwater.cli import money_words
from headwater.cli.door import Door, Parts
from headwater.domain.errors import Usage

door = click.pass_obj


@click.group("prices", cls=Parts)
def prices_verb() -> None:
    """The prices in use, each with its source, and what the linter finds in the tables."""


@prices_verb.command("show")
@click.option("--kind", default="", help="Of one kind of contact only.")
@door
def prices_show(at: Door, kind: str) -> None:
    """Every price with its source, edition and perspective, in pounds of one year."""
    from headwater.app import worth

    at.answer(worth.prices(at.place(), kind), money_words.prices)


@prices_verb.command("check")
@door
def prices_check(at: Door) -> None:
    """What is odd about the tables: decimal slips, units, years, perspectives, costs counted twice. Exit code 3 at an
    alarm."""
    from headwater.app import worth

    at.answer(worth.check_prices(at.place()), money_words.price_warnings, worth.fail_if_alarmed)


@click.command("settle")
@click.argument("collaboration", metavar="COLLAB")
@click.option("--rule", default="proportional", show_default=True, help="proportional, shapley or fixed.")
@click.option(
    "--share", "shares", multiple=True, metavar="PARTNER=SHARE", help="For fixed: one a partner, adding to 1."
)
@click.option("--loss-agreed", is_flag=True, help="A partner that loses by it agreed to beforehand.")
@door
def settle_verb(at: Door, collaboration: str, rule: str, shares: tuple[str, ...], loss_agreed: bool) -> None:
    """Payments between partners that share the gain. They add to zero; refused where a partner would lose."""
    from headwater.app import worth

    answer = worth.settlement(at.place(), collaboration, rule, dict(map(_share, shares)), a_loss_is_agreed=loss_agreed)
    at.answer(answer, money_words.settlement)


def _share(said: str) -> tuple[str, float]:
    partner, _, share = said.partition("=")
    try:
        return partner, float(share)
    except ValueError:
        raise Usage(
            "a share is PARTNER=NUMBER", given=said, allowed="hospital=0.6", next_step="headwater settle --help"
        ) from None
