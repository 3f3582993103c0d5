"""Panels from the store: counts as they were given, or contacts at places counted in the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import DataProblem, Usage
from headwater.domain.evidence import Panel
from headwater.evidence.places.suppressed import small_cells
from headwater.stats.breaks import zero_runs
from headwater.store.expr import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.evidence.places.options import Options
    from headwater.store import Store

    Window = tuple[date | str | None, date | str | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """One panel a kind of contact, and what was wrong with the rows (sentences without names of people)."""

    panels: dict[str, Panel]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Where places are, metres: float64[place, 2], NaN where unknown; aligned with `units`."""

    units: tuple[str, ...]
    metres: NDArray[np.float64]


TOLD = ("least", "most", "source")
"""Columns of a count that stores of an earlier edition do not have."""


def read_panels(store: Store, protocol: Protocol, options: Options, observed: Window) -> Reading:
    """Every outcome's panel. Organisations are read from `count`; places from `contact`, or from `count` when it has
    them."""
    kinds = _kinds(protocol)
    if protocol.unit == "organisation" or (protocol.unit == "place" and not _placed(store, kinds)):
        rows = _counted(store, kinds)
    elif protocol.unit == "place":
        rows = _counted_contacts(store, kinds, options, observed)
    else:
        raise Usage(
            "a place design needs places or organisations",
            given=f"unit = {protocol.unit!r}",
            allowed="place, organisation",
            next_step="mend unit in the protocol",
        )
    problems: list[str] = []
    if not rows.always:
        rows = _regular(rows, problems)
    panels = {kind: _panel(kind, rows, problems) for kind in kinds}
    return Reading(panels, tuple(problems))


def _kinds(protocol: Protocol) -> tuple[str, ...]:
    """The outcomes, and the kind of contact by which the places were chosen."""
    looked_at = protocol.selection.kind if protocol.selection is not None else ""
    return tuple(dict.fromkeys((*protocol.outcome_kinds(), *([looked_at] if looked_at else ()))))


