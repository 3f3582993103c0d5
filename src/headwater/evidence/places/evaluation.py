"""The evaluation of a collaboration that acts on places or organisations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.calendar import DAYS_PER_YEAR, Calendar
from headwater.domain.collaboration import Role
from headwater.domain.evidence import (
    Cohort,
    Comparison,
    Effect,
    Evaluation,
    Finding,
    Naive,
    ShamVerdict,
    Verdict,
    sham_verdict,
    verdict,
)
from headwater.domain.progress import silent
from headwater.domain.uncertainty import Interval
from headwater.evidence.checks.place_all import place_checks
from headwater.evidence.grade import graded
from headwater.evidence.places.alike import as_compared
from headwater.evidence.places.case import Case, ready
from headwater.evidence.places.designs import estimated
from headwater.evidence.places.figures import figures_of
from headwater.evidence.places.fit import said_periods
from headwater.evidence.places.options import method_of, options_of
from headwater.evidence.places.peak import at_peak, by_level
from headwater.evidence.places.reading import positions, read_panels
from headwater.evidence.places.refusal import not_there
from headwater.evidence.places.shams import calibrated
from headwater.evidence.places.small import doubted
from headwater.evidence.places.succession import bounded, joined, register
from headwater.evidence.places.waves import pauses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Outcome, Protocol, Standing
    from headwater.domain.evidence import Check, Panel
    from headwater.domain.progress import Progress
    from headwater.evidence.places.fit import Fit
    from headwater.evidence.places.options import Options
    from headwater.evidence.places.reading import Positions, Window
    from headwater.evidence.places.spells import Spells
    from headwater.evidence.places.succession import Change
    from headwater.store import Store


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What was done for each outcome, in the protocol's order. own: the design's own fits, before the answer by
    place-moments took their stead or the interval was widened; whole: the fits with the treated units that a locked
    rule dropped."""

    outcomes: tuple[Outcome, ...]
    cases: tuple[Case, ...]
    fits: tuple[Fit, ...]
    own: tuple[Fit, ...] = ()
    whole: tuple[Fit | None, ...] = ()


def evaluate_places(
    store: Store, protocol: Protocol, standing: Standing, observed: Window, progress: Progress = silent
) -> Evaluation:
    """Evaluate a collaboration on places or organisations by the design its protocol names.

    observed: the days between which all agencies' data are complete (either may be empty). What is wrong with single
    rows becomes a gap and a caveat; DataProblem when the store has none of the outcomes.
    """
    options = options_of(protocol)
    progress("counting contacts", 0, 3)
    reading = read_panels(store, protocol, options, observed)
    bodies = joined(reading.panels, starts_of(store, protocol), register(store))
    progress("comparing", 1, 3)
    primary = bodies.panels[protocol.outcome_kinds(Role.PRIMARY)[0]]
    protocol = in_turns(protocol, bodies.starts, primary)
    method = method_of(protocol)
    there, spells = positions(store, primary.units), spells_of(store, protocol)
    done = compared(bodies.panels, bodies.starts, protocol, options, there, bodies.changes, spells)
    progress("checking", 2, 3)
    checks = place_checks(done.cases, done.fits, protocol, method)
    problems = (*reading.problems, *bodies.said)
    found = concluded(done, checks, protocol, method, standing, bodies.starts, problems)
    progress("", 3, 3)
    return found


def in_turns(protocol: Protocol, starts: Mapping[str, date], panel: Panel) -> Protocol:
    """The protocol with difference-in-differences, where it names no design and everybody is treated, in turns: there
    is nobody of whom a synthetic comparison could be made, and those whose turn has not come are one."""
    waves = len({starts[unit] for unit in panel.units if unit in starts}) > 1
    if protocol.comparison.method != "matched" or not waves or not set(panel.units) <= set(starts):
        return protocol
    return replace(protocol, comparison=replace(protocol.comparison, method="did"))


def starts_of(store: Store, protocol: Protocol) -> dict[str, date]:
    """Treated unit → its first day: from the enrolment table where it names places, else all treated at the start."""
    starts: dict[str, date] = {}
    if store.has("enrolment"):
        table = store.table("enrolment")
        rows = table.filter((table.collaboration == protocol.id) & table.place.notnull())
        for row in store.arrow(rows.select("place", "start").order_by("start", "place")).to_pylist():
            starts.setdefault(row["place"], row["start"])
    if protocol.treated:
        starts = {unit: starts.get(unit, protocol.start) for unit in protocol.treated}
    return starts


