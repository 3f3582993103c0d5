"""Verbs by which something leaves: report, verify, request, serve."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from headwater.cli import refusals, run_words, segment_words, words
from headwater.cli.door import Door
from headwater.domain.errors import Failed

door = click.pass_obj


@click.command("report")
@click.option(
    "--format",
    "formats",
    default="html",
    show_default=True,
    help="html, pdf, docx, xlsx or ods; separate several with commas.",
)
@door
def report_verb(at: Door, formats: str) -> None:
    """The board report, from what was found so far, into releases/."""
    from headwater.app import leaving

    at.answer(leaving.report(at.place(), tuple(formats.split(",")), at.progress), run_words.reported)


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@door
def verify_verb(at: Door, file: Path) -> None:
    """Whether a report, or a site's evidence file, is the one that was made, byte for byte, or what differs."""
    from headwater.app import leaving

    at.answer(leaving.verify(at.place(), file), run_words.verified, refusals.fail_if_differs)


@click.command("request")
@click.argument("collaboration", metavar="[COLLAB", required=False)
@click.argument("agency", metavar="AGENCY]", required=False)
@click.option("--for", "organisation", metavar="ORG", help="Whose demand is asked about; everybody's when left out.")
@click.option("--of", "body", metavar="BODY", help="Write the request for this body of the list.")
@door
def request_verb(
    at: Door, collaboration: str | None, agency: str | None, organisation: str | None, body: str | None
) -> None:
    """Whose records to ask for first, and what they could settle; with COLLAB and AGENCY, the workbook for a partner to
    fill."""
    from headwater.app import leaving, segmenting

    if collaboration and agency:
        at.answer(leaving.request(at.place(), collaboration, agency), words.written)
    elif collaboration:
        raise click.UsageError("a request for a collaboration names the agency too: headwater request COLLAB AGENCY")
    elif body:
        at.answer(segmenting.request_of(at.place(), body, organisation, at.progress), words.written)
    else:
        at.answer(segmenting.ask_first(at.place(), organisation, at.progress), segment_words.ask_first)


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--no-open", is_flag=True, help="Print the link and do not open a browser.")
@click.option("--shared", is_flag=True, help="Behind a reverse proxy that names people: governance/people.toml.")
@door
def serve_verb(at: Door, port: int, no_open: bool, shared: bool) -> None:
    """The pages, on this computer only, behind a link that works once; or for several people behind a reverse proxy."""
    # The two doors do not know each other; this verb only knows the other's name.
    try:
        served = import_module("headwater.web")
        served.serve(at.place(), port=port, open_browser=not no_open, shared=shared)
    except ModuleNotFoundError as problem:
        if (problem.name or "headwater").startswith("headwater"):
            raise
        raise Failed(
            "the pages are not installed",
            given=f"no {problem.name} beside headwater",
            next_step="pip install 'headwater[web]', then type the same command again",
        ) from problem
