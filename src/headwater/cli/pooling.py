"""Verbs of pooled evidence: evidence (export, show), pool (a pool's protocol, and sites told together)."""

from __future__ import annotations

from pathlib import Path

import click

from headwater.cli import pool_words
from headwater.cli.door import Door, Parts

door = click.pass_obj
FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group("evidence", cls=Parts)
def evidence_verb() -> None:
    """A site's evidence as one small file without a row: export it, or see what one says."""


@evidence_verb.command("export")
@click.argument("collaboration", metavar="COLLAB")
@click.option("--site", required=True, help="The name that the pool knows this site by.")
@click.option(
    "--trait",
    "traits",
    multiple=True,
    metavar="NAME=VALUE",
    help="What sets this site apart, as in setting=rural; may be given several times.",
)
@click.option(
    "--pool", "pool", type=FILE, help="The pool's protocol: stops where this collaboration asks another question."
)
@click.option("--sign", type=FILE, help="Sign with this SSH private key, by OpenSSH.")
@door
def evidence_export(
    at: Door, collaboration: str, site: str, traits: tuple[str, ...], pool: Path | None, sign: Path | None
) -> None:
    """Write releases/COLLAB-evidence.json: curves and intervals, no row, no small count."""
    from headwater.app import pooling

    sender = pooling.Sender(site, _pairs(traits, "a trait is given as NAME=VALUE"), pool, sign)
    at.answer(pooling.export(at.place(), collaboration, sender, at.progress), pool_words.exported)


def _pairs(given: tuple[str, ...], form: str) -> dict[str, str]:
    odd = [one for one in given if "=" not in one]
    if odd:
        raise click.UsageError(f"{form}, not {odd[0]!r}")
    return dict(one.split("=", 1) for one in given)


@evidence_verb.command("partners")
@click.option("--site", required=True, help="The name of this area.")
@click.option(
    "--trait",
    "traits",
    multiple=True,
    metavar="NAME=VALUE",
    help="What sets this area apart, as in setting=rural; may be given several times.",
)
@click.option("--sign", type=FILE, help="Sign with this SSH private key, by OpenSSH.")
@door
def evidence_partners(at: Door, site: str, traits: tuple[str, ...], sign: Path | None) -> None:
    """Write releases/upstream-pairs.json: what followed contacts with each service, for partners --area; no row, no
    small count."""
    from headwater.app import areas, pooling

    sender = pooling.Sender(site, _pairs(traits, "a trait is given as NAME=VALUE"), None, sign)
    at.answer(areas.export(at.place(), sender, at.progress), pool_words.pairs_exported)


@evidence_verb.command("show")
@click.argument("file", type=FILE)
@door
def evidence_show(at: Door, file: Path) -> None:
    """What an evidence file says, of a collaboration or of an area's pairs, and its digest."""
    from headwater.app import areas, pooling

    place = at.place()
    if areas.is_one(file):
        at.answer(areas.show(place, file), pool_words.pairs_shown)
    else:
        at.answer(pooling.show(place, file), pool_words.shown)


@click.command("pool")
@click.argument("name")
@click.argument("sources", nargs=-1, required=True, metavar="FILE|COLLAB...")
@click.option("--protocol", "invitation", type=FILE, help="The pool's protocol, as --invite wrote it.")
@click.option(
    "--beside",
    default="",
    metavar="APPROACH",
    help="Show what studies of an approach found for the primary outcome; nothing is mixed in.",
)
@click.option("--invite", is_flag=True, help="Write the pool's protocol from COLLAB for the sites named with --site.")
@click.option(
    "--site",
    "sites",
    multiple=True,
    metavar="SITE[=FILE]",
    help=(
        "With --invite: a site, given for each; with its public key, FILE.pub, its file is taken only if it is signed"
        " with it."
    ),
)
@door
def pool_verb(
    at: Door,
    name: str,
    sources: tuple[str, ...],
    invitation: Path | None,
    beside: str,
    invite: bool,
    sites: tuple[str, ...],
) -> None:
    """Sites' evidence files, and collaborations of this workspace, told together."""
    from headwater.app import pooling

    if not invite:
        at.answer(pooling.pool(at.place(), name, sources, invitation, at.progress, beside), pool_words.pooled)
    elif len(sources) != 1:
        raise click.UsageError(
            "--invite takes one collaboration: headwater pool NAME COLLAB --invite --site A --site B"
        )
    else:
        named = {one.partition("=")[0]: one.partition("=")[2] for one in sites}
        public = {site: _line(Path(file)) for site, file in named.items() if file}
        at.answer(pooling.invite(at.place(), name, sources[0], tuple(named), public), pool_words.invited)


def _line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as problem:
        raise click.UsageError(f"{file} cannot be read: {problem.strerror}") from problem
