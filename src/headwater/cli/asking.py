"""Verbs that ask: partners, explain, register, plan, monitor."""

from __future__ import annotations

from pathlib import Path

import click

from headwater.cli import money_words, partner_words, segment_words, words
from headwater.cli.door import Door, Parts

door = click.pass_obj


@click.command("partners")
@click.option("--for", "organisation", metavar="ORG", help="Options for one organisation, by its code.")
@click.option("--style", metavar="STYLE", help="mirror, integration or upstream; all three when left out.")
@click.option(
    "--area",
    "areas",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=(
        "An area's file, made by headwater evidence partners; give it once for each of two or more areas, for one"
        " answer over all."
    ),
)
@door
def partners_verb(at: Door, organisation: str | None, style: str | None, areas: tuple[Path, ...]) -> None:
    """Who should we collaborate with? All three styles on one base, ranked by the net a year that is expected of
    each."""
    from headwater.app import choosing

    if areas:
        from headwater.app.areas import told
        from headwater.cli import pool_words

        if organisation or style:
            raise click.UsageError("--area tells areas together, for everybody and of the upstream style alone")
        at.answer(told(at.place(), areas), pool_words.areas)
        return
    at.answer(choosing.find(at.place(), organisation, style, at.progress), partner_words.partners)


@click.command("segments")
@click.argument("segment", metavar="[SEGMENT]", required=False)
@click.option(
    "--for", "organisation", metavar="ORG", help="One organisation's own contacts; everybody's when left out."
)
@door
def segments_verb(at: Door, segment: str | None, organisation: str | None) -> None:
    """What of your own demand others could meet earlier; with SEGMENT, one of them month by month and every study of
    it."""
    from headwater.app import segmenting

    if segment:
        at.answer(segmenting.segment(at.place(), segment, organisation, at.progress), segment_words.segment)
        return
    at.answer(segmenting.segments(at.place(), organisation, at.progress), segment_words.segments)


@click.command("adopt")
@click.argument("option", metavar="OPTION")
@click.option(
    "--as", "name", metavar="ID", default="", help="The collaboration's short name; made from the option when left out."
)
@door
def adopt_verb(at: Door, option: str, name: str) -> None:
    """From an option of `partners` or `segments` to a programme: a draft to edit, a data request, risks, the plan
    page."""
    from headwater.app import adopting

    at.answer(adopting.adopt(at.place(), option, name, at.progress), segment_words.adopted)


@click.command("explain")
@click.argument("option", metavar="ID")
@door
def explain_verb(at: Door, option: str) -> None:
    """Why this option: what counts for and against it, its nearest alternatives, what would change the answer."""
    from headwater.app import choosing

    at.answer(choosing.explain(at.place(), option, at.progress), partner_words.explain)


@click.group("register", cls=Parts)
def register_verb() -> None:
    """Known collaborations, each classified as mirror, integration or upstream by rule, with what they claim."""


@register_verb.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", "instead", is_flag=True, help="Replace all the lists that the register holds.")
@door
def register_import(at: Door, file: Path, instead: bool) -> None:
    """Add a list of collaborations from CSV or XLSX (partners, service, start, claimed saving, claim text).

    A list that was imported before takes the place of its earlier self; others stay, and what conflicts among them is
    told.
    """
    from headwater.app import registering

    at.answer(registering.import_list(at.place(), file, instead), partner_words.register)


@register_verb.command("list")
@door
def register_list(at: Door) -> None:
    """The register as it stands, with the shares by style."""
    from headwater.app import registering

    at.answer(registering.listing(at.place()), partner_words.register)


@register_verb.command("show")
@click.argument("collaboration", metavar="ID")
@door
def register_show(at: Door, collaboration: str) -> None:
    """One collaboration of the register: who, since when, what it claims, why it is classified so."""
    from headwater.app import registering

    at.answer(registering.show(at.place(), collaboration), partner_words.register_show)


@click.command("plan")
@click.argument("collaboration", metavar="COLLAB")
@click.option(
    "--days",
    multiple=True,
    metavar="AGENCY=DAYS",
    help="For an action week: the days an agency can give; once for each.",
)
@click.option(
    "--chances",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="For an action week: CSV of place, agency, chance, days in place of the assumed ones.",
)
@click.option(
    "--goal", default="", metavar="GOAL=AMOUNT", help="What it takes: steps=1, wait=0.5 (hours) or gbp=67000 (a year)."
)
@door
def plan_verb(at: Door, collaboration: str, goal: str, days: tuple[str, ...], chances: Path | None) -> None:
    """Before launch: power, the regression to the mean to expect, break-even, what more evidence would be worth.

    With --days: which streets and agencies an action week should choose, in random order.
    """
    from headwater.app import forecasting, planning, weeks

    if goal:
        at.answer(forecasting.goal(at.place(), collaboration, goal, at.progress), money_words.goal)
        return

    if days:
        at.answer(weeks.plan_week(at.place(), collaboration, days, chances, at.progress), partner_words.week)
        return
    at.answer(planning.plan(at.place(), collaboration, at.progress), words.plan)


@click.command("monitor")
@click.argument("collaboration", metavar="COLLAB")
@door
def monitor_verb(at: Door, collaboration: str) -> None:
    """A look before the end, after each load: harm first, by intervals that hold however often one looks."""
    from headwater.app import monitoring

    at.answer(monitoring.monitor(at.place(), collaboration, at.progress), words.plan)
