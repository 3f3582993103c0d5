"""Use cases: the one place where steps are joined; each reads as a page."""

from pathlib import Path

from headwater.app.api import OpenPlace
from headwater.app.demo import demo as made_county
from headwater.app.place import Place


def open(root: Path | str) -> OpenPlace:
    """A workspace by its folder."""
    return OpenPlace(root)


def demo(folder: Path | str, people: int = 20_000) -> OpenPlace:
    """The demonstration county, every step done, as a workspace to ask; made where it is not there yet."""
    made_county(Path(folder), people)
    return OpenPlace(folder)


__all__ = ["Place", "demo", "open"]
