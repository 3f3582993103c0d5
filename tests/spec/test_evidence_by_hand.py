"""What a board reads of the evidence, worked out by hand: the grade, the limits of checks, who stands for whom, how
sure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from headwater.domain.collaboration import Entry
from headwater.domain.evidence import Check, Grade, MoneyVerdict, Verdict, money_verdict, verdict
from headwater.domain.uncertainty import Interval
from headwater.evidence.checks.people_attrition import _side
from headwater.evidence.checks.people_displacement import displacement
from headwater.evidence.checks.people_drawings import drawings
from headwater.evidence.checks.people_negative_control import negative_controls
from headwater.evidence.checks.people_overlap import overlap
from headwater.evidence.grade import capped, graded
from headwater.evidence.people.eligible import enrolling, holds_on, moments, within
from headwater.evidence.people.estimate import averted, detectable, rates
from headwater.stats.poisson import RateModel

# The grade

A, B, C = (Check(name, True, "", essential=True) for name in ("balance", "overlap", "small-counts"))


def with_(check: Check, passed: bool | None, essential: bool = True) -> Check:
    return Check(check.name, passed, "", essential=essential)


GRADES: list[tuple[str, tuple[Check, ...], float, int]] = [
    # method, checks, share of the treated in the estimate → level
    ("stepped-wedge", (), 1.0, 5),
    ("matched", (A, B), 1.0, 4),
    ("did", (A,), 1.0, 3),
    ("its", (A,), 1.0, 2),
    # One essential check that failed caps at 2, each further one takes a level, never below 1.
    ("matched", (with_(A, False), B), 1.0, 2),
    ("matched", (with_(A, False), with_(B, False)), 1.0, 1),
    ("matched", (with_(A, False), with_(B, False), with_(C, False)), 1.0, 1),
    ("its", (with_(A, False), B), 1.0, 2),
    # One that could not tell caps at 3, and where none passed at 2; of the data themselves at 2.
    ("matched", (with_(A, None), B), 1.0, 3),
    ("matched", (with_(A, None),), 1.0, 2),
    ("did", (with_(A, None), B), 1.0, 3),
    ("matched", (with_(C, None), B), 1.0, 2),
    ("its", (with_(A, None), B), 1.0, 2),
    ("matched", (with_(A, None), with_(B, False)), 1.0, 2),
    # What is not essential takes nothing.
    ("matched", (with_(A, False, essential=False), B), 1.0, 4),
    ("matched", (with_(A, None, essential=False), B), 1.0, 4),
    # Fewer than two thirds of the treated lose a level, fewer than a third two.
    ("matched", (A,), 2 / 3, 4),
    ("matched", (A,), 0.66, 3),
    ("matched", (A,), 1 / 3, 3),
    ("matched", (A,), 0.33, 2),
    ("its", (A,), 0.1, 1),
]


@pytest.mark.parametrize(("method", "checks", "kept", "level"), GRADES)
def test_the_grade(method: str, checks: tuple[Check, ...], kept: float, level: int) -> None:
    found = graded(method, checks, told=True, kept=kept)
    assert found.level == level
    assert found.confidence == {1: "very low", 2: "low", 3: "moderate", 4: "high", 5: "high"}[level]
    assert found.text.startswith(f"Level {level} of 5")
    assert graded(method, checks, told=False, kept=kept).level == 1


def test_a_grade_is_held_at_moderate_and_says_why() -> None:
    assert capped(Grade(3, "moderate", "Level 3 of 5."), "of x") == Grade(3, "moderate", "Level 3 of 5.")
    assert capped(Grade(5, "high", "Level 5 of 5."), "of x") == Grade(
        3, "moderate", "Level 3 of 5; held at 3 because of x."
    )


# The words


WORDS = [
    # low, middle, high of a rate ratio where a fall of 5 % is worth having → the word
    (0.5, 0.7, 0.9, Verdict.AVERTED),
    (0.5, 0.7, 0.999, Verdict.AVERTED),
    (0.5, 0.7, 1.0, Verdict.CANNOT_TELL),
    (0.9, 0.98, 1.1, Verdict.CANNOT_TELL),
    (0.96, 1.0, 1.04, Verdict.NOTHING_FOUND),
    (0.94, 1.0, 1.04, Verdict.CANNOT_TELL),
    (1.01, 1.2, 1.4, Verdict.HARM),
    (1.0, 1.2, 1.4, Verdict.NOTHING_FOUND),
]


@pytest.mark.parametrize(("low", "mid", "high", "word"), WORDS)
def test_the_word_for_an_effect(low: float, mid: float, high: float, word: Verdict) -> None:
    assert verdict(Interval(low, mid, high), 0.05) is word
    assert verdict(Interval(low, mid, high), 0.05, ("a check failed",)) is Verdict.CANNOT_TELL
    assert verdict(None, 0.05) is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    ("chance", "word"),
    [
        (1.0, "pays"),
        (0.95, "pays"),
        (0.949, "cannot-tell"),
        (0.051, "cannot-tell"),
        (0.05, "does-not-pay"),
        (0.0, "does-not-pay"),
        (None, "cannot-tell"),
    ],
)
def test_the_word_for_money(chance: float | None, word: str) -> None:
    assert money_verdict(chance) is MoneyVerdict(word)


# Who could have been enrolled when


def by_days(contacts: list[tuple[int, int]], k: int, width: int) -> list[tuple[int, int, int, int]]:
    """Person, moment, crossing, next moment: each contact in turn, what holds counted anew by the rule's own words."""
    found: list[list[int]] = []
    for person in sorted({one for one, _ in contacts}):
        days = sorted(day for one, day in contacts if one == person)
        mine: list[list[int]] = []
        crossing = None
        for at, day in enumerate(days):
            held_before = sum(day - width < other for other in days[:at]) >= k
            holds = sum(day - width < other for other in days[: at + 1]) >= k
            if holds and not (held_before and crossing is not None):
                crossing = day
            if not holds:
                crossing = None
                continue
            if mine and mine[-1][1] == day:
                mine.pop()
            mine.append([person, day, crossing or 0, 0])
        for one, after in zip(mine, [*(each[1] for each in mine[1:]), -1], strict=False):
            one[3] = after
        found += mine
    return [(a, b, c, d) for a, b, c, d in found]


