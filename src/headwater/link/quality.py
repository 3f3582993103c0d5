"""How well records were linked: rates by group, what the model itself expects to be wrong, and what had to be broken.

Under-linkage is unequal: those who move, change names or are hard to reach lose their history first, and their contacts
then look like those of several people. So rates are told by age, sex, area and deprivation, and a group far under the
rest is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.domain.uncertainty import Interval
from headwater.link import groups, pairs
from headwater.link.model import kept_model
from headwater.link.unequal import Cell, natural, under_linked
from headwater.store.expr import _, cases, date, first_of_month, ifelse, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.link.blocking import Rule
    from headwater.store import Store
    from headwater.store.expr import Table

FEWEST = 20
"""Records a group needs before its rate is told."""
BY = ("agency", "age", "sex", "area", "deprivation")
AGES = ((18, "0-17"), (40, "18-39"), (65, "40-64"), (80, "65-79"))
MISSED_BY_BLOCKS = 0.0005
"""What the choice of blocking rules itself may leave out (LAST_GAIN)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Share of a group's records that join another record of their person. `by` is age, sex, area, deprivation or
    agency."""

    by: str
    group: str
    rate: float
    records: int
    numbered: float
    """Share of the group's records that bear a shared number."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How many records became how many people, and how well that is known."""

    records: int
    people: int
    link_rate: float
    by_agency: Mapping[str, Rate]
    rates: tuple[Rate, ...]
    under_linked: tuple[str, ...]
    by_number: float
    """Share of records whose person a shared number decides."""
    precision: Interval | None
    """Share of the pairs joined by weight that are right, as the model expects it; None where no weight decided
    anything."""
    recall: Interval | None
    """Share of the pairs that weights should have joined and did, as the model expects it."""
    broken: tuple[int, ...]
    partitions: int
    moved: float
    """Share of records that a drawn partition gives to somebody else, on average."""
    rules: tuple[Rule, ...]
    numbered: int = 0
    """People of whom there is no record: a person number that agencies share says who they are."""


def report(store: Store, until: str) -> LinkReport:
    """The report of the links as they stand. until: ISO day at which ages are taken."""
    rows = _records(store, until)
    cells = [cell for by in BY for cell in _cells(store, rows, by)]
    rates = _rates(cells)
    told = {(rate.by, rate.group) for rate in rates if rate.by != "agency"}
    total = sum(rate.records for rate in rates if rate.by == "agency")
    by_agency = {rate.group: rate for rate in rates if rate.by == "agency"}
    everybody = store.arrow(rows.agg(rate=_.linked.mean(), numbered=_.numbered.mean())).to_pylist()[0]
    precision, recall = expected(store)
    runs = store.arrow(store.table("person_link").agg(last=_.run.max(), moved=(_.run > 0).sum())).to_pylist()[0]
    drawn = int(runs["last"] or 0)
    model, people = kept_model(pairs.model_file(store)), store.rows("person")
    bare = int(store.arrow(store.table("person").filter(_.records == 0).agg(n=_.count()))["n"][0].as_py())
    return LinkReport(
        total,
        people - bare,
        everybody["rate"] or 0.0,
        by_agency,
        tuple(one for one in rates if one.by != "agency"),
        under_linked([cell for cell in cells if (cell.by, cell.group) in told]),
        everybody["numbered"] or 0.0,
        precision,
        recall,
        _broken(store),
        drawn,
        int(runs["moved"] or 0) / max(drawn * total, 1),
        model.rules if model and store.rows(pairs.TABLE) else (),
        bare,
    )


