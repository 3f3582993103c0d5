"""How agencies know people: numbers of their own, names with errors, an NHS number where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.worlds.names import FAMILY, GIVEN, SHORT, STREETS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.worlds.lives import People

START = np.datetime64("2022-01-01", "D")
HEALTH = ("hospital", "ambulance", "gp", "community", "mental-health", "advice-line")
NUMBERED = ("hospital", "gp", "community", "mental-health", "care-home", "social-care", "ambulance")
"""Agencies that write the NHS number down, when they have it."""
MISSING = {
    "gp": 0.01,
    "hospital": 0.08,
    "community": 0.10,
    "mental-health": 0.12,
    "care-home": 0.20,
    "social-care": 0.25,
    "ambulance": 0.30,
}
LATE_MISSING = ("social-care", 0.70)
LATE_FROM = 0.85
"""The last batch of one agency hardly carries NHS numbers any more: the planted fall of the link rate."""


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """The truth of each person: object arrays of text, one row a person."""

    given: NDArray[np.int64]
    family: NDArray[np.int64]
    maiden: NDArray[np.int64]
    birth: NDArray[np.datetime64]
    nhs: NDArray[np.str_]
    house: NDArray[np.int64]
    street: NDArray[np.int64]
    sector: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """One agency's records: columns as text, and whose each is (row of the chunk), for judging only."""

    columns: dict[str, NDArray[np.str_]]
    person: NDArray[np.int64]


def identities(people: People, first: int, rng: np.random.Generator) -> Identity:
    """first: number of the first person over all chunks, so that NHS numbers never meet."""
    count = len(people.age)
    family = rng.integers(0, len(FAMILY), count)
    weds = (rng.random(count) < 0.12) & people.female
    born = START - (people.age * 365.25).astype("timedelta64[D]") - rng.integers(0, 300, count)
    return Identity(
        given=rng.integers(0, len(GIVEN), count),
        family=family,
        maiden=np.where(weds, rng.integers(0, len(FAMILY), count), family),
        birth=born,
        nhs=nhs_numbers(first, count),
        house=rng.integers(1, 140, count),
        street=rng.integers(0, len(STREETS), count),
        sector=rng.integers(0, 60, count),
    )


