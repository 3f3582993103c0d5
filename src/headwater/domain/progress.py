"""How a step tells a door how far it is. The domain knows the shape, the doors do the drawing."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the step's name, the work done and the work in all (any unit, 0 for unknown)."""

    def __call__(self, step: str, done: float, of: float) -> None: ...


def silent(step: str, done: float, of: float) -> None:
    """Progress for whoever does not want any."""
