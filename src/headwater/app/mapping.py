"""A file's columns said to be ours: suggestions, the [[source]] written into headwater.toml, and lists made from the file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headwater import sources
from headwater.app.planning import save_text
from headwater.domain.errors import DataProblem, Usage
from headwater.domain.tables import TABLES
from headwater.domain.workspace import SourceSettings
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place

LISTS = "data/lists"
EARLY = frozenset({
    "gp_contact", "community_nursing", "social_care_visit", "mental_health_contact", "housing_contact", "home_safety_visit", "advice_line_call",
})  # fmt: skip
"""Kinds of contact that could act before the demand arises; written into the list, where anybody can say otherwise."""
STARTS = re.compile(r"^\[\[", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One file said to fill one table. columns: ours → theirs; constants: ours → what every row has."""

    file: str
    table: str
    agency: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> SourceSettings:
        return SourceSettings(self.table, self.file, self.agency, dict(self.columns), constants=dict(self.constants))

    def toml(self, kept: tuple[str, str] = ("", "")) -> str:
        """The [[source]] as a person would write it. kept: keys, and tables, of an earlier one that no form asks for."""
        lines = ["[[source]]", f"table = {_text(self.table)}", f"files = {_text(self.file)}"]
        lines += [f"agency = {_text(self.agency)}"] if self.agency else []
        lines += [kept[0]] if kept[0] else []
        for name, pairs in (("columns", self.columns), ("constants", self.constants)):
            lines += (
                [f"[source.{name}]", *(f"{ours} = {_text(value)}" for ours, value in pairs.items())] if pairs else []
            )
        return "\n".join([*lines, *([kept[1]] if kept[1] else [])]) + "\n"


def suggest(place: Place, file: str, table: str = "") -> Answer:
    """What a file most likely is. Headings only: no value of a row is shown."""
    found = sources.guess(data_file(place, file), table)
    declared = TABLES[found.table]
    columns = [
        {"name": one.name, "about": one.about, "required": one.required, "allowed": list(one.allowed), "suggested": found.columns.get(one.name, "")}
        for one in declared.columns
    ]  # fmt: skip
    tables = [
        {"name": name, "about": TABLES[name].about, "found": fit[0], "of": fit[1]} for name, fit in found.tables.items()
    ]
    content = {
        "file": file,
        "table": found.table,
        "headings": list(found.headings),
        "columns": columns,
        "tables": tables,
    }
    return place.answer("suggest", content, value=found)


def data_file(place: Place, file: str) -> Path:
    """A file within data/, by its path within the workspace; nothing outside is reached."""
    found = (place.workspace.root / file).resolve()
    if not found.is_relative_to(place.workspace.data.resolve()) or not found.is_file():
        raise DataProblem("there is no such file in data/", given=repr(file[:200]), next_step="upload it first")
    return found


def save(place: Place, mapping: Mapping) -> tuple[str, ...]:
    """Write the mapping into headwater.toml, in the place of an earlier one of the same file and table; lists that were made.

    Made-up examples of a new workspace leave headwater.toml with the first file of one's own.
    """
    data_file(place, mapping.file)
    text = place.workspace.settings.read_text(encoding="utf-8")
    head, blocks = _blocks(text)
    kept = next((_unasked(block) for block in blocks if _is(block, mapping.file, mapping.table)), ("", ""))
    blocks = [
        block for block in blocks if not _is(block, mapping.file, mapping.table) and not _is_example(place, block)
    ]
    held = {table for block in blocks if (table := _said(block, "table"))}
    made = [one for one in _lists(place, mapping) if one.table not in {*held, mapping.table}]
    added = [mapping.toml(kept), *(one.toml() for one in made)]
    save_text(place, "", "\n".join([head.rstrip() + "\n", *(block.rstrip() + "\n" for block in blocks), *added]))
    return tuple(one.file for one in made)


