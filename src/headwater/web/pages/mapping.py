"""Which column of a file is which of ours: suggestions to accept or change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.app import mapping, reading
from headwater.domain.errors import HeadwaterError, Usage
from headwater.domain.tables import TABLES
from headwater.sources import loadable
from headwater.web.asking import Go, Sheet
from headwater.web.forms import EDITING, Field, read, split, stale_version, version

if TYPE_CHECKING:
    from headwater.web.asking import Ask, Reply

OPTIONS = {
    "header_row": "The row in which the headings stand; titles above it are passed over.",
    "sheet": "Of a workbook: the sheet to read. Empty for every sheet that has these headings.",
    "date_format": "Where no value proves it: dmy, mdy, ymd, excel-1900, epoch, or a format as %d/%m/%y.",
    "decimal": "The decimal mark, . or , where the numbers do not prove it.",
    "delimiter": "What stands between columns, where it is not found out.",
    "encoding": "As utf-8 or cp1252, where it is not found out.",
    "ignore": "Sheets or files that are left unread on purpose, with commas between.",
    "most_lost": "Share of rows that may be lost before the file does not fit, as 0.05.",
    "number_rows": "yes, where no column numbers the contacts.",
}
"""How a file is read, as a form asks for it; each a key of the [[source]]."""
FIXED = ("kind", "agency", "sex", "year", "perspective", "price_year", "unit", "precision")
"""Columns that every row of a file may have the same value in; a form offers it for these alone."""


def show(ask: Ask) -> Sheet:
    return _page(ask, ask.word("file"), ask.word("table"), {}, ())


def save(ask: Ask) -> Reply:
    file, table = ask.word("file"), ask.word("table")
    if table not in loadable():
        raise Usage("there is no such table", given=repr(table[:60]), allowed=", ".join(loadable()))
    names = [column.name for column in TABLES[table].columns]
    columns = {ours: theirs for ours in names if (theirs := ask.given.get(f"column.{ours}", ""))}
    fixed = {ours: value for ours in FIXED if ours not in columns and (value := ask.word(f"fixed.{ours}"))}
    agency = fixed.pop("agency", "")
    with EDITING:
        if stale_version(ask, ask.place.workspace.settings):
            raise Usage(
                "somebody else saved headwater.toml meanwhile",
                given=file,
                next_step="go back, reload the page and send your mapping again; nothing was lost of theirs",
            )
        try:
            mapping.save(ask.place, mapping.Mapping(file, table, agency, columns, fixed, _options(ask)))
            reading.look_at_files(ask.place, (file,))
        except HeadwaterError as problem:
            return _page(ask, file, table, dict(ask.given), tuple(split(problem)))
    return Go("/data", "mapped")


def add(ask: Ask) -> Reply:
    """The mapping of a layout that is recognised, or what the columns hold, written as it stands."""
    file = ask.word("file")
    with EDITING:
        try:
            mapping.add(ask.place, (mapping.data_file(ask.place, file),), ask.word("fixed.agency"))
            reading.look_at_files(ask.place, (file,))
        except HeadwaterError as problem:
            return _page(ask, file, ask.word("table"), dict(ask.given), tuple(split(problem)))
    return Go("/data", "mapped")


def _options(ask: Ask) -> dict[str, object]:
    """What the form says of how the file is read; Raises Usage for a row that is no number."""
    said: dict[str, object] = {}
    for name, kind in mapping.OPTIONS.items():
        word = ask.word(f"option.{name}")
        if not word:
            continue
        try:
            said[name] = (
                [one.strip() for one in word.split(",") if one.strip()]
                if kind is list
                else True
                if kind is bool
                else kind(word)
            )
        except ValueError:
            raise Usage(f"{name} must be a number", given=repr(word), next_step="mend it and save again") from None
    return {name: value for name, value in said.items() if (name, value) != ("header_row", 1)}


def _page(ask: Ask, file: str, table: str, given: dict[str, str], problems: tuple[str, ...]) -> Sheet:
    place = ask.place
    mapping.data_file(place, file)
    told = ask.need("suggest", f"{file}\n{table if table in loadable() else ''}")
    content = told.content
    fields = [_column(one, content["headings"], given) for one in content["columns"]]
    fixed = [_fixed(one, given) for one in content["columns"] if one["name"] in FIXED and not one["suggested"]]
    tables = tuple((one["name"], f"{one['name'].capitalize()}: {one['about']}") for one in content["tables"])
    held = mapping.said(place, file, content["table"])
    words: dict[str, Any] = {
        "options": [_option(name, about, given, held, content["header_row"]) for name, about in OPTIONS.items()],
        "layout": content["layout"],
        "fields": [
            one
            for one, column in zip(fields, content["columns"], strict=True)
            if column["required"] or column["suggested"]
        ],
        "others": [
            one
            for one, column in zip(fields, content["columns"], strict=True)
            if not (column["required"] or column["suggested"])
        ],
        "fixed": fixed,
        "table": Field("table", "What is in the file?", "select", content["table"], options=tables),
        "file": file,
        "problems": problems,
        "version": version(read(place.workspace.settings)),
    }
    return Sheet("map.html.j2", "What are the columns of this file?", {"told": told}, words, 400 if problems else 200)


def _option(name: str, about: str, given: dict[str, str], held: Any, row: int) -> Field:
    """One field of how the file is read, filled from headwater.toml, or from what was found."""
    value: Any = getattr(held, name) if held else row if name == "header_row" else ""
    shown = (
        ", ".join(value)
        if isinstance(value, tuple)
        else "yes"
        if value is True
        else ""
        if value is False
        else str(value)
    )
    label = name.replace("_", " ").capitalize()
    return Field(f"option.{name}", label, value=given.get(f"option.{name}", shown), hint=about, wide="20")


def _column(one: dict[str, Any], headings: list[str], given: dict[str, str]) -> Field:
    options = (("", "Not in the file"), *((name, name) for name in headings))
    label = one["name"].replace("_", " ").capitalize() + ("" if one["required"] else " (optional)")
    value = given.get(f"column.{one['name']}", one["suggested"])
    return Field(f"column.{one['name']}", label, "select", value, one["about"], options)


def _fixed(one: dict[str, Any], given: dict[str, str]) -> Field:
    label = f"{one['name'].replace('_', ' ').capitalize()}, the same in every row"
    value = given.get(f"fixed.{one['name']}", "")
    if one["allowed"]:
        return Field(
            f"fixed.{one['name']}",
            label,
            "select",
            value,
            options=(("", "Not the same"), *((word, word) for word in one["allowed"])),
        )
    return Field(f"fixed.{one['name']}", label, value=value, hint="Only if the file has no column for it.", wide="20")
