"""Were the places chosen at a peak, from which they would have come down by themselves?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from headwater.domain.collaboration import Choice
from headwater.domain.evidence import Check
from headwater.evidence.places.fit import said_periods
from headwater.evidence.places.peak import by_level, ground, too_short
from headwater.stats.peaks import Rule, excess, likeness, place_moments, regressed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.checks.place_judged import Judged
    from headwater.evidence.places.peak import Ground

NAME = "selection-at-a-peak"
WINDOWS = (1, 2, 3, 6, 12, 24)
FEWEST = 3
"""Fewer treated places cannot be told from any other few that happen to be busy; their own longer run alone speaks."""
GROUPS = 200
SURE = 2.8
"""Standard errors beyond which a level before the start is no accident (one in two hundred, over some windows)."""
WRITE = "say in [selection] how the places were chosen"


@dataclass(frozen=True, slots=True)
class _Run:
    """The treated's level before the start against their own longer run. bias: log, what of it an average before the
    start carries; z: in standard errors of drawn groups of as many others; error: of the bias."""

    recent: int
    bias: float
    z: float
    error: float


def selection(judged: Judged) -> Check:
    """`figure`: by which ratio the treated would come down by themselves; `limit`: half the smallest fall worth
    having."""
    limit = judged.outcome.smallest / 2
    if by_level(judged.protocol):
        return _by_rule(judged, limit)
    base = ground(judged.case, past=True)
    if base is None:
        return Check(
            NAME,
            None,
            "No treated place is counted in every period before the start, so that a peak there cannot be looked for.",
        )
    busy = _busiest(base, judged, limit)
    return busy if busy is not None else _own_run(base, judged, limit)


def _by_rule(judged: Judged, limit: float) -> Check:
    found = judged.fit.peak
    if found is None:
        return Check(NAME, False, f"The places were chosen for being busy, and {judged.fit.problem}.", limit=limit)
    off = np.exp(found.shams) if len(found.shams) else np.array([1.0])
    text = (
        f"At {found.moments} earlier moments the same rule chose places that came to stand at {found.fall:.3f} of what"
        " their level would have given; the comparison takes that into account"
    )
    told = f"; moments judged by others came out at {off.min():.3f} to {off.max():.3f}" if len(found.shams) else ""
    return Check(NAME, True, f"{text}{told}.", found.fall, limit=limit)


def _busiest(base: Ground, judged: Judged, limit: float) -> Check | None:
    """The treated are the busiest of some last periods: what such a choice led to earlier decides. None where they are
    not."""
    windows = [k for k in dict.fromkeys((*WINDOWS, base.now)) if k <= base.now]
    alike = {k: likeness(base.rates[:, base.now - k : base.now].sum(axis=1), base.treated) for k in windows}
    number, among = int(base.treated.sum()), len(base.treated)
    best = max(alike, key=lambda k: (alike[k], -k))
    chance = float(stats.hypergeom.sf(round(alike[best] * number) - 1, among, number, number))
    if number < FEWEST or alike[best] < 0.5 or chance > 0.001:
        return None
    said = f"{round(alike[best] * number)} of the {number} treated are the busiest of the last {said_periods(best)}"
    moments = place_moments(base.rates, Rule(best, number), base.now, base.gap, base.after, base.treated)
    if moments is None:
        return Check(
            NAME, False, f"{said}: they look chosen for it, and {too_short(best, base)}.", alike[best], limit=limit
        )
    fall = regressed(moments, 200, judged.case.seed, base.after).fall
    small = abs(np.log(fall)) <= -np.log(1 - limit)
    return Check(
        NAME,
        bool(small),
        f"{said}; places so chosen at {moments.number} earlier moments came to stand at {fall:.3f} of what their level"
        " would have given, with nothing done"
        + ("." if small else f": {WRITE}, so that the comparison is at the same peak."),
        fall,
        limit=limit,
    )


def _own_run(base: Ground, judged: Judged, limit: float) -> Check:
    """The level just before the start against the treated's own longer run, beside groups drawn from the others."""
    rates = base.rates[:, : base.now]
    level = judged.fit.level or base.now
    runs = [_run(rates, base.treated, (k, level), judged.case.seed) for k in (3, 6, 12) if 2 * k <= base.now]
    if not runs:
        return Check(
            NAME, None, f"{said_periods(base.now).capitalize()} before the start are too few to see a peak by."
        )
    worst = max(runs, key=lambda run: abs(run.z))
    allowed = -np.log(1 - limit)
    off = np.expm1(worst.bias)
    stands = (
        f"In the last {said_periods(worst.recent)} before the start, the treated stood {abs(off):.1%}"
        f" {'below' if off < 0 else 'above'} their own longer run"
    )
    power = min(float(stats.norm.sf(SURE - allowed / max(run.error, 1e-9))) for run in runs)
    if abs(worst.z) > SURE and abs(worst.bias) > allowed:
        text = f"{stands} ({worst.z:+.1f} standard errors of groups of others): {WRITE}."
        return Check(NAME, False, text, float(np.exp(worst.bias)), power=power, limit=limit)
    lot = judged.protocol.selection is not None and judged.protocol.selection.rule is Choice.LOT
    passed = True if lot or power >= 0.5 or allowed >= 2 * worst.error else None
    return Check(
        NAME, passed, f"{stands}, as groups of others often do.", float(np.exp(worst.bias)), power=power, limit=limit
    )


def _run(rates: NDArray[np.float64], treated: NDArray[np.bool_], spans: tuple[int, int], seed: int) -> _Run:
    """spans: the last periods looked at, and how many set the level that the comparison carries on."""
    recent, level = spans
    others, size = np.flatnonzero(~treated), int(treated.sum())
    rng = np.random.default_rng([seed, recent])
    drawn = []
    for _ in range(GROUPS if len(others) > 2 * size else 0):
        group = np.zeros(len(treated), dtype=bool)
        group[rng.choice(others, size, replace=False)] = True
        drawn.append(excess(rates[~treated], group[~treated], recent))
    own, share = excess(rates, treated, recent), min(1.0, recent / min(level, rates.shape[1]))
    spread = float(np.std(drawn)) if drawn else float("inf")
    return _Run(recent, own * share, own / max(spread, 1e-9), spread * share)