def _blocks(text: str) -> tuple[str, list[str]]:
    """What stands before the first array entry, and each entry with what follows it up to the next."""
    at = [match.start() for match in STARTS.finditer(text)]
    ends = [*at[1:], len(text)]
    return (text[: at[0]] if at else text), [text[a:b] for a, b in zip(at, ends, strict=True)]


def _said(block: str, key: str) -> str:
    if not block.startswith("[[source]]"):
        return ""
    found = re.search(rf'^{key}\s*=\s*"([^"\n]*)"', block, re.MULTILINE)
    return found[1] if found else ""


def _is(block: str, file: str, table: str) -> bool:
    return (_said(block, "files"), _said(block, "table")) == (file, table)


ASKED = re.compile(r"^(\[\[source\]\]|(table|files|agency)\s*=.*)$", re.MULTILINE)


def _unasked(block: str) -> tuple[str, str]:
    """What an entry says beyond the form: its further keys, and its tables (how places are found, values in our words)."""
    first, *tables = re.split(r"^(?=\[source\.)", block, flags=re.MULTILINE)
    further = [table for table in tables if not table.startswith(("[source.columns]", "[source.constants]"))]
    return ASKED.sub("", first).strip(), "".join(further).strip()


def _is_example(place: Place, block: str) -> bool:
    """Whether an entry names a file that is still, byte for byte, an example of ours."""
    return is_example(place, _said(block, "files"))


def is_example(place: Place, named: str) -> bool:
    """Whether a file of data/ is still one of the made-up examples of a new workspace."""
    name = named.removeprefix("data/")
    file = place.workspace.data / name
    return name in sources.EXAMPLES and file.is_file() and file.read_text(encoding="utf-8") == sources.EXAMPLES[name]


def _lists(place: Place, mapping: Mapping) -> list[Mapping]:
    """Services, organisations and records as a file of contacts names them, as small files that anybody can correct."""
    if mapping.table != "contact":
        return _bodies(place, mapping)
    found = sources.distinct(data_file(place, mapping.file), mapping.source, ("service", "agency", "kind"))
    services: dict[str, tuple[str, str]] = {}
    for service, agency, kind in found:
        services.setdefault(service, (agency, kind))
    rows = [
        (service, agency, service, kind, "true" if kind in EARLY else "false")
        for service, (agency, kind) in services.items()
    ]
    bodies = sorted({agency for agency, _ in services.values() if agency})
    made = [
        _list(place, "service", ("service", "organisation", "name", "kind", "eligible_upstream"), rows),
        _list(place, "organisation", ("organisation", "name"), [(code, code) for code in bodies]),
    ]
    return [*made, *_records(place, mapping)]


def _bodies(place: Place, mapping: Mapping) -> list[Mapping]:
    """A list of the organisations that a register of posts, services or spending names."""
    if "organisation" not in mapping.columns or mapping.table == "organisation":
        return []
    rows = sources.distinct(data_file(place, mapping.file), mapping.source, ("organisation",))
    return [_list(place, "organisation", ("organisation", "name"), [(code, code) for (code,) in rows])]


def _records(place: Place, mapping: Mapping) -> list[Mapping]:
    """A list of the people's numbers, where contacts bear them: the same number at two agencies is taken as one person."""
    if "record" not in mapping.columns:
        return []
    rows = sources.distinct(data_file(place, mapping.file), mapping.source, ("record", "agency"))
    return [
        _list(place, "record", ("record", "agency", "local_key"), [(number, agency, number) for number, agency in rows])
    ]


def _list(place: Place, table: str, heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Mapping:
    name = f"{LISTS}/{table}s.csv"
    write_atomically(place.workspace.root / name, sources.as_csv(heading, rows))
    return Mapping(name, table)


def _text(value: str) -> str:
    """A TOML string. JSON's escapes are TOML's, but for the letter DEL."""
    if "\x7f" in value:
        raise Usage("a name holds a letter that cannot be written", given=repr(value))
    return json.dumps(value, ensure_ascii=False)
