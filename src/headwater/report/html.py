"""The report as one HTML file: nothing is fetched, everything is inside, the page works from 320 pixels up and on paper."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from headwater.report.content import Head, facts_grid, pieces, seal_words
from headwater.report.figures.draw import draw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jinja2 import Environment

    from headwater.domain.figures import FigureData
    from headwater.domain.release import Block
    from headwater.report.content import Paper, Piece


def write(paper: Paper) -> bytes:
    """The whole page."""
    heads = [piece for piece in (*paper.board, *paper.appendix) if isinstance(piece, Head) and piece.level == 2]
    page = _environment().get_template("report.html.j2")
    return page.render(paper=paper, heads=heads, css=_css(), facts=facts_grid(paper), seal=seal_words(paper)).encode()


def fragment(blocks: Iterable[Block]) -> str:
    """Released blocks as HTML to stand inside another page (the web app's, a notebook's), escaped and without styles."""
    piece = _environment().get_template("pieces.html.j2").module.piece  # type: ignore[attr-defined]
    return "".join(str(piece(part)) for part in pieces(blocks))


def css() -> str:
    """The style sheet that `fragment` is written for."""
    return str(_css())


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
def _css() -> str:
    from importlib.resources import files

    from markupsafe import Markup

    return Markup(files("headwater.report").joinpath("templates/report.css").read_text(encoding="utf-8"))
