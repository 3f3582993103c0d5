"""Small worlds, each with one trap and a known truth: what an evaluation of people must not fall for.

A person's need drifts from month to month around a level of their own, so that whoever is taken on after three
attendances in ninety days stands at a peak and falls back by themselves. The programme then removes contacts, each with
the same chance (or adds some): the truth is the share that is kept, exactly. 10,000 people × 60 months are drawn in a
tenth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Days = NDArray[np.int64]
    Floats = NDArray[np.float64]

FIRST_DAY = 17_897
"""2019-01-01, in days since 1970."""
MONTHS, MONTH = 60, 30
FROM, TO = 900, 1_265
"""The year in which people are enrolled, in days since the first; two years of history and one of follow-up lie around
it."""
LAST_DAY = FIRST_DAY + MONTHS * MONTH - 1
QUARTER = 91
NEVER = np.iinfo(np.int32).max
OUTCOME, OTHER, CONTROL = "ae_attendance", "social_care_visit", "fracture_attendance"
KINDS = {OUTCOME: (0.8, 1.0, 1.0), "gp_contact": (3.0, 0.5, 0.4), OTHER: (1.0, 0.8, 0.3), CONTROL: (2.0, 0.3, 0.0)}
"""Contacts a year at need 1; the powers in which the person's level and the month's drift act on them."""
RULE = (3, 90)
"""At least three attendances within ninety days."""
DRIFT, KEPT = 0.9, 0.7
"""Standard deviation of a month's log need around the person's level, and the share of it that is still there a month
later."""


@dataclass(frozen=True, slots=True)
class Trap:
    """One of the traps. ratio: what truly remains of the outcome, by quarter since enrolment (the last one goes on)."""

    letter: str
    name: str
    ratio: tuple[float, ...]
    people: int = 10_000
    chance: float = 0.15
    """Of being taken on when one comes to meet the rule, before severity and deprivation shift it."""
    hidden: bool = False
    """Half of all get better on their own once they met the rule, and the programme mostly takes those; no record says
    who."""
    deaths: float = 0.0
    """Yearly hazard of death at need 1; it grows with need."""
    carried: float = 0.0
    """How many visits of another agency come for each averted contact."""
    planted: tuple[str, ...] = ()
    """Checks that must fire."""
    start: int = FROM
    days: int = TO - FROM
    """When people are enrolled: from which day since the first, and over how many."""


TRAPS = (
    Trap("a", "enrolled at the peak, nothing done", (1.0,)),
    Trap("b", "a true fall of 15 %", (0.85,)),
    Trap("c", "a true harm of 20 %", (1.20,)),
    Trap("d", "hidden confounder, nothing done", (1.0,), hidden=True, planted=("negative-control-outcome",)),
    Trap("e", "staggered entry, effects that grow", (0.95, 0.85, 0.75, 0.65)),
    Trap("f", "deaths related to need", (0.85,), deaths=0.10),
    Trap("g", "carried over to another agency", (0.75,), carried=2.0, planted=("displacement",)),
    Trap("h", "too small", (0.85,), people=2_500),
)


@dataclass(frozen=True, slots=True, eq=False)
class SmallWorld:
    """One row a person but for contacts. Days count from 1970; enrolled is NEVER for those who were not.

    person, day, kind: int64[contact], sorted by all three; kind numbers KINDS in their order. truth: kind → rate ratio
    over the follow-up of the enrolled.
    """

    trap: Trap
    first: Days
    last: Days
    why: NDArray[np.object_]
    enrolled: Days
    birth_year: Floats
    female: Floats
    area: NDArray[np.object_]
    deprivation: Floats
    person: Days
    day: Days
    kind: Days
    truth: Mapping[str, float] = field(default_factory=dict)


def small_world(trap: Trap, seed: int) -> SmallWorld:
    """The world of a trap and a seed."""
    rng = np.random.default_rng((ord(trap.letter), seed))
    n = trap.people
    age, deprivation = np.clip(rng.gamma(4.5, 11.0, n), 1, 99), rng.integers(1, 11, n).astype(np.float64)
    level = rng.gamma(0.9, 1 / 0.9, n) * np.exp(0.01 * (age - 50) + 0.06 * (deprivation - 5.5))
    last, died = _ends(trap, level, rng)
    person, day, kind = _contacts(level, _drift(n, rng), rng)
    better = rng.random(n) < 0.5
    met = _met(trap, person, day, kind)
    if trap.hidden:
        recovering = better[person] & (day > met[person]) & (rng.random(len(day)) < 0.5)
        person, day, kind = person[~recovering], day[~recovering], kind[~recovering]
    alive = day <= last[person]
    person, day, kind = person[alive], day[alive], kind[alive]
    enrolled = _enrolled(trap, (person, day, kind), (deprivation, better, last), rng)
    (person, day, kind), truth = _changed(trap, (person, day, kind), (enrolled, last), rng)
    order = np.lexsort((day, person, kind))
    return SmallWorld(
        trap,
        np.full(n, FIRST_DAY),
        FIRST_DAY + last,
        np.where(died, "death", "study-end").astype(object),
        np.where(enrolled < NEVER, FIRST_DAY + enrolled, NEVER),
        np.floor(2021 - age),
        (rng.random(n) < 0.5).astype(np.float64),
        np.array([f"area {at}" for at in range(8)], dtype=object)[rng.integers(0, 8, n)],
        deprivation,
        person[order],
        FIRST_DAY + day[order],
        kind[order],
        truth,
    )


def _drift(n: int, rng: np.random.Generator) -> Floats:
    """float64[person, month]: a month's log need around the level, with mean 1 after exponentiating; seasons on top."""
    noise = rng.standard_normal((n, MONTHS)) * DRIFT
    for month in range(1, MONTHS):
        noise[:, month] = KEPT * noise[:, month - 1] + np.sqrt(1 - KEPT**2) * noise[:, month]
    found: Floats = noise + 0.1 * np.cos(2 * np.pi * np.arange(MONTHS) / 12)
    return found


