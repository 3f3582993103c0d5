"""Headwater: who should we collaborate with, and what did it save downstream, and for whom?"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`headwater.open` is looked up when it is first used, so that the command line's --help stays quick."""
    if name == "open":
        return import_module("headwater.app").open
    raise AttributeError(f"module 'headwater' has no attribute {name!r}")
