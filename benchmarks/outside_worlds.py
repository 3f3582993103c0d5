"""Thirteen ways in which people fall ill, are referred and are helped, written plainly; what `outside_truth` judges
evaluations by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER = 2**31 - 1
WEEKS, START, YEAR = 260, 156, 52
"""Five years of weeks; people are taken on in the fourth, and followed for a year."""
ORIGIN = 17_532
"""2018-01-01, in days since 1970."""
KINDS = ("ae", "ambulance", "gp", "fall", "injury")
"""ae is the outcome and the entry kind, injury the one that nothing should change, ambulance the other agency's."""


@dataclass
class World:
    """rate: float64[person, week], expected attendances a week; everything a process may change before contacts are
    drawn."""

    rng: np.random.Generator
    rate: np.ndarray
    frailty: np.ndarray
    age: np.ndarray
    last: np.ndarray
    """int64[person]: the last week lived."""
    uptake: float = 0.2
    severity: np.ndarray | None = None
    """float64[person, week]: what a referrer sees and no record holds; it moves both the referral and the rate."""
    referral: float = 0.0
    """How much the log odds of referral rise with it."""
    capacity: int | None = None
    """How many can be taken on a week, the worst first."""
    discretion: float = 0.0
    """How much practices differ in taking people on, on the log odds."""
    other: float = 0.0
    """The share of those who qualify whom another scheme takes on; it averts three in ten."""
    effect: Callable[[World], np.ndarray] | None = None
    """The share of contacts kept by each person, where it is not the same for all."""


def autoregressive(rng: np.random.Generator, people: int, sd: float, kept: float) -> np.ndarray:
    """float64[person, week]: a log rate that drifts, with a mean of one once taken to the power."""
    drift = np.empty((people, WEEKS))
    drift[:, 0] = rng.normal(0, sd, people)
    for week in range(1, WEEKS):
        drift[:, week] = kept * drift[:, week - 1] + rng.normal(0, sd * np.sqrt(1 - kept**2), people)
    return np.exp(drift - sd**2 / 2)


def base(
    rng: np.random.Generator, people: int, shape: float = 1.0, sd: float = 0.8, kept: float = 0.93, mean: float = 0.016
) -> World:
    frailty = rng.gamma(shape, 1 / shape, people)
    age = np.clip(rng.normal(58, 18, people), 18, 99)
    rate = mean * frailty[:, None] * np.exp(0.008 * (age - 58))[:, None] * autoregressive(rng, people, sd, kept)
    return World(rng, np.minimum(rate, 1.5), frailty, age, np.full(people, WEEKS - 1))


# The processes


def crises(rng: np.random.Generator, people: int) -> World:
    """Crises that come and go over months, on a gamma frailty."""
    return base(rng, people)


def short_crises(rng: np.random.Generator, people: int) -> World:
    """Sharper crises that are over within weeks: most of the fall comes by itself."""
    return base(rng, people, sd=1.1, kept=0.80)


def unrecorded_severity(rng: np.random.Generator, people: int) -> World:
    """Referred on a severity that stands in no record and lasts."""
    world = base(rng, people)
    hidden = rng.normal(0, 1, people)
    world.rate = world.rate * np.exp(0.35 * hidden - 0.35**2 / 2)[:, None]
    world.severity, world.referral = np.repeat(hidden[:, None], WEEKS, axis=1), 0.9
    return world


def ready_to_change(rng: np.random.Generator, people: int) -> World:
    """Those come who are less ill than their records say, and stay so: ready to change."""
    world = unrecorded_severity(rng, people)
    world.referral = -world.referral
    return world


def half_taken(rng: np.random.Generator, people: int) -> World:
    """Half of those who qualify are taken on."""
    world = base(rng, people, mean=0.012)
    world.uptake = 0.5
    return world


def most_taken(rng: np.random.Generator, people: int) -> World:
    """Four in five of those who qualify are taken on: hardly anybody like them is left."""
    world = base(rng, people, mean=0.012)
    world.uptake = 0.8
    return world


def other_scheme(rng: np.random.Generator, people: int) -> World:
    """Another scheme takes three in ten of those who qualify, and helps them."""
    world = base(rng, people)
    world.other = 0.3
    return world


