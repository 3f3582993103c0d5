"""The numbers behind the figures of a place evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.release import FigureData
from headwater.evidence.checks.place_spillover import around, quotient_of
from headwater.evidence.places.alike import as_compared
from headwater.evidence.places.designs import estimated

if TYPE_CHECKING:
    from headwater.domain.release import Mark
    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit

PLACEBOS = 60
"""More grey lines than this hide each other."""
BROKEN = 60
"""Rows of a break map; more would not fit a page."""


def figures_of(cases: tuple[Case, ...], fits: tuple[Fit, ...], main: int, method: str) -> tuple[FigureData, ...]:
    """Series and gaps of every outcome; donors, breaks, map and displacement of the primary one."""
    every = [figure for case, fit in zip(cases, fits, strict=True) for figure in (series(case, fit), gap(case, fit))]
    case, fit = cases[main], fits[main]
    told = as_compared(case, fit)
    one = [donors(told, fit), break_map(told), street_map(told), displacement(case, fit, method)]
    return tuple(figure for figure in (*every, *one) if figure is not None and figure.rows)


def series(case: Case, fit: Fit) -> FigureData:
    """Observed and expected counts, with the interval after the start."""
    low, high = _band(fit, case.level)
    used = np.flatnonzero(np.isfinite(fit.observed))
    rows = tuple(
        (
            case.panel.periods[t],
            float(fit.observed[t]),
            _cell(fit.expected[t]),
            _cell(low[t]),
            _cell(high[t]),
            "after" if fit.post[t] else "before" if fit.pre[t] else "between",
            begun(case),
        )
        for t in used
    )
    kind = case.panel.kind
    return FigureData(
        f"series-{kind}",
        "series",
        _series_title(kind, fit),
        f"Observed {kind} of the treated and what the comparison expects, period by period.",
        ("period", "observed", "expected", "low", "high", "when", "start"),
        rows,
        ("observed", "expected", "low", "high"),
    )


def _series_title(kind: str, fit: Fit) -> str:
    if not np.isfinite(fit.expected[fit.post]).any():
        return f"{kind}: there is no comparison to set beside it"
    off = fit.ratio - 1
    if abs(off) < 0.0005:
        return f"{kind} stood where the comparison expects"
    return f"{kind} stood {abs(off):.1%} {'below' if off < 0 else 'above'} what the comparison expects"


def gap(case: Case, fit: Fit) -> FigureData | None:
    """The gap of the treated (series 'treated') among those of the placebos ('placebo-1' …), per cent of the
    expected."""
    if not len(fit.gaps):
        return None
    own = fit.observed / fit.expected - 1
    used = np.flatnonzero(np.isfinite(own))
    lines = [("treated", own), *((f"placebo-{at}", row) for at, row in enumerate(fit.gaps[:PLACEBOS], 1))]
    axis, first = "Observed above expected, %", begun(case)
    rows = tuple((name, case.panel.periods[t], _cell(100 * row[t]), axis, first) for name, row in lines for t in used)
    title = f"{case.panel.kind}: an effect as large among those untreated: p = {fit.p:.3f}"
    return FigureData(
        f"gap-{case.panel.kind}",
        "gap",
        title,
        "The gap between observed and expected, treated among placebos.",
        ("series", "period", "gap", "measure", "start"),
        rows,
    )


def begun(case: Case) -> str:
    """The first period that is treated anywhere; a start within a period begins with the next."""
    first = int(case.starts[case.treated].min()) if len(case.treated) else len(case.panel.periods)
    return case.panel.periods[first] if first < len(case.panel.periods) else ""


def donors(case: Case, fit: Fit) -> FigureData:
    """Weights of the donors, then those left out with the reason; where all count alike, how many are left and why."""
    heavy = sorted(fit.weights.items(), key=lambda item: (-item[1], item[0]))
    if not heavy or heavy[0][1] - heavy[-1][1] < 1e-9:
        return _alike(case)
    rows: list[tuple[Mark, ...]] = [(case.panel.units[row], weight, "donor", "") for row, weight in heavy]
    rows += [
        (left.unit, 0.0, "left out", left.reason + (" (seen after the start)" if left.after_start else ""))
        for left in case.left
    ]
    return FigureData(
        "donors",
        "donors",
        f"{len(heavy)} donors make the comparison; {len(case.left)} were left out by rule",
        "Donor weights, and who was left out and why.",
        ("unit", "weight", "part", "reason"),
        tuple(rows),
    )


NAMED = 30
"""Names in a cell of a table; more are counted."""


def _alike(case: Case) -> FigureData:
    """From all untreated units, by the reasons for leaving some out, to those that count alike."""
    sorts: dict[str, list[str]] = {}
    for left in case.left:
        sorts.setdefault(left.sort, []).append(left.unit)
    alike = [case.panel.units[row] for row in case.donors.tolist()]
    rows: list[tuple[Mark, ...]] = [("all untreated", len(alike) + len(case.left), "step", "units", "")]
    rows += [(why, -len(units), "step", "units", _names(units)) for why, units in sorted(sorts.items())]
    rows.append(("compared with", len(alike), "total", "units", _names(alike)))
    return FigureData(
        "donors",
        "waterfall",
        f"All {len(alike)} donors count alike; {len(case.left)} were left out by rule",
        "How many untreated units are compared with, and how many were left out and why.",
        ("label", "value", "role", "measure", "which"),
        tuple(rows),
    )


def _names(units: list[str]) -> str:
    more = f" and {len(units) - NAMED} more" if len(units) > NAMED else ""
    return ", ".join(sorted(units)[:NAMED]) + more


def break_map(case: Case) -> FigureData:
    """Every break and gap found, in whose series, before or after the start; what most units share is one row of its
    own."""
    first = int(np.flatnonzero(case.post)[0]) if case.post.any() else len(case.panel.periods)
    part = {int(row): "treated" for row in case.treated} | {int(row): "donor" for row in case.donors}
    shown = _most_broken(case)

    def row(unit: str, t: int, what: str, shift: float | None, whose: str) -> tuple[Mark, ...]:
        return unit, case.panel.periods[t], what, shift, "after" if t >= first else "before", whose, begun(case)

    shared = np.flatnonzero(np.isnan(case.panel.counts).mean(axis=0) > 0.5)
    rows = [row("Most series", t, "gap", None, "all") for t in shared.tolist()]
    rows += [
        row(case.panel.units[b.unit], b.at, "break", float(np.expm1(b.shift)), part.get(b.unit, "left out"))
        for b in case.breaks
        if b.unit in shown
    ]
    gaps = np.argwhere(np.isnan(case.panel.counts) & case.used)
    rows += [row(case.panel.units[u], t, "gap", None, part.get(u, "left out")) for u, t in gaps.tolist() if u in shown]
    rows.sort(key=lambda cells: (cells[5] != "all", cells[5] != "treated", cells[0], cells[1]))
    units = len({b.unit for b in case.breaks} | set(gaps[:, 0].tolist()))
    title = f"{len(case.breaks)} level shifts found over {len(case.panel.units)} series"
    title += f"; the {len(shown)} series with the most are shown, of {units}" if units > len(shown) else ""
    return FigureData(
        "break-map",
        "break-map",
        title,
        "Which series break or are missing, and when.",
        ("unit", "period", "what", "shift", "when", "part", "start"),
        tuple(rows),
    )


def _most_broken(case: Case) -> set[int]:
    """The rows that have room on a map: the treated first, then those with the largest shifts, then those with gaps."""
    size = np.isnan(case.panel.counts[:, case.used]).sum(axis=1) * 1e-6
    for b in case.breaks:
        size[b.unit] = max(size[b.unit], abs(b.shift))
    size[case.treated] += 1e3 * (size[case.treated] > 0)
    order = np.argsort(-size, kind="stable")[:BROKEN]
    return {int(u) for u in order if size[u] > 0}


def street_map(case: Case) -> FigureData | None:
    """Where treated, buffer, comparison and other places lie."""
    if case.places is None:
        return None
    donors, treated = set(case.donors.tolist()), set(case.treated.tolist())
    near = case.options.buffer_metres
    parts = [
        (
            "treated"
            if row in treated
            else "comparison"
            if row in donors
            else "buffer"
            if case.metres[row] <= near
            else "other"
        )
        for row in range(len(case.panel.units))
    ]
    rows = tuple(
        (unit, float(x), float(y), part)
        for unit, (x, y), part in zip(case.panel.units, case.places.metres, parts, strict=True)
        if np.isfinite(x) and np.isfinite(y)
    )
    title = f"{len(treated)} treated places, {parts.count('buffer')} in the buffer, {len(donors)} for comparison"
    return FigureData("street-map", "street-map", title, title, ("place", "easting", "northing", "part"), rows)


def displacement(case: Case, fit: Fit, method: str) -> FigureData | None:
    """Before, after and expected for the treated places and the buffer, with the net of both."""
    ring = around(case)
    if ring is None or fit.drawn is None:
        return None
    beside = estimated(ring, method)
    if beside.drawn is None:
        return None
    rows = [_moved("treated", case, fit), _moved("buffer", ring, beside)]
    quotient = quotient_of(case, fit, beside)
    net = float(rows[0][4] or 0) + float(rows[1][4] or 0)
    rows.append(("net", None, None, None, net, None, None, None))
    title = (
        f"{abs(net):,.0f} {'fewer' if net > 0 else 'more'} contacts in treated places and those around them"
        f" together{_next_door(quotient)}"
    )
    return FigureData(
        "displacement",
        "displacement",
        title,
        "Contacts observed, expected and averted in treated places and in the buffer around them.",
        ("part", "places", "observed", "expected", "averted", "ratio", "low", "high"),
        tuple(rows),
        ("observed", "expected", "averted"),
    )


def _next_door(quotient: float) -> str:
    """The weighted displacement quotient in words: −1 is all of it moved next door, above 0 the places around gained
    too."""
    if np.isnan(quotient) or abs(quotient) < 0.005:
        return ""
    if quotient > 0:
        return "; those around gained too"
    return f"; a rise next door takes back {'all' if quotient <= -1 else f'{-quotient:.0%}'} of the fall"


def _moved(part: str, case: Case, fit: Fit) -> tuple[Mark, ...]:
    held = fit.ratio_interval(case.level)
    seen, expected = float(np.nansum(fit.observed[fit.post])), float(np.nansum(fit.expected[fit.post]))
    low, high = (held.low, held.high) if held else (None, None)
    return (part, len(case.treated), seen, expected, expected - seen, fit.ratio, low, high)


def _band(fit: Fit, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Pointwise interval of the expected counts, after the start only."""
    nothing = np.full(fit.observed.shape, np.nan)
    if fit.drawn is None:
        return nothing, nothing
    low, high = nothing.copy(), nothing.copy()
    tail = (1 - level) / 2
    low[fit.post], high[fit.post] = np.quantile(fit.drawn[:, fit.post], (tail, 1 - tail), axis=0)
    return low, high


def _cell(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
