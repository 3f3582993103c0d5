"""Who could have been enrolled when: moments at which somebody comes to meet the cohort's own entry rule.

A person enrolled at their peak would have fallen back by themselves. So candidates are taken at the same moments of
their own
course: a *moment* is a day with a contact on which the rule holds, a *crossing* the first moment of a spell of them.
Enrolled people stand at their enrolment, candidates as long after a moment as enrolled people stood after their last
one; nothing after that day may shape who is chosen. All moments are taken and not the crossings alone, because whoever
has more contacts while the rule holds has more chances to be enrolled: among crossings the like of them would be
missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.people.reading import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Entry

    Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """person, day: int64[moment], sorted by both; met: int64[moment], the day of the crossing that began its spell;
    following: int64[moment], the day of the person's next moment, NEVER where there is none."""

    person: Days
    day: Days
    met: Days
    following: Days

    def __getitem__(self, keep: NDArray[np.bool_]) -> Moments:
        return Moments(self.person[keep], self.day[keep], self.met[keep], self.following[keep])

    @property
    def crossing(self) -> NDArray[np.bool_]:
        """bool[moment]: whether the rule comes to be met here."""
        found: NDArray[np.bool_] = self.day == self.met
        return found


def moments(person: Days, day: Days, entry: Entry) -> Moments:
    """Days with a contact on which the rule holds. person, day: int64[contact] of the entry kind, sorted by person and
    day.

    The rule holds on a day when at least k contacts lie in the `within_days` days up to it. It comes to be met by a
    contact when it holds on its day and did not the moment before.
    """
    k, width = entry.at_least, entry.within_days
    if len(person) < k:
        return Moments(person[:0], day[:0], day[:0], day[:0])
    met = np.zeros(len(person), dtype=bool)
    met[k - 1 :] = (person[: len(person) - k + 1] == person[k - 1 :]) & (
        day[k - 1 :] - day[: len(person) - k + 1] < width
    )
    # The k contacts before this one may still hold the rule up to this day.
    before = np.zeros(len(person), dtype=bool)
    before[k:] = (person[:-k] == person[k:]) & (day[k:] - day[:-k] < width) & met[k - 1 : -1]
    began = np.maximum.accumulate(np.where(met & ~before, np.arange(len(person)), 0))
    # Several contacts on one day are one moment, that of the last, by which all of them are known.
    last = np.ones(len(person), dtype=bool)
    last[:-1] = (person[1:] != person[:-1]) | (day[1:] != day[:-1])
    at = np.flatnonzero(met & last)
    following = np.full(len(at), NEVER, dtype=np.int64)
    following[:-1] = np.where(person[at][1:] == person[at][:-1], day[at][1:], NEVER)
    return Moments(person[at], day[at], day[began[at]], following)


def holds_on(person: Days, day: Days, units: Days, when: Days, entry: Entry) -> NDArray[np.bool_]:
    """bool[unit]: whether the rule holds for the person on the day. Contacts sorted by person and day; a contact on the
    day counts."""
    found: NDArray[np.bool_] = within(person, day, units, when, entry.within_days) >= entry.at_least
    return found


def within(person: Days, day: Days, units: Days, when: Days, days: int) -> Days:
    """int64[unit]: contacts of the person in the `days` days up to and with a day. Contacts sorted by person and
    day."""
    key = person * _SPAN + (day - _FLOOR)
    upto = np.searchsorted(key, units * _SPAN + (when - _FLOOR), side="right")
    since = np.searchsorted(key, units * _SPAN + (when - days - _FLOOR), side="right")
    return np.asarray(upto - since, dtype=np.int64)


# Days as offsets within one number a person: 400 years from 1800 are enough for any record.
_SPAN, _FLOOR = 200_000, -62_091


def enrolling(found: Moments, person: Days, enrolled: Days) -> Days:
    """int64[enrolled person]: number of the last moment on or before the enrolment, −1 where there is none."""
    key = found.person * _SPAN + (found.day - _FLOOR)
    at = np.searchsorted(key, person * _SPAN + (enrolled - _FLOOR), side="right") - 1
    sound = (at >= 0) & (found.person[np.maximum(at, 0)] == person) if len(key) else np.zeros(len(person), dtype=bool)
    return np.where(sound, at, -1)
