"""Rows of people who were forgotten: they come in with an agency's next file, and are refused with that as their
reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.alike import LOOKS, looks

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.sources.rows import Made

REASON = "forgotten at the person's wish"
NAMED = ("record", "person", "nhs_number", "local_key")


@dataclass(frozen=True)
class Forgotten:
    """among: those of some pseudonyms that were forgotten; digest: of the list, '' while it is empty."""

    among: Callable[[list[str]], set[str]]
    digest: str = ""

    @property
    def digests(self) -> tuple[str, ...]:
        return (self.digest,) if self.digest else ()

    def left_out(self, made: Made) -> Made:
        """The rows without those of whoever was forgotten, each of which is refused."""
        columns = [name for name in NAMED if name in made.kept.column_names]
        if not self.digest or not columns:
            return made
        gone = np.zeros(made.kept.num_rows, dtype=bool)
        for name in columns:
            known = pc.unique(made.kept[name].drop_null()).to_pylist()
            mine = pa.array(sorted(self.among(known)), pa.string())
            gone |= pc.fill_null(pc.is_in(made.kept[name], mine), False).to_numpy(zero_copy_only=False).astype(bool)
        gone |= self._alike(made)
        rows = made.kept["__row"].filter(pa.array(gone)).to_pylist()
        refused = sorted([*made.refused, *((int(row), REASON, "record") for row in rows)])
        kept = made.kept.filter(pa.array(~gone))
        told = (
            {"reasons": made.reasons.filter(pc.is_in(made.reasons["contact"], pc.unique(kept["contact"])))}
            if made.reasons.num_rows
            else {}
        )
        return replace(made, kept=kept, refused=refused, **told)

    def _alike(self, made: Made) -> np.ndarray:
        """bool[row]: rows that say of themselves that they are somebody who was forgotten, whatever number they
        bear."""
        if not set(LOOKS) <= set(made.kept.column_names):
            return np.zeros(made.kept.num_rows, dtype=bool)
        said = looks(*(made.kept[name].to_pylist() for name in LOOKS))
        mine = self.among([one for one in said if one])
        return np.array([one in mine for one in said], dtype=bool)


NOBODY = Forgotten(lambda names: set())
