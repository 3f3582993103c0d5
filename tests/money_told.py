"""Every pound that leaves, read back from what was rendered: door → label → the range that its rounding leaves open."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from itertools import takewhile
from math import fsum
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from docx import Document
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from pypdf import PdfReader

from headwater.cli import words
from headwater.domain.money import BUCKETS
from headwater.domain.numbers import ALL, IN_ALL, INVESTED, NET, PRESENT, label
from headwater.report.sentences import BUCKET_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Open = tuple[float, float]
"""From and to, what a printed figure may have been before it was rounded."""
COLUMNS = (INVESTED, *(bucket.value for bucket in BUCKETS))
KEYS = {INVESTED: "invested", "unchanged": "none"}
SAID = {bucket.value: told[0] for bucket, told in BUCKET_WORDS.items()}
POUNDS = re.compile(r"([-−]?)£([-−]?)([\d,]+(?:\.\d+)?)([km]?)")
SCALE = {"": 1.0, "k": 1e3, "m": 1e6}


def printed(text: str) -> Open:
    """The first amount in a text: £24.5k may have been 24,450 to 24,550; a figure with pence is itself; whole hundreds
    may be rounded."""
    found = POUNDS.search(text)
    assert found, text
    sign = -1.0 if found[1] or found[2] else 1.0
    digits = found[3].replace(",", "")
    value = sign * float(digits) * SCALE[found[4]]
    last = 10.0 ** -len(digits.partition(".")[2]) * SCALE[found[4]]
    whole = digits if "." not in digits else ""
    zeros = len(whole) - len(whole.rstrip("0")) if whole.strip("0") else 0
    half = 0.5 * last * 10.0**zeros
    return value - half * 1.001, value + half * 1.001


NET_LABEL = label(NET, ALL, IN_ALL, PRESENT)
HEAD = ("Budget", "Pays in", "Cash")
FREED = re.compile(
    r"it cost (£[\d,]+) and (?:(freed|lost) (£[\d,]+)(?: more)? (in cash|of capacity))(?: and (?:(freed|lost)"
    r" )?(£[\d,]+)(?: more)? (of capacity))?"
)
WORTH = re.compile(r"In public value, what it frees less what it costs comes to ([-−]?£[\d,]+)")


def of_json(content: Mapping[str, Any]) -> Iterator[tuple[str, Open]]:
    yield from of_words(content["in_words"])
    public = [one for one in content["money"]["accounts"] if one["basis"] == "public value"]
    yield from ((NET_LABEL, (one["net_gbp"]["mid"],) * 2) for one in public)
    for name, gbp in content["numbers"].items():
        yield name, (gbp["mid"], gbp["mid"])
    for row in content["bearers"]:
        yield label(INVESTED, row["bearer"]), (row["invested_gbp"],) * 2
        for bucket in BUCKETS if content["npv_gbp"] else ():
            mid = row[f"{'none' if bucket == 'unchanged' else bucket.value}_gbp"]["mid"]
            yield label(bucket.value, row["bearer"]), (mid, mid)


def of_terminal(content: Mapping[str, Any]) -> Iterator[tuple[str, Open]]:
    """The table of bearers as `headwater count` prints it."""
    if not content["npv_gbp"]:
        return
    told = words.count(dict(content))
    yield from of_words(told)
    yield NET_LABEL, printed(told[told.index("less all costs): ") :])
    for line in told[told.index("By budget") :].splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if cells[0] in {row["bearer"] for row in content["bearers"]}:
            yield from ((label(what, cells[0]), printed(cell)) for what, cell in zip(COLUMNS, cells[1:], strict=True))


def of_page(file: Path, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    html = file.read_text(encoding="utf-8")
    table = re.search(r'<table id="bearers">.*?</table>', html, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", table[0] if table else "", re.DOTALL)[1:]
    yield from _bearers(
        ([re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows),
        names,
    )
    yield from _sentences(unescape(re.sub("<[^>]+>", "", html)))
    steps = re.search(r'<table id="figure-waterfall-.*?</table>', html, re.DOTALL)
    last = re.findall(r"<td[^>]*>(.*?)</td>", steps[0], re.DOTALL)[-1] if steps else ""
    if last:
        yield NET_LABEL, printed(last.replace("−", "−£") if "−" in last else f"£{last}")


def of_paper(file: Path, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    paper = Document(str(file))
    for table in paper.tables:
        if tuple(cell.text for cell in table.rows[0].cells)[:3] == HEAD:
            yield from _bearers(([cell.text for cell in row.cells] for row in table.rows[1:]), names)
    yield from _sentences("\n".join(each.text for each in paper.paragraphs))


def of_workbook(file: Path, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    sheets = load_workbook(file, data_only=True).worksheets
    yield from _sheets([list(sheet.iter_rows(values_only=True)) for sheet in sheets], names)


def of_open_spreadsheet(file: Path, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    """The open document's own numbers, not what its cells show."""
    with zipfile.ZipFile(file) as packed:
        tree = ElementTree.fromstring(packed.read("content.xml"))
    table, office = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office"))
    sheets = [
        [
            tuple(_value(cell, office) for cell in row.iter(f"{table}table-cell"))
            for row in sheet.iter(f"{table}table-row")
        ]
        for sheet in tree.iter(f"{table}table")
    ]
    yield from _sheets(sheets, names)


