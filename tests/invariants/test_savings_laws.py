"""Laws of money that hold for any effect, price, share and rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.capacity import free
from headwater.capacity.free import Shares, four_ways
from headwater.domain.collaboration import Cost, Protocol, Share
from headwater.domain.money import BUCKETS
from headwater.domain.numbers import numbers
from headwater.domain.uncertainty import Interval
from headwater.savings import PriceBook, accounts, bookings, headline, optimism, payers, settle, value, who_pays
from headwater.savings.deflator import deflator, rebased
from headwater.savings.discount import present_value
from headwater.savings.gainshare import RULES
from money_world import AE, SOUND, STAY, effect, price, protocol

shares_ = st.floats(0, 1)
pounds = st.floats(-1e6, 1e6, allow_nan=False)
names = st.sampled_from(["hospital", "gp", "council", "police", "housing"])


@st.composite
def split_shares(draw: st.DrawFn) -> Shares:
    variable = draw(shares_)
    return Shares(variable, draw(st.floats(0, 1 - variable)), draw(shares_), draw(shares_))


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e5, 1e5), st.floats(0, 1e5), split_shares(), st.floats(0, 1e7))
def test_the_four_ways_sum_to_average_cost(contacts: float, gbp: float, shares: Shares, closed: float) -> None:
    split = four_ways(np.array([contacts]), gbp, shares, np.array([closed]))
    assert split.sum() == pytest.approx(contacts * gbp, rel=1e-9, abs=1e-6)


@st.composite
def plans(draw: st.DrawFn) -> Protocol:
    first = draw(st.floats(0.0, 1.0))
    return protocol(
        cashable={AE: draw(shares_), STAY: draw(shares_)},
        backfill={AE: draw(shares_), STAY: draw(shares_)},
        bearers=(Share(AE, "hospital", first), Share(AE, "ambulance", 1 - first)),
    )


@settings(max_examples=60, deadline=None)
@given(plans(), st.floats(-500, 500), st.floats(0, 200), st.integers(1, 3), st.floats(0, 0.3))
def test_savings_conserve_pounds_over_bearers_and_buckets(
    plan: object, mean: float, sd: float, periods: int, spread: float
) -> None:
    book = PriceBook(2024, {p.code: p for p in (price(spread=spread), price(STAY, 2_000.0))}, {})
    book = PriceBook(2024, book.prices, {(p.perspective, p.kind): p.code for p in book.prices.values()})
    made = effect({AE: mean, STAY: mean / 10}, sd=sd, years=periods, draws=50)
    freed = free(made, book.by_kind, (), plan)  # type: ignore[arg-type]
    average_cost = made.averted * np.array([100.0, 2_000.0])[None, :, None]
    assert freed.split_gbp.sum(axis=3) == pytest.approx(average_cost, rel=1e-9, abs=1e-6)
    saving = value(made, freed, plan, book, optimism(SOUND))  # type: ignore[arg-type]
    if not spread:
        assert saving.gbp.sum(axis=(1, 2, 3, 4)) == pytest.approx(average_cost.sum(axis=(1, 2)), rel=1e-9, abs=1e-6)
    booked = bookings(made, saving)
    total = sum(b.cash_gbp + b.released_gbp + b.absorbed_gbp + b.none_gbp for b in booked)
    assert total == pytest.approx(float(saving.gbp.sum(axis=(1, 2, 3, 4)).mean()), rel=1e-6, abs=1e-2)
    assert sum(who_pays(saving).positions_gbp.values()) == pytest.approx(0, abs=1e-6 * max(1.0, abs(total)))


@settings(max_examples=40, deadline=None)
@given(st.floats(-300, 300), st.floats(1, 100))
def test_summaries_are_those_of_the_draws(mean: float, sd: float) -> None:
    book = PriceBook(2024, {"P": price()}, {(price().perspective, AE): "P"})
    made = effect({AE: mean}, sd=sd, draws=200)
    plan = protocol()
    saving = value(made, free(made, book.by_kind, (), plan), plan, book)
    by_bucket = saving.gbp.sum(axis=(1, 2, 3))
    head = headline(saving)
    for at, interval in enumerate((head.cash_gbp, head.released_gbp, head.absorbed_gbp, head.none_gbp)):
        assert interval == Interval.around_mean(by_bucket[:, at])
    paid = payers(saving)
    in_profit = (saving.by_bearer[:, 0, :, :2].sum(axis=(1, 2)) > 5_000).mean()
    assert paid[0].breaks_even == pytest.approx(in_profit)
    assert all(0 <= account.breaks_even <= 1 for account in paid)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(names, pounds, min_size=1), st.dictionaries(names, st.floats(0, 1e6)), st.sampled_from(RULES))
def test_every_settlement_adds_to_nothing(gains: dict[str, float], costs: dict[str, float], rule: str) -> None:
    partners = list(dict.fromkeys([*gains, *costs]))
    fixed = dict.fromkeys(partners, 1 / len(partners)) if rule == "fixed" else None
    lines = settle(gains, costs, rule, fixed, a_loss_is_agreed=True)
    scale = max(1.0, *(abs(x) for x in (*gains.values(), *costs.values())))
    assert sum(line.payment_gbp for line in lines) == pytest.approx(0, abs=1e-9 * scale)
    assert sum(line.net_gbp for line in lines) == pytest.approx(
        sum(gains.values()) - sum(costs.values()), abs=1e-8 * scale
    )


@settings(max_examples=100, deadline=None)
@given(
    st.floats(0.01, 1e6),
    st.sampled_from(sorted(deflator())),
    st.sampled_from(sorted(deflator())),
    st.sampled_from(sorted(deflator())),
)
def test_rebasing_by_way_of_a_third_year_changes_nothing(gbp: float, one: int, two: int, three: int) -> None:
    assert rebased(rebased(gbp, one, two), two, three) == pytest.approx(rebased(gbp, one, three))


@settings(max_examples=100, deadline=None)
@given(st.lists(pounds, min_size=1, max_size=80), st.lists(pounds, min_size=80, max_size=80))
def test_present_values_add(one: list[float], other: list[float]) -> None:
    other = other[: len(one)]
    both = np.add(one, other)
    assert float(present_value(both)) == pytest.approx(
        float(present_value(one) + present_value(other)), rel=1e-9, abs=1e-4
    )


@settings(max_examples=25, deadline=None)
@given(plans(), st.floats(-300, 300), st.floats(0, 60), st.integers(1, 3), st.floats(0, 40_000))
def test_months_make_years_years_make_totals_and_both_bases_conserve(
    plan: Protocol, mean: float, sd: float, years: int, transfer: float
) -> None:
    """Pounds by budget and bucket add up over financial years; the bases add up over budgets, but for what one public
    body pays another."""
    book = PriceBook(
        2024,
        {"A": price(), "S": price(STAY, 2_000.0)},
        {(price().perspective, AE): "A", (price().perspective, STAY): "S"},
    )
    made = effect({AE: mean, STAY: mean / 10}, sd=sd, draws=60, years=years)
    plan = replace(plan, costs=(*plan.costs, Cost("hospital", "transfer", transfer)))
    saving = value(made, free(made, book.by_kind, (), plan), plan, book, optimism(SOUND))
    told, rows, scale = numbers(saving), bookings(made, saving), 1e-9 * max(1.0, float(np.abs(saving.gbp).sum()))
    for bucket in BUCKETS:
        key = f"{'none' if bucket == 'unchanged' else bucket}_gbp"
        whole = told.of(bucket)
        assert whole is not None
        by_year = [
            sum(getattr(row, key) for row in rows if row.year == year) for year in saving.calendar.financial_years
        ]
        assert len(by_year) == years and sum(by_year) == pytest.approx(whole.mid, abs=scale + 1e-6)
        months = saving.gbp[..., BUCKETS.index(bucket)].mean(axis=0).sum(axis=(0, 1))
        for gbp, within in zip(by_year, saving.calendar.financial_years.values(), strict=True):
            assert gbp == pytest.approx(months[within].sum(), abs=scale + 1e-6)
    fiscal, public, *own = accounts(saving)
    assert sum(one.net_gbp.mean() for one in own) == pytest.approx(fiscal.net_gbp.mean(), abs=scale + 1e-6)
    moved = transfer * (1 + saving.correction)
    by_budget = sum(one.net_gbp.mid for one in payers(saving))
    assert by_budget + moved == pytest.approx(public.net_gbp.mean(), abs=scale + 1e-6), (
        "a transfer is a cost to one and none to all"
    )
