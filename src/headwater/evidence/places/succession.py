"""Registers in time: the series of bodies that ended are joined under what they became, and what that does to the
treated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Panel
from headwater.evidence.places.case import Boundary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case
    from headwater.store import Store

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Life:
    """A body as the register has it: its days, and what it became."""

    start: date | None = None
    end: date | None = None
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A boundary change of a treated unit (under the name it is judged by), on the day a body ended."""

    unit: str
    day: date
    text: str
    merged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """The panels with bodies joined, treated unit → first day under the names that are left, and the treated's
    changes."""

    panels: dict[str, Panel]
    starts: dict[str, date]
    changes: tuple[Change, ...]
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kin:
    """Bodies that became one another. name: what their joined series is called; until: the day from which the treated
    part can no longer be seen apart, None where they are joined throughout."""

    members: tuple[str, ...]
    name: str
    treated: bool
    until: date | None = None


def register(store: Store) -> dict[str, Life]:
    """Organisation → its days and successors; empty where the store has no register."""
    if not store.has("organisation"):
        return {}
    rows = store.arrow(store.table("organisation").select("organisation", "start", "end", "successor")).to_pylist()
    return {
        row["organisation"]: Life(row["start"], row["end"], tuple(_codes(row["successor"])))
        for row in rows
        if row["start"] or row["end"] or row["successor"]
    }


def _codes(text: str | None) -> Iterable[str]:
    return (part.strip() for part in (text or "").split(",") if part.strip())


def joined(panels: dict[str, Panel], starts: Mapping[str, date], lives: Mapping[str, Life]) -> Joined:
    """Every panel with the series of predecessors added to their successors', where all that was there was treated or
    nothing was. Where a treated body went together with an untreated one after its start, it is followed until then.
    """
    lives = _as_counted(lives, panels)
    known = {unit for panel in panels.values() for unit in panel.units} | set(starts)
    kin = [_kin(members, starts, lives) for members in _families(known, lives)]
    if not kin:
        return Joined(panels, dict(starts), ())
    names = {member: one.name for one in kin for member in one.members}
    begun: dict[str, date] = {}
    for unit, day in starts.items():
        name = names.get(unit, unit)
        begun[name] = min(day, begun.get(name, day))
    changes = [change for one in kin if one.treated for change in _changes(one, starts, lives)]
    made = {kind: _panel(panel, kin, lives) for kind, panel in panels.items()}
    count = sum(not one.treated for one in kin)
    said = (f"{count} untreated bodies changed their code or bounds; the series of predecessors are joined to theirs.",)
    return Joined(made, begun, tuple(changes), said if count else ())


def _as_counted(lives: Mapping[str, Life], panels: Mapping[str, Panel]) -> dict[str, Life]:
    """The register with the days it leaves out taken from the counts, where these begin or end within the panel: a
    successor began with its first count, and a body that has a successor ended with its last."""
    heirs = {after for life in lives.values() for after in life.successors}
    found = dict(lives)
    for code in sorted({*heirs, *lives}):
        life = found.get(code, Life())
        opens, closes = _counted_span(code, panels)
        if code in heirs and life.start is None and opens is not None:
            found[code] = replace(life, start=opens)
        if life.successors and life.end is None and closes is not None:
            found[code] = replace(found[code], end=closes)
    return found


def _counted_span(code: str, panels: Mapping[str, Panel]) -> tuple[date | None, date | None]:
    """The day of a body's first count and the last day of its last one; None where they are the panel's own edges, or
    it has none."""
    opens, closes = [], []
    for panel in panels.values():
        if code not in panel.units:
            continue
        at = np.flatnonzero(np.isfinite(panel.counts[panel.units.index(code)]))
        if len(at):
            opens.append(date.fromisoformat(panel.periods[at[0]]) if at[0] else None)
            last = at[-1] + 1 < len(panel.periods)
            closes.append(date.fromisoformat(panel.periods[at[-1] + 1]) - timedelta(days=1) if last else None)
    if not opens or None in opens:
        return None, (None if not closes or None in closes else max(day for day in closes if day))
    return min(day for day in opens if day), (None if None in closes else max(day for day in closes if day))


