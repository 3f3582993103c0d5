"""The report as a Word file: real headings, header rows that repeat, figures with words for those who cannot see
them."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Row
from docx.text.paragraph import Paragraph

from headwater.report.archive import repacked
from headwater.report.content import Bullets, Grid, Head, Picture, Words, paged, seal_words
from headwater.report.figures.draw import png

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headwater.report.content import Paper, Piece

DATE = datetime(2000, 1, 1)
"""A fixed date in the file's own properties: the report's date stands in its text."""
FONT = "Arial"
INK, BLUE, SOFT = (RGBColor.from_string(colour) for colour in ("0B0C0C", "12436D", "505A5F"))
SIZES = {"Normal": 10, "Title": 24, "Heading 1": 16, "Heading 2": 14, "Heading 3": 12, "Heading 4": 10.5, "Caption": 10}
WIDE = Mm(178)
LETTER, SIDES = Mm(2.1), Mm(4.2)
"""The width of a bold letter in a table, and of a cell's two margins."""
CELL, SMALL = 8.5, 7
"""Points of the letters in a table, and in one whose columns would break their longest words."""
HIGH = Mm(72)
"""The highest picture: a higher one would leave the foot of the page before it empty; one of many rows may be
higher."""
LEGIBLE, HIGHEST = Mm(110), Mm(190)
"""The narrowest picture whose words can still be read, and the highest that may be for it."""
RUNNING, LONGEST = 40, 20
"""Letters beyond which a column of words, and a single word, ask for no more width."""


def write(paper: Paper) -> bytes:
    """The whole file."""
    file = docx.Document()
    _styled(file)
    _properties(file, paper)
    file.add_paragraph(paper.date, style="Said softly")
    file.add_paragraph(paper.title, style="Title")
    file.add_paragraph(paper.summary, style="Lead")
    board, appendix = paged(paper)
    _add(file, board)
    _add(file, appendix)
    file.add_paragraph(seal_words(paper), style="Said softly")
    held = BytesIO()
    file.save(held)
    return repacked(held.getvalue())


