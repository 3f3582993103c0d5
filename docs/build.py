"""The reference pages, made from the code they describe, and the documentation site, made from all pages.

python3 go.py docs            write both; the site is build/site/README.html and opens from disk
python3 go.py docs --check    say which reference pages differ and which links lead nowhere, and fail if any does
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from site_pages import build

from headwater.cli.main import VERBS, headwater
from headwater.domain.tables import TABLES

if TYPE_CHECKING:
    from headwater.domain.tables import Column, Table

HERE = Path(__file__).resolve().parent / "reference"


def pages() -> dict[str, str]:
    """File name → text of every generated page."""
    from headwater.evidence.places.options import options_docs
    from headwater.governance import protocol_docs

    return {
        "tables.md": tables_page(),
        "commands.md": commands_page(),
        "protocol.md": f"{protocol_docs().rstrip()}\n\n{options_docs()}\n",
    }


def tables_page() -> str:
    return "# The declared tables\n\n" + "\n\n".join(_table(table) for table in TABLES.values()) + "\n"


def commands_page() -> str:
    ctx = click.Context(headwater, info_name="headwater")
    parts = [f"# The commands\n\n```text\n{headwater.get_help(ctx)}\n```"]
    for name in VERBS:
        command = headwater.get_command(ctx, name)
        if command is not None:
            parts += list(_command(command, click.Context(command, info_name=name, parent=ctx)))
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    head = "| column | type | unit | identifying | about |\n|---|---|---|---|---|"
    lines = "\n".join(_column(column) for column in table.columns)
    key = f" One row a {' + '.join(table.key)}." if table.key else ""
    return f"## {table.name}\n\n{table.about}{key}\n\n{head}\n{lines}"


def _column(column: Column) -> str:
    name = f"**{column.name}**" if column.required else column.name
    allowed = f" One of: {', '.join(column.allowed)}." if column.allowed else ""
    return f"| {name} | {column.type} | {column.unit} | {column.identifying} | {column.about}{allowed} |"


def _command(command: click.Command, ctx: click.Context) -> list[str]:
    parts = [f"## {ctx.command_path}\n\n```text\n{command.get_help(ctx)}\n```"]
    for name, inner in getattr(command, "commands", {}).items():
        parts += _command(inner, click.Context(inner, info_name=name, parent=ctx))
    return parts


def main(words: list[str]) -> int:
    stale = [name for name, text in pages().items() if not (HERE / name).exists() or (HERE / name).read_text() != text]
    if "--check" not in words:
        HERE.mkdir(exist_ok=True)
        for name, text in pages().items():
            (HERE / name).write_text(text)
        print(f"wrote {len(pages())} reference pages, {len(stale)} of them changed")
    start, lost = build()
    if lost:
        print("links that lead nowhere:\n  " + "\n  ".join(lost))
    if "--check" in words and stale:
        print(f"out of date: {', '.join(stale)}; type python3 go.py docs")
    print(f"the site: {start.relative_to(start.parents[2])}")
    return 1 if lost or ("--check" in words and stale) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
