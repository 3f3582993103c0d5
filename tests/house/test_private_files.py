"""What holds people's rows, keys or words about them is its owner's alone to read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from acts_world import workspace
from headwater.app import booking, governing, reading
from headwater.app.place import Place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's; Windows keeps others out by the folder's list")
def test_files_are_read_by_their_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the widest mask that an account may have."""
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "home" / "key"))
    before = os.umask(0o000)
    try:
        place = workspace(tmp_path / "at")
        booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "more of it")
        governing.forget(Place(tmp_path / "at"), ("a", "0"), "guardian", "asked")
        reading.load(place)
    finally:
        os.umask(before)
    assert (tmp_path / "at" / ".headwater").stat().st_mode & 0o077 == 0
    files = [*(tmp_path / "home").rglob("*"), tmp_path / "at" / "ledger.jsonl"]
    files += [*(tmp_path / "at" / ".headwater").rglob("*.parquet"), *(tmp_path / "at" / ".headwater").rglob("*.npy")]
    assert len(files) > 9
    assert [
        file.name for file in files if file.is_file() and file.stat().st_mode & 0o077 and file.suffix != ".lock"
    ] == []
