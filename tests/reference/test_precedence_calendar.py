"""Who saw the demand first, with the calendar kept: a slow twin, and a clinic that merely stands before everybody's
winter."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.stats.precedence import precedence, running_rates
from headwater.stats.sccs import REACH, Course, course_of

YEARS, DAYS = 3, 1095
CLINIC, ALWAYS, WATCH, DEMAND = range(4)


def world(seed: int, people: int = 2_000) -> Course:
    """Everybody's demand is at its height from December to February. A clinic is open in October and November, another
    all the year, both whoever comes; a watch sees a third of the demand one to five weeks before."""
    rng = np.random.default_rng(seed)
    today = np.arange(DAYS)
    winter = np.where((today % 365 < 60) | (today % 365 >= 335), 5.0, 1.0)
    autumn = ((today % 365 >= 273) & (today % 365 < 334)).astype(float)
    rows = []
    for person in range(people):
        level = rng.gamma(1.0)
        demand = np.flatnonzero(rng.random(DAYS) < level * 0.003 * winter)
        rows += [(person, int(day), DEMAND) for day in demand]
        rows += [(person, int(day), CLINIC) for day in np.flatnonzero(rng.random(DAYS) < 0.010 * autumn)]
        rows += [(person, int(day), ALWAYS) for day in np.flatnonzero(rng.random(DAYS) < 0.002)]
        before = demand[rng.random(len(demand)) < 0.3] - rng.integers(7, 36, 1)
        rows += [(person, int(day), WATCH) for day in before if day >= 0]
    person, day, service = (np.array(column) for column in zip(*sorted(rows), strict=True))
    first = np.searchsorted(person, np.arange(people + 1))
    whole = (np.zeros(people, dtype=np.int64), np.full(people, DAYS - 1))
    return course_of(first, day, service, whole, 4)


def test_a_clinic_that_stands_before_everybodys_winter_saw_nothing_first() -> None:
    found = precedence(world(3), [DEMAND])
    by_shifts = (found.observed - found.chance)[0] / found.error[0].clip(1e-9)
    kept = found.beyond[0] / found.error[0].clip(1e-9)
    assert by_shifts[CLINIC] > 10, "shifted contacts keep no season"
    assert abs(kept[CLINIC]) < 3
    assert abs(kept[ALWAYS]) < 3
    assert kept[WATCH] > 10, "what comes before the own demand of each is no season"
    assert found.beyond[0, WATCH] > 0.6 * (found.observed - found.chance)[0, WATCH]


def test_what_the_calendar_would_give_is_told_person_by_person() -> None:
    course = world(5, 40)
    found, zero = precedence(course, [DEMAND]), int(course.start.min())
    rates = running_rates(course, zero)
    # By hand: contacts of all in four weeks over the person-days of these, the same on each of their days.
    for service in range(3):
        mine = course.service == service
        cells = np.bincount(course.day[mine] // 28, minlength=-(-DAYS // 28)) / (28.0 * course.people)
        cells[-1] *= 28 / (DAYS % 28 or 28)
        assert np.diff(rates[service]) == pytest.approx(np.repeat(cells, 28)[:DAYS])
    expected = np.zeros(3)
    for person in range(course.people):
        rows = slice(course.first[person], course.first[person + 1])
        day, service = course.day[rows], course.service[rows]
        for u in range(3):
            own, daily = day[service == u].astype(int), np.diff(rates[u])
            moved = [(own + by) % DAYS for by in range(DAYS)]
            weight = np.array([daily[one].sum() for one in moved])
            for event in day[service == DEMAND]:
                preceded = [bool(((event - one > 0) & (event - one <= REACH)).any()) for one in moved]
                expected[u] += weight @ preceded / max(weight.sum(), 1e-300)
    assert found.calendar[0, :3] == pytest.approx(expected, rel=0.01), "weights of shifts are even within four weeks"
