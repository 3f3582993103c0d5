"""The one content model every format is written from: a released document with all its cells already in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.domain.errors import DisclosureBlock
from headwater.domain.release import DataTable, Document, Drawn, FigureData, Heading, Released, Sentence
from headwater.report.figures import BEHIND_THE_LINES, label_of, misfit
from headwater.report.kinds import capital, day_words, in_words
from headwater.report.words import UNKNOWN, Said, say, shared_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.domain.release import Block, Cell, Seal

MASK = "*"
"""What disclosure control puts in a masked cell's place."""
NOT_SHOWN = "a number not shown"
"""What stands in a masked figure's place within a sentence."""
LONG = 24
"""Letters from which a cell's words are running words."""
STYLES = ("body", "lead", "inset", "warning", "bullet", "note")


@dataclass(frozen=True, slots=True)
class Head:
    text: str
    level: int
    id: str


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    style: str = "body"


@dataclass(frozen=True, slots=True)
class Bullets:
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table in words. `right` says which columns hold numbers; the first one names the rows."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Said, ...], ...]
    right: tuple[bool, ...]
    totals_row: bool = False
    formulas: tuple[tuple[int, str], ...] = ()

    @property
    def long(self) -> tuple[bool, ...]:
        """Which columns hold running words, that must not be squeezed."""
        return tuple(any(len(row[at].text) > LONG for row in self.rows) for at in range(len(self.columns)))


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: `data` to draw it from, the table beside it, and the note that stands for it where it cannot be
    drawn."""

    id: str
    title: str
    alt: str
    data: FigureData
    grid: Grid
    note: str = ""


Piece = Head | Words | Bullets | Grid | Picture


@dataclass(frozen=True, slots=True)
class Paper:
    """A released document, ready to be set in any format."""

    name: str
    title: str
    summary: str
    date: str
    board: tuple[Piece, ...]
    appendix: tuple[Piece, ...]
    facts: tuple[tuple[str, str], ...]
    seal: Seal

    @property
    def grids(self) -> tuple[Grid, ...]:
        """Every table, those beside figures included, in reading order."""
        return tuple(_grids((*self.board, *self.appendix)))


def paper(released: Released[Document]) -> Paper:
    """Set a released document in words. Raises DisclosureBlock for anything that was not released."""
    if not isinstance(released, Released):
        raise DisclosureBlock(
            "Only what passed disclosure control can be written to a file.",
            given=type(released).__name__,
            allowed="a released document",
            next_step="release the document first",
        )
    document, names = released.content, Names()
    return Paper(
        name=document.name,
        title=document.title,
        summary=document.summary,
        date=document.date,
        board=pieces(document.board, names),
        appendix=pieces(document.appendix, names),
        facts=tuple((key, str(value)) for key, value in document.facts.items()),
        seal=released.seal,
    )


LONGEST_ON_PAPER = 60
"""Rows of a figure's table that paper bears; the page and the workbooks have them all."""


