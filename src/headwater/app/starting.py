"""Where a user begins: an empty workspace, and what is wrong with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater import sources
from headwater.app.answer import Answer
from headwater.disclosure import release
from headwater.domain.workspace import DisclosureSettings
from headwater.governance import template
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def new(folder: Path) -> Answer:
    """Write the folders, commented settings, made-up example files and a protocol to edit."""
    files = sources.new_workspace(folder)
    write_atomically(folder / "collaborations" / "example.toml.txt", template("multidisciplinary-team"))
    return _answer("new", {"folder": str(folder), "files": [*files, "collaborations/example.toml.txt"]})


def doctor(root: Path) -> Answer:
    """What is wrong with the installation and the workspace, each with what mends it."""
    found = sources.diagnose(root.resolve())
    return _answer("doctor", {"folder": str(root), "findings": [{"what": one.what, "next": one.next} for one in found]})


def _answer(verb: str, content: dict[str, object]) -> Answer:
    return Answer(release({"schema": f"headwater.{verb}/1", **content}, DisclosureSettings()))
