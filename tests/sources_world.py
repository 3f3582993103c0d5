"""A workspace of a few lines, and files as strangers write them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from headwater.domain.workspace import Settings, SourceSettings, Workspace

KEY = b"a key for tests"
CONTACTS = SourceSettings(
    "contact",
    "data/contacts.csv",
    "hospital",
    {"contact": "id", "record": "patient", "start": "arrived", "end": "left"},
    constants={"kind": "ae_attendance"},
)
RECORDS = SourceSettings("record", "data/records.csv", "hospital")
SERVICES = SourceSettings("service", "data/services.csv")
HEAD = "id,patient,arrived,left,service,quantity\n"
ROW = "A1,P1,2023-01-05 10:20,2023-01-05 14:00,emergency,1\n"


def write(root: Path, name: str, content: str | bytes) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def place(root: Path, *sources: SourceSettings) -> tuple[Workspace, Settings]:
    return Workspace(root), Settings("Testshire", sources or (CONTACTS,))


def contacts(**changes: object) -> SourceSettings:
    return replace(CONTACTS, **changes)  # type: ignore[arg-type]
