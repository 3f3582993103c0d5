"""Verbs that read: demo, new, doctor, check, load, link, run."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from headwater.cli import linkage, reading_words, refusals, run_words, words
from headwater.cli.door import Door, Parts

door = click.pass_obj
FORMATS = "html,pdf,docx,xlsx,ods"


@click.command("demo")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("northshire"))
@click.option(
    "--people",
    type=click.IntRange(5_000, 5_000_000),
    default=20_000,
    show_default=True,
    help="How many people live there.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The number the county is made from.")
@click.option("--no-open", is_flag=True, help="Do not open the report in a browser.")
@door
def demo_verb(at: Door, folder: Path, people: int, seed: int, no_open: bool) -> None:
    """Make the demonstration county, run every step on it, set the truth beside the answers and open the report."""
    from headwater.app import demo

    answer = demo.demo(folder, people, seed, at.progress)
    at.answer(answer, run_words.demo)
    if not no_open and not at.as_json:
        # Quiet where there is no browser: the path of the report has been told.
        webbrowser.open(Path(answer.content["report"]).resolve().as_uri())


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@door
def new_verb(at: Door, folder: Path) -> None:
    """Write an empty workspace: commented settings, example files with made-up people, a protocol template."""
    from headwater.app import starting

    at.answer(starting.new(folder), words.new)


@click.command("doctor")
@door
def doctor_verb(at: Door) -> None:
    """Say what is wrong with the workspace or the installation, and what to type to put it right."""
    from headwater.app import starting

    at.answer(starting.doctor(at.root), words.doctor)


@click.command("add")
@click.argument(
    "files", metavar="FILE...", type=click.Path(path_type=Path, dir_okay=False, exists=True), nargs=-1, required=True
)
@click.option(
    "--agency", default="", help="Who gave the files; without it the layout's usual giver, or the file's name."
)
@door
def add_verb(at: Door, files: tuple[Path, ...], agency: str) -> None:
    """Write a [[source]] for each file into headwater.toml: by the layout that is recognised, else by what its columns
    hold."""
    from headwater.app import mapping

    at.answer(mapping.add(at.place(), files, agency), reading_words.add)


@click.command("check")
@door
def check_verb(at: Door) -> None:
    """Report per file what fits and what does not, with suggested mappings. Writes nothing."""
    from headwater.app import reading

    at.answer(reading.check(at.place(), at.progress), words.check, refusals.fail_if_unfit)


@click.command("load")
@door
def load_verb(at: Door) -> None:
    """Read the files that headwater.toml names. Bad rows go to quarantine with their reasons; nothing is dropped."""
    from headwater.app import reading

    at.answer(
        reading.load(at.place(), at.progress),
        words.load,
        refusals.fail_if_lost,
        refusals.fail_if_empty,
        refusals.fail_if_orphaned,
    )


@click.command("ready")
@click.option("--for", "organisation", default=None, help="The organisation that asks, by code.")
@click.option("--accept", default="", metavar="KIND=PRICED", help="Say which priced kind one of your own kinds is.")
@door
def ready_verb(at: Door, organisation: str | None, accept: str) -> None:
    """What the data as loaded can and cannot answer, and the one line or file that would fill each gap."""
    from headwater.app import bearing

    if accept:
        kind, _, priced = accept.partition("=")
        at.answer(bearing.accept(at.place(), kind.strip(), priced.strip()), reading_words.accepted)
        return
    at.answer(bearing.ready(at.place(), organisation, at.progress), reading_words.ready)


@click.group("link", cls=Parts, invoke_without_command=True)
@click.pass_context
def link_verb(ctx: click.Context) -> None:
    """Find out which records of which agencies are the same person, and how well that is known."""
    from headwater.app import reading

    if ctx.invoked_subcommand is None:
        at = ctx.obj
        at.answer(reading.link(at.place(), at.progress), linkage.said)


file_path = click.Path(path_type=Path, dir_okay=False)


@link_verb.command("encode")
@click.argument("agency", metavar="AGENCY")
@click.option(
    "--key",
    "key_file",
    type=file_path,
    required=True,
    help="The agencies' secret: 64 hex digits in a file outside the workspace.",
)
@click.option("--out", type=file_path, required=True, help="The file to hand over.")
@door
def link_encode(at: Door, agency: str, key_file: Path, out: Path) -> None:
    """Write an agency's records as keyed bits, to be linked by somebody who may see no name and must not have the
    key."""
    from headwater.app import exchanging

    at.answer(exchanging.encode(at.place(), agency, key_file, out), linkage.encoded)


@link_verb.command("encoded")
@click.argument("files", metavar="FILE...", type=file_path, nargs=-1)
@click.option(
    "--out",
    type=file_path,
    default=Path("person_link.parquet"),
    show_default=True,
    help="Where to write whose each record is.",
)
@door
def link_encoded(at: Door, files: tuple[Path, ...], out: Path) -> None:
    """Link agencies' encoded files without a name, and write whose each record is, with weights and drawn
    partitions."""
    from headwater.app import exchanging

    at.answer(exchanging.link_encoded(at.place(), files, out, at.progress), linkage.linked)


@click.command("status")
@door
def status_verb(at: Door) -> None:
    """What is loaded, linked, locked and out of date, and what to type next."""
    from headwater.app import tracing

    at.answer(tracing.status(at.place()), words.status)


@click.command("run")
@click.option("--format", "formats", default="html", show_default=True, help=f"Formats of the report, of {FORMATS}.")
@door
def run_verb(at: Door, formats: str) -> None:
    """Every step in order: load, link, partners, evaluate and count each collaboration, report. Done steps are kept."""
    from headwater.app import run

    at.answer(run.run(at.place(), tuple(formats.split(",")), at.progress), run_words.run)
