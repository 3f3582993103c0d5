"""Options of unlike styles on one base: order, doing nothing, chances, explanations that add up."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from headwater.app import answers
from headwater.cli import partner_words
from headwater.cli.words import between, pounds
from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.options import SPREAD_YEARS, Option, Reason
from headwater.domain.release import Estimate
from headwater.domain.uncertainty import Interval
from headwater.partners.compare import (
    Worth,
    chances_first,
    chances_top,
    doing_nothing,
    explain,
    figures,
    finding_out_gbp,
    lower_bound,
    needing,
    ranked,
    told,
    worth,
    worth_it,
)
from headwater.report.comparison import costs
from headwater.report.words import estimate
from headwater.web.words import expected_gbp

LOW = Grade(1, "very low", "assumed")


def option(
    name: str, style: Style, low: float, high: float, cost: float = 0.0, once: float = 0.0, board: str = ""
) -> Option:
    benefit = np.linspace(low, high, 1001)
    return Option(
        id=name,
        style=style,
        partners=("hospital", name),
        service="a service",
        benefit_gbp=benefit,
        yearly_cost_gbp=cost,
        one_off_cost_gbp=once,
        gains=("hospital",),
        pays=(name,),
        staff_transferred=0.0,
        months_to_benefit=3.0,
        grade=LOW,
        reasons=(Reason("demand", 100.0, "so much"), Reason("comes anyway", -40.0, "so much stays")),
        would_change=("a trial",),
        risks=("a risk",),
        board=board,
    )


SURE = option("sure", Style.UPSTREAM, 40, 60, board="evidence")
LARGE = option("large", Style.MIRROR, -500, 900)
SMALL = option("small", Style.INTEGRATION, 5, 15)
DEAR = option("dear", Style.UPSTREAM, 40, 60, cost=100, board="evidence")
SEEN = option("seen", Style.UPSTREAM, 1000, 9000, board="opportunity")
ALL = ranked([SEEN, LARGE, SMALL, DEAR, SURE])


def test_the_order_is_by_expected_net_with_what_was_only_seen_last() -> None:
    assert [one.id for one in ALL] == ["large", "sure", "small", "dear", "seen"]


def test_seeing_first_stands_last_whatever_its_size_and_never_beats_doing_nothing() -> None:
    assert ALL[-1] is SEEN
    assert [one.id for one in worth_it(ALL)] == ["sure", "small"]
    assert doing_nothing(ALL) == 3, "after those that are expected to bring more than nothing, sure of it or not"


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
    why = explain(ALL, "dear")
    assert (why.rank, why.of, why.beats_nothing) == (4, 5, False)
    assert why.chance_worth_it == 0.0
    assert why.would_change == ("a trial",)
    assert [line.split(":")[0] for line in why.alternatives] == ["large", "sure", "small"]


def test_what_nobody_tested_has_no_chance_of_a_gain() -> None:
    assert explain(ALL, "seen").chance_worth_it is None
    assert "nobody has tested" in partner_words._gain(explain(ALL, "seen").chance_worth_it)
    assert "chance of a gain" in partner_words._gain(explain(ALL, "sure").chance_worth_it)


def test_the_picture_says_how_many_beat_doing_nothing() -> None:
    (dots,) = figures(ALL)
    assert dots.title == "2 of 5 options beat doing nothing; 1 more may"
    assert dots.column("mid")[:2] == [200, 50]
    assert figures([]) == ()


def test_none_is_worth_it_is_an_answer() -> None:
    risky = option("risky", Style.MIRROR, -900, 500)
    (dots,) = figures(ranked([risky, DEAR]))
    assert dots.title == "No option clearly beats doing nothing"
    assert doing_nothing(ranked([risky, DEAR])) == 0


def test_what_an_option_is_worth_in_words() -> None:
    # £183k (−£18k to £380k) is worth a study, £648 is not.
    study = option("study", Style.INTEGRATION, -400e3, 760e3)
    assert worth(study, 5_000) is Worth.STUDY
    assert finding_out_gbp(study) == pytest.approx(5 * 400e3**2 / (2 * 1160e3), rel=0.01), (
        "the mean of what a loss would have cost"
    )
    assert worth(option("tiny", Style.INTEGRATION, -186, 1482), 5_000) is Worth.SMALL
    assert worth(option("likely", Style.INTEGRATION, -10e3, 300e3), 5_000) is Worth.LIKELY
    assert worth(SURE) is Worth.BEATS
    assert worth(DEAR) is Worth.NOT
    assert worth(SEEN) is Worth.SEEN


def test_what_is_too_small_to_matter_stands_after_what_matters() -> None:
    big = option("big", Style.MIRROR, -90_000, -10_000)
    assert [one.id for one in ranked([SMALL, big], floor_gbp=5_000)] == ["big", "small"]
    assert doing_nothing(ranked([SMALL, big], 5_000), 5_000) == 0


def test_an_option_that_needs_figures_stands_apart_and_is_explained_by_what_it_needs() -> None:
    lacking = replace(option("lacking", Style.MIRROR, 0, 0), benefit_gbp=np.zeros(0), needs=("spending of B",))
    found = ranked([lacking, DEAR, SURE])
    assert [one.id for one in told(found)] == ["sure", "dear"]
    assert needing(found) == (lacking,)
    why = explain(found, "lacking")
    assert (why.rank, why.net_gbp_per_year, why.needs, why.worth) == (0, None, ("spending of B",), "needs figures")
    with pytest.raises(ValueError, match="no draws"):
        lacking.net()
    assert figures((lacking,)) == ()


def test_an_interval_with_nothing_to_see_between_its_ends_is_one_figure() -> None:
    assert between({"low": -0.2, "mid": 0.0, "high": 0.3}, pounds) == "£0"
    assert expected_gbp({"low": -0.2, "mid": 0.0, "high": 0.3}) == "£0"
    assert estimate(Estimate(Interval(-0.2, 0.0, 0.3), "gbp", 0)) == "£0"
    assert between({"low": 3.0, "mid": 4.0, "high": 5.0}, pounds) == "£4 (£3 to £5)"


def test_what_acting_on_what_was_only_seen_would_cost_is_not_told_as_nothing() -> None:
    seen, tested = (answers.option(one, 1) for one in (SEEN, DEAR))
    assert (seen["cost_gbp_per_year"], seen["one_off_cost_gbp"]) == (None, None)
    assert (tested["cost_gbp_per_year"], tested["one_off_cost_gbp"]) == (100, 0.0)
    assert costs(SEEN) == ("–", "–")


def test_the_list_holds_where_figures_are_so_wide_that_words_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    wide = option(
        "upstream:a-service-of-a-long-name:a-demand", Style.INTEGRATION, -4.1234e8, 9.8765e9, cost=1e6, board="evidence"
    )
    found = partner_words.partners({"for": None, "seat": None, **answers.compared(ranked([wide, SURE]), 5_000.0)})
    assert "\n        upstream:a-service-of-a-long-name:a-demand" in found
    assert "\n        do nothing: stay as you are" in found
    assert re.search(r"£\S+ .*\bover 99%", found), "draws that all fall on one side make nothing certain"
