"""Headwater: who should we collaborate with, and what did it save downstream, and for whom?"""

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`headwater.open` is looked up when it is first used, so that the command line's --help stays quick."""
    if name == "open":
        from headwater.app import open as open_place

        return open_place
    raise AttributeError(f"module 'headwater' has no attribute {name!r}")
