"""The curve of every outcome, from which several sites are told together without a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Likelihood
from headwater.evidence.people.estimate import follow
from headwater.stats.profiles import profile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.case import Case

    Vector = NDArray[np.float64]


def likelihoods_of(case: Case) -> tuple[Likelihood, ...]:
    """One an outcome that has a curve at all: some set with a contact, and somebody to compare with."""
    found = (_likelihood(case, kind) for kind in case.protocol.outcome_kinds())
    return tuple(one for one in found if one is not None)


def _likelihood(case: Case, kind: str) -> Likelihood | None:
    rows, raw, told = follow(case.design, case.sets, kind), case.raw[kind], case.models[kind]
    x = np.column_stack([rows.treated.astype(np.float64), rows.adjust])
    curve = profile(rows.counts, rows.exposure, x, case.sets.sets)
    if curve is None:
        return None
    # Every drawing of the compared stands in the rows: the curve is that of one drawing, on average.
    share = 1 / max(case.design.drawings, 1)
    ours, theirs = (round(float(rows.counts[side].sum()) * share) for side in (rows.treated, ~rows.treated))
    return Likelihood(
        kind,
        curve.height * share,
        None if raw is None else float(raw.se[0]),
        None if told is None else float(told.se[0]),
        0 if raw is None else raw.clusters,
        (ours, theirs),
        () if rows.adjust.shape[1] else by_size(rows.counts, rows.treated, case.sets.sets, share),
    )


def by_size(counts: Vector, treated: NDArray[np.bool_], sets: NDArray[np.int64], share: float) -> tuple[int, ...]:
    """Contacts in sets with one compared, two, …; of one drawing, on average."""
    _, group = np.unique(sets, return_inverse=True)
    compared = np.bincount(group, ~treated)[group].astype(np.int64)
    return tuple(round(float(each) * share) for each in np.bincount(compared, counts)[1:])
