"""A pipeline is a list you can read: named stages, each a table made from tables, and its plan prints."""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import ibis

    Tables = Mapping[str, ibis.Table]
    Settings = Mapping[str, object]
    Make = Callable[[Tables, Settings], ibis.Table]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: from the tables `reads` to the table `makes`. `make` composes an expression and reads no rows
    itself."""

    makes: str
    reads: tuple[str, ...]
    make: Make
    about: str
    order: tuple[str, ...] = ()
    """Columns the result is written in order of, so that the same input gives the same bytes."""

    def key(self, settings: Settings, inputs: Sequence[str]) -> str:
        """What its result depends on: the source of its module, the settings, and the keys of what it reads."""
        source = inspect.getsource(sys.modules[self.make.__module__])
        parts = (self.makes, self.make.__name__, source, json.dumps(settings, sort_keys=True, default=str), *inputs)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def plan(stages: Sequence[Stage]) -> str:
    """The pipeline as a person reads it, a line a stage."""
    width = max((len(stage.makes) for stage in stages), default=0)
    return "\n".join(
        f"{at:>2}  {stage.makes:<{width}}  from {', '.join(stage.reads) or 'nothing'}: {stage.about}"
        for at, stage in enumerate(stages, 1)
    )