def _ends(trap: Trap, level: Floats, rng: np.random.Generator) -> tuple[Days, NDArray[np.bool_]]:
    """The last day of each, and whether it was their death. The hazard grows with the square root of the level."""
    if not trap.deaths:
        return np.full(len(level), MONTHS * MONTH - 1), np.zeros(len(level), dtype=bool)
    years = rng.exponential(1 / (trap.deaths * np.sqrt(level)))
    # The healthy start: everybody lives to the first day on which people are enrolled.
    day = np.minimum(trap.start + (years * 365.25), MONTHS * MONTH - 1).astype(np.int64)
    return day, day < MONTHS * MONTH - 1


def _contacts(level: Floats, drift: Floats, rng: np.random.Generator) -> tuple[Days, Days, Days]:
    """person, day, kind of every contact. Poisson counts of all months at once: their total, spread over months by
    their rates."""
    found = []
    for at, (rate, power, swing) in enumerate(KINDS.values()):
        swung = np.exp(swing * drift - swing**2 * DRIFT**2 / 2) if swing else np.ones_like(drift)
        upto = np.cumsum(rate / 12 * np.minimum(level, 6.0)[:, None] ** power * swung)
        cell = np.searchsorted(upto, np.sort(rng.random(rng.poisson(upto[-1]))) * upto[-1])
        found.append(
            (cell // MONTHS, cell % MONTHS * MONTH + rng.integers(0, MONTH, len(cell)), np.full(len(cell), at))
        )
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))  # type: ignore[return-value]


def _peaks(person: Days, day: Days, kind: Days) -> tuple[Days, Days]:
    """person, day of contacts at which the rule holds, sorted by person and day."""
    ours = np.flatnonzero(kind == 0)
    ours = ours[np.lexsort((day[ours], person[ours]))]
    who, when = person[ours], day[ours]
    k, width = RULE
    met = (who[k - 1 :] == who[: 1 - k]) & (when[k - 1 :] - when[: 1 - k] < width)
    return who[k - 1 :][met], when[k - 1 :][met]


