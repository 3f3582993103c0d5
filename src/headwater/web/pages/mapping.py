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
            raise Usage("somebody else saved headwater.toml meanwhile", given=file, next_step="go back, reload the page and send your mapping again; nothing was lost of theirs")  # fmt: skip
        try:
            made = mapping.save(ask.place, mapping.Mapping(file, table, agency, columns, fixed))
            reading.look_at_files(ask.place, (file, *made))
        except HeadwaterError as problem:
            return _page(ask, file, table, dict(ask.given), tuple(split(problem)))
    return Go("/data", "mapped")


def _page(ask: Ask, file: str, table: str, given: dict[str, str], problems: tuple[str, ...]) -> Sheet:
    place = ask.place
    mapping.data_file(place, file)
    told = ask.need("suggest", f"{file}\n{table if table in loadable() else ''}")
    content = told.content
    fields = [_column(one, content["headings"], given) for one in content["columns"]]
    fixed = [_fixed(one, given) for one in content["columns"] if one["name"] in FIXED and not one["suggested"]]
    tables = tuple((one["name"], f"{one['name'].capitalize()}: {one['about']}") for one in content["tables"])
    words: dict[str, Any] = {
        "fields": [one for one, column in zip(fields, content["columns"], strict=True) if column["required"] or column["suggested"]],
        "others": [one for one, column in zip(fields, content["columns"], strict=True) if not (column["required"] or column["suggested"])],
        "fixed": fixed, "table": Field("table", "What is in the file?", "select", content["table"], options=tables), "file": file, "problems": problems,
        "version": version(read(place.workspace.settings)),
    }  # fmt: skip
    return Sheet("map.html.j2", "What are the columns of this file?", {"told": told}, words, 400 if problems else 200)


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
