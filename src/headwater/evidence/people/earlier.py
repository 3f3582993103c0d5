"""The second year before, which nobody is matched on: who of the matched was observed then, and how the groups
differed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.people.estimate import adjusting, follow
from headwater.evidence.people.reading import HELD, LAGS
from headwater.stats.poisson import RateModel, rate_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched

FEWEST = 40
"""Members observed two years before from which a ratio is told."""


def observed_before(design: Design, sets: Matched, days: int) -> NDArray[np.bool_]:
    """bool[member]: whether the whole time of so many days before the index day was observed."""
    units, rows = design.units, sets.row
    found: NDArray[np.bool_] = design.people.first[units.person[rows]] <= units.index[rows] - days
    return found


def second_year_before(design: Design, sets: Matched, kind: str) -> RateModel | None:
    """The groups' rate ratio 366 to 730 days before, of people observed throughout, adjusted as the estimate is; None
    for too few."""
    seen = observed_before(design, sets, LAGS[HELD[-1] + 1])
    rows = sets.row[seen]
    treated = design.units.treated[rows].astype(np.float64)
    if len(rows) < FEWEST or not 0 < treated.mean() < 1:
        return None
    counts = design.before[rows, design.kinds.index(kind)][:, list(HELD)].sum(axis=1)
    x = np.column_stack([treated, adjusting(design, sets, kind)[seen]])
    return rate_model(counts, np.ones(len(rows)), x, sets.sets[seen], person=design.units.person[rows])


def error_in_common(design: Design, sets: Matched, kind: str) -> float:
    """The covariance of the errors of the follow-up's log ratio and of the second year's, at least nought: the same
    people are in both.

    Both are fitted as one model whose sets, and whose adjustments, are the year's own; the clustered errors then see
    what people share.
    """
    seen = observed_before(design, sets, LAGS[HELD[-1] + 1])
    if seen.sum() < FEWEST:
        return 0.0
    rows, x = follow(design, sets, kind), np.column_stack([_treated(design, sets), adjusting(design, sets, kind)])
    earlier = design.before[sets.row[seen], design.kinds.index(kind)][:, list(HELD)].sum(axis=1)
    both = np.zeros((len(x) + int(seen.sum()), 2 * x.shape[1]))
    both[: len(x), : x.shape[1]], both[len(x) :, x.shape[1] :] = x, x[seen]
    person = design.units.person[sets.row]
    model = rate_model(
        np.concatenate([rows.counts, earlier]),
        np.concatenate([rows.exposure, np.ones(len(earlier))]),
        both,
        np.concatenate([sets.sets, sets.sets[seen] + int(sets.sets.max(initial=0)) + 1]),
        person=np.concatenate([person, person[seen]]),
    )
    return 0.0 if model is None else max(0.0, float(model.covariance[0, x.shape[1]]))


def _treated(design: Design, sets: Matched) -> NDArray[np.float64]:
    found: NDArray[np.float64] = design.units.treated[sets.row].astype(np.float64)
    return found
