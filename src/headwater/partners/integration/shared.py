"""Who is known to whom, counted in the engine: strata of people by pair of agencies, and what they cost in shared months."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from headwater.store import Stage
from headwater.store.expr import _, cases, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from headwater.store import Store
    from headwater.store.expr import Table

AGE_EDGES = (18, 40, 65, 80)
LOAD_EDGES = (1, 2, 4, 8, 16, 32)


def person_agency(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """Contacts and their price by person, agency and calendar month, from person_contact."""
    contacts = tables["person_contact"]
    priced = contacts.mutate(gbp=_price_of(contacts, settings), month=contacts.start.truncate("M").date())
    return priced.group_by("person", "agency", "month").agg(contacts=_.count(), gbp=_.gbp.sum())


STAGE = Stage(
    "person_agency", ("person_contact",), person_agency, "months in which each agency saw each person",
    ("person", "agency", "month"),
)  # fmt: skip


def strata(store: Store, agencies: Sequence[str]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Each pair of agencies with, a stratum, how many people there are, known to one, to the other, to both.

    Strata are age band × area × how much everybody else has to do with the person: two services that both see the frail
    share frail people without having anything to do with each other.
    """
    wide = _wide(store, agencies)
    for one, other in combinations(agencies, 2):
        elsewhere = wide.everything - wide[f"of_{one}"] - wide[f"of_{other}"]
        banded = wide.mutate(load=_band(elsewhere, LOAD_EDGES), a=wide[f"of_{one}"] > 0, b=wide[f"of_{other}"] > 0)
        counted = banded.group_by("age", "area", "load").agg(
            n=_.count(), a=_.a.sum(), b=_.b.sum(), both=(_.a & _.b).sum()
        )
        yield (one, other), store.arrow(counted)


def joint_months(store: Store) -> dict[tuple[str, str], tuple[float, int]]:
    """Pair → (pounds spent by both together in months in which both saw the person, number of such months)."""
    months = store.table("person_agency")
    other = months.view()
    pairs = months.inner_join(
        other, [months.person == other.person, months.month == other.month, months.agency < other.agency]
    )
    summed = pairs.group_by(one="agency", other="agency_right").agg(gbp=(_.gbp + _.gbp_right).sum(), months=_.count())
    return {(row["one"], row["other"]): (row["gbp"], row["months"]) for row in store.arrow(summed).to_pylist()}


def _wide(store: Store, agencies: Sequence[str]) -> Table:
    """One row a person: age band, area, contacts with each agency and with all."""
    seen = store.table("person_agency")
    sums = {f"of_{agency}": seen.contacts.sum(where=seen.agency == agency).fill_null(0) for agency in agencies}
    loads = seen.group_by("person").agg(everything=seen.contacts.sum(), **sums)
    people = store.table("person")
    newest = seen.month.max().as_scalar()
    joined = loads.inner_join(people, "person")
    age = (newest.year() - joined.birth_date.year()).fill_null(-1)
    return joined.mutate(age=_band(age, AGE_EDGES), area=joined.area.fill_null(""))


def _band(value: Any, edges: Sequence[int]) -> Any:
    """0 below the first edge, 1 below the second, and so on."""
    return cases(*((value < edge, literal(at)) for at, edge in enumerate(edges)), else_=literal(len(edges)))


def _price_of(contacts: Table, settings: Mapping[str, object]) -> Any:
    prices: dict[str, float] = dict(settings["prices"])  # type: ignore[call-overload]
    known = [(contacts.kind == kind, _double(gbp)) for kind, gbp in sorted(prices.items())]
    return cases(*known, else_=_double(0.0)) if known else _double(0.0)


def _double(value: float) -> Any:
    """A float written as text and cast: a bare decimal literal would make DuckDB reckon in decimals, Spark in floats."""
    return literal(repr(float(value))).cast("float64")