def spells_of(store: Store, protocol: Protocol) -> dict[str, tuple[tuple[date, date | None], ...]]:
    """Unit → the stretches in which the enrolment table says it was treated, in order."""
    if not store.has("enrolment"):
        return {}
    table = store.table("enrolment")
    rows = table.filter((table.collaboration == protocol.id) & table.place.notnull())
    found: dict[str, tuple[tuple[date, date | None], ...]] = {}
    for row in store.arrow(rows.select("place", "start", "end").order_by("start", "place")).to_pylist():
        found[row["place"]] = (*found.get(row["place"], ()), (row["start"], row["end"]))
    return found


def compared(
    panels: dict[str, Panel],
    starts: dict[str, date],
    protocol: Protocol,
    options: Options,
    places: Positions | None,
    changes: tuple[Change, ...] = (),
    spells: Spells | None = None,
) -> Outcomes:
    """Every outcome made ready and estimated by the protocol's design, or at the peak at which the places were
    chosen."""
    method, cases, own, whole = method_of(protocol), [], [], []
    for outcome in protocol.outcomes:
        panel = panels[outcome.kind]
        case = bounded(ready(panel, starts, protocol, options, _aligned(places, panel), spells), changes)
        kept = without_broken(case)
        whole.append(estimated(case, method) if kept is not case else None)
        cases.append(kept)
        own.append(estimated(kept, method))
    pairs = zip(cases, own, strict=True)
    looked_at = panels.get(protocol.selection.kind) if protocol.selection is not None else None
    fits = [
        doubted(case, at_peak(case, fit, protocol, looked_at) if by_level(protocol) else calibrated(case, fit, method))
        for case, fit in pairs
    ]
    return Outcomes(protocol.outcomes, tuple(cases), tuple(fits), tuple(own), tuple(whole))


def without_broken(case: Case) -> Case:
    """The case without treated units whose level shifts away from the start, where the protocol locked that rule."""
    broken = {b.unit for b in case.treated_breaks() if case.used[min(b.at, len(case.used) - 1)]}
    kept = np.array([row for row in case.treated if row not in broken], dtype=np.intp)
    if not case.options.drop_broken or not broken or not len(kept):
        return case
    return replace(case, treated=kept, dropped=tuple(case.panel.units[row] for row in sorted(broken)))


def concluded(
    done: Outcomes,
    checks: tuple[Check, ...],
    protocol: Protocol,
    method: str,
    standing: Standing,
    starts: dict[str, date],
    problems: tuple[str, ...],
) -> Evaluation:
    """The evaluation from what was found: verdicts, grades, caveats and figures."""
    main = next(at for at, outcome in enumerate(done.outcomes) if outcome.role is Role.PRIMARY)
    findings = findings_of(done, checks, "did" if by_level(protocol) else method)
    first = findings[main]
    return Evaluation(
        protocol.id,
        method,
        standing.status,
        standing.sha256,
        _cohort(done.cases[main], starts),
        _comparison(as_compared(done.cases[main], done.fits[main]), done.fits[main], method),
        _effect(done, protocol, main),
        findings,
        first.checks,
        first.grade or graded(method, (), told=False),
        _caveats(done, findings, method, (*problems, *_unknown(done, starts))),
        figures_of(done.cases, done.fits, main, method),
    )


def findings_of(done: Outcomes, checks: tuple[Check, ...], method: str) -> tuple[Finding, ...]:
    """One line an outcome, each with its own checks, grade and word. A failed essential check withholds the word."""
    found = []
    for at, outcome in enumerate(done.outcomes):
        own = _about(outcome, checks)
        case, fit = done.cases[at], done.fits[at]
        untold = fit.problem if fit.drawn is None else ""
        withheld = (*((untold,) if untold else ()), *withheld_by(own))
        kept = len(case.treated) / max(1, len(case.treated) + len(case.dropped))
        grade = graded(method, own, told=fit.drawn is not None and not stopped_by(own), kept=kept)
        if untold:
            grade = replace(grade, text=f"The data cannot tell: {untold}.")
        one = _finding(outcome, case, fit, withheld)
        raw = done.own[at].ratio_interval(case.level) if done.own and done.own[at] is not fit else None
        found.append(replace(one, checks=own, grade=grade, raw_ratio=raw))
    return tuple(found)


