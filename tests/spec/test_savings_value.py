"""Valuation: small effects in, expected pounds out, by bearer and period; what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headwater.capacity import free
from headwater.domain.calendar import financial_year
from headwater.domain.collaboration import Cost, Outcome, Role, Share
from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.evidence import Grade
from headwater.domain.money import BUCKETS, Bucket, Perspective, Saving
from headwater.savings import (
    PriceBook,
    Tariff,
    bookings,
    forecast,
    headline,
    optimism,
    payers,
    price_book,
    transfers,
    value,
    who_pays,
)
from headwater.savings.discount import discount_factors, payback_year
from headwater.savings.fade import faded, kept_of_half_life
from headwater.savings.payers import _of_average, _who_loses, waterfall_figure, who_pays_figure
from money_world import AE, CONTROL, SHARED, SOUND, STAY, SURE, effect, price, protocol


def book(*prices: object) -> PriceBook:
    """A book of just these prices, each its kind's own."""
    found = {p.code: p for p in prices or (price(),)}  # type: ignore[attr-defined]
    return PriceBook(2024, found, {(p.perspective, p.kind): p.code for p in found.values()})


def valued(
    plan: object = None,
    means: dict[str, float] | None = None,
    grade: Grade = SURE,
    of: PriceBook | None = None,
    **kwargs: object,
) -> Saving:
    plan, of = plan or protocol(), of or book()
    made = effect(means, **kwargs)  # type: ignore[arg-type]
    return value(made, free(made, of.for_kinds(plan.prices), (), plan), plan, of, optimism(grade))  # type: ignore[attr-defined, arg-type]


def by_bucket(saving: Saving) -> dict[Bucket, float]:
    return dict(zip(BUCKETS, saving.gbp.mean(axis=0).sum(axis=(0, 1, 2)).tolist(), strict=True))


def test_a_hundred_averted_attendances_at_a_hundred_pounds() -> None:
    """30 % variable of which half is cashable, 50 % stepped of which 60 % is filled at once, the rest fixed."""
    found = by_bucket(valued(protocol(costs=())))
    assert found[Bucket.CASH] == pytest.approx(0.5 * 0.3 * 10_000)
    assert found[Bucket.RELEASED] == pytest.approx(0.4 * 0.5 * 10_000)
    assert found[Bucket.ABSORBED] == pytest.approx(0.6 * 0.5 * 10_000)
    assert found[Bucket.UNCHANGED] == pytest.approx(0.2 * 10_000 + 0.5 * 0.3 * 10_000)
    assert sum(found.values()) == pytest.approx(10_000)


def test_what_nobody_said_is_taken_at_its_most_cautious() -> None:
    found = by_bucket(valued(protocol(costs=(), cashable={}, backfill={})))
    assert found[Bucket.CASH] == found[Bucket.RELEASED] == 0


def test_shares_go_to_the_bearers_of_the_protocol() -> None:
    saving = valued(protocol(costs=(), bearers=SHARED))
    assert [bearer.name for bearer in saving.bearers] == ["hospital", "ambulance"]
    assert saving.by_bearer.mean(axis=0).sum(axis=(1, 2)).tolist() == pytest.approx([7_000, 3_000])


def test_shares_that_lose_or_double_a_pound_are_refused() -> None:
    with pytest.raises(Usage, match=r"add to 0\.700"):
        valued(protocol(bearers=(Share(AE, "hospital", 0.7),)))


def test_costs_fall_in_their_years_and_on_their_payers() -> None:
    plan = protocol(
        costs=(
            Cost("gp", "running", 20_000, 0, yearly=True),
            Cost("hospital", "set-up", 5_000),
            Cost("gp", "exit", 900, 3),
        )
    )
    saving = valued(plan, years=2)
    names = [bearer.name for bearer in saving.bearers]
    yearly = [saving.invested_gbp[:, saving.years == year].sum(axis=1) for year in range(4)]
    assert [row[names.index("gp")] for row in yearly] == pytest.approx([20_000, 20_000, 0, 900])
    assert [row[names.index("hospital")] for row in yearly] == pytest.approx([5_000, 0, 0, 0])
    assert not saving.gbp[:, :, :, 24:].any(), "nothing is gained after the follow-up that was measured"


def test_net_present_value_by_hand() -> None:
    """Two years of 3,500 (cash and released), 20,000 a year and 5,000 at once; the second year discounted once."""
    saving = valued(years=2)
    second = discount_factors(1)[1]
    assert saving.npv_gbp == pytest.approx(np.full(4, 3_500 - 25_000 + (3_500 - 20_000) * second))


