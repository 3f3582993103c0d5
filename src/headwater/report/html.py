"""The report as one HTML file: nothing is fetched, everything is inside, the page works from 320 pixels up and on
paper."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from headwater.report.content import Head, facts_grid, pieces, seal_words
from headwater.report.figures.draw import draw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jinja2 import Environment

    from headwater.domain.release import Block, FigureData
    from headwater.report.content import Paper, Piece


def write(paper: Paper) -> bytes:
    """The whole page."""
    heads = [piece for piece in (*paper.board, *paper.appendix) if isinstance(piece, Head) and piece.level == 2]
    page = _environment().get_template("report.html.j2")
    return page.render(paper=paper, heads=heads, css=_css(), facts=facts_grid(paper), seal=seal_words(paper)).encode()


def fragment(blocks: Iterable[Block]) -> str:
    """Released blocks as HTML to stand inside another page (the web app's, a notebook's), escaped and without
    styles."""
    piece = _environment().get_template("pieces.html.j2").module.piece  # type: ignore[attr-defined]
    return "".join(str(piece(part)) for part in pieces(blocks))


def css(font: str = "") -> str:
    """The style sheet that `fragment` is written for. font: where the page serves `font_file` from; within itself if
    empty."""
    return str(_css(font))


def font_file() -> bytes:
    """The face of the figures' words (WOFF, Headwater Sans, SIL Open Font Licence), for machines without Arial's
    widths."""
    return files("headwater.report").joinpath("fonts/headwater-sans.woff").read_bytes()


def font_licence() -> bytes:
    return files("headwater.report").joinpath("fonts/LICENCE.txt").read_bytes()


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("headwater.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(svg=_svg, kind=_kind)
    return environment


def _svg(figure: FigureData, size: str) -> str:
    from markupsafe import Markup

    return Markup(draw(figure, size))


def _kind(piece: Piece) -> str:
    return type(piece).__name__


@cache
def _css(font: str = "") -> str:
    from markupsafe import Markup

    place = font or f"data:font/woff;base64,{b64encode(font_file()).decode()}"
    local = 'local("Liberation Sans"),local("Arial")'
    face = f'@font-face{{font-family:"Liberation Sans";src:{local},url("{place}") format("woff")}}\n'
    return Markup(face + files("headwater.report").joinpath("templates/report.css").read_text(encoding="utf-8"))
