"""What an evaluation of people reads: the entry contacts, who was enrolled and observed, and, in the engine,
histories."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from typing import Protocol as Protocol_

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.errors import DataProblem
from headwater.store import Stage, key_of
from headwater.store.expr import _, cases, coalesce, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.calendar import Calendar
    from headwater.domain.collaboration import Entry, Protocol
    from headwater.store import Store
    from headwater.store.expr import Table

    Days = NDArray[np.int64]
    Floats = NDArray[np.float64]

AGE_BANDS = (18, 40, 65, 80)
NEVER = np.iinfo(np.int32).max
LAGS = (0, 30, 90, 180, 365, 548, 730)
"""Edges of the history windows in days before the index day: 0–30, 31–90, 91–180, 181–365, and the halves of the second
year. Contacts of the index day itself belong to the history: the last of them made the person eligible, and nothing can
have averted it."""
LOSSES = ("death", "moved", "custody", "withdrew")
"""Why somebody was no longer seen, where it is told: what the programme may have brought about, and no end of the
data."""
HELD = (4, 5)
"""The windows nobody is matched on, so that what is found there can fail: the second year before."""
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
    elsewhere: Days
    """The first day in any other programme; NEVER for those in none."""
    listed: Listed = field(default_factory=lambda: Listed())
    joined: NDArray[np.bool_] | None = None
    """Whom this programme and another took on at the same time, where that is most of the enrolled; None where it is
    not."""
    followed_days: int | None = None
    """How long all are followed, where another programme took most of the enrolled on later; None for as long as the
    protocol says."""
    losses_told: bool = True
    """Whether any file says of anybody why they were no longer seen; else nobody's death is known, and that is not
    nobody's."""

    def only(self, who: Days) -> Population:
        """Some of the people, in the order given."""
        columns = {name: getattr(self, name) for name in self.__dataclass_fields__}
        some: dict[str, Any] = {name: value[who] for name, value in columns.items() if isinstance(value, np.ndarray)}
        return replace(self, **some)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the enrolment list holds beside people who can be followed. Numbers of its rows."""

    unlinked: int = 0
    """Rows whose record stands for no known person."""
    unobserved: int = 0
    """People of whom no agency says when they were observed."""
    again: int = 0
    """Further rows of people who are on it already; the first day counts."""
    early: int = 0
    """People enrolled before the programme's first day."""
    others: int = 0
    """Other programmes on the list, whoever is in them."""


def population(store: Store, protocol: Protocol) -> Population:
    """One row a person with an observation window, in order of pseudonym."""
    people, seen = store.need("person", "headwater link"), store.need("person_observation", "headwater link")
    joined = people.inner_join(seen, "person")
    rows = store.arrow(
        joined.select(
            "person",
            "sex",
            "area",
            "deprivation",
            "why_ended",
            year=joined.birth_date.year(),
            first=_day(joined["from"]),
            last=_day(joined["to"]),
        ).order_by("person")
    )
    names = rows["person"].to_numpy(zero_copy_only=False)
    enrolled, unobserved = _enrolled(store, protocol, names)
    early, why = int((enrolled < (protocol.start - date(1970, 1, 1)).days).sum()), _words(rows["why_ended"])
    return Population(
        names,
        _whole(rows["first"]),
        _whole(rows["last"]),
        why,
        enrolled,
        _float(rows["year"]),
        np.asarray(_words(rows["sex"]) == "female", dtype=np.float64),
        _words(rows["area"]),
        _float(rows["deprivation"]),
        _elsewhere(store, protocol, names),
        replace(_listed(store, protocol), unobserved=unobserved, early=early),
        losses_told=_losses_told(store, why),
    )


def _losses_told(store: Store, why: NDArray[np.object_]) -> bool:
    """Whether somebody's end is one that only a file can have told, or the file says of somebody that it was none."""
    if np.isin(why, LOSSES).any():
        return True
    ended, died = store.table("observation"), store.table("record")
    told = (ended.filter(_.why_ended.notnull() & (_.why_ended != "unknown")), died.filter(_.death_date.notnull()))
    return any(store.arrow(rows.limit(1)).num_rows for rows in told)


def _listed(store: Store, protocol: Protocol) -> Listed:
    """Rows of the list that became no person, and those of people who stand on it more than once."""
    table = store.table("enrolment")
    rows = table.filter(table.collaboration == protocol.id)
    best = store.table("person_link").filter(_.run == 0).select(agency_of="agency", record_of="record", known="person")
    linked = rows.left_join(best, [rows.agency == best.agency_of, rows.record == best.record_of])
    found = linked.mutate(who=coalesce(linked.known, linked.person))
    told = store.arrow(found.agg(rows=_.count(), named=_.who.count(), people=_.who.nunique())).to_pylist()[0]
    everybody = store.table("person_enrolment").select("collaboration").distinct()
    others = store.arrow(everybody.filter(_.collaboration != protocol.id)).num_rows
    return Listed(unlinked=told["rows"] - told["named"], again=told["named"] - told["people"], others=others)