@pytest.mark.parametrize(("k", "width"), [(1, 1), (2, 10), (3, 90), (3, 30), (2, 1)])
def test_the_moments_of_a_rule(k: int, width: int) -> None:
    rng = np.random.default_rng([k, width])
    for _ in range(20):
        drawn = sorted(zip(rng.integers(0, 4, 25).tolist(), rng.integers(0, 120, 25).tolist(), strict=True))
        person, day = (np.array(part) for part in zip(*drawn, strict=True))
        made = moments(person, day, Entry("x", k, width))
        following = np.where(made.following > 10_000, -1, made.following)
        assert list(
            zip(made.person.tolist(), made.day.tolist(), made.met.tolist(), following.tolist(), strict=True)
        ) == by_days(drawn, k, width)
        assert made.crossing.tolist() == (made.day == made.met).tolist()
        units, when = rng.integers(0, 4, 12), rng.integers(0, 130, 12)
        counted = [
            sum(one == who and at - width < each <= at for one, each in drawn)
            for who, at in zip(units, when, strict=True)
        ]
        assert within(person, day, units, when, width).tolist() == counted
        assert holds_on(person, day, units, when, Entry("x", k, width)).tolist() == [n >= k for n in counted]
        last = [
            max((i for i in range(len(made.day)) if made.person[i] == who and made.day[i] <= at), default=-1)
            for who, at in zip(units, when, strict=True)
        ]
        assert enrolling(made, units, when).tolist() == last


# Checks, each with a case of a few numbers


def case(**parts: Any) -> Any:
    return SimpleNamespace(**{"kind": "ae", "unmodelled": "no model", **parts})


def model(log_ratio: float, se: float, clusters: int = 1000) -> RateModel:
    return RateModel(np.array([log_ratio]), np.array([[se**2]]), clusters, clusters)


def protocol(*kinds: str, level: float = 0.95) -> Any:
    return SimpleNamespace(outcome_kinds=lambda *_: kinds, level=level)


CONTROLS = [
    # log ratio and its error → passed: the 90 % interval within 1.25; failed: the 99 % one off 1
    (0.0, 0.01, True),
    (0.0, 0.10, True),
    (0.0, 0.14, None),
    (0.2, 0.05, False),
    (0.2, 0.09, None),
    (0.05, 0.01, False),
    (-0.05, 0.01, False),
    (-0.3, 0.2, None),
]


