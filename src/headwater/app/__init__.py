"""Use cases: the one place where steps are joined; each reads as a page."""

from pathlib import Path

from headwater.app.api import OpenPlace
from headwater.app.place import Place


def open(root: Path | str) -> OpenPlace:
    """A workspace by its folder."""
    return OpenPlace(root)


__all__ = ["Place", "open"]
