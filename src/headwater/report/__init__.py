"""Figures, tables, one content model, several formats.

`board_document(facts)` assembles the board report; once it is released, `render(released, format, file)` writes it.
`draw(figure, size)` gives one picture as SVG, a `Gallery` keeps them, `fragment(blocks)` blocks as HTML for another
page, `notebook_view` an answer for a notebook. `manifest(released, files)` records what left; `verify(file, record)`
says what differs from it.
"""

from __future__ import annotations

from headwater.report.board import board_document
from headwater.report.comparison import comparison_document
from headwater.report.facts import BoardFacts, Knowing, LinkRate, LoadRow
from headwater.report.figures import NEEDS, misfit
from headwater.report.figures.draw import draw, png
from headwater.report.gallery import Gallery
from headwater.report.html import css, font_file, font_licence, fragment
from headwater.report.manifest import as_json, manifest, verify
from headwater.report.notebook import notebook_view
from headwater.report.render import FORMATS, render

__all__ = [
    "FORMATS",
    "NEEDS",
    "BoardFacts",
    "Gallery",
    "Knowing",
    "LinkRate",
    "LoadRow",
    "as_json",
    "board_document",
    "comparison_document",
    "css",
    "draw",
    "font_file",
    "font_licence",
    "fragment",
    "manifest",
    "misfit",
    "notebook_view",
    "png",
    "render",
    "verify",
]