def test_optimism_takes_from_gains_and_adds_to_costs_but_leaves_harm() -> None:
    good, bad = valued(grade=SOUND), valued(means={AE: -100.0}, grade=SOUND)
    assert optimism(SOUND) == 0.10
    assert good.npv_gbp[0] == pytest.approx(3_500 * 0.9 - 25_000 * 1.1)
    assert bad.npv_gbp[0] == pytest.approx(-3_500 - 25_000 * 1.1)


@pytest.mark.parametrize(
    ("level", "confidence", "correction"),
    [
        (5, "high", 0),
        (4, "moderate", 0.05),
        (3, "moderate", 0.1),
        (3, "low", 0.15),
        (2, "low", 0.25),
        (1, "very low", 0.4),
    ],
)
def test_optimism_by_grade(level: int, confidence: str, correction: float) -> None:
    """The graded corrections of the national cost-benefit guidance, 0 to 40 %."""
    assert optimism(Grade(level, confidence, "")) == correction


def test_negative_controls_are_worth_nothing_and_unpriced_kinds_are_named() -> None:
    saving = valued(means={AE: 100.0, CONTROL: 50.0, STAY: 7.0})
    assert saving.unpriced == (STAY,)
    assert saving.gbp[0].sum() == pytest.approx(10_000)


def test_an_outcome_of_which_nothing_can_be_told_is_not_counted() -> None:
    """Its draws are missing, not nought: they must neither spoil the sum nor pass for a kind without a price."""
    plan, of, made = protocol(costs=()), book(price(), price(STAY, 2_000.0)), effect({AE: 100.0, STAY: float("nan")})
    freed = free(made, of.by_kind, [{"kind": AE, "service_hours": 4, "servers": 10, "routing": {STAY: 0.5}}], plan)
    saving = value(made, freed, plan, of, 0.0)
    assert freed.outcomes == (AE,) and saving.unpriced == ()
    assert saving.gbp[0].sum() == pytest.approx(10_000)
    assert np.isfinite(saving.npv_gbp).all()
    assert {row.kind for row in bookings(made, value(made, freed, plan, of))} == {AE}
    assert transfers(made, (Tariff(STAY, "board", "hospital", 9.0),)) == {}


def test_harm_is_negative_in_every_bucket() -> None:
    assert all(gbp <= 0 for gbp in by_bucket(valued(means={AE: -100.0}, plan=protocol(costs=()))).values())


def test_a_price_with_a_spread_widens_the_draws_and_keeps_the_mean() -> None:
    of = book(price(spread=0.2))
    saving = valued(protocol(costs=()), of=of, draws=20_000)
    total = saving.gbp.sum(axis=(1, 2, 3, 4))
    assert total.mean() == pytest.approx(10_000, rel=0.01)
    assert total.std() == pytest.approx(2_000, rel=0.03)


def test_the_whole_and_its_part_are_never_both_counted() -> None:
    of = book(price(AE, code="WHOLE"), price(STAY, code="PART", parent="WHOLE"))
    with pytest.raises(ProtocolBreach, match="counted twice") as refused:
        valued(of=of, means={AE: 1.0, STAY: 1.0})
    assert "PART" in refused.value.given and "WHOLE" in refused.value.given


def test_lenses_are_counted_apart() -> None:
    plan = protocol(outcomes=(Outcome("robbery", Role.PRIMARY), Outcome("qaly_loss", Role.SECONDARY)), costs=())
    made, of = effect({"robbery": 10.0, "qaly_loss": 2.0}), price_book([], 2024)
    freed = free(made, of.for_kinds({}), (), plan)
    social = value(made, freed, plan, of, 0.0, "social")
    economic = value(made, freed, plan, of, 0.0, Perspective.ECONOMIC)
    assert (social.lens, economic.lens) == (Perspective.SOCIAL, Perspective.ECONOMIC)
    assert social.gbp.sum() / len(social.gbp) == pytest.approx(2 * 70_000) and social.unpriced == ("robbery",)
    assert economic.gbp.sum() / len(economic.gbp) == pytest.approx(
        10 * of.price("HORR99-ROB").gbp
    ) and economic.unpriced == ("qaly_loss",)
    assert by_bucket(social)[Bucket.CASH] == by_bucket(economic)[Bucket.CASH] == 0, "welfare is nobody's cash"
    assert value(made, freed, plan, of, 0.0).gbp.sum() == 0, "neither kind has a fiscal price"


def test_a_lens_without_any_price_is_refused() -> None:
    made, plan = effect(), protocol()
    with pytest.raises(Usage, match="no outcome of frequent-attenders has a price in the social lens"):
        value(made, free(made, book().by_kind, (), plan), plan, book(), 0.0, "social")


# Payers


