"""Worlds of people: weekly rates that wander, an entry rule, a referral habit, and an effect by thinning.

Everybody's contacts are drawn as they would have come without the programme; those after somebody's enrolment are then
struck out one by one with the true chance. So the true ratio is known without any model: contacts kept over contacts
that would have come. The worlds differ in how rates wander, in who is referred and why, and in what else happens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from .folder import File, World, dates

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FIRST = date(2019, 1, 1)
WEEKS = 208
DAYS = WEEKS * 7
OPENS = 2 * 364  # first day of the programme
CLOSES = 3 * 364 - 91  # last day somebody is taken on
FOLLOW = 364
NEVER = 10**6


@dataclass
class County:
    """Everybody's untreated course. Arrays are person by day unless said otherwise."""

    random: np.random.Generator
    rate: Floats  # person x week, expected contacts a week
    hidden: Floats  # person x week, what no file records
    area: Ints
    age: Ints
    counts: Ints
    until: Ints  # last day in view

    @property
    def people(self) -> int:
        return int(self.rate.shape[0])


def autoregressive(random: np.random.Generator, people: int, spread: float, memory: float) -> Floats:
    """Stationary first-order courses on the log scale, person x week."""
    course = np.empty((people, WEEKS))
    course[:, 0] = random.normal(0, spread, people)
    for week in range(1, WEEKS):
        fresh = random.normal(0, spread * np.sqrt(1 - memory**2), people)
        course[:, week] = memory * course[:, week - 1] + fresh
    return course


def crises(random: np.random.Generator, people: int, lasting: float) -> Flags:
    """Two states, person x week: a crisis lasts so many weeks on average, and a sixth of all weeks are in one."""
    state = np.zeros((people, WEEKS), dtype=bool)
    state[:, 0] = random.random(people) < 1 / 6
    for week in range(1, WEEKS):
        chance = np.where(state[:, week - 1], 1 - 1 / lasting, 1 / (5 * lasting))
        state[:, week] = random.random(people) < chance
    return state


def daily(random: np.random.Generator, rate: Floats) -> Ints:
    """Contacts by day from rates by week."""
    return random.poisson(np.repeat(rate / 7, 7, axis=1)).astype(np.int64)


def county(
    random: np.random.Generator,
    people: int,
    *,
    gamma: float = 1.2,
    spread: float = 0.7,
    memory: float = 0.9,
    seasonal: bool = False,
    shock: bool = False,
    states: float = 0.0,
) -> County:
    """A population whose contacts come by gamma frailty and a wandering course, and what the world adds to them."""
    level = np.log(random.gamma(gamma, 0.055 / gamma, people) + 1e-4)
    age = random.integers(20, 90, people)
    course = autoregressive(random, people, spread, memory)
    log_rate = level[:, None] + course - spread**2 / 2 + 0.01 * (age[:, None] - 55)
    hidden = np.zeros((people, WEEKS))
    weeks = np.arange(WEEKS)
    if states:
        hidden = crises(random, people, states).astype(float)
        log_rate = log_rate + 1.1 * hidden
    if seasonal:
        ill = random.random(people) < 0.4
        wave = np.where(ill[:, None], 1.3, 0.15) * np.cos(2 * np.pi * (weeks - 3) / 52)
        log_rate = log_rate + wave
    if shock:  # two closures and a rebound, felt more by the old
        felt = np.where(age > 60, 1.2, 0.7)[:, None]
        closed = ((weeks >= 64) & (weeks < 76)) | ((weeks >= 122) & (weeks < 132))
        rebound = (weeks >= 132) & (weeks < 150)
        log_rate = log_rate - felt * closed + 0.25 * rebound
    rate = np.exp(log_rate).clip(0, 5)
    return County(
        random, rate, hidden, random.integers(0, 8, people), age, daily(random, rate), np.full(people, DAYS - 1)
    )


def standing(counts: Ints, at_least: int, within: int) -> Flags:
    """Whether the entry rule holds on each day, counting the days before it."""
    total = np.concatenate([np.zeros((counts.shape[0], 1), np.int64), counts.cumsum(1)], axis=1)
    before = total[:, :-1]
    earlier = np.zeros_like(before)
    earlier[:, within:] = total[:, : before.shape[1] - within]
    held: Flags = before - earlier >= at_least
    return held


def window(held: Flags, opens: int | Ints = OPENS, closes: int = CLOSES) -> Flags:
    """The days on which somebody may be taken on at all."""
    day = np.arange(held.shape[1])[None, :]
    return held & (day >= np.asarray(opens).reshape(-1, 1)) & (day <= closes)


