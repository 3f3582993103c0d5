"""One outcome made ready: who is treated from when, which periods count, which donors are sound, and why the others are
not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.case_limits import around, counted_between
from headwater.evidence.places.recoding import Recoded, one_source, recodings
from headwater.evidence.places.spells import off_cells
from headwater.evidence.places.suppressed import told_apart
from headwater.stats.breaks import Break, level_shifts, relative_logs, without_season, without_steps
from headwater.stats.imputation import NEVER
from headwater.stats.spatial import nearest_metres

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Panel
    from headwater.evidence.places.options import Options
    from headwater.evidence.places.reading import Positions
    from headwater.evidence.places.spells import Spells

    Flags = NDArray[np.bool_]

SORTS = {
    "level shifts": "a break of its own",
    "missing": "gaps",
    "buffer": "in the buffer",
    "limit": "too far away",
    "source": "a change of source",
}
"""A word of a reason → what reasons of its kind are called together."""


@dataclass(frozen=True, slots=True)
class Left:
    """A unit that is no donor, and the reason by rule. `after_start`: the rule looked at outcomes after the start."""

    unit: str
    reason: str
    after_start: bool = False

    @property
    def sort(self) -> str:
        """The reason without its figures, to count by."""
        return next((sort for word, sort in SORTS.items() if word in self.reason), self.reason)


@dataclass(frozen=True, slots=True)
class Boundary:
    """A treated unit's code or bounds changed at period `at`. merged: others came in or it went into another; else a
    new code."""

    unit: str
    at: int
    text: str
    merged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Rows of `panel` by index. treated, donors: int[…]; placebos: int[…], the donors and whoever would be judged if it
    were the treated one; starts: int[unit], NEVER for the untreated; pre, post: bool[period];

    period_years: length of a period; metres: distance of each unit to the nearest treated one, NaN where unknown.
    """

    panel: Panel
    treated: NDArray[np.intp]
    donors: NDArray[np.intp]
    placebos: NDArray[np.intp]
    starts: NDArray[np.int64]
    pre: Flags
    post: Flags
    left: tuple[Left, ...]
    breaks: tuple[Break, ...]
    metres: NDArray[np.float64]
    places: Positions | None
    period_years: float
    options: Options
    seed: int
    draws: int
    level: float
    boundaries: tuple[Boundary, ...] = ()
    """Changes of the treated units' bounds that the register knows."""
    dropped: tuple[str, ...] = ()
    """Treated units left out by the rule on breaks that the protocol locked."""
    hidden: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    """float64[unit, side]: the variance of the sums of counts that are told as small alone, before and after."""
    recoded: tuple[Recoded, ...] = ()
    """Changes of source, the treated's and the others'."""
    off: Flags = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    """bool[unit, period]: cells after a unit's own start in which it is not treated, and no comparison either; empty
    where there is none."""
    usual_break: float = 0.0
    """The largest shift (log) of a treated unit's own that is no reason to withhold, as four in five of the others' are
    no larger; placebos shift as much."""
    cut: bool = False
    """Whether the start lies within a period, which is then neither before nor after."""

    @property
    def silent(self) -> bool:
        """Whether periods follow the start, and the treated are missing in all of them."""
        first = int(self.starts[self.treated].min()) if len(self.treated) else len(self.panel.periods)
        return first < len(self.panel.periods) and bool(np.isnan(self.panel.counts[self.treated][:, first:]).all())

    @property
    def around(self) -> int:
        """How many periods from the start a change may be the effect itself."""
        return around(period_days(self.panel))

    @property
    def rates(self) -> NDArray[np.float64]:
        return self.panel.counts / self.panel.exposure

    @property
    def used(self) -> Flags:
        return self.pre | self.post

    def followed(self, rows: NDArray[np.intp]) -> Flags:
        """bool[row, period]: from each unit's own start on, where it is treated."""
        begun: Flags = np.arange(len(self.panel.periods)) >= self.starts[rows][:, None]
        return begun & ~self.off[rows] if len(self.off) else begun

    @property
    def whole(self) -> Case:
        """The same without the periods in which a treated unit is missing: a sum of the others would be no sum."""
        lost = np.isnan(self.panel.counts[self.treated])
        lost = lost & ~self.off[self.treated] if len(self.off) else lost
        there: Flags = np.asarray(~lost.any(axis=0))
        return self if there[self.used].all() else replace(self, pre=self.pre & there, post=self.post & there)

    def treated_breaks(self) -> tuple[Break, ...]:
        """Breaks of the treated units' own that the start cannot explain."""
        return tuple(
            b
            for b in self.breaks
            if b.unit in self.treated
            and counted_between(np.isfinite(self.panel.counts[b.unit]), b.at, int(self.starts[b.unit])) > self.around
        )


