"""The report as an OpenDocument spreadsheet, written directly: named tables, header rows, figures with words beside
them.

OASIS Open Document Format for Office Applications (OpenDocument) v1.3, parts 2 (packages) and 3 (schema).
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from headwater.report.archive import packed
from headwater.report.content import Picture
from headwater.report.figures.draw import png
from headwater.report.sheets import HEADER_ROW, lines, sheet_names
from headwater.report.words import MINUS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.report.content import Grid, Paper
    from headwater.report.sheets import Line
    from headwater.report.words import Form, Said

MIME = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = " ".join(
    f'xmlns:{short}="{long}"'
    for short, long in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
        "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
        "xlink": "http://www.w3.org/1999/xlink",
        "dc": "http://purl.org/dc/elements/1.1/",
        "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
        "number": "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
        "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "manifest": "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0",
    }.items()
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
DATE = "2000-01-01T00:00:00"
UNSEEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Letters that XML 1.0 does not allow."""


def write(paper: Paper) -> bytes:
    """The whole package."""
    pictures = {
        piece.grid.id: (piece, png(piece.data))
        for piece in (*paper.board, *paper.appendix)
        if isinstance(piece, Picture)
    }
    drawn = {key: (piece, image) for key, (piece, image) in pictures.items() if image}
    members = {f"Pictures/{piece.id}.png": image for piece, image in drawn.values()}
    return packed(
        {
            "mimetype": MIME.encode(),
            "content.xml": _content(paper, drawn).encode(),
            "styles.xml": _styles().encode(),
            "meta.xml": _meta(paper).encode(),
            **members,
            "META-INF/manifest.xml": _manifest(members).encode(),
        },
        stored=("mimetype",),
    )


def _x(text: str) -> str:
    return escape(UNSEEN.sub("", text))


def _q(text: str) -> str:
    return quoteattr(UNSEEN.sub("", text))


def _content(paper: Paper, drawn: dict[str, tuple[Picture, bytes]]) -> str:
    names = sheet_names(paper)
    forms = _form_names(names)
    tables = [_words(lines(paper, names))]
    tables += [_table(grid, name, forms, drawn.get(grid.id)) for grid, name in names.items()]
    ranges = "".join(_range(grid, name) for grid, name in names.items())
    return (
        f'{HEAD}<office:document-content {SPACES} office:version="1.3">'
        f"<office:automatic-styles>{_automatic(forms)}</office:automatic-styles><office:body><office:spreadsheet>"
        f"{''.join(tables)}<table:database-ranges>{ranges}</table:database-ranges>"
        "</office:spreadsheet></office:body></office:document-content>"
    )


def _form_names(grids: Iterable[Grid]) -> dict[Form, str]:
    used = dict.fromkeys(said.form for grid in grids for row in grid.rows for said in row if said.form is not None)
    return {form: f"N{at}" for at, form in enumerate(used, 1)}


def _words(said: Iterable[Line]) -> str:
    rows = "".join(_line(line) for line in said)
    return (
        '<table:table table:name="Report" table:style-name="ta"><table:table-column'
        f' table:style-name="wide"/>{rows}</table:table>'
    )


def _line(line: Line) -> str:
    style = line.style if line.style in ("title", "head", "lead", "warning") else "body"
    words = _x(line.text)
    if line.sheet:
        words = f'<text:a xlink:type="simple" xlink:href={_q(f"#{line.sheet}")}>{words}</text:a>'
    return f"<table:table-row>{_cell(f'<text:p>{words}</text:p>', style)}</table:table-row>"


def _cell(inner: str, style: str, kind: str = 'office:value-type="string"') -> str:
    return f'<table:table-cell table:style-name="{style}" {kind}>{inner}</table:table-cell>'


def _table(grid: Grid, name: str, forms: dict[Form, str], drawn: tuple[Picture, bytes] | None) -> str:
    heads = "".join(
        _cell(f"<text:p>{_x(column)}</text:p>", "number-column" if right else "column")
        for column, right in zip(grid.columns, grid.right, strict=True)
    )
    rows = "".join(_row(row, forms, grid.totals_row and at == len(grid.rows)) for at, row in enumerate(grid.rows, 1))
    return (
        f'<table:table table:name={_q(name)} table:style-name="ta"><table:title>{_x(grid.caption)}</table:title>'
        f'<table:table-column table:style-name="first"/><table:table-column table:style-name="other"'
        f' table:number-columns-repeated="{max(len(grid.columns) - 1, 1)}"/>'
        f"<table:table-row>{_cell(f'<text:p>{_x(grid.caption)}</text:p>', 'head')}</table:table-row>"
        f"<table:table-row>{_cell('<text:p>This sheet holds one table.</text:p>', 'plain')}</table:table-row>"
        f"<table:table-header-rows><table:table-row>{heads}</table:table-row></table:table-header-rows>"
        f"{rows}{_frame(*drawn) if drawn else ''}</table:table>"
    )


def _row(row: tuple[Said, ...], forms: dict[Form, str], total: bool) -> str:
    return f"<table:table-row>{''.join(_value(said, forms, total) for said in row)}</table:table-row>"


def _value(said: Said, forms: dict[Form, str], total: bool) -> str:
    words, bold = f"<text:p>{_x(said.text)}</text:p>", "b" if total else ""
    if said.value is None or said.form is None:
        return _cell(words, "total" if total else "plain")
    kind = "percentage" if said.form.percent else "float"
    return _cell(words, f"c{forms[said.form]}{bold}", f'office:value-type="{kind}" office:value="{said.value!r}"')