def bounded(case: Case, changes: tuple[Change, ...]) -> Case:
    """The case with its treated units' changes by period."""
    days = np.array(case.panel.periods, dtype="datetime64[D]")
    units = {case.panel.units[row] for row in case.treated}
    at = tuple(
        Boundary(c.unit, int(np.searchsorted(days, np.datetime64(c.day + timedelta(days=1)))), c.text, c.merged)
        for c in changes
        if c.unit in units
    )
    return replace(case, boundaries=at) if at else case


def _families(known: set[str], lives: Mapping[str, Life]) -> list[tuple[str, ...]]:
    """Sets of bodies linked by succession, of which two at least are in the data or treated; in order of their
    names."""
    root = {code: code for code in {*known, *lives}}

    def top(code: str) -> str:
        while root.setdefault(code, code) != code:
            code = root[code]
        return code

    for code, life in lives.items():
        for after in life.successors:
            root[top(code)] = top(after)
    groups: dict[str, list[str]] = {}
    for code in sorted(root):
        groups.setdefault(top(code), []).append(code)
    return [tuple(group) for group in groups.values() if len(group) > 1 and len(known & set(group)) > 0]


def _kin(members: tuple[str, ...], starts: Mapping[str, date], lives: Mapping[str, Life]) -> _Kin:
    treated = [code for code in members if code in starts]
    if not treated:
        living = [code for code in members if lives.get(code, Life()).end is None]
        return _Kin(members, living[0] if len(living) == 1 else members[0], False)
    first = min(starts[code] for code in treated)
    others = [code for code in members if code not in starts and _alive(lives.get(code, Life()), first)]
    if not others:
        return _Kin(members, treated[0], True)
    # The first day on which a treated body and an untreated one of the start go together.
    ends = [life.end for code in members if (life := lives.get(code, Life())).end and life.end >= first]
    return _Kin(members, treated[0], True, min(ends, default=None))


def _alive(life: Life, day: date) -> bool:
    return (life.start is None or life.start <= day) and (life.end is None or life.end >= day)


def _changes(kin: _Kin, starts: Mapping[str, date], lives: Mapping[str, Life]) -> Iterable[Change]:
    for code in kin.members:
        life = lives.get(code, Life())
        if life.end is None or not life.successors:
            continue
        after = ", ".join(life.successors)
        text = (
            f"{code} ended on {life.end}; its successor is {after}"
            if len(life.successors) == 1
            else (f"{code} ended on {life.end}; its successors are {after}")
        )
        if kin.until is not None and life.end >= min(starts[u] for u in starts if u in kin.members):
            text += ", of which a part only was treated: followed until then"
        yield Change(kin.name, life.end, text, not _renamed(code, life, lives))


def _renamed(code: str, life: Life, lives: Mapping[str, Life]) -> bool:
    """Whether one body went on alone under another code: a single successor, which nobody else became and which had not
    lived."""
    if len(life.successors) != 1 or life.end is None:
        return False
    after = life.successors[0]
    alone = not any(after in other.successors for name, other in lives.items() if name != code)
    start = lives.get(after, Life()).start
    return alone and start is not None and start >= life.end


def _panel(panel: Panel, kin: list[_Kin], lives: Mapping[str, Life]) -> Panel:
    rows = dict(zip(panel.units, range(len(panel.units)), strict=True))
    gone = {member for one in kin for member in one.members}
    units = [unit for unit in panel.units if unit not in gone]
    parts = [[part[rows[unit]] for unit in units] for part in _parts(panel)]
    for one in kin:
        here = [member for member in one.members if member in rows]
        if not here:
            continue
        made = _sum(panel, here, rows, lives) if one.until is None else _until(panel, one, rows)
        units.append(one.name)
        for part, row in zip(parts, made, strict=True):
            part.append(row)
    order = np.argsort(np.array(units))
    counts, exposure, least, most, source = (np.array(part)[order] for part in parts)
    return Panel(
        panel.kind,
        tuple(units[k] for k in order),
        panel.periods,
        counts,
        exposure,
        least if panel.least is not None else None,
        most if panel.most is not None else None,
        source.astype(np.int64) if panel.source is not None else None,
    )


