"""Every pound that leaves, read back from what was rendered: door → label → the range that its rounding leaves open."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from docx import Document
from openpyxl import load_workbook

from headwater.cli import words
from headwater.domain.money import BUCKETS
from headwater.domain.numbers import ALL, INVESTED, label
from headwater.report.sentences import BUCKET_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Open = tuple[float, float]
"""From and to, what a printed figure may have been before it was rounded."""
COLUMNS = (INVESTED, *(bucket.value for bucket in BUCKETS))
SAID = {bucket.value: told[0] for bucket, told in BUCKET_WORDS.items()}
POUNDS = re.compile(r"([-−]?)£([-−]?)([\d,]+(?:\.\d+)?)([km]?)")
SCALE = {"": 1.0, "k": 1e3, "m": 1e6}


def printed(text: str) -> Open:
    """The first amount in a text: £24.5k may have been 24,450 to 24,550; a figure with pence is itself; whole hundreds may be rounded."""
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


def of_json(content: Mapping[str, Any]) -> Iterator[tuple[str, Open]]:
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
    for line in told[told.index("By budget") :].splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if cells[0] in {row["bearer"] for row in content["bearers"]}:
            yield from ((label(what, cells[0]), printed(cell)) for what, cell in zip(COLUMNS, cells[1:], strict=True))


def of_page(file: Path, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    html = file.read_text(encoding="utf-8")
    table = re.search(r'<table id="bearers">.*?</table>', html, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", table[0] if table else "", re.DOTALL)[1:]
    yield from _bearers(([re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows), names)  # fmt: skip
    yield from _sentences(re.sub("<[^>]+>", "", html))


def of_paper(file: Path, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    paper = Document(str(file))
    for table in paper.tables:
        if [cell.text for cell in table.rows[0].cells][:3] == ["Budget", "Pays in", "Cash"]:
            yield from _bearers(([cell.text for cell in row.cells] for row in table.rows[1:]), names)
    yield from _sentences("\n".join(each.text for each in paper.paragraphs))


def of_workbook(file: Path, names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    sheets = load_workbook(file, data_only=True).worksheets
    tables = [list(sheet.iter_rows(values_only=True)) for sheet in sheets]
    rows, head = next(
        (table, at) for table in tables for at, row in enumerate(table) if row[:3] == ("Budget", "Pays in", "Cash")
    )
    for row in takewhile(lambda row: row[0], rows[head + 1 :]):
        code = names.get(str(row[0]))
        for what, cell in zip(COLUMNS, row[1:], strict=False):
            if code and isinstance(cell, int | float):
                yield label(what, code), (cell - 0.005, cell + 0.005)


def _bearers(rows: Iterator[list[str]] | Sequence[list[str]], names: Mapping[str, str]) -> Iterator[tuple[str, Open]]:
    for cells in rows:
        code = names.get(cells[0].strip())
        for what, cell in zip(COLUMNS, cells[1:], strict=False):
            if code and "£" in cell:
                yield label(what, code), printed(cell)


def _sentences(text: str) -> Iterator[tuple[str, Open]]:
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
