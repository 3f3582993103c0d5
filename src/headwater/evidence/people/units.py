"""The people of a design: those enrolled, those who might be compared, and their moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Days = NDArray[np.int64]
    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Enrolled people and candidates. Every array runs over units; end is the first day no longer followed."""

    treated: NDArray[np.bool_]
    person: Days
    index: Days
    course: Course
    drawing: Days
    """Of which drawing of waits a candidate's moment is; 0 for the enrolled, who stand in all of them."""
    planned: Days
    """The first day no longer followed had nobody died, moved or been enrolled anywhere."""
    end: Days
    lost: NDArray[np.bool_]
    """Whether the follow-up ended by death or moving."""
    enrolled_later: NDArray[np.bool_]
    elsewhere: NDArray[np.bool_]
    """Whether it ended because another programme enrolled them."""

    def only(self, keep: NDArray[np.bool_] | Days) -> Units:
        return Units(**{name: getattr(self, name)[keep] for name in self.__dataclass_fields__})


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How far each is in their spell. met, last: int64[unit], days since the rule came to be met and since the last
    contact."""

    met: Days
    last: Days

    def __getitem__(self, keep: NDArray[np.bool_] | Days) -> Course:
        return Course(self.met[keep], self.last[keep])