def enrolment_days(store: Store, protocol: Protocol) -> pa.Table:
    """person, start (day number): one row a person ever enrolled. Raises DataProblem where nobody was."""
    table = store.table("person_enrolment")
    rows = table.filter(table.collaboration == protocol.id)
    found = store.arrow(rows.select("person", start=_day(rows.start)).order_by("person"))
    if not found.num_rows:
        if store.has("enrolment") and (lost := _listed(store, protocol).unlinked):
            raise DataProblem(
                f"nobody enrolled in {protocol.id!r} is a person that any record knows",
                given=f"{lost} rows of the enrolment table, none of a known person",
                allowed="records, by agency and record, as the files of people write them",
                next_step=(
                    "headwater load, and compare the enrolment list's agency and record with those of the table record"
                ),
            )
        raise DataProblem(
            f"nobody is enrolled in {protocol.id!r}",
            given="no row of the enrolment table that was kept",
            allowed="one row a person: collaboration, record or person, start",
            next_step=(
                'add the enrolment list as a [[source]] with table = "enrolment", or mend the rows that headwater load'
                " quarantined"
            ),
        )
    return found


def _enrolled(store: Store, protocol: Protocol, names: NDArray[np.object_]) -> tuple[Days, int]:
    """int64[person]: the day of enrolment; and how many of the enrolled are none of these people."""
    rows = enrolment_days(store, protocol)
    days = np.full(len(names), NEVER, dtype=np.int64)
    at = pc.index_in(rows["person"], pa.array(names)).to_numpy(zero_copy_only=False).astype(float)
    known = ~np.isnan(at)
    days[at[known].astype(np.int64)] = _whole(rows["start"])[known]
    return days, int((~known).sum())


def _elsewhere(store: Store, protocol: Protocol, names: NDArray[np.object_]) -> Days:
    """int64[person]: the first day of an enrolment in any other programme."""
    table = store.table("person_enrolment")
    others = table.filter(table.collaboration != protocol.id).group_by("person").agg(first=_.start.min())
    rows = store.arrow(others.select("person", first=_day(_.first)).order_by("person"))
    days = np.full(len(names), NEVER, dtype=np.int64)
    at = pc.index_in(rows["person"], pa.array(names, pa.string())).to_numpy(zero_copy_only=False).astype(float)
    known = ~np.isnan(at)
    days[at[known].astype(np.int64)] = _whole(rows["first"])[known]
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


def need_outcome(store: Store, kind: str) -> None:
    """Raises DataProblem where no contact of the kind is known of anybody: unknown is not nought."""
    rows = store.arrow(store.table("person_contact").select("kind").distinct().order_by("kind"))
    known = rows["kind"].to_pylist()
    if kind not in known:
        raise DataProblem(
            f"there is no contact of the outcome kind {kind!r}",
            given="nobody has any, so that it is unknown and not nought",
            allowed=", ".join(str(one) for one in known),
            next_step="check [[outcome]] kind in the protocol, or load the files that hold it",
        )


# Histories and outcomes: counted in the engine, for candidates written there


def windows(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """Contacts of each candidate by kind and window: history windows up to the index day, quarters from the next day
    on."""
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
    "candidate_window",
    ("candidate", "person_contact"),
    windows,
    "contacts by candidate, kind and window",
    ("unit", "kind", "window"),
)


def _window(since: Any) -> Any:
    """0 … 4 for the history windows (nearest first), 100 + quarter for the follow-up."""
    steps = [(since >= -edge, literal(at)) for at, edge in enumerate(LAGS[1:])]
    later = ((since - 1) / QUARTER).floor().cast("int64") + FUTURE
    return cases((since > 0, later), *steps, else_=literal(len(LAGS) - 2))


class Counter(Protocol_):
    """Counts the contacts of units: person, index, end: int64[unit], end the first day not followed.

    Called, by kind and window: float64[unit, kind, history window] and float64[unit, kind, quarter]. `months`, by kind
    and month of the calendar from the day after the index day on: float64[unit, kind, month].
    """

    def __call__(self, person: Days, index: Days, end: Days, quarters: int) -> tuple[Floats, Floats]: ...

    def months(self, person: Days, index: Days, end: Days, calendar: Calendar) -> Floats: ...


@dataclass(frozen=True, slots=True, eq=False)
class _InEngine:
    store: Store
    people: Population
    kinds: Sequence[str]

    def __call__(self, person: Days, index: Days, end: Days, quarters: int) -> tuple[Floats, Floats]:
        return counted(self.store, self._units(person, index, end), self.kinds, quarters)

    def months(self, person: Days, index: Days, end: Days, calendar: Calendar) -> Floats:
        units = self.store.engine.rows_of(self._units(person, index, end))
        rows = self.store.arrow(monthly(units, self.store.table("person_contact"), self.kinds))
        found = np.zeros((len(person), len(self.kinds), calendar.months))
        kind = pc.index_in(rows["kind"], pa.array(list(self.kinds))).to_numpy(zero_copy_only=False)
        month = _whole(rows["month"]) - calendar.first.year * 12 - calendar.first.month
        found[_whole(rows["unit"]), kind, month] = _float(rows["n"])
        return found

    def _units(self, person: Days, index: Days, end: Days) -> pa.Table:
        return pa.table(
            {
                "unit": np.arange(len(person)),
                "person": pa.array(self.people.pseudonym[person], pa.string()),
                "index_day": index,
                "end_day": end,
            }
        )