def _met(trap: Trap, person: Days, day: Days, kind: Days) -> Days:
    """int64[person]: the first day from the trap's start on at which the rule held; NEVER where it did not."""
    who, when = _peaks(person, day, kind)
    late = when >= trap.start
    found = np.full(int(person.max()) + 1, NEVER, dtype=np.int64)
    np.minimum.at(found, who[late], when[late])
    return found


def _enrolled(
    trap: Trap,
    contacts: tuple[Days, Days, Days],
    known: tuple[Floats, NDArray[np.bool_], Days],
    rng: np.random.Generator,
) -> Days:
    """The day of enrolment from the first, a few days after a contact at which the rule held; at the first success by
    lot.

    The chance grows with deprivation and with the attendances of the year before: the confounding that records show.
    """
    deprivation, better, last = known
    who, when = _peaks(*contacts)
    inside = (when >= trap.start) & (when < trap.start + trap.days)
    who, when = who[inside], when[inside]
    mine = contacts[2] == 0
    keys = np.sort(contacts[0][mine] * 10_000 + contacts[1][mine])
    year = np.searchsorted(keys, who * 10_000 + when, side="right") - np.searchsorted(keys, who * 10_000 + when - 365)
    odds = np.log(trap.chance / (1 - trap.chance)) + 0.08 * (deprivation[who] - 5.5) + 0.10 * (year - 5)
    if trap.hidden:
        odds = odds + np.where(better[who], 1.5, -1.5)
    start = when + rng.integers(0, 15, len(when))
    taken = (rng.random(len(who)) < 1 / (1 + np.exp(-odds))) & (start < last[who]) & _holds(keys, who, start)
    found = np.full(len(deprivation), NEVER, dtype=np.int64)
    np.minimum.at(found, who[taken], start[taken])
    return found


def _holds(keys: Days, who: Days, start: Days) -> NDArray[np.bool_]:
    k, width = RULE
    upto = np.searchsorted(keys, who * 10_000 + start, side="right")
    found: NDArray[np.bool_] = upto - np.searchsorted(keys, who * 10_000 + start - width, side="right") >= k
    return found


def _changed(
    trap: Trap, contacts: tuple[Days, Days, Days], known: tuple[Days, Days], rng: np.random.Generator
) -> tuple[tuple[Days, Days, Days], dict[str, float]]:
    """The contacts after the programme did what it does, and the rate ratio that is true of the enrolled's
    follow-up."""
    person, day, kind = contacts
    enrolled, last = known
    since = day - enrolled[person] - 1
    touched = (kind == 0) & (since >= 0)
    ratio = np.array(trap.ratio)[np.clip(np.maximum(since, 0) // QUARTER, 0, len(trap.ratio) - 1)]
    followed = touched & (since < 365)
    truth = dict.fromkeys(KINDS, 1.0) | {OUTCOME: float(ratio[followed].mean()) if followed.any() else trap.ratio[0]}
    gone = touched & (rng.random(len(day)) > ratio)
    extra = np.flatnonzero(touched & (rng.random(len(day)) < ratio - 1))
    moved = np.repeat(np.flatnonzero(gone), rng.poisson(trap.carried, int(gone.sum()))) if trap.carried else extra[:0]
    spread = np.minimum(day[extra] + 1, last[person[extra]])
    made = tuple(
        np.concatenate(
            [column[~gone], column[extra] if at != 1 else spread, column[moved] if at != 2 else np.full(len(moved), 2)]
        )
        for at, column in enumerate((person, day, kind))
    )
    if trap.carried:
        own = float(((kind == 2) & (since >= 0) & (since < 365)).sum())
        truth[OTHER] = 1 + trap.carried * float((1 - ratio[followed]).sum()) / max(own, 1.0)
    return made, truth  # type: ignore[return-value]
