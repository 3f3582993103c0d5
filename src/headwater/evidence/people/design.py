"""The risk sets: enrolled people and candidates, each at their index day, with their histories, and who is matched to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.calendar import Calendar
from headwater.domain.errors import DataProblem
from headwater.evidence.people.eligible import enrolling, holds_on, moments, within
from headwater.evidence.people.reading import AGE_BANDS, LAGS, NEVER, QUARTER, Counter, Population
from headwater.stats.matching import entropy_weights, nearest_pairs, whitened
from headwater.stats.propensity import prognostic_score, propensity_logit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.evidence.people.eligible import Moments

    Days = NDArray[np.int64]
    Vector = NDArray[np.float64]

CALENDAR_DAYS = 122
"""How far apart two index days may lie, unless the protocol's comparison.options say calendar_days."""
PROGNOSTIC_RIDGE = 5.0
"""On standardised covariates; some twenty of them are learnt from a few hundred contacts."""
RECENT_DAYS = 14


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How far each is in their spell. met, last: int64[unit], days since the rule came to be met and since the last contact."""

    met: Days
    last: Days

    def __getitem__(self, keep: NDArray[np.bool_]) -> Course:
        return Course(self.met[keep], self.last[keep])


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Enrolled people and candidates. Every array runs over units; end is the first day no longer followed."""

    treated: NDArray[np.bool_]
    person: Days
    index: Days
    course: Course
    end: Days
    lost: NDArray[np.bool_]
    """Whether the follow-up ended by death or moving."""
    enrolled_later: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Monthly:
    """The enrolled's own follow-up on the calendar. row: int64[n], units of the design; counts: float64[n, kind, month];
    days: int64[n, month] followed."""

    calendar: Calendar
    row: Days
    counts: Vector
    days: Days

    def only(self, keep: NDArray[np.bool_]) -> Monthly:
        """Of some of the design's units, by their new numbers."""
        ours = keep[self.row]
        return Monthly(self.calendar, (np.cumsum(keep) - 1)[self.row[ours]], self.counts[ours], self.days[ours])

    def of(self, rows: Days) -> tuple[Vector, Days]:
        """float64[kind, month] contacts and int64[month] days of some of the enrolled."""
        ours = np.isin(self.row, rows)
        return self.counts[ours].sum(axis=0), self.days[ours].sum(axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Units with what is known of them. before: float64[unit, kind, window]; after: float64[unit, kind, quarter].

    exposure: float64[unit, quarter] in years; covariates: float64[unit, covariate] with their names; expected: float64[unit, kind],
    the log yearly count that a history lets expect without the programme, learnt from the candidates; NaN where it is not needed.
    """

    units: Units
    kinds: tuple[str, ...]
    before: Vector
    after: Vector
    exposure: Vector
    covariates: Vector
    names: tuple[str, ...]
    strata: Days
    expected: Vector
    left_out: dict[str, int]
    monthly: Monthly

    def only(self, keep: NDArray[np.bool_]) -> Design:
        """The design of some of its units."""
        fields = {name: getattr(self.units, name)[keep] for name in self.units.__dataclass_fields__}
        arrays = {
            name: getattr(self, name)[keep]
            for name in ("before", "after", "exposure", "covariates", "strata", "expected")
        }
        return replace(self, units=Units(**fields), monthly=self.monthly.only(keep), **arrays)

    def learnt(self, kinds: Sequence[str]) -> Design:
        """The design with its expectations learnt anew, from those who are candidates now."""
        expected = np.full((len(self.units.treated), len(self.kinds)), np.nan)
        for at in sorted({self.kinds.index(kind) for kind in kinds}):
            expected[:, at] = prognostic_score(
                self.covariates, self.after[:, at].sum(axis=1), years=self.exposure.sum(axis=1), learn=~self.units.treated,
                ridge=PROGNOSTIC_RIDGE,
            )  # fmt: skip
        return replace(self, expected=expected)


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Rows of the design in matched sets. row, sets: int64[member]; weight: float64[member]; score: float64[unit].

    own: whether each set is one enrolled person's, whose row is its number; cells and weighted pools have many enrolled.
    """

    row: Days
    sets: Days
    weight: Vector
    score: Vector
    unmatched: Days
    own: bool = True

    def only(self, keep: NDArray[np.bool_]) -> Matched:
        """The sets with some of their members."""
        return replace(self, row=self.row[keep], sets=self.sets[keep], weight=self.weight[keep])

    @property
    def leader(self) -> Days:
        """int64[member]: the unit by which a member belongs to a group or an area, the set's enrolled person or the member."""
        return self.sets if self.own else self.row


def designed(
    people: Population, contacts: tuple[Days, Days], protocol: Protocol, kinds: tuple[str, ...], window: tuple[int, int],
    count: Counter,
) -> Design:  # fmt: skip
    """The risk sets of a protocol. window: first and last day on which all data are complete; count: who counts histories."""
    units, left_out = risk_sets(people, contacts, protocol, window)
    if not units.treated.any():
        raise DataProblem(
            f"nobody enrolled in {protocol.id!r} can be compared",
            given="; ".join(f"{reason}: {count}" for reason, count in left_out.items()),
            next_step="check [entry] of the protocol against how people were really taken on",
        )
    quarters = max(1, round(protocol.follow_up_days / QUARTER))
    before, after = count(units.person, units.index, units.end, quarters)
    covariates, names = covariates_of(people, units, before, kinds, protocol, contacts)
    found = Design(
        units, kinds, before, after, _exposure(units, quarters), covariates, names, _strata(people, units, protocol),
        np.empty((0, len(kinds))), left_out, on_calendar(units, quarters, count),
    )  # fmt: skip
    return found.learnt(protocol.outcome_kinds())


def on_calendar(units: Units, quarters: int, count: Counter) -> Monthly:
    """The enrolled's contacts and days by month, over the days that the quarters of follow-up hold."""
    rows = np.flatnonzero(units.treated)
    index, end = units.index[rows], np.minimum(units.end[rows], units.index[rows] + 1 + QUARTER * quarters)
    first, last = (_date(int(day)) for day in (index.min() + 1, max(end.max() - 1, index.min() + 1)))
    calendar = Calendar.spanning(first, last)
    days = calendar.overlap_days((index + 1).astype("datetime64[D]"), (end - 1).astype("datetime64[D]"))
    return Monthly(calendar, rows, count.months(units.person[rows], index, end, calendar), days)


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


def risk_sets(
    people: Population, contacts: tuple[Days, Days], protocol: Protocol, window: tuple[int, int]
) -> tuple[Units, dict[str, int]]:
    """Enrolled people at their enrolment, and everybody else at the moments at which they too could have been enrolled."""
    if protocol.entry is None:
        raise DataProblem(f"{protocol.id!r} has no [entry] rule", next_step="add [entry] to the protocol")
    found = moments(*contacts, protocol.entry)
    enrolled = np.flatnonzero(people.enrolled < NEVER)
    start = people.enrolled[enrolled]
    at = enrolling(found, enrolled, start)
    sound, left_out = _sound(people, contacts, protocol, enrolled, start, at, window)
    enrolled, start, at = enrolled[sound], start[sound], at[sound]
    waited, index = _index_days(found, start - found.day[at], protocol.seed)
    free = _free(people, contacts, found, index, protocol)
    if len(start):
        reach = _apart(protocol)
        free &= (index >= start.min() - reach) & (index <= start.max() + reach) & (index < window[1])
    who = np.concatenate([enrolled, found.person[free]])
    when = np.concatenate([start, index[free]])
    course = Course(
        np.concatenate([start - found.met[at], index[free] - found.met[free]]),
        np.concatenate([start - found.day[at], waited[free]]),
    )
    return _followed(people, np.arange(len(who)) < len(enrolled), who, when, course, protocol, window), left_out


def _index_days(found: Moments, waited: Days, seed: int) -> tuple[Days, Days]:
    """For each moment a wait drawn from those of the enrolled, and the day at its end."""
    rng = np.random.default_rng(seed)
    drawn = rng.choice(waited, len(found.day)) if len(waited) else np.zeros(len(found.day), dtype=np.int64)
    return drawn, found.day + drawn


def _free(
    people: Population, contacts: tuple[Days, Days], found: Moments, index: Days, protocol: Protocol
) -> NDArray[np.bool_]:
    """bool[moment]: alive, observed, not yet enrolled on the index day, and still at this moment: the rule holds and no other came."""
    entry = protocol.entry
    assert entry is not None
    who = found.person
    free: NDArray[np.bool_] = (people.enrolled[who] > index) & (people.first[who] <= index) & (people.last[who] > index)
    free[:-1] &= (who[1:] != who[:-1]) | (found.day[1:] > index[:-1])
    return free & holds_on(*contacts, who, index, entry) & _admitted(people, who, index, protocol)


def _sound(
    people: Population, contacts: tuple[Days, Days], protocol: Protocol, enrolled: Days, start: Days, at: Days, window: tuple[int, int]
) -> tuple[NDArray[np.bool_], dict[str, int]]:  # fmt: skip
    """Which of the enrolled can be evaluated, and why the others cannot; each is counted under its first reason."""
    entry = protocol.entry
    assert entry is not None
    reasons = {
        "enrolled before they were observed, or after death or moving": (people.first[enrolled] > start) | (people.last[enrolled] <= start),
        "enrolled outside the time the data cover": (start >= window[1]) | (start < window[0]),
        "did not meet the entry rule when enrolled": (at < 0) | ~holds_on(*contacts, enrolled, start, entry),
        "of another age or area than the entry rule": ~_admitted(people, enrolled, start, protocol),
    }  # fmt: skip
    listed = people.listed
    sound = np.ones(len(enrolled), dtype=bool)
    left_out = {
        "on the list, but linked to nobody": listed.unlinked,
        "on the list, but never observed": listed.unobserved,
    }
    left_out = {reason: number for reason, number in left_out.items() if number}
    for reason, wrong in reasons.items():
        if new := int((wrong & sound).sum()):
            left_out[reason] = new
        sound &= ~wrong
    return sound, left_out


def _admitted(people: Population, who: Days, when: Days, protocol: Protocol) -> NDArray[np.bool_]:
    entry = protocol.entry
    age = _age(people, who, when)
    fits = np.ones(len(who), dtype=bool)
    if entry is not None and entry.minimum_age is not None:
        fits &= ~(age < entry.minimum_age)
    if entry is not None and entry.maximum_age is not None:
        fits &= ~(age > entry.maximum_age)
    if entry is not None and entry.areas:
        fits &= np.isin(people.area[who], entry.areas)
    return fits


def _followed(
    people: Population, treated: NDArray[np.bool_], who: Days, index: Days, course: Course, protocol: Protocol,
    window: tuple[int, int],
) -> Units:  # fmt: skip
    """Until when each is followed: the protocol's days, the end of the data, death or moving, a candidate's own enrolment."""
    planned = np.minimum(index + 1 + protocol.follow_up_days, window[1] + 1)
    left = people.last[who] + 1
    later = np.where(treated, NEVER, people.enrolled[who])
    end = np.minimum(np.minimum(planned, left), later)
    gone = np.isin(people.why[who], ("death", "moved", "custody", "withdrew"))
    return Units(
        treated, who, index, course, end, (left <= np.minimum(planned, later)) & gone, later < np.minimum(planned, left)
    )


def _exposure(units: Units, quarters: int) -> Vector:
    """float64[unit, quarter]: years followed in each quarter from the day after the index day."""
    first = units.index[:, None] + 1 + QUARTER * np.arange(quarters)
    days = np.clip(np.minimum(units.end[:, None], first + QUARTER) - first, 0, QUARTER)
    found: Vector = days / 365.25
    return found


# What people are matched on


def covariates_of(
    people: Population, units: Units, before: Vector, kinds: Sequence[str], protocol: Protocol, contacts: tuple[Days, Days]
) -> tuple[Vector, tuple[str, ...]]:  # fmt: skip
    """float64[unit, covariate] and their names: histories, the course within the spell, age and the rest."""
    found = [*_histories(before, kinds, protocol), *_course(people, units, protocol, contacts).items()]
    return np.column_stack([column for _, column in found]).astype(np.float64), tuple(name for name, _ in found)


def _histories(before: Vector, kinds: Sequence[str], protocol: Protocol) -> Iterator[tuple[str, Vector]]:
    """Counts (log of one more) of outcome and entry kinds by window and over the year, of other kinds by the part of the year."""
    main = {*protocol.outcome_kinds(), *([protocol.entry.kind] if protocol.entry else ())}
    for row, kind in enumerate(kinds):
        if kind not in main:
            yield f"{kind}, days 0-90", np.log1p(before[:, row, :2].sum(axis=1))
            yield f"{kind}, days 91-365", np.log1p(before[:, row, 2:4].sum(axis=1))
            continue
        for at in range(len(LAGS) - 1):
            if LAGS[at + 1] <= protocol.history_days:
                yield f"{kind}, days {LAGS[at] + 1 if at else 0}-{LAGS[at + 1]}", np.log1p(before[:, row, at])
        yield f"{kind}, days 0-365", np.sqrt(before[:, row, :4].sum(axis=1))


def _course(people: Population, units: Units, protocol: Protocol, contacts: tuple[Days, Days]) -> dict[str, Vector]:
    """Where each stands in their spell, and who they are."""
    entry = protocol.entry
    assert entry is not None
    counted = {days: within(*contacts, units.person, units.index, days) for days in (RECENT_DAYS, entry.within_days)}
    seen = np.clip(units.index - people.first[units.person], 0, protocol.history_days)
    return {
        f"{entry.kind}, days 0-{RECENT_DAYS}": np.log1p(counted[RECENT_DAYS]),
        "contacts that the rule counts": np.log1p(counted[entry.within_days]),
        "days since the rule was met": np.log1p(units.course.met),
        "days since the last contact": np.log1p(units.course.last),
        "age": _filled(_age(people, units.person, units.index)),
        "female": people.female[units.person],
        "deprivation": _filled(people.deprivation[units.person]),
        "years observed before": seen / 365.25,
    }


def _filled(values: Vector) -> Vector:
    """What is not known takes the mean of what is; nought where nothing is known of anybody."""
    known = ~np.isnan(values)
    found: Vector = np.where(known, values, values[known].mean() if known.any() else 0.0)
    return found


def _age(people: Population, who: Days, when: Days) -> Vector:
    found: Vector = 1970 + when / 365.25 - people.birth_year[who]
    return found


def _strata(people: Population, units: Units, protocol: Protocol) -> Days:
    """int64[unit]: number of the exact stratum by the columns the protocol names."""
    age = np.nan_to_num(_age(people, units.person, units.index), nan=-1)
    known = {
        "age_band": np.digitize(age, AGE_BANDS).astype(str), "sex": people.female[units.person].astype(str),
        "area": people.area[units.person].astype(str), "deprivation": people.deprivation[units.person].astype(str),
    }  # fmt: skip
    named = [known[column] for column in protocol.comparison.exact if column in known]
    if not named:
        return np.zeros(len(units.person), dtype=np.int64)
    joined = np.array(["|".join(parts) for parts in zip(*named, strict=True)])
    return np.unique(joined, return_inverse=True)[1].astype(np.int64)


# Who is matched to whom


def matched(design: Design, protocol: Protocol) -> Matched:
    """The matched sets by the protocol's method. Raises DataProblem where there is no candidate at all."""
    units, plan = design.units, protocol.comparison
    if units.treated.all():
        raise DataProblem(
            f"nobody can be compared with those enrolled in {protocol.id!r}",
            given="no other person met the entry rule at that time",
            next_step="widen comparison.options calendar_days, or load the records of people who were not enrolled",
        )
    score = score_of(design, protocol)
    if plan.method == "weighted" or plan.distance in ("entropy", "overlap"):
        return _weighted(design, score, plan.distance)
    if plan.distance == "coarsened-exact":
        return _coarsened(design, score, protocol)
    width = np.inf if plan.caliper is None else plan.caliper * float(score.std() or 1.0)
    pairs = nearest_pairs(
        units.treated, design.strata, score, per_unit=plan.per_unit, caliper=width, owner=units.person,
        when=units.index.astype(np.float64), apart=_apart(protocol), replacement=plan.replacement,
        features=whitened(design.covariates) if plan.distance == "mahalanobis" else None,
    )  # fmt: skip
    ours = np.unique(pairs.treated)
    each = np.bincount(pairs.treated, minlength=len(units.treated))
    row = np.concatenate([ours, pairs.control])
    sets = np.concatenate([ours, pairs.treated])
    weight = np.concatenate([np.ones(len(ours)), 1.0 / each[pairs.treated]])
    return Matched(row, sets, weight, score, np.setdiff1d(np.flatnonzero(units.treated), ours))


def score_of(design: Design, protocol: Protocol) -> Vector:
    """float64[unit]: what nearness is measured on. The prognostic score is learnt from the candidates alone (Hansen 2008)."""
    if protocol.comparison.distance == "prognostic":
        return design.expected[:, design.kinds.index(protocol.outcome_kinds()[0])]
    return propensity_logit(design.covariates, design.units.treated)


def _weighted(design: Design, score: Vector, distance: str) -> Matched:
    """All candidates in one set, weighted: overlap weights (Li, Morgan & Zaslavsky 2018), or so that their means are the enrolled's."""
    treated = design.units.treated
    ours, free = np.flatnonzero(treated), np.flatnonzero(~treated)
    if distance == "overlap":
        chance = 1 / (1 + np.exp(-score))
        one, other = 1 - chance[ours], chance[free]
    else:
        # Seasons and trends fall on both alike when the mean day is the same.
        x = np.column_stack([design.covariates, design.units.index])
        weights = entropy_weights(x[free], x[ours].mean(axis=0))
        if weights is None:
            raise DataProblem(
                "no weights make the candidates like the enrolled",
                given="some of the enrolled's mean history lies outside of what candidates had",
                next_step='use comparison method = "matched" with a caliper, or distance = "overlap"',
            )
        one, other = np.ones(len(ours)), weights
    weight = np.concatenate([one, other * one.sum() / other.sum()])
    row = np.concatenate([ours, free])
    return Matched(row, np.zeros(len(row), dtype=np.int64), weight, score, np.zeros(0, dtype=np.int64), False)


BANDS = (1, 3, 6)
"""Coarsened counts: none, 1–2, 3–5, 6 and more."""


def _coarsened(design: Design, score: Vector, protocol: Protocol) -> Matched:
    """Coarsened exact matching (Iacus, King & Porro 2012): everybody of a cell, the candidates weighted to its enrolled.

    Cells are the exact strata × coarse counts of the main kinds in the last year × stretches of the calendar.
    """
    treated, strata = design.units.treated, design.strata
    kinds = {*protocol.outcome_kinds()[:1], *([protocol.entry.kind] if protocol.entry else ())}
    counts = [design.before[:, design.kinds.index(kind), at] for kind in sorted(kinds) for at in range(4)]
    cells = np.column_stack(
        [strata, design.units.index // _apart(protocol), *(np.digitize(part, BANDS) for part in counts)]
    )
    cell = np.unique(cells, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    ours, free = np.bincount(cell, treated), np.bincount(cell, ~treated)
    row = np.flatnonzero((ours > 0)[cell] & (free > 0)[cell])
    weight = np.where(treated[row], 1.0, ours[cell[row]] / np.maximum(free[cell[row]], 1))
    return Matched(row, cell[row], weight, score, np.setdiff1d(np.flatnonzero(treated), row), False)


def _apart(protocol: Protocol) -> int:
    return int(protocol.comparison.options.get("calendar_days", CALENDAR_DAYS))
