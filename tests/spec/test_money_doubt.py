"""What leaves the effect unsure and what leaves prices unsure are told apart; what may not be booked is not priced;
value to people is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headwater.app.unbiased import bookable
from headwater.app.valuing import _to_people, told
from headwater.capacity import free
from headwater.domain.collaboration import Role
from headwater.domain.evidence import Finding, Verdict
from headwater.domain.money import Saving
from headwater.domain.uncertainty import Interval
from headwater.savings import PriceBook, chance_figure, information, public_value, sensitivity, value
from money_world import AE, SHARED, STAY, effect, price, protocol
from report_board import evaluation

DRAWS = 4_000


def saving(sd: float, spread: float) -> Saving:
    """100 attendances averted give or take `sd`, at £100 give or take a share."""
    book = PriceBook(2024, {"P": price(AE, 100.0, code="P", spread=spread)}, {(price().perspective, AE): "P"})
    made, plan = effect({AE: 100.0}, sd=sd, draws=DRAWS), protocol(bearers=SHARED, cashable={AE: 1.0})
    return value(made, free(made, book.by_kind, (), plan), plan, book)


@pytest.mark.parametrize(
    ("sd", "spread", "sure"), [(0.0, 0.3, True), (30.0, 0.0, False), (30.0, 0.3, False), (0.0, 0.0, True)]
)
def test_another_evaluation_settles_no_price(sd: float, spread: float, sure: bool) -> None:
    """A further evaluation of a certain effect was said to be worth £891."""
    made = saving(sd, spread)
    account = public_value(made)
    worth = account.net_gbp - account.net_gbp.mean()
    near = replace(account, cost_gbp=float(account.benefit_gbp.mean()))
    settled = replace(public_value(made.at_mean_prices), cost_gbp=near.cost_gbp)
    known = information(near, settled)
    assert (known.sample_gbp == 0) is sure
    assert known.sample_gbp <= known.perfect_gbp
    if worth.std() > 0:
        assert known.perfect_gbp == pytest.approx(0.3989 * worth.std(), rel=0.02)
    if not sure:
        alone = float(settled.net_gbp.std())
        assert known.sample_gbp == pytest.approx(0.3989 * alone / np.sqrt(2), rel=0.02)


def test_the_curve_of_the_chance_to_pay_is_that_of_the_draws_and_passes_the_verdict_s_own_chance() -> None:
    """At a cost of what is gained in the mean, it pays in about half of the draws."""
    account = public_value(saving(30.0, 0.0))
    cost = float(account.benefit_gbp.mean())
    account = replace(account, cost_gbp=cost)
    drawn = chance_figure(account, "team")
    curve = dict(drawn.rows)
    benefit = account.benefit_gbp
    assert (min(curve), max(curve)) == (0.0, 2.0)
    assert curve[1.0] == account.chance
    assert all(curve[each] == np.mean(benefit > each * cost) for each in curve)
    assert list(curve.values()) == sorted(curve.values(), reverse=True), "dearer is never likelier to pay"
    assert account.chance == pytest.approx(0.5, abs=0.03)
    assert drawn.title == f"At what it cost, the chance that it pays is {account.chance:.0%}"
    assert chance_figure(replace(account, cost_gbp=1.0), "team").title.endswith("over 99%")


def test_prices_have_their_own_row_in_the_tornado_alone() -> None:
    """A certain effect was said to lie between 0.51 and 1.66 of its estimate, because prices were unsure."""
    sure = {factor.name.split(",")[0]: factor for factor in sensitivity(saving(0.0, 0.3))}
    assert "effect" not in sure
    assert sure["prices"].low == pytest.approx(1 - 1.96 * 0.3, abs=0.01)
    unsure = {factor.name.split(",")[0]: factor for factor in sensitivity(saving(20.0, 0.3))}
    assert (unsure["effect"].low, unsure["effect"].high) == pytest.approx((0.61, 1.39), abs=0.04)


FINDINGS = [
    # primary, secondary → whether the secondary is priced
    (Verdict.AVERTED, Verdict.AVERTED, True),
    (Verdict.NOTHING_FOUND, Verdict.AVERTED, False),
    (Verdict.CANNOT_TELL, Verdict.AVERTED, False),
    (Verdict.NOTHING_FOUND, Verdict.HARM, True),
    (Verdict.AVERTED, Verdict.CANNOT_TELL, False),
]


@pytest.mark.parametrize(("primary", "secondary", "priced"), FINDINGS)
def test_no_word_on_money_rests_on_what_the_ledger_refuses(primary: Verdict, secondary: Verdict, priced: bool) -> None:
    """A secondary outcome beside a primary one in which nothing was found said "pays", and nothing could be booked."""
    ratio = {Verdict.AVERTED: Interval(0.4, 0.5, 0.6), Verdict.HARM: Interval(1.2, 1.5, 1.8)}
    found = replace(
        evaluation(),
        effect=effect({AE: 100.0, STAY: 20.0}, draws=200),
        findings=tuple(
            Finding(kind, role, word, ratio.get(word, Interval(0.9, 1.0, 1.1)), None, None)
            for kind, role, word in ((AE, Role.PRIMARY, primary), (STAY, Role.SECONDARY, secondary))
        ),
    )
    assert (STAY in told(found, ()).told) is priced
    if priced:
        assert STAY in bookable(found)


@pytest.mark.parametrize(
    ("gbp", "words"),
    [(46_075.0, ", besides £46,100 of value to people"), (-900.0, ", besides £900 of value lost to people"), (0.2, "")],
)
def test_value_to_people_stands_in_the_first_line(gbp: float, words: str) -> None:
    """£46,000 of £84,000 was nowhere in a line that weighed £48,500 against £85,000 and could not tell."""
    assert _to_people(gbp) == words
