"""Three years of people's lives, week by week: crises, contacts, referrals, programmes, deaths and moves.

Everything that hangs on what happened before (an entry rule, a visit that averts attendances, a referral after one) is
drawn from the weeks before it, so that truth is what the rates say and nothing else. One chunk of people at a time, all
of it numpy: 20,000 people × 157 weeks × 16 kinds are 50 million Poisson draws, some three seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.worlds.programmes import DECOY, PEOPLE, PREVENTIVE, PREVENTIVE_WEEKS

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST = np.datetime64("2022-01-03", "D")
WEEKS = 156

# Yearly contacts of somebody of frailty 1 outside a crisis, how much frailty matters (power), how much a crisis
# multiplies, seasonal swing (share, greatest in January), yearly trend.
KINDS: dict[str, tuple[float, float, float, float, float]] = {
    "ae_attendance": (0.34, 1.0, 9.0, 0.10, 1.02),
    "emergency_admission": (0.12, 1.1, 6.0, 0.12, 1.01),
    "ambulance_call": (0.20, 1.0, 9.0, 0.08, 1.03),
    "gp_contact": (2.60, 0.6, 1.8, 0.06, 1.00),
    "community_nursing": (0.22, 1.2, 1.5, 0.0, 1.00),
    "social_care_visit": (0.20, 1.3, 1.3, 0.0, 1.01),
    "respite_stay": (0.02, 1.3, 1.5, 0.0, 1.00),
    "mental_health_contact": (0.25, 0.9, 2.5, 0.0, 1.02),
    "housing_contact": (0.30, 0.4, 1.5, 0.0, 1.00),
    "police_incident": (0.08, 0.8, 2.0, -0.05, 1.00),
    "home_safety_visit": (0.05, 0.5, 1.0, 0.0, 1.00),
    "benefits_claim": (0.25, 0.4, 1.2, 0.0, 1.00),
    "advice_line_call": (0.15, 0.7, 6.0, 0.05, 1.00),
    "fracture_attendance": (0.12, 0.15, 1.0, 0.10, 1.00),
    "outpatient_appointment": (0.70, 0.5, 1.0, 0.0, 1.00),
}
NAMES = tuple(KINDS)
AT = {kind: row for row, kind in enumerate(NAMES)}
REFERRED = {"community_nursing": 0.10, "gp_contact": 0.35, "social_care_visit": 0.05}
"""After an attendance: the chance of each of these in the following fortnight. The referral runs against the
prevention."""
CAPACITY_FALL = ("community_nursing", 139, 0.55)
"""From September 2024 the community nurses make little more than half of their visits."""
CALLED_FIRST = 0.45
"""Attendances that an advice call went before, one to ten days."""


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """One row a person. age in years at the start; deprivation 1 to 10; frailty has mean about 1."""

    age: NDArray[np.float64]
    female: NDArray[np.bool_]
    area: NDArray[np.int64]
    deprivation: NDArray[np.int64]
    frailty: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Lives:
    """person, kind, day (from FIRST), quantity: one row a contact; index: week of enrolment by programme, −1 for
    never."""

    person: NDArray[np.int64]
    kind: NDArray[np.int64]
    day: NDArray[np.int64]
    quantity: NDArray[np.float64]
    index: NDArray[np.int64]
    last_day: NDArray[np.int64]
    why_ended: NDArray[np.int64]
    """0 study end, 1 death, 2 moved."""
    averted: dict[tuple[str, str], NDArray[np.float64]]
    """Programme and kind → float64[week], contacts that its people would have had more (negative: fewer) without it in
    the first year of each, by the rates."""
    prevented: dict[tuple[str, str], float]
    """Preventive service and kind → contacts that there would have been more without any of the service's, by the
    rates."""


def born(count: int, areas: NDArray[np.int64], rng: np.random.Generator) -> People:
    """areas: int64[area], the deprivation of each."""
    area = rng.integers(0, len(areas), count)
    age = np.clip(rng.gamma(4.2, 11.5, count), 0, 99)
    deprivation = areas[area]
    shift = 0.020 * (age - 45) + 0.05 * (5.5 - deprivation)
    return People(age, rng.random(count) < 0.52, area, deprivation, rng.gamma(0.9, 1 / 0.9, count) * np.exp(shift))


def live(people: People, rng: np.random.Generator) -> Lives:
    """All weeks of a chunk of people."""
    state = _State(people, rng)
    for week in range(WEEKS):
        state.week(week)
    return state.lives()


class _State:
    """What a week needs of the weeks before it."""

    def __init__(self, people: People, rng: np.random.Generator) -> None:
        count = len(people.age)
        self.people, self.rng, self.count = people, rng, count
        self.base = np.stack(
            [rate / 52.18 * np.minimum(people.frailty, 8.0) ** power for rate, power, *_ in KINDS.values()]
        )
        self.crisis_until = np.full(count, -1)
        self.history = np.zeros((len(NAMES), count, 20), dtype=np.uint8)
        self.visited = {pair: np.full(count, -99) for pair in PREVENTIVE}
        self.index = np.full((len(PEOPLE), count), -1)
        self.was_eligible = np.zeros((len(PEOPLE), count), dtype=bool)
        self.last_day = np.full(count, 7 * WEEKS - 1)
        self.why = np.zeros(count, dtype=np.int64)
        self.alive = np.ones(count, dtype=bool)
        self.referred = np.zeros((len(REFERRED), count))
        self.made: list[tuple[NDArray[np.int64], ...]] = []
        self.averted = {(p.id, kind): np.zeros(WEEKS) for p in PEOPLE for kind in p.effects}
        self.prevented = dict.fromkeys(PREVENTIVE, 0.0)

    def week(self, week: int) -> None:
        self._crises(week)
        rates = self._rates(week)
        counts = self.rng.poisson(rates).astype(np.uint8)
        self._keep(week, counts)
        self._follow(week, counts)
        self._enrol(week)
        self._leave(week)

    def _crises(self, week: int) -> None:
        starts = self.rng.random(self.count) < 0.006 * np.sqrt(np.minimum(self.people.frailty, 6.0))
        length = self.rng.geometric(1 / 7, self.count)
        fresh = starts & (self.crisis_until < week)
        self.crisis_until = np.where(fresh, week + length, self.crisis_until)

    def _rates(self, week: int) -> NDArray[np.float64]:
        """float64[kind, person]: contacts expected this week, nought for those who have died or moved."""
        in_crisis = (self.crisis_until >= week) & self.alive
        year = np.cos(2 * np.pi * (week - 2) / 52.18)
        rates = self.base.copy()
        for row, (_, _, crisis, season, trend) in enumerate(KINDS.values()):
            rates[row] *= (1 + season * year) * trend ** (week / 52.18)
            rates[row, in_crisis] *= crisis
        for row, kind in enumerate(REFERRED):
            rates[AT[kind]] += self.referred[row]
        kind, since, left = CAPACITY_FALL
        if week >= since:
            rates[AT[kind]] *= left
        for (upstream, downstream), ratio in PREVENTIVE.items():
            recent = week - self.visited[upstream, downstream] <= PREVENTIVE_WEEKS
            self.prevented[upstream, downstream] += float(rates[AT[downstream], recent & self.alive].sum()) * (
                1 - ratio
            )
            rates[AT[downstream], recent] *= ratio
        rates[:, ~self.alive] = 0
        self._programmes(rates, week)
        return rates

    def _programmes(self, rates: NDArray[np.float64], week: int) -> None:
        for row, programme in enumerate(PEOPLE):
            inside = (self.index[row] >= 0) & (self.index[row] <= week)
            year_one = inside & (week - self.index[row] < 52)
            for kind, ratio in programme.effects.items():
                self.averted[programme.id, kind][week] = float(rates[AT[kind], year_one].sum()) * (1 - ratio)
                rates[AT[kind], inside] *= ratio

    def _keep(self, week: int, counts: NDArray[np.uint8]) -> None:
        self.history = np.roll(self.history, 1, axis=2)
        self.history[:, :, 0] = counts
        kind, person = np.nonzero(counts)
        times = counts[kind, person].astype(np.int64)
        kind, person = np.repeat(kind, times), np.repeat(person, times)
        self.made.append((person, kind, 7 * week + self.rng.integers(0, 7, len(kind))))

    def _follow(self, week: int, counts: NDArray[np.uint8]) -> None:
        """What this week sets off: visits that avert, referrals after an attendance."""
        for upstream, downstream in PREVENTIVE:
            seen = counts[AT[upstream]] > 0
            self.visited[upstream, downstream][seen] = week
        attended = np.minimum(counts[AT["ae_attendance"]], 1)
        self.referred *= 0.5
        for row, chance in enumerate(REFERRED.values()):
            self.referred[row] += 0.5 * chance * attended

    def _enrol(self, week: int) -> None:
        """Whoever becomes eligible this week is taken on by chance, shifted a little by age and area; from Monday
        on."""
        for row, programme in enumerate(PEOPLE):
            counted = self.history[AT[programme.kind], :, : programme.weeks].sum(axis=1)
            eligible = (
                (counted >= programme.at_least) & (self.people.age + week / 52.18 >= programme.minimum_age) & self.alive
            )
            fresh = eligible & ~self.was_eligible[row] & (self.index[row] < 0)
            self.was_eligible[row] = eligible
            if programme.first_week <= week < programme.last_week:
                shift = np.exp(0.004 * (self.people.age - 55) + 0.15 * np.sin(self.people.area))
                taken = fresh & (self.rng.random(self.count) < np.minimum(programme.chance * shift, 0.9))
                self.index[row, taken] = week + 1

    def _leave(self, week: int) -> None:
        hazard = np.exp(-10.1 + 0.075 * self.people.age) / 52.18 * np.minimum(self.people.frailty, 5.0) ** 0.7
        dies = self.alive & (self.rng.random(self.count) < hazard)
        moves = self.alive & ~dies & (self.rng.random(self.count) < 0.025 / 52.18)
        self.last_day[dies | moves] = 7 * week + 6
        self.why[dies], self.why[moves] = 1, 2
        self.alive &= ~(dies | moves)

    def lives(self) -> Lives:
        person, kind, day = (np.concatenate([made[at] for made in self.made]) for at in range(3))
        person, kind, day = self._calls_first(person, kind, day)
        order = np.lexsort((kind, day, person))
        person, kind, day = person[order], kind[order], day[order]
        return Lives(
            person, kind, day, self._quantity(kind), self.index, self.last_day, self.why, self.averted, self.prevented
        )

    def _calls_first(
        self, person: NDArray[np.int64], kind: NDArray[np.int64], day: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], ...]:
        """The decoy: a call before many an attendance. It knows that one is coming and changes nothing."""
        attended = np.flatnonzero((kind == AT["ae_attendance"]) & (self.rng.random(len(kind)) < CALLED_FIRST))
        called = day[attended] - self.rng.integers(1, 11, len(attended))
        sound = called >= 0
        more = (person[attended][sound], np.full(int(sound.sum()), AT[DECOY]), called[sound])
        return tuple(np.concatenate(pair) for pair in zip((person, kind, day), more, strict=True))

    def _quantity(self, kind: NDArray[np.int64]) -> NDArray[np.float64]:
        days = 1.0 + self.rng.gamma(1.3, 5.0, len(kind)).round()
        bedded = np.isin(kind, (AT["emergency_admission"], AT["respite_stay"]))
        return np.where(bedded, days, 1.0)
