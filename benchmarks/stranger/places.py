"""Worlds of places and organisations: counts that somebody else counted, chosen, broken, merged, masked.

Every unit has a level, a course of its own, a season it shares with the others, and counts beyond Poisson. What would
have come is drawn first; the treated units' contacts after their start are struck out one by one with the true chance.
So the true ratio is what was planned, whatever the counts did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from .folder import File, World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIRST = date(2018, 1, 1)
NEVER = 10**6


@dataclass
class Panel:
    """Counts unit x period as they would have come, and who begins when (a period's number, NEVER for never)."""

    counts: Ints
    start: Ints
    days: list[date]
    method: str = "did"
    unit: str = "place"
    selection: str = ""
    options: str = ""
    follow: int = 365
    masked: bool = False
    organisations: list[list[object]] = field(default_factory=list)
    gone: dict[int, int] = field(default_factory=dict)  # unit -> first period in which its successor counts for it
    heir: dict[int, int] = field(default_factory=dict)
    recorded: Floats | None = None  # share of contacts that is recorded, unit x period
    unsent: tuple[int, ...] = ()  # periods that nobody sent
    single: bool = False  # a row a contact at a place in place of counts
    settings: str = ""


def months(number: int) -> list[date]:
    """First days of months from the first."""
    return [date(FIRST.year + m // 12, m % 12 + 1, 1) for m in range(number)]


def courses(random: np.random.Generator, units: int, periods: int, spread: float, memory: float) -> Floats:
    """Stationary first-order courses on the log scale."""
    course = np.empty((units, periods))
    course[:, 0] = random.normal(0, spread, units)
    for period in range(1, periods):
        course[:, period] = memory * course[:, period - 1] + random.normal(0, spread * np.sqrt(1 - memory**2), units)
    return course


def counted(random: np.random.Generator, rate: Floats, extra: float = 0.01) -> Ints:
    """Counts whose variance is the mean plus `extra` times its square."""
    noise = random.gamma(1 / extra, extra, rate.shape)
    return random.poisson(rate * noise).astype(np.int64)


def streets(
    random: np.random.Generator,
    units: int,
    periods: int,
    *,
    level: float = 8.0,
    spread: float = 0.3,
    memory: float = 0.8,
    drift: float = 0.0,
    season: int = 12,
) -> Floats:
    """Expected contacts of unit and period: level, course, drift, season."""
    base = np.log(level) + random.normal(0, 0.6, units)[:, None]
    wander = random.normal(0, drift, (units, periods)).cumsum(1) if drift else 0.0
    wave = 0.15 * np.cos(2 * np.pi * np.arange(periods) / season)
    shared = random.normal(0, 0.02, periods).cumsum() * 0.5
    return np.exp(base + courses(random, units, periods, spread, memory) + wander + wave + shared)


def starting(units: int, chosen: NDArray[np.int64], at: int) -> Ints:
    """All chosen units begin in one period."""
    start = np.full(units, NEVER)
    start[chosen] = at
    return start


def busiest(looked: int, *, stated: bool) -> Callable[[np.random.Generator], Panel]:
    """The 20 of 120 streets with most contacts in the last `looked` months."""

    def made(random: np.random.Generator) -> Panel:
        counts = counted(random, streets(random, 120, 48))
        chosen = np.argsort(-counts[:, 36 - looked : 36].sum(1))[:20]
        said = f'[selection]\nrule = "busiest"\nperiods = {looked}\nnumber = 20\n' if stated else ""
        return Panel(counts, starting(120, chosen, 36), months(48), selection=said)

    return made


def by_judgement(random: np.random.Generator) -> Panel:
    """A panel of officers picks streets: half their recent course, half whim; the protocol says so."""
    rate = streets(random, 120, 48)
    counts = counted(random, rate)
    own = np.log(counts[:, 33:36].mean(1) + 0.5) - np.log(counts[:, :33].mean(1) + 0.5)
    chosen = np.argsort(-(own + random.normal(0, 0.3, 120)))[:20]
    return Panel(counts, starting(120, chosen, 36), months(48), selection='[selection]\nrule = "judgement"\n')


def by_lot(method: str) -> Callable[[np.random.Generator], Panel]:
    """Chosen by lot: what a fair world looks like."""

    def made(random: np.random.Generator) -> Panel:
        counts = counted(random, streets(random, 120, 48))
        chosen = random.permutation(120)[:20]
        return Panel(
            counts, starting(120, chosen, 36), months(48), method=method, selection='[selection]\nrule = "lot"\n'
        )

    return made


def waves_all_treated(random: np.random.Generator) -> Panel:
    """Forty areas in eight waves of five, in the order of need; nobody is never treated."""
    rate = streets(random, 40, 54, level=60, spread=0.12)
    order = np.argsort(-(np.log(rate[:, :18].mean(1)) + random.normal(0, 0.5, 40)))
    start = np.empty(40, dtype=np.int64)
    start[order] = 20 + 4 * (np.arange(40) // 5)
    return Panel(counted(random, rate), start, months(54), follow=900)


def recording_break(random: np.random.Generator) -> Panel:
    """Half the units, most of the treated among them, get a new system five months after the start that records 20 %
    less."""
    rate = streets(random, 60, 54, level=50, spread=0.12)
    new = random.permutation(60)[:30]
    chosen = np.concatenate([new[:8], np.setdiff1d(np.arange(60), new)[:2]])
    share = np.ones((60, 54))
    share[new, 41:] = 0.8
    return Panel(counted(random, rate), starting(60, chosen, 36), months(54), follow=540, recorded=share)


def mergers(random: np.random.Generator) -> Panel:
    """Thirty trusts, one treated, which takes over a neighbour a year before the start; another pair merges after
    it."""
    rate = streets(random, 30, 60, level=900, spread=0.05, memory=0.7)
    bodies: list[list[object]] = [[f"U{u}", f"Trust {u}", "hospital-trust", "", ""] for u in range(30)]
    panel = Panel(
        counted(random, rate, 0.001),
        starting(30, np.array([0]), 36),
        months(60),
        unit="organisation",
        follow=730,
        method="synthetic-control",
        gone={1: 24, 3: 42},
        heir={1: 0, 3: 2},
    )
    for unit, period in panel.gone.items():
        bodies[unit][3:] = [(panel.days[period] - timedelta(days=1)).isoformat(), f"U{panel.heir[unit]}"]
    panel.organisations = bodies
    return panel


def small_masked(random: np.random.Generator) -> Panel:
    """Small areas with one to eight a month, those from 1 to 4 written as *."""
    rate = streets(random, 120, 48, level=5, spread=0.2)
    return Panel(counted(random, rate), starting(120, random.permutation(120)[:20], 36), months(48), masked=True)


def quarterly(random: np.random.Generator) -> Panel:
    """Twelve years of quarters, six treated of forty."""
    rate = streets(random, 40, 48, level=200, spread=0.08, season=4)
    days = [date(2010 + q // 4, 3 * (q % 4) + 1, 1) for q in range(48)]
    return Panel(
        counted(random, rate, 0.002),
        starting(40, random.permutation(40)[:6], 36),
        days,
        "synthetic-did",
        follow=3 * 365,
        options="season = 4\n",
        unit="organisation",
    )


def weekly(random: np.random.Generator) -> Panel:
    """Three years of weeks, six treated of forty."""
    rate = streets(random, 40, 156, level=60, spread=0.1, season=52)
    days = [date(2018, 1, 1) + timedelta(days=7 * w) for w in range(156)]
    return Panel(
        counted(random, rate, 0.004),
        starting(40, random.permutation(40)[:6], 104),
        days,
        "synthetic-did",
        options="season = 52\n",
        unit="organisation",
    )


def drifting(random: np.random.Generator) -> Panel:
    """Every area wanders off by itself, a random walk of 4 % a month; ten treated by lot."""
    rate = streets(random, 60, 60, level=60, spread=0.05, drift=0.04)
    return Panel(counted(random, rate, 0.004), starting(60, random.permutation(60)[:10], 36), months(60), follow=730)


def rising_chosen(random: np.random.Generator) -> Panel:
    """Areas have slopes of their own, and those that rise fastest are chosen; the slopes go on for a year, then bend
    back."""
    rate = streets(random, 60, 54, level=60, spread=0.08)
    slope = random.normal(0, 0.006, 60)
    period = np.arange(54)
    rate = rate * np.exp(
        slope[:, None] * np.minimum(period, 36)[None, :] - 0.5 * slope[:, None] * np.maximum(0, period - 36)[None, :]
    )
    seen = slope + random.normal(0, 0.003, 60)
    return Panel(counted(random, rate, 0.004), starting(60, np.argsort(-seen)[:10], 36), months(54), follow=540)


def one_trust(random: np.random.Generator) -> Panel:
    """One trust of thirty with large, smooth, seasonal counts."""
    rate = streets(random, 30, 60, level=900, spread=0.05, memory=0.9)
    return Panel(
        counted(random, rate, 0.001),
        starting(30, random.permutation(30)[:1], 36),
        months(60),
        follow=730,
        unit="organisation",
        method="synthetic-control",
    )


def shock_unequal(random: np.random.Generator) -> Panel:
    """A closure in the year of the start that each area feels differently, the treated (towns) more than the rest."""
    rate = streets(random, 60, 54, level=60, spread=0.08)
    felt = random.normal(0.5, 0.15, 60)
    chosen = np.argsort(-(felt + random.normal(0, 0.15, 60)))[:10]
    rate[:, 26:32] *= np.exp(-felt)[:, None]
    rate[:, 38:44] *= np.exp(-0.7 * felt)[:, None]
    return Panel(counted(random, rate, 0.004), starting(60, chosen, 36), months(54), follow=540)


def gap_at_start(random: np.random.Generator) -> Panel:
    """Nobody sent the two months before and the three after the start."""
    rate = streets(random, 60, 54, level=60, spread=0.1)
    chosen = random.permutation(60)[:12]
    return Panel(
        counted(random, rate, 0.004), starting(60, chosen, 36), months(54), follow=540, unsent=(34, 35, 36, 37, 38)
    )


def contacts_in_streets(random: np.random.Generator) -> Panel:
    """A row an incident with its street and day, as a crime file has it; quiet streets with whole months of nothing."""
    rate = streets(random, 80, 48, level=3)
    return Panel(counted(random, rate), starting(80, random.permutation(80)[:16], 36), months(48), single=True)


WORLDS: dict[str, Callable[[np.random.Generator], Panel]] = {
    "by-lot": by_lot("did"),
    "by-lot-default": by_lot("synthetic-did"),
    "busiest-3-stated": busiest(3, stated=True),
    "busiest-3-unstated": busiest(3, stated=False),
    "busiest-12-stated": busiest(12, stated=True),
    "by-judgement": by_judgement,
    "waves-all-treated": waves_all_treated,
    "recording-break": recording_break,
    "mergers": mergers,
    "small-masked": small_masked,
    "quarterly": quarterly,
    "weekly": weekly,
    "drifting": drifting,
    "rising-chosen": rising_chosen,
    "one-trust": one_trust,
    "shock-unequal": shock_unequal,
    "gap-at-start": gap_at_start,
    "contacts-in-streets": contacts_in_streets,
}


def protocol(panel: Panel) -> str:
    """The protocol as the analyst writes it."""
    first = min(int(s) for s in panel.start)
    return f"""id = "scheme"
name = "Scheme"
style = "integration"
lead = "council"
partners = ["police"]
start = {panel.days[first]}
theory = "Agencies act together where it is needed."
owner = "head of strategy"
unit = "{panel.unit}"
follow_up_days = {panel.follow}
minimum_grade = 3
{panel.selection}[comparison]
method = "{panel.method}"
{"[comparison.options]" if panel.options else ""}
{panel.options}
[[outcome]]
kind = "incident"
role = "primary"
worthwhile = 0.1
"""


def made(name: str, ratio: float, seed: int) -> World:
    """One world; the truth is the planned ratio, because contacts are struck out one by one."""
    random = np.random.default_rng(
        [seed, sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 2**31, int(ratio * 100)]
    )
    panel = WORLDS[name](random)
    period = np.arange(panel.counts.shape[1])[None, :]
    after = period >= panel.start[:, None]
    did = random.binomial(panel.counts, np.where(after, ratio, 1.0))
    if panel.recorded is not None:
        did = random.binomial(did, panel.recorded)
    for unit, since in panel.gone.items():
        heir = panel.heir[unit]
        stays = np.where(period[0, since:] >= panel.start[heir], ratio, 1.0)
        did[heir, since:] += random.binomial(panel.counts[unit, since:], stays)
    rows: list[list[object]] = []
    for unit in range(did.shape[0]):
        for at, day in enumerate(panel.days):
            if at < panel.gone.get(unit, NEVER) and at not in panel.unsent:
                count = int(did[unit, at])
                rows.append([f"U{unit}", day.isoformat(), "*" if panel.masked and 1 <= count <= 4 else count])
    step = (panel.days[1] - panel.days[0]).days
    end = panel.days[-1] + timedelta(days=step - 1)
    enrolled = [["scheme", f"U{u}", panel.days[s].isoformat()] for u, s in enumerate(panel.start) if s < NEVER]
    if panel.single:
        rows = [
            [f"C{unit}-{at}-{n}", f"U{unit}", (day + timedelta(days=int(random.integers(0, 28)))).isoformat()]
            for unit in range(did.shape[0])
            for at, day in enumerate(panel.days)
            for n in range(int(did[unit, at]))
        ]
        constants = 'agency = "police"\n[source.constants]\nkind = "incident"\nservice = "police/response"'
        first = File("contact", ["contact", "place", "start"], rows, constants)
    else:
        first = File(
            "count", ["unit", "period", "contacts"], rows, '[source.constants]\nkind = "incident"\nagency = "police"'
        )
    out = [first, File("enrolment", ["collaboration", "place", "start"], enrolled)]
    if panel.organisations:
        out.append(File("organisation", ["organisation", "name", "sort", "end", "successor"], panel.organisations))
    window = f"[observed]\nfrom = {panel.days[0]}\nto = {end}\n"
    averted = float((panel.counts * after).sum() * (1 - ratio))
    return World(out, {"scheme": protocol(panel)}, ratio, averted, window + panel.settings, {"enrolled": len(enrolled)})
