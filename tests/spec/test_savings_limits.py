"""The limits behind warnings and ranges, as a reader may look them up, and each at its edge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.domain.calendar import Calendar, Month
from headwater.domain.errors import DataProblem, Usage
from headwater.domain.money import Bearer, Perspective, Saving
from headwater.savings import price_book, sensitivity
from headwater.savings.bases import Account, acceptability, npsv
from headwater.savings.cooperative import contested, shared_savings
from headwater.savings.lint import CONFLICT, STALE_YEARS, TENFOLD, UNIT_GBP, lint
from headwater.savings.tables import PriceRow, rows_of
from money_world import AE, STAY, price

if TYPE_CHECKING:
    from pathlib import Path

UNITS = {
    "hour": (8, 400),
    "consultation": (5, 400),
    "visit": (5, 1000),
    "contact": (5, 2500),
    "attendance": (10, 2500),
    "day": (20, 5000),
    "bed-day": (20, 5000),
    "week": (40, 9000),
    "month": (100, 30000),
    "year": (50, 400000),
    "application": (50, 50000),
    "process": (20, 20000),
    "assessment": (20, 20000),
}


def test_the_limits_themselves() -> None:
    assert UNIT_GBP == UNITS
    assert (STALE_YEARS, TENFOLD, CONFLICT) == (5, 4.5, 1.5)


def row(code: str, gbp: float = 100.0, **more: object) -> PriceRow:
    own = {name: more.pop(name) for name in ("mix", "own", "version", "activity", "total_gbp") if name in more}
    return PriceRow(price(AE, gbp, code=code, **more), "t", 1, **own)  # type: ignore[arg-type]


def found(*rows: PriceRow) -> set[str]:
    return {warning.check for warning in lint(rows, 2024)}


@pytest.mark.parametrize("unit", UNITS)
def test_what_a_unit_can_cost(unit: str) -> None:
    low, high = UNITS[unit]
    for gbp, odd in ((low, False), (low - 0.01, True), (high, False), (high + 0.01, True)):
        assert ("magnitude of the unit" in found(row("A", gbp, unit=unit))) is odd, gbp
    assert "magnitude of the unit" not in found(row("A", 0.01, unit="helicopter"), row("B", 1e7, unit="helicopter"))
    assert "magnitude of the unit" not in found(row("A", low - 0.01, unit=unit, perspective=Perspective.SOCIAL))


SLIPS = [
    # a second price of the same → far from its neighbour (4.5 times), in conflict (more than 1.5 times, another source)
    (450.0, False, True),
    (451.0, True, True),
    (22.3, False, True),
    (22.1, True, True),
    (150.0, False, False),
    (151.0, False, True),
    (100.0, False, False),
]


@pytest.mark.parametrize(("gbp", "far", "conflict"), SLIPS)
def test_two_prices_of_one_thing(gbp: float, far: bool, conflict: bool) -> None:
    told = found(row("A"), row("B", gbp, source="another"))
    assert ("order of magnitude" in told) is far
    assert ("conflict" in told) is conflict
    assert "conflict" not in found(row("A"), row("B", gbp)), "one source does not contradict itself"
    assert "conflict" not in found(row("A", mix="day"), row("B", gbp, mix="night", source="another"))


def test_one_figure_under_two_perspectives() -> None:
    for other, same in ((100.0, True), (101.0, True), (102.0, False)):
        told = found(row("A"), row("B", other, perspective=Perspective.SOCIAL, bearer="society"))
        assert ("perspective" in told) is same
    assert "perspective" not in found(
        row("A"), row("B", 100.0, perspective=Perspective.SOCIAL, bearer="society", price_year=2020)
    )
    for bearer, odd in (("society", True), ("several", True), ("hospital", False)):
        assert ("perspective" in found(row("A", bearer=bearer))) is odd


def test_a_part_and_its_whole_in_use_together() -> None:
    whole, part = row("W", 100.0, own=True), row("P", 40.0, parent="W", own=True)
    assert "nested" in found(whole, part)
    assert "nested" not in found(whole, replace(part, own=False))
    assert "nested" not in found(replace(whole, own=False), part)
    assert "nested" in found(part), "a part of what no table holds"
    assert "nested" not in found(whole, row("A", 60.0, parent="W"), row("B", 41.0, parent="W"))
    assert "nested" in found(whole, row("A", 60.0, parent="W"), row("B", 41.1, parent="W"))
    assert found(row("A"), row("B", 110.0)) == set()
    assert lint((), 2024) == ()


def test_a_price_year_after_the_books_and_another_unit() -> None:
    assert "price year" in {warning.check for warning in lint((row("A", price_year=2024),), 2023)}
    assert "price year" not in found(row("A", price_year=2024))
    assert "unit" in found(row("A"), row("B", unit="hour"))


# Ranges


def saving() -> Saving:
    """100 of cash and 60 of capacity in year 0, of which a third is filled again; a cost of 70; draws from half to half
    as much again."""
    gbp = np.zeros((101, 1, 1, 24, 4))
    gbp[:, 0, 0, 0, :3] = (100.0, 40.0, 20.0)
    gbp *= np.linspace(0.5, 1.5, 101)[:, None, None, None, None]
    cost = np.zeros((1, 1, 24))
    cost[0, 0, 0] = 70.0
    made = Saving(
        "x",
        Perspective.FISCAL,
        (AE,),
        (Bearer("a"),),
        Calendar(Month(2023, 4), 24),
        gbp,
        ("running",),
        cost,
        np.zeros((101, 1, 24)),
        2024,
        (price(spread=0.1),),
        np.zeros(101),
        0.1,
    )
    return replace(made, npv_gbp=npsv(made))


RANGES = {
    # assumption: now, low, high, net at either end, and where the net is nothing. Now: 140 · 0.9 − 70 · 1.1 = 49.
    "effect, as a multiple of the estimate": (
        1.0,
        0.525,
        1.475,
        140 * 0.9 * 0.525 - 77,
        140 * 0.9 * 1.475 - 77,
        77 / 126,
    ),
    "prices, as a multiple": (1.0, 0.804, 1.196, 126 * 0.804 - 77, 126 * 1.196 - 77, 77 / 126),
    "costs, as a multiple": (1.0, 0.75, 1.25, 126 - 57.75, 126 - 96.25, 126 / 77),
    "share of freed capacity that other demand fills": (1 / 3, 0.0, 1.0, 160 * 0.9 - 77, 100 * 0.9 - 77, None),
    "cash, as a share of what is stated": (1.0, 0.0, 1.0, 40 * 0.9 - 77, 126 - 77, (77 - 36) / 90),
    "optimism correction": (0.1, 0.0, 0.4, 70.0, 140 * 0.6 - 70 * 1.4, 70 / 210),
}


def test_each_assumption_alone_by_hand() -> None:
    told = {one.name: one for one in sensitivity(saving())}
    assert set(told) == set(RANGES), "all falls in year 0: no discount rate moves it"
    for name, (now, low, high, at_low, at_high, even) in RANGES.items():
        one = told[name]
        assert (one.now, one.low, one.high) == pytest.approx((now, low, high), abs=1e-9), name
        assert (one.npv_low_gbp, one.npv_high_gbp) == pytest.approx((at_low, at_high)), name
        assert one.breaks_even_at == (None if even is None else pytest.approx(even, rel=1e-6)), name
        assert one.swing_gbp == pytest.approx(abs(at_high - at_low))
    swings = [one.swing_gbp for one in sensitivity(saving())]
    assert swings == sorted(swings, reverse=True)


def test_the_rate_that_is_recommended_stands_beside_the_one_in_force() -> None:
    made = saving()
    later = replace(made, gbp=np.roll(made.gbp, 12, axis=3))
    (rate,) = (one for one in sensitivity(later) if one.name.startswith("discount rate"))
    assert (rate.now, rate.low, rate.high, rate.breaks_even_at) == (0.035, 0.030, 0.035, None)
    assert (rate.npv_low_gbp, rate.npv_high_gbp) == pytest.approx((126 / 1.03 - 77, 126 / 1.035 - 77))


def test_at_which_costs_a_benefit_is_told() -> None:
    told = [at for at, _ in acceptability(Account("fiscal", "", np.array([1.0]), 1.0))]
    assert told == [0.0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0]


# Sharing


SHARED = [
    # benchmark 1,000, actual, hurdle, from the first pound → half of it
    (900.0, 0.0, True, 50),
    (1000.0, 0.0, True, 0),
    (1100.0, 0.0, True, 0),
    (980.0, 0.02, True, 10),
    (981.0, 0.02, True, 0),
    (900.0, 0.02, False, 40),
]


@pytest.mark.parametrize(("actual", "hurdle", "first", "kept"), SHARED)
def test_what_a_provider_keeps(actual: float, hurdle: float, first: bool, kept: float) -> None:
    assert shared_savings(1000.0, actual, 0.5, hurdle, first_pound=first) == pytest.approx(kept)
    if hurdle == 0 and first:
        assert shared_savings(1000.0, actual, 0.5) == pytest.approx(kept)


@pytest.mark.parametrize(
    ("pot", "shares"), [(100, [100 / 3] * 3), (200, [50, 75, 75]), (300, [50, 100, 150]), (600, [100, 200, 300])]
)
def test_a_contested_pot(pot: float, shares: list[float]) -> None:
    """The Talmud's own three: claims of 100, 200 and 300 on an estate of 100, 200 and 300."""
    assert contested(pot, [100.0, 200.0, 300.0]) == pytest.approx(shares)


