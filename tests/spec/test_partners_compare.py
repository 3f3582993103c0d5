"""Options of unlike styles on one base: order, doing nothing, chances, explanations that add up."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.options import Option, Reason
from headwater.partners.compare import (
    SPREAD_YEARS,
    chances_first,
    chances_top,
    doing_nothing,
    explain,
    figures,
    lower_bound,
    ranked,
    worth_it,
)

LOW = Grade(1, "very low", "assumed")


def option(name: str, style: Style, low: float, high: float, cost: float = 0.0, once: float = 0.0, board: str = "") -> Option:  # fmt: skip
    benefit = np.linspace(low, high, 1001)
    return Option(
        id=name, style=style, partners=("hospital", name), service="a service", benefit_gbp=benefit, yearly_cost_gbp=cost,
        one_off_cost_gbp=once, gains=("hospital",), pays=(name,), staff_transferred=0.0, months_to_benefit=3.0, grade=LOW,
        reasons=(Reason("demand", 100.0, "so much"), Reason("comes anyway", -40.0, "so much stays")), would_change=("a trial",), risks=("a risk",), board=board,
    )  # fmt: skip


SURE = option("sure", Style.UPSTREAM, 40, 60, board="evidence")
LARGE = option("large", Style.MIRROR, -500, 900)
SMALL = option("small", Style.INTEGRATION, 5, 15)
DEAR = option("dear", Style.UPSTREAM, 40, 60, cost=100, board="evidence")
SEEN = option("seen", Style.UPSTREAM, 1000, 9000, board="opportunity")
ALL = ranked([SEEN, LARGE, SMALL, DEAR, SURE])


def test_a_low_figure_that_stands_comes_before_a_high_one_that_may_fall() -> None:
    assert [one.id for one in ALL] == ["sure", "small", "dear", "large", "seen"]


def test_seeing_first_stands_last_whatever_its_size_and_never_beats_doing_nothing() -> None:
    assert ALL[-1] is SEEN
    assert [one.id for one in worth_it(ALL)] == ["sure", "small"]
    assert doing_nothing(ALL) == 2


def test_one_off_costs_are_spread_over_five_years() -> None:
    spread = option("spread", Style.MIRROR, 100, 100, once=250)
    assert lower_bound(spread) == pytest.approx(100 - 250 / SPREAD_YEARS)


def test_doing_nothing_takes_a_place_among_the_best() -> None:
    chances = chances_first([DEAR, LARGE])
    assert chances["dear"] == 0.0
    assert chances["large"] == pytest.approx(900 / 1400, abs=0.01)
    assert chances_first([SURE, LARGE, SMALL, DEAR], top=5)["dear"] == 1.0


def test_what_was_only_seen_takes_no_place_from_what_has_evidence() -> None:
    many = [option(f"seen-{k}", Style.UPSTREAM, 1000, 9000, board="opportunity") for k in range(6)]
    assert chances_top([SURE, *many])["sure"] == 1.0
    assert chances_first([SURE, *many], top=5)["sure"] == 0.0


def test_an_explanation_holds_reasons_neighbours_and_what_would_change_it() -> None:
    told = explain(ALL, "dear")
    assert (told.rank, told.of, told.beats_nothing) == (3, 5, False)
    assert told.chance_worth_it == 0.0
    assert told.would_change == ("a trial",)
    assert [line.split(":")[0] for line in told.alternatives] == ["sure", "small", "large"]


def test_the_picture_says_how_many_beat_doing_nothing() -> None:
    (dots,) = figures(ALL)
    assert dots.title == "2 of 5 options beat doing nothing"
    assert dots.column("low")[0] == 40
    assert figures([]) == ()


def test_none_is_worth_it_is_an_answer() -> None:
    (dots,) = figures(ranked([LARGE, DEAR]))
    assert dots.title == "No option surely beats doing nothing"
    assert doing_nothing(ranked([LARGE, DEAR])) == 0