@pytest.mark.parametrize(("log_ratio", "se", "passed"), CONTROLS)
def test_a_control_is_shown_to_be_still_or_to_have_moved_or_neither(
    log_ratio: float, se: float, passed: bool | None
) -> None:
    found = negative_controls(case(protocol=protocol("a"), raw={"a": model(log_ratio, se), "other": model(1.0, 0.01)}))
    assert found.passed is passed
    assert found.figure == pytest.approx(np.exp(log_ratio))


def test_among_several_controls_one_that_moved_is_enough_and_the_farthest_is_told() -> None:
    still, moved = model(0.0, 0.01), model(-0.2, 0.01)
    found = negative_controls(case(protocol=protocol("a", "b"), raw={"a": still, "b": moved}))
    assert (found.passed, round(found.figure or 0, 3)) == (False, round(float(np.exp(-0.2)), 3))
    assert negative_controls(case(protocol=protocol("a", "b"), raw={"a": still, "b": model(0.0, 0.3)})).passed is None
    for named in ((), ("a",)):
        none = negative_controls(case(protocol=protocol(*named), raw={}))
        assert none.passed is None
        assert ("names no outcome" in none.text) is (not named)
    # At 99 % one sure difference in a hundred sound ones; of two looked at, each is asked at 99.5 %.
    edge = model(2.7, 1.0)
    assert negative_controls(case(protocol=protocol("a"), raw={"a": edge})).passed is False
    assert negative_controls(case(protocol=protocol("a", "b"), raw={"a": edge, "b": still})).passed is None


RISES = [
    # log ratio, error → passed: a rise of 25 % is ruled out; failed: a sure rise (one-sided 2.5 %)
    (0.0, 0.05, True),
    (-0.5, 0.1, True),
    (0.0, 0.2, None),
    (0.2, 0.05, False),
    (0.2, 0.11, None),
    (0.05, 0.02, False),
    (-0.2, 0.01, True),
]


@pytest.mark.parametrize(("log_ratio", "se", "passed"), RISES)
def test_a_rise_elsewhere(log_ratio: float, se: float, passed: bool | None) -> None:
    found = displacement(case(protocol=protocol("a"), models={"a": model(log_ratio, se)}))
    assert found.passed is passed
    assert displacement(case(protocol=protocol(), models={})).passed is None


def test_of_several_kinds_each_rise_is_asked_for_more_surely() -> None:
    """p = 0.02 alone is a rise; as the smaller of two it counts twice (Holm), 0.04, and is none."""
    doubtful, still = model(2.054, 1.0, 10**6), model(-3.0, 0.1)
    assert displacement(case(protocol=protocol("a"), models={"a": doubtful})).passed is False
    assert displacement(case(protocol=protocol("a", "b"), models={"a": doubtful, "b": still})).passed is None


def enrolled_and_compared(lost: float, heavy: float, unmatched: int, chance: float) -> Any:
    """Ten enrolled, ten compared planned for 100 days each, of which a part is lost to their own enrolment."""
    treated = np.arange(20) < 10
    index = np.zeros(20)
    planned = np.full(20, 101.0)
    end = np.where(treated, 101.0, 101.0 - 100 * lost)
    units = SimpleNamespace(treated=treated, index=index, planned=planned, end=end, enrolled_later=~treated)
    censored = SimpleNamespace(weight=np.where(treated, 1.0, heavy), chance=np.where(treated, chance, 0.01))
    design = SimpleNamespace(units=units, censored=censored)
    return case(design=design, sets=SimpleNamespace(row=np.arange(20), unmatched=np.arange(unmatched)))


OVERLAPS = [
    # follow-up lost, mean weight, of ten enrolled without a like, chance of enrolment → passed
    (0.0, 1.0, 0, 0.2, True),
    (0.35, 1.0, 0, 0.2, True),
    (0.36, 1.0, 0, 0.2, None),
    (0.5, 1.0, 0, 0.2, None),
    (0.51, 1.0, 0, 0.2, False),
    (0.0, 2.0, 0, 0.2, True),
    (0.0, 2.01, 0, 0.2, False),
    (0.0, 1.0, 5, 0.2, True),
    (0.0, 1.0, 6, 0.2, None),
    (0.0, 1.0, 0, 0.4, True),
    (0.0, 1.0, 0, 0.41, None),
    (0.0, 1.0, 0, 0.55, None),
    (0.0, 1.0, 0, 0.56, False),
]