# Tables


LINE = {
    "price": "A",
    "kind": AE,
    "about": "x",
    "gbp": "100",
    "unit": "contact",
    "price_year": "2024",
    "perspective": "fiscal",
    "bearer": "hospital",
    "source": "s",
    "edition": "e",
    "licence": "l",
}


@pytest.mark.parametrize(("count", "more"), [(12, False), (13, True)])
def test_a_dozen_problems_are_shown(count: int, more: bool) -> None:
    with pytest.raises(DataProblem) as refused:
        rows_of("t", [{**LINE, "price": f"A{at}", "gbp": "dear"} for at in range(count)])
    assert ("and 1 more" in refused.value.given) is more
    assert "and 0 more" not in refused.value.given


@pytest.mark.parametrize(
    ("year", "is_one"),
    [
        ("2024", True),
        ("2024-25", True),
        ("2024/25", True),
        ("2024.0", True),
        ("20245", False),
        ("24", False),
        ("soon", False),
    ],
)
def test_what_is_a_price_year(year: str, is_one: bool) -> None:
    if is_one:
        assert rows_of("t", [{**LINE, "price_year": year}])[0].price.price_year == 2024
    else:
        with pytest.raises(DataProblem, match="problem"):
            rows_of("t", [{**LINE, "price_year": year}])


def test_a_later_table_settles_what_an_earlier_one_left_open(tmp_path: Path) -> None:
    def table(name: str, *codes: str) -> Path:
        file = tmp_path / name
        file.write_text(
            "\n".join([",".join(LINE), *(",".join({**LINE, "price": code, "kind": STAY}.values()) for code in codes)])
        )
        return file

    two, one = table("two.csv", "A", "B"), table("one.csv", "C")
    with pytest.raises(Usage, match="2 own prices"):
        price_book([two], 2024).for_kinds({})
    assert price_book([two], 2024).for_kinds({STAY: "B"})[STAY].code == "B"
    assert price_book([two, one], 2024).for_kinds({})[STAY].code == "C"
