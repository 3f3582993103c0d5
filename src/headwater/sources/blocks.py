"""The text of a [[source]]: what a layout or a look at a file writes into headwater.toml, fitted to the headings that are there."""

from __future__ import annotations

import re
import tomllib

from headwater.sources.headings import found_in, rivals

LINE = re.compile(r"^(\"[^\"]+\"|[\w-]+) = (.+)$")


def with_header_file(text: str, header_file: str) -> str:
    return re.sub(r"(?m)^(files = .*)$", rf"\1\nheader_file = {quoted(header_file)}", text) if header_file else text


def pruned(text: str, there: list[str]) -> str:
    """Lines of [source.columns] and [source.reasons] whose heading is not in the file are kept as comments."""
    section, lines = "", []
    for line in text.splitlines():
        section = line if line.startswith("[") else section
        found = LINE.match(line) if section in {"[source.columns]", "[source.reasons]"} else None
        lines.append(_with_what_is_there(line, found[1], tomllib.loads(f"x = {found[2]}")["x"], there) if found else line)  # fmt: skip
    return "\n".join(lines) + "\n"


def _with_what_is_there(line: str, ours: str, theirs: str | list[str], there: list[str]) -> str:
    wanted = [theirs] if isinstance(theirs, str) else theirs
    kept = [_first_of(one, there) for one in wanted if found_in(one, there)]
    if kept == wanted:
        return line
    if not kept:
        return f"# {line}   (not in this file)"
    return f"{ours} = {quoted(kept[0] if len(kept) == 1 else kept)}"


def _first_of(wanted: str, there: list[str]) -> str:
    """As it is written; of several aliases that stand in the file, the one that the layout names first."""
    several = rivals(wanted, there)
    return several[0] if len(several) > 1 else wanted


def quoted(value: str | list[str]) -> str:
    escaped = [one.replace("\\", "\\\\").replace('"', '\\"') for one in ([value] if isinstance(value, str) else value)]
    texts = [f'"{one}"' for one in escaped]
    return texts[0] if isinstance(value, str) else f"[{', '.join(texts)}]"
