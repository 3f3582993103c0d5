"""Everybody's contacts as days and kinds, in compact arrays: the engine numbers people and hands rows over as they
lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.stats.ordering import by_person
from headwater.stats.sccs import YEAR, Course
from headwater.store.expr import _, row_number, union, window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from headwater.store import Store

    Codes = NDArray[np.int64]

AGES = (18, 40, 65, 80)
"""First years of the second to fifth age band; whoever's birth date is not known is in a band of their own."""
DAY, KIND = 24, 8
"""Bits at which the day and the kind stand in a contact's key; below them, by how many days it may lie later."""
MONTH = 30
"""Days by which a contact known to the month only may lie later than the first of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Courses:
    """kinds names the codes of `course.service`; years: person-years over people; units: people, or the places that
    take their part."""

    course: Course
    kinds: tuple[str, ...]
    years: float
    units: str = "people"

    def contacts(self, kind: int) -> int:
        return int((self.course.service == kind).sum())


def courses(store: Store, least: int = 100) -> Courses:
    """Kinds with fewer than `least` contacts are left out. A contact takes 7 bytes here, whatever it is in the
    store."""
    contacts, seen = store.need("person_contact", "headwater link"), store.table("person_observation")
    kinds = _frequent(store, contacts, least)
    numbered = _windows(store, seen)
    found = _dated(contacts, kinds, "person", numbered)
    course = _course(store.batches(found), store.arrow(numbered.order_by("at")), kinds)
    length = course.end.astype(np.int64) - course.start + 1
    return Courses(course, kinds, float(length.mean()) / YEAR if len(length) else 0.0)


def place_courses(store: Store, least: int = 100) -> Courses | None:
    """Contacts by the place where they happened; services that could act earlier and visit people, by where these live.

    Where homes are told by area alone, what happens in a street happens in its area. None where no contact has a place.
    """
    contacts = store.table("contact")
    known = contacts.filter(contacts.place.notnull()).select("kind", "start", "precision", unit=contacts.place)
    places = {row["unit"] for row in store.arrow(known.select("unit").distinct()).to_pylist()}
    if not places:
        return None
    rows = _with_visits(store, known, places)
    kinds = _frequent(store, rows, least)
    units = rows.select("unit").distinct()
    numbered = units.mutate(at=row_number().over(window(order_by="unit")).cast("int32"))
    first, last = (
        store.arrow(rows.agg(first=_day(rows.start.min()), last=_day(rows.start.max()))).to_pylist()[0].values()
    )
    many = store.arrow(units.agg(n=units.unit.count()))["n"][0].as_py()
    windows = pa.table(
        {
            "first": pa.array([first] * many, pa.int32()),
            "last": pa.array([last] * many, pa.int32()),
            "born": pa.nulls(many, pa.int32()),
        }
    )
    course = _course(store.batches(_dated(rows, kinds, "unit", numbered)), windows, kinds)
    return Courses(course, kinds, (last - first + 1) / YEAR, "places")


def _with_visits(store: Store, known: Any, places: set[str]) -> Any:
    """The contacts at places, and those of services that could act earlier at the homes of the people they see."""
    if not store.has("person_contact"):
        return known
    visits, people = store.table("person_contact"), store.table("person")
    able = visits.filter(visits.place.isnull() & visits.kind.isin(sorted(eligible(store))))
    homes = people.filter(people.area.notnull()).select("person", "area")
    seen = able.inner_join(homes, "person").select("kind", "start", "precision", unit="area")
    lived = {row["area"] for row in store.arrow(homes.select("area").distinct()).to_pylist()}
    if lived & places:
        return union(known, seen.filter(seen.unit.isin(sorted(lived & places))))
    streets = store.table("place").filter(_.area.isin(sorted(lived))).select("place", "area")
    if not store.arrow(streets.limit(1)).num_rows:
        return known
    above = known.inner_join(streets, known.unit == streets.place).select("kind", "start", "precision", unit="area")
    return union(above, seen)


def _frequent(store: Store, rows: Any, least: int) -> tuple[str, ...]:
    counted = store.arrow(rows.group_by("kind").agg(n=rows.kind.count())).to_pylist()
    return tuple(sorted(row["kind"] for row in counted if row["kind"] and row["n"] >= least))


def _dated(rows: Any, kinds: tuple[str, ...], unit: str, numbered: Any) -> Any:
    """at, kind, day, coarse of the rows of these kinds. numbered: unit, at."""
    rows = rows.filter(rows.kind.isin(kinds))
    coarse = (rows.precision == "month").fill_null(False)
    dated = rows.select(unit, "kind", day=_day(rows.start), coarse=coarse)
    return dated.inner_join(numbered.select(unit, "at"), unit).select("at", "kind", "day", "coarse")


def _windows(store: Store, seen: Any) -> Any:
    """person, first, last (days), born (a day or null), at: the person's number in order of their codes."""
    people = store.table("person")
    born = people.select("person", born=_day(people.birth_date))
    named = seen.select("person", first=_day(seen["from"]), last=_day(seen["to"]))
    at = row_number().over(window(order_by="person")).cast("int32")
    return named.left_join(born, "person").select("person", "first", "last", "born").mutate(at=at)