def nhs_numbers(first: int, count: int) -> NDArray[np.str_]:
    """Sound numbers of the 999 range, which is nobody's; past its end, of the ranges below it. str[person]."""
    # One serial in eleven has no check digit; 12 serials for 10 people are always enough.
    serials = np.arange(int(first * 1.2), int(first * 1.2) + int(count * 1.2) + 20)
    nine = 999_000_000 - 1_000_000 * (serials // 1_000_000) + serials % 1_000_000
    digits = nine[:, None] // 10 ** np.arange(8, -1, -1) % 10
    check = (11 - (digits * np.arange(10, 1, -1)).sum(axis=1) % 11) % 11
    sound = check < 10
    return np.asarray((nine[sound] * 10 + check[sound])[:count].astype(str))


def records(
    agency: str, known: NDArray[np.int64], who: tuple[People, Identity], rng: np.random.Generator, first: int
) -> Records:
    """The agency's records of the people it knows; one in fifty stands there twice."""
    people, identity = who
    person = (
        np.sort(np.concatenate([known, rng.choice(known, len(known) // 50, replace=False)])) if len(known) else known
    )
    given, family = _names(agency, person, identity, rng)
    number = np.char.add(f"{agency[:2].upper()}{first:07d}-", np.arange(len(person)).astype(str))
    columns = {
        "number": rng.permutation(number),
        "nhs": _numbers(agency, person, people, identity, rng),
        "given": given,
        "family": family,
        "birth": _births(person, identity, rng),
        "sex": _sexes(person, people, rng),
        "address": np.char.add(np.char.add(identity.house[person].astype(str), " "), STREETS[identity.street[person]]),
        "postcode": _postcodes(person, people, identity, rng),
        "area": np.char.add("area-", np.char.zfill((people.area[person] + 1).astype(str), 2)),
        "deprivation": people.deprivation[person].astype(str),
    }
    return Records(columns, person)


def _names(
    agency: str, person: NDArray[np.int64], identity: Identity, rng: np.random.Generator
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Typing errors in 3 % of each name, short forms outside the health service, some still under the earlier family
    name."""
    given, family = GIVEN[identity.given[person]], FAMILY[identity.family[person]]
    short = rng.random(len(person)) < (0.02 if agency in HEALTH else 0.10)
    earlier = rng.random(len(person)) < (0.3 if agency in {"police", "housing"} else 0.1)
    given = np.where(short, SHORT[identity.given[person]], given)
    family = np.where(earlier, FAMILY[identity.maiden[person]], family)
    return _typed(given, 0.03, rng), _typed(family, 0.03, rng)


def _typed(names: NDArray[np.str_], share: float, rng: np.random.Generator) -> NDArray[np.str_]:
    """Two neighbouring letters change places, one is left out, or one is doubled."""
    names = names.astype("U24")
    for row in np.flatnonzero(rng.random(len(names)) < share):
        name, at = str(names[row]), int(rng.integers(1, max(len(names[row]) - 1, 2)))
        change = int(rng.integers(0, 3))
        names[row] = (
            name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :],
            name[:at] + name[at + 1 :],
            name[:at] + name[at - 1 : at] + name[at:],
        )[change]
    return names


def _numbers(
    agency: str, person: NDArray[np.int64], people: People, identity: Identity, rng: np.random.Generator
) -> NDArray[np.str_]:
    """Missing more often for the most deprived: under-linkage of one group."""
    if agency not in NUMBERED:
        return np.full(len(person), "", dtype="U10")
    missing = MISSING[agency] * np.where(people.deprivation[person] <= 2, 2.0, 0.8)
    wanting = rng.random(len(person)) < missing
    if agency == LATE_MISSING[0]:
        late = person >= LATE_FROM * len(people.age)
        wanting |= late & (rng.random(len(person)) < LATE_MISSING[1])
    return np.asarray(np.where(wanting, "", identity.nhs[person]), dtype=str)


def _births(person: NDArray[np.int64], identity: Identity, rng: np.random.Generator) -> NDArray[np.datetime64]:
    """In 1.5 % of records day and month have changed places where they can, in 1 % the year is off by one or ten."""
    born = identity.birth[person]
    month = born.astype("datetime64[M]")
    year = month.astype("datetime64[Y]").astype(np.int64)
    m, d = month.astype(np.int64) % 12, (born - month.astype("datetime64[D]")).astype(np.int64)
    swap = (rng.random(len(person)) < 0.015) & (d < 12) & (m < 28)
    m, d = np.where(swap, np.minimum(d, 11), m), np.where(swap, m, d)
    off = (rng.random(len(person)) < 0.01) & (d < 28)
    year = np.where(off, year - rng.choice((1, 10), len(person)), year)
    found: NDArray[np.datetime64] = (year * 12 + m).astype("datetime64[M]").astype("datetime64[D]") + d
    return found


def _sexes(person: NDArray[np.int64], people: People, rng: np.random.Generator) -> NDArray[np.str_]:
    female = people.female[person] ^ (rng.random(len(person)) < 0.003)
    return np.asarray(np.where(rng.random(len(person)) < 0.02, "U", np.where(female, "F", "M")), dtype=str)


def _postcodes(
    person: NDArray[np.int64], people: People, identity: Identity, rng: np.random.Generator
) -> NDArray[np.str_]:
    """Of a postcode area that does not exist; one record in twelve still holds an earlier one."""
    moved = rng.random(len(person)) < 0.08
    sector = np.where(moved, rng.integers(0, 60, len(person)), identity.sector[person])
    outward = np.char.add("ZZ", (people.area[person] + 1).astype(str))
    inward = np.char.add((sector % 10).astype(str), np.array(["AB", "CD", "EF", "GH", "JL", "NP"])[sector // 10])
    return np.char.add(np.char.add(outward, " "), inward)
