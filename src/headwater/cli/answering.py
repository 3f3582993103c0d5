"""Verbs of an evaluation: protocol, lock, amend, evaluate, count."""

from __future__ import annotations

import click

from headwater.cli import money_words, words
from headwater.cli.door import Door, Parts

door = click.pass_obj
reason_option = click.option("--reason", required=True, help="Why, in a sentence; it is kept.")
role_option = click.option(
    "--role",
    required=True,
    callback=lambda here, _option, role: here.obj.identity(role),
    help="The role that decides, not a name.",
)


@click.group("protocol", cls=Parts)
def protocol_verb() -> None:
    """The plans of evaluations: list, templates, check, what changed since the lock."""


@protocol_verb.command("list")
@door
def protocol_list(at: Door) -> None:
    """Every protocol with its style, its start and how it stands."""
    from headwater.app import planning

    at.answer(planning.listing(at.place()), words.protocols)


@protocol_verb.command("show")
@click.argument("collaboration", metavar="COLLAB")
@door
def protocol_show(at: Door, collaboration: str) -> None:
    """What a protocol says, as its file says it."""
    from headwater.app import planning

    at.answer(planning.told(at.place(), collaboration), words.protocol)


@protocol_verb.command("new")
@click.argument("collaboration", metavar="ID")
@click.option("--template", required=True, help="multidisciplinary-team, home-safety-visits, action-week, ...")
@door
def protocol_new(at: Door, collaboration: str, template: str) -> None:
    """Write a protocol from a template, ready to be edited."""
    from headwater.app import planning

    at.answer(planning.new_protocol(at.place(), collaboration, template), words.written)


@protocol_verb.command("check")
@click.argument("collaboration", metavar="COLLAB")
@door
def protocol_check(at: Door, collaboration: str) -> None:
    """Whether the file reads, with every problem at once, and what to think of before it is locked."""
    from headwater.app import planning

    at.answer(planning.checked(at.place(), collaboration), money_words.protocol_checked)


@protocol_verb.command("diff")
@click.argument("collaboration", metavar="COLLAB")
@door
def protocol_diff(at: Door, collaboration: str) -> None:
    """What the file says now against what was locked."""
    from headwater.app import planning

    at.answer(planning.difference(at.place(), collaboration), words.difference)


@protocol_verb.command("export")
@click.argument("collaboration", metavar="COLLAB")
@click.option("--as", "what", required=True, help="registry (JSON), agreement or assessment (DOCX starters).")
@door
def protocol_export(at: Door, collaboration: str, what: str) -> None:
    """An entry for an evaluation register, or a starter of a sharing agreement or an impact assessment."""
    from headwater.app import leaving

    at.answer(leaving.export(at.place(), collaboration, what), words.written)


@click.command("lock")
@click.argument("collaboration", metavar="COLLAB")
@role_option
@click.option("--reason", default="the plan is agreed", show_default=True, help="Why now; it is kept.")
@door
def lock_verb(at: Door, collaboration: str, role: str, reason: str) -> None:
    """Freeze the protocol by its hash, before outcomes are read."""
    from headwater.app import planning

    at.answer(planning.lock(at.place(), collaboration, role, reason), words.locked)


@click.command("amend")
@click.argument("collaboration", metavar="COLLAB")
@role_option
@reason_option
@door
def amend_verb(at: Door, collaboration: str, role: str, reason: str) -> None:
    """Accept the changes made to a locked protocol's file; its results say amended from now on."""
    from headwater.app import planning

    at.answer(planning.amend(at.place(), collaboration, role, reason), words.locked)


@click.command("evaluate")
@click.argument("collaboration", metavar="COLLAB")
@door
def evaluate_verb(at: Door, collaboration: str) -> None:
    """What did it change? The verdict with its interval, the naive figure beside it, checks and grade."""
    from headwater.app import evaluating

    at.answer(evaluating.evaluate(at.place(), collaboration, at.progress), words.evaluation)


@click.command("count")
@click.argument("collaboration", metavar="COLLAB")
@click.option("--lens", default="fiscal", show_default=True, help="fiscal; economic or social show and book nothing.")
@door
def count_verb(at: Door, collaboration: str, lens: str) -> None:
    """What it saved, by bearer, cash apart from capacity; books it in the ledger once, or says why it may not be."""
    from headwater.app import counting, worth

    if lens != "fiscal":
        at.answer(worth.seen_as(at.place(), collaboration, lens, at.progress), money_words.lens)
        return
    at.answer(counting.count(at.place(), collaboration, at.progress), money_words.count)
