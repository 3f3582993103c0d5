"""The use of this room: who is who, and how well it is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.domain.progress import silent
from headwater.link import keys, people
from headwater.store.expr import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.progress import Progress
    from headwater.store import Store


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How many records became how many people, and the share of each agency's records joined to another record."""

    records: int
    people: int
    link_rate: float
    by_agency: Mapping[str, float]


def link(store: Store, settings: Mapping[str, object], progress: Progress = silent) -> LinkReport:
    """Fill the linked tables. settings: `from` and `to`, ISO days between which everybody is taken as observed."""
    store.run((keys.STAGE, *people.STAGES), settings, progress)
    return report(store)


def report(store: Store) -> LinkReport:
    """Link rates as the store has them now."""
    links = store.table("person_link").filter(_.run == 0)
    sizes = links.group_by("person").agg(together=_.count())
    joined = links.inner_join(sizes, "person")
    rates = store.arrow(
        joined.group_by("agency").agg(rate=(_.together > 1).mean(), n=_.count()).order_by("agency")
    ).to_pylist()
    records = sum(row["n"] for row in rates)
    return LinkReport(
        records=records,
        people=store.rows("person"),
        link_rate=sum(row["rate"] * row["n"] for row in rates) / records if records else 0.0,
        by_agency={row["agency"]: row["rate"] for row in rates},
    )