def _about(outcome: Outcome, checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The checks that judge an outcome, and, unless it is itself a sham, those of the comparison of all."""
    sham = outcome.role is Role.NEGATIVE_CONTROL
    return tuple(check for check in checks if check.outcome == outcome.kind or (not check.outcome and not sham))


def _unknown(done: Outcomes, starts: dict[str, date]) -> tuple[str, ...]:
    """Treated units that no outcome counts."""
    units = {unit for case in done.cases for unit in case.panel.units}
    return tuple(filter(None, [not_there(starts, tuple(sorted(units)))]))


def _fields(done: Outcomes) -> tuple[tuple[Outcome, ...], tuple[Case, ...], tuple[Fit, ...]]:
    return done.outcomes, done.cases, done.fits


def _aligned(places: Positions | None, panel: Panel) -> Positions | None:
    if places is None or places.units == panel.units:
        return places
    at = dict(zip(places.units, places.metres, strict=True))
    nowhere = np.full(2, np.nan)
    return type(places)(panel.units, np.array([at.get(unit, nowhere) for unit in panel.units]))


STOPPING = ("pre-fit", "treated-breaks", "boundary-change", "selection-at-a-peak")
"""Checks without which the comparison itself means nothing: where one fails there is no grade above the lowest."""


def stopped_by(checks: tuple[Check, ...]) -> tuple[str, ...]:
    return tuple(check.text for check in checks if check.name in STOPPING and check.passed is False)


def withheld_by(checks: tuple[Check, ...]) -> tuple[str, ...]:
    """Why the word is withheld: the text of each essential check that failed."""
    return tuple(check.text for check in checks if check.essential and check.passed is False)


def _finding(outcome: Outcome, case: Case, fit: Fit, withheld: tuple[str, ...]) -> Finding:
    ratio = fit.ratio_interval(case.level)
    sham = outcome.role is Role.NEGATIVE_CONTROL
    word = sham_verdict(None if withheld else ratio) if sham else verdict(ratio, outcome.smallest, withheld)
    averted = fit.averted()
    years = counted_years(case, fit)
    per_year = Interval.of_draws(averted.sum(axis=1) / years, case.level) if averted is not None else None
    naive = naive_of(case, fit)
    naive = naive and naive.with_averted(per_year)
    return Finding(
        outcome.kind,
        outcome.role,
        word,
        ratio,
        per_year,
        naive,
        fit.detectable,
        withheld,
        caveats=_words(case, fit, ratio, word),
    )


def _words(case: Case, fit: Fit, ratio: Interval | None, word: Verdict | ShamVerdict) -> tuple[str, ...]:
    """What the word alone would hide: harm that is not excluded, how often the design errs, what was left out."""
    said = []
    if word is Verdict.NOTHING_FOUND and ratio is not None and ratio.high > 1.01:
        said.append(f"a rise of up to {ratio.high - 1:.0%} is not excluded.")
    if fit.alarms is not None and fit.alarms.tried:
        shams = fit.alarms
        widened = f"; the interval is widened by {shams.stretch - 1:.0%} for it" if shams.stretch > 1.005 else ""
        said.append(
            f"tried on {shams.tried} shams of the same panel, where nothing was done, the method found an effect in"
            f" {shams.found} ({shams.rate:.0%}; {1 - case.level:.0%} is allowed by chance){widened}."
        )
    if case.dropped:
        names = ", ".join(case.dropped[:5]) + (", ..." if len(case.dropped) > 5 else "")
        said.append(
            f"{len(case.dropped)} treated units that break away from the start are left out by the rule locked"
            f" beforehand ({names})."
        )
    said += [f"{b.text}." for b in case.boundaries]
    said += pauses(case)
    return tuple(said)


def naive_of(case: Case, fit: Fit) -> Naive | None:
    """The treated units' change, each from before its own start to after it, and how much of it the counterfactual
    shows too. Before is as long as after (or all there is). None where nothing was counted on either side."""
    before, after = _sides(case, np.isfinite(fit.observed))
    if not before > 0:
        return None
    change, years = after / before - 1, max(counted_years(case, fit), 1e-9)
    seen, due = (float(np.nansum(part[fit.post])) for part in (fit.observed, fit.expected))
    if not np.isfinite(fit.expected[fit.post]).any():
        return Naive(change, None, before / years, None, after / years)
    came = after * due / seen if seen > 0 else due
    anyway = came / before - 1
    return Naive(change, anyway / change if change < 0 else None, before / years, came / years, after / years)


def _sides(case: Case, told: np.ndarray) -> tuple[float, float]:
    """Contacts of the treated after their starts, and what as many periods at each unit's own earlier rate would
    count."""
    before = after = 0.0
    for row in case.treated.tolist():
        used = np.flatnonzero(case.used & told & np.isfinite(case.panel.counts[row]))
        late = used[case.followed(np.array([row]))[0, used]]
        early = used[used < case.starts[row]][-len(late) :] if len(late) else used[:0]
        if len(early):
            before += len(late) * float(case.panel.counts[row, early].mean())
            after += float(case.panel.counts[row, late].sum())
    return before, after


def _cohort(case: Case, starts: dict[str, date]) -> Cohort:
    units = [case.panel.units[row] for row in case.treated]
    missing = len(starts) - len(units)
    index = np.array([starts[unit] for unit in units], dtype="datetime64[D]")
    first, last = _followed(case, case.post)
    left_out = {"not in the data": missing} if missing else {}
    return Cohort(np.array(units, dtype=str), index, left_out, first, last)


def edges_of(case: Case) -> NDArray[np.datetime64]:
    """datetime64[D][periods + 1]: the first day of each period, and the day after the last, which is as long as the one
    before."""
    days = np.array(case.panel.periods, dtype="datetime64[D]")
    step = days[-1] - days[-2] if len(days) > 1 else np.timedelta64(1, "D")
    months = days.astype("datetime64[M]")
    if len(days) > 1 and (months.astype("datetime64[D]") == days).all():
        # Whole months: the last period ends with a month, as the others do.
        step = (months[-1] + (months[-1] - months[-2])).astype("datetime64[D]") - days[-1]
    return np.append(days, days[-1] + step)


def _followed(case: Case, post: NDArray[np.bool_]) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Each treated unit's first and last day followed: from its own first treated period to the end of the last one
    used."""
    edges, used = edges_of(case), np.flatnonzero(post)
    end = int(used[-1]) if len(used) else len(edges) - 2
    starts = np.minimum(case.starts[case.treated], end)
    on = case.followed(case.treated)[:, : end + 1]
    ends = np.maximum(on.shape[1] - on[:, ::-1].argmax(axis=1), starts + 1)
    return edges[starts], edges[ends] - np.timedelta64(1, "D")


def span(case: Case, fit: Fit) -> tuple[date, date]:
    """From the first start to the last day followed; the last period of the panel where nothing was followed."""
    edges, used = edges_of(case), np.flatnonzero(fit.post)
    start, end = (int(used[0]), int(used[-1])) if len(used) else (len(edges) - 2, len(edges) - 2)
    return edges[start].item(), (edges[end + 1] - np.timedelta64(1, "D")).item()


def counted_years(case: Case, fit: Fit) -> float:
    """Years of 365.25 days in the periods after the start that count: a month that nobody reported is none without
    contacts."""
    return float(np.diff(edges_of(case)).astype(int)[fit.post].sum()) / DAYS_PER_YEAR


def _comparison(case: Case, fit: Fit, method: str) -> Comparison:
    controls = len(fit.weights) if fit.weights else 0 if method in ALONE else len(case.donors) or _later(case)
    gap = (fit.observed - fit.expected)[fit.pre]
    spread = np.nanstd(fit.observed[fit.pre]) if fit.pre.any() else np.nan
    worst = float(abs(np.nanmean(gap)) / spread) if np.isfinite(gap).any() and spread > 0 else float("nan")
    treated = len(case.treated)
    return Comparison(method, treated, treated if fit.drawn is not None else 0, controls, 0, worst)


def _later(case: Case) -> int:
    """How many of the treated begin later than the first of them, and are the comparison until then."""
    starts = case.starts[case.treated]
    return int((starts > starts.min()).sum()) if len(starts) else 0


def _effect(done: Outcomes, protocol: Protocol, main: int) -> Effect:
    """Draws by month of the calendar; an outcome of which nothing can be told has NaN draws, never zeros."""
    spans = [span(case, fit) for case, fit in zip(done.cases, done.fits, strict=True)]
    first_day, last_day = min(first for first, _ in spans), max(last for _, last in spans)
    calendar = Calendar.spanning(first_day, last_day)
    averted = np.full((protocol.draws, len(done.fits), calendar.months), np.nan)
    for row, (case, fit) in enumerate(zip(done.cases, done.fits, strict=True)):
        if (drawn := fit.averted()) is not None:
            averted[:, row] = drawn @ by_month(case, fit.post, calendar)
    ratios = tuple(fit.ratio_interval(protocol.level) for fit in done.fits)
    case, kinds = done.cases[main], tuple(outcome.kind for outcome in done.outcomes)
    days = _followed_days(case, done.fits[main].post, calendar)
    counted = _days(case, done.fits[main].post, calendar).sum(axis=0)
    return Effect(
        protocol.id,
        kinds,
        calendar,
        averted,
        ratios,
        len(case.treated),
        float(days.sum() / DAYS_PER_YEAR),
        days,
        first_day,
        last_day,
        protocol.seed,
        counted if counted.any() else None,
    )


def by_month(case: Case, post: NDArray[np.bool_], calendar: Calendar) -> NDArray[np.float64]:
    """float64[post period, month]: the share of each period's days that lies in each month; rows add to 1."""
    days = _days(case, post, calendar)
    shares: NDArray[np.float64] = days / np.maximum(days.sum(axis=1, keepdims=True), 1.0)
    return shares


def _followed_days(case: Case, post: NDArray[np.bool_], calendar: Calendar) -> NDArray[np.float64]:
    """float64[month]: unit-days of the treated in the periods used, each from its own start."""
    used = np.flatnonzero(post)
    found: NDArray[np.float64] = case.followed(case.treated)[:, used].sum(axis=0) @ _days(case, post, calendar)
    return found


def _days(case: Case, post: NDArray[np.bool_], calendar: Calendar) -> NDArray[np.float64]:
    """float64[post period, month]: the days of each period that lie in each month."""
    edges, used = edges_of(case), np.flatnonzero(post)
    days = calendar.overlap_days(edges[used], edges[used + 1] - np.timedelta64(1, "D")).astype(np.float64)
    return np.asarray(days)


ALONE = ("its", "stepped-wedge")
"""Designs that compare with nobody outside the treated."""


def _caveats(done: Outcomes, findings: tuple[Finding, ...], method: str, problems: tuple[str, ...]) -> tuple[str, ...]:
    told = zip(findings, done.fits, strict=True)
    said = [f"{one.kind}: {text}" for one, fit in told for text in one.withheld if text != fit.problem]
    said += problems
    for at, (outcome, case, fit) in enumerate(zip(*_fields(done), strict=True)):
        if fit.problem:
            said.append(f"{outcome.kind}: cannot tell, {fit.problem}.")
        if fit.drawn is not None:
            said.append(f"{outcome.kind}: the interval comes from {fit.inference}.")
        said += [f"{outcome.kind}: {text}" for text in findings[at].caveats]
        said += _with_all(outcome.kind, case, done.whole[at] if done.whole else None)
        said += [] if method in ALONE else _left_out(outcome.kind, as_compared(case, fit))
        said += _gaps_named(outcome.kind, case, fit)
    return tuple(dict.fromkeys(said))


def _with_all(kind: str, case: Case, whole: Fit | None) -> list[str]:
    held = whole.ratio_interval(case.level) if whole is not None else None
    if whole is None or held is None:
        return []
    return [f"{kind}: with the units that break the ratio is {whole.ratio:.3f} ({held.low:.3f} to {held.high:.3f})."]


def _left_out(kind: str, case: Case) -> list[str]:
    reasons = Counter(left.sort for left in case.left)
    text = [
        f"{kind}: left out of the comparison: " + ", ".join(f"{n} ({why})" for why, n in sorted(reasons.items())) + "."
    ]
    after = sum(left.after_start for left in case.left)
    screened = f"{kind}: {after} of them {'was' if after == 1 else 'were'} screened on outcomes after the start."
    return (text if reasons else []) + ([screened] if after else [])


def _gaps_named(kind: str, case: Case, fit: Fit) -> list[str]:
    missing = np.isnan(case.panel.counts)
    gap = missing.mean(axis=0) > 0.5
    own = missing[case.treated].any(axis=0) & ~gap
    lost, cells = own & np.isnan(fit.observed), int(missing[case.treated][:, own & np.isfinite(fit.observed)].sum())
    said = []
    if lost.any():
        named = ", ".join(case.panel.periods[t] for t in np.flatnonzero(lost)[:3]) + (", ..." if lost.sum() > 3 else "")
        what = f"in {said_periods(int(lost.sum()))} ({named}), which count{'s' if lost.sum() == 1 else ''} for nobody"
        said = [f"{kind}: a treated unit is missing {what}."]
    if cells:
        said.append(
            f"{kind}: {cells} unit-periods of the treated are missing and left out; the other units count in those"
            " periods."
        )
    if not gap.any():
        return said
    at = np.flatnonzero(gap)
    return [
        *said,
        (
            f"{kind}: {gap.sum()} periods between {case.panel.periods[at[0]]} and {case.panel.periods[at[-1]]} are"
            " missing for most units; they count for nobody and are not filled."
        ),
    ]