def ready(
    panel: Panel,
    starts: Mapping[str, date],
    protocol: Protocol,
    options: Options,
    places: Positions | None,
    spells: Spells | None = None,
) -> Case:
    """The case of one outcome. `starts`: treated unit → its first day; units the panel lacks are simply not there.
    spells: treated unit → the stretches in which it was treated, where that is told."""
    days = np.array(panel.periods, dtype="datetime64[D]")
    options = seasoned(options, days)
    begun = _first_treated(panel.units, days, starts)
    treated = np.flatnonzero(begun < NEVER)
    panel, hidden = told_apart(panel, begun)
    metres = _distances(panel.units, treated, places)
    off = _off(panel, days, starts, spells or {}, protocol, options)
    breaks = breaks_of(_before(panel, off), options, begun)
    pre, post = _windows(days, begun, treated, starts, protocol, options)
    post = post & ~off[treated].all(axis=0) if len(off) and len(treated) else post
    pre, post = _without_gaps(panel, treated, pre, post)
    first = int(begun[treated].min()) if len(treated) else NEVER
    recoded = recodings(panel, treated)
    pre, post = one_source(recoded, treated, first, (pre, post))
    known = (_by_unit(breaks, pre | post), _sources(recoded, treated, pre | post), _counts_of(panel, pre, post))
    rules = _Rules(panel, metres, *known, first, protocol, options)
    rules = replace(rules, usual=rules.usual_for(treated))
    donors, placebos, left = _sorted_out(rules, treated)
    if options.max_gap and len(donors):
        whole = ~np.isnan(panel.counts[placebos]).any(axis=0)
        pre, post = pre & whole, post & whole
    years = float(np.mean(np.diff(days).astype(int))) / 365.25 if len(days) > 1 else np.nan
    cut = bool(len(treated)) and np.datetime64(min(starts[panel.units[row]] for row in treated)) not in days
    told = (left, breaks, metres, places, years, options)
    case = Case(
        panel, treated, donors, placebos, begun, pre, post, *told, protocol.seed, protocol.draws, protocol.level
    )
    return replace(case, hidden=hidden, recoded=recoded, off=off, cut=cut, usual_break=rules.usual)


def _first_treated(
    units: tuple[str, ...], days: NDArray[np.datetime64], starts: Mapping[str, date]
) -> NDArray[np.int64]:
    """int[unit]: the first period that begins on or after the unit's start. The period a start falls into is
    neither."""
    found = np.full(len(units), NEVER, dtype=np.int64)
    for row, unit in enumerate(units):
        if unit in starts:
            found[row] = np.searchsorted(days, np.datetime64(starts[unit]))
    return found


