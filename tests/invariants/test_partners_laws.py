"""Laws of the one base: what is not known outranks nothing, a demand split is the same demand, every asker gets the
same figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.options import COST, Option, Reason
from headwater.partners import explain, needing, ranked, told
from headwater.partners.base import on_one_base, rows, shares_gbp, summed

GRADE = Grade(1, "low", "made up")
POUNDS = st.floats(-1e6, 1e6, allow_nan=False)


def made(
    name: str,
    mean: float,
    *,
    act: str = "",
    idea: str = "",
    cost: float = 0.0,
    partners: tuple[str, ...] = (),
    gains: str = "a",
) -> Option:
    benefit = mean + np.linspace(-1.0, 1.0, 201) * (abs(mean) + 1)
    reasons = (Reason("averted", mean, "so much"), *((Reason(COST, -cost, "its cost"),) if cost else ()))
    return Option(
        id=name,
        style=Style.UPSTREAM,
        partners=partners or (gains, "u"),
        service=f"{name} averted by u",
        benefit_gbp=benefit,
        yearly_cost_gbp=cost,
        one_off_cost_gbp=0.0,
        gains=(gains,),
        pays=("u",),
        staff_transferred=0.0,
        months_to_benefit=3.0,
        grade=GRADE,
        reasons=reasons,
        would_change=(),
        risks=(),
        board="evidence",
        act=act,
        idea=idea,
        scales=True,
    )


def unknown(name: str) -> Option:
    return replace(made(name, 0.0), benefit_gbp=np.zeros(0), needs=("spending of somebody",))


@given(st.lists(POUNDS, max_size=6), st.integers(1, 4), st.floats(0, 1e6))
def test_an_option_without_data_never_outranks_one_with_data(means: list[float], lacking: int, floor: float) -> None:
    known = [made(f"k{at}", mean) for at, mean in enumerate(means)]
    mixed = ranked([*(unknown(f"a{at}") for at in range(lacking)), *known], floor)
    assert told(mixed) == ranked(known, floor)
    assert mixed[len(known) :] == needing(mixed)


@given(
    st.lists(st.floats(-1e5, 1e5, allow_nan=False), min_size=1, max_size=5), st.floats(0.01, 0.99), st.floats(0, 1e5)
)
@settings(max_examples=50)
def test_splitting_a_demand_in_two_changes_no_total(means: list[float], share: float, cost: float) -> None:
    """The first demand in two parts of any size: benefit, cost, net and reasons are what they were."""
    whole = [made(f"d{at}", mean, act="upstream:u", cost=cost) for at, mean in enumerate(means)]
    halves = [
        replace(
            whole[0],
            id=f"{at}",
            benefit_gbp=part * whole[0].benefit_gbp,
            reasons=(Reason("averted", part * means[0], ""), Reason(COST, -cost, "")),
        )
        for at, part in enumerate((share, 1 - share))
    ]
    (one,), (two,) = summed(whole), summed([*halves, *whole[1:]])
    np.testing.assert_allclose(one.net_gbp, two.net_gbp, atol=1e-6)
    assert one.yearly_cost_gbp == two.yearly_cost_gbp == cost
    for option in (one, two):
        assert np.isclose(sum(reason.contribution for reason in option.reasons), option.net_gbp.mean(), atol=1e-6)


@given(st.lists(st.tuples(POUNDS, st.sampled_from("abcd")), min_size=1, max_size=8), st.floats(1, 100))
def test_every_asker_gets_the_same_figures(parts: list[tuple[float, str]], factor: float) -> None:
    """An asker's rows hold the options of everybody's, whatever row they stand in, and the shares of a benefit are the
    benefit."""
    found = [made(f"d{at}", mean, act=f"upstream:{at % 3}", gains=gains) for at, (mean, gains) in enumerate(parts)]
    base = {one.id: one for one in on_one_base(found, factor)}
    for asking in "abcd":
        mine = rows([one for one in base.values() if asking in one.partners])
        for one in (each for row in mine for each in (row, *row.inside)):
            assert np.array_equal(one.net_gbp, base[one.id].net_gbp)
    for one in base.values():
        if one.benefit_gbp.mean() > 1e-3 and all(gbp >= 0 for gbp in shares_gbp(one).values()):
            assert np.isclose(sum(shares_gbp(one).values()), one.benefit_gbp.mean())


@given(st.lists(st.tuples(POUNDS, st.sets(st.sampled_from("abcdef"), min_size=2, max_size=3)), min_size=1, max_size=9))
def test_alternatives_of_one_idea_are_one_row_and_none_is_lost(groups: list[tuple[float, set[str]]]) -> None:
    found = [made(f"g{at}", mean, idea="leaders", partners=tuple(sorted(who))) for at, (mean, who) in enumerate(groups)]
    made_rows = rows(found)
    assert sorted(one.id for row in made_rows for one in (row, *row.inside)) == sorted(one.id for one in found)
    bests = [set(row.partners) for row in made_rows]
    assert all(not one & other for at, one in enumerate(bests) for other in bests[:at]), (
        "the bests can all be had together"
    )
    for row in made_rows:
        assert all(max(row.net_gbp.mean(), 0) >= max(one.net_gbp.mean(), 0) for one in row.inside)
        assert all(set(one.partners) & set(row.partners) for one in row.inside)


@given(st.lists(st.floats(-1e5, 1e5, allow_nan=False), min_size=1, max_size=4), st.floats(0, 1e5), st.floats(1, 50))
@settings(max_examples=50)
def test_list_explanation_and_picture_tell_one_figure(means: list[float], cost: float, factor: float) -> None:
    """Whatever is summed and scaled: the steps of the picture end in the net that the list ranks by, and so do the
    reasons."""
    (one,) = on_one_base([made(f"d{at}", mean, act="upstream:u", cost=cost) for at, mean in enumerate(means)], factor)
    steps = next(figure for figure in one.figures if figure.name == "steps")
    net = one.net().mid
    assert steps.rows[-1][1] == round(net)
    assert explain((one,), one.id).net_gbp_per_year == one.net()
    assert np.isclose(sum(reason.contribution for reason in one.reasons), net, rtol=1e-6, atol=1e-5)
    assert abs(sum(row[1] for row in steps.rows[:-1]) - net) <= len(steps.rows)


@given(POUNDS, st.floats(0, 1))
def test_of_what_is_freed_a_budget_sees_its_share_alone(mean: float, share: float) -> None:
    one = replace(made("one", mean, cost=7.0), fiscal_share=share)
    assert np.allclose(one.fiscal_net_gbp, share * one.benefit_gbp - 7.0)
