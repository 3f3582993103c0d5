"""A small world as three agencies hold it, every link known, so that false and missing links can be put in.

Nobody has a shared number: every link rests on a weight. A record that is hung on somebody else takes along what its
agency keeps
under it: contacts, the enrolment, the time of observation. False links are either *doubtful*, with weights that are
calibrated (of links at odds of three to one, one in four is false), or *sure*: the wrong person looks right beyond
doubt, and no weight tells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.worlds.traps import FIRST_DAY, NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.worlds.traps import SmallWorld

    Whole = NDArray[np.int64]
    Real = NDArray[np.float64]

AGENCIES = ("gp", "hospital", "social-care")
GIVES = (1, 0, 2, 1)
"""The agency that gives each kind of KINDS. Practices know everybody; social workers keep the list of those
enrolled."""
ENROLS = 2
SURE, STRANGER = 15.0, -8.0
"""Bits of links that nobody doubts, and of strangers that were compared."""
DOUBTFUL, BLIND = (0.2, 4.0), (6.0, 14.0)
"""Bits by which the better person stands out for a doubtful record, and for one that is wrong beyond doubt."""
HALF_A_YEAR = 182
ALIKE = 40
"""How many people of the same sex and about the same age a record may be taken for."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Records by agency and person, int64[record]; the pairs that were compared; false: the records hung on somebody
    else."""

    agency: Whole
    person: Whole
    left: Whole
    right: Whole
    weight: Real
    false: Whole

    @property
    def place(self) -> Whole:
        """int64[agency, person]: the record, −1 for none."""
        found = np.full((len(AGENCIES), int(self.person.max(initial=-1)) + 1), -1, dtype=np.int64)
        found[self.agency, self.person] = np.arange(len(self.person))
        return found


def held(world: SmallWorld) -> Held:
    """The agencies' records, all links right and sure."""
    gives = np.array(GIVES)[world.kind]
    known = [np.unique(world.person[gives == at]) for at in range(len(AGENCIES))]
    known[0] = np.arange(len(world.first))
    known[ENROLS] = np.union1d(known[ENROLS], np.flatnonzero(world.enrolled < NEVER))
    nobody = np.zeros(0, dtype=np.int64)
    found = Held(
        np.repeat(np.arange(len(known)), [len(one) for one in known]),
        np.concatenate(known),
        nobody,
        nobody,
        np.zeros(0),
        nobody,
    )
    left, right = _between(found.place, found.person, np.arange(len(found.person)))
    first = left < right
    return replace(found, left=left[first], right=right[first], weight=np.full(int(first.sum()), SURE))


def thinned(world: SmallWorld, rng: np.random.Generator) -> SmallWorld:
    """The world of half a year, in which social workers mostly know the old: agencies know groups unequally, as they
    do."""
    age = world.birth_year.max() - world.birth_year[world.person]
    taken = (world.kind != GIVES.index(ENROLS)) | (rng.random(len(world.day)) < np.clip((age - 20) / 60, 0.05, 1.0))
    kept = taken & (world.day < FIRST_DAY + HALF_A_YEAR)
    return replace(world, person=world.person[kept], day=world.day[kept], kind=world.kind[kept])


def with_false_links(right: Held, world: SmallWorld, share: float, rng: np.random.Generator, *, sure: bool) -> Held:
    """So large a share of the records linked to somebody alike. Not sure: about it, and others as doubtful that are
    linked rightly."""
    low, high = BLIND if sure else DOUBTFUL
    # Of records whose better person stands out by u bits, 1 / (1 + 2^u) are wrong: the mean over u from low to high.
    wrong_of_all = 1.0 if sure else 1 - np.log2((1 + 2**high) / (1 + 2**low)) / (high - low)
    count = len(right.person)
    asked = np.sort(rng.choice(count, min(round(share / wrong_of_all * count), count), replace=False))
    bits = rng.uniform(low, high, len(asked))
    wrong = np.ones(len(asked), dtype=bool) if sure else rng.random(len(asked)) < 1 / (1 + 2**bits)
    return _doubted(right, asked, np.where(wrong, bits, -bits), _alike(world, right.person[asked], rng))


def with_missing_links(right: Held, records: Whole) -> Held:
    """The records left alone."""
    kept = ~(np.isin(right.left, records) | np.isin(right.right, records))
    return replace(right, left=right.left[kept], right=right.right[kept], weight=right.weight[kept])


def _doubted(right: Held, asked: Whole, bits: Real, other: Whole) -> Held:
    """Each asked record weighed for another person (bits) and against its own (−bits), who were compared with each
    other too."""
    place, own = right.place, right.person[asked]
    strangers = _between(place, other, place[0, own])
    theirs, mine = _between(place, other, asked), _between(place, own, asked)
    weights = (np.full(len(strangers[0]), STRANGER), _of(asked, bits, theirs[0]), _of(asked, -bits, mine[0]))
    left, far = (
        np.concatenate([part[at] for part in ((right.left, right.right), strangers, theirs, mine)]) for at in (0, 1)
    )
    weight = np.concatenate([right.weight, *weights])
    one, two = np.minimum(left, far), np.maximum(left, far)
    # A pair that was weighed several times keeps what was said last.
    last = np.unique((one * len(right.person) + two)[::-1], return_index=True)[1]
    kept = np.sort(len(one) - 1 - last)
    return replace(right, left=one[kept], right=two[kept], weight=weight[kept], false=asked[bits > 0])


def _between(place: Whole, person: Whole, record: Whole) -> tuple[Whole, Whole]:
    """Each record paired with every other record of the person named beside it."""
    theirs = place[:, person]
    which, at = np.nonzero((theirs >= 0) & (theirs != record[None, :]))
    return record[at], theirs[which, at]


def _of(asked: Whole, bits: Real, record: Whole) -> Real:
    found: Real = bits[np.searchsorted(asked, record)]
    return found


def _alike(world: SmallWorld, person: Whole, rng: np.random.Generator) -> Whole:
    """Somebody of the same sex and about the same age for each."""
    order = np.lexsort((world.birth_year, world.female))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    step = rng.integers(1, ALIKE, len(person)) * rng.choice((-1, 1), len(person))
    found: Whole = order[np.clip(rank[person] + step, 0, len(order) - 1)]
    return np.where(found == person, order[np.abs(rank[person] - 1)], found)
