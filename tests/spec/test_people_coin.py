"""A coin at each contact on which the entry rule holds, and nothing done: neither who waits how long nor how long each
is followed may look like an effect."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Entry, Outcome, Protocol, Role, Style
from headwater.evidence.people.design import designed
from headwater.evidence.people.evaluation import estimated
from headwater.evidence.people.matching import matched
from headwater.evidence.people.reading import NEVER, Population, in_memory

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

PEOPLE, DAYS, BEGIN, STOP, ORIGIN = 4_000, 1_461, 730, 1_261, 17_897
"""Day 0 is 1 January 2019; the programme takes people on from the third year to 200 days before the end."""
COIN, LONGEST_WAIT = 0.4, 14


def visits(rng: np.random.Generator) -> np.ndarray:
    """bool[person, day]: a low rate of one's own, and crises of some fifty days."""
    own = rng.gamma(0.8, 1 / 0.8, PEOPLE) * 1.28 / 365
    rate = np.repeat(own[:, None], DAYS, axis=1)
    for person in np.repeat(np.arange(PEOPLE), rng.poisson(1.2, PEOPLE)):
        begins = rng.integers(0, DAYS)
        rate[person, begins : begins + int(rng.exponential(50)) + 5] += rng.gamma(2, 1) * 12 / 365
    return rng.random((PEOPLE, DAYS)) < np.minimum(rate, 0.6)


def taken_on(came: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """int64[person]: the day somebody starts, 1 to 14 days after the first contact whose coin fell for them; NEVER for
    the others."""
    within = np.cumsum(came, axis=1)
    within[:, 90:] -= within[:, :-90].copy()
    tossed = came & (within >= 3) & (rng.random(came.shape) < COIN)
    tossed[:, :BEGIN], tossed[:, STOP:] = False, False
    waits = rng.integers(1, LONGEST_WAIT + 1, PEOPLE)
    return np.where(tossed.any(axis=1), ORIGIN + tossed.argmax(axis=1) + waits, NEVER)


@cache
def world(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    came = visits(rng)
    start = taken_on(came, rng)
    person, day = (part.astype(np.int64) for part in np.nonzero(came))
    people = Population(
        np.array([f"p{at}" for at in range(PEOPLE)], dtype=object),
        np.full(PEOPLE, ORIGIN),
        np.full(PEOPLE, ORIGIN + DAYS - 1),
        np.full(PEOPLE, "study-end", dtype=object),
        start,
        rng.integers(1930, 2000, PEOPLE).astype(np.float64),
        (rng.random(PEOPLE) < 0.5).astype(np.float64),
        np.array([f"area {at}" for at in rng.integers(1, 9, PEOPLE)], dtype=object),
        np.full(PEOPLE, np.nan),
        np.full(PEOPLE, NEVER),
    )
    plan = Protocol(
        id="coin",
        name="coin",
        style=Style.UPSTREAM,
        lead="a",
        partners=("b",),
        theory="none",
        owner="analyst",
        unit="person",
        seed=seed,
        start=date(2019, 1, 1) + timedelta(days=BEGIN),
        entry=Entry("ae", 3, 90),
        outcomes=(Outcome("ae", Role.PRIMARY),),
        checks=(),
    )
    contacts = person, ORIGIN + day
    counter = in_memory((*contacts, np.zeros(len(day), dtype=np.int64)), 1)
    design = designed(people, contacts, plan, ("ae",), (ORIGIN, ORIGIN + DAYS - 1), counter)
    return estimated(plan, design, matched(design, plan))


def test_candidates_wait_as_long_as_the_enrolled_did() -> None:
    """A further contact begins a wait anew: who copies the waits that were seen, and lets contacts cut them again,
    waits too short."""
    units = world(1).design.units
    ours, theirs = (units.course.last[units.treated == arm].mean() for arm in (True, False))
    assert abs(ours / theirs - 1) < 0.05


def test_nothing_done_is_no_fall_though_two_coins_in_five_take_people_on() -> None:
    found = [float(world(seed).raw["ae"].beta[0]) for seed in range(1, 7)]  # type: ignore[union-attr]
    assert -0.08 < np.mean(found) < 0.12


def test_a_quarter_near_the_peak_counts_for_more() -> None:
    """Contacts fall back by themselves; a follow-up that ends early is not thereby one with a higher rate."""
    design = world(1).design
    assert design.pace[0, 0] > 1.5 > 1 > design.pace[0, 3]
    assert abs(design.pace[0].mean() - 1) < 1e-12
    whole = design.exposure[(design.exposure > 0).all(axis=1) & design.units.treated].sum(axis=1)
    assert np.allclose(
        design.time("ae")[(design.exposure > 0).all(axis=1) & design.units.treated].mean(), whole.mean(), rtol=0.05
    )
