"""Who is known to whom, counted in the engine: strata of people by pair of agencies, and what they cost in shared
months."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.store import Stage
from headwater.store.expr import _, cases, literal, ntile, window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.money import Price
    from headwater.store import Store
    from headwater.store.expr import Table

AGE_EDGES = (18, 40, 65, 80)
DECILES = 10


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """people, degree: int[stratum]; known: int[stratum, agency]; both: int[stratum, agency, agency]."""

    people: NDArray[np.int64]
    degree: NDArray[np.int64]
    known: NDArray[np.int64]
    both: NDArray[np.int64]


AMOUNTS = {"gbp": "prices", "freed_gbp": "freed", "cash_gbp": "cash"}
"""Column → the setting that says it of each kind."""


@dataclass(frozen=True, slots=True)
class Joint:
    """What both spend together in the months in which both see somebody: at average cost, what of it can be freed, and
    what is cash."""

    gbp: float = 0.0
    freed_gbp: float = 0.0
    cash_gbp: float = 0.0
    months: int = 0

    def per_year(self, years: float) -> Joint:
        return Joint(self.gbp / years, self.freed_gbp / years, self.cash_gbp / years, self.months)


def amounts(prices: Mapping[str, Price]) -> dict[str, dict[str, float]]:
    """The settings of the stage: each kind's pounds."""
    return {
        "prices": {kind: one.gbp for kind, one in prices.items()},
        "freed": {kind: one.freed_gbp for kind, one in prices.items()},
        "cash": {kind: one.freed_gbp * one.cash_share for kind, one in prices.items()},
    }


def person_agency(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """Contacts, their average cost and what they would free if averted, by person, agency and calendar month, from
    person_contact."""
    contacts = tables["person_contact"]
    amounts = {name: _pounds(contacts, settings, of) for name, of in AMOUNTS.items()}
    priced = contacts.mutate(**amounts, month=contacts.start.truncate("M").date())
    return priced.group_by("person", "agency", "month").agg(
        contacts=_.count(), **{name: _[name].sum() for name in AMOUNTS}
    )


STAGE = Stage(
    "person_agency",
    ("person_contact",),
    person_agency,
    "months in which each agency saw each person",
    ("person", "agency", "month"),
)


def strata(store: Store, agencies: Sequence[str]) -> Strata:
    """People by age band, area and number of agencies that know them: how many, known to each, known to each two.

    All pairs in one pass of the engine; with 20 agencies that is 210 sums a stratum.
    """
    return _counted(store, _wide(store, agencies), len(agencies), "degree")


def bands(store: Store, agencies: Sequence[str]) -> Strata:
    """The same by age band, area and decile of the caseload (contacts with all agencies), as a figure beside: see
    `overlaps`."""
    return _counted(store, _wide(store, agencies), len(agencies), "caseload")


def _counted(store: Store, wide: Table, number: int, by: str) -> Strata:
    agencies = range(number)
    pairs = list(combinations(agencies, 2))
    known = {f"k{at}": _[f"in{at}"].sum() for at in agencies}
    both = {f"b{one}_{other}": (_[f"in{one}"] & _[f"in{other}"]).sum() for one, other in pairs}
    counted = wide.group_by("age", "area", by).agg(n=_.count(), **known, **both)
    rows = store.arrow(counted.order_by("age", "area", by))
    table = np.zeros((rows.num_rows, number, number), dtype=np.int64)
    for one, other in pairs:
        table[:, one, other] = table[:, other, one] = rows[f"b{one}_{other}"].to_numpy()
    singles = np.stack([rows[f"k{at}"].to_numpy() for at in agencies], axis=1)
    return Strata(rows["n"].to_numpy(), rows[by].to_numpy(), singles, table)


def joint_months(store: Store) -> dict[tuple[str, str], Joint]:
    """Pair → what both spend together in months in which both saw the person."""
    months = store.table("person_agency")
    other = months.view()
    pairs = months.inner_join(
        other, [months.person == other.person, months.month == other.month, months.agency < other.agency]
    )
    both = {name: (_[name] + _[f"{name}_right"]).sum() for name in AMOUNTS}
    summed = pairs.group_by(one="agency", other="agency_right").agg(**both, months=_.count())
    rows = store.arrow(summed).to_pylist()
    return {(row.pop("one"), row.pop("other")): Joint(**row) for row in rows}


def _wide(store: Store, agencies: Sequence[str]) -> Table:
    """One row a person: age band, area, which agencies know the person, and how many."""
    seen = store.table("person_agency")
    flags = {f"in{at}": (seen.agency == agency).any() for at, agency in enumerate(agencies)}
    known = seen.group_by("person").agg(degree=seen.agency.nunique(), contacts=seen.contacts.sum(), **flags)
    people = store.table("person")
    joined = known.inner_join(people, "person")
    age = (seen.month.max().as_scalar().year() - joined.birth_date.year()).fill_null(-1)
    order = window(order_by=[joined.contacts, joined.person])
    return joined.mutate(age=_band(age, AGE_EDGES), area=joined.area.fill_null(""), caseload=ntile(DECILES).over(order))


def _band(value: Any, edges: Sequence[int]) -> Any:
    """0 below the first edge, 1 below the second, and so on."""
    return cases(*((value < edge, literal(at)) for at, edge in enumerate(edges)), else_=literal(len(edges)))


def _pounds(contacts: Table, settings: Mapping[str, object], of: str) -> Any:
    prices: dict[str, float] = dict(settings[of])  # type: ignore[call-overload]
    known = [(contacts.kind == kind, _double(gbp)) for kind, gbp in sorted(prices.items())]
    return cases(*known, else_=_double(0.0)) if known else _double(0.0)


def _double(value: float) -> Any:
    """A float written as text and cast: a bare decimal literal would make DuckDB reckon in decimals, Spark in
    floats."""
    return literal(repr(float(value))).cast("float64")
