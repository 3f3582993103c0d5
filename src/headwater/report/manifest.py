"""What left, so that anybody can tell later whether a file is still it: hashes of the content and of each file, and its
words."""

from __future__ import annotations

import difflib
import json
import re
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from headwater.domain.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from headwater.domain.release import Document, Released

SCHEMA = "headwater.manifest/1"
MOST = 20
"""Differences told; more would not be read."""
LARGEST = 50_000_000
"""Bytes of one member of a zip file that are read; a report's are a hundred times smaller."""


def manifest(released: Released[Document], files: Iterable[Path]) -> dict[str, Any]:
    """The record to keep beside the files, ready for JSON: the seal, the facts, and each file's hash and words."""
    document, seal = released.content, released.seal
    return {
        "schema": SCHEMA,
        "name": document.name,
        "title": document.title,
        "date": document.date,
        "seal": {name: getattr(seal, name) for name in ("policy", "purpose", "role", "content_sha256")},
        "facts": dict(document.facts),
        "files": {file.name: {"sha256": _hash(file), "words": words(file)} for file in files},
    }


def verify(file: Path, record: Mapping[str, Any]) -> tuple[str, ...]:
    """What differs between a file and the record of it, in sentences; nothing where it is the same byte for byte.

    A file under another name is compared with the recorded file of its format. Raises Failed where there is none.
    """
    entry = _entry(file, record)
    if _hash(file) == entry["sha256"]:
        return ()
    try:
        changed = tuple(_changes(entry["words"], words(file)))
    except _UNREADABLE as broken:
        return (f"It is no {file.suffix[1:]} file that can be read: {_why(broken)}.",)
    if changed:
        return changed
    if file.suffix == ".pdf":
        return (
            (
                "Its bytes are not those that were released. A PDF's words are not compared: make the report again to"
                " see which."
            ),
        )
    return (
        "Its words are those that were released, but its bytes are not: it was saved again or its form was changed.",
    )


def _entry(file: Path, record: Mapping[str, Any]) -> Mapping[str, Any]:
    files: Mapping[str, Mapping[str, Any]] = record["files"]
    found = files.get(file.name) or next((files[name] for name in files if name.endswith(file.suffix)), None)
    if found is None:
        raise Failed(
            "There is no record of such a file.",
            given=file.name,
            allowed=", ".join(files) or "(none)",
            next_step="name a file that the report was written to",
        )
    return found


def _hash(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def _changes(was: list[str], now: list[str]) -> Iterable[str]:
    steps = [
        step for step in difflib.unified_diff(was, now, lineterm="", n=0) if not step.startswith(("---", "+++", "@@"))
    ]
    for step in steps[:MOST]:
        yield f"{'Released but not here' if step[0] == '-' else 'Here but not released'}: {step[1:]}"
    if len(steps) > MOST:
        yield f"And {len(steps) - MOST} more."


def words(file: Path) -> list[str]:
    """The words and numbers of a file, piece by piece; nothing for a PDF. Raises one of `_UNREADABLE`."""
    if file.suffix == ".html":
        return _html_words(file.read_text(encoding="utf-8"))
    return _zip_words(file) if file.suffix in MEMBERS else []


_UNREADABLE = (BadZipFile, ElementTree.ParseError, ValueError)


def _why(broken: Exception) -> str:
    if isinstance(broken, BadZipFile):
        return "it is not a zip file"
    return "its letters are not UTF-8" if isinstance(broken, UnicodeDecodeError) else str(broken)


MEMBERS = {
    ".docx": (r"word/document\.xml", ("}t",)),
    ".xlsx": (r"xl/(sharedStrings|worksheets/sheet\d+)\.xml", ("}t", "}v", "}f")),
    ".ods": (r"content\.xml", ("}p", "}a")),
}
"""Format → which members hold words, and in which elements."""


def _zip_words(file: Path) -> list[str]:
    pattern, elements = MEMBERS[file.suffix]
    found: list[str] = []
    with ZipFile(file) as archive:
        for member in archive.infolist():
            if re.fullmatch(pattern, member.filename) and member.file_size <= LARGEST:
                found += _xml_words(archive.read(member), elements)
    return found


def _xml_words(xml: bytes, elements: tuple[str, ...]) -> list[str]:
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise ValueError("a part of it declares entities, which a report never does")
    tree = ElementTree.fromstring(xml)
    return [node.text for node in tree.iter() if node.tag.endswith(elements) and node.text]


class _Words(HTMLParser):
    """Collects the text a reader meets, the pictures' own included."""

    def __init__(self) -> None:
        super().__init__()
        self.silent, self.found = 0, [""]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.silent += tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.found.append(" ".join(data.split()))


def _html_words(page: str) -> list[str]:
    reader = _Words()
    reader.feed(page)
    reader.close()
    return reader.found[1:]


def as_json(record: Mapping[str, Any]) -> str:
    """The record as text, the same for the same record."""
    return json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