def _off(
    panel: Panel,
    days: NDArray[np.datetime64],
    starts: Mapping[str, date],
    spells: Spells,
    protocol: Protocol,
    options: Options,
) -> Flags:
    """The cells after a unit's start in which it is not treated; empty where there is none. In a stepped wedge
    everybody is followed to the end of the wedge, and where the protocol says how many periods to follow, for these:
    only what ended is off then.
    """
    given = {unit: spells.get(unit) or ((day, None),) for unit, day in starts.items()}
    own = protocol.comparison.method != "stepped-wedge" and not options.post_periods
    off = off_cells(panel.units, days, _first_treated(panel.units, days, starts), given, protocol, own=own)
    return off if off.any() else np.zeros((0, 0), dtype=bool)


def _before(panel: Panel, off: Flags) -> Panel:
    """The panel without cells in which a unit is not treated any more: the return to the old level is no break of its
    series."""
    return replace(panel, counts=np.where(off, np.nan, panel.counts)) if len(off) else panel


def period_days(panel: Panel) -> float:
    """How long a period usually is."""
    days = np.array(panel.periods, dtype="datetime64[D]")
    return float(np.median(np.diff(days).astype(int))) if len(days) > 1 else 30.0


LENGTHS = ((3.0, 7), (20.0, 52), (60.0, 12), (200.0, 4))
"""Days up to which a period is a day, a week, a month or a quarter → periods after which the calendar comes round
(days: a week)."""
FEWEST_SHARED = 5
"""Untreated units whose middle says what all share; with fewer all units' does."""
SHORTEST_WINDOW = 8
"""Periods on each side of a break that are compared, where a year has fewer."""


def seasoned(options: Options, days: NDArray[np.datetime64]) -> Options:
    """The options with the season that the length of the periods says, where the protocol leaves it open."""
    if options.season:
        return options
    step = float(np.median(np.diff(days).astype(int))) if len(days) > 1 else 30.0
    return replace(options, season=next((season for longest, season in LENGTHS if step <= longest), 1))


def breaks_of(panel: Panel, options: Options, begun: NDArray[np.int64]) -> tuple[Break, ...]:
    """Level shifts of all units. begun: int[unit], the first treated period: a treated unit's step there is taken out
    before others are sought, or the finder puts a true effect months early or late and takes it for a break of the
    unit's own.
    """
    if not options.screen_breaks or len(panel.periods) < 8 or len(panel.units) < 3:
        return ()
    window, limit = max(options.season, SHORTEST_WINDOW), float(np.log1p(options.break_limit))
    chance = 1 / np.sqrt(np.maximum(np.nan_to_num(panel.counts).mean(axis=1), 0.25))
    rates = panel.counts / panel.exposure
    # What most of the treated do at once is no part of what all share, or the others would seem to break against it.
    others = np.flatnonzero(begun == NEVER)
    among = others if len(others) >= FEWEST_SHARED else np.arange(len(begun))

    def sought(given: NDArray[np.float64], rows: NDArray[np.intp]) -> list[Break]:
        logs = without_season(relative_logs(given, among), options.season)[rows]
        return [replace(b, unit=int(rows[b.unit])) for b in level_shifts(logs, limit, window, chance=chance[rows])]

    there, near = np.isfinite(panel.counts), around(period_days(panel))

    def at_start(b: Break) -> bool:
        return counted_between(there[b.unit], b.at, int(begun[b.unit])) <= near

    found, treated = sought(rates, np.arange(len(rates))), np.flatnonzero(begun < NEVER)
    if not len(treated):
        return tuple(found)
    # What stands at the start is told as it is; it is not held against the treated.
    kept = [b for b in found if begun[b.unit] == NEVER or at_start(b)]
    kept += [b for b in sought(without_steps(rates, begun, window, among), treated) if not at_start(b)]
    return tuple(sorted(kept, key=lambda b: (b.unit, b.at)))


