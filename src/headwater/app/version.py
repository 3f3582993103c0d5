"""Which code made a result."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from headwater import __version__

DOORS = ("cli/", "web/", "report/templates/")
"""What shows figures and can change none: a new word on a page must not make a county's results out of date."""


@cache
def code_version() -> str:
    """The version and a hash of every source file that can change a figure, so that a changed line is a changed
    version."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*")):
        name = file.relative_to(package).as_posix()
        if file.suffix in {".py", ".csv", ".toml", ".jinja"} and not name.startswith(DOORS):
            digest.update(name.encode() + b"\0" + file.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:16]}"
