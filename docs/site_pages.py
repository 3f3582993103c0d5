"""The documentation as a folder of pages that open from disk, without a network and without a script.

Each Markdown page of docs/ and of the project's top becomes one HTML page in the style of the reports. A link that
leads nowhere stops the build, because a reader on an offline laptop cannot look further.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jinja2 import Environment
from markdown_it import MarkdownIt

from headwater.report import css, font_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "build" / "site"
SECTIONS = (
    ("Start", ("README.md", "docs/tutorial.md", "docs/own-data.md")),
    ("How to", ("docs/howto/*.md", "examples/*/README.md")),
    ("Methods", ("docs/methods/*.md",)),
    ("Reference", ("docs/reference/*.md", "GLOSSARY.md")),
    ("What was measured", ("docs/measured/*.md",)),
    ("The project", ("ARCHITECTURE.md", "DECISIONS.md", "CHANGELOG.md")),
)
CARRIED = (".png", ".svg", ".ipynb", ".toml", ".csv", ".py", ".jsonl")
"""Files a page may link to, copied beside it."""
OWN_CSS = """
.book{display:grid;grid-template-columns:15rem minmax(0,46rem);gap:0 3rem;max-width:70rem;margin:0 auto;padding:1.5rem 1rem 3rem}
.book>main{grid-area:1/2}.book>nav{grid-area:1/1}.book td:last-child{min-width:14rem}
.book h1{margin:0 0 1.25rem}.book nav{margin:0;font-size:.9375rem}.book nav ul{columns:1;list-style:none;padding:0;margin:0 0 1rem}
.book nav h2{font-size:1rem;margin:0 0 .25rem}.book nav a[aria-current]{font-weight:700;color:inherit;text-decoration:none}
.book img{max-width:100%;height:auto;border:1px solid var(--line)}
pre{background:var(--pale);padding:1rem;overflow-x:auto;line-height:1.4;font-size:.875rem}
code{font-family:ui-monospace,SFMono-Regular,Consolas,"Liberation Mono",monospace;font-size:.9em}pre code{font-size:1em}
.masthead .page{max-width:70rem;padding:1rem}.masthead a{color:#fff;font-weight:700;text-decoration:none}
:target{scroll-margin-top:1rem}
@media (max-width:56rem){.book{display:block}.book nav{border-top:4px solid var(--blue);padding-top:1rem;margin-top:2rem}}
"""
FACE = '@font-face{font-family:"Headwater Sans";src:url("%sheadwater-sans.woff") format("woff")}'
PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ page.title }} – Headwater</title><link rel="stylesheet" href="{{ up }}site.css"></head>
<body><a class="skip" href="#main">Skip to the page</a>
<header class="masthead"><div class="page"><a href="{{ up }}README.html">Headwater</a></div></header>
<div class="book"><main id="main" tabindex="-1">{{ body|safe }}</main>
<nav aria-label="All pages">{% for name, group in sections %}<h2>{{ name }}</h2><ul>
{% for one in group %}<li><a href="{{ up }}{{ one.target }}"{% if one is sameas page %} aria-current="page"{% endif %}>{{ one.title }}</a></li>
{% endfor %}</ul>{% endfor %}</nav></div></body></html>
"""


@dataclass(frozen=True)
class Page:
    """One Markdown file and where it stands in the site."""

    source: PurePosixPath
    text: str

    @property
    def title(self) -> str:
        found = re.search(r"^# (.+)$", self.text, re.MULTILINE)
        return re.sub(r"[`*]", "", found[1]) if found else self.source.stem

    @property
    def target(self) -> str:
        return str(self.source.with_suffix(".html"))


def build(root: Path = ROOT, site: Path = SITE) -> tuple[Path, list[str]]:
    """Write the site; the start page and every link that leads nowhere ("page: link")."""
    sections = tuple((name, tuple(_pages(root, patterns))) for name, patterns in SECTIONS)
    pages = {page.source: page for _, group in sections for page in group}
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    (site / "headwater-sans.woff").write_bytes(font_file())
    (site / "site.css").write_text(css("headwater-sans.woff") + OWN_CSS, encoding="utf-8")
    template = Environment(autoescape=True).from_string(PAGE)
    lost: list[str] = []
    for page in pages.values():
        body, astray = _body(root, site, page, pages)
        lost += [f"{page.source}: {link}" for link in astray]
        file = site / page.target
        file.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * (len(page.source.parts) - 1)
        file.write_text(template.render(page=page, sections=sections, body=body, up=up), encoding="utf-8")
    return site / "README.html", lost


def _pages(root: Path, patterns: Sequence[str]) -> Iterator[Page]:
    for pattern in patterns:
        for file in sorted(root.glob(pattern)):
            yield Page(PurePosixPath(file.relative_to(root).as_posix()), file.read_text(encoding="utf-8"))


def _body(root: Path, site: Path, page: Page, pages: dict[PurePosixPath, Page]) -> tuple[str, list[str]]:
    """The page as HTML, its links turned to the site's own, and those that lead nowhere."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens, astray = reader.parse(page.text), []
    for link, attribute in _links(tokens):
        address = str(link.attrs[attribute])
        turned = _turned(root, site, page.source.parent, address, pages)
        if turned is None:
            astray.append(address)
        else:
            link.attrs[attribute] = turned
    _name_headings(tokens)
    html: str = reader.renderer.render(tokens, reader.options, {}).replace("<pre>", '<pre tabindex="0">')
    return re.sub(r"(<table>.*?</table>)", r'<div class="scroll" tabindex="0">\1</div>', html, flags=re.DOTALL), astray


def _links(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    for token in tokens:
        for inner in token.children or ():
            if inner.type == "link_open":
                yield inner, "href"
            elif inner.type == "image":
                yield inner, "src"


def _turned(
    root: Path, site: Path, folder: PurePosixPath, address: str, pages: dict[PurePosixPath, Page]
) -> str | None:
    """The address within the site; None where nothing is there. Addresses of the web are left as they are."""
    if re.match(r"[a-z]+:", address) or address.startswith("#"):
        return address
    path, mark, anchor = address.partition("#")
    wanted = (root / folder / path).resolve()
    if not wanted.is_relative_to(root) or not wanted.exists():
        return None
    inside = PurePosixPath(wanted.relative_to(root).as_posix())
    if inside in pages:
        return str(PurePosixPath(path).with_suffix(".html")) + mark + anchor
    if wanted.is_dir():
        first = next((one for one in pages if one.parent == inside), None)
        return None if first is None else f"{path.rstrip('/')}/{first.stem}.html"
    if wanted.suffix in CARRIED or wanted.name == "LICENSE":
        (site / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wanted, site / inside)
        return path
    return None


def _name_headings(tokens: Sequence[Token]) -> None:
    """Ids as Markdown readers make them: lower case, blanks to hyphens, other signs away."""
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            words = re.sub(r"[^\w\s-]", "", tokens[at + 1].content.lower())
            token.attrs["id"] = re.sub(r"\s+", "-", words.strip())
