"""One pound through the money: which lens, whose budget, which month, which basis. A saving of a few cells, reckoned by
hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from headwater.capacity import free
from headwater.domain.calendar import Calendar, Month
from headwater.domain.collaboration import Cost, Share
from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.evidence import Cohort, Effect, MoneyVerdict
from headwater.domain.money import Bearer, Perspective, Price, Saving
from headwater.savings import PriceBook, bookings, price_book, value
from headwater.savings.bases import accounts, cautious, information, public_value, weights
from headwater.savings.bookings import Booking, paid
from headwater.savings.costs import Delivery, costs_of, delivered
from headwater.savings.fade import forecast
from headwater.savings.payers import Tariff, headline, payers, transfers, waterfall_figure, who_pays
from headwater.savings.value import counted, price_draws, shares_of, social_of
from money_world import AE, CONTROL, STAY, effect, price, protocol

CASH, RELEASED, ABSORBED, NONE = range(4)


def money(
    cells: dict[tuple[str, int, int], float],
    costs: dict[tuple[str, str, int], float] | None = None,
    social: float = 0.0,
    correction: float = 0.0,
) -> Saving:
    """Three years of one kind. cells: (bearer, year, bucket) → pounds of the year's second month; costs: (heading,
    bearer, year).

    Two draws: half as much and half as much again, so that the mean is as stated.
    """
    costs = costs or {}
    names = tuple(dict.fromkeys([*(key[0] for key in cells), *(key[1] for key in costs)]))
    heads = tuple(dict.fromkeys(key[0] for key in costs))
    gbp, cost = np.zeros((2, 1, len(names), 36, 4)), np.zeros((len(heads), len(names), 36))
    for (name, year, bucket), amount in cells.items():
        gbp[:, 0, names.index(name), 12 * year + 1, bucket] = amount
    for (head, name, year), amount in costs.items():
        cost[heads.index(head), names.index(name), 12 * year + 1] += amount
    worth = np.zeros((2, 1, 36))
    worth[:, 0, 13] = social
    gbp *= np.array([0.5, 1.5])[:, None, None, None, None]
    return Saving(
        "x",
        Perspective.FISCAL,
        (AE,),
        tuple(map(Bearer, names)),
        Calendar(Month(2023, 4), 36),
        gbp,
        heads,
        cost,
        worth,
        2024,
        (),
        np.zeros(2),
        correction,
    )


# The two bases


def test_a_year_is_discounted_from_the_second_on() -> None:
    """Year 0 whole, then 3.5 % a year: £100 of each of three years."""
    made = money({("a", year, CASH): 100.0 for year in range(3)})
    assert weights(made)[[0, 11, 12, 23, 24, 35]] == pytest.approx(
        [1, 1, 1 / 1.035, 1 / 1.035, 1 / 1.035**2, 1 / 1.035**2]
    )
    fiscal = accounts(made)[0]
    assert fiscal.benefit_gbp.mean() == pytest.approx(100 + 100 / 1.035 + 100 / 1.035**2)


def test_fiscal_is_cash_less_cost_and_public_value_what_it_is_worth_to_all() -> None:
    """£100 of each bucket in year 1, £60 to people, £40 running and £30 paid over to a partner: the transfer costs
    nobody but its payer."""
    cells = {("a", 1, bucket): 100.0 for bucket in range(4)}
    made = money(cells, {("running", "a", 1): 40.0, ("transfer", "a", 1): 30.0}, social=60.0)
    whole, public, own = accounts(made)
    assert (whole.basis, whole.bearer, public.basis, own.bearer) == ("fiscal", "", "public value", "a")
    assert whole.net_gbp.mean() == pytest.approx((100 - 70) / 1.035)
    assert own.net_gbp.mean() == pytest.approx((100 - 70) / 1.035)
    assert public.benefit_gbp.mean() == pytest.approx(260 / 1.035)
    assert public.cost_gbp == pytest.approx(40 / 1.035)
    assert public.benefit_cost_ratio == pytest.approx(260 / 40)
    assert accounts(money(cells))[0].benefit_cost_ratio is None


def test_optimism_is_off_gains_and_onto_costs_of_public_value_alone() -> None:
    made = money(
        {("a", 0, CASH): 100.0, ("b", 0, RELEASED): -20.0}, {("running", "a", 0): 40.0}, social=60.0, correction=0.1
    )
    whole, public, *_ = accounts(made)
    assert public.benefit_gbp.mean() == pytest.approx(90 - 20 + 54 / 1.035)
    assert public.cost_gbp == pytest.approx(44)
    assert whole.net_gbp.mean() == pytest.approx(100 - 40), "a budget's own cash stands as it is counted"
    loss = money({}, {("running", "a", 0): 40.0}, social=-60.0, correction=0.1)
    assert public_value(loss).benefit_gbp.mean() == pytest.approx(-60 / 1.035)
    assert cautious(np.array([10.0, 0.0, -10.0]), 0.25).tolist() == [7.5, 0.0, -10.0]


CHANCES = [
    # cost against draws of 50 and 150 → P(net > 0), the verdict
    (49.0, 1.0, MoneyVerdict.PAYS),
    (50.0, 0.5, MoneyVerdict.CANNOT_TELL),
    (149.0, 0.5, MoneyVerdict.CANNOT_TELL),
    (150.0, 0.0, MoneyVerdict.DOES_NOT_PAY),
]


@pytest.mark.parametrize(("cost", "chance", "verdict"), CHANCES)
def test_to_pay_is_to_leave_more_than_nothing(cost: float, chance: float, verdict: MoneyVerdict) -> None:
    made = money({("a", 0, CASH): 100.0}, {("running", "a", 0): cost})
    whole = accounts(made)[0]
    (own,) = payers(made)
    assert (whole.chance, whole.verdict(), own.breaks_even) == (chance, verdict, chance)


@pytest.mark.parametrize(
    ("chance", "verdict"),
    [(1.0, "pays"), (0.95, "pays"), (0.94, "cannot tell"), (0.06, "cannot tell"), (0.05, "does not pay")],
)
def test_a_verdict_on_money_is_as_sure_as_it_says(chance: float, verdict: str) -> None:
    draws = np.where(np.arange(100) < round(100 * chance), 1.0, -1.0)
    account = replace(accounts(money({("a", 0, CASH): 1.0}))[0], benefit_gbp=draws)
    assert account.verdict().value.replace("-", " ") == verdict


def test_knowing_more_is_worth_what_it_would_change() -> None:
    """Net of −50 or +50 about 0: perfect knowledge is worth σ/√(2π); another evaluation as large, σ/√2 in the place of
    σ."""
    account = accounts(money({("a", 0, CASH): 100.0}, {("running", "a", 0): 100.0}))[0]
    found = information(account)
    assert found.perfect_gbp == pytest.approx(50 / (2 * np.pi) ** 0.5, abs=0.01)
    assert found.sample_gbp == pytest.approx(50 / 2**0.5 / (2 * np.pi) ** 0.5, abs=0.01)
    sure = replace(account, benefit_gbp=np.full(2, 100.0))
    assert (information(sure).perfect_gbp, information(sure).sample_gbp) == (0.0, 0.0)
    assert information(account, sure).sample_gbp == 0, "another evaluation tells of the effect alone, and that is sure"
    assert information(account, sure).perfect_gbp == found.perfect_gbp


# Whose budget


def test_each_payers_account_is_its_own_and_optimism_touches_both_sides() -> None:
    made = money(
        {("a", 1, CASH): 100.0, ("a", 1, RELEASED): 50.0, ("a", 1, ABSORBED): 70.0},
        {("running", "a", 0): 60.0, ("running", "b", 2): 10.0},
        correction=0.2,
    )
    one, other = payers(made)
    assert (one.bearer, other.bearer) == ("a", "b")
    assert one.invested_gbp == pytest.approx(72)
    assert one.cash_gbp.mid == pytest.approx(80 / 1.035)
    assert one.released_gbp.mid == pytest.approx(40 / 1.035)
    assert one.net_gbp.mid == pytest.approx(120 / 1.035 - 72)
    assert one.benefit_cost_ratio == pytest.approx(120 / 1.035 / 72)
    assert (one.payback_year, other.payback_year) == (1, None)
    assert other.net_gbp.mid == pytest.approx(-12 / 1.035**2)


def test_the_headline_is_undiscounted_and_its_columns_are_never_one() -> None:
    made = money(
        {("a", year, bucket): 100.0 * (bucket + 1) for year in range(2) for bucket in range(4)},
        {("running", "a", 2): 30.0},
    )
    found = headline(made)
    mids = [part.mid for part in (found.cash_gbp, found.released_gbp, found.absorbed_gbp, found.none_gbp)]
    assert mids == pytest.approx([200, 400, 600, 800])
    assert found.invested_gbp == 30
    assert found.cash_low_gbp == found.cash_gbp.low == pytest.approx(100 + 200 * 0.025)


def test_who_pays_and_who_gains() -> None:
    """a puts in 30 of 40 and gains 10 in cash, c gains 90 in capacity; each investor stands behind its part of every
    gain."""
    made = money(
        {("a", 0, CASH): 10.0, ("c", 2, RELEASED): 90.0, ("c", 0, NONE): 500.0},
        {("x", "a", 0): 30.0, ("x", "b", 1): 10.0},
    )
    found = who_pays(made)
    assert found.bearers == ("a", "c", "b")
    assert found.flows_gbp == pytest.approx(np.array([[7.5, 67.5, 0], [0, 0, 0], [2.5, 22.5, 0]]))
    assert found.positions_gbp == {"a": -20, "c": 90, "b": -10, "the public": -60}
    assert not who_pays(money({("a", 0, CASH): 10.0})).flows_gbp.any(), "nobody put anything in"


def test_tariffs_add_up_over_kinds_and_to_nothing_over_bodies() -> None:
    made = effect({AE: 100.0, STAY: float("nan"), "gp_visit": -20.0})
    tariffs = [
        Tariff(AE, "icb", "hospital", 5.0),
        Tariff(STAY, "icb", "hospital", 900.0),
        Tariff("gp_visit", "icb", "gp", 10.0),
    ]
    assert transfers(made, tariffs) == {
        "icb": pytest.approx(300),
        "hospital": pytest.approx(-500),
        "gp": pytest.approx(200),
    }


def test_the_waterfall_begins_at_average_cost_and_each_step_takes_its_own() -> None:
    made = money({("a", 0, bucket): 100.0 * (bucket + 1) for bucket in range(4)}, {("x", "a", 0): 50.0})
    made = replace(made, npv_gbp=accounts(made)[1].net_gbp)
    assert [(step, round(float(gbp), 6)) for step, gbp in waterfall_figure(made).rows] == [
        ("average-cost value", 1000),
        ("fixed costs unchanged", -400),
        ("absorbed by other demand", -300),
        ("cost of the collaboration", -50),
        ("allowance for uncertainty, and discounting", 0),
        ("net present value", 250),
    ]


# Which price, which share, which draw


def of(*prices: Price) -> PriceBook:
    return PriceBook(2024, {p.code: p for p in prices}, {(p.perspective, p.kind): p.code for p in prices})


def test_the_shares_of_a_protocol_are_of_budgets_and_touch_no_other_lens() -> None:
    """Seven tenths of each attendance are the hospital's. What it is worth to people is nobody's share: it stands with
    its price."""
    shares = (Share(AE, "hospital", 0.7), Share(AE, "ambulance", 0.3))
    plan = protocol(bearers=shares, costs=())
    prices = (price(), price(code="S", perspective=Perspective.SOCIAL, bearer="society", gbp=40.0))
    made = effect()
    freed = free(made, of(*prices).by_kind, (), plan)
    fiscal, social = (value(made, freed, plan, of(*prices), lens=lens) for lens in ("fiscal", "social"))
    assert [bearer.name for bearer in fiscal.bearers] == ["hospital", "ambulance"]
    assert [bearer.name for bearer in social.bearers] == ["society"]
    assert fiscal.by_bearer[0].sum(axis=(1, 2)) == pytest.approx([7000, 3000])
    assert social.by_bearer[0].sum(axis=(1, 2)) == pytest.approx([4000])


@pytest.mark.parametrize(
    ("shares", "fits"),
    [
        ((0.7, 0.3), True),
        ((0.7, 0.2999), False),
        ((0.7, 0.3001), False),
        ((1.0, 0.0), True),
        ((0.5, 0.4), False),
        ((0.6, 0.6), False),
    ],
)
def test_shares_add_to_one(shares: tuple[float, float], fits: bool) -> None:
    plan = protocol(
        costs=(Cost("gp", "running", 1.0),),
        bearers=(Share(AE, "a", shares[0]), Share(AE, "b", shares[1]), Share(STAY, "c", 1.0)),
    )
    if not fits:
        with pytest.raises(Usage, match="add to"):
            shares_of((price(),), plan, Perspective.FISCAL)
        return
    bearers, found = shares_of((price(), price("gp_visit", bearer="icb")), plan, Perspective.FISCAL)
    assert bearers == ("a", "b", "icb", "gp"), "who only pays is in it; who bears another kind is not"
    assert found.tolist() == [[*shares, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]


def test_what_is_in_nobodys_budget_is_no_saving() -> None:
    plan, made = protocol(costs=(), bearers=(Share(AE, "icb", 1.0),)), effect({AE: 10.0, STAY: 10.0, CONTROL: 9.0})
    prices = (price(bearer=""), price(STAY, bearer=""))
    saving = value(made, free(made, of(*prices).by_kind, (), plan), plan, of(*prices))
    assert (saving.kinds, saving.unpriced) == ((AE,), (STAY,))
    assert counted(made, plan) == (AE, STAY)
    assert counted(effect({AE: float("nan"), STAY: 1.0}), plan) == (STAY,)


def test_a_part_is_not_counted_beside_its_whole() -> None:
    plan, made = protocol(costs=()), effect({AE: 1.0, STAY: 1.0})
    both = (price(code="W"), price(STAY, code="P", parent="W"))
    with pytest.raises(ProtocolBreach, match="counted twice"):
        value(made, free(made, of(*both).by_kind, (), plan), plan, of(*both))
    lone = (price(code="W"), price(STAY, code="P", parent="elsewhere"))
    assert value(made, free(made, of(*lone).by_kind, (), plan), plan, of(*lone)).kinds == (AE, STAY)


def test_each_price_has_draws_of_its_own_that_no_other_price_moves() -> None:
    """Mean exactly 1, so that means add up; the standard deviation is the price's doubt; its stream is its code's."""
    one, two = price(spread=0.3), price(STAY, spread=0.3)
    both = price_draws((one, two), 4000, 7)
    assert both.mean(axis=0) == pytest.approx([1, 1], abs=1e-12)
    assert both.std(axis=0) == pytest.approx([0.3, 0.3], rel=0.05)
    assert abs(np.corrcoef(both.T)[0, 1]) < 0.05
    assert price_draws((two,), 4000, 7)[:, 0].tolist() == both[:, 1].tolist()
    assert price_draws((two, one), 4000, 7)[:, 1].tolist() == both[:, 0].tolist()
    assert price_draws((two,), 4000, 8)[:, 0].tolist() != both[:, 1].tolist()
    assert price_draws((price(spread=0.0), two), 5, 7)[:, 0].tolist() == [1.0] * 5
    skewed = price_draws((price(spread=0.5),), 200_000, 1)[:, 0]
    assert ((skewed - 1) ** 3).mean() / 0.5**3 == pytest.approx(2 * 0.5, abs=0.05), (
        "a gamma's skewness is twice its coefficient"
    )


def test_a_saving_keeps_its_draws_of_prices_and_what_it_would_be_without() -> None:
    plan, made, prices = protocol(costs=()), effect(draws=500), of(price(spread=0.3))
    saving = value(made, free(made, prices.by_kind, (), plan), plan, prices, correction=0.15)
    assert saving.gbp.sum(axis=(1, 2, 3, 4)).std() == pytest.approx(3000, rel=0.1)
    assert saving.at_mean_prices.gbp.sum(axis=(1, 2, 3, 4)) == pytest.approx(np.full(500, 10_000))
    assert saving.correction == 0.15


def test_value_to_people_is_stated_weighed_and_in_its_own_column() -> None:
    """A tenth of a QALY lost with one attendance, at the official £ of one; those who gain have half the median income:
    × 2^1.3."""
    plan = protocol(costs=(), qaly={AE: 0.1}, wellby={STAY: 0.2}, income_share={AE: 0.5})
    made, book = effect({AE: 10.0, STAY: 10.0, "x": 5.0}), price_book([], 2024)
    qaly, wellby = book.price("DHSC-QALY").gbp, book.price("HMT-WELLBY").gbp
    found = social_of(made, (AE, STAY, "x"), plan, book, made.calendar)[0].sum(axis=1)
    assert found == pytest.approx([10 * 0.1 * qaly * 2**1.3, 10 * 0.2 * wellby, 0.0])
    saving = value(made, free(made, book.for_kinds({}), (), plan), plan, book)
    assert saving.social_gbp[0].sum() == pytest.approx(sum(found)) and saving.social_gbp.shape[2] == saving.gbp.shape[3]
    for share in (0.0, -1.0):
        with pytest.raises(Usage, match="above nought"):
            social_of(made, (AE,), replace(plan, income_share={AE: share}), book, made.calendar)
    with pytest.raises(ProtocolBreach, match="counted twice"):
        social_of(made, (AE,), replace(plan, wellby={AE: 0.2}), book, made.calendar)


# Bookings


def shared(year_pounds: dict[tuple[str, int], float], contacts: list[float]) -> tuple[Effect, Saving]:
    made = effect({AE: 1.0}, years=3, draws=2)
    averted = np.zeros((2, 1, 36))
    averted[:, 0, 1::12] = contacts
    return replace(made, averted=averted), money({(name, year, CASH): gbp for (name, year), gbp in year_pounds.items()})


def test_contacts_go_to_budgets_by_their_part_of_all_the_pounds_in_each_year() -> None:
    """a bears three quarters of the kind's £400, so three quarters of each year's contacts, whatever the pounds of that
    year."""
    made, saving = shared({("a", 0): 150.0, ("a", 1): 150.0, ("b", 0): 50.0, ("b", 1): 50.0}, [10.0, 6.0, 0.0])
    rows = {(row.bearer, row.year): (row.contacts, row.cash_gbp) for row in bookings(made, saving)}
    assert rows == {
        ("a", "2023-24"): (7.5, 150),
        ("a", "2024-25"): (4.5, 150),
        ("b", "2023-24"): (2.5, 50),
        ("b", "2024-25"): (1.5, 50),
    }


def test_harm_is_booked_and_what_routing_models_is_not() -> None:
    made, saving = shared({("a", 0): -150.0}, [-10.0, 0.0, 0.0])
    (row,) = bookings(made, saving)
    assert (row.contacts, row.cash_gbp) == (-10, -150)
    assert bookings(made, replace(saving, kinds=("a ward",))) == ()
    assert bookings(*shared({("a", 0): 0.0}, [10.0, 0.0, 0.0])) == (), "of no pound nobody has a part"


def test_a_part_of_a_booking_is_a_part_of_each_figure() -> None:
    whole = Booking(AE, "a", "2023-24", 8.0, 80.0, 40.0, 20.0, 10.0)
    assert whole.times(0.25) == Booking(AE, "a", "2023-24", 2.0, 20.0, 10.0, 5.0, 2.5)


def test_what_is_paid_by_heading_and_financial_year() -> None:
    made = money({("a", 0, CASH): 1.0}, {("x", "a", 0): 5.0, ("x", "b", 1): 7.0, ("y", "a", 0): 9.0})
    assert [(one.bearer, one.what, one.year, one.gbp) for one in paid(made)] == [
        ("a", "x", "2023-24", 5),
        ("a", "y", "2023-24", 9),
        ("b", "x", "2024-25", 7),
    ]


def test_a_penny_is_booked() -> None:
    made, saving = shared({("a", 0): 0.5}, [0.01, 0.0, 0.0])
    assert [(row.contacts, row.cash_gbp) for row in bookings(made, saving)] == [(0.01, 0.5)]


def test_value_to_people_stands_in_the_lens_of_budgets_alone() -> None:
    """In the social lens it is the price itself: beside it, it would be counted twice."""
    plan, made, book = protocol(costs=(), qaly={AE: 0.1}), effect(), price_book([], 2024)
    prices = replace(
        book,
        prices={**book.prices, "S": price(code="S", perspective=Perspective.SOCIAL, bearer="society")},
        owns={**book.owns, (Perspective.SOCIAL, AE): "S"},
    )
    freed = free(made, book.for_kinds({}), (), plan)
    assert value(made, freed, plan, prices).social_gbp.sum() > 0
    assert value(made, freed, plan, prices, lens="social").social_gbp.sum() == 0


def test_of_months_that_nobody_counted_no_running_cost_is_told() -> None:
    plan = protocol(costs=(Cost("gp", "running", 366.0, 0, yearly=True),))
    days = np.array([month.days for month in effect().calendar], dtype=float)
    days[:2] = 0.0
    made = replace(effect(), counted_days=days)
    saving = value(made, free(made, of(price()).by_kind, (), plan), plan, of(price()))
    assert saving.cost_gbp.sum(axis=(0, 1)) == pytest.approx(days)


def test_a_later_exit_lengthens_the_calendar_and_a_yearly_cost_does_not() -> None:
    for costs, months in (
        ((Cost("gp", "exit", 9.0, 2),), 25),
        ((Cost("gp", "running", 9.0, 2, yearly=True),), 12),
        ((), 12),
    ):
        plan, made = protocol(costs=costs), effect()
        assert value(made, free(made, of(price()).by_kind, (), plan), plan, of(price())).calendar.months == months


def test_value_to_people_fades_as_pounds_do() -> None:
    longer = forecast(money({("a", 2, CASH): 12.0}, social=0.0), 1, 0.5)
    assert longer.social_gbp.sum() == 0
    made = money({("a", 2, CASH): 12.0})
    worth = made.social_gbp.copy()
    worth[:, 0, 30] = 24.0
    longer = forecast(replace(made, social_gbp=worth), 2, 0.5)
    assert longer.social_gbp[0, 0].reshape(5, 12).sum(axis=1) == pytest.approx([0, 0, 24, 12, 6])


# Costs on the calendar

FIRST = date(2023, 4, 1)


def by_month(costs: tuple[Cost, ...], last: date, months: int = 36, counted_share: float = 1.0) -> np.ndarray:
    calendar = Calendar(Month(2023, 4), months)
    return costs_of(protocol(costs=costs), ("gp",), calendar, Delivery(FIRST, last), counted_share)[1].sum(axis=(0, 1))


YEARLY = [
    # from which year, last day → pounds by year of £366 (2023-24) and £365 a year
    (0, date(2024, 3, 31), [366, 0, 0]),
    (0, date(2024, 3, 30), [365, 0, 0]),
    (0, date(2024, 4, 1), [366, 366 / 365, 0]),
    (0, date(2026, 3, 31), [366, 366, 366]),
    (1, date(2026, 3, 31), [0, 366, 366]),
    (1, date(2024, 3, 31), [0, 0, 0]),
    (0, date(2023, 4, 1), [1, 0, 0]),
]


@pytest.mark.parametrize(("since", "last", "pounds"), YEARLY)
def test_a_yearly_cost_runs_day_by_day_to_the_last(since: int, last: date, pounds: list[float]) -> None:
    found = by_month((Cost("gp", "running", 366.0, since, yearly=True),), last)
    assert found.reshape(3, 12).sum(axis=1) == pytest.approx(pounds)
    assert by_month(
        (Cost("gp", "running", 366.0, since, yearly=True),), last, counted_share=0.5
    ).sum() == pytest.approx(sum(pounds) / 2)


def test_one_off_costs_fall_with_the_first_month_of_their_year_and_add_up() -> None:
    costs = (Cost("gp", "set-up", 10.0), Cost("gp", "exit", 7.0, 2), Cost("gp", "set-up", 5.0))
    found = by_month(costs, date(2024, 3, 31), counted_share=0.5)
    assert {at: gbp for at, gbp in enumerate(found) if gbp} == {0: 15.0, 24: 7.0}


def test_a_year_begins_on_its_anniversary_and_a_leap_days_on_the_first_of_march() -> None:
    assert Delivery(date(2024, 2, 29), date(2030, 1, 1)).year(1) == (date(2025, 3, 1), date(2026, 2, 28))
    assert Delivery(date(2024, 2, 29), date(2030, 1, 1)).year(4) == (date(2028, 2, 29), date(2029, 2, 28))
    assert Delivery(FIRST, FIRST).year(0) == (date(2023, 4, 1), date(2024, 3, 31))


DELIVERED = [
    # protocol's changes, last start after the first (days) → last day of delivery, of 731 days followed
    ({"unit": "place"}, None, date(2025, 3, 31)),
    ({"unit": "person"}, None, date(2025, 3, 31)),
    ({"unit": "person", "follow_up_days": 100}, 0, date(2023, 7, 9)),
    ({"unit": "person", "follow_up_days": 100}, 365, date(2024, 3, 31)),
    ({"unit": "person", "follow_up_days": 9999}, 365, date(2025, 3, 31)),
    ({"unit": "place", "follow_up_days": 100}, 365, date(2025, 3, 31)),
    ({"unit": "person", "follow_up_days": 100, "end": date(2023, 12, 31)}, 365, date(2023, 12, 31)),
    ({"unit": "place", "end": date(2030, 1, 1)}, None, date(2025, 3, 31)),
    ({"unit": "place", "end": date(2020, 1, 1)}, None, FIRST),
]


@pytest.mark.parametrize(("changes", "last_start", "last"), DELIVERED)
def test_until_when_it_was_delivered(changes: dict[str, object], last_start: int | None, last: date) -> None:
    made = effect(years=2)
    starts = np.array([FIRST, FIRST + timedelta(days=last_start or 0)], dtype="datetime64[D]")
    cohort = None if last_start is None else Cohort(np.array(["a", "b"]), starts, {}, starts, starts)
    assert delivered(made, protocol(**changes), cohort) == Delivery(FIRST, last)
