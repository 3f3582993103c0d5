"""What people are matched on: histories, where each stands in their spell, who they are, and the exact strata."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.people.eligible import within
from headwater.evidence.people.reading import AGE_BANDS, HELD, LAGS
from headwater.evidence.people.together import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.evidence.people.reading import Population
    from headwater.evidence.people.units import Units

    Days = NDArray[np.int64]
    Vector = NDArray[np.float64]

RECENT_DAYS = 14


def covariates_of(
    people: Population,
    units: Units,
    before: Vector,
    kinds: Sequence[str],
    protocol: Protocol,
    contacts: tuple[Days, Days],
) -> tuple[Vector, tuple[str, ...]]:
    """float64[unit, covariate] and their names: histories, the course within the spell, age and the rest."""
    found = [*_histories(before, kinds, protocol), *_course(people, units, protocol, contacts).items()]
    return np.column_stack([column for _, column in found]).astype(np.float64), tuple(name for name, _ in found)


def _histories(before: Vector, kinds: Sequence[str], protocol: Protocol) -> Iterator[tuple[str, Vector]]:
    """Counts (log of one more) of outcome and entry kinds by window and over the year, of other kinds by the part of
    the year."""
    main = {*protocol.outcome_kinds(), *([protocol.entry.kind] if protocol.entry else ())}
    for row, kind in enumerate(kinds):
        if kind not in main:
            yield f"{kind}, days 0-90", np.log1p(before[:, row, :2].sum(axis=1))
            yield f"{kind}, days 91-365", np.log1p(before[:, row, 2:4].sum(axis=1))
            continue
        for at in range(HELD[0]):
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
        "age": _filled(age_of(people, units.person, units.index)),
        "female": people.female[units.person],
        "deprivation": _filled(people.deprivation[units.person]),
        "years observed before": seen / 365.25,
        "in another programme": elsewhere(people, units).astype(np.float64),
    }


def _filled(values: Vector) -> Vector:
    """What is not known takes the mean of what is; nought where nothing is known of anybody."""
    known = ~np.isnan(values)
    found: Vector = np.where(known, values, values[known].mean() if known.any() else 0.0)
    return found


def elsewhere(people: Population, units: Units) -> NDArray[np.bool_]:
    """bool[unit]: whether another programme had taken the person on by the index day, and not together with this
    one."""
    found: NDArray[np.bool_] = people.elsewhere[units.person] <= units.index
    found &= ~(joined(people, units.person) & units.treated)
    return found


def age_of(people: Population, who: Days, when: Days) -> Vector:
    found: Vector = 1970 + when / 365.25 - people.birth_year[who]
    return found


def strata_of(people: Population, units: Units, protocol: Protocol) -> Days:
    """int64[unit]: number of the exact stratum by the columns the protocol names."""
    age = np.nan_to_num(age_of(people, units.person, units.index), nan=-1)
    known = {
        "age_band": np.digitize(age, AGE_BANDS).astype(str),
        "sex": people.female[units.person].astype(str),
        "area": people.area[units.person].astype(str),
        "deprivation": people.deprivation[units.person].astype(str),
    }
    named = [known[column] for column in protocol.comparison.exact if column in known]
    # Another programme's people are compared with its people alone: what it does must not be taken for ours.
    named.append(elsewhere(people, units).astype(str))
    joined = np.array(["|".join(parts) for parts in zip(*named, strict=True)])
    return np.unique(joined, return_inverse=True)[1].astype(np.int64)
