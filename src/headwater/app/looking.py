"""A look at the data before any question: how much of each service, whom two agencies share, what follows what, what is
covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.app.bearing import shared_people
from headwater.app.reading import need_data
from headwater.domain.release import Count, FigureData
from headwater.report.kinds import capital, kind_words
from headwater.store.expr import _, window

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.store import Store

WITHIN_DAYS = 30
"""How soon the next contact counts as following; longer, and most of what follows has nothing to do with it."""
MOST_JOURNEYS = 15


def look(place: Place) -> Answer:
    """Counts alone, each masked where it is small; no question is asked and nobody's outcome is compared with
    anything."""
    with place.store() as store:
        need_data(store)
        months = _months(store)
        content = {
            "services": _services(months),
            "months": [{"kind": kind, "month": month, "contacts": _month(kind, month, n)} for kind, month, n in months],
            "shared": [
                {"one": one, "other": other, "people": Count(n)}
                for one, other, n in sorted(shared_people(store), key=lambda pair: -pair[2])
            ],
            "journeys": _journeys(store),
            "coverage": _coverage(store),
            "within_days": WITHIN_DAYS,
        }
    figures = tuple(
        _series(kind, [(month, n) for one, month, n in months if one == kind])
        for kind in dict.fromkeys(kind for kind, _m, _n in months)
    )
    return place.answer("look", content, figures)


def _months(store: Store) -> list[tuple[str, str, int]]:
    """(kind, first day of a month, contacts), months without a contact between the first and the last as 0; most
    frequent kind first."""
    found: dict[str, dict[str, int]] = {}
    for table, at, n in (("contact", "start", _.count()), ("count", "period", _["n"].sum())):
        if not store.has(table) or not store.rows(table):
            continue
        rows = store.table(table).mutate(month=_[at].cast("date").truncate("M"))
        for row in store.arrow(rows.group_by("kind", "month").agg(n=n)).to_pylist():
            if row["kind"] and row["month"]:
                of = found.setdefault(row["kind"], {})
                of[row["month"].isoformat()[:7]] = of.get(row["month"].isoformat()[:7], 0) + int(row["n"] or 0)
    order = sorted(found, key=lambda kind: (-sum(found[kind].values()), kind))
    return [(kind, f"{month}-01", found[kind].get(month, 0)) for kind in order for month in _every_month(found[kind])]


def _every_month(of: dict[str, int]) -> list[str]:
    year, month = (int(part) for part in min(of).split("-"))
    months = []
    while (said := f"{year:04d}-{month:02d}") <= max(of):
        months.append(said)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return months


def _month(kind: str, month: str, n: float) -> Count:
    return Count(n, "contacts", f"contacts {kind} {month[:7]}")


def _services(months: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """A row a kind. Its total is the sum of its months, so that no small month can be had by taking the others from
    it."""
    rows = []
    for kind in dict.fromkeys(kind for kind, _m, _n in months):
        mine = [(month, n) for one, month, n in months if one == kind]
        total = Count(
            sum(n for _m, n in mine), "contacts", f"contacts {kind}", tuple(_month(kind, month, n) for month, n in mine)
        )
        whole = mine[1:-1] or mine
        least, most = min(whole, key=lambda one: one[1]), max(whole, key=lambda one: one[1])
        rows.append(
            {
                "kind": kind,
                "contacts": total,
                "from": mine[0][0],
                "to": mine[-1][0],
                "months": len(mine),
                "most": _month(kind, *most),
                "least": _month(kind, *least),
                "empty_months": sum(n == 0 for _m, n in whole),
            }
        )
    return rows


def _journeys(store: Store) -> list[dict[str, Any]]:
    """Pairs of kinds that most often follow each other: a contact, and the same person's next one of any kind soon
    after."""
    if not store.has("person_contact"):
        return []
    own = window(group_by="person", order_by=[_["start"], _["contact"]])
    rows = store.table("person_contact").filter(_["precision"] != "month")
    rows = rows.mutate(next_kind=_["kind"].lead().over(own), next_start=_["start"].lead().over(own))
    soon = rows.filter(_["next_kind"].notnull(), _["next_start"].cast("date") - _["start"].cast("date") <= WITHIN_DAYS)
    found = soon.group_by("kind", "next_kind").agg(n=_.count(), people=_["person"].nunique())
    first = store.arrow(found.order_by(_["n"].desc(), "kind", "next_kind").limit(MOST_JOURNEYS)).to_pylist()
    return [
        {
            "first": row["kind"],
            "then": row["next_kind"],
            "times": Count(row["n"], "contacts"),
            "people": Count(row["people"]),
        }
        for row in first
    ]


def _coverage(store: Store) -> list[dict[str, Any]]:
    """By agency: from when to when it gave contacts, how many, of how many people, and how many of them name nobody."""
    if not store.has("contact") or not store.rows("contact"):
        return []
    rows = (
        store.table("contact")
        .group_by("agency")
        .agg(
            first=_["start"].cast("date").min(),
            last=_["start"].cast("date").max(),
            n=_.count(),
            named=_["record"].count(),
            people=_["record"].nunique(),
            places=_["place"].count(),
        )
    )
    found = store.arrow(rows.order_by("agency")).to_pylist()
    return [
        {
            "agency": row["agency"],
            "from": row["first"].isoformat(),
            "to": row["last"].isoformat(),
            "contacts": Count(row["n"], "contacts"),
            "records": Count(row["people"]),
            "nobody": Count(row["n"] - row["named"], "contacts"),
            "placed": Count(row["places"], "contacts"),
        }
        for row in found
    ]


def _series(kind: str, months: list[tuple[str, int]]) -> FigureData:
    words = capital(kind_words(kind))
    first, last = months[0][0][:7], months[-1][0][:7]
    return FigureData(
        name=f"months-{kind}",
        kind="trajectories",
        title=f"{words} month by month",
        alt=f"{words} counted in each month from {first} to {last}; the first and the last month may be incomplete.",
        columns=("period", "group", "value", "measure"),
        rows=tuple((month, words, _month(kind, month, n), "Contacts in the month") for month, n in months),
        counts=("value",),
    )
