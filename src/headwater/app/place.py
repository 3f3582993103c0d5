"""A workspace opened: what every use case needs of it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headwater.app.answer import Answer
from headwater.app.version import code_version
from headwater.disclosure import release
from headwater.domain.errors import Usage
from headwater.domain.workspace import Workspace
from headwater.governance import record_audit
from headwater.sources import read_settings
from headwater.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.domain.release import FigureData
    from headwater.domain.workspace import Settings
    from headwater.store import Store


class Place:
    """A workspace by its folder. Use cases are functions that take one; nothing is read until a use case asks."""

    def __init__(self, root: Path | str, acting: str = "", *, notes: bool = True) -> None:
        """acting: the role, '' for that of headwater.toml; notes: whether what is asked is written into the audit
        log."""
        self.workspace = Workspace(Path(root).resolve())
        self._acting, self._notes = acting, notes

    @property
    def role(self) -> str:
        """Who acts: as the door knows it, else as headwater.toml says."""
        return self._acting or self.settings.disclosure.role

    @cached_property
    def settings(self) -> Settings:
        return read_settings(self.workspace.root)

    @contextmanager
    def store(self) -> Iterator[Store]:
        with open_store(self.workspace.store, self.settings.engine) as store:
            yield store

    def answer(
        self, verb: str, content: dict[str, Any], figures: tuple[FigureData, ...] = (), value: Any = None
    ) -> Answer:
        """The versioned object of a verb, passed through disclosure control with its figures."""
        policy = self.settings.disclosure
        released = release({"schema": f"headwater.{verb}/1", **content}, policy)
        return Answer(released, tuple(release(figure, policy) for figure in figures), value)

    def note(self, verb: str, what: str, data: str = "") -> None:
        """One line in the audit log: which role did what, on which version of the data, for which purpose."""
        if not self._notes:
            return
        policy = self.settings.disclosure
        record_audit(
            self.workspace, role=self.role, what=f"{verb} {what}".strip(), data=data, purpose=policy.purpose, at=now()
        )

    def __repr__(self) -> str:
        return f"Place({self.workspace.root.name!r}, code {code_version()})"


def now() -> str:
    """The time to write into records, to the second in UTC; SOURCE_DATE_EPOCH fixes it, as reproducible builds do."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)
    except (ValueError, OverflowError, OSError) as problem:
        raise Usage(
            "SOURCE_DATE_EPOCH is no time",
            given=ascii(fixed)[:40],
            allowed="seconds since 1970, as 1736150400",
            next_step="unset it, or mend it",
        ) from problem
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def today() -> str:
    return now()[:10]