def _value(cell: ElementTree.Element, office: str) -> str | float:
    number = cell.get(f"{office}value")
    return "".join(cell.itertext()) if number is None else float(number)


def _sheets(tables: Sequence[Sequence[Sequence[Any]]], names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    yield from _sentences(
        "\n".join(str(row[0]) for table in tables for row in table if row and isinstance(row[0], str))
    )
    rows, head = next((table, at) for table in tables for at, row in enumerate(table) if tuple(row[:3]) == HEAD)
    for row in takewhile(lambda row: row and row[0], rows[head + 1 :]):
        code = names.get(str(row[0]))
        for what, cell in zip(COLUMNS, row[1:], strict=False):
            if code and isinstance(cell, int | float):
                yield label(what, code), (cell - 0.005, cell + 0.005)


def of_printed_page(file: Path, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    """The text of a PDF: its sentences, and the lines that begin with a budget's name and end in five amounts."""
    lines = [line for page in PdfReader(str(file)).pages for line in page.extract_text().splitlines()]
    yield from _sentences("\n".join(lines))
    for line in lines:
        found = re.fullmatch(r"(.*?) ((?:[-−]?£[\d,]+ ?){5})", line.strip())
        if found:
            yield from _bearers([[found[1], *found[2].split()]], names)


def of_browser(text: str, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    """A page of the web: its table of budgets where it has one, and its first line."""
    yield from _bearers(_rows(text, "bearers"), names)
    yield from of_words(unescape(re.sub("<[^>]+>", "", text)))


def booked_in_browser(text: str, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    for name, gbp in _bearers(_rows(text, "totals"), names):
        yield f"booked: {name}", gbp


def booked_in_json(totals: Mapping[str, Any]) -> Iterator[tuple[str, Open]]:
    for row in totals["bearers"]:
        for what in COLUMNS:
            gbp = row[f"{KEYS.get(what, what)}_gbp"]
            yield f"booked: {label(what, row['bearer'])}", (gbp, gbp)


def booked_in_terminal(told: str, codes: Sequence[str]) -> Iterator[tuple[str, Open]]:
    for line in told[told.index("By bearer") :].splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if cells[0] in codes and len(cells) == len(COLUMNS) + 1:
            yield from (
                (f"booked: {label(what, cells[0])}", printed(cell))
                for what, cell in zip(COLUMNS, cells[1:], strict=True)
            )


def booked_in_workbooks(files: Sequence[Path], names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    """The statements of all collaborations, a workbook each, added up by budget."""
    sums: dict[str, list[float]] = {}
    for file in files:
        for sheet in load_workbook(file, data_only=True).worksheets:
            if "t_statement" in sheet.tables:
                heading, *rows = sheet[sheet.tables["t_statement"].ref]
                paid_in = [str(cell.value) for cell in heading].index("Invested (£)")
                for row in rows:
                    code = names.get(str(row[0].value))
                    for what, cell in zip(COLUMNS, row[paid_in : paid_in + 5], strict=True):
                        if code:
                            sums.setdefault(f"booked: {label(what, code)}", []).append(float(cell.value))
    yield from ((name, (fsum(each) - 0.005 * len(each), fsum(each) + 0.005 * len(each))) for name, each in sums.items())


def miscounted(file: Path) -> tuple[int, list[str]]:
    """How many live formulas a workbook has, and those whose stored value is not what they give when they are reckoned
    anew.

    Sums of cells of their own sheet are all that reports use; a formula of another kind is told as one that cannot be
    checked.
    """
    live, stored = load_workbook(file), load_workbook(file, data_only=True)
    formulas, wrong = 0, []
    for sheet in live.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            formulas += 1
            found, shown = (
                re.fullmatch(r"=SUM\(([A-Z]+\d+:[A-Z]+\d+)\)", str(cell.value)),
                stored[sheet.title][cell.coordinate].value,
            )
            if not found or abs(_sum(live, sheet.title, found[1]) - float(shown)) > 0.005:
                wrong.append(f"{sheet.title}!{cell.coordinate} {cell.value} is stored as {shown}")
    return formulas, wrong


def _sum(book: Any, sheet: str, cells: str) -> float:
    """The sum of a range, its own formulas reckoned first."""
    left, top, right, bottom = range_boundaries(cells)
    found = []
    for row in book[sheet].iter_rows(top, bottom, left, right):
        for cell in row:
            inner = re.fullmatch(r"=SUM\((.*)\)", str(cell.value))
            found.append(_sum(book, sheet, inner[1]) if inner else float(cell.value or 0))
    return fsum(found)


def two_meanings(content: Mapping[str, Any]) -> list[str]:
    """Keys of a JSON answer under which one budget, basis and time has two amounts."""
    seen: dict[tuple[str, ...], set[float]] = {}
    for name, part in content.items():
        _amounts(part, (str(content["spans"].get(name, "")), "", ""), name, seen)
    return [f"{key}: {sorted(values)}" for key, values in seen.items() if max(values) - min(values) > 0.005]


def _amounts(part: Any, whose: tuple[str, str, str], key: str, seen: dict[tuple[str, ...], set[float]]) -> None:
    if isinstance(part, dict):
        own = (whose[0], str(part.get("basis", whose[1])), str(part.get("bearer", whose[2])))
        if "mid" in part:
            seen.setdefault((*own, key), set()).add(part["mid"])
            return
        for name, inner in part.items():
            _amounts(inner, own, name if key != "numbers" else f"numbers: {name}", seen)
    elif isinstance(part, list) and key in {"accounts", "payers", "bearers"}:
        for inner in part:
            _amounts(inner, whose, key, seen)
    elif isinstance(part, float) and (key.endswith("_gbp") or key in {"chance", "benefit_cost_ratio"}):
        seen.setdefault((*whose, key), set()).add(part)


def _rows(text: str, name: str) -> list[list[str]]:
    table = re.search(rf'<caption[^>]*id="{name}".*?</table>', text, re.DOTALL)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table[0] if table else "", re.DOTALL)[1:]
    return [
        [unescape(re.sub("<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]


def _bearers(rows: Iterator[list[str]] | Sequence[list[str]], names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    for cells in rows:
        code = names.get(cells[0].strip())
        for what, cell in zip(COLUMNS, cells[1:], strict=False):
            if code and "£" in cell:
                yield label(what, code), printed(cell)


def of_words(text: str) -> Iterator[tuple[str, Open]]:
    """The first line of every door: what it cost, and what it freed in cash and of capacity."""
    found = FREED.search(" ".join(text.split()))
    if found:
        yield label(INVESTED), printed(found[1])
        for way, gbp, what in ((found[2], found[3], found[4]), (found[5] or found[2], found[6], found[7])):
            if gbp:
                name = "cash" if what == "in cash" else "released"
                yield label(name), printed(gbp if way == "freed" else f"-{gbp}")


def _sentences(text: str) -> Iterator[tuple[str, Open]]:
    yield from of_words(text)
    worth = WORTH.search(" ".join(text.split()))
    if worth:
        yield NET_LABEL, printed(worth[1])
    for what, words_ in SAID.items():
        found = re.search(re.escape(words_) + r": ([^(]*)", text)
        if found:
            yield label(what, ALL), printed(found[1])


def two_values(told: Mapping[str, Sequence[tuple[str, Open]]]) -> list[str]:
    """Labels that the doors tell apart: label → (door, range) in; those whose ranges have nothing in common out."""
    wrong = []
    for name, seen in told.items():
        low, high = max(each[0] for _, each in seen), min(each[1] for _, each in seen)
        if low > high + 0.01 + 1e-9 * abs(high):
            wrong.append(f"{name}: {', '.join(f'{door} {each[0]:,.2f}..{each[1]:,.2f}' for door, each in seen)}")
    return wrong