def _windows(
    days: NDArray[np.datetime64],
    begun: NDArray[np.int64],
    treated: NDArray[np.intp],
    starts: Mapping[str, date],
    protocol: Protocol,
    options: Options,
) -> tuple[Flags, Flags]:
    """bool[period] each: before the first start, and from the first start to the end of follow-up.

    The period that holds the first start, where it does not begin with it, is in neither: a month cannot be cut.
    """
    first = min(starts.values(), default=protocol.start)
    last = max(starts.values(), default=protocol.start) + timedelta(days=protocol.follow_up_days)
    opens = int(begun[treated].min()) if len(treated) else int(np.searchsorted(days, np.datetime64(first)))
    ends = np.r_[days[1:], days[-1:] + (days[-1:] - days[-2:-1] if len(days) > 1 else np.timedelta64(1, "D"))]
    pre = ends <= np.datetime64(first)
    post = (np.arange(len(days)) >= opens) & (days < np.datetime64(last))
    if options.post_periods:
        post = (np.arange(len(days)) >= opens) & (np.arange(len(days)) < opens + options.post_periods)
    pre &= ends > np.datetime64(first) - np.timedelta64(protocol.history_days, "D")
    if options.pre_periods:
        pre &= np.cumsum(pre) > pre.sum() - options.pre_periods
    return pre, post


def _without_gaps(panel: Panel, treated: NDArray[np.intp], pre: Flags, post: Flags) -> tuple[Flags, Flags]:
    """Periods in which more than half of the treated, or of all units, are missing count for nobody: a gap stays a gap.

    Designs that count unit by unit leave out the missing cells of the others; those that need a sum take `whole`
    periods.
    """
    gap = np.isnan(panel.counts)
    ours = gap[treated].mean(axis=0) <= 0.5 if len(treated) else True
    there = ours & (gap.mean(axis=0) <= 0.5)
    return pre & there, post & there


def _distances(units: tuple[str, ...], treated: NDArray[np.intp], places: Positions | None) -> NDArray[np.float64]:
    if places is None or not len(treated):
        return np.full(len(units), np.nan)
    return nearest_metres(places.metres, places.metres[treated])


def _by_unit(breaks: tuple[Break, ...], used: Flags) -> dict[int, list[Break]]:
    """The breaks within the window that is used, by row."""
    window = np.flatnonzero(used)
    found: dict[int, list[Break]] = {}
    for b in breaks:
        if len(window) and window[0] < b.at <= window[-1]:
            found.setdefault(b.unit, []).append(b)
    return found


def _sources(changes: tuple[Recoded, ...], treated: NDArray[np.intp], used: Flags) -> dict[int, int]:
    """Row → period of a change of source within the window that the treated do not share."""
    ours = {one.at for one in changes if one.unit in treated}
    return {one.unit: one.at for one in changes if used[one.at] and one.at not in ours and not one.shared}


def _sorted_out(
    rules: _Rules, treated: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], tuple[Left, ...]]:
    """The donors, the placebos, and who is left out and why."""
    left, donors, placebos = [], [], []
    for row in np.setdiff1d(np.arange(len(rules.panel.units)), treated).tolist():
        reason = rules.against(row)
        left.append(reason) if reason else donors.append(row)
        if not reason or rules.judged_if_treated(row):
            placebos.append(row)
    return np.array(donors, dtype=np.intp), np.array(placebos, dtype=np.intp), tuple(left)


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """Of each unit: missing periods within the window, whether any comes after the start, contacts before it; `opens`
    is the first period after the pre-period. Counted for all at once: a small country has 35,000 areas."""

    missing: NDArray[np.int64]
    late: Flags
    before: NDArray[np.float64]
    opens: int


def _counts_of(panel: Panel, pre: Flags, post: Flags) -> _Counted:
    gap = np.isnan(panel.counts)
    before = np.where(gap, 0.0, panel.counts)[:, pre].sum(axis=1)
    opens = int(np.flatnonzero(pre)[-1]) + 1 if pre.any() else 0
    late = gap[:, post].sum(axis=1) > 0
    return _Counted(gap[:, pre | post].sum(axis=1), late, before, opens)


