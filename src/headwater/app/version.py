"""Which code made a result."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from headwater import __version__


@cache
def code_version() -> str:
    """The version and a hash of every source file of the package, so that a changed line is a changed version."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        if file.suffix in {".py", ".csv", ".toml", ".jinja"}:
            digest.update(str(file.relative_to(package)).encode() + b"\0" + file.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:16]}"
