"""The treated in the waves in which they began, and the stretches in which each was treated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case

    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """Treated units that begin, pause and end together. members: int[…], their places in `case.treated`; pre, post:
    bool[period], up to their own start, and the periods in which they are treated."""

    members: NDArray[np.intp]
    pre: Flags
    post: Flags

    @property
    def used(self) -> Flags:
        return self.pre | self.post


def waves_of(case: Case) -> list[Wave]:
    """The waves that are followed for a period at least, in the order in which they begin; all as one where none is."""
    on = case.followed(case.treated) & case.post
    patterns, which = np.unique(on, axis=0, return_inverse=True)
    periods, found = np.arange(on.shape[1]), []
    for at, post in enumerate(patterns):
        if post.any():
            members = np.flatnonzero(which.reshape(-1) == at)
            first = int(case.starts[case.treated[members]].min())
            found.append(Wave(members, case.used & (periods < first), post))
    everybody = Wave(np.arange(len(case.treated)), case.pre, case.post)
    return sorted(found, key=lambda wave: int(np.flatnonzero(wave.post)[0])) or [everybody]


def pauses(case: Case) -> list[str]:
    """What is said of treated units that end, or pause and begin again, within the window."""
    if not len(case.off) or not case.used.any():
        return []
    last = int(np.flatnonzero(case.used)[-1]) + 1
    on = case.followed(case.treated)[:, :last]
    again = int(((np.diff(on.astype(int), axis=1) > 0).sum(axis=1) + on[:, 0] > 1).sum())
    ended = int((case.off[case.treated][:, :last].any(axis=1)).sum()) - again
    said = []
    if ended > 0:
        said.append(
            f"the follow-up of {ended} of those treated ends within the window; from then on they count for nobody."
        )
    if again:
        said.append(
            f"{again} of those treated pause and begin again; the pauses count for nobody, and what lasts into them is"
            " not told."
        )
    return said
