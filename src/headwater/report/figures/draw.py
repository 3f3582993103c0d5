"""From a figure's numbers to a picture as SVG text: offline, the same bytes each time, words as words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING

from headwater.report.figures import misfit, plottable
from headwater.report.figures.theme import FONT, SIZES, config
from headwater.report.kinds import plain

if TYPE_CHECKING:
    from headwater.domain.release import FigureData


def draw(figure: FigureData, size: str = "wide") -> str:
    """A figure as one `<svg>`: size is wide (680 px) or narrow (320 px). Empty where it cannot be drawn (`misfit` says
    why).

    The picture carries its title and description for those who listen; the visible title stands beside it as text.
    """
    return "" if misfit(figure) else _drawn(replace(figure, rows=tuple(map(tuple, figure.rows))), size)


@lru_cache(maxsize=256)
def _drawn(figure: FigureData, size: str) -> str:
    import vl_convert

    module = import_module(f"headwater.report.figures.{figure.kind.replace('-', '_')}")
    form = SIZES[size]
    chart = module.chart(plottable(figure), form)
    chart = chart.properties(width=form.width, autosize={"type": "fit", "contains": "padding"})
    spec = {**chart.to_dict(validate=False), "config": config(form)}
    return _accessible(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]), figure, size)


_ROLES = re.compile(r' (?:role|aria-[a-z]+|class|pointer-events|style)="[^"]*"')
_UNSEEN = re.compile(r'<text (?:[^>]* )?opacity="0"[^>]*>.*?</text>')
_SPARE = re.compile(rf' font-family="{re.escape(FONT)}"| opacity="1"|<path d="M0,0h0v0h0Z"(?: display="none")?/>')
"""What every word or mark repeats, said once at the root or not at all."""
_PLACES = re.compile(r' (?:d|transform|x|y|x1|x2|y1|y2|width|height)="[^"]*"')
_LINES = re.compile(
    r'(?P<head><text text-anchor="(?:end|start)" transform="translate\([-\d.]+,)(?P<y>[-\d.]+)\)'
    r"(?P<rest>[^>]*>)(?P<lines>(?:<tspan[^>]*>[^<]*</tspan>){2,})</text>"
)
_OPENING = re.compile(r"<svg[^>]*?width=\"([\d.]+)\" height=\"([\d.]+)\"[^>]*>")


def _accessible(svg: str, figure: FigureData, size: str) -> str:
    """One image with a name and a description; ids that no other figure of a page shares; no styles a strict page
    refuses."""
    opening = _OPENING.match(svg)
    if opening is None:
        raise ValueError("the renderer gave something other than an SVG")
    width, height = opening[1], opening[2]
    body = _LINES.sub(_centred, _UNSEEN.sub("", _ROLES.sub("", svg[opening.end() :])))
    body = _PLACES.sub(_shortened, _SPARE.sub("", body))
    body = _own_ids(body, _key(figure, size))
    key = _key(figure, size)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="{FONT}" role="img" aria-labelledby="{key}-t {key}-d"><title'
        f' id="{key}-t">{escape(plain(figure.title))}</title><desc'
        f' id="{key}-d">{escape(plain(figure.alt))}</desc>{body}'
    )


def _centred(label: re.Match[str]) -> str:
    """A label of several lines, moved up so that its middle, not its first line, stands at its tick."""
    steps = [float(step) for step in re.findall(r'dy="([\d.]+)"', label["lines"])]
    return f"{label['head']}{float(label['y']) - sum(steps) / 2:g}){label['rest']}{label['lines']}</text>"


def _shortened(place: re.Match[str]) -> str:
    """Places to a hundredth of a pixel; more cannot be seen."""
    return re.sub(
        r"-?\d+\.\d{3,}(?:e-?\d+)?", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), place[0]
    )


def _own_ids(body: str, key: str) -> str:
    found = list(dict.fromkeys(re.findall(r'id="([^"]+)"', body)))
    for at, name in enumerate(found):
        body = body.replace(f'id="{name}"', f'id="{key}-{at}"').replace(f"url(#{name})", f"url(#{key}-{at})")
        body = body.replace(f'"#{name}"', f'"#{key}-{at}"')
    return body


def _key(figure: FigureData, size: str) -> str:
    return f"f{sha256(repr(figure).encode()).hexdigest()[:10]}{size[0]}"


def png(figure: FigureData, scale: float = 2) -> bytes:
    """The wide picture as PNG, for formats that cannot hold SVG. Empty where it cannot be drawn."""
    svg = draw(figure)
    return _rastered(svg, scale) if svg else b""


@lru_cache(maxsize=64)
def _rastered(svg: str, scale: float) -> bytes:
    import vl_convert

    return vl_convert.svg_to_png(svg, scale=scale)
