"""Two programmes on the same people: what both did together, what was done until the other came, or why nothing can be
told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.domain.evidence import Verdict
from headwater.evidence.people.reading import NEVER, Population
from headwater.evidence.people.together import beside, joined, taken_on
from headwater.worlds.traps import OUTCOME, TRAPS, SmallWorld, small_world
from small_worlds import asked, fill, names, put

if TYPE_CHECKING:
    from headwater.domain.evidence import Evaluation
    from headwater.store import Store

CHECKS = ("balance", "contamination", "overlap")


@pytest.fixture(scope="module")
def world() -> SmallWorld:
    """A true fall of 40 % among some 120 people."""
    return small_world(replace(TRAPS[1], ratio=(0.6,), people=6_000), 3)


def with_another(store: Store, world: SmallWorld, days: int) -> Evaluation:
    """Everybody enrolled was taken on by another programme so many days later."""
    fill(store, world)
    ours = np.flatnonzero(world.enrolled < NEVER)
    start = [date(1970, 1, 1) + timedelta(days=int(day)) for day in world.enrolled[ours]]
    put(
        store,
        "person_enrolment",
        {
            "collaboration": ["trap"] * len(ours) + ["other"] * len(ours),
            "person": np.tile(names(len(world.first))[ours], 2),
            "start": [*start, *(day + timedelta(days=days) for day in start)],
        },
    )
    return asked(store, checks=CHECKS)


@pytest.mark.parametrize("days", [0, 30, -30])
def test_two_programmes_that_began_together_are_told_as_one(store: Store, world: SmallWorld, days: int) -> None:
    found = with_another(store, world, days)
    ratio = found.primary.rate_ratio
    assert ratio is not None
    assert ratio.low < world.truth[OUTCOME] < ratio.high < 1
    assert found.primary.verdict is Verdict.AVERTED
    assert any("what both did together" in caveat for caveat in found.caveats)
    assert found.together
    # The share of them is one figure, in the check as under "keep in mind".
    said = next(caveat for caveat in found.caveats if "what both did together" in caveat).partition(
        " of those enrolled"
    )[0]
    check = next(check for check in found.checks if check.name == "contamination")
    assert check.passed is None
    assert check.text.startswith(
        f"Another programme took on {said[0].lower()}{said[1:]} of the enrolled at about the same time"
    )
    assert found.comparison.matched > 0.9 * (world.enrolled < NEVER).sum()


def test_where_the_other_came_later_all_are_followed_until_then(store: Store, world: SmallWorld) -> None:
    found = with_another(store, world, 200)
    ratio = found.primary.rate_ratio
    assert ratio is not None
    assert not found.together
    assert ratio.low < world.truth[OUTCOME] < ratio.high
    assert {check.name: check.passed for check in found.checks}["contamination"] is True
    assert any("followed for 199 days" in caveat for caveat in found.caveats)
    assert ((found.cohort.last - found.cohort.first).astype(int) < 200).all()


def test_people_of_another_programme_with_nobody_of_it_left_are_told_as_such(store: Store, world: SmallWorld) -> None:
    found = with_another(store, world, -200)
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert any("in another programme already" in caveat for caveat in found.caveats)


def people(enrolled: list[int], elsewhere: list[int]) -> Population:
    n = len(enrolled)
    blank = np.array([""] * n, dtype=object)
    return Population(
        names(n),
        np.zeros(n, int),
        np.full(n, 9_999),
        blank,
        np.array(enrolled),
        np.full(n, 1960.0),
        np.zeros(n),
        blank,
        np.zeros(n),
        np.array(elsewhere),
    )


def test_few_in_another_programme_change_nothing() -> None:
    given = people([100, 100, 100, NEVER], [110, NEVER, NEVER, 50])
    assert beside(given, 365) is given
    assert not joined(given, np.arange(4)).any()


def test_only_the_enrolled_and_only_at_the_same_time_are_joined() -> None:
    given = beside(people([100, 100, 100, NEVER, NEVER], [190, 70, 69, 100, NEVER]), 365)
    assert given.joined is not None
    assert given.joined.tolist() == [True, True, False, False, False]
    # Before both, somebody is compared until the first of them comes.
    assert taken_on(given, np.array([0, 1, 1, 2, 3]), np.array([20, 20, 80, 20, 20])).tolist() == [
        100,
        70,
        100,
        100,
        NEVER,
    ]
    assert given.only(np.array([1, 2])).joined.tolist() == [True, False]  # type: ignore[union-attr]


@pytest.mark.parametrize(("later", "followed"), [(200, 199), (91, 90), (366, None)])
def test_the_follow_up_ends_where_the_other_programme_begins(later: int, followed: int | None) -> None:
    given = beside(people([100] * 10, [100 + later] * 6 + [NEVER] * 4), 365)
    assert (given.joined, given.followed_days) == (None, followed)