def _course(batches: Iterator[pa.RecordBatch], windows: pa.Table, kinds: tuple[str, ...]) -> Course:
    """Rows in any order, coded as they come into 12 bytes each, then set by person, day and kind; nothing else is
    held."""
    names = pa.array(kinds, pa.string())
    pieces = []
    for batch in batches:
        day = batch["day"].to_numpy(zero_copy_only=False).astype(np.int64)
        kind = pc.index_in(batch["kind"], names).to_numpy(zero_copy_only=False)
        blur = np.where(batch["coarse"].to_numpy(zero_copy_only=False), MONTH, 0)
        pieces.append((_whole(batch["at"]), (day << DAY) | (kind << KIND) | blur))
    first, key = by_person(pieces, len(windows))
    start, end = _whole(windows["first"]), _whole(windows["last"])
    day, blur = (key >> DAY).astype(np.int32), (key & 0xFF).astype(np.int8)
    service = ((key >> KIND) & 0xFFFF).astype(np.int16)
    return Course(first, day, blur, service, start, end, _bands(windows["born"], start), len(kinds))


def _bands(born: pa.ChunkedArray, start: NDArray[np.int32]) -> NDArray[np.int8]:
    days = born.cast(pa.float64()).to_numpy()
    bands = np.digitize((start - np.nan_to_num(days)) / YEAR, AGES)
    found: NDArray[np.int8] = np.where(np.isnan(days), len(AGES) + 1, bands).astype(np.int8)
    return found


def wrong_links(store: Store) -> float | None:
    """The share of pairs of records, of those that the most likely partition joins, that partitions drawn from the
    weights part.

    None where none was drawn: then nobody says how sure the links are.
    """
    links = store.table("person_link")
    first = links.filter(links.run == 0).select("agency", "record", "person")
    drawn = links.filter(links.run > 0).select("agency", "record", "run", other="person")
    both = first.inner_join(drawn, ["agency", "record"]).group_by("run", "person", "other").agg(n=_.count())
    whole = both.group_by("run", "person").agg(all=_.n.sum(), together=(_.n * (_.n - 1)).sum())
    (row,) = store.arrow(
        whole.agg(pairs=(whole["all"] * (whole["all"] - 1)).sum(), kept=whole.together.sum())
    ).to_pylist()
    return 1 - row["kept"] / row["pairs"] if row["pairs"] else None


def agencies_of(store: Store) -> Mapping[str, tuple[str, ...]]:
    """Kind → the organisations that give it, by their services, else by who recorded it."""
    services = store.arrow(store.table("service").select("kind", "organisation").distinct()).to_pylist()
    found: dict[str, set[str]] = {}
    for row in services:
        if row["kind"]:
            found.setdefault(row["kind"], set()).add(row["organisation"])
    by_service = frozenset(found)
    for name in ("person_contact", "contact"):
        rows = store.arrow(store.table(name).select("kind", "agency").distinct()) if store.has(name) else None
        for row in rows.to_pylist() if rows is not None else ():
            if row["kind"] not in by_service and row["kind"]:
                found.setdefault(row["kind"], set()).add(row["agency"])
    return {kind: tuple(sorted(by)) for kind, by in found.items()}


def eligible(store: Store) -> frozenset[str]:
    """Kinds that could act before the demand arises, as the service table says."""
    services = store.table("service")
    rows = store.arrow(services.select("kind", "eligible_upstream").distinct()).to_pylist()
    said = {
        row["kind"]: row["eligible_upstream"] for row in rows if row["kind"] and row["eligible_upstream"] is not None
    }
    return frozenset(kind for kind, yes in said.items() if yes)


def _day(when: Any) -> Any:
    """Days since 1970."""
    return (when.cast("timestamp").epoch_seconds() / 86_400).floor().cast("int32")


def _whole(column: pa.ChunkedArray | pa.Array) -> NDArray[np.int32]:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int32)
