"""A world of many services of which a few avert a demand, for judging the upstream boards: days, hidden crises, wrong
links.

Every person has a frailty and falls into hidden crises in which the demand rises e²-fold and many services see them
more. Services avert (or cause) the demand for a window of their own after each contact; some are called because of the
demand (referral), one goes before it and changes nothing (the decoy); all grow or shrink over the years. Of an agency's
records about people a share is linked to somebody else or to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

SERVICES = 24
RATIOS = (0.6, 0.7, 0.75, 0.8, 1.15, 1.2, 1.3, 1.4)
"""True rate ratios of the services that are not without effect."""
DAYS = 1092
LONGEST, SHORTEST = 180, 14
"""The last day of a service's window lies between these."""
CALLED_FIRST = 0.5
"""Share of the demand that the decoy goes before, by one to ten days."""


@dataclass(frozen=True, slots=True, eq=False)
class Contacts:
    """person, day, service: one row a contact, sorted; service SERVICES is the demand."""

    person: Codes
    day: Codes
    service: Codes
    people: int


@dataclass(frozen=True, slots=True, eq=False)
class ServicesTruth:
    """log_ratio: float64[service], within its window; last: int64[service], the window's last day; decoy: which
    service."""

    log_ratio: Vector
    last: Codes
    decoy: int

    def mean_log_ratio(self, days: Vector) -> Vector:
        """float64[service]: over the 180 days after a contact, weighted by days: float64[service, 181]."""
        lag = np.arange(days.shape[1])
        inside = (lag >= 1) & (lag <= self.last[:, None])
        found: Vector = self.log_ratio * (days * inside).sum(axis=1) / np.maximum(days.sum(axis=1), 1.0)
        return found


def services_world(seed: int, people: int = 12_000, link_error: float = 0.2) -> tuple[Contacts, ServicesTruth]:
    """link_error: the share of records (one a person and service) that hang on somebody else (half of them) or on
    nobody."""
    rng = np.random.default_rng((seed, 5))
    log_ratio = np.zeros(SERVICES)
    log_ratio[: len(RATIOS)] = np.log(RATIOS)
    log_ratio = rng.permutation(log_ratio)
    last = rng.integers(SHORTEST, LONGEST + 1, SERVICES)
    decoy = int(rng.choice(np.flatnonzero(log_ratio == 0)))
    referral = np.where(rng.random(SERVICES) < 0.5, rng.uniform(0.5, 1.6, SERVICES), 0.0)
    start = int(rng.integers(2**31))
    crisis_log, base = rng.uniform(0, 2.6, SERVICES), rng.uniform(0.004, 0.03, SERVICES) / 7
    load, trend = rng.uniform(0, 1, SERVICES), rng.normal(0, 0.2, SERVICES)
    traits = np.stack([log_ratio, referral, crisis_log, base, load, trend])
    person, day, service = _lives(start, people, traits, last, decoy)
    person = _linked(person, service, people, link_error, rng)
    kept = np.flatnonzero(person >= 0)
    order = kept[np.lexsort((service[kept], day[kept], person[kept]))]
    return Contacts(person[order], day[order], service[order], people), ServicesTruth(log_ratio, last, decoy)


def _linked(person: Codes, service: Codes, people: int, error: float, rng: np.random.Generator) -> Codes:
    drawn = rng.random((people, SERVICES + 1))
    whose = np.tile(np.arange(people)[:, None], (1, SERVICES + 1))
    wrong = drawn < error / 2
    whose[wrong] = rng.integers(0, people, int(wrong.sum()))
    whose[(drawn >= error / 2) & (drawn < error)] = -1
    found: Codes = whose[person, service]
    return found


@njit(cache=True)
def _lives(seed, people, traits, last, decoy):  # type: ignore[no-untyped-def]
    """traits: float64[6, service]: log ratio, referral, the crisis's log, the day's base, load of frailty, trend a
    year."""
    log_ratio, referral, crisis_log, base, load, trend = traits
    np.random.seed(seed)
    services = len(last)
    room = people * 400
    person, day, service = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    made = 0
    latest, rate = np.empty(services, np.int64), np.empty(services + 1)
    for one in range(people):
        frailty = np.random.normal(0.0, 1.0)
        latest[:] = -9999
        demanded, crisis = -9999, False
        for today in range(DAYS):
            crisis = np.random.random() > 1 / 45 if crisis else np.random.random() < 0.0017 * np.exp(0.5 * frailty)
            lately = 1 <= today - demanded <= 14
            log_demand = frailty + 2.0 * crisis + 0.25 * np.cos(2 * np.pi * today / 365.25)
            for k in range(services):
                rate[k] = base[k] * np.exp(
                    load[k] * frailty
                    + crisis_log[k] * crisis
                    + referral[k] * lately
                    + trend[k] * (today / 365.25 - 1.5)
                )
                if 1 <= today - latest[k] <= last[k]:
                    log_demand += log_ratio[k]
            rate[services] = 0.005 / 7 * np.exp(log_demand)
            for k in range(services + 1):
                if np.random.random() >= 1 - np.exp(-rate[k]) or made + 2 > room:
                    continue
                person[made], day[made], service[made] = one, today, k
                made += 1
                if k < services:
                    latest[k] = today
                    continue
                demanded = today
                if np.random.random() < CALLED_FIRST:
                    called = today - np.random.randint(1, 11)
                    if called >= 0:
                        person[made], day[made], service[made] = one, called, decoy
                        made += 1
    return person[:made], day[:made], service[:made]
