"""The compared who were enrolled later themselves: followed until then, and stood for by the like of them who were not.

People are enrolled at a peak. To end the follow-up of the compared there loses just those who had most to come, and
makes the enrolled look bad beside the rest. So each moment at which somebody could have been enrolled and was not
carries their time from then on up by the exponential of its hazard, summed over the days on which it lets enrol (1/(1 −
p), p the chance of being enrolled by it): inverse-probability-of-censoring weights in a sequence of trials (Hernán &
Robins 2020, *Causal Inference: What If*, ch. 12, 17 and 21; Danaei et al. 2013, Statistical Methods in Medical Research
22:70).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from headwater.evidence.people.reading import QUARTER
from headwater.stats.propensity import propensity_logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.reading import Counter
    from headwater.evidence.people.units import Units

    Days = NDArray[np.int64]
    Vector = NDArray[np.float64]

MOST_CHANCE = 0.9
"""A chance of enrolment over this is taken for this: nobody stands for more than ten."""
STEP = 0.02
"""How far a log weight may have grown before the follow-up is cut there; less waits for the end of the quarter."""
MOST_LOG_WEIGHT = float(np.log(10.0))


@dataclass(frozen=True, slots=True, eq=False)
class Censored:
    """chance: float64[unit], of being enrolled at its moment; weight: float64[unit], at the end of its follow-up, 1 for
    the enrolled."""

    chance: Vector
    weight: Vector

    def only(self, keep: NDArray[np.bool_]) -> Censored:
        return Censored(self.chance[keep], self.weight[keep])


def chances(units: Units, covariates: Vector) -> Vector:
    """float64[unit]: of being enrolled at this moment, nought outside the time in which people were."""
    start = units.index[units.treated]
    inside = (units.index >= start.min()) & (units.index <= start.max())
    found = np.zeros(len(units.treated))
    drawings = int(units.drawing.max(initial=0)) + 1
    if units.treated[inside].all():
        return found
    when = (units.index[inside] - start.min()) / max(float(start.max() - start.min()), 1.0)
    x = np.column_stack([covariates[inside], when, when**2])
    # A candidate's moment stands once in every drawing, an enrolment once in all.
    logit = propensity_logit(x, units.treated[inside]) + np.log(drawings)
    # A candidate stands for all the days on which its moment lets enrol: odds against it are a hazard summed over them.
    found[inside] = np.minimum(-np.expm1(-np.exp(np.minimum(logit, 50.0))), MOST_CHANCE)
    return found


def reweighted(
    units: Units, covariates: Vector, follow: tuple[Vector, Vector], who: Days, count: Counter
) -> tuple[Vector, Vector, Censored]:
    """after: float64[unit, kind, quarter] and exposure: float64[unit, quarter] of the compared, weighted; and by what.

    follow: both as they were seen; who: int64[person], the numbers by which the counter knows people.
    """
    after, exposure = follow
    chance = chances(units, covariates)
    later = _later(units)
    growth = -np.log1p(-chance[later.order]) / (int(units.drawing.max(initial=0)) + 1)
    until = np.minimum(units.end, units.index + 1 + QUARTER * exposure.shape[1])
    unit, start, end, weight, final = _cut(later, growth, units.index, until, QUARTER)
    if not len(unit):
        return after, exposure, Censored(chance, final)
    seen = count(who[units.person[unit]], start - 1, end, 1)[1][:, :, 0]
    quarter = (start - units.index[unit] - 1) // QUARTER
    again, longer = after.copy(), exposure.copy()
    again[unit], longer[unit] = 0.0, 0.0
    for kind in range(again.shape[1]):
        np.add.at(again[:, kind], (unit, quarter), seen[:, kind] * weight)
    np.add.at(longer, (unit, quarter), weight * (end - start) / 365.25)
    return again, longer, Censored(chance, final)


class _Later(NamedTuple):
    """order: int64[place], candidates by person and day; first, last: int64[place], the first and the end of the places
    of their later chances."""

    order: Days
    first: Days
    last: Days


def _later(units: Units) -> _Later:
    """The later chances of each candidate.

    Those of all drawings, each for its share: one drawing alone would leave out the days on which a moment still lets
    enrol after its own candidate's.
    """
    order = np.flatnonzero(~units.treated)
    order = order[np.lexsort((units.drawing[order], units.index[order], units.person[order]))]
    person = units.person[order] * _DAYS
    key = person + units.index[order]
    first = np.searchsorted(key, key, side="right")
    return _Later(order, first, np.maximum(first, np.searchsorted(key, person + units.end[order], side="left")))


_DAYS = 200_000


@njit(cache=True)
def _cut(later, growth, index, end, quarter):  # type: ignore[no-untyped-def] # pragma: no cover
    """unit, start, end (days, exclusive) and weight of the pieces of each follow-up that is weighted; and each unit's
    last weight.

    growth: float64[place], of the log weight by each candidate's chance; index, end: int64[unit], days; quarter: days.
    A follow-up whose weight never comes to matter has no pieces.
    """
    order, first, last = later
    final = np.ones(len(index))
    whole = 0
    for at in range(len(order)):
        total = 0.0
        for place in range(first[at], last[at]):
            total += growth[place]
        final[order[at]] = np.exp(min(total, MOST_LOG_WEIGHT))
        if total > STEP:
            whole += (last[at] - first[at]) + (end[order[at]] - index[order[at]]) // quarter + 2
    unit, starts, ends, weights = (
        np.empty(whole, np.int64),
        np.empty(whole, np.int64),
        np.empty(whole, np.int64),
        np.empty(whole),
    )
    made = 0
    for at in range(len(order)):
        mine, place, total, held = order[at], first[at], 0.0, 0.0
        begin, edge = index[mine] + 1, index[mine] + 1 + quarter
        going = final[mine] > np.exp(STEP)
        while going:
            point = min(edge, end[mine])
            moment = place < last[at] and index[order[place]] <= point
            if moment:
                point = index[order[place]]
                total += growth[place]
                place += 1
            # From a moment's own day on, whoever was not enrolled there stands for those who were.
            if not moment or total - held > STEP:
                if point > begin:
                    unit[made], starts[made], ends[made], weights[made] = (
                        mine,
                        begin,
                        point,
                        np.exp(min(held, MOST_LOG_WEIGHT)),
                    )
                    made += 1
                begin, held = point, total
            if not moment:
                going = point < end[mine]
                edge += quarter
    return unit[:made], starts[:made], ends[:made], weights[:made], final
