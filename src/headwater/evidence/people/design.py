"""The risk sets: enrolled people and candidates, each at their index day, with their histories, and who is matched to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from headwater.domain.errors import DataProblem
from headwater.evidence.people.eligible import crossings, enrolling, holds_on
from headwater.evidence.people.reading import AGE_BANDS, LAGS, NEVER, QUARTER, Population, counted
from headwater.stats.matching import entropy_weights, nearest_pairs, whitened
from headwater.stats.propensity import prognostic_score, propensity_logit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.store import Store

    Days = NDArray[np.int64]
    Vector = NDArray[np.float64]

CALENDAR_DAYS = 122
"""How far apart two index days may lie, unless the protocol's comparison.options say calendar_days."""
FEW = 5


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Enrolled people and candidates. Every array runs over units; end is the first day no longer followed."""

    treated: NDArray[np.bool_]
    person: Days
    index: Days
    lag: Days
    end: Days
    lost: NDArray[np.bool_]
    """Whether the follow-up ended by death or moving."""
    enrolled_later: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Units with what is known of them. before: float64[unit, kind, window]; after: float64[unit, kind, quarter].

    exposure: float64[unit, quarter] in years; covariates: float64[unit, covariate] with their names.
    """

    units: Units
    kinds: tuple[str, ...]
    before: Vector
    after: Vector
    exposure: Vector
    covariates: Vector
    names: tuple[str, ...]
    strata: Days
    left_out: dict[str, int]

    def only(self, keep: NDArray[np.bool_]) -> Design:
        """The design of some of its units."""
        fields = {name: getattr(self.units, name)[keep] for name in self.units.__dataclass_fields__}
        arrays = {name: getattr(self, name)[keep] for name in ("before", "after", "exposure", "covariates", "strata")}
        return replace(self, units=Units(**fields), **arrays)


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Rows of the design in matched sets. row, sets: int64[member]; weight: float64[member]; score: float64[unit]."""

    row: Days
    sets: Days
    weight: Vector
    score: Vector
    unmatched: Days


def designed(
    store: Store, people: Population, contacts: tuple[Days, Days], protocol: Protocol, kinds: tuple[str, ...],
    window: tuple[int, int],
) -> Design:  # fmt: skip
    """The risk sets of a protocol, counted in the engine. window: first and last day on which all data are complete."""
    units, left_out = risk_sets(people, contacts, protocol, window)
    if not units.treated.any():
        raise DataProblem(
            f"nobody enrolled in {protocol.id!r} can be compared",
            given="; ".join(f"{reason}: {count}" for reason, count in left_out.items()),
            next_step="check [entry] of the protocol against how people were really taken on",
        )
    quarters = max(1, round(protocol.follow_up_days / QUARTER))
    rows = pa.table({
        "unit": np.arange(len(units.person)), "person": pa.array(people.pseudonym[units.person], pa.string()),
        "index_day": units.index, "end_day": units.end,
    })  # fmt: skip
    before, after = counted(store, rows, kinds, quarters)
    covariates, names = covariates_of(people, units, before, kinds, protocol)
    return Design(
        units,
        kinds,
        before,
        after,
        _exposure(units, quarters),
        covariates,
        names,
        _strata(people, units, protocol),
        left_out,
    )


def risk_sets(
    people: Population, contacts: tuple[Days, Days], protocol: Protocol, window: tuple[int, int]
) -> tuple[Units, dict[str, int]]:
    """Enrolled people at their enrolment, and everybody else at their own crossings of the same rule."""
    if protocol.entry is None:
        raise DataProblem(f"{protocol.id!r} has no [entry] rule", next_step="add [entry] to the protocol")
    found = crossings(*contacts, protocol.entry)
    enrolled = np.flatnonzero(people.enrolled < NEVER)
    start = people.enrolled[enrolled]
    at = enrolling(found, enrolled, start)
    sound, left_out = _sound(people, contacts, protocol, enrolled, start, at, window)
    enrolled, start, at = enrolled[sound], start[sound], at[sound]
    lag = start - found.day[at]
    rng = np.random.default_rng(protocol.seed)
    drawn = rng.choice(lag, len(found.day)) if len(lag) else np.zeros(len(found.day), dtype=np.int64)
    index = found.day + drawn
    free = np.ones(len(found.day), dtype=bool)
    free[at] = False
    free &= people.enrolled[found.person] > index
    free &= (people.first[found.person] <= index) & (people.last[found.person] > index)
    free &= holds_on(*contacts, found.person, index, protocol.entry) & _admitted(people, found.person, index, protocol)
    if len(start):
        reach = _apart(protocol)
        free &= (index >= start.min() - reach) & (index <= start.max() + reach) & (index < window[1])
    who = np.concatenate([enrolled, found.person[free]])
    when = np.concatenate([start, index[free]])
    treated = np.arange(len(who)) < len(enrolled)
    lags = np.concatenate([lag, drawn[free]])
    return _followed(people, treated, who, (when, lags), protocol, window), left_out


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
    sound, left_out = np.ones(len(enrolled), dtype=bool), {}
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
    people: Population, treated: NDArray[np.bool_], who: Days, when: tuple[Days, Days], protocol: Protocol, window: tuple[int, int]
) -> Units:  # fmt: skip
    """Until when each is followed: the protocol's days, the end of the data, death or moving, a candidate's own enrolment."""
    index, lag = when
    planned = np.minimum(index + protocol.follow_up_days, window[1] + 1)
    left = people.last[who] + 1
    later = np.where(treated, NEVER, people.enrolled[who])
    end = np.minimum(np.minimum(planned, left), later)
    gone = np.isin(people.why[who], ("death", "moved", "custody", "withdrew"))
    return Units(
        treated, who, index, lag, end, (left <= np.minimum(planned, later)) & gone, later < np.minimum(planned, left)
    )


def _exposure(units: Units, quarters: int) -> Vector:
    """float64[unit, quarter]: years followed in each quarter from the index day."""
    first = units.index[:, None] + QUARTER * np.arange(quarters)
    days = np.clip(np.minimum(units.end[:, None], first + QUARTER) - first, 0, QUARTER)
    found: Vector = days / 365.25
    return found


# What people are matched on


def covariates_of(
    people: Population, units: Units, before: Vector, kinds: Sequence[str], protocol: Protocol
) -> tuple[Vector, tuple[str, ...]]:
    """float64[unit, covariate]: counts (log of one more) of outcome and entry kinds by window, of other kinds by year; age and the rest."""
    main = {*protocol.outcome_kinds(), *([protocol.entry.kind] if protocol.entry else ())}
    columns: list[Vector] = []
    names: list[str] = []
    windows = [at for at in range(len(LAGS) - 1) if LAGS[at + 1] <= protocol.history_days]
    for row, kind in enumerate(kinds):
        if kind in main:
            columns += [np.log1p(before[:, row, at]) for at in windows]
            names += [f"{kind}, days {LAGS[at] + 1}-{LAGS[at + 1]}" for at in windows]
        else:
            columns += [np.log1p(before[:, row, :2].sum(axis=1)), np.log1p(before[:, row, 2:4].sum(axis=1))]
            names += [f"{kind}, days 1-90", f"{kind}, days 91-365"]
    age = _age(people, units.person, units.index)
    plain = {
        "age": np.where(np.isnan(age), np.nanmean(age), age), "female": people.female[units.person],
        "deprivation": np.where(np.isnan(d := people.deprivation[units.person]), 5.5, d), "days since the rule was met": np.log1p(units.lag),
    }  # fmt: skip
    return np.column_stack([*columns, *plain.values()]).astype(np.float64), (*names, *plain)


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
    if plan.method == "weighted" or plan.distance == "entropy":
        return _weighted(design, score)
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
    """float64[unit]: what nearness is measured on."""
    distance = protocol.comparison.distance
    if distance == "prognostic":
        free = ~design.units.treated
        counts = design.after[:, design.kinds.index(protocol.outcome_kinds()[0])].sum(axis=1)
        return prognostic_score(design.covariates, np.where(free, counts, counts[free].mean()))
    if distance == "coarsened-exact":
        return np.zeros(len(design.units.treated))
    return propensity_logit(design.covariates, design.units.treated)


def _weighted(design: Design, score: Vector) -> Matched:
    """All candidates, weighted so that their mean history is the enrolled's (entropy balancing); one set of all."""
    treated = design.units.treated
    weights = entropy_weights(design.covariates[~treated], design.covariates[treated].mean(axis=0))
    if weights is None:
        raise DataProblem(
            "no weights make the candidates like the enrolled",
            next_step='use comparison method = "matched" with a caliper',
        )
    row = np.concatenate([np.flatnonzero(treated), np.flatnonzero(~treated)])
    weight = np.concatenate([np.ones(int(treated.sum())), weights * treated.sum()])
    return Matched(row, np.zeros(len(row), dtype=np.int64), weight, score, np.zeros(0, dtype=np.int64))


def _apart(protocol: Protocol) -> int:
    return int(protocol.comparison.options.get("calendar_days", CALENDAR_DAYS))
