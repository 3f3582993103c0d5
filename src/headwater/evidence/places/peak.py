"""Places chosen for being busy: compared with places that stood at the same peak at another time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Choice
from headwater.evidence.places.fit import Alarms, cannot, said_periods
from headwater.stats.peaks import Regressed, Rule, place_moments, regressed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol, Selection
    from headwater.domain.evidence import Panel
    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit

    Floats = NDArray[np.float64]

BY_LEVEL = (Choice.BUSIEST, Choice.THRESHOLD)
"""Rules that choose places for what they counted."""
APART = ("in the buffer", "from every treated place", "position is not known", "by the protocol", "protocol's donors")
"""Words of reasons for which a place is no comparison at any moment."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The whole history on which a choice is judged. rates: float64[place, period] without gaps; ranked: the same of
    the kind of contact by which places were chosen; treated: bool[place];
    now: the period the choice looked back from; gap: periods between it and the first followed; after: how many are."""

    rates: Floats
    rows: NDArray[np.intp]
    treated: NDArray[np.bool_]
    now: int
    gap: int
    after: int
    ranked: Floats


def ground(
    case: Case, chosen: date | None = None, looked_at: Panel | None = None, *, past: bool = False
) -> Ground | None:
    """looked_at: counts of the kind by which places were chosen, where it is another than the outcome's; past: only the
    time before the start is asked about, and what is missing after it is no matter. None where nothing is followed, or
    no treated place, or no other, is counted throughout."""
    post = np.flatnonzero(case.post)
    if not len(post) or not len(case.treated):
        return None
    first, opens, last = _since_gap(case, int(post[0])), int(post[0]), int(post[-1]) + 1
    days = np.array(case.panel.periods, dtype="datetime64[D]")
    pre = np.flatnonzero(case.pre)
    now = int(pre[-1]) + 1 if len(pre) else opens
    if chosen is not None:
        # The last period that had ended on the day of the choice.
        now = min(now, int(np.searchsorted(days, np.datetime64(chosen), side="right")) - 1)
    whole = ~np.isnan(case.panel.counts[:, first : opens if past else last]).any(axis=1)
    apart = {left.unit for left in case.left if any(word in left.reason for word in APART)}
    ranked = case.rates if looked_at is None else _aligned(looked_at, case.panel)
    whole &= ~np.isnan(ranked[:, first:now]).any(axis=1)
    whole &= np.array([unit not in apart for unit in case.panel.units])
    rows = np.flatnonzero(whole)
    treated = np.isin(rows, case.treated)
    if now <= first or not treated.any() or treated.all():
        return None
    rates, ranked = (
        np.nan_to_num(part[rows, first:last]) if past else part[rows, first:last] for part in (case.rates, ranked)
    )
    return Ground(rates, rows, treated, now - first, opens - now, last - opens, ranked)


def _aligned(other: Panel, panel: Panel) -> Floats:
    """float64[place, period]: the other panel's rates on this one's places and periods; NaN where it has none."""
    rows, columns = ({name: at for at, name in enumerate(names)} for names in (other.units, other.periods))
    found = np.full(panel.counts.shape, np.nan)
    at = [(k, rows[unit]) for k, unit in enumerate(panel.units) if unit in rows]
    when = [(k, columns[day]) for k, day in enumerate(panel.periods) if day in columns]
    if at and when:
        (ours, theirs), (now, then) = (np.array(pairs).T for pairs in (at, when))
        found[np.ix_(ours, now)] = (other.counts / other.exposure)[np.ix_(theirs, then)]
    return found


def _since_gap(case: Case, opens: int) -> int:
    """The first period after the last one before the start in which most units are missing."""
    missing = np.flatnonzero(np.isnan(case.panel.counts[:, :opens]).mean(axis=0) > 0.5)
    return int(missing[-1]) + 1 if len(missing) else 0


def rule_of(selection: Selection, treated: int) -> Rule:
    if selection.rule is Choice.THRESHOLD:
        return Rule(selection.periods, at_least=selection.at_least)
    return Rule(selection.periods, number=selection.number or treated)


def by_level(protocol: Protocol) -> bool:
    return protocol.selection is not None and protocol.selection.rule in BY_LEVEL


def at_peak(case: Case, fit: Fit, protocol: Protocol, looked_at: Panel | None = None) -> Fit:
    """The answer by place-moments under the protocol's own rule, in the stead of the design's."""
    selection = protocol.selection
    assert selection is not None
    found = looked_back(case, selection, looked_at)
    if isinstance(found, str):
        return cannot(found, fit.observed, fit.pre, fit.post)
    observed = np.where(case.used, np.nansum(case.panel.counts[case.treated], axis=0), np.nan)
    post = case.post & np.isfinite(observed)
    total = float(observed[post].sum())
    shape = _shape(case, post)
    expected = observed.copy()
    expected[post] = shape * max(total, 0.5) / np.exp(found.log_ratio)
    drawn = np.full((case.draws, len(observed)), np.nan)
    drawn[:, post] = shape * (max(total, 0.5) / np.exp(found.draws))[:, None]
    spread = float(np.std(found.draws))
    shams = Alarms(len(found.shams), int(np.sum(np.abs(found.shams) > 1.96 * spread)))
    inference = f"a bootstrap over places, beside {found.moments} earlier moments at which the same rule was applied"
    return replace(
        fit,
        observed=observed,
        expected=expected,
        drawn=drawn,
        post=post,
        inference=inference,
        problem="",
        p=float("nan"),
        detectable=float(np.exp(-2.8 * spread)),
        peak=found,
        alarms=shams,
    )


def looked_back(case: Case, selection: Selection, looked_at: Panel | None = None) -> Regressed | str:
    """What the same rule led to at earlier moments, or why that cannot be told."""
    if len(set(case.starts[case.treated].tolist())) > 1:
        return "places chosen for being busy began at several dates; write one protocol for each wave"
    base = ground(case, selection.chosen, looked_at)
    if base is None:
        return "no treated place is counted throughout, so that nothing is known of how such a choice ends by itself"
    if base.now < case.options.season:
        return (
            f"{said_periods(base.now)} before the choice are no whole year: busy places may have a calendar of their"
            f" own, which is not seen; load {case.options.season} or more"
        )
    rule = rule_of(selection, int(base.treated.sum()))
    moments = place_moments(base.rates, rule, base.now, base.gap, base.after, base.treated, base.ranked)
    if moments is None:
        return too_short(rule.window, base)
    return regressed(moments, case.draws, case.seed, base.after)


def too_short(window: int, base: Ground) -> str:
    return (
        f"the places were chosen for their last {said_periods(window)} and are followed for {base.after}: what places"
        f" so chosen do by themselves needs {window + base.after} or more before the choice, and {base.now} are there;"
        " load earlier ones, or follow for a shorter time"
    )


def _shape(case: Case, post: NDArray[np.bool_]) -> Floats:
    """float64[post period]: how the others' contacts lie over the periods followed; sums to one."""
    others = np.setdiff1d(np.arange(len(case.panel.units)), case.treated)
    sums = np.nansum(case.panel.counts[others][:, post], axis=0)
    return np.asarray(sums / sums.sum() if sums.sum() > 0 else np.full(int(post.sum()), 1 / max(1, int(post.sum()))))
