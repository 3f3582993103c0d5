"""What the diagnostics count, against looking at every day and every shift; and the order of people by content."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.stats.content_order import in_content_order
from headwater.stats.endings import endings
from headwater.stats.following import following
from headwater.stats.further import further_shares
from headwater.stats.own_calendar import calendar_shift
from headwater.stats.sccs import PLAIN, POST, WINDOWS, Course, by_week, course_of, joint_sccs

EVENT = 2


def world(seed: int, people: int = 40, days: int = 700) -> Course:
    rng = np.random.default_rng(seed)
    rows = [
        (person, int(day), service)
        for person in range(people)
        for service, rate in enumerate((0.01, 0.004, 0.008))
        for day in np.flatnonzero(rng.random(days) < rate)
    ]
    person, day, service = (np.array(column) for column in zip(*sorted(rows), strict=True))
    start, end = rng.integers(0, 20, people), days - 1 - rng.integers(0, 60, people)
    return course_of(np.searchsorted(person, np.arange(people + 1)), day, service, (start, end), 3)


def shuffled(course: Course, seed: int) -> Course:
    """The same people under other names, each one's rows in another order."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(course.people)
    rows = [rng.permutation(np.arange(course.first[p], course.first[p + 1])) for p in order]
    first = np.concatenate([[0], np.cumsum([len(one) for one in rows])])
    row = np.concatenate(rows)
    return Course(
        first,
        course.day[row],
        course.blur[row],
        course.service[row],
        course.start[order],
        course.end[order],
        course.band[order],
        course.services,
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_content_is_the_same_under_any_name_and_any_order_of_rows(seed: int) -> None:
    course = world(seed)
    one, other = in_content_order(course), in_content_order(shuffled(course, seed + 10))
    for name in ("first", "day", "blur", "service", "start", "end", "band"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert sorted(np.diff(one.first)) == sorted(np.diff(course.first))


def test_a_fit_is_the_same_to_the_last_bit_under_any_name() -> None:
    course = world(4)
    fits = [joint_sccs(in_content_order(one), [EVENT], PLAIN)[0] for one in (course, shuffled(course, 5))]
    assert fits[0].beta.tobytes() == fits[1].beta.tobytes()
    assert fits[0].covariance.tobytes() == fits[1].covariance.tobytes()


def test_following_is_the_count_and_its_mean_over_all_shifts() -> None:
    course = world(6, people=15)
    found = following(course, [EVENT])
    seen, chance, contacts = np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, 2))
    for person in range(course.people):
        mine = slice(course.first[person], course.first[person + 1])
        since, length = int(course.start[person]), int(course.end[person] - course.start[person] + 1)
        day, service = course.day[mine] - since, course.service[mine]
        inside = (day >= 0) & (day < length)
        events = day[inside & (service == EVENT)]
        if not len(events):
            continue
        for r, reach in enumerate((180, 450)):
            for u in range(2):
                own = day[inside & (service == u) & (day >= reach)]
                gaps = own[:, None] - events[None, :]
                contacts[u, r] += len(own)
                seen[u, r] += ((gaps >= 0) & (gaps <= reach)).any(axis=1).sum()
                shifts = (own[:, None, None] - events[None, :, None] - np.arange(length)[None, None, :]) % length
                chance[u, r] += (shifts <= reach).any(axis=1).mean(axis=1).sum()
    assert found.contacts[0, :2] == pytest.approx(contacts)
    assert found.seen[0, :2] == pytest.approx(seen)
    assert found.chance[0, :2] == pytest.approx(chance)


def test_contacts_that_answer_the_demand_follow_it_and_contacts_by_chance_do_not() -> None:
    rng = np.random.default_rng(7)
    rows = []
    for person in range(300):
        for day in np.flatnonzero(rng.random(1000) < 0.003):
            rows += [(person, int(day), 2), (person, int(day) + int(rng.integers(300, 400)), 0)]
        rows += [(person, int(day), 1) for day in np.flatnonzero(rng.random(1000) < 0.003)]
    person, day, service = (np.array(column) for column in zip(*sorted(r for r in rows if r[1] < 1000), strict=True))
    course = course_of(np.searchsorted(person, np.arange(301)), day, service, (np.zeros(300), np.full(300, 999)), 3)
    share, error = following(course, [2]).share()
    assert share[0, 0] == pytest.approx(1.0, abs=0.02)
    assert abs(share[0, 1]) < 4 * error[0, 1] + 0.05