def test_each_payers_own_account() -> None:
    saving = valued(years=2)
    hospital, gp = payers(saving)
    second = discount_factors(1)[1]
    assert hospital.invested_gbp == 5_000
    assert hospital.cash_gbp.mid == pytest.approx(1_500 * (1 + second))
    assert hospital.net_gbp.mid == pytest.approx(3_500 * (1 + second) - 5_000)
    assert hospital.benefit_cost_ratio == pytest.approx(3_500 * (1 + second) / 5_000)
    assert (hospital.payback_year, hospital.breaks_even) == (1, 1.0)
    assert (gp.payback_year, gp.breaks_even, gp.benefit_cost_ratio) == (None, 0.0, 0.0)


def test_the_payers_accounts_add_to_the_net_present_value() -> None:
    saving = valued(grade=SOUND, years=2)
    assert sum(account.net_gbp.mid for account in payers(saving)) == pytest.approx(float(saving.npv_gbp.mean()))


def test_payback() -> None:
    assert payback_year([0, 60, 60], [100, 0, 0]) == 2
    assert payback_year([0, 10], [100, 0]) is None
    assert payback_year([100, 0, 0], [50, 0, 200]) is None, "what later costs take away was not paid back"
    assert payback_year([100, 0, 100, 100], [50, 0, 200, 0]) == 3


def test_the_headline_is_the_least_that_will_be_cash() -> None:
    saving = valued(protocol(costs=()), sd=30.0, draws=4_000)
    cash = saving.gbp[..., 0].sum(axis=(1, 2, 3))
    head = headline(saving)
    assert head.cash_low_gbp == pytest.approx(float(np.quantile(cash, 0.025)))
    assert head.cash_low_gbp < head.cash_gbp.mid == pytest.approx(1_500, rel=0.03)


def test_who_paid_and_who_gained_add_to_nothing_with_the_public() -> None:
    matrix = who_pays(valued(protocol(bearers=SHARED), years=2))
    assert sum(matrix.positions_gbp.values()) == pytest.approx(0, abs=1e-9)
    assert matrix.bearers == ("hospital", "ambulance", "gp")
    assert matrix.flows_gbp.sum() == pytest.approx(7_000)
    gp = matrix.bearers.index("gp")
    assert matrix.flows_gbp[gp].sum() == pytest.approx(7_000 * 40 / 45), (
        "who paid 40 of 45 stands behind 40/45 of every gain"
    )
    assert not matrix.flows_gbp[:, gp].any(), "the payer gains nothing: the wrong pocket"


def test_the_figure_of_who_pays_names_the_wrong_pocket() -> None:
    figure = who_pays_figure(valued())
    assert figure.title == "All budgets pay in more than they gain in cash"
    assert ("gp", "invested", pytest.approx(20_000.0)) in figure.rows
    assert figure.kind == "who-pays"


def test_the_waterfall_steps_add_to_its_end() -> None:
    figure = waterfall_figure(valued(grade=SOUND, years=2))
    *steps, end = [float(gbp or 0) for gbp in figure.column("gbp")]
    assert sum(steps) == pytest.approx(end)


def test_tariffs_shift_money_and_save_none() -> None:
    """100 averted attendances at a tariff of £150: the board keeps 15,000 that the hospital no longer gets."""
    shifted = transfers(effect(), (Tariff(AE, "board", "hospital", 150.0), Tariff(STAY, "board", "hospital", 9.0)))
    assert shifted == {"board": pytest.approx(15_000), "hospital": pytest.approx(-15_000)}
    assert sum(shifted.values()) == 0


# Bookings and fading


def test_bookings_fill_a_lot_exactly_and_split_by_financial_year() -> None:
    plan, made = protocol(bearers=SHARED), effect({AE: 100.0, CONTROL: 9.0}, years=2)
    booked = bookings(made, value(made, free(made, book().by_kind, (), plan), plan, book()))
    assert {(b.bearer, b.year): b.contacts for b in booked} == {
        ("hospital", "2023-24"): pytest.approx(70),
        ("hospital", "2024-25"): pytest.approx(70),
        ("ambulance", "2023-24"): pytest.approx(30),
        ("ambulance", "2024-25"): pytest.approx(30),
    }
    assert sum(b.cash_gbp + b.released_gbp + b.absorbed_gbp + b.none_gbp for b in booked) == pytest.approx(20_000)
    assert booked[0].times(0.5).contacts == pytest.approx(35)


def test_what_routing_only_models_is_valued_but_not_booked() -> None:
    desk = {"kind": AE, "service_hours": 4, "servers": 10, "routing": {STAY: 0.25}}
    plan, made, of = protocol(costs=()), effect(), book(price(), price(STAY, 2_000.0))
    freed = free(made, of.by_kind, [desk], plan)
    assert value(made, freed, plan, of, 0.0).gbp[0].sum() == pytest.approx(10_000 + 25 * 2_000)
    assert {row.kind for row in bookings(made, value(made, freed, plan, of))} == {AE}


