"""How two agencies meet the people they share: within 30 days, on one day, with two assessments; and whether they are
neighbours."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.store.expr import _, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.store import Store
    from headwater.store.expr import Table

CONCURRENT_DAYS = 30
FORTNIGHT = 14
CLOSE_ENOUGH, ONE_WAY = 100, 0.75
"""With fewer pairs of contacts close to each other nobody can tell which comes first; a share of three quarters is no
chance of them."""
NEXT_DOOR_M = 250.0
"""Two buildings this near can be walked between in a few minutes."""
DAY_SECONDS = 86_400

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Together:
    """concurrent, same_day, assessed_twice: shared people, by contacts at most 30 days apart; places: where both were
    called;
    next_door: pairs of their buildings within 250 m; first, second: contacts of the one that come within a fortnight
    before one of the other's, and the other way round."""

    concurrent: int = 0
    same_day: int = 0
    assessed_twice: int = 0
    places: int = 0
    next_door: int = 0
    first: int = 0
    second: int = 0

    @property
    def one_way(self) -> bool:
        """Whether nearly all contacts close to each other run one way: the one is called because of the other, and
        joining them joins nothing."""
        close = self.first + self.second
        return close >= CLOSE_ENOUGH and max(self.first, self.second) > ONE_WAY * close


def together(store: Store, pairs: Iterable[Pair]) -> dict[Pair, Together]:
    """Each pair's own figures; asked for the pairs that are worth it, because each is a join of two agencies'
    contacts."""
    doors, places = _next_door(store), _places(store)
    found = {}
    for pair in pairs:
        concurrent, same_day, twice, first, second = _meetings(store, pair)
        found[pair] = Together(concurrent, same_day, twice, places.get(pair, 0), doors.get(pair, 0), first, second)
    return found


def _meetings(store: Store, pair: Pair) -> tuple[int, ...]:
    """People whose contacts with the two lie within 30 days, on one day, and are both assessments within 30 days; then
    the pairs of contacts within a fortnight by which comes first."""
    one, other = (_days(store, agency) for agency in pair)
    apart = one.day - other.day
    near = one.inner_join(other, [one.person == other.person, apart <= CONCURRENT_DAYS, apart >= -CONCURRENT_DAYS])
    twice = near.assessed & near.assessed_right
    later = near.day_right - near.day
    each = near.group_by("person").agg(
        same=(later == 0).any(),
        twice=twice.any(),
        first=((later > 0) & (later <= FORTNIGHT)).cast("int64").sum(),
        second=((later < 0) & (later >= -FORTNIGHT)).cast("int64").sum(),
    )
    counts = {
        "same": _.same.cast("int64").sum(),
        "twice": _.twice.cast("int64").sum(),
        "first": _.first.sum(),
        "second": _.second.sum(),
    }
    row = store.arrow(each.agg(n=_.count(), **counts)).to_pylist()[0]
    return tuple(int(row[name] or 0) for name in ("n", "same", "twice", "first", "second"))


def _days(store: Store, agency: str) -> Table:
    """One row a person, day and whether something of that day was an assessment by its kind or outcome."""
    contacts = store.table("person_contact")
    mine = contacts.filter(contacts.agency == agency)
    words = mine.kind.lower().contains("assess") | mine.outcome.fill_null("").lower().contains("assess")
    dated = mine.select(mine.person, day=mine.start.epoch_seconds() // literal(DAY_SECONDS), assessed=words)
    return dated.group_by("person", "day").agg(assessed=_.assessed.any())


def _places(store: Store) -> dict[Pair, int]:
    """Pair → places at which both had contacts."""
    contacts = store.table("contact")
    seen = contacts.filter(contacts.place.notnull()).select("place", "agency").distinct()
    other = seen.view()
    both = seen.inner_join(other, [seen.place == other.place, seen.agency < other.agency])
    counted = both.group_by(one="agency", other="agency_right").agg(n=_.count())
    return {(row["one"], row["other"]): int(row["n"]) for row in store.arrow(counted).to_pylist()}


def _next_door(store: Store) -> dict[Pair, int]:
    rows = [
        row
        for row in store.arrow(store.table("asset").order_by("asset")).to_pylist()
        if row["easting"] is not None and row["northing"] is not None
    ]
    by: Mapping[str, list[Any]] = defaultdict(list)
    for row in rows:
        by[row["organisation"]].append((row["easting"], row["northing"]))
    stands = {one: np.array(found, dtype=float) for one, found in by.items()}
    return {
        (one, other): int(
            (np.hypot(*(stands[one][:, None] - stands[other][None]).transpose(2, 0, 1)) <= NEXT_DOOR_M).sum()
        )
        for one in sorted(stands)
        for other in sorted(stands)
        if one < other
    }