@pytest.mark.parametrize(("lost", "heavy", "unmatched", "chance", "passed"), OVERLAPS)
def test_whether_there_is_anybody_like_the_enrolled(
    lost: float, heavy: float, unmatched: int, chance: float, passed: bool | None
) -> None:
    found = overlap(enrolled_and_compared(lost, heavy, unmatched, chance))
    assert found.passed is passed
    assert found.figure == pytest.approx(lost)


@pytest.mark.parametrize(
    ("low", "high", "side"), [(0.5, 0.9, -1), (0.5, 1.0, 0), (1.0, 1.2, 0), (1.1, 1.2, 1), (0.9, 1.1, 0)]
)
def test_on_which_side_of_nothing_an_interval_lies(low: float, high: float, side: int) -> None:
    assert _side(low, high) == side


@pytest.mark.parametrize(("spread", "passed"), [(0.0, True), (1.0, True), (1.2, False)])
def test_the_lot_may_leave_half_a_standard_error(monkeypatch: pytest.MonkeyPatch, spread: float, passed: bool) -> None:
    """Two drawings, apart by d: their mean's error is d/√2/√2 = d/2, against a standard error of 1."""
    monkeypatch.setattr("headwater.evidence.checks.people_drawings.by_drawing", lambda *_: np.array([0.0, spread]))
    asked = case(raw={"ae": model(0.0, 1.0)}, design=None, sets=None)
    found = drawings(asked)
    assert found.passed is passed
    assert found.figure == pytest.approx(spread / 2)
    assert drawings(case(raw={"ae": None}, design=None, sets=None)).passed is None


# Rates and power


def test_rates_weigh_people_and_divide_by_their_years() -> None:
    """Enrolled: 4 and 2 before, 3 contacts in 1 year and 1 in ½. Compared of weight 1 and ½: 6 and 3 before, 2 in 1
    year, 4 in 1."""
    before = np.array([[4.0, 0, 0, 0, 9], [2, 0, 0, 0, 9], [6, 0, 0, 0, 9], [0, 3, 0, 0, 9]])[:, None, :]
    after = np.array([[[3.0]], [[1.0]], [[2.0]], [[4.0]]])
    exposure = np.array([[1.0], [0.5], [1.0], [1.0]])
    units = SimpleNamespace(treated=np.array([True, True, False, False]))
    design = SimpleNamespace(kinds=("ae",), before=before, after=after, exposure=exposure, units=units)
    sets = SimpleNamespace(row=np.arange(4), weight=np.array([1.0, 1.0, 1.0, 0.5]))
    assert rates(design, sets, "ae") == pytest.approx((3.0, 4 / 1.5, 5.0, 4 / 1.5))  # type: ignore[arg-type]
    nobody = SimpleNamespace(row=np.arange(0), weight=np.array([]))
    assert rates(design, nobody, "ae") == (0.0, 0.0, 0.0, 0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(("ratio", "fewer"), [(0.5, 10.0), (1.0, 0.0), (2.0, -5.0), (0.8, 2.5)])
def test_what_was_averted_is_what_would_have_been_less_what_was_seen(
    monkeypatch: pytest.MonkeyPatch, ratio: float, fewer: float
) -> None:
    """Ten were seen: at half the rate twenty would have been, at twice the rate five."""
    monkeypatch.setattr("headwater.evidence.people.estimate.by_month", lambda *_: np.array([4.0, 6.0]))
    found = averted(None, None, "ae", np.log(np.array([ratio, 1.0])))  # type: ignore[arg-type]
    assert found == pytest.approx(np.array([[0.4 * fewer, 0.6 * fewer], [0.0, 0.0]]))


def test_the_fall_that_could_be_told() -> None:
    """Two-sided 5 % and 80 %: 1.960 + 0.842 standard errors of the log ratio."""
    assert detectable(model(0.3, 0.1)) == pytest.approx(np.exp(-0.28016), rel=1e-4)
    assert detectable(model(0.3, 0.1), power=0.5) == pytest.approx(np.exp(-0.195996), rel=1e-4)
    assert detectable(None) is None