def paged(paper: Paper) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The board's part and the appendix for formats that are read page by page: the board's figures stand alone and
    their tables open the end of the appendix; every other figure has its table right after it."""
    behind = tuple(piece.grid for piece in paper.board if isinstance(piece, Picture))
    tail: tuple[Piece, ...] = (Head("The numbers behind the first figures", 2, "behind"), *behind) if behind else ()
    made = (Head("What this report was made from", 2, "made-from"), facts_grid(paper)) if paper.facts else ()
    return paper.board, (*_with_tables(paper.appendix), *tail, *made)


def _with_tables(pieces: Iterable[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        yield piece
        if isinstance(piece, Picture):
            yield piece.grid if len(piece.grid.rows) <= LONGEST_ON_PAPER else Words(_left_out(piece.grid), "note")


def _left_out(grid: Grid) -> str:
    return (
        f"{grid.caption}: {len(grid.rows)} rows, too many for paper. They are in the web page and the workbooks of this"
        " report."
    )


def facts_grid(paper: Paper) -> Grid:
    """What the report was made from, as a table."""
    rows = tuple((Said(capital(key)), Said(value)) for key, value in paper.facts)
    return Grid(
        "made-from-table",
        "Versions, seeds, dates and digital fingerprints (hashes) behind this report",
        ("What", "Value"),
        rows,
        (False, False),
    )


def seal_words(paper: Paper) -> str:
    """The last line of every format: for whom and under which policy the content was released."""
    seal = paper.seal
    return (
        f"Released for {seal.purpose} to the role {seal.role} under the policy {seal.policy}. Content"
        f" {seal.content_sha256}"
    )


class Names:
    """Hands out identifiers that no other piece of the same page has."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}

    def of(self, wanted: str) -> str:
        stem = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:48].strip("-") or "part"
        stem = stem if stem[0].isalpha() else f"p-{stem}"
        self.taken[stem] = self.taken.get(stem, 0) + 1
        return stem if self.taken[stem] == 1 else self.of(f"{stem}-{self.taken[stem]}")


def pieces(blocks: Iterable[Block], names: Names | None = None) -> tuple[Piece, ...]:
    """Blocks in words, bullets that follow one another gathered into one list."""
    names = names or Names()
    gathered: list[Piece] = []
    for block in blocks:
        piece = _piece(block, names)
        if isinstance(piece, Bullets) and gathered and isinstance(gathered[-1], Bullets):
            gathered[-1] = replace(gathered[-1], texts=(*gathered[-1].texts, *piece.texts))
        else:
            gathered.append(piece)
    return tuple(gathered)


def _piece(block: Block, names: Names) -> Piece:
    match block:
        case Heading():
            return Head(in_words(block.text), min(max(block.level, 2), 4), names.of(block.id or block.text))
        case Sentence():
            text = filled(block)
            return Bullets((text,)) if block.style == "bullet" else Words(text, _style(block.style))
        case DataTable():
            return grid(block, names)
        case Drawn():
            return (
                picture(block.data, names) if _shows(block.data) else Words(f"{in_words(block.data.title)}. {HIDDEN}")
            )
    raise TypeError(f"a document has no block of the type {type(block).__name__}")


HIDDEN = "The numbers behind this cannot be shown: the groups are too small."


def _shows(figure: FigureData) -> bool:
    """Whether anything of a figure is left to see: disclosure control may have taken every number."""
    amounts = [cell for row in figure.rows for cell in row if not isinstance(cell, str)]
    return not figure.rows or not amounts or any(getattr(cell, "value", cell) is not None for cell in amounts)


def _style(style: str) -> str:
    return style if style in STYLES else "body"


def filled(sentence: Sentence) -> str:
    """The sentence with its gaps filled; a gap without a figure says that it is not known, one whose figure was taken
    that it is not shown."""
    said = {name: say(cell, name).text for name, cell in sentence.figures.items()}
    words = in_words(sentence.masked if sentence.masked and MASK in said.values() else sentence.words)
    return re.sub(r"\{(\w+)\}", lambda gap: in_words(_in_a_sentence(said.get(gap[1], UNKNOWN))), words)


def _in_a_sentence(text: str) -> str:
    return NOT_SHOWN if text == MASK else text


def grid(table: DataTable, names: Names) -> Grid:
    """A table in words. Rows shorter or longer than the columns are a mistake of the maker and raise ValueError."""
    if any(len(row) != len(table.columns) for row in table.rows):
        raise ValueError(f"table {table.name}: every row needs {len(table.columns)} cells")
    shared = [shared_digits(row[at] for row in table.rows) for at in range(len(table.columns))]
    rows = tuple(
        tuple(_said(cell, name, digits) for cell, name, digits in zip(row, table.columns, shared, strict=True))
        for row in table.rows
    )
    at = {name: index for index, name in enumerate(table.columns)}
    return Grid(
        id=names.of(table.name),
        caption=_captioned(in_words(table.caption), rows),
        columns=tuple(label_of(name) for name in table.columns),
        rows=rows,
        right=tuple(at > 0 and _of_numbers(row[at] for row in rows) for at in range(len(table.columns))),
        totals_row=table.totals_row and bool(rows),
        formulas=_formulas(table.formulas, at),
    )


