"""What an evaluation of people reads: the entry contacts, who was enrolled and observed, and, in the engine, histories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.errors import DataProblem
from headwater.store import Stage, key_of
from headwater.store.expr import _, cases, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Entry, Protocol
    from headwater.store import Store
    from headwater.store.expr import Table

    Days = NDArray[np.int64]

AGE_BANDS = (18, 40, 65, 80)
NEVER = np.iinfo(np.int32).max
LAGS = (0, 30, 90, 180, 365, 730)
"""Edges of the history windows in days before the index date: 1–30, 31–90, 91–180, 181–365, 366–730."""
QUARTER = 91
FUTURE = 100
"""Number of the first follow-up quarter among the windows."""


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Everybody observed, by number. Days count from 1970. enrolled: NEVER for those who were not."""

    pseudonym: NDArray[np.object_]
    first: Days
    last: Days
    why: NDArray[np.object_]
    enrolled: Days
    birth_year: NDArray[np.float64]
    female: NDArray[np.float64]
    area: NDArray[np.object_]
    deprivation: NDArray[np.float64]


def population(store: Store, protocol: Protocol) -> Population:
    """One row a person with an observation window, in order of pseudonym."""
    people, seen = store.need("person", "headwater link"), store.need("person_observation", "headwater link")
    joined = people.inner_join(seen, "person")
    rows = store.arrow(
        joined.select("person", "sex", "area", "deprivation", "why_ended", year=joined.birth_date.year(), first=_day(joined["from"]), last=_day(joined["to"]))
        .order_by("person")
    )  # fmt: skip
    names = rows["person"].to_numpy(zero_copy_only=False)
    return Population(
        names, _whole(rows["first"]), _whole(rows["last"]), _words(rows["why_ended"]), _enrolled(store, protocol, names),
        _float(rows["year"]), np.asarray(_words(rows["sex"]) == "female", dtype=np.float64), _words(rows["area"]), _float(rows["deprivation"]),
    )  # fmt: skip


def enrolment_days(store: Store, protocol: Protocol) -> pa.Table:
    """person, start (day number): one row a person ever enrolled. Raises DataProblem where nobody was."""
    table = store.table("person_enrolment")
    rows = table.filter(table.collaboration == protocol.id)
    found = store.arrow(rows.select("person", start=_day(rows.start)).order_by("person"))
    if not found.num_rows:
        raise DataProblem(
            f"nobody is enrolled in {protocol.id!r}",
            given="no row of the enrolment table",
            allowed="one row a person: collaboration, record or person, start",
            next_step='add the enrolment list as a [[source]] with table = "enrolment", then headwater load',
        )
    return found


def _enrolled(store: Store, protocol: Protocol, names: NDArray[np.object_]) -> Days:
    rows = enrolment_days(store, protocol)
    days = np.full(len(names), NEVER, dtype=np.int64)
    at = pc.index_in(rows["person"], pa.array(names)).to_numpy(zero_copy_only=False)
    known = ~np.isnan(at.astype(float))
    days[at[known].astype(np.int64)] = _whole(rows["start"])[known]
    return days


def entry_contacts(store: Store, people: Population, entry: Entry) -> tuple[Days, Days]:
    """int64[contact] each: person number and day of every contact of the entry kind, sorted."""
    contacts = store.table("person_contact")
    rows = contacts.filter(contacts.kind == entry.kind)
    found = store.arrow(rows.select("person", day=_day(rows.start)).order_by("person", "day"))
    if not found.num_rows:
        raise DataProblem(
            f"there is no contact of the entry kind {entry.kind!r}", next_step="check [entry] kind in the protocol"
        )
    at = pc.index_in(found["person"], pa.array(people.pseudonym)).to_numpy(zero_copy_only=False).astype(float)
    known = ~np.isnan(at)
    return at[known].astype(np.int64), _whole(found["day"])[known]


# Histories and outcomes: counted in the engine, for candidates written there


def windows(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """Contacts of each candidate by kind and window: history windows before the index day, quarters from it on."""
    units, contacts = tables["candidate"], tables["person_contact"]
    kinds = list(settings["kinds"])  # type: ignore[call-overload]
    days = contacts.filter(contacts.kind.isin(kinds)).select("person", "kind", "quantity", day=_day(contacts.start))
    joined = units.inner_join(days, "person")
    since = joined.day - joined.index_day
    inside = joined.mutate(since=since).filter((_.since >= -LAGS[-1]) & (_.day < _.end_day))
    return (
        inside.mutate(window=_window(inside.since))
        .group_by("unit", "kind", "window")
        .agg(n=_.count(), quantity=_.quantity.sum())
    )


STAGE = Stage(
    "candidate_window", ("candidate", "person_contact"), windows, "contacts by candidate, kind and window",
    ("unit", "kind", "window"),
)  # fmt: skip


def _window(since: Any) -> Any:
    """0 … 4 for the history windows (nearest first), 100 + quarter for the follow-up."""
    steps = [(since >= -edge, literal(at)) for at, edge in enumerate(LAGS[1:])]
    later = (since / QUARTER).floor().cast("int64") + FUTURE
    return cases((since >= 0, later), *steps, else_=literal(len(LAGS) - 2))


def counted(
    store: Store, units: pa.Table, kinds: Sequence[str], quarters: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """float64[unit, kind, history window] and float64[unit, kind, quarter] of contacts.

    units: unit, person (pseudonym), index_day, end_day (exclusive), sorted by unit.
    """
    store.put(
        "candidate",
        key_of(
            *(units[name].to_numpy(zero_copy_only=False).tobytes() for name in ("index_day", "end_day")),
            units["person"].to_pylist(),
        ),
        units,
    )
    store.run((STAGE,), {"kinds": list(kinds)})
    rows = store.arrow(store.table("candidate_window"))
    before = np.zeros((units.num_rows, len(kinds), len(LAGS) - 1))
    after = np.zeros((units.num_rows, len(kinds), quarters))
    unit, window = _whole(rows["unit"]), _whole(rows["window"])
    kind = pc.index_in(rows["kind"], pa.array(list(kinds))).to_numpy(zero_copy_only=False)
    n = rows["n"].to_numpy(zero_copy_only=False).astype(np.float64)
    past = window < FUTURE
    before[unit[past], kind[past], window[past]] = n[past]
    ahead = ~past & (window < FUTURE + quarters)
    after[unit[ahead], kind[ahead], window[ahead] - FUTURE] = n[ahead]
    return before, after


def kinds_of(store: Store, least: int = 50) -> tuple[str, ...]:
    """Kinds of contact of people that occur often enough to tell anything, in order."""
    contacts = store.table("person_contact")
    rows = contacts.group_by("kind").agg(n=contacts.kind.count())
    return tuple(sorted(row["kind"] for row in store.arrow(rows).to_pylist() if row["n"] >= least))


def _day(when: Any) -> Any:
    """Days since 1970, whole."""
    return (when.cast("timestamp").epoch_seconds() / 86_400).floor().cast("int64")


def _whole(column: pa.ChunkedArray) -> Days:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)


def _float(column: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _words(column: pa.ChunkedArray) -> NDArray[np.object_]:
    return np.array([value or "" for value in column.to_pylist()], dtype=object)
