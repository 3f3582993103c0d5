"""Figures, tables, one content model, several formats.

`render(released, format, file)` writes a report; `draw(figure, size)` gives one picture as SVG; `fragment(blocks)` gives
blocks as HTML for another page; `manifest(...)` and `verify(...)` say whether a file is still what was released.
"""

from __future__ import annotations

from headwater.report.figures.draw import draw, png
from headwater.report.html import css, fragment
from headwater.report.render import FORMATS, render

__all__ = ["FORMATS", "css", "draw", "fragment", "png", "render"]