def test_bookings_agree_with_the_saving() -> None:
    plan, made, of = protocol(bearers=SHARED), effect({AE: 100.0}, sd=20.0, draws=500), book(price(spread=0.1))
    freed = free(made, of.by_kind, (), plan)
    saving = value(made, freed, plan, of, 0.0)
    booked = sum(b.released_gbp for b in bookings(made, value(made, freed, plan, of)))
    assert booked == pytest.approx(float(saving.gbp[..., 1].sum(axis=(1, 2, 3)).mean()))


@pytest.mark.parametrize(
    ("day", "year"), [("2023-03-31", "2022-23"), ("2023-04-01", "2023-24"), ("1999-06-01", "1999-00")]
)
def test_financial_years(day: str, year: str) -> None:
    from datetime import date

    assert financial_year(date.fromisoformat(day)) == year


def yearly(saving: Saving, figures: np.ndarray) -> list[float]:
    return [float(figures[saving.years == year].sum()) for year in range(int(saving.years[-1]) + 1)]


def test_an_effect_that_fades() -> None:
    assert faded(100.0, 3, 0.5).tolist() == [100, 50, 25]
    assert kept_of_half_life(2) ** 2 == pytest.approx(0.5)
    saving = valued(protocol(costs=(Cost("gp", "running", 100, 0, yearly=True),)), years=2)
    ahead = forecast(saving, 2, kept=0.5)
    assert yearly(ahead, ahead.gbp[0].sum(axis=(0, 1, 3))) == pytest.approx([10_000, 10_000, 5_000, 2_500])
    assert yearly(ahead, ahead.invested_gbp.sum(axis=0)) == pytest.approx([100, 100, 100, 100])
    short = forecast(saving, 1, 0.5, costs_go_on=False)
    assert yearly(short, short.invested_gbp.sum(axis=0)) == pytest.approx([100, 100, 0])


def test_harm_does_not_fade() -> None:
    saving = valued(protocol(costs=()), means={AE: -100.0})
    ahead = forecast(saving, 1, 0.5)
    assert yearly(ahead, ahead.gbp[0].sum(axis=(0, 1, 3))) == pytest.approx([-10_000, -10_000])


def test_a_share_kept_beyond_one_is_refused() -> None:
    with pytest.raises(Usage, match="between 0 and 1"):
        forecast(valued(), 1, 1.2)


def test_a_saving_in_another_years_prices() -> None:
    of = replace(book(), price_year=2020)
    assert valued(of=of).price_year == 2020


def test_where_nothing_can_be_told_nothing_is_saved_and_the_costs_remain() -> None:
    saving = valued(means={AE: float("nan")}, grade=SOUND)
    assert saving.gbp.sum() == 0 and saving.prices == ()
    assert saving.npv_gbp == pytest.approx(np.full(4, -25_000 * 1.1))
    nothing = effect({AE: float("nan")})
    assert bookings(nothing, saving) == ()


@pytest.mark.parametrize(
    ("chances", "said"),
    [
        ({"gp": 0.0, "icb": 0.02}, "No budget pays in more than it gains in cash"),
        ({"gp": 0.99, "icb": 0.02}, "gp pays in more than it gains in cash"),
        ({"gp": 0.99, "icb": 1.0}, "All budgets pay in more than they gain in cash"),
        ({"gp": 0.99, "icb": 0.6}, "gp pays in more than it gains in cash; for 1 it is not clear yet"),
        ({"gp": 0.8, "icb": 0.6}, "It is not clear yet whether any budget gains more in cash than it pays in"),
    ],
)
def test_the_title_of_who_pays_is_no_surer_than_the_money_verdict(chances: dict[str, float], said: str) -> None:
    assert _who_loses(chances, set(chances)) == said


@pytest.mark.parametrize(
    ("chances", "said"),
    [
        ({"gp": 0.99, "icb": 1.0, "council": 0.0}, "2 budgets lose cash or pay in more than they gain"),
        ({"gp": 0.0, "icb": 1.0}, "icb loses cash"),
        ({"gp": 1.0, "icb": 0.0}, "gp pays in more than it gains in cash"),
    ],
)
def test_a_budget_that_pays_nothing_in_loses_cash_and_is_not_said_to_pay(chances: dict[str, float], said: str) -> None:
    assert _who_loses(chances, {"gp"}) == said


def test_added_demand_is_told_as_a_cost_with_no_minus() -> None:
    assert (
        _of_average(-32_800, -1_100, -5_500)
        == "Added demand costs £32,800 at average cost, of which £1,100 is cash and £5,500 capacity"
    )
    assert (
        _of_average(128_200, 10_000, 38_500)
        == "Of £128,200 at average cost, £10,000 is cash and £38,500 released capacity"
    )
