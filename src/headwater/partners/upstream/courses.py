"""Everybody's contacts as days and kinds, in compact arrays: the rows stay in the engine, which sorts them and hands them over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.stats.sccs import YEAR, Course

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.store import Store

    Codes = NDArray[np.int64]

AGES = (18, 40, 65, 80)
"""First years of the second to fifth age band; whoever's birth date is not known is in a band of their own."""
MONTH = 30
"""Days by which a contact known to the month only may lie later than the first of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Courses:
    """kinds names the codes of `course.service`; years: person-years over people."""

    course: Course
    kinds: tuple[str, ...]
    years: float

    def contacts(self, kind: int) -> int:
        return int((self.course.service == kind).sum())


def courses(store: Store, least: int = 100) -> Courses:
    """Kinds with fewer than `least` contacts are left out. A contact takes 7 bytes here, whatever it is in the store."""
    contacts, seen = store.need("person_contact", "headwater link"), store.table("person_observation")
    counted = {
        row["kind"]: row["n"] for row in store.arrow(contacts.group_by("kind").agg(n=contacts.kind.count())).to_pylist()
    }
    kinds = tuple(sorted(kind for kind, n in counted.items() if kind and n >= least))
    windows = store.arrow(_windows(store, seen))
    rows = contacts.filter(contacts.kind.isin(kinds)).semi_join(seen, "person")
    coarse = (rows.precision == "month").fill_null(False)
    found = rows.select("person", "kind", day=_day(rows.start), coarse=coarse).order_by("person", "day", "kind")
    course = _course(store, found, windows, kinds)
    length = course.end.astype(np.int64) - course.start + 1
    return Courses(course, kinds, float(length.mean()) / YEAR if len(length) else 0.0)


def _windows(store: Store, seen: Any) -> Any:
    """person, first, last (days), born (a day or null), sorted by person."""
    people = store.table("person")
    born = people.select("person", born=_day(people.birth_date))
    named = seen.select("person", first=_day(seen["from"]), last=_day(seen["to"]))
    return named.left_join(born, "person").select("person", "first", "last", "born").order_by("person")


def _course(store: Store, rows: Any, windows: pa.Table, kinds: tuple[str, ...]) -> Course:
    """Batches of the sorted rows, coded as they come; nothing but the codes is held."""
    people = windows["person"].combine_chunks()
    names = pa.array(kinds, pa.string())
    sizes = np.zeros(len(people), dtype=np.int64)
    days, blurs, services = [], [], []
    for batch in store.batches(rows):
        person = pc.index_in(batch["person"], people).to_numpy(zero_copy_only=False)
        sizes += np.bincount(person, minlength=len(people))
        days.append(batch["day"].to_numpy(zero_copy_only=False).astype(np.int32))
        blurs.append(np.where(batch["coarse"].to_numpy(zero_copy_only=False), MONTH, 0).astype(np.int8))
        services.append(pc.index_in(batch["kind"], names).to_numpy(zero_copy_only=False).astype(np.int16))
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    start, end = _whole(windows["first"]), _whole(windows["last"])
    return Course(
        first, _joined(days, np.int32), _joined(blurs, np.int8), _joined(services, np.int16), start, end,
        _bands(windows["born"], start), len(kinds),
    )  # fmt: skip


def _joined(parts: list[NDArray[Any]], width: type) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=width)


def _bands(born: pa.ChunkedArray, start: NDArray[np.int32]) -> NDArray[np.int8]:
    days = born.cast(pa.float64()).to_numpy()
    bands = np.digitize((start - np.nan_to_num(days)) / YEAR, AGES)
    found: NDArray[np.int8] = np.where(np.isnan(days), len(AGES) + 1, bands).astype(np.int8)
    return found


def agencies_of(store: Store) -> Mapping[str, tuple[str, ...]]:
    """Kind → the organisations that give it, by their services, else by who recorded it."""
    services = store.arrow(store.table("service").select("kind", "organisation").distinct()).to_pylist()
    found: dict[str, set[str]] = {}
    for row in services:
        if row["kind"]:
            found.setdefault(row["kind"], set()).add(row["organisation"])
    contacts, by_service = store.table("person_contact"), frozenset(found)
    for row in store.arrow(contacts.select("kind", "agency").distinct()).to_pylist():
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


def _whole(column: pa.ChunkedArray) -> NDArray[np.int32]:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int32)