def _records(store: Store, until: str) -> Table:
    """One row a record: agency, linked and numbered (0 or 1), and its groups."""
    links = store.table("person_link").filter(_.run == 0).select("agency", "record", "person")
    sizes = links.group_by("person").agg(together=_.count())
    held = store.table("record").inner_join(links, ["agency", "record"]).inner_join(sizes, "person")
    years = (
        (date(until).epoch_days() - first_of_month(held.birth_date).epoch_days()) / 365.25 if until else literal(0.0)
    )
    age = cases(*((years < edge, name) for edge, name in AGES), else_="80 and over")
    return held.select(
        "agency",
        "sex",
        "area",
        linked=ifelse(held.together > 1, 1.0, 0.0),
        numbered=ifelse(held.nhs_number.notnull() | held.local_key.notnull(), 1.0, 0.0),
        deprivation=held.deprivation.cast("string"),
        age=ifelse(held.birth_date.isnull(), literal("unknown"), age),
    )


def _cells(store: Store, rows: Table, by: str) -> list[Cell]:
    """Each group's records at each agency."""
    found = rows.filter(rows[by].notnull()).select("agency", "linked", "numbered", group=rows[by])
    counted = found.group_by("group", "agency").agg(n=_.count(), joined=_.linked.sum(), bearing=_.numbered.sum())
    read = store.arrow(counted.order_by("group", "agency")).to_pylist()
    return [Cell(by, row["group"], row["agency"], row["n"], row["joined"], row["bearing"]) for row in read]


def _rates(cells: Sequence[Cell]) -> list[Rate]:
    """Groups in order, numbers as numbers; those of fewer than FEWEST records are left out, agencies never."""
    named = sorted({(cell.by, cell.group) for cell in cells}, key=lambda one: (BY.index(one[0]), natural(one[1])))
    rates = [_rate([cell for cell in cells if (cell.by, cell.group) == one]) for one in named]
    return [rate for rate in rates if rate.records >= FEWEST or rate.by == "agency"]


def _rate(cells: Sequence[Cell]) -> Rate:
    records = sum(cell.records for cell in cells)
    linked, numbered = (sum(getattr(cell, name) for cell in cells) / records for name in ("linked", "numbered"))
    return Rate(cells[0].by, cells[0].group, linked, records, numbered)


def expected(store: Store) -> tuple[Interval | None, Interval | None]:
    """Precision and recall over pairs that weights decide, as the weights themselves expect; 95 % by the pairs' own
    chances."""
    if not store.has(pairs.TABLE):
        return None, None
    graph = groups.read_graph(store)
    best = store.arrow(store.table(groups.TABLE).filter(_.run == 0).select("profile", "person"))
    person = dict(zip(best["profile"].to_pylist(), best["person"].to_pylist(), strict=True))
    whose = np.unique(
        np.array([person[profile] for profile in graph.profile.tolist()], dtype=object), return_inverse=True
    )[1]
    joined = whose[graph.pairs.left] == whose[graph.pairs.right]
    chance = 1 / (1 + 2.0**-graph.pairs.weight)
    inside, outside = chance[joined], chance[~joined & _possible(graph)]
    right = float(inside.sum())
    spread = 1.96 * float(np.sqrt((inside * (1 - inside)).sum()))
    missed = float(outside.sum()) + MISSED_BY_BLOCKS * right
    missing = 1.96 * float(np.sqrt((outside * (1 - outside)).sum() + missed))
    precision = _interval(right / max(len(inside), 1), spread / max(len(inside), 1)) if len(inside) else None
    recall = (
        _interval(right / max(right + missed, 1e-9), missing * right / max(right + missed, 1e-9) ** 2)
        if right + missed
        else None
    )
    return precision, recall


def _possible(graph: groups.Graph) -> Any:
    """Pairs that a number does not part."""
    one, other = graph.nodes.number[graph.pairs.left], graph.nodes.number[graph.pairs.right]
    return (one < 0) | (other < 0) | (one == other)


def _interval(mid: float, reach: float) -> Interval:
    return Interval(max(mid - reach, 0.0), mid, min(mid + reach, 1.0))


def _broken(store: Store) -> tuple[int, ...]:
    return tuple(store.arrow(store.table(groups.BROKEN))["size"].to_pylist()) if store.has(groups.BROKEN) else ()
