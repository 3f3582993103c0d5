"""Headwater: who should we collaborate with, and what did it save downstream, and for whom?"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`open` and `demo` are looked up when they are first used, so that the command line's --help stays quick."""
    if name in {"open", "demo"}:
        return getattr(import_module("headwater.app.api"), name)
    raise AttributeError(f"module 'headwater' has no attribute {name!r}")
