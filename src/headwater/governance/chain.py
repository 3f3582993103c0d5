"""Append-only JSON Lines in which each entry holds the hash of the one before: locks, decisions and the audit log."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import ProtocolBreach
from headwater.store.files import locked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

START = "0" * 64


def append(file: Path, content: Mapping[str, Any]) -> None:
    """Add an entry, flushed to the disk; a line torn by a power cut before it is cut off first."""
    with locked(file.with_name(f".{file.name}.lock")):
        whole = _mended(file)
        before = json.loads(whole[-1])["hash"] if whole else START
        entry = {**content, "before": before}
        line = json.dumps({**entry, "hash": _hash(entry)}, sort_keys=True, ensure_ascii=False)
        with file.open("a", encoding="utf-8") as out:
            out.write(line + "\n")
            out.flush()
            os.fsync(out.fileno())


def entries(file: Path) -> list[dict[str, Any]]:
    """All entries in order. Raises ProtocolBreach, naming the line, where the chain does not hold."""
    before, found = START, []
    for number, line in enumerate(_lines(file), 1):
        entry = _entry(line, number, file)
        content = {key: value for key, value in entry.items() if key != "hash"}
        if entry.get("before") != before or entry.get("hash") != _hash(content):
            raise ProtocolBreach(
                f"{file.name} was changed by hand",
                given=f"line {number}",
                allowed="entries written by headwater, in their order",
                next_step=f"put back {file.name} from your backup",
            )
        before = entry["hash"]
        found.append(content)
    return found


def _lines(file: Path) -> list[str]:
    """Finished lines: one without its line end was torn by a power cut and never counted."""
    if not file.exists():
        return []
    return file.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]


def _mended(file: Path) -> list[str]:
    lines = _lines(file)
    if file.exists() and file.stat().st_size and not file.read_bytes().endswith(b"\n"):
        file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    file.parent.mkdir(parents=True, exist_ok=True)
    return lines


def _entry(line: str, number: int, file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError as problem:
        raise ProtocolBreach(
            f"{file.name} cannot be read", given=f"line {number}", next_step="put back your backup"
        ) from problem
    return found


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