USUAL, FEWEST_USUAL = 0.8, 20
"""The share of the untreated that shift by no more than what is usual; of fewer than twenty no such share is told."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rules:
    """The rules that make a unit no donor, in the order they are asked; the first that speaks is the reason given."""

    panel: Panel
    metres: NDArray[np.float64]
    breaks: dict[int, list[Break]]
    sources: dict[int, int]
    counted: _Counted
    first: int
    protocol: Protocol
    options: Options
    usual: float = 0.0

    def usual_for(self, treated: NDArray[np.intp]) -> float:
        """The shift (log) that four in five of the untreated do not exceed within the window: where all drift, a shift
        as they have says nothing against one of them. Of several treated some may shift more, if no more of them do
        than of the others.
        """
        if len(treated) > 1:
            return float("inf")
        others = np.setdiff1d(np.arange(len(self.panel.units)), treated)
        sizes = [self._largest(row) for row in others.tolist() if self._barred(row) is None]
        return float(np.quantile(sizes, USUAL, method="lower")) if len(sizes) >= FEWEST_USUAL else 0.0

    def _largest(self, row: int) -> float:
        return max((abs(b.shift) for b in self.breaks.get(row, ()) if not self._near_start(row, b)), default=0.0)

    def _near_start(self, row: int, b: Break) -> bool:
        there = np.isfinite(self.panel.counts[row])
        return counted_between(there, b.at, self.first) <= around(period_days(self.panel))

    def against(self, row: int) -> Left | None:
        return self._barred(row) or self._broken(row)

    def _barred(self, row: int) -> Left | None:
        unit = self.panel.units[row]
        plan = self.protocol.comparison
        if unit in plan.excluded:
            return Left(unit, "excluded by the protocol")
        if plan.donors and unit not in plan.donors:
            return Left(unit, "not among the protocol's donors")
        return self._too_near(row) or self._gaps(row) or self._recoded(row) or self._empty(row)

    def _recoded(self, row: int) -> Left | None:
        at = self.sources.get(row)
        return None if at is None else Left(self.panel.units[row], f"its source changes at {self.panel.periods[at]}")

    def judged_if_treated(self, row: int) -> bool:
        """A break around the start would not be held against the treated, so whoever has one belongs to those it is
        judged among. Without them a treated series that breaks there by chance meets placebos of which none could: on
        real series where nothing was done, intervals of 95 % then held the truth in 89 %. So do those whose shifts are
        usual.
        """
        return self._largest(row) <= self.usual and self._barred(row) is None

    def _too_near(self, row: int) -> Left | None:
        unit, metres, near, far = (
            self.panel.units[row],
            self.metres[row],
            self.options.buffer_metres,
            self.options.outer_metres,
        )
        if near and metres <= near:
            return Left(unit, f"in the buffer, {metres:.0f} metres from a treated place")
        if far and metres > far:
            return Left(unit, f"{metres:.0f} metres from every treated place, over the limit")
        return Left(unit, "its position is not known") if (near or far) and np.isnan(metres) else None

    def _gaps(self, row: int) -> Left | None:
        missing = int(self.counted.missing[row])
        if missing <= self.options.max_gap:
            return None
        return Left(
            self.panel.units[row],
            f"{missing} period{'' if missing == 1 else 's'} missing",
            bool(self.counted.late[row]),
        )

    def _empty(self, row: int) -> Left | None:
        nothing = not self.counted.before[row]
        return Left(self.panel.units[row], "no contacts before the start") if nothing else None

    def _broken(self, row: int) -> Left | None:
        own = self.breaks.get(row)
        if not own:
            return None
        worst = max(own, key=lambda b: abs(b.shift))
        when, change = self.panel.periods[worst.at], np.expm1(worst.shift)
        after = all(b.at >= self.counted.opens for b in own)
        return Left(self.panel.units[row], f"its level shifts by {change:+.0%} at {when}", after)
