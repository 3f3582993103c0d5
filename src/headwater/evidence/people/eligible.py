"""Who could have been enrolled when: moments at which somebody comes to meet the cohort's own entry rule.

A person enrolled at their peak would have fallen back by themselves. So candidates are taken at the same moment of their own
course: a *crossing* is a contact by which the rule comes to be met. Enrolled people stand at their enrolment, candidates as long
after their crossing as enrolled people usually stood; nothing after that day may shape who is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Entry

    Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Crossings:
    """person, day: int64[crossing], sorted by both; until: the last day on which the rule still holds by what came before."""

    person: Days
    day: Days


def crossings(person: Days, day: Days, entry: Entry) -> Crossings:
    """Moments at which the rule comes to be met. person, day: int64[contact] of the entry kind, sorted by person and day.

    The rule holds on a day when at least k contacts lie in the `within_days` days up to it. A contact is a crossing when the rule
    holds on its day and did not the moment before.
    """
    k, width = entry.at_least, entry.within_days
    if len(person) < k:
        return Crossings(person[:0], day[:0])
    met = np.zeros(len(person), dtype=bool)
    first = np.arange(k - 1, len(person)) - (k - 1)
    last = np.arange(k - 1, len(person))
    met[last] = (person[first] == person[last]) & (day[last] - day[first] < width)
    before = np.zeros(len(person), dtype=bool)
    if len(person) > k:
        # The k contacts before this one still held the rule up to this day.
        held = (person[:-k] == person[k:]) & (day[k:] - day[:-k] < width)
        before[k:] = held
        before[k:] &= met[k - 1 : -1]
    fresh = met & ~before
    return Crossings(person[fresh], day[fresh])


def holds_on(person: Days, day: Days, units: Days, when: Days, entry: Entry) -> NDArray[np.bool_]:
    """bool[unit]: whether the rule holds for the person on the day. Contacts sorted by person and day; a contact on the day counts."""
    key = person * _SPAN + (day - _FLOOR)
    upto = np.searchsorted(key, units * _SPAN + (when - _FLOOR), side="right")
    since = np.searchsorted(key, units * _SPAN + (when - entry.within_days - _FLOOR), side="right")
    found: NDArray[np.bool_] = (upto - since) >= entry.at_least
    return found


# Days as offsets within one number a person: 400 years from 1800 are enough for any record.
_SPAN, _FLOOR = 200_000, -62_091


def enrolling(found: Crossings, person: Days, enrolled: Days) -> Days:
    """int64[enrolled person]: number of the last crossing on or before the enrolment, −1 where there is none."""
    key = found.person * _SPAN + (found.day - _FLOOR)
    at = np.searchsorted(key, person * _SPAN + (enrolled - _FLOOR), side="right") - 1
    sound = (at >= 0) & (found.person[np.maximum(at, 0)] == person) if len(key) else np.zeros(len(person), dtype=bool)
    return np.where(sound, at, -1)
