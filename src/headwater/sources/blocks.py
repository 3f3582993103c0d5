"""The text of a [[source]]: what a layout or a look at a file writes into headwater.toml, fitted to the headings that
are there."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from headwater.sources.content import given_values
from headwater.sources.headings import found_in, rivals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from headwater.sources.batches import Batch

LINE = re.compile(r"^(\"[^\"]+\"|[\w-]+) = (.+)$")


def with_header_file(text: str, header_file: str) -> str:
    return re.sub(r"(?m)^(files = .*)$", rf"\1\nheader_file = {quoted(header_file)}", text) if header_file else text


def with_sheet(text: str, sheet: str, left: list[str]) -> str:
    """The block with the sheet that it reads, or, where it reads several, with those that it leaves."""
    lines = (
        [f"sheet = {quoted(sheet)}   # not read: {', '.join(left)}"]
        if sheet
        else [f"ignore = {quoted(left)}"]
        if left
        else []
    )
    return re.sub(r"(?m)^(files = .*)$", lambda found: "\n".join([found[1], *lines]), text) if lines else text


def renamed(text: str, theirs: Mapping[str, str]) -> str:
    """The block with the file's own headings for those of its layout. theirs: as the layout calls it → as the file
    does. What is no
    heading stays: constants, words for values, and the values by which rows are chosen."""
    section, lines = "", []
    for line in text.splitlines():
        section = line if line.startswith("[") else section
        name, equals, value = line.partition(" = ")
        if (
            not equals
            or line.startswith("#")
            or section.startswith(("[source.constants", "[source.values", "[source.defaults"))
        ):
            lines.append(line)
        elif section.startswith("[source.where"):
            lines.append(f"{_as_theirs(name, theirs)}{equals}{value}")
        elif section != "[[source]]" or name in {"latest_by", "where"}:
            lines.append(f"{name}{equals}{_as_theirs(value, theirs)}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _as_theirs(text: str, theirs: Mapping[str, str]) -> str:
    """Text with each of its quoted headings as the file has it."""
    return re.sub(r'"([^"]+)"', lambda one: quoted(theirs.get(found_in(one[1], theirs) or "", one[1])), text)


def drafted(text: str, lacking: Sequence[str], batch: Batch, taken: Mapping[str, str | list[str]]) -> str:
    """The block with a line to change for each of our columns that nothing fills, and the headings that it may name."""
    free = [name for name in batch.columns if name not in taken.values()] or list(batch.columns)
    lines = "".join(
        f'# change this line:\n# {ours.split(" ")[0]} = "..."   # one of {", ".join(map(quoted, free))}\n'
        for ours in lacking
    )
    return text.replace("[source.columns]\n", f"[source.columns]\n{lines}", 1)


def pruned(text: str, there: list[str]) -> str:
    """Lines of [source.columns] and [source.reasons] whose heading is not in the file are kept as comments."""
    section, lines = "", []
    for line in text.splitlines():
        section = line if line.startswith("[") else section
        found = LINE.match(line) if section in {"[source.columns]", "[source.reasons]"} else None
        lines.append(
            _with_what_is_there(line, found[1], tomllib.loads(f"x = {found[2]}")["x"], there) if found else line
        )
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


def sexes(text: pa.StringArray) -> list[str]:
    """Their words for the sexes in ours: letters and words only, since 1 and 2 are known by the NHS's list alone."""
    words = {
        "m": "male",
        "male": "male",
        "1": "male",
        "f": "female",
        "female": "female",
        "2": "female",
        "other": "other",
        "u": "unknown",
        "unknown": "unknown",
        "0": "unknown",
        "9": "unknown",
        "x": "unknown",
        "i": "other",
        "not known": "unknown",
    }
    found = sorted({str(one) for one in pc.unique(given_values(text)).to_pylist()})
    told = [
        f"{quoted(one)} = {quoted(words[one.casefold()])}"
        for one in found
        if one.casefold() in words and one not in words.values()
    ]
    return ["[source.values.sex]", *told] if told else []
