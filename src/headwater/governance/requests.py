"""What a partner is asked for: exactly the columns that the evaluation reads, computed from the protocol."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from headwater.domain.tables import CONTACT, CONTACT_REASON, ENROLMENT, OBSERVATION, RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from headwater.domain.collaboration import Protocol
    from headwater.domain.tables import Column, Table

ABOUT = "Read me"
NARROWEST, WIDEST = 12, 60
DATES = "yyyy-mm-dd"
# What linkage, matching and counting read; whatever is not here is not asked for.
NEEDED: dict[str, tuple[str, ...]] = {
    "contact": ("contact", "record", "start", "kind", "service", "quantity"),
    "record": (
        "record",
        "nhs_number",
        "given_name",
        "family_name",
        "birth_date",
        "death_date",
        "sex",
        "postcode",
        "address",
        "area",
        "deprivation",
    ),
    "observation": ("record", "from", "to", "why_ended"),
    "enrolment": ("record", "start", "end"),
}
REASONS = ("contact", "system", "code", "position")
PLACES: dict[str, tuple[str, ...]] = {
    "contact": ("contact", "place", "start", "kind", "service"),
    "enrolment": ("place", "start"),
}


def needed(protocol: Protocol) -> dict[str, tuple[Column, ...]]:
    """Table → the columns that the evaluation of this protocol reads; nothing of anybody for a protocol of places."""
    tables: dict[str, Table] = {table.name: table for table in (CONTACT, RECORD, OBSERVATION, ENROLMENT)}
    chosen = NEEDED if protocol.unit == "person" else PLACES
    return {name: tuple(tables[name].column(column) for column in columns) for name, columns in chosen.items()}


def data_request(protocol: Protocol, agency: str) -> bytes:
    """An XLSX workbook for the partner: one sheet a table with drop-downs, one that says why each column is asked
    for."""
    kinds = sorted({*protocol.outcome_kinds(), *([protocol.entry.kind] if protocol.entry else ())})
    heads = (
        f"Data request to {agency} for: {protocol.name}",
        "Only what the evaluation reads is asked for. Put nothing else in.",
    )
    return _workbook(heads, needed(protocol), kinds)


def records_request(body: str, kinds: Sequence[str], text: str) -> bytes:
    """The same before there is a protocol: contacts with their reasons, and what linking them to people reads."""
    tables: dict[str, Table] = {table.name: table for table in (CONTACT, RECORD, OBSERVATION, CONTACT_REASON)}
    asked = {**{name: NEEDED[name] for name in ("contact", "record", "observation")}, "contact_reason": REASONS}
    columns = {name: tuple(tables[name].column(column) for column in names) for name, names in asked.items()}
    return _workbook((f"Data request to: {body}", text), columns, sorted(kinds))


def _workbook(heads: Sequence[str], tables: Mapping[str, tuple[Column, ...]], kinds: Sequence[str]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    about = book.active
    about.title = ABOUT
    for head in heads:
        about.append([head])
    about.append(["Sheet", "Column", "Why", "How"])
    for name, columns in tables.items():
        sheet = book.create_sheet(name)
        sheet.append([column.name for column in columns])
        sheet.freeze_panes = "A2"
        for at, column in enumerate(columns, 1):
            about.append([name, column.name, column.about, _how(column)])
            _choices(sheet, at, column, tuple(kinds) if column.name == "kind" else column.allowed)
    for sheet in book.worksheets:
        _legible(sheet)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _choices(sheet: Worksheet, at: int, column: Column, allowed: Sequence[str]) -> None:
    """A drop-down of what may stand in the column; none where anything may."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if not allowed:
        return
    named = f'"{",".join(allowed)}"'
    choice = DataValidation(type="list", formula1=named, allow_blank=not column.required, showErrorMessage=True)
    sheet.add_data_validation(choice)
    letter = sheet.cell(1, at).column_letter
    choice.add(f"{letter}2:{letter}10000")


def _legible(sheet: Worksheet) -> None:
    """Headings bold, every column as wide as its longest words, sixty letters at most and wrapped beyond."""
    from openpyxl.styles import Alignment, Font

    heads = 3 if sheet.title == ABOUT else 1
    for cell in sheet[heads]:
        cell.font = Font(bold=True)
    for column in sheet.iter_cols(min_row=heads):
        longest = max(len(str(cell.value or "")) for cell in column)
        sheet.column_dimensions[column[0].column_letter].width = min(WIDEST, max(NARROWEST, longest + 2))
        for cell in column:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _how(column: Column) -> str:
    if column.type in {"date", "timestamp"}:
        return DATES if column.type == "date" else f"{DATES} hh:mm"
    return {"text": "text", "integer": "whole number", "number": "number", "boolean": "yes or no"}[column.type]
