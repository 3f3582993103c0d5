"""People's contacts as weeks and kinds, for those who ever needed the downstream service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.stats.sccs import Course

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.store import Store

    Codes = NDArray[np.int64]

FIRST_MONDAY = -3
"""1969-12-29, the Monday on or before the first of January 1970."""


@dataclass(frozen=True, slots=True, eq=False)
class Courses:
    """Everybody's contacts, sorted by person and week; kinds names the codes of `course.service`."""

    course: Course
    kinds: tuple[str, ...]
    years: float

    def of(self, kind: str) -> tuple[Course, NDArray[np.bool_]]:
        """The courses of people with at least one contact of the kind while observed, and which contacts are of it."""
        code = self.kinds.index(kind)
        course = self.course
        person = np.repeat(np.arange(len(course.first) - 1), np.diff(course.first))
        events = (course.service == code) & (course.week >= course.start[person]) & (course.week <= course.end[person])
        wanted = np.bincount(person[events], minlength=len(course.start)) > 0
        keep = wanted[person]
        sizes = np.bincount(person[keep], minlength=len(course.start))[wanted]
        first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        part = Course(
            first, course.week[keep], course.service[keep], course.start[wanted], course.end[wanted], course.services
        )
        return part, course.service[keep] == code


def courses(store: Store, least: int = 100) -> Courses:
    """Kinds with fewer than `least` contacts are left out. Three columns of every contact cross, 20 bytes a contact."""
    contacts, seen = store.need("person_contact", "headwater link"), store.table("person_observation")
    counted = {
        row["kind"]: row["n"] for row in store.arrow(contacts.group_by("kind").agg(n=contacts.kind.count())).to_pylist()
    }
    kinds = tuple(sorted(kind for kind, n in counted.items() if kind and n >= least))
    windows = store.arrow(seen.select("person", first=_week(seen["from"]), last=_week(seen["to"])).order_by("person"))
    rows = contacts.filter(contacts.kind.isin(kinds)).semi_join(seen, "person")
    found = store.arrow(rows.select("person", "kind", week=_week(rows.start)).order_by("person", "week", "kind"))
    person = _codes(found["person"], windows["person"])
    course = Course(
        np.searchsorted(person, np.arange(windows.num_rows + 1)).astype(np.int64), _whole(found["week"]),
        _codes(found["kind"], pa.chunked_array([pa.array(kinds, pa.string())])), _whole(windows["first"]), _whole(windows["last"]), len(kinds),
    )  # fmt: skip
    weeks = (course.end - course.start + 1).max(initial=1)
    return Courses(course, kinds, float(weeks) / 52.18)


def agencies_of(store: Store) -> Mapping[str, tuple[str, ...]]:
    """Kind → the organisations that give it, by their services, else by who recorded it."""
    services = store.arrow(store.table("service").select("kind", "organisation").distinct()).to_pylist()
    found: dict[str, set[str]] = {}
    for row in services:
        if row["kind"]:
            found.setdefault(row["kind"], set()).add(row["organisation"])
    contacts = store.table("person_contact")
    for row in store.arrow(contacts.select("kind", "agency").distinct()).to_pylist():
        if row["kind"] not in found and row["kind"]:
            found.setdefault(row["kind"], set()).add(row["agency"])
    return {kind: tuple(sorted(by)) for kind, by in found.items()}


def eligible(store: Store) -> frozenset[str]:
    """Kinds that could act before the demand arises, as the service table says; all where it says nothing."""
    services = store.table("service")
    rows = store.arrow(services.select("kind", "eligible_upstream").distinct()).to_pylist()
    said = {
        row["kind"]: row["eligible_upstream"] for row in rows if row["kind"] and row["eligible_upstream"] is not None
    }
    return frozenset(kind for kind, yes in said.items() if yes)


def _week(when: Any) -> Any:
    days = (when.cast("timestamp").epoch_seconds() / 86_400).floor()
    return ((days - FIRST_MONDAY) / 7).floor().cast("int64")


def _codes(values: pa.ChunkedArray, known: pa.ChunkedArray) -> Codes:
    found = pc.index_in(values, known.combine_chunks())
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def _whole(column: pa.ChunkedArray) -> Codes:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)