def _said(cell: Cell, name: str, digits: int | None) -> Said:
    return say(_begun(in_words(cell)) if isinstance(cell, str) else cell, name, digits)


def _begun(words: str) -> str:
    """A cell's words with a capital letter at their head; file names, addresses and hashes stay as they are."""
    return capital(words) if _WORDS.fullmatch(words.split(" ")[0]) else words


_WORDS = re.compile(r"[a-z][a-z’'-]*[,;:.]?")
"""A first word that is written in letters alone."""


def _captioned(caption: str, rows: Iterable[Iterable[Said]]) -> str:
    """The caption, with a word on the mask where a cell carries it."""
    masked = any(said.text == MASK for row in rows for said in row)
    return f"{caption} ({MASK} is a number too small to show)" if masked else caption


def _formulas(formulas: Mapping[str, str], at: Mapping[str, int]) -> tuple[tuple[int, str], ...]:
    return tuple((at[name], words) for name, words in formulas.items() if name in at)


def picture(figure: FigureData, names: Names) -> Picture:
    """A figure with the table it is drawn from; one whose columns do not fit keeps its table and says so."""
    key = names.of(f"figure-{figure.name}")
    return Picture(
        key, in_words(figure.title), in_words(figure.alt), figure, grid(_beside(figure, key), names), misfit(figure)
    )


AXES = {"measure": "", "x_measure": "x", "y_measure": "y"}
"""Columns that only name an axis → the column whose name they are; `measure` is named in the caption."""


def _beside(figure: FigureData, key: str) -> DataTable:
    """The table beside a figure: its rows, without the columns that only name its axes; those become names."""
    said = {
        name: next((str(cell) for cell in figure.column(name) if cell), "") for name in AXES if name in figure.columns
    }
    unsaid = (*AXES, *BEHIND_THE_LINES.get(figure.kind, ()))
    kept = [at for at, name in enumerate(figure.columns) if name not in unsaid]
    named = {AXES[name]: words for name, words in said.items() if words and AXES[name]}
    # Along the bottom of a figure of periods stand the periods.
    named |= {"period": named["x"]} if "x" in named else {}
    columns = tuple(named.get(figure.columns[at], figure.columns[at]) for at in kept)
    monthly = _monthly(figure)
    rows = tuple(tuple(_month(row[at]) if at == monthly else row[at] for at in kept) for row in figure.rows)
    measure = f" ({said['measure']})" if said.get("measure") else ""
    return DataTable(f"{key}-table", f"The numbers behind: {figure.title}{measure}", columns, rows)


def _monthly(figure: FigureData) -> int:
    """The place of the column of periods where each is the first of a month; −1 where there is none."""
    at = figure.columns.index("period") if "period" in figure.columns else -1
    firsts = at >= 0 and all(re.fullmatch(r"\d{4}-\d{2}-01", str(row[at])) for row in figure.rows)
    return at if firsts else -1


def _month(cell: Cell) -> str:
    return day_words(str(cell)).partition(" ")[2]


def _of_numbers(cells: Iterable[Said]) -> bool:
    """Whether a column is one of numbers: some are, and what is not is a short word in their stead."""
    column = tuple(cells)
    return any(said.numeric for said in column) and all(said.numeric or len(said.text) <= 14 for said in column)


def _grids(pieces: Iterable[Piece]) -> Iterator[Grid]:
    for piece in pieces:
        if isinstance(piece, Grid):
            yield piece
        elif isinstance(piece, Picture):
            yield piece.grid
