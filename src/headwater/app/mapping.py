"""A file's columns said to be ours: suggestions, the [[source]] written into headwater.toml, and lists made from the
file."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headwater import sources
from headwater.domain.errors import DataProblem, Usage
from headwater.domain.tables import TABLES
from headwater.domain.workspace import SourceSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place

OPTIONS: dict[str, type] = {
    "header_row": int,
    "sheet": str,
    "date_format": str,
    "decimal": str,
    "delimiter": str,
    "encoding": str,
    "ignore": list,
    "most_lost": float,
    "number_rows": bool,
}
"""What a form may say of how a file is read, with the type of each: the keys of a [[source]]."""
STARTS = re.compile(r"^\[\[", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mapping:
    """One file said to fill one table. columns: ours → theirs; constants: ours → what every row has."""

    file: str
    table: str
    agency: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    options: dict[str, object] | None = None
    """How the file is read: keys of a [[source]]; one that is not said is left to the file itself. None leaves what was
    said before."""

    @property
    def source(self) -> SourceSettings:
        options: dict[str, Any] = {
            key: tuple(one) if isinstance(one, list) else one for key, one in (self.options or {}).items()
        }
        return SourceSettings(
            self.table, self.file, self.agency, dict(self.columns), constants=dict(self.constants), **options
        )

    def toml(self, kept: tuple[str, str] = ("", "")) -> str:
        """The [[source]] as a person would write it. kept: keys, and tables, of an earlier one that no form asks
        for."""
        lines = ["[[source]]", f"table = {_text(self.table)}", f"files = {_text(self.file)}"]
        lines += [f"agency = {_text(self.agency)}"] if self.agency else []
        lines += [f"{key} = {_value(one)}" for key, one in (self.options or {}).items()]
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
        {
            "name": one.name,
            "about": one.about,
            "required": one.required,
            "allowed": list(one.allowed),
            "suggested": found.columns.get(one.name, ""),
        }
        for one in declared.columns
    ]
    tables = [
        {"name": name, "about": TABLES[name].about, "found": fit[0], "of": fit[1]} for name, fit in found.tables.items()
    ]
    content = {
        "file": file,
        "table": found.table,
        "headings": list(found.headings),
        "columns": columns,
        "tables": tables,
        "header_row": found.header_row,
        "layout": sources.layout_of(found.headings),
    }
    return place.answer("suggest", content, value=found)


def data_file(place: Place, file: str) -> Path:
    """A file within data/, by its path within the workspace; nothing outside is reached."""
    found = (place.workspace.root / file).resolve()
    if not found.is_relative_to(place.workspace.data.resolve()) or not found.is_file():
        raise DataProblem("there is no such file in data/", given=repr(file[:200]), next_step="upload it first")
    return found


def save(place: Place, mapping: Mapping) -> None:
    """Write the mapping into headwater.toml, in the place of the first one of the same file and table.

    Made-up examples of a new workspace leave headwater.toml with the first file of one's own.
    """
    data_file(place, mapping.file)
    head, blocks = _blocks(place.workspace.settings.read_text(encoding="utf-8-sig"))
    blocks = [block for block in blocks if not _is_example(place, block)]
    at = next((at for at, block in enumerate(blocks) if _is(block, mapping.file, mapping.table)), len(blocks))
    kept = _unasked(blocks[at], mapping.options is not None) if at < len(blocks) else ("", "")
    blocks[at : at + 1] = [mapping.toml(kept)]
    _write(place, head, blocks)


def add(place: Place, files: Sequence[Path], agency: str = "") -> Answer:
    """Write a [[source]] for each file: by the layout that is recognised, else by what its columns hold. Files from
    elsewhere are copied into data/. Raises DataProblem where nothing can be written."""
    names = [_within(place, file) for file in files]
    found = sources.proposed(place.workspace.root, list(dict.fromkeys(names)), agency)
    texts = [text for one in found for text in one.texts]
    if not texts:
        drafts = [one.draft for one in found if one.draft]
        write = "put this into headwater.toml, with the marked lines changed, then headwater check:\n\n" + "\n".join(
            drafts
        )
        raise DataProblem(
            "nothing was written",
            given="; ".join(problem for one in found for problem in one.problems),
            next_step=write if drafts else "headwater check after saying in headwater.toml what the columns are",
        )
    head, blocks = _blocks(place.workspace.settings.read_text(encoding="utf-8-sig"))
    said = sources.names_in(texts)
    kept = [block for block in blocks if not _is_example(place, block) and not any(_is(block, *one) for one in said)]
    _write(place, head, [*kept, *texts])
    told = [
        {
            "files": one.files,
            "names": list(one.names),
            "layout": one.title,
            "recognised": one.why,
            "tables": one.tables,
            "written": bool(one.texts),
            "problems": one.problems,
            "draft": one.draft,
            "columns": one.columns,
            "sample": one.sample,
        }
        for one in found
    ]
    return place.answer("add", {"files": told}, value=found)


def _within(place: Place, file: Path) -> str:
    """The path of a file within the workspace; one from elsewhere is copied into data/."""
    if not file.is_file():
        raise Usage("there is no such file", given=str(file), next_step="name a file that is there")
    root = place.workspace.root.resolve()
    if file.resolve().is_relative_to(root):
        return file.resolve().relative_to(root).as_posix()
    target = place.workspace.data / file.name
    if target.exists() and target.read_bytes() != file.read_bytes():
        raise Usage(
            "another file of that name is in data/",
            given=file.name,
            next_step="rename one of them, or put it into a folder of data/",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
    return target.relative_to(place.workspace.root).as_posix()


def rename_kind(place: Place, kind: str, ours: str) -> bool:
    """Say of a kind in the agencies' words which of ours it is, in every source that gives it; whether any does."""
    head, blocks = _blocks(place.workspace.settings.read_text(encoding="utf-8-sig"))
    made = [_renamed(block, kind, ours) for block in blocks]
    if made == blocks:
        return False
    _write(place, head, made)
    return True


