"""A rule of any limits: what it shows, what can be behind it, and which sums it hides; each worked out by hand or by
trying all."""

from __future__ import annotations

import pytest

from headwater.disclosure.rules import RULES, Rule, rule_named

LIMITS = [(1, 7, 5), (0, 9, 1), (1, 9, 5), (1, 4, 10), (1, 2, 3), (0, 4, 5), (1, 9, 10), (1, 6, 2)]
"""(least masked, greatest masked, base of rounding)"""


@pytest.mark.parametrize(("low", "high", "base"), LIMITS)
def test_a_shown_count_is_the_nearest_multiple_and_halves_go_up(low: int, high: int, base: int) -> None:
    rule = Rule("own", low, high, base)
    for count in range(61):
        if low <= count <= high:
            assert (rule.shown(count).text, rule.shown(count).value) == ("*", None)
            continue
        below = count // base * base
        nearest = below if count - below < below + base - count else below + base
        assert rule.shown(count).value == nearest, count
        assert rule.shown(-count).value == -nearest, count


@pytest.mark.parametrize(("low", "high", "base"), LIMITS)
def test_what_can_be_behind_a_shown_count_never_reaches_into_the_mask(low: int, high: int, base: int) -> None:
    """Masked from 1 to 9 and rounded to 5, a shown 10 can be 10, 11 or 12: 8 and 9 would have been masked."""
    rule = Rule("own", low, high, base)
    looks = {count: rule.shown(count).text for count in range(90)}
    for count in range(60):
        alike = [other for other, text in looks.items() if text == looks[count]]
        assert rule.whole_numbers(count) == (min(alike), max(alike)), count


NO_SUM = [
    # parts → two largest of more than nine tenths (n, k) = (2, 0.9); the rest below a tenth of the largest
    ((), False, False),
    ((0.0,), False, False),
    ((0.0, 0.0, 0.0), False, False),
    ((5.0,), True, True),
    ((-5.0,), True, True),
    ((45.0, 45.0, 10.0), False, False),
    # Losses are contributors as gains are: sizes are compared, never signed sums.
    ((-45.0, 45.0, -10.0), False, False),
    ((-45.0, -45.0, -10.0), False, False),
    ((45.0, -45.0, 10.0), False, False),
    ((-46.0, -45.0, -9.0), True, False),
    ((46.0, -45.0, 9.0), True, False),
    ((100.0, -50.0, 9.0), True, True),
    ((100.0, 50.0, -11.0), True, False),
    ((20.0, 20.0, 20.0, 20.0, 20.0), False, False),
]


@pytest.mark.parametrize(("parts", "dominated", "reckoned"), NO_SUM)
def test_which_sums_of_money_are_hidden(parts: tuple[float, ...], dominated: bool, reckoned: bool) -> None:
    alone, second = Rule("d", 1, 7, 5, (2, 0.9), None), Rule("p", 1, 7, 5, None, 0.1)
    assert alone.hides(parts) is dominated
    assert second.hides(parts) is reckoned
    assert Rule("both", 1, 7, 5, (2, 0.9), 0.1).hides(parts) is (dominated or reckoned)
    assert Rule("neither", 1, 7, 5).hides(parts) is False


def test_dominance_asks_as_many_as_it_says() -> None:
    """60 of 100 in one hand: the largest alone has more than half, three of them everything."""
    assert Rule("one", 1, 7, 5, (1, 0.5)).hides((60.0, 30.0, 10.0))
    assert not Rule("one", 1, 7, 5, (1, 0.6)).hides((60.0, 30.0, 10.0))
    assert Rule("three", 1, 7, 5, (3, 0.99)).hides((60.0, 30.0, 10.0))


PUBLISHED = {
    # name: masked from, to, rounded to, (n, k), p: as docs/methods and their sources have them
    "hospital-episodes": (1, 7, 5, (2, 0.9), 0.1),
    "threshold-10": (0, 9, 1, (2, 0.9), 0.1),
    "dominance": (1, 7, 5, (2, 0.9), None),
    "p-percent": (1, 7, 5, None, 0.1),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_rules_that_come_with_it(name: str) -> None:
    rule = rule_named(name)
    assert (rule.low, rule.high, rule.base, rule.dominance, rule.p_percent) == PUBLISHED[name]
    assert set(RULES) == set(PUBLISHED)