def _add(file: Any, pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        match piece:
            case Head():
                file.add_heading(piece.text, level=piece.level - 1)
            case Words():
                file.add_paragraph(piece.text, style=_STYLES.get(piece.style, "Normal"))
            case Bullets():
                for text in piece.texts:
                    file.add_paragraph(text, style="List Bullet")
            case Grid():
                _table(file, piece)
            case Picture():
                _picture(file, piece)


_STYLES = {"lead": "Lead", "inset": "Inset", "warning": "Warning", "note": "Said softly"}


def _table(file: Any, grid: Grid) -> None:
    file.add_paragraph(grid.caption, style="Caption").paragraph_format.keep_with_next = True
    table = file.add_table(rows=1, cols=len(grid.columns), style="Table Grid")
    _described(table, grid.caption)
    table.autofit = False
    points = CELL if sum(_least(grid, CELL)) <= WIDE else SMALL
    for column, cell, wide in zip(table.columns, table.rows[0].cells, _widths(grid, points), strict=True):
        column.width = cell.width = wide
    blank = deepcopy(table.rows[0]._tr)
    style = "Cell" if points == CELL else "SmallCell"
    _fill(table.rows[0], grid.columns, grid.right, style, bold=True)
    _mark(table.rows[0], "w:tblHeader")
    for at, row in enumerate(grid.rows):
        added = _Row(deepcopy(blank), table)
        table._tbl.append(added._tr)
        bold = grid.totals_row and at == len(grid.rows) - 1
        _fill(added, [said.text for said in row], grid.right, style, bold)
        _mark(added, "w:cantSplit")
    file.add_paragraph().paragraph_format.space_after = Pt(2)


def _least(grid: Grid, points: float) -> list[float]:
    """How wide each column has to be for its longest word."""
    words = [
        max((len(word) for text in (name, *(row[at].text for row in grid.rows)) for word in text.split()), default=4)
        for at, name in enumerate(grid.columns)
    ]
    return [min(word, LONGEST) * LETTER * points / CELL + SIDES for word in words]


def _widths(grid: Grid, points: float) -> list[int]:
    """The page's width shared by the letters a column holds: none narrower than its longest word, running words the
    widest."""
    letters = [[len(said.text) for said in (row[at] for row in grid.rows)] for at in range(len(grid.columns))]
    least = _least(grid, points)
    wished = [min(max(held, default=4), RUNNING) * LETTER * points / CELL for held in letters]
    more = [max(wish - low, 0.0) for wish, low in zip(wished, least, strict=True)]
    spare = WIDE - sum(least)
    if spare < 0:
        return [int(WIDE * low / sum(least)) for low in least]
    each = [spare * wish / sum(more) if any(more) else spare / len(least) for wish in more]
    return [int(low + add) for low, add in zip(least, each, strict=True)]


def _fill(row: _Row, texts: Iterable[str], right: Iterable[bool], style: str, bold: bool) -> None:
    for cell, text, numeric in zip(row._tr.tc_lst, texts, right, strict=True):
        paragraph = Paragraph(cell.p_lst[0], row)  # type: ignore[arg-type]
        cell.p_lst[0].style = style
        paragraph.add_run(text).bold = bold or None
        if numeric:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _mark(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _described(table: Any, words: str) -> None:
    """The table's words for a screen reader, rules between rows only, and its first row and column named as headers."""
    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side, kind in (
        ("top", "single"),
        ("left", "nil"),
        ("bottom", "single"),
        ("right", "nil"),
        ("insideH", "single"),
        ("insideV", "nil"),
    ):
        edge = OxmlElement(f"w:{side}")
        for name, value in (("val", kind), ("sz", "4"), ("space", "0"), ("color", "B1B4B6")):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    properties.append(borders)
    for name in ("w:tblCaption", "w:tblDescription"):
        told = OxmlElement(name)
        told.set(qn("w:val"), words)
        properties.append(told)


def _picture(file: Any, picture: Picture) -> None:
    file.add_paragraph(picture.title, style="Caption").paragraph_format.keep_with_next = True
    image = png(picture.data)
    if not image:
        file.add_paragraph(picture.note, style="Said softly")
        return
    across, down = (int.from_bytes(image[at : at + 4], "big") for at in (16, 20))
    shape = file.add_picture(BytesIO(image), width=_across(across / down))
    told = shape._inline.docPr
    told.set("descr", picture.alt or picture.title)
    told.set("title", picture.title)


def _across(shape: float) -> int:
    """How wide a picture stands. shape: its width over its height."""
    return int(max(min(WIDE * 0.7, HIGH * shape), min(LEGIBLE, HIGHEST * shape)))


def _properties(file: Any, paper: Paper) -> None:
    core = file.core_properties
    core.title, core.subject, core.language = paper.title, paper.summary[:250], "en-GB"
    core.author = core.last_modified_by = "Headwater"
    core.comments, core.keywords = "", ""
    core.created = core.modified = core.last_printed = DATE
    core.revision = 1


def _styled(file: Any) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(16)
    section.top_margin = section.bottom_margin = Mm(15)
    for name, points in SIZES.items():
        _face(file.styles[name], points, BLUE if name == "Title" else INK)
    for name in ("Heading 1", "Heading 2", "Heading 3", "Heading 4", "Caption", "Title"):
        file.styles[name].font.bold = True
    file.styles["Caption"].font.italic = False
    for name, points, colour in (
        ("Lead", 12, INK),
        ("Inset", 10, INK),
        ("Warning", 10, INK),
        ("Said softly", 9, SOFT),
        ("Cell", CELL, INK),
        ("SmallCell", SMALL, INK),
    ):
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = file.styles["Normal"]
        _face(style, points, colour)
    file.styles["Inset"].paragraph_format.left_indent = Mm(6)
    file.styles["Warning"].paragraph_format.left_indent = Mm(6)
    file.styles["Warning"].font.bold = True
    for name in ("Normal", "Cell", "SmallCell"):
        file.styles[name].paragraph_format.space_after = Pt(5 if name == "Normal" else 0)
    _british(file)


def _face(style: Any, points: float, colour: RGBColor) -> None:
    style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(points), colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:cs"), FONT)


def _british(file: Any) -> None:
    for language in file.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")