def _parts(panel: Panel) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Counts, exposure, the ranges of small counts and the sources, all float64[unit, period]; what was not given as
    nothing told."""
    untold = np.full(panel.counts.shape, np.nan)
    source = np.full(panel.counts.shape, -1.0) if panel.source is None else panel.source.astype(float)
    ranges = [untold if part is None else part for part in (panel.least, panel.most)]
    return panel.counts, panel.exposure, ranges[0], ranges[1], source


def _until(panel: Panel, kin: _Kin, rows: Mapping[str, int]) -> tuple[Floats, ...]:
    """The treated body alone, as long as it can be seen apart."""
    days = np.array(panel.periods, dtype="datetime64[D]")
    apart = np.r_[days[1:], days[-1:] + np.timedelta64(1, "D")] <= np.datetime64(kin.until) + np.timedelta64(1, "D")
    row = rows.get(kin.name)
    nothing = np.full(len(days), np.nan)
    if row is None:
        return nothing, nothing, nothing, nothing, np.full(len(days), -1.0)
    *parts, source = (part[row] for part in _parts(panel))
    return *(np.where(apart, part, np.nan) for part in parts), source


def _sum(panel: Panel, members: list[str], rows: Mapping[str, int], lives: Mapping[str, Life]) -> tuple[Floats, ...]:
    """Counts, exposure and ranges of all members together; a gap where one of them should be there and is not."""
    days = np.array(panel.periods, dtype="datetime64[D]")
    counts, exposure = panel.counts[[rows[m] for m in members]], panel.exposure[[rows[m] for m in members]]
    there = np.isfinite(counts)
    due = np.stack([_due(there[k], lives.get(m, Life()), days) for k, m in enumerate(members)])
    gap = (due & ~there).any(axis=0) | ~there.any(axis=0)
    plain = bool((exposure[there] == 1.0).all())
    people = np.ones(len(days)) if plain else np.where(there, exposure, 0.0).sum(axis=0)
    y = np.where(there, counts, 0.0).sum(axis=0)
    least, most, source = (part[[rows[m] for m in members]] for part in _parts(panel)[2:])
    hidden = np.isfinite(most).any(axis=0) & ~gap
    ends = [
        np.where(hidden, np.where(there, np.where(np.isfinite(end), end, counts), 0.0).sum(axis=0), np.nan)
        for end in (least, most)
    ]
    # A body that goes on under another code may be counted by another system: told apart only where one of them counts
    # at a time.
    told = np.where((source >= 0).sum(axis=0) == 1, source.max(axis=0), -1.0)
    return np.where(gap, np.nan, y), np.where(gap, np.nan, people), *ends, told


def _due(there: NDArray[np.bool_], life: Life, days: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """bool[period]: where a member should have been counted: from its first to its last count, and as long as the
    register lets it live, less the period in which it began or ended."""
    at = np.flatnonzero(there)
    if not len(at):
        return np.zeros(len(days), dtype=bool)
    span = (np.arange(len(days)) >= at[0]) & (np.arange(len(days)) <= at[-1])
    ends = np.r_[days[1:], days[-1:] + np.timedelta64(1, "D")]
    lived = np.ones(len(days), dtype=bool)
    if life.start is not None:
        lived &= days >= np.datetime64(life.start)
    if life.end is not None:
        lived &= ends <= np.datetime64(life.end) + np.timedelta64(1, "D")
    return np.asarray(span | (lived & (life.end is not None)))
