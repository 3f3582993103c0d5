"""Order and chance by content: no pseudonym, no order of rows can move who waits how long, or who goes first among
equals.

A person's content is what the evaluation sees of them: who they are, when they were observed and enrolled, their
contacts of the entry kind, and what was counted of them. People alike in all of it may be exchanged without a trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.stats.content import among_equals, even, mixed, named_seed, rows_mixed, summed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.reading import Population
    from headwater.evidence.people.units import Units

    Days = NDArray[np.int64]
    Vector = NDArray[np.float64]
    Bits = NDArray[np.uint64]


def person_bits(people: Population, contacts: tuple[Days, Days], who: Days) -> Bits:
    """uint64[who]: content of some people before anything is counted. who: their numbers, rising."""
    known = (
        people.first,
        people.last,
        people.enrolled,
        people.elsewhere,
        people.birth_year,
        people.female,
        people.deprivation,
    )
    words = (people.why, people.area)
    own = mixed(*(column[who] for column in (*known, *words)))
    person, day = contacts
    upto = np.concatenate([[np.uint64(0)], np.cumsum(mixed(day), dtype=np.uint64)])
    first, last = (np.searchsorted(person, who, side=side) for side in ("left", "right"))
    return mixed(own, (upto[last] - upto[first]).view(np.int64))


def waits(content: Bits, day: Days, gaps: tuple[Days, NDArray[np.float64]], seed: int, drawing: int) -> Days:
    """int64[moment]: a wait of each. content: uint64[moment], of the person; gaps: days, and the share of waits no
    longer."""
    gap, share = gaps
    if not len(gap):
        return np.zeros(len(day), dtype=np.int64)
    lot = even(mixed(content.view(np.int64), day, named_seed(seed, "waits", str(drawing))))
    found: Days = gap[np.minimum(np.searchsorted(share, lot, side="right"), len(gap) - 1)]
    return found


def by_content(
    people: Population, contacts: tuple[Days, Days], units: Units, counts: tuple[Vector, Vector], seed: int
) -> tuple[Days, Days]:
    """int64[person]: the people of the units in the order of their content; int64[unit]: the units in theirs, the
    enrolled first.

    Each drawing has an order of its own among equals; who of several comes first is a lot, never a size.
    """
    who, mine = np.unique(units.person, return_inverse=True)
    each = mixed(units.index, units.end, units.treated.astype(np.int64), units.drawing)
    each = mixed(each.view(np.int64), *(rows_mixed(part).view(np.int64) for part in counts))
    content = mixed(person_bits(people, contacts, who).view(np.int64), summed(each, mine, len(who)).view(np.int64))
    alone = mixed(content.view(np.int64), among_equals(content))
    lot = mixed(alone[mine].view(np.int64), units.index, named_seed(seed, "order"), units.drawing)
    return who[np.argsort(content, kind="stable")], np.lexsort((lot, ~units.treated))


def ordered(people: Population, contacts: tuple[Days, Days], who: Days) -> tuple[Population, tuple[Days, Days], Days]:
    """The people alone, their contacts, and the new number of each old one: int64[person], −1 for all others."""
    number = np.full(len(people.first), -1, dtype=np.int64)
    number[who] = np.arange(len(who))
    person, day = number[contacts[0]], contacts[1]
    person, day = person[person >= 0], day[person >= 0]
    order = np.lexsort((day, person))
    return people.only(who), (person[order], day[order]), number
