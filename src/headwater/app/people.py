"""Who is at the command line: a role that was typed, and whose it is where this computer asks for a signed list of
people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater import governance
from headwater.app.place import Place
from headwater.domain.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def identity(root: Path, role: str) -> str:
    """The role as it was typed, or, by the list, the role and the person."""
    return governance.identified(Workspace(root.resolve()), role)


def place_of(root: Path) -> Place:
    """The workspace, acted in as whoever is at the command line."""
    here = Place(root)
    if not governance.list_asked():
        return here
    return Place(root, governance.identified(here.workspace, here.role, typed=False))