def in_engine(store: Store, people: Population, kinds: Sequence[str]) -> Counter:
    """The counter of a store: candidates are written there and joined to their contacts, out of core."""
    return _InEngine(store, people, kinds)


def monthly(units: Table, contacts: Table, kinds: Sequence[str]) -> Table:
    """unit, kind, month (12 × year + month), n: contacts after the index day and before the end."""
    days = contacts.filter(contacts.kind.isin(list(kinds))).select("person", "kind", "start", day=_day(contacts.start))
    inside = units.inner_join(days, "person").filter((_.day > _.index_day) & (_.day < _.end_day))
    numbered = inside.mutate(month=inside.start.year().cast("int64") * 12 + inside.start.month().cast("int64"))
    return numbered.group_by("unit", "kind", "month").agg(n=_.count()).order_by("unit", "kind", "month")


def amounts(units: Table, contacts: Table, kinds: Sequence[str]) -> Table:
    """unit, kind, quarter, n, quantity and the day of the first of them: contacts after the index day and before the
    end."""
    days = contacts.filter(contacts.kind.isin(list(kinds))).select(
        "person", "kind", "quantity", day=_day(contacts.start)
    )
    inside = units.inner_join(days, "person").filter((_.day > _.index_day) & (_.day < _.end_day))
    numbered = inside.mutate(quarter=((inside.day - inside.index_day - 1) / QUARTER).floor().cast("int64"))
    grouped = numbered.group_by("unit", "kind", "quarter")
    return grouped.agg(n=_.count(), quantity=_.quantity.sum(), first=_.day.min()).order_by("unit", "kind", "quarter")


@dataclass(frozen=True, slots=True, eq=False)
class _InMemory:
    """keys: int64[contact], kind, person and day in one number, sorted."""

    keys: Days
    kinds: int

    def upto(self, unit: Days, last: Days) -> Floats:
        """float64[unit, kind]: contacts up to and with a day."""
        wanted = (np.arange(self.kinds)[None, :] * _PEOPLE + unit[:, None]) * _DAYS + last[:, None]
        return np.searchsorted(self.keys, wanted, side="right").astype(np.float64)

    def between(self, person: Days, edges: Sequence[Days]) -> Floats:
        """float64[unit, kind, span] from the days after one edge to the next."""
        found = [self.upto(person, edge) for edge in edges]
        return np.stack([np.maximum(late - early, 0) for early, late in pairwise(found)], axis=2)

    def __call__(self, person: Days, index: Days, end: Days, quarters: int) -> tuple[Floats, Floats]:
        # A window before holds the days −edge … of the next nearer one; the nearest ends with the index day itself.
        back = [index, *(index - edge - 1 for edge in LAGS[1:])]
        ahead = [np.minimum(index + QUARTER * at, end - 1) for at in range(quarters + 1)]
        return self.between(person, back[::-1])[:, :, ::-1], self.between(person, ahead)

    def months(self, person: Days, index: Days, end: Days, calendar: Calendar) -> Floats:
        edges = calendar.edges().astype(np.int64) - 1
        return self.between(person, [np.clip(edge, index, end - 1) for edge in edges])


def in_memory(contacts: tuple[Days, Days, Days], kinds: int) -> Counter:
    """The counter of contacts held in memory: person, day, kind, each int64[contact]; kinds: how many there are."""
    person, day, kind = contacts
    return _InMemory(np.sort((kind * _PEOPLE + person) * _DAYS + day, kind="stable"), kinds)


_PEOPLE, _DAYS = 100_000_000, 100_000
"""Room for people and days within one number: 80 kinds × 10⁸ people × 10⁵ days stay below 2⁶³."""


def counted(store: Store, units: pa.Table, kinds: Sequence[str], quarters: int) -> tuple[Floats, Floats]:
    """float64[unit, kind, history window] and float64[unit, kind, quarter] of contacts.

    units: unit, person (pseudonym), index_day, end_day (exclusive), sorted by unit.
    """
    columns = (units[name].to_numpy(zero_copy_only=False).tobytes() for name in ("index_day", "end_day"))
    names = units["person"].combine_chunks()
    key = sha256(b"".join([*columns, *(bytes(part) for part in names.buffers() if part)])).hexdigest()
    store.put("candidate", key_of(key), units)
    store.run((STAGE,), {"kinds": list(kinds)})
    return filled(store.arrow(store.table("candidate_window")), units.num_rows, kinds, quarters)


def filled(rows: pa.Table, units: int, kinds: Sequence[str], quarters: int) -> tuple[Floats, Floats]:
    """The arrays of `counted` from rows of unit, kind, window and n."""
    before = np.zeros((units, len(kinds), len(LAGS) - 1))
    after = np.zeros((units, len(kinds), quarters))
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