def informative_death(rng: np.random.Generator, people: int) -> World:
    """The frail die, and die in their crises."""
    world = base(rng, people)
    hazard = (
        0.002
        * np.sqrt(world.frailty)[:, None]
        * (world.rate / np.maximum(world.rate.mean(axis=1, keepdims=True), 1e-9)) ** 0.7
    )
    died = rng.random((people, WEEKS)) < np.minimum(hazard, 0.5)
    died[:, :START] = False
    world.last = np.where(died.any(axis=1), died.argmax(axis=1), WEEKS - 1)
    return world


def calendar_shock(rng: np.random.Generator, people: int) -> World:
    """For half a year in the middle of the follow-up nobody goes to hospital who can help it."""
    world = base(rng, people)
    world.rate[:, START + 30 : START + 56] *= 0.5
    return world


def general_practice(rng: np.random.Generator, people: int) -> World:
    """Practices refer as they please and a team has four places a week, for the worst first."""
    world = base(rng, people)
    world.discretion, world.capacity = 1.0, 4
    return world


def seasonal(rng: np.random.Generator, people: int) -> World:
    """An illness of the winter, worse for the frail."""
    world = base(rng, people)
    season = 0.5 * np.cos(2 * np.pi * np.arange(WEEKS) / 52)
    world.rate = world.rate * np.exp(season[None, :] * np.minimum(world.frailty, 2)[:, None])
    return world


def heterogeneous(rng: np.random.Generator, people: int) -> World:
    """The programme helps the old twice as much as the young."""
    world = base(rng, people)
    world.effect = lambda made: np.where(made.age > 58, 1.0, 0.5)
    return world


def progressive(rng: np.random.Generator, people: int) -> World:
    """Some get steadily worse, and are referred on the way up."""
    world = base(rng, people)
    rising = (rng.random(people) < 0.3)[:, None] * np.linspace(-0.6, 0.6, WEEKS)[None, :]
    world.rate = world.rate * np.exp(rising)
    return world


PROCESSES: dict[str, Callable[[np.random.Generator, int], World]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        crises,
        short_crises,
        unrecorded_severity,
        ready_to_change,
        half_taken,
        most_taken,
        other_scheme,
        informative_death,
        calendar_shock,
        general_practice,
        seasonal,
        heterogeneous,
        progressive,
    )
}


# From a process to contacts


@dataclass
class Made:
    person: np.ndarray
    day: np.ndarray
    kind: np.ndarray
    enrolled: np.ndarray
    elsewhere: np.ndarray
    last: np.ndarray
    died: np.ndarray
    age: np.ndarray
    area: np.ndarray
    female: np.ndarray
    truth: float
    oracle: tuple[float, float]