def positions(store: Store, units: Sequence[str]) -> Positions | None:
    """The centres of the units from `place` or `organisation`; None where no unit has one."""
    at = {}
    for table in ("place", "organisation"):
        if store.has(table):
            rows = store.arrow(store.table(table).select(table, "easting", "northing")).to_pydict()
            at.update({u: (e, n) for u, e, n in zip(*rows.values(), strict=True) if e is not None and n is not None})
    metres = np.array([at.get(unit, (np.nan, np.nan)) for unit in units], dtype=float)
    return Positions(tuple(units), metres) if np.isfinite(metres).any() else None


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Long rows as arrays; `everywhere` and `always` are the units and periods that are zero, not missing, when
    unseen."""

    unit: NDArray[np.str_]
    period: NDArray[np.datetime64]
    kind: NDArray[np.str_]
    contacts: NDArray[np.float64]
    exposure: NDArray[np.float64]
    everywhere: tuple[str, ...] = ()
    always: tuple[date, ...] = ()
    people: NDArray[np.float64] | None = None
    """float64[everywhere]: the population of each, where all have one; their exposure in every period."""
    least: NDArray[np.float64] | None = None
    """float64[row] each: the range of a count that was told as small alone, NaN where the count is told or the mark
    says none."""
    most: NDArray[np.float64] | None = None
    source: NDArray[np.str_] | None = None
    """Who and what counted; '' where that is not told."""


def _counted(store: Store, kinds: tuple[str, ...]) -> _Rows:
    table = store.need("count")
    more = [name for name in ("agency", *TOLD) if name in table.columns]
    wanted = ("unit", "period", "kind", "contacts", "exposure", *more)
    rows = store.arrow(table.filter(table.kind.isin(kinds)).select(*wanted))
    _some(rows, kinds, "count")
    least, most = (
        rows[name].to_numpy(zero_copy_only=False).astype(float) if name in more else None for name in TOLD[:2]
    )
    texts = [[text or "" for text in rows[name].to_pylist()] for name in ("agency", "source") if name in more]
    source = np.array([" ".join(parts).strip() for parts in zip(*texts, strict=True)], dtype=str) if texts else None
    return replace(_rows(rows), least=least, most=most, source=source)


def _placed(store: Store, kinds: tuple[str, ...]) -> bool:
    if not store.has("contact"):
        return False
    table = store.table("contact")
    return int(store.arrow(table.filter(table.place.notnull() & table.kind.isin(kinds)).limit(1)).num_rows) > 0


def _counted_contacts(store: Store, kinds: tuple[str, ...], options: Options, observed: Window) -> _Rows:
    """Contacts by place and whole period, counted in the engine; a place without a contact in a period counts zero."""
    table = store.table("contact")
    at_places = table.filter(table.place.notnull() & table.kind.isin(kinds))
    if options.period == "week":
        _exact_to_the_day(store, at_places)
    begins = at_places.start.truncate("W" if options.period == "week" else "M").cast("date")
    counted = at_places.group_by(unit=at_places.place, period=begins, kind=at_places.kind).agg(
        contacts=at_places.count().cast("float64")
    )
    rows = store.arrow(counted.mutate(exposure=literal(None, type="float64")).order_by("unit", "period", "kind"))
    span = store.arrow(at_places.aggregate(first=at_places.start.min(), last=at_places.start.max())).to_pylist()[0]
    known = store.arrow(store.table("place").select("place", "population")).to_pydict()
    return _rows(
        rows,
        tuple(known["place"]),
        _whole_periods(observed, span, options.period),
        dict(zip(*known.values(), strict=True)),
    )


def _exact_to_the_day(store: Store, contacts: object) -> None:
    coarse = contacts.filter(contacts.precision == "month").limit(1)  # type: ignore[attr-defined]
    if store.arrow(coarse).num_rows:
        raise Usage(
            "weeks cannot be counted from contacts whose month alone is known",
            given='period = "week"',
            allowed="month",
            next_step='write period = "month" under [comparison.options] in the protocol',
        )


def _whole_periods(observed: Window, span: dict[str, date], period: str) -> tuple[date, ...]:
    """First days of the periods that lie wholly within the observed window, in order."""
    first, last = (_day(given) or _day(seen) for given, seen in zip(observed, span.values(), strict=True))
    if first is None or last is None:
        return ()
    given_last = _day(observed[1]) is not None
    begins = _next(first - timedelta(days=1), period) if first != _begin(first, period) else first
    if _day(observed[0]) is None:
        begins = _begin(first, period)
    found = []
    while begins <= last and (not given_last or _next(begins, period) - timedelta(days=1) <= last):
        found.append(begins)
        begins = _next(begins, period)
    return tuple(found)


def _begin(day: date, period: str) -> date:
    return day - timedelta(days=day.weekday()) if period == "week" else day.replace(day=1)


def _next(day: date, period: str) -> date:
    begins = _begin(day, period)
    return begins + timedelta(days=7) if period == "week" else (begins + timedelta(days=32)).replace(day=1)


def _day(value: object) -> date | None:
    if not value:
        return None
    return date.fromisoformat(str(value)[:10])


def _some(rows: pa.Table, kinds: tuple[str, ...], table: str) -> None:
    if rows.num_rows == 0:
        raise DataProblem(
            f"the table {table!r} has none of the outcomes",
            given=", ".join(kinds),
            next_step="look at the kinds with: headwater check",
        )


def _rows(
    rows: pa.Table,
    everywhere: tuple[str, ...] = (),
    always: tuple[date, ...] = (),
    population: dict[str, float | None] | None = None,
) -> _Rows:
    unit = np.array(rows["unit"].to_pylist(), dtype=str)
    exposure = rows["exposure"].to_numpy(zero_copy_only=False).astype(float)
    period = np.array(rows["period"].to_pylist(), dtype="datetime64[D]")
    kind = np.array(rows["kind"].to_pylist(), dtype=str)
    contacts = rows["contacts"].to_numpy(zero_copy_only=False).astype(float)
    people = None
    if population and all(population.values()) and set(unit.tolist()) <= set(population):
        people = np.array([population[place] for place in sorted(everywhere)], dtype=float)
    return _Rows(unit, period, kind, contacts, exposure, everywhere, always, people)


def _panel(kind: str, rows: _Rows, problems: list[str]) -> Panel:
    of_kind = rows.kind == kind
    units = sorted(set(rows.unit[of_kind].tolist()) | set(rows.everywhere))
    periods = np.array(rows.always, dtype="datetime64[D]") if rows.always else _calendar(rows.period[of_kind])
    within = of_kind & np.isin(rows.period, periods)
    at = np.searchsorted(units, rows.unit[within]), np.searchsorted(periods, rows.period[within])
    counts = np.full((len(units), len(periods)), 0.0 if rows.always else np.nan)
    exposure = np.full_like(counts, np.nan)
    contacts = _sound(kind, rows.contacts[within], problems)
    twice = _said_twice(kind, at, contacts, counts.shape, problems)
    counts[at], exposure[at] = contacts, rows.exposure[within]
    ranges = small_cells(
        kind, counts, at, [None if part is None else part[within] for part in (rows.least, rows.most)], problems
    )
    if ranges is not None:
        counts = np.where(np.isfinite(ranges[1]), (ranges[0] + ranges[1]) / 2, counts)
    if rows.people is not None:
        exposure[:] = rows.people[:, None]
    counts[twice] = np.nan
    counts[zeros := _false_zeros(counts, counted_here=bool(rows.always))] = np.nan
    if zeros.any():
        problems.append(
            f"{kind}: {zeros.sum()} zeros in runs among series that never come near zero are taken as gaps."
        )
    exposure = _exposure(kind, counts, exposure, problems)
    least, most = (None, None) if ranges is None else (np.where(np.isnan(counts), np.nan, part) for part in ranges)
    source = None if rows.source is None else _sources(rows.source[within], at, counts.shape)
    return Panel(kind, tuple(units), tuple(str(day) for day in periods), counts, exposure, least, most, source)


def _sources(
    told: NDArray[np.str_], at: tuple[NDArray[np.intp], NDArray[np.intp]], shape: tuple[int, ...]
) -> NDArray[np.int64] | None:
    """int64[unit, period]: which source counted, −1 where none is told; None where there is but one."""
    names, numbers = np.unique(told, return_inverse=True)
    if len(names) < 2:
        return None
    found = np.full(shape, -1, dtype=np.int64)
    found[at] = np.where(told == "", -1, numbers)
    return found


def _false_zeros(counts: NDArray[np.float64], *, counted_here: bool) -> NDArray[np.bool_]:
    """bool[unit, period]: zeros that stand for a gap. Where contacts were counted here, a place without any has none;
    only when most busy places fall silent at once did nobody report."""
    zeros = zero_runs(counts)
    if counted_here and zeros.any():
        busy = np.nan_to_num(counts).mean(axis=1) >= 10
        zeros &= zeros[busy].mean(axis=0) > 0.5 if busy.any() else False
    return zeros


MOST = 0.9
"""Where this share of the rows begins a month, or ends one, the rest are strays and not other periods."""


def _regular(rows: _Rows, problems: list[str]) -> _Rows:
    """The rows on one grid of periods: months named by their last day begin with their first; what lies off the grid
    that nearly all rows share is left out and told, for one stray day would make every month one day long."""
    if not len(rows.period):
        return rows
    month = rows.period.astype("datetime64[M]")
    begins, ends = rows.period == month, rows.period + 1 == (month + 1).astype("datetime64[D]")
    if begins.mean() < MOST and ends.mean() >= MOST:
        step = _usual_step(month[ends].astype(np.int64))
        whole = "month" if step == 1 else f"{step} months"
        problems.append(
            f"The periods are named by their last day; each is taken for the whole {whole} that end{'s' * (step == 1)}"
            " then."
        )
        begun = (month + 1 - step).astype("datetime64[D]")
        return _steady(replace(rows, period=np.where(ends, begun, rows.period)), ends, problems)
    if begins.mean() >= MOST:
        step = _usual_step(month[begins].astype(np.int64))
        inside = begins & (_share_of(month.astype(np.int64), step, begins))
        return _steady(rows, inside, problems)
    day = rows.period.astype(np.int64)
    step = _usual_step(day)
    return _steady(rows, _share_of(day, step, np.ones(len(day), dtype=bool)), problems)


def _usual_step(at: NDArray[np.int64]) -> int:
    """The commonest distance between neighbouring periods."""
    steps, number = np.unique(np.diff(np.unique(at)), return_counts=True)
    return int(steps[np.argmax(number)]) if len(steps) else 1


def _share_of(at: NDArray[np.int64], step: int, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool[row]: on the grid of this step that holds most rows; all of them where no grid holds nearly all."""
    places = at % step
    main = np.bincount(places[among]).argmax()
    on: NDArray[np.bool_] = places == main
    return on if on[among].mean() >= MOST else np.ones(len(at), dtype=bool)


