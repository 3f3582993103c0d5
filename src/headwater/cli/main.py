"""The command line: one group whose verbs are imported only when they are typed, so that --help is quick."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

from headwater import __version__
from headwater.domain.errors import Failed, HeadwaterError

VERBS: dict[str, tuple[str, str]] = {
    "demo": ("reading", "A made-up county, every step run on it, and its reports"),
    "new": ("reading", "An empty workspace with commented templates"),
    "doctor": ("reading", "What is wrong with a workspace or an installation, and how to put it right"),
    "status": ("reading", "What is loaded, linked, locked and out of date, and what to type next"),
    "add": ("reading", "Recognise files and write what reads them into headwater.toml, with five sample rows"),
    "check": ("reading", "What fits and what does not in the agencies' files; writes nothing"),
    "load": ("reading", "Read the agencies' files; bad rows go to quarantine with their reasons"),
    "ready": ("reading", "What the data as loaded can and cannot answer, and what would fill the gaps"),
    "link": ("reading", "Who is who across the agencies"),
    "run": ("reading", "Every step, resumable: load, link, partners, evaluate, count, report"),
    "partners": ("asking", "Question 1: who should we collaborate with?"),
    "segments": ("asking", "Day one: what of your own demand others could meet earlier, and what studies say of it"),
    "explain": ("asking", "Why this option, what would change the answer"),
    "register": ("asking", "Known collaborations, classified by style: import, list, show"),
    "adopt": ("asking", "From an option to a programme: protocol draft, data request, risks, plan"),
    "plan": ("asking", "Before launch: power, regression to the mean, break-even, value of information"),
    "protocol": ("answering", "Protocols: templates, check, documentation, what changed since the lock"),
    "lock": ("answering", "Freeze a plan (protocol) before results are read"),
    "amend": ("answering", "Change a locked plan, with a reason"),
    "evaluate": ("answering", "Question 2: what did it change?"),
    "monitor": ("asking", "A look before the end, as often as you like: harm first"),
    "count": ("answering", "What it saved downstream, and for whom; books it in the ledger"),
    "evidence": ("pooling", "A site's evidence as one small file without a row: export, show"),
    "pool": ("pooling", "Many small programmes told together, from their evidence files"),
    "ledger": (
        "booking",
        "Pools of averted contacts and claims: show, claim, accept, reverse, forecast, balance, verify, check",
    ),
    "settle": ("pricing", "How partners share the gain: payments that add to zero"),
    "prices": ("pricing", "The prices in use with their sources, and what is odd about them"),
    "risk": ("governing", "Risks, controls and early warnings"),
    "gate": ("governing", "Phases and gates: what is met, and who decided"),
    "audit": ("governing", "Who asked what, of which data, for which purpose"),
    "key": ("governing", "Rotate the key behind the pseudonyms"),
    "forget": ("governing", "Remove one person from every table; the ledger's sums stay"),
    "report": ("leaving", "The board report: html, pdf, docx, xlsx, ods"),
    "verify": ("leaving", "Whether a report is the one that was made, or what differs"),
    "request": ("leaving", "Whose records to ask for first; a data request for a partner"),
    "serve": ("leaving", "The pages, on this computer only"),
}


class Verbs(click.Group):
    """A group that knows its verbs by name and imports the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, _ = VERBS[cmd_name]
        command: click.Command = getattr(import_module(f"headwater.cli.{module}"), f"{cmd_name}_verb")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, about) for name, (_, about) in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS:
            from headwater.domain.errors import one_of

            raise one_of("no such verb", args[0], VERBS, "headwater --help")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="--workspace, --json and --quiet may stand before or after the verb.",
)
@click.version_option(__version__, prog_name="headwater")
@click.option(
    "--workspace",
    "-w",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The workspace's folder (default: this folder, or the nearest one above with a headwater.toml).",
)
@click.option("--json", "as_json", is_flag=True, help="The answer as one JSON object on stdout.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
@click.pass_context
def headwater(ctx: click.Context, workspace: Path | None, as_json: bool, quiet: bool) -> None:
    """Who should we collaborate with? What did it save downstream, and for whom?"""
    from headwater.cli.door import Door

    ctx.obj = Door(workspace, as_json, quiet)


def main(words: list[str] | None = None) -> int:
    """Run one verb and return its exit code: 0 fine, 1 failed, 2 usage, 3 data, 4 protocol, 5 disclosure."""
    try:
        code = headwater.main(
            _options_first(sys.argv[1:] if words is None else words), prog_name="headwater", standalone_mode=False
        )
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as wanted:
        click.echo(wanted.ctx.get_help() if wanted.ctx else "headwater --help")
        return 2
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped. What was finished is kept; the same command goes on from there.", err=True)
        return 130
    except HeadwaterError as problem:
        _show(problem, words)
        return problem.exit_code
    except BrokenPipeError:
        return 0
    except (OSError, MemoryError) as problem:
        _show(_refused(problem), words)
        return Failed.exit_code


def _refused(problem: OSError | MemoryError) -> Failed:
    """What the system would not do (no room, no permission, no memory), in a sentence: it is nothing a traceback could
    help with."""
    said = getattr(problem, "strerror", None) or str(problem) or "there is not enough memory"
    where = getattr(problem, "filename", None)
    return Failed(
        f"the system refused: {said}",
        given=str(where) if where else "",
        next_step=(
            "free some space or memory, or mend the permissions, then type the same command again; what was finished is"
            " kept"
        ),
    )


def _options_first(words: list[str]) -> list[str]:
    """The options that every verb has, moved before the verb, wherever they were typed."""
    first, rest, waiting = [], [], iter(words)
    for word in waiting:
        if word == "--":
            rest += [word, *waiting]
        elif word in {"--json", "--quiet", "-q"} or word.startswith("--workspace="):
            first.append(word)
        elif word in {"--workspace", "-w"}:
            first += [word, *([following] if (following := next(waiting, None)) is not None else [])]
        else:
            rest.append(word)
    return first + rest


def _show(problem: HeadwaterError, words: list[str] | None) -> None:
    if "--json" in (words if words is not None else sys.argv[1:]) and not problem.answered:
        import json

        from headwater.cli.door import as_content

        click.echo(json.dumps({"schema": "headwater.error/1", **as_content(problem)}))
    click.echo(f"headwater: {problem}", err=True)
