"""A part is one file, or a folder of them where Spark wrote it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from headwater.store.files import removed

if TYPE_CHECKING:
    from pathlib import Path


def leaves(file: Path) -> list[Path]:
    """The Parquet files of a part, in order."""
    return sorted(file.glob("*.parquet")) if file.is_dir() else [file]


def private(file: Path) -> None:
    """Rows of people are their owner's alone to read. On Windows the folder's own list keeps others out."""
    if os.name != "nt":
        for leaf in leaves(file):
            leaf.chmod(0o600)


def remove_part(file: Path) -> None:
    if file.is_dir():
        for leaf in leaves(file):
            removed(leaf)
        shutil.rmtree(file, ignore_errors=True)
    else:
        removed(file)
