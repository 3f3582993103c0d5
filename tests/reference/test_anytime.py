"""Intervals that hold however often one looks: closed forms, and worlds with nothing in them looked at every month."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from headwater.domain.collaboration import Outcome, Role
from headwater.domain.evidence import LookWord
from headwater.domain.uncertainty import Interval
from headwater.evidence.monitoring import looks_of
from headwater.stats.anytime import Boundary
from small_worlds import plan


def test_the_boundary_is_the_published_one_and_tightest_where_it_is_tuned() -> None:
    one = Boundary(0.05, 100.0)
    v, rho = 250.0, one.rho
    assert one.reach(v) == pytest.approx(np.sqrt((v + rho) * np.log((v + rho) / (0.05**2 * rho))) / v)
    widths = [float(Boundary(0.05, tuned).reach(100.0)) for tuned in (25.0, 50.0, 100.0, 200.0, 400.0)]
    assert widths.index(min(widths)) == 2
    # Where it is tuned it costs some half more than an interval for one look.
    assert 1.4 < widths[2] / (1.96 / 10) < 1.6


def test_the_wager_is_won_exactly_where_the_interval_leaves_no_change_out() -> None:
    one = Boundary(0.05, 60.0)
    for v in (10.0, 60.0, 500.0):
        edge = float(one.reach(v))
        assert one.e_value(edge, v) == pytest.approx(20.0)
        assert one.e_value(0.9 * edge, v) < 20 < one.e_value(1.1 * edge, v)


@pytest.mark.parametrize("effect", [-0.05, -0.22, 0.4])
def test_the_information_needed_puts_the_effect_at_the_end(effect: float) -> None:
    one = Boundary(0.05, 100.0)
    assert one.reach(one.needed(effect)) == pytest.approx(abs(effect))
    assert Boundary(0.05, 100.0).needed(0.0) == np.inf


def test_looking_every_month_at_people_who_differ_finds_nothing_where_nothing_is() -> None:
    """Frail and hale people come one after the other and are looked at for 36 months, 400 such worlds."""
    rng, worlds, people, months = np.random.default_rng(5), 400, 160, 36
    one, crossed, naive = Boundary(0.05, 100.0), np.zeros(worlds, dtype=bool), np.zeros(worlds, dtype=bool)
    starts = np.sort(rng.integers(0, 24, people))
    for world in range(worlds):
        arms = []
        for _ in range(2):
            rate = rng.gamma(1.5, 1 / 1.5, people) * 0.35
            counts = rng.poisson(rate[:, None], (people, months)) * (np.arange(months) >= starts[:, None])
            arms.append(np.cumsum(counts, axis=1))
        followed = np.cumsum(np.arange(months) >= starts[:, None], axis=1)
        for month in range(2, months):
            rate_of = [arm[:, month].sum() / followed[:, month].sum() for arm in arms]
            gaps = [arm[:, month] - rate * followed[:, month] for arm, rate in zip(arms, rate_of, strict=True)]
            variance = sum((gap**2).sum() / arm[:, month].sum() ** 2 for gap, arm in zip(gaps, arms, strict=True))
            estimate = np.log(rate_of[0] / rate_of[1])
            crossed[world] |= abs(estimate) > one.reach(1 / variance)
            naive[world] |= abs(estimate) > 1.96 * np.sqrt(variance)
    assert crossed.mean() <= 0.05
    assert naive.mean() > 0.12


def look(ratio: Interval, raw: Interval, *, withheld: tuple[str, ...] = (), idle: int = 0, **more: object):  # type: ignore[no-untyped-def]
    """A look at 200 people enrolled over a year, the last one `idle` days ago."""
    protocol = plan(outcomes=(Outcome("ae", Role.PRIMARY),), **more)
    index = np.datetime64("2021-01-01") + np.arange(200) * 365 // 200
    last = index[-1] + idle
    cohort = SimpleNamespace(index=index, first=index + 1, last=np.minimum(index + 365, last))
    years = float((cohort.last - cohort.first).astype(int).sum() + 200) / 365.25
    finding = SimpleNamespace(kind="ae", rate_ratio=ratio, raw_ratio=raw, withheld=withheld)
    effect = SimpleNamespace(last_day=date.fromisoformat(str(last)), unit_years=years)
    return looks_of(SimpleNamespace(findings=(finding,), cohort=cohort, effect=effect), protocol)[0]  # type: ignore[arg-type]


def around(mid: float, error: float) -> Interval:
    low, high = (float(np.exp(np.log(mid) + sign * 1.959964 * error)) for sign in (-1, 1))
    return Interval(low, mid, high)


def test_harm_is_said_first_and_even_where_the_word_is_withheld() -> None:
    assert look(around(1.6, 0.1), around(1.6, 0.1), withheld=("overlap",)).word is LookWord.HARM
    assert look(around(0.6, 0.1), around(0.6, 0.1)).word is LookWord.AVERTED
    assert look(around(0.6, 0.1), around(0.6, 0.1), withheld=("overlap",)).word is LookWord.GO_ON
    # What one look at the end would have found is not yet said.
    early = look(around(0.8, 0.1), around(0.8, 0.1))
    assert early.once is not None
    assert early.any_time is not None
    assert early.once.high < 1 < early.any_time.high
    assert early.word is LookWord.GO_ON


def test_the_day_from_which_something_could_be_told() -> None:
    now = look(around(0.95, 0.05), around(0.95, 0.05), detectable=0.7)
    assert now.could_tell_from == now.day
    later = look(around(0.95, 0.15), around(0.95, 0.15), detectable=0.8)
    assert later.could_tell_from is not None
    assert later.could_tell_from > later.day
    # Nobody is enrolled any more and hardly anybody is followed any more.
    over = look(around(0.95, 0.15), around(0.95, 0.15), detectable=0.8, idle=300)
    assert over.could_tell_from is None
    # A doubt that lasts is not taken away by more people.
    lasting = look(around(0.95, 0.2), around(0.95, 0.02), detectable=0.9)
    assert lasting.could_tell_from is None
