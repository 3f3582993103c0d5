"""The rules of disclosure control as a table: what each masks, what it rounds to, which sums of money it hides."""

from __future__ import annotations

import pytest

from headwater.disclosure import rule_named


@pytest.mark.parametrize(
    ("rule", "count", "shown"),
    [
        # A fall of a few people is as telling as a rise: the sign never unmasks.
        ("hospital-episodes", -1, "*"),
        ("hospital-episodes", -7, "*"),
        ("hospital-episodes", -8, "-10"),
        ("hospital-episodes", -13, "-15"),
        ("hospital-episodes", 7, "*"),
        ("hospital-episodes", 0, "0"),
        ("threshold-10", -9, "*"),
        ("threshold-10", -10, "-10"),
        ("threshold-10", 0, "*"),
        ("dominance", 7, "*"),
        ("dominance", 8, "10"),
        ("p-percent", 7, "*"),
        ("p-percent", 8, "10"),
    ],
)
def test_counts(rule: str, count: int, shown: str) -> None:
    assert rule_named(rule).shown(count).text == shown


@pytest.mark.parametrize(
    ("rule", "parts", "hidden"),
    [
        # Two largest make more than nine tenths; exactly nine tenths is seen.
        ("dominance", (46.0, 45.0, 9.0), True),
        ("dominance", (45.0, 45.0, 10.0), False),
        ("dominance", (60.0, 20.0, 20.0), False),
        ("dominance", (60.0, 31.0, 9.0), True),
        # The two largest are found wherever they stand, and whatever their sign.
        ("dominance", (9.0, 45.0, 46.0), True),
        ("dominance", (-46.0, 45.0, -9.0), True),
        # The second largest knows the largest to within a tenth where the others make less than a tenth of it.
        ("p-percent", (100.0, 50.0, 9.0), True),
        ("p-percent", (100.0, 50.0, 10.0), False),
        ("p-percent", (100.0, 50.0, 11.0), False),
        ("p-percent", (50.0, 9.0, 100.0), True),
        ("p-percent", (100.0, 50.0), True),
        # Dominance alone does not ask what the second could reckon, nor p per cent what the two make together.
        ("dominance", (70.0, 18.0, 6.0, 6.0), False),
        ("p-percent", (60.0, 32.0, 8.0), False),
        # Both rules hold in the usual one.
        ("hospital-episodes", (46.0, 45.0, 9.0), True),
        ("hospital-episodes", (45.0, 45.0, 10.0), False),
        ("hospital-episodes", (), False),
        ("hospital-episodes", (0.0, 0.0), False),
    ],
)
def test_sums_of_money(rule: str, parts: tuple[float, ...], hidden: bool) -> None:
    assert rule_named(rule).hides(parts) is hidden


@pytest.mark.parametrize("rule", ["hospital-episodes", "threshold-10", "dominance", "p-percent"])
def test_the_whole_numbers_behind_a_shown_count_are_those_that_look_like_it(rule: str) -> None:
    """By brute force: every count up to 60 is shown, and the range of each is all that is shown as it is."""
    its = rule_named(rule)
    looks = {count: its.shown(count).text for count in range(61)}
    for count in range(41):
        alike = [other for other, text in looks.items() if text == looks[count]]
        assert its.whole_numbers(count) == (min(alike), max(alike)), count
