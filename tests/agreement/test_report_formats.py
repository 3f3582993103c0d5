"""One content model, five formats: every number is in all of them, read back by other people's software."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

import docx as python_docx
import odfdo
import openpyxl
import pypdf
import pytest

from headwater.disclosure.release import release
from headwater.domain.workspace import DisclosureSettings
from headwater.report import FORMATS, board_document, render
from headwater.report.content import Grid, paged, paper
from headwater.report.manifest import words
from headwater.report.sheets import HEADER_ROW, sheet_names
from headwater.report.xlsx import placed
from report_board import facts
from report_world import FIGURES, HOSTILE, document, released

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.domain.release import Document, Released

NUMBER = re.compile(r"[−-]?£?\d+(?:,\d{3})*(?:\.\d+)?%?")


def board() -> Released[Document]:
    return release(board_document(facts()), DisclosureSettings())


CONTENTS = {"sample": released, "board": board}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("formats")
    for name, content in CONTENTS.items():
        for format in FORMATS:
            render(content(), format, made / f"{name}.{format}")
    return made


def numbers(texts: list[str]) -> Counter[str]:
    return Counter(number.replace("-", "−") for text in texts for number in NUMBER.findall(text.replace("​", "")))


def model_texts(name: str, *, on_paper: bool = False) -> list[str]:
    """What the content model holds: sentences, captions, cells, facts; on paper the long tables behind figures are
    named only."""
    made = paper(CONTENTS[name]())
    pieces_ = (piece for part in paged(made) for piece in part)
    kept = {piece.id for piece in pieces_ if isinstance(piece, Grid)} if on_paper else {grid.id for grid in made.grids}
    texts = [made.title, made.date, made.summary]
    for piece in (*made.board, *made.appendix):
        texts += [
            getattr(piece, "text", ""),
            *getattr(piece, "texts", ()),
            getattr(piece, "title", ""),
            getattr(piece, "note", ""),
        ]
    for grid in made.grids:
        if grid.id in kept:
            texts += [grid.caption, *grid.columns, *(said.text for row in grid.rows for said in row)]
    return [*texts, *(text for fact in made.facts for text in fact)]


def shown(cell: openpyxl.cell.Cell, grid: Grid, at: tuple[int, int]) -> str:
    """A workbook's cell as it is seen: its number written by its number format, as the format's own words say."""
    if isinstance(cell.value, str) and cell.data_type != "f":
        return cell.value
    said = grid.rows[at[0]][at[1]]
    assert said.form is not None
    assert cell.number_format == said.form.pattern
    value = float(said.value or 0) if cell.data_type == "f" else float(cell.value)
    return said.form.text(value)


def xlsx_texts(file: Path, name: str) -> list[str]:
    book = openpyxl.load_workbook(file)
    texts = [str(cell.value) for row in book["Report"].iter_rows() for cell in row if cell.value is not None]
    for grid, spot in placed(paper(CONTENTS[name]())).items():
        rows = list(book[spot.sheet].iter_rows(min_row=spot.row + 1, max_col=len(grid.columns)))
        texts += [str(rows[0][0].value), *(str(cell.value) for cell in rows[HEADER_ROW])]
        for at, row in enumerate(rows[HEADER_ROW + 1 : HEADER_ROW + 1 + len(grid.rows)]):
            texts += [shown(cell, grid, (at, column)) for column, cell in enumerate(row)]
    return texts


def docx_texts(file: Path) -> list[str]:
    read = python_docx.Document(str(file))
    cells = [node.text or "" for table in read.tables for node in table._tbl.iter() if node.tag.endswith("}t")]
    return [paragraph.text for paragraph in read.paragraphs] + cells


def ods_texts(file: Path) -> list[str]:
    read = odfdo.Document(str(file))
    return [paragraph.inner_text for paragraph in read.body.get_elements("//text:p")]


def pdf_texts(file: Path) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pypdf.PdfReader(file).pages]


@pytest.mark.parametrize("format", ["html", "docx", "ods", "xlsx"])
@pytest.mark.parametrize("name", CONTENTS)
def test_every_number_of_the_model_is_in_the_file_as_often(folder: Path, name: str, format: str) -> None:
    file = folder / f"{name}.{format}"
    readers = {"html": words, "docx": docx_texts, "ods": ods_texts}
    found = numbers(xlsx_texts(file, name) if format == "xlsx" else readers[format](file))
    wanted = numbers(model_texts(name, on_paper=format == "docx"))
    assert not wanted - found


@pytest.mark.parametrize("name", CONTENTS)
def test_every_number_of_the_model_is_in_the_pdf_as_often(folder: Path, name: str) -> None:
    """Each as a number of its own. Hashes and file names break over lines, so digits within a longer word are left
    out."""
    wanted = numbers(
        [re.sub(r"\S*[a-z_/]\S*[0-9]\S*|\S*[0-9]\S*[a-z_/]\S*", " ", text) for text in model_texts(name, on_paper=True)]
    )
    found = numbers(pdf_texts(folder / f"{name}.pdf"))
    assert sum(wanted.values()) > 20
    assert not wanted - found


@pytest.mark.parametrize("format", ["html", "docx", "ods", "xlsx"])
def test_no_number_stands_in_a_file_that_the_model_does_not_hold(folder: Path, format: str) -> None:
    file = folder / f"board.{format}"
    if format == "html":  # what stands at the axes of a picture is the picture's; the table beside it holds its numbers
        bare = re.sub(r"<svg.*?</svg>", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        file = folder / "bare.html"
        file.write_text(bare, encoding="utf-8")
    readers = {"html": words, "docx": docx_texts, "ods": ods_texts}
    found = numbers(xlsx_texts(file, "board") if format == "xlsx" else readers[format](file))
    seal = numbers([board().seal.content_sha256, board().seal.purpose])
    assert not set(found) - set(numbers(model_texts("board"))) - set(seal)


def test_the_pdf_is_tagged_titled_and_says_that_it_is_accessible(folder: Path) -> None:
    read = pypdf.PdfReader(folder / "board.pdf")
    root = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"<pdfuaid:part>1</pdfuaid:part>", metadata)
    assert read.metadata is not None
    assert read.metadata.title == paper(board()).title


def test_every_figure_of_the_pdf_has_its_words(folder: Path) -> None:
    read = pypdf.PdfReader(folder / "sample.pdf")
    tags = [obj.get_object() for obj in _objects(read)]
    told = [str(tag["/Alt"]) for tag in tags if isinstance(tag, dict) and tag.get("/S") == "/Figure" and "/Alt" in tag]
    assert len([text for text in told if text.startswith("A made-up figure")]) >= len(FIGURES)


def _objects(read: pypdf.PdfReader) -> list[pypdf.generic.IndirectObject]:
    return [pypdf.generic.IndirectObject(at, 0, read) for at in range(1, int(read.trailer["/Size"]))]


def test_the_word_file_has_headings_header_rows_and_alternative_text(folder: Path) -> None:
    read = python_docx.Document(str(folder / "sample.docx"))
    styles = [paragraph.style.name for paragraph in read.paragraphs if paragraph.style is not None]
    assert styles.count("Title") == 1
    assert {"Heading 1", "Heading 2", "List Bullet", "Caption"} <= set(styles)
    xml = ZipFile(folder / "sample.docx").read("word/document.xml").decode()
    assert xml.count("<w:tblHeader/>") == len(read.tables) == xml.count("<w:tblCaption ")
    assert len(re.findall(r'<wp:docPr [^>]*descr="A made-up figure', xml)) == len(FIGURES)


def test_the_ods_has_named_tables_header_rows_and_told_pictures(folder: Path) -> None:
    read = odfdo.Document(str(folder / "sample.ods"))
    names = [table.name for table in read.body.get_tables()]
    assert names == ["Report", *sheet_names(paper(released())).values()]
    body = ZipFile(folder / "sample.ods").read("content.xml").decode()
    assert body.count("<table:table-header-rows>") == body.count("<table:database-range ") == len(names) - 1
    assert body.count("<svg:desc>A made-up figure") == len(FIGURES)
    with ZipFile(folder / "sample.ods") as archive:
        assert archive.infolist()[0].filename == "mimetype"
        assert archive.infolist()[0].compress_type == 0


def test_the_ods_values_are_those_of_the_model(folder: Path) -> None:
    read = odfdo.Document(str(folder / "sample.ods"))
    for grid, sheet in sheet_names(paper(released())).items():
        table = read.body.get_table(name=sheet)
        assert table is not None
        for at, row in enumerate(grid.rows, HEADER_ROW + 1):
            for column, said in enumerate(row):
                if said.value is not None:
                    assert float(table.get_value((column, at))) == pytest.approx(said.value)


def test_words_never_become_formulas(folder: Path) -> None:
    """Formula injection: the hostile words stay words in both spreadsheets, and carry the quote mark in the
    workbook."""
    book = openpyxl.load_workbook(folder / "sample.xlsx")
    cells = [
        cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value and HOSTILE in str(cell.value)
    ]
    assert cells
    assert all(cell.data_type == "s" for cell in cells)
    assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith("="))
    body = ZipFile(folder / "sample.ods").read("content.xml").decode()
    assert "table:formula" not in body


def test_hostile_words_are_words_in_the_pdf(folder: Path) -> None:
    text = re.sub(r"\s", "", "".join(pdf_texts(folder / "sample.pdf")))
    assert re.sub(r"\s", "", HOSTILE) in text.replace("’", "'").replace("“", '"').replace("”", '"')


def test_libreoffice_reads_the_ods_as_it_was_meant(folder: Path, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    call = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(tmp_path),
        str(folder / "sample.ods"),
    ]
    subprocess.run(call, capture_output=True, timeout=120, check=False)
    if not (tmp_path / "sample.xlsx").is_file():
        pytest.skip("LibreOffice could not convert here")
    book = openpyxl.load_workbook(tmp_path / "sample.xlsx")
    for grid, sheet in sheet_names(paper(released())).items():
        rows = list(
            book[sheet].iter_rows(min_row=HEADER_ROW + 1, max_row=HEADER_ROW + 1 + len(grid.rows), values_only=True)
        )
        assert [str(name) for name in rows[0][: len(grid.columns)]] == list(grid.columns)
        for row, cells in zip(grid.rows, rows[1:], strict=True):
            for said, cell in zip(row, cells, strict=False):
                assert cell == pytest.approx(said.value) if said.value is not None else str(cell or "") == said.text


def test_live_formulas_hold_the_model_s_values(folder: Path) -> None:
    spot = next(at for grid, at in placed(paper(released())).items() if grid.id == "statement")
    live, cached = (
        openpyxl.load_workbook(folder / "sample.xlsx", data_only=only)[spot.sheet] for only in (False, True)
    )
    (table,) = (block for block in document().board if getattr(block, "name", "") == "statement")
    for at, row in enumerate(table.rows):  # type: ignore[union-attr]
        number = spot.head + 2 + at
        assert live.cell(number, 7).value == f"=SUM(C{number}:F{number})"
        assert cached.cell(number, 7).value == pytest.approx(row[6].value)  # type: ignore[union-attr]
    assert live.cell(spot.head + 4, 2).value == f"=SUM(B{spot.head + 2}:B{spot.head + 3})"


@pytest.mark.parametrize("name", CONTENTS)
def test_the_workbook_has_few_sheets_with_plain_names_and_filters(folder: Path, name: str) -> None:
    book = openpyxl.load_workbook(folder / f"{name}.xlsx")
    assert len(book.sheetnames) <= 12
    assert all(re.fullmatch(r"[A-Z][A-Za-z0-9 ]{2,30}", sheet) for sheet in book.sheetnames)
    for grid, spot in placed(paper(CONTENTS[name]())).items():
        (table,) = [one for one in book[spot.sheet].tables.values() if one.name == "t_" + grid.id.replace("-", "_")]
        assert (table.autoFilter is not None) is (len(grid.rows) > 5)


@pytest.mark.parametrize(("name", "sheet"), [("sample", "Board pages"), ("board", "The ledger")])
def test_a_recalculation_by_libreoffice_changes_nothing(folder: Path, tmp_path: Path, name: str, sheet: str) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    call = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(tmp_path),
        str(folder / f"{name}.xlsx"),
    ]
    done = subprocess.run(call, capture_output=True, timeout=120, check=False)
    if not (tmp_path / f"{name}.xlsx").is_file():
        pytest.skip(f"LibreOffice could not convert here (exit {done.returncode})")
    before, after = (openpyxl.load_workbook(file / f"{name}.xlsx", data_only=True) for file in (folder, tmp_path))
    assert before.sheetnames == after.sheetnames
    formulas = openpyxl.load_workbook(folder / f"{name}.xlsx")[sheet]
    live = [cell.coordinate for row in formulas.iter_rows() for cell in row if cell.data_type == "f"]
    assert live
    for place in live:
        assert after[sheet][place].value == pytest.approx(before[sheet][place].value)


def test_zip_formats_hold_no_date_of_their_making(folder: Path) -> None:
    for format in ("docx", "xlsx", "ods"):
        with ZipFile(BytesIO((folder / f"sample.{format}").read_bytes())) as archive:
            assert {member.date_time for member in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
