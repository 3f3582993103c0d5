"""Worlds full of services that look as if they averted a demand and do not, beside three that do. Plain, day by day.

Nothing here knows of any method: people live day by day with a rate of the demand of their own, and each service comes
as such services come. Three services truly avert (ratios 0.65 to 0.8 for 45 to 150 days after each contact). Ten have
nothing to do with the demand (half of them are used more in a crisis). All others are decoys, each a pattern that every
authority has:

waiting list       a clinic 40 to 120 days after a share of the demand
yearly review      300 to 400 days after a share of the demand
discharge call     2 to 14 days after a share of it
crisis visit       once, 20 to 40 days into a crisis
recovering joiner  a course of contacts that begins 0 to 45 days after somebody's rate fell for good
remission          monthly checks that begin two to eight weeks into a quiet spell of 100 to 400 days and end with it
end of life        visits in the last 60 days, when the demand is at its highest, until death ends the window
lost to sight      a last visit after which the person dies or moves and nobody records it
seasonal service   visits from February to April to people whose own demand is at its height from November to January
calendar shock     calls to everybody in twelve weeks in which the demand halves
caller             before half of the demand, by one to ten days
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]

DAYS = 1096
NOTHINGS, AVERTERS = 10, 3
DECOYS = (
    "waiting list",
    "yearly review",
    "discharge call",
    "crisis visit",
    "recovering joiner",
    "remission",
    "end of life",
    "lost to sight",
    "seasonal service",
    "calendar shock",
    "caller",
)
NAMES = (*(f"nothing {k}" for k in range(NOTHINGS)), *(f"averter {k}" for k in range(AVERTERS)), *DECOYS, "demand")
DEMAND = len(NAMES) - 1
FIRST_DECOY = NOTHINGS + AVERTERS


@dataclass(frozen=True, slots=True, eq=False)
class Lives:
    """person, day, service: one row a contact, sorted; last: int64[person], the last day on which they are observed."""

    person: Codes
    day: Codes
    service: Codes
    last: Codes
    ratio: NDArray[np.float64]
    """Of the averters, within their window."""
    window: Codes
    """The averters' last day of effect."""


def decoys_world(seed: int, people: int = 10_000, link_error: float = 0.0) -> Lives:
    """link_error: the share of records (one a person and service) that hang on somebody else (half of them) or on
    nobody."""
    rng = np.random.default_rng((seed, 11))
    ratio, window = rng.uniform(0.65, 0.8, AVERTERS), rng.integers(45, 151, AVERTERS)
    shares = np.array([rng.uniform(0.2, 0.5), rng.uniform(0.2, 0.5), rng.uniform(0.2, 0.4), 0.5])
    shock = int(rng.integers(250, 800))
    made = _lives(int(rng.integers(2**31)), people, np.log(ratio), window, shares, shock)
    person, day, service, last = made
    drawn, whose = rng.random((people, DEMAND + 1)), np.tile(np.arange(people)[:, None], (1, DEMAND + 1))
    wrong = drawn < link_error / 2
    whose[wrong] = rng.integers(0, people, int(wrong.sum()))
    whose[(drawn >= link_error / 2) & (drawn < link_error)] = -1
    person = whose[person, service]
    kept = np.flatnonzero((person >= 0) & (day <= last[np.maximum(person, 0)]))
    order = kept[np.lexsort((service[kept], day[kept], person[kept]))]
    return Lives(person[order], day[order], service[order], last, ratio, window)