def by_hazard(random: np.random.Generator, hazard: Floats) -> Ints:
    """First day on which a person's summed hazard passes an exponential draw; NEVER for nobody's."""
    passed = hazard.cumsum(1) >= random.exponential(1, (hazard.shape[0], 1))
    return np.where(passed.any(1), passed.argmax(1), NEVER)


def reaching(hazard: Floats, share: float) -> Floats:
    """Hazard scaled so that about `share` of those ever eligible are taken on."""
    total = hazard.sum(1)
    ever = total[total > 0]
    low, high = 0.0, 1e4
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 - np.exp(-middle * ever)).mean() < share else (low, middle)
    return hazard * low


@dataclass
class Programme:
    """Who was taken on when, and how much it changes for each (1 minus the share averted)."""

    start: Ints
    ratio: Floats
    others: Ints | None = None  # days on which another scheme took people on
    other_ratio: float = 1.0
    delay: int = 0  # days from the start until it acts


def usual(c: County, ratio: float, share: float = 0.3) -> Programme:
    """Whoever meets the rule may be referred, by chance alone."""
    held = window(standing(c.counts, 3, 90)).astype(float)
    return Programme(by_hazard(c.random, reaching(held, share)), np.full(c.people, ratio))


def ar_crises(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Gamma frailty and crises that build up and ebb away."""
    c = county(random, people)
    return c, usual(c, ratio)


Make = Callable[[np.random.Generator, float, int], tuple[County, Programme]]


def by_crisis(lasting: float, within: float, outside: float) -> Make:
    """Referral that looks at a crisis no file records: so readily within one, so readily outside."""

    def made(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
        c = county(random, people, states=lasting, spread=0.4)
        readily = outside + (within - outside) * np.repeat(c.hidden, 7, axis=1)
        held = window(standing(c.counts, 3, 90)) * readily
        return c, Programme(by_hazard(random, reaching(held, 0.3)), np.full(people, ratio))

    return made


def same_day(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Taken on in A&E itself, on the day of the third visit or a later one; it acts from the next day on."""
    c = county(random, people)
    after = np.concatenate([standing(c.counts, 3, 90)[:, 1:], np.zeros((people, 1), bool)], axis=1)
    held = window(after & (c.counts > 0)).astype(float)
    return c, Programme(by_hazard(random, reaching(held, 0.3)), np.full(people, ratio), delay=1)


def long_wait(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Referred when the rule holds, taken on 20 to 80 days later, when it may hold no longer."""
    c = county(random, people)
    mine = usual(c, ratio, 0.45)
    mine.start = np.where(mine.start < NEVER, mine.start + random.integers(20, 80, people), NEVER)
    return c, mine


def uptake(share: float) -> Make:
    """The same referral by chance, at another share of those eligible."""

    def made(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
        c = county(random, people if share < 0.7 else people * 2)
        return c, usual(c, ratio, share)

    return made


def other_scheme(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Another scheme takes on 30 % of those who meet the rule and averts three contacts in ten."""
    c = county(random, people)
    mine = usual(c, ratio, 0.25)
    theirs = by_hazard(random, reaching(window(standing(c.counts, 3, 90), closes=DAYS - 1).astype(float), 0.3))
    return c, Programme(mine.start, mine.ratio, theirs, 0.7)


def informative_death(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """The busier somebody is the likelier the death, and the dying are referred more."""
    c = county(random, people, spread=0.9)
    above = np.repeat(c.rate / 0.055, 7, axis=1)
    death = by_hazard(random, 0.00006 * above**0.8 * np.exp(0.03 * (c.age[:, None] - 70)))
    c.until = np.minimum(death, DAYS - 1)
    alive = np.arange(DAYS)[None, :] <= c.until[:, None]
    c.counts = c.counts * alive
    near = (c.until[:, None] - np.arange(DAYS)[None, :] < 120) & (c.until[:, None] < DAYS - 1)
    held = window(standing(c.counts, 3, 90)) * alive * (1 + 1.0 * near)
    return c, Programme(by_hazard(random, reaching(held, 0.3)), np.full(people, ratio))


def calendar_shock(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Closures like those of 2020 and 2021 with a rebound, in the midst of enrolment and follow-up."""
    c = county(random, people, shock=True)
    return c, usual(c, ratio)


def gp_capacity(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Forty practices with two places a month each, given to whom the doctor thinks worst: records, a feeling and
    whim."""
    c = county(random, people)
    practice = random.integers(0, 40, people)
    held = window(standing(c.counts, 3, 90))
    start = np.full(people, NEVER)
    year = np.concatenate([np.zeros((people, 1), np.int64), c.counts.cumsum(1)], axis=1)
    for day in range(OPENS + 14, CLOSES, 28):
        free = held[:, day] & (start == NEVER)
        seen = np.log1p(year[:, day] - year[:, day - 180])
        worth = seen + random.normal(0, 0.7, people)
        for doctor in range(40):
            mine = np.flatnonzero(free & (practice == doctor))
            chosen = mine[np.argsort(-worth[mine])[:1]]
            start[chosen] = day
    return c, Programme(start, np.full(people, ratio))


def seasonal_illness(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Four in ten are worse in winter, and the programme takes people on in winter alone."""
    c = county(random, people, seasonal=True, spread=0.5)
    held = window(standing(c.counts, 3, 90))
    day = np.arange(DAYS)
    held = held & ((day % 364 < 80) | (day % 364 > 320))[None, :]
    return c, Programme(by_hazard(random, reaching(held.astype(float), 0.3)), np.full(people, ratio))


def heterogeneous(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """It works for the busier half alone, and twice as well."""
    c = county(random, people)
    mine = usual(c, ratio)
    busy = c.rate.mean(1) > np.median(c.rate[mine.start < NEVER].mean(1))
    mine.ratio = np.where(busy, max(0.0, 2 * ratio - 1), 1.0)
    return c, mine


def at_their_peak(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Four times a year a list of those with most contacts in the last 90 days is taken on whole."""
    c = county(random, people)
    total = np.concatenate([np.zeros((people, 1), np.int64), c.counts.cumsum(1)], axis=1)
    start = np.full(people, NEVER)
    for day in range(OPENS + 30, CLOSES, 70):
        recent = total[:, day] - total[:, day - 90]
        key = np.where((start == NEVER) & (recent >= 3), recent + random.random(people) * 0.9, -1)
        chosen = np.argsort(-key)[: people // 75]
        start[chosen[key[chosen] > 0]] = day
    return c, Programme(start, np.full(people, ratio))


def sites_in_waves(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Eight areas, two of them never; the others begin one after another, and the later ones are the busier ones."""
    c = county(random, people)
    c.rate *= np.exp(0.06 * c.area)[:, None]
    c.counts = daily(random, c.rate)
    opens = np.where(c.area < 2, NEVER, OPENS + 40 * (c.area - 2))
    held = window(standing(c.counts, 3, 90), opens).astype(float)
    return c, Programme(by_hazard(random, reaching(held, 0.4)), np.full(people, ratio))


def nothing_afterwards(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """Nobody taken on ever comes again; the null of it is the usual world."""
    c = county(random, people)
    return c, usual(c, 1.0 if ratio == 1.0 else 0.0)


def heavy_tail(random: np.random.Generator, ratio: float, people: int) -> tuple[County, Programme]:
    """A few come a hundred times a year; the sixty with most contacts in 90 days are taken on from two lists."""
    c = county(random, people, spread=0.5)
    c.rate = (c.rate * np.exp(random.normal(-0.5, 1.1, people))[:, None]).clip(0, 5)
    c.counts = daily(random, c.rate)
    total = np.concatenate([np.zeros((people, 1), np.int64), c.counts.cumsum(1)], axis=1)
    start = np.full(people, NEVER)
    for day in (OPENS + 30, OPENS + 180):
        recent = np.where(start == NEVER, total[:, day] - total[:, day - 90], -1) + random.random(people) * 0.9
        start[np.argsort(-recent)[:60]] = day
    return c, Programme(start, np.full(people, ratio))


WORLDS: dict[str, Make] = {
    "ar-crises": ar_crises,
    "hidden-severity": by_crisis(8, 4, 1),
    "hidden-lasting": by_crisis(40, 4, 1),
    "joined-recovering": by_crisis(8, 1, 4),
    "joined-lasting": by_crisis(40, 1, 4),
    "same-day": same_day,
    "long-wait": long_wait,
    "uptake-20": uptake(0.2),
    "uptake-50": uptake(0.5),
    "uptake-80": uptake(0.8),
    "other-scheme": other_scheme,
    "informative-death": informative_death,
    "calendar-shock": calendar_shock,
    "gp-capacity": gp_capacity,
    "seasonal-illness": seasonal_illness,
    "heterogeneous": heterogeneous,
    "at-their-peak": at_their_peak,
    "sites-in-waves": sites_in_waves,
    "nothing-afterwards": nothing_afterwards,
    "heavy-tail": heavy_tail,
}

PROTOCOL = """id = "care"
name = "Care team"
style = "upstream"
lead = "gp"
partners = ["hospital"]
start = 2020-12-29
theory = "A care plan meets crises earlier."
owner = "head of strategy"
unit = "person"
follow_up_days = 364
history_days = 365
minimum_grade = 3
[entry]
kind = "ae_attendance"
at_least = 3
within_days = 90
[comparison]
method = "matched"
exact = ["sex"]
distance = "propensity"
caliper = 0.2
per_unit = 3
[[outcome]]
kind = "ae_attendance"
role = "primary"
worthwhile = 0.1
[[outcome]]
kind = "dental_visit"
role = "negative-control"
"""


def kept(c: County, p: Programme) -> tuple[Ints, Floats]:
    """Contacts that come after the programmes took out theirs; and the chance for each day that one of mine stays."""
    day = np.arange(DAYS)[None, :]
    stays = np.where(day >= p.start[:, None] + p.delay, p.ratio[:, None], 1.0)
    left = c.counts
    if p.others is not None:
        left = c.random.binomial(left, np.where(day >= p.others[:, None], p.other_ratio, 1.0))
    return c.random.binomial(left, stays), stays


def contacts(counts: Ints, prefix: str, random: np.random.Generator) -> list[list[object]]:
    """A row a contact, at an hour of its day."""
    who, when = np.nonzero(counts)
    often = counts[who, when]
    who, when = np.repeat(who, often), np.repeat(when, often)
    hours = random.integers(0, 24, len(who))
    said = dates(when, FIRST)
    return [
        [f"{prefix}{n}", f"P{w}", f"{d} {h:02d}:{n % 60:02d}"]
        for n, (w, d, h) in enumerate(zip(who, said, hours, strict=True))
    ]


def made(name: str, ratio: float, seed: int, people: int = 2400) -> World:
    """One world, its true ratio the contacts expected to be kept over those that would have come to the enrolled."""
    random = np.random.default_rng(
        [seed, sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 2**31, int(ratio * 100)]
    )
    c, p = WORLDS[name](random, ratio, people)
    counts, stays = kept(c, p)
    taken = p.start < NEVER
    day = np.arange(DAYS)[None, :]
    last = p.start + FOLLOW - 1
    if p.others is not None:
        last = np.minimum(last, np.where(p.others > p.start, p.others - 1, last))
    mine = taken[:, None] & (day >= p.start[:, None] + p.delay) & (day <= last[:, None])
    would, did = (c.counts * mine).sum(), (c.counts * mine * stays).sum()
    return World(
        files(c, p, counts),
        {"care": PROTOCOL},
        float(did / max(would, 1)),
        float(would - did),
        f'[link]\nmethod = "keys"\n[observed]\nfrom = {FIRST}\nto = {dates([DAYS - 1], FIRST)[0]}\n',
        {"enrolled": int(taken.sum()), "would": int(would)},
    )


def files(c: County, p: Programme, counts: Ints) -> list[File]:
    """The agencies' files of one world."""
    random = c.random
    people = [
        [
            f"P{i}",
            f"K{i}",
            f"{2020 - c.age[i]}-{1 + i % 12:02d}-01",
            "female" if i % 2 else "male",
            f"area{c.area[i]}",
            1 + int(c.area[i]),
        ]
        for i in range(c.people)
    ]
    seen = np.arange(DAYS)[None, :] <= c.until[:, None]
    surgery = daily(random, np.full((c.people, WEEKS), 0.08) * (c.rate / 0.055) ** 0.5) * seen
    dental = daily(random, np.full((c.people, WEEKS), 0.04)) * seen
    order = random.permutation(np.flatnonzero(p.start < NEVER))
    rows = [["care", f"P{i}", d] for i, d in zip(order, dates(p.start[order], FIRST), strict=True)]
    if p.others is not None:
        also = np.flatnonzero(p.others < NEVER)
        rows += [["other-scheme", f"P{i}", d] for i, d in zip(also, dates(p.others[also], FIRST), strict=True)]
    gone = np.flatnonzero(c.until < DAYS - 1)
    left = [[f"P{i}", FIRST.isoformat(), d, "death"] for i, d in zip(gone, dates(c.until[gone], FIRST), strict=True)]
    kinds = (
        ("ae_attendance", "emergency", counts, "A"),
        ("gp_contact", "surgery", surgery, "G"),
        ("dental_visit", "dentist", dental, "D"),
    )
    out = [
        File(
            "organisation",
            ["organisation", "name", "sort"],
            [["hospital", "The Hospital", "hospital-trust"], ["gp", "The Surgery", "gp"]],
        ),
        File(
            "record", ["record", "local_key", "birth_date", "sex", "area", "deprivation"], people, 'agency = "hospital"'
        ),
        File("enrolment", ["collaboration", "record", "start"], rows, 'agency = "hospital"'),
    ]
    for kind, service, table, prefix in kinds:
        constants = f'agency = "hospital"\n[source.constants]\nkind = "{kind}"\nservice = "{service}"'
        out.append(File("contact", ["contact", "record", "start"], contacts(table, prefix, random), constants, kind))
    if left:
        out.append(File("observation", ["record", "from", "to", "why_ended"], left, 'agency = "hospital"'))
    return out