def test_a_further_contact_adds_the_days_that_none_covers_yet() -> None:
    # One person of 1,000 days with contacts on days 100 and 120, one of 1,000 days with a contact on day 500.
    course = course_of([0, 2, 3], [100, 120, 500], [0, 0, 0], (np.zeros(2), np.full(2, 999)), 1)  # type: ignore[arg-type]
    shares = further_shares(course)[0]
    for at, end in enumerate(WINDOWS[POST, 1]):
        first, second = min(20, end) + end, end
        average = (first + second) / 3
        further = (2 * end * (1 - first / 1000) + end * (1 - second / 1000)) / 3
        assert shares[at] == pytest.approx(min(further / average, 1.0))
    # A weekly visitor has every day covered but those before the first visit.
    weekly = np.arange(100, 1000, 7)
    course = course_of([0, len(weekly)], weekly, np.zeros(len(weekly)), (np.zeros(1), np.full(1, 999)), 1)  # type: ignore[arg-type]
    assert further_shares(course)[0, 0] == pytest.approx(7 * (1 - 899 / 1000) / (899 / len(weekly)), rel=1e-9)


def test_endings_and_silence_are_told_by_service() -> None:
    # Service 0 on day 590 of a window that ends on day 600 of 1,000; service 1 on day 300, after which nobody sees the
    # person; service 2 both.
    rows = [(0, 100, 2), (0, 590, 0), (1, 100, 2), (1, 300, 1), (2, 100, 2), (2, 900, 2), (3, 50, 1), (3, 999, 2)]
    person, day, service = (np.array(column) for column in zip(*rows, strict=True))
    ends = np.array([600, 999, 999, 999])
    found = endings(course_of(np.searchsorted(person, np.arange(5)), day, service, (np.zeros(4), ends), 3), 31)
    assert found.ending.tolist() == [1.0, 0.0, 0.0]
    # Of two users of service 1 with a year left one is never seen again; half of that person's contacts were with it.
    assert found.silent.tolist() == [0.0, 0.5, 0.0]
    assert found.usual[1] == pytest.approx(0.25)


@pytest.mark.parametrize("own", [True, False])
def test_a_calendar_of_users_own_is_seen_on_their_other_days(own: bool) -> None:
    """Half of the people have their demand in the first half of each year, and are visited in the middle of the year or
    at any time."""
    rng = np.random.default_rng(8)
    rows = []
    for person in range(1500):
        winter, days = person % 2 == 0, np.arange(1092)
        rate = 0.004 * np.where((days % 364 < 182) | (not winter), 1.0, 0.4)
        rows += [(person, int(day), 1) for day in np.flatnonzero(rng.random(1092) < rate)]
        visited = (days % 364 >= 160) & (days % 364 < 190) if own else days >= 0
        rows += [
            (person, int(day), 0)
            for day in np.flatnonzero(
                winter & visited & (rng.random(1092) < 0.004 if not own else rng.random(1092) < 0.02)
            )
        ]
    person, day, service = (np.array(column) for column in zip(*sorted(rows), strict=True))
    course = course_of(np.searchsorted(person, np.arange(1501)), day, service, (np.zeros(1500), np.full(1500, 1091)), 2)
    shift, error = calendar_shift(course, 1, 0)
    if own:
        assert shift < -0.15
        assert error < 0.1
    else:
        assert abs(shift) < 0.05


def test_weeks_carry_what_strikes_everybody_and_lean_on_their_month() -> None:
    at_risk = np.full(364, 1000.0)
    quiet = np.full((1, 364), 20)
    assert by_week(quiet, at_risk) == pytest.approx(1.0)
    struck = quiet.copy()
    struck[0, 140:196] = 5
    found = by_week(struck, at_risk)[0]
    rest = found[:140].mean()
    assert found[147:189].mean() / rest == pytest.approx(0.25, abs=0.08)
    assert by_week(np.zeros((1, 364), np.int64), at_risk) == pytest.approx(1.0)