def drawn(world: World, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Person and day of Poisson contacts of weekly rates."""
    counts = world.rng.poisson(rates)
    person, week = np.nonzero(counts)
    times = counts[person, week]
    person, week = np.repeat(person, times), np.repeat(week, times)
    return person, week * 7 + world.rng.integers(0, 7, len(week))


def made(process: Callable[[np.random.Generator, int], World], seed: int, people: int, ratio: float) -> Made:
    rng = np.random.default_rng([seed, len(process.__name__), *process.__name__.encode()])
    world = process(rng, people)
    person, day = drawn(world, world.rate)
    alive = day <= world.last[person] * 7 + 6
    person, day = person[alive], day[alive]
    area, female = rng.integers(0, 12, people), rng.random(people) < 0.5
    enrolled, elsewhere = referred(world, person, day, area)
    kept = np.ones(people) if world.effect is None else world.effect(world)
    share = 1 - (1 - ratio) * kept
    if ratio > 1:
        more = (day > enrolled[person]) & (rng.random(len(day)) < (ratio - 1) * kept[person])
        person, day = np.concatenate([person, person[more]]), np.concatenate([day, day[more]])
    after = day > enrolled[person]
    stays = ~after | (rng.random(len(day)) < share[person])
    helped = (day > elsewhere[person]) & (rng.random(len(day)) < 0.3)
    within = after & (day <= enrolled[person] + 365) & (day <= elsewhere[person])
    truth = float(share[person[within]].mean()) if within.any() else ratio
    oracle = told_everything(world, enrolled, elsewhere, (person[stays & within], person))
    columns = [(person[stays & ~helped], day[stays & ~helped], 0)]
    for kind, (level, power) in enumerate(((0.5, 1.0), (0.08, 0.5), (0.02, 0.3), (0.012, 0.0)), start=1):
        steady = level * world.frailty ** (0.5 if power else 0.0)
        rates = (
            steady[:, None] * (world.rate / np.maximum(world.frailty[:, None], 1e-6) / 0.016) ** power
            if kind > 1
            else 0.5 * world.rate
        )
        if kind == 4 and world.severity is not None:
            rates = rates * np.exp(0.2 * world.severity)
        who, when = drawn(world, np.minimum(rates, 3.0))
        here = when <= world.last[who] * 7 + 6
        columns.append((who[here], when[here], kind))
    parts = [np.concatenate([part[at] for part in columns]) for at in (0, 1)]
    kinds = np.concatenate([np.full(len(part[0]), part[2]) for part in columns])
    order = np.lexsort((parts[1], parts[0], kinds))
    return Made(
        parts[0][order],
        parts[1][order],
        kinds[order],
        enrolled,
        elsewhere,
        world.last * 7 + 6,
        world.last < WEEKS - 1,
        world.age,
        area,
        female,
        truth,
        oracle,
    )


def referred(world: World, person: np.ndarray, day: np.ndarray, area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The day each is taken on, here and elsewhere; NEVER for none. Considered once a week after a third attendance
    within 90 days."""
    rng, people = world.rng, len(world.frailty)
    order = np.lexsort((day, person))
    who, when = person[order], day[order]
    third = np.r_[False, False, (who[2:] == who[:-2]) & (when[2:] - when[:-2] < 90)]
    who, when = who[third], when[third]
    inside = (when >= START * 7) & (when < (START + YEAR) * 7)
    who, when = who[inside], when[inside]
    odds = np.full(len(who), np.log(world.uptake / (1 - world.uptake)))
    if world.severity is not None:
        odds += world.referral * world.severity[who, when // 7]
    odds += world.discretion * rng.normal(0, 1, 12)[area[who]]
    lot = rng.random(len(who)) < 1 / (1 + np.exp(-odds))
    late = when + rng.integers(1, 15, len(who))
    lot &= late <= world.last[who] * 7
    if world.capacity is not None:
        lot &= worst_first(world, who, when, lot)
    enrolled, elsewhere = np.full(people, NEVER), np.full(people, NEVER)
    np.minimum.at(enrolled, who[lot], late[lot])
    if world.other:
        theirs = rng.random(len(who)) < world.other
        np.minimum.at(elsewhere, who[theirs], when[theirs] + rng.integers(1, 30, int(theirs.sum())))
    # Whoever no longer has three contacts within 90 days on the day is not taken on.
    keys = np.sort(person * 4_000 + day)
    ours = np.flatnonzero(enrolled < NEVER)
    held = np.searchsorted(keys, ours * 4_000 + enrolled[ours], side="right") - np.searchsorted(
        keys, ours * 4_000 + enrolled[ours] - 90, side="right"
    )
    enrolled[ours[held < 3]] = NEVER
    return enrolled, elsewhere


def worst_first(world: World, who: np.ndarray, when: np.ndarray, lot: np.ndarray) -> np.ndarray:
    """The places of each week go to those with the highest rate as the practice guesses it."""
    guess = np.log(world.rate[who, when // 7]) + world.rng.normal(0, 1.0, len(who))
    taken = np.zeros(len(who), dtype=bool)
    assert world.capacity is not None
    for week in np.unique(when // 7):
        mine = np.flatnonzero((when // 7 == week) & lot)
        taken[mine[np.argsort(-guess[mine])][: world.capacity]] = True
    return taken


def told_everything(
    world: World, enrolled: np.ndarray, elsewhere: np.ndarray, contacts: tuple[np.ndarray, np.ndarray]
) -> tuple[float, float]:
    """Log ratio and standard error of seen to what the enrolled's own rates would have brought: a Poisson, nothing
    hidden."""
    ours = np.flatnonzero(enrolled < NEVER)
    expected = 0.0
    for who in ours:
        first = enrolled[who] + 1
        stop = min(first + 365, elsewhere[who] + 1, world.last[who] * 7 + 7, WEEKS * 7)
        expected += float(world.rate[who, np.arange(first, stop) // 7].sum() / 7)
    seen = len(contacts[0])
    return float(np.log(max(seen, 0.5) / max(expected, 1e-9))), float(1 / np.sqrt(max(seen, 0.5)))
