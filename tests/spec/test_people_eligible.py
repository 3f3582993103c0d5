"""Who could have been enrolled when: moments of the entry rule, by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.domain.collaboration import Entry
from headwater.evidence.people.eligible import enrolling, holds_on, moments

RULE = Entry("ae", 3, 90)


def days(*when: int, person: int = 0) -> tuple[np.ndarray, np.ndarray]:
    return np.full(len(when), person), np.array(when)


def test_the_third_contact_in_ninety_days_is_the_crossing_and_each_later_one_a_moment() -> None:
    found = moments(*days(0, 40, 80, 85), RULE)
    assert found.day.tolist() == [80, 85]
    assert found.met.tolist() == [80, 80]
    assert found.crossing.tolist() == [True, False]


def test_contacts_too_far_apart_never_cross() -> None:
    assert moments(*days(0, 60, 130, 200), RULE).day.tolist() == []


def test_after_a_lapse_the_rule_can_be_crossed_again() -> None:
    found = moments(*days(0, 10, 20, 300, 310, 320), RULE)
    assert found.day[found.crossing].tolist() == [20, 320]


def test_two_contacts_on_one_day_are_one_moment() -> None:
    assert moments(*days(0, 10, 10, 10), RULE).day.tolist() == [10]


def test_people_are_never_mixed() -> None:
    one, other = days(0, 10, person=0), days(20, 30, person=1)
    assert len(moments(np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]]), RULE).day) == 0


def test_the_rule_holds_until_the_first_contact_is_too_old() -> None:
    person, day = days(0, 40, 80)
    asked = np.array([79, 80, 89, 90])
    assert holds_on(person, day, np.zeros(4, dtype=np.int64), asked, RULE).tolist() == [False, True, True, False]


def test_an_enrolment_belongs_to_the_last_moment_before_it() -> None:
    found = moments(*days(0, 10, 20, 300, 310, 320), RULE)
    people = np.zeros(3, dtype=np.int64)
    assert enrolling(found, people, np.array([19, 25, 400])).tolist() == [-1, 0, 1]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400)), max_size=40), st.integers(1, 4), st.integers(10, 120)
)
@settings(max_examples=80, deadline=None)
def test_moments_are_those_of_the_obvious_twin(contacts: list[tuple[int, int]], k: int, width: int) -> None:
    rows = sorted(contacts)
    person, day = np.array([p for p, _ in rows], dtype=np.int64), np.array([d for _, d in rows], dtype=np.int64)
    rule = Entry("ae", k, width)
    found = moments(person, day, rule)

    def held(upto: list[tuple[int, int]], who: int, when: int) -> bool:
        return sum(p == who and when - width < d <= when for p, d in upto) >= k

    spell: dict[int, int] = {}
    expected = {}
    for at, (p, d) in enumerate(rows):
        if held(rows[: at + 1], p, d):
            if not held(rows[:at], p, d):
                spell[p] = d
            expected[p, d] = spell[p]
    assert list(zip(found.person.tolist(), found.day.tolist(), strict=True)) == list(expected)
    assert found.met.tolist() == list(expected.values())