def _steady(rows: _Rows, kept: NDArray[np.bool_], problems: list[str]) -> _Rows:
    if kept.all():
        return rows
    odd = ", ".join(sorted(set(rows.period[~kept].astype(str).tolist()))[:3])
    problems.append(
        f"{int((~kept).sum())} counts whose period is not one of the others' ({odd}) are left out; look at their dates."
    )
    names = ("unit", "period", "kind", "contacts", "exposure", *TOLD)
    held = {name: part[kept] for name in names if (part := getattr(rows, name)) is not None}
    return replace(rows, **held)


def _calendar(seen: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """All periods from the first to the last seen, at the step the data have, so that a missing month is seen as a
    gap."""
    days = np.unique(seen)
    if len(days) < 2:
        return days
    months = days.astype("datetime64[M]")
    if (months.astype("datetime64[D]") == days).all():
        step = int(np.gcd.reduce(np.diff(months.astype(int))))
        return np.arange(months[0], months[-1] + step, step).astype("datetime64[D]")
    return np.arange(days[0], days[-1] + 1, int(np.gcd.reduce(np.diff(days.astype(int)))))


def _sound(kind: str, contacts: NDArray[np.float64], problems: list[str]) -> NDArray[np.float64]:
    wrong = contacts < 0
    if wrong.any():
        problems.append(f"{kind}: {wrong.sum()} counts below zero are taken as gaps.")
    return np.where(wrong, np.nan, contacts)


def _said_twice(
    kind: str,
    at: tuple[NDArray[np.intp], NDArray[np.intp]],
    contacts: NDArray[np.float64],
    shape: tuple[int, ...],
    problems: list[str],
) -> NDArray[np.bool_]:
    """bool[unit, period]: cells given more than once with different counts, which nobody can choose between."""
    low, high = np.full(shape, np.inf), np.full(shape, -np.inf)
    np.minimum.at(low, at, contacts)
    np.maximum.at(high, at, contacts)
    twice = low < high
    if twice.any():
        problems.append(f"{kind}: {twice.sum()} unit-periods are given twice with different counts and taken as gaps.")
    return np.asarray(twice)


def _exposure(
    kind: str, counts: NDArray[np.float64], exposure: NDArray[np.float64], problems: list[str]
) -> NDArray[np.float64]:
    """Ones where no exposure was given at all; a gap where it was given for others but not here, or is not above
    zero."""
    if np.isnan(exposure).all():
        return np.where(np.isnan(counts), np.nan, 1.0)
    known = np.where(exposure > 0, exposure, np.nan)
    constant = np.nanmax(known, axis=1, initial=-np.inf) == np.nanmin(known, axis=1, initial=np.inf)
    filled = np.where(constant[:, None] & np.isnan(known), np.nanmax(known, axis=1, keepdims=True, initial=0), known)
    lost = np.isnan(filled) & ~np.isnan(counts)
    if lost.any():
        problems.append(f"{kind}: {lost.sum()} counts without exposure, where others have it, are taken as gaps.")
        counts[lost] = np.nan
    return np.where(np.isnan(counts), np.nan, filled)
