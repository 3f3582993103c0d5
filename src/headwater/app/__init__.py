"""Use cases: the one place where steps are joined; each reads as a page."""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """`open` and its like are looked up when they are first used: a verb pays for its own use case alone."""
    if name in {"OpenPlace", "open", "Place"}:
        return getattr(import_module("headwater.app.api"), name)
    raise AttributeError(f"module 'headwater.app' has no attribute {name!r}")