def _frame(picture: Picture, image: bytes) -> str:
    """The figure under its table, with its title and what it shows."""
    width, height = (pixels / 2 / 96 * 2.54 for pixels in struct.unpack(">II", image[16:24]))
    return (
        f"<table:table-row/><table:table-row><table:table-cell><draw:frame draw:name={_q(picture.id)}"
        f' svg:width="{width:.2f}cm"'
        f' svg:height="{height:.2f}cm"><draw:image xlink:href={_q(f"Pictures/{picture.id}.png")} xlink:type="simple"'
        f' xlink:show="embed" xlink:actuate="onLoad"/><svg:title>{_x(picture.title)}</svg:title>'
        f"<svg:desc>{_x(picture.alt or picture.title)}</svg:desc></draw:frame></table:table-cell></table:table-row>"
    )


def _range(grid: Grid, name: str) -> str:
    last, row = _letters(len(grid.columns)), HEADER_ROW + 1
    sheet = "'" + name + "'"
    place = f"{sheet}.A{row}:{sheet}.{last}{row + max(len(grid.rows), 1)}"
    key = "t_" + grid.id.replace("-", "_")
    return (
        f"<table:database-range table:name={_q(key)} table:target-range-address={_q(place)}"
        ' table:contains-header="true"/>'
    )


def _letters(column: int) -> str:
    """The name of a column counted from one: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _automatic(forms: dict[Form, str]) -> str:
    numbers = "".join(_number_style(form, name) for form, name in forms.items())
    looks = "".join(
        _look(f"c{name}{bold}", f'style:data-style-name="{name}"', "end", bold == "b")
        for name in forms.values()
        for bold in ("", "b")
    )
    columns = "".join(
        f'<style:style style:name="{name}" style:family="table-column"><style:table-column-properties'
        f' style:column-width="{width}cm"/></style:style>'
        for name, width in (("wide", 18), ("first", 7), ("other", 3.4))
    )
    sheet = '<style:style style:name="ta" style:family="table" style:master-page-name="Default"/>'
    return numbers + columns + sheet + _text_looks() + looks


def _text_looks() -> str:
    sizes = {
        "title": ("16pt", True),
        "head": ("12pt", True),
        "lead": ("12pt", False),
        "warning": ("10pt", True),
        "body": ("10pt", False),
        "plain": ("10pt", False),
        "total": ("10pt", True),
        "column": ("10pt", True),
    }
    looks = [
        _look(name, "", "start", bold, size, name not in ("head", "plain")) for name, (size, bold) in sizes.items()
    ]
    return "".join((*looks, _look("number-column", "", "end", True, "10pt", True)))


def _look(name: str, more: str, align: str, bold: bool, size: str = "10pt", wrap: bool = False) -> str:
    option = ' fo:wrap-option="wrap"' if wrap else ""
    return (
        f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="Default"'
        f' {more}><style:table-cell-properties style:vertical-align="top"{option}/><style:paragraph-properties'
        f' fo:text-align="{align}"/><style:text-properties fo:font-size="{size}"'
        f' fo:font-weight="{"bold" if bold else "normal"}"/></style:style>'
    )


def _number_style(form: Form, name: str) -> str:
    """A number style for amounts from nought up and one, mapped to it, that puts the minus before everything else."""
    tag = "number:percentage-style" if form.percent else "number:number-style"
    number = (
        f'<number:number number:decimal-places="{form.digits}" number:min-decimal-places="{form.digits}"'
        f' number:min-integer-digits="1" number:grouping="{str(form.grouped).lower()}"/>'
    )
    tail = _number_text(("%" if form.percent else "") + form.after)
    return (
        f'<{tag} style:name="{name}P0" style:volatile="true">{_number_text(form.before)}{number}{tail}</{tag}>'
        f'<{tag} style:name="{name}">{_number_text(MINUS + form.before)}{number}{tail}'
        f'<style:map style:condition="value()&gt;=0" style:apply-style-name="{name}P0"/></{tag}>'
    )


def _number_text(words: str) -> str:
    return f"<number:text>{_x(words)}</number:text>" if words else ""


def _styles() -> str:
    return (
        f'{HEAD}<office:document-styles {SPACES} office:version="1.3"><office:styles><style:style style:name="Default"'
        ' style:family="table-cell"><style:text-properties style:font-name="Arial" fo:font-family="Arial"'
        ' fo:language="en" fo:country="GB" fo:font-size="10pt"'
        ' fo:color="#0b0c0c"/></style:style></office:styles><office:automatic-styles><style:page-layout'
        ' style:name="page"><style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm"'
        ' style:scale-to-X="1"/></style:page-layout></office:automatic-styles><office:master-styles><style:master-page'
        ' style:name="Default" style:page-layout-name="page"/></office:master-styles></office:document-styles>'
    )


def _meta(paper: Paper) -> str:
    return (
        f'{HEAD}<office:document-meta {SPACES} office:version="1.3"><office:meta><dc:title>{_x(paper.title)}</dc:title>'
        f"<dc:description>{_x(paper.summary)}</dc:description><dc:language>en-GB</dc:language><dc:creator>Headwater</dc:creator>"
        f"<meta:creation-date>{DATE}</meta:creation-date><dc:date>{DATE}</dc:date></office:meta></office:document-meta>"
    )


def _manifest(pictures: Iterable[str]) -> str:
    parts = (
        ("/", MIME),
        ("content.xml", "text/xml"),
        ("styles.xml", "text/xml"),
        ("meta.xml", "text/xml"),
        *((name, "image/png") for name in pictures),
    )
    entries = "".join(
        f'<manifest:file-entry manifest:full-path={_q(path)} manifest:media-type="{kind}"/>' for path, kind in parts
    )
    return f'{HEAD}<manifest:manifest {SPACES} manifest:version="1.3">{entries}</manifest:manifest>'
