"""Splink on the workspace's engine: tables go in and come out as expressions, so that no row leaves the engine to be
compared."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis

    from headwater.store.engine import Engine

NUMBERS = count()
"""Names of lent tables are never used twice in a process: an engine may still hold what a name stood for."""


class Comparing:
    """Splink's database API on an engine's own connection, and the door for tables between the two."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.api = engine, engine.splink()

    def give(self, rows: ibis.Table) -> Any:
        """The rows as a table that Splink may read (a SplinkDataFrame)."""
        return self.api.register(self.engine.lend(rows, f"given_to_splink_{next(NUMBERS)}"))

    def take(self, frame: Any) -> ibis.Table:
        """A table that Splink made, as an expression; it stands until `clear`."""
        return self.engine.named(frame.physical_name)

    def clear(self) -> None:
        """Drop everything that Splink made."""
        self.api.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]