@njit(cache=True)
def _lives(seed, people, log_ratio, window, shares, shock):  # type: ignore[no-untyped-def]
    np.random.seed(seed)
    room = people * 140
    person, day, service = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    last = np.full(people, DAYS - 1)
    made = 0
    waiting = np.zeros((3, DAYS + 500), np.int64)
    latest = np.empty(AVERTERS, np.int64)
    nothings = np.empty(NOTHINGS)
    uses = np.empty(AVERTERS, np.bool_)
    for one in range(people):
        frailty = np.random.normal(0.0, 0.9)
        waiting[:] = 0
        latest[:] = -9999
        for k in range(NOTHINGS):
            nothings[k] = (0.0012 + 0.0003 * k) * np.exp(0.3 * frailty)
        for k in range(AVERTERS):
            uses[k] = np.random.random() < 0.6
        dies = np.random.randint(200, DAYS) if np.random.random() < 0.06 else 99999
        lost = np.random.randint(300, 900) if np.random.random() < 0.05 else 99999
        recovers = np.random.randint(200, 850) if np.random.random() < 0.12 else 99999
        joins = recovers + np.random.randint(0, 46)
        winter_person = np.random.random() < 0.25
        crisis, visit, quiet_from, quiet_until, checks_from = False, -1, 99999, -1, -1
        for today in range(DAYS):
            if today > dies:
                break
            if dies < 99999:
                last[one] = today
            if crisis:
                crisis = np.random.random() > 1 / 50
            elif np.random.random() < 0.0016 * np.exp(0.5 * frailty):
                crisis = True
                visit = today + np.random.randint(20, 41) if np.random.random() < 0.5 else -1
            if today > quiet_until and np.random.random() < 0.0004:
                quiet_from, quiet_until = today, today + np.random.randint(100, 401)
                checks_from = today + np.random.randint(14, 57)
            season = np.cos(2 * np.pi * (today - 350) / 365.25)
            rate = frailty + 1.8 * crisis + 0.15 * season
            if winter_person:
                rate += 1.0 * season
            if today >= recovers:
                rate -= 0.6
            if quiet_from <= today <= quiet_until:
                rate -= 1.0
            if dies - today <= 60:
                rate += 1.2
            if shock <= today < shock + 84:
                rate -= 0.7
            for k in range(AVERTERS):
                if 1 <= today - latest[k] <= window[k]:
                    rate += log_ratio[k]
            if today >= lost:
                continue
            if np.random.random() < 1 - np.exp(-0.0016 * np.exp(rate)):
                person[made], day[made], service[made] = one, today, DEMAND
                made += 1
                if np.random.random() < shares[0]:
                    waiting[0, today + np.random.randint(40, 121)] += 1
                if np.random.random() < shares[1]:
                    waiting[1, today + np.random.randint(300, 401)] += 1
                if np.random.random() < shares[2]:
                    waiting[2, today + np.random.randint(2, 15)] += 1
                if np.random.random() < shares[3] and today > 10:
                    person[made], day[made], service[made] = one, today - np.random.randint(1, 11), FIRST_DECOY + 10
                    made += 1
            for k in range(NOTHINGS):
                if np.random.random() < nothings[k] * (1.6 if crisis and k % 2 else 1.0):
                    person[made], day[made], service[made] = one, today, k
                    made += 1
            for k in range(AVERTERS):
                if uses[k] and np.random.random() < 0.0022 * np.exp(0.3 * frailty):
                    person[made], day[made], service[made] = one, today, NOTHINGS + k
                    latest[k] = today
                    made += 1
            month = (today % 365) // 30
            comes = np.zeros(11, np.bool_)
            comes[0], comes[1], comes[2] = waiting[0, today] > 0, waiting[1, today] > 0, waiting[2, today] > 0
            comes[3] = today == visit
            comes[4] = today >= joins and (today - joins) % 28 == 0 and today - joins < 180
            comes[5] = checks_from <= today <= quiet_until and (today - checks_from) % 30 == 0
            comes[6] = dies - today <= 60 and np.random.random() < 0.08
            comes[7] = today == lost - 1 or (np.random.random() < 0.0001)
            comes[8] = winter_person and 1 <= month <= 3 and np.random.random() < 0.01
            comes[9] = shock <= today < shock + 84 and np.random.random() < 0.01
            for k in range(11):
                if comes[k]:
                    person[made], day[made], service[made] = one, today, FIRST_DECOY + k
                    made += 1
            if made + 60 > room:
                return person[:made], day[:made], service[:made], last
    return person[:made], day[:made], service[:made], last
