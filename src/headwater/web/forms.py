"""Forms: fields as the templates draw them, and edits that two people may make at once.

A form carries the version of what it was filled from. If somebody saved meanwhile, the form is refused, both versions
are kept, and the page shows how they differ.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.domain.errors import HeadwaterError, Usage
from headwater.store.files import write_atomically
from headwater.web.asking import Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from headwater.web.asking import Ask

NAME = re.compile(r"^[a-z0-9][a-z0-9-]{0,60}$")
EDITING = threading.Lock()
"""One edit at a time: between the look at the version and the write nobody else writes."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. kind: text, area, select, hidden; options: (value, words); wide: the width class of a text field."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    error: str = ""
    wide: str = ""
    number: bool = False

    @property
    def id(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


def version(text: str) -> str:
    """A short hash of what a form was filled from."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(file: Path) -> str:
    """The file's text, '' where there is none."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def stale(ask: Ask, file: Path, mine: str, back: str) -> Sheet | None:
    """The page that refuses an edit of an older version; None where the form was filled from what stands now."""
    theirs = read(file)
    if ask.word("version") == version(theirs) or mine == theirs:
        return None
    kept = keep_draft(ask.place.workspace.hidden / "drafts", file.name, mine)
    lines = difflib.unified_diff(
        theirs.splitlines(), mine.splitlines(), "saved by somebody else", "yours", lineterm="", n=2
    )
    told = {
        "file": file.name,
        "back": back,
        "theirs": theirs,
        "mine": mine,
        "kept": kept,
        "lines": [(_colour(line), line) for line in lines],
    }
    return Sheet("stale.html.j2", "Somebody else saved meanwhile", words=told, status=409)


def stale_version(ask: Ask, file: Path) -> bool:
    """Whether the file changed since the form was filled from it."""
    return ask.word("version") != version(read(file))


def keep_draft(folder: Path, name: str, text: str) -> str:
    """Write the refused version beside; its name within the workspace."""
    file = folder / f"{version(text)}-{name}"
    write_atomically(file, text)
    return f".headwater/drafts/{file.name}"


def _colour(line: str) -> str:
    if line.startswith(("+++", "---", "@@")):
        return "about"
    return "more" if line.startswith("+") else "less" if line.startswith("-") else "same"


def need(ask: Ask, **labels: str) -> dict[str, str]:
    """The words of fields that must be filled in. Raises Usage that names the empty ones."""
    found = {name: ask.word(name) for name in labels}
    if empty := [labels[name] for name, value in found.items() if not value]:
        raise Usage(f"{' and '.join(empty)} must be filled in", next_step="go back and fill in the form")
    return found


def amount(text: str, label: str) -> float:
    """A number that somebody typed, with or without thousands separators."""
    try:
        return float(text.replace(",", "").replace("£", "").strip())
    except ValueError as problem:
        raise Usage(f"{label} is no number", given=repr(text), allowed="a number, as 120 or 1,250.5") from problem


def identity(text: str) -> str:
    """A short name that becomes a file's. Raises Usage for anything that could leave its folder."""
    if not NAME.match(text):
        raise Usage(
            "this is no short name",
            given=repr(text),
            allowed="small letters, digits and hyphens, at most 61 of them, as in my-team",
        )
    return text


def split(problem: HeadwaterError) -> list[str]:
    """The single problems of an error that lists several."""
    return [line.strip() for line in problem.given.split("\n") if line.strip()] or [problem.what]


def choices(pairs: Mapping[str, str], empty: str = "") -> tuple[tuple[str, str], ...]:
    return ((("", empty),) if empty else ()) + tuple(pairs.items())
