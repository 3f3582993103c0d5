"""Savings, costs and lots on the calendar: the months in which people were followed, the days on which it was
delivered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.capacity import free
from headwater.domain.calendar import Calendar, Month
from headwater.domain.collaboration import Cost
from headwater.domain.evidence import Cohort, Effect
from headwater.ledger import Followed
from headwater.savings import PriceBook, accounts, bookings, delivered, paid, value
from money_world import AE, AT, LOCK, effect, ledger_in, lot, people, price, protocol

if TYPE_CHECKING:
    from pathlib import Path

BOOK = PriceBook(2024, {"P": price()}, {(price().perspective, AE): "P"})
RUNNING = protocol(costs=(Cost("gp", "running", 38_000.0, 0, yearly=True),), cashable={AE: 1.0}, backfill={AE: 0.0})


def intake(
    years: float, each_day: float = 0.5, follow_up: int = 365, first: date = date(2022, 7, 1)
) -> tuple[Effect, Cohort]:
    """People taken on evenly over so many years, each followed `follow_up` days, a thousandth of a contact averted a
    day."""
    starts = np.datetime64(first) + np.arange(0, round(years * 365), 1 / each_day).astype("timedelta64[D]")
    ends = starts + np.timedelta64(follow_up - 1, "D")
    calendar = Calendar.spanning(starts.min().item(), ends.max().item())
    days = calendar.overlap_days(starts, ends).sum(axis=0).astype(float)
    averted = np.repeat((days / 1_000)[None, None, :], 4, axis=0)
    made = Effect(
        "frequent-attenders",
        (AE,),
        calendar,
        averted,
        (None,),
        len(starts),
        days.sum() / 365.25,
        days,
        starts.min().item(),
        ends.max().item(),
        7,
    )
    units = np.array([f"p{at}" for at in range(len(starts))])
    return made, Cohort(units, starts, {}, starts, ends)


def worth(made: Effect, cohort: Cohort, plan: object = RUNNING) -> object:
    return value(made, free(made, BOOK.by_kind, (), plan), plan, BOOK, delivery=delivered(made, plan, cohort))  # type: ignore[arg-type]


def test_what_is_booked_stands_in_the_years_in_which_people_were_followed() -> None:
    made, cohort = intake(2.0)
    booked = {row.year: row.contacts for row in bookings(made, worth(made, cohort))}  # type: ignore[arg-type]
    days: dict[str, int] = {}
    for first, last in zip(cohort.first, cohort.last, strict=True):
        for day in np.arange(first, last + 1):
            year = Month.of(day.item()).financial_year
            days[year] = days.get(year, 0) + 1
    assert set(booked) == set(days) == {"2022-23", "2023-24", "2024-25", "2025-26"}
    for year, number in days.items():
        assert booked[year] / sum(booked.values()) == pytest.approx(number / sum(days.values()), abs=0.001)


def test_two_years_of_intake_cost_two_years_and_the_ratio_stays() -> None:
    one, two = (worth(*intake(years)) for years in (1.0, 2.0))
    assert one.invested_gbp.sum() == pytest.approx(38_000, rel=0.005)  # type: ignore[attr-defined]
    assert two.invested_gbp.sum() == pytest.approx(76_000, rel=0.005)  # type: ignore[attr-defined]
    ratios = [saving.gbp[..., :2].sum() / saving.invested_gbp.sum() for saving in (one, two)]  # type: ignore[attr-defined]
    assert ratios[0] == pytest.approx(ratios[1], rel=0.01)


def test_costs_stop_at_the_protocols_end() -> None:
    made, cohort = intake(2.0)
    stopped = worth(made, cohort, replace(RUNNING, end=date(2023, 6, 30)))
    assert stopped.invested_gbp.sum() == pytest.approx(38_000)  # type: ignore[attr-defined]
    assert {row.year: row.gbp for row in paid(stopped)} == {  # type: ignore[arg-type]
        "2022-23": pytest.approx(38_000 * 274 / 365),
        "2023-24": pytest.approx(38_000 * 91 / 365),
    }


def test_a_cohort_taken_on_in_one_day_costs_its_follow_up() -> None:
    made, cohort = intake(1 / 365, each_day=100.0)
    assert worth(made, cohort).invested_gbp.sum() == pytest.approx(38_000)  # type: ignore[attr-defined]


def test_of_months_nobody_counted_neither_contacts_nor_costs_are_told() -> None:
    """Five months of twenty-four are not counted: a year's saving and a year's cost are those of the others."""
    calendar = Calendar.spanning(date(2022, 1, 1), date(2023, 12, 31))
    days = calendar.overlap_days(date(2022, 1, 1), date(2023, 12, 31)).astype(float)
    counted = np.where(np.arange(24) < 5, 0.0, days)
    averted = np.repeat(counted[None, None, :], 4, axis=0)
    made = Effect(
        "x", (AE,), calendar, averted, (None,), 1, 2.0, days, date(2022, 1, 1), date(2023, 12, 31), 7, counted
    )
    place = replace(RUNNING, unit="place", follow_up_days=730)
    saving = value(made, free(made, BOOK.by_kind, (), place), place, BOOK, delivery=delivered(made, place))
    assert made.delivery_years == pytest.approx(counted.sum() / 365.25)
    assert saving.gbp.sum(axis=(1, 2, 3, 4)).mean() / saving.delivery_years == pytest.approx(100 * 365.25)
    assert saving.invested_gbp.sum() / saving.delivery_years == pytest.approx(38_000, rel=0.002)


def test_sums_of_the_one_money_agree() -> None:
    """Months sum to years, years to totals, bearers to the whole, and both bases hold every pound of theirs."""
    made, cohort = intake(1.5)
    saving = worth(made, cohort)
    rows = bookings(made, saving)  # type: ignore[arg-type]
    by_bucket = saving.gbp.mean(axis=0).sum(axis=(0, 1, 2))  # type: ignore[attr-defined]
    for at, name in enumerate(("cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp")):
        assert sum(getattr(row, name) for row in rows) == pytest.approx(by_bucket[at])
    assert by_bucket.sum() == pytest.approx(100 * made.of(AE).mean())
    whole, public, *own = accounts(saving)  # type: ignore[arg-type]
    assert sum(one.net_gbp.mean() for one in own) == pytest.approx(whole.net_gbp.mean())
    assert public.net_gbp.mean() == pytest.approx(saving.npv_gbp.mean())  # type: ignore[attr-defined]
    assert public.benefit_gbp.mean() > whole.benefit_gbp.mean()


def test_lots_net_by_the_days_on_which_a_person_was_in_both(tmp_path: Path) -> None:
    """All through 2023 two hundred people are taken on and followed a year; from 22 January 2024 the same are in
    another."""
    names = people(0, 200)
    starts = np.datetime64("2023-01-22") + (np.arange(200) * 364 // 199).astype("timedelta64[D]")
    other = np.repeat(np.datetime64("2024-01-22"), 200)
    year = np.timedelta64(364, "D")
    ledger = ledger_in(tmp_path)
    first = lot("A", 100.0, first_day="2023-01-22", last_day="2025-01-18")
    ledger.open_lot(first, Followed(np.array(names), starts, starts + year), LOCK, 3, AT)
    second = lot("B", 100.0, first_day="2024-01-22", last_day="2025-01-20")
    ledger.open_lot(second, Followed(np.array(names), other, other + year), LOCK, 3, AT)
    both = np.maximum((starts + year + 1 - other).astype(int), 0).sum()
    assert ledger.available() == {"A": pytest.approx(100), "B": pytest.approx(100 - 100 * both / (200 * 365))}
    assert 0.4 < both / (200 * 365) < 0.6


def test_lots_whose_people_were_never_in_both_on_a_day_are_booked_whole(tmp_path: Path) -> None:
    """The lots' days overlap; those of each person do not."""
    names = np.array(people(0, 2))
    ledger = ledger_in(tmp_path)
    days = [
        np.array(each, dtype="datetime64[D]") for each in (("2023-01-01", "2023-07-01"), ("2023-07-01", "2023-01-01"))
    ]
    for name, first in zip("AB", days, strict=True):
        made = lot(name, 100.0, first_day="2023-01-01", last_day="2023-12-27")
        ledger.open_lot(made, Followed(names, first, first + np.timedelta64(179, "D")), LOCK, 3, AT)
    assert ledger.available() == {"A": pytest.approx(100), "B": pytest.approx(100)}


def test_months_are_whole_and_in_order() -> None:
    calendar = Calendar.spanning(date(2023, 11, 20), date(2024, 4, 2))
    assert calendar.labels == ("2023-11", "2023-12", "2024-01", "2024-02", "2024-03", "2024-04")
    assert calendar.overlap_days(date(2023, 11, 20), date(2024, 4, 2)).tolist() == [11, 31, 31, 29, 31, 2]
    assert calendar.financial_years == {"2023-24": slice(0, 5), "2024-25": slice(5, 6)}
    assert calendar.overlap_days(date(2024, 5, 1), date(2024, 5, 3)).sum() == 0
    assert effect(years=2).calendar.financial_years == {"2023-24": slice(0, 12), "2024-25": slice(12, 24)}