def _renamed(block: str, kind: str, ours: str) -> str:
    if not block.startswith("[[source]]") or _said(block, "table") not in {"contact", "count"}:
        return block
    told = tomllib.loads(block)["source"][0]
    if told.get("constants", {}).get("kind") == kind:
        return re.sub(rf"^kind\s*=\s*{re.escape(_text(kind))}", f"kind = {_text(ours)}", block, flags=re.MULTILINE)
    if "kind" not in told.get("columns", {}):
        return block
    values = told.get("values", {}).get("kind", {})
    if kind in values.values():
        return re.sub(rf"=\s*{re.escape(_text(kind))}\s*$", f"= {_text(ours)}", block, flags=re.MULTILINE)
    line = f"{_text(kind)} = {_text(ours)}\n"
    if "[source.values.kind]\n" in block:
        return block.replace("[source.values.kind]\n", f"[source.values.kind]\n{line}", 1)
    return f"{block.rstrip()}\n[source.values.kind]\n{line}"


def _write(place: Place, head: str, blocks: Sequence[str]) -> None:
    # The room of plans brings the estimators along: only who writes waits for them.
    from headwater.app.planning import save_text

    save_text(place, "", "\n".join([head.rstrip() + "\n", *(block.rstrip() + "\n" for block in blocks)]))


def said(place: Place, file: str, table: str) -> SourceSettings | None:
    """What headwater.toml says of a file and a table already; None where it says nothing, or cannot be read."""
    try:
        return next((one for one in place.settings.sources if (one.files, one.table) == (file, table)), None)
    except Usage:
        return None


def _blocks(text: str) -> tuple[str, list[str]]:
    """What stands before the first array entry, and each entry with what follows it up to the next."""
    at = [match.start() for match in STARTS.finditer(text)]
    ends = [*at[1:], len(text)] if at else []
    return (text[: at[0]] if at else text), [text[a:b] for a, b in zip(at, ends, strict=True)]


def _said(block: str, key: str) -> str:
    if not block.startswith("[[source]]"):
        return ""
    found = re.search(rf'^{key}\s*=\s*"([^"\n]*)"', block, re.MULTILINE)
    return found[1] if found else ""


def _is(block: str, file: str, table: str) -> bool:
    return (_said(block, "files"), _said(block, "table")) == (file, table)


ASKED = ("table", "files", "agency")


def _unasked(block: str, with_options: bool) -> tuple[str, str]:
    """What an entry says beyond the form: its further keys, and its tables (how places are found, values in our
    words)."""
    asked = (*ASKED, *(OPTIONS if with_options else ()))
    lines = re.compile(rf"^(\[\[source\]\]|({'|'.join(asked)})\s*=.*)$", re.MULTILINE)
    first, *tables = re.split(r"^(?=\[source\.)", block, flags=re.MULTILINE)
    further = [table for table in tables if not table.startswith(("[source.columns]", "[source.constants]"))]
    return lines.sub("", first).strip(), "".join(further).strip()


def _is_example(place: Place, block: str) -> bool:
    """Whether an entry names a file that is still, byte for byte, an example of ours."""
    return is_example(place, _said(block, "files"))


def is_example(place: Place, named: str) -> bool:
    """Whether a file of data/ is still one of the made-up examples of a new workspace."""
    name = named.removeprefix("data/")
    file = place.workspace.data / name
    return name in sources.EXAMPLES and file.is_file() and file.read_text(encoding="utf-8") == sources.EXAMPLES[name]


def _value(value: object) -> str:
    """A value of a [[source]] as TOML."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(value: str) -> str:
    """A TOML string. JSON's escapes are TOML's, but for the letter DEL."""
    if "\x7f" in value:
        raise Usage("a name holds a letter that cannot be written", given=repr(value))
    return json.dumps(value, ensure_ascii=False)
