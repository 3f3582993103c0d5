"""Figures drawn once and kept by what they show, so that a page finds its pictures instead of drawing them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from headwater.disclosure import digest
from headwater.report.figures.draw import draw
from headwater.store.files import removed, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.domain.release import FigureData

ENDING = ".svg"


class Gallery:
    """SVGs by the hash of the figure, its size and the code that draws. `folder` is made with the first picture."""

    def __init__(self, folder: Path, code: str) -> None:
        self.folder, self.code = folder, code
        self._used: set[str] = set()
        self._draw = lru_cache(maxsize=512)(self._found)

    def draw(self, figure: FigureData, size: str = "wide") -> str:
        """As `report.draw` gives it."""
        return self._draw(replace(figure, rows=tuple(map(tuple, figure.rows))), size)

    def sweep(self) -> int:
        """Remove pictures that nobody asked this gallery for; how many went."""
        stray = [file for file in self.folder.glob(f"*{ENDING}") if file.name not in self._used]
        for file in stray:
            removed(file)
        return len(stray)

    def _found(self, figure: FigureData, size: str) -> str:
        file = self.folder / f"{digest((figure, size, self.code))[:32]}{ENDING}"
        self._used.add(file.name)
        try:
            return file.read_text(encoding="utf-8")
        except OSError:
            made = draw(figure, size)
        write_atomically(file, made)
        return made
