"""What an evaluation of people tells: averted contacts by month, who was enrolled, who was compared, and the sentences
beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.calendar import DAYS_PER_YEAR
from headwater.domain.coarse import share
from headwater.domain.evidence import Cohort, Comparison, Effect, Naive, Verdict
from headwater.domain.uncertainty import Interval
from headwater.evidence.people.covariates import elsewhere
from headwater.evidence.people.estimate import averted, rates
from headwater.evidence.people.few import averted_of_few
from headwater.evidence.people.monthly import as_date
from headwater.evidence.people.reading import NEVER, QUARTER
from headwater.evidence.people.together import AFTER, BEFORE, MOST, by_both
from headwater.stats.balance import balance
from headwater.stats.calibration import FEWEST
from headwater.stats.content import named_seed

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from headwater.domain.evidence import Finding
    from headwater.evidence.people.case import Case

SMD_LIMIT = 0.1
FEW_LOST = 20
"""So many without a match before their mean contacts are told."""


def _draws(case: Case, kind: str) -> NDArray[np.float64]:
    """float64[draw, quarter]; NaN where nothing could be estimated, never nought."""
    model = case.models[kind]
    # One stream a kind, so that an outcome added to the protocol does not move the draws of the others.
    rng = np.random.default_rng(named_seed(case.protocol.seed, case.protocol.id, kind))
    if model is None and case.exact[kind] is not None:
        return averted_of_few(case, kind, rng)
    if model is None:
        return np.full((case.protocol.draws, case.design.monthly.calendar.months), np.nan)
    drawn = averted(case.design, case.sets, kind, model.draws(case.protocol.draws, rng))
    # Who is who moves what was seen as well as the ratio: each draw is of one partition.
    return drawn * np.resize(case.relinked.get(kind, np.ones(1)), len(drawn))[:, None]


def averted_per_year(case: Case, kind: str) -> Interval | None:
    if case.ratio(kind) is None:
        return None
    first, last = _span(case)
    years = ((last - first).days + 1) / DAYS_PER_YEAR
    return Interval.of_draws(_draws(case, kind).sum(axis=1) / years, case.protocol.level)


def naive_of(case: Case, kind: str) -> Naive | None:
    """The enrolled's own change, and the share of it that the compared show without any programme."""
    before, after, their_before, their_after = rates(case.design, case.sets, kind)
    if before <= 0 or their_before <= 0:
        return None
    change, theirs = after / before - 1, their_after / their_before - 1
    # In a calendar year of delivery, as the averted contacts are: so many people are followed at once.
    first, last = _span(case)
    at_once = _years(case) / (((last - first).days + 1) / DAYS_PER_YEAR)
    yearly = (each * at_once for each in (before, before * their_after / their_before, after))
    return Naive(change, theirs / change if change < -1e-9 else None, *yearly).with_averted(
        averted_per_year(case, kind)
    )


def _ours(case: Case) -> NDArray[np.int64]:
    return case.sets.row[case.design.units.treated[case.sets.row]]


def people_matched(case: Case) -> int:
    return len(_ours(case))


def _years(case: Case) -> float:
    return float(case.design.exposure[_ours(case)].sum())


def effect_of(case: Case) -> Effect:
    kinds = case.protocol.outcome_kinds()
    first, last = _span(case)
    ratios = tuple(case.ratio(kind) for kind in kinds)
    draws = np.stack([_draws(case, kind) for kind in kinds], axis=1)
    days = case.design.monthly.of(_ours(case))[1].astype(np.float64)
    calendar, seed = case.design.monthly.calendar, case.protocol.seed
    return Effect(
        case.protocol.id, kinds, calendar, draws, ratios, people_matched(case), _years(case), days, first, last, seed
    )


def _followed(case: Case) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last day followed of each of the matched enrolled, as numbers since 1970."""
    units, ours = case.design.units, _ours(case)
    reach = QUARTER * case.design.after.shape[2]
    return units.index[ours] + 1, np.maximum(
        np.minimum(units.end[ours] - 1, units.index[ours] + reach), units.index[ours] + 1
    )


def _span(case: Case) -> tuple[date, date]:
    """From the first start to the last day followed; of the whole calendar where nobody could be matched."""
    first, last = _followed(case)
    if not len(first):
        calendar = case.design.monthly.calendar
        return calendar.first.first, calendar.last.last
    return as_date(int(first.min())), as_date(int(last.max()))


def cohort_of(case: Case) -> Cohort:
    ours = _ours(case)
    names = case.people.pseudonym[case.design.units.person[ours]].astype(str)
    order = np.argsort(names)
    index, first, last = (days.astype("datetime64[D]") for days in (case.design.units.index[ours], *_followed(case)))
    left_out = dict(case.design.left_out)
    if len(case.sets.unmatched):
        left_out["nobody alike within the caliper"] = len(case.sets.unmatched)
    return Cohort(names[order], index[order], left_out, first[order], last[order])


def comparison_of(case: Case) -> Comparison:
    treated = case.design.units.treated[case.sets.row]
    found = balance(case.design.covariates[case.sets.row], treated, case.sets.weight)
    smd = np.nan_to_num(np.abs(found.smd))
    over = tuple(name for name, value in zip(case.design.names, smd, strict=True) if value > SMD_LIMIT)
    controls = len(np.unique(case.design.units.person[case.sets.row[~treated]]))
    return Comparison(
        case.protocol.comparison.method,
        int(case.design.units.treated.sum()),
        people_matched(case),
        controls,
        len(case.sets.unmatched),
        float(smd.max(initial=0.0)),
        over,
    )


def caveats_of(case: Case, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    first = next(one for one in findings if one.kind == case.kind)
    said = (
        _no_word(first),
        _together(case),
        _calibration(case, first),
        _early(case),
        _again(case),
        _without_match(case),
        _too_small(first),
        _enrolled_later(case),
    )
    return tuple(sentence for sentence in said if sentence)


def _no_word(primary: Finding) -> str:
    if not primary.withheld or primary.rate_ratio is None:
        return ""
    return f"The interval says what was seen, not what the programme did: {'; '.join(primary.withheld)}."


def _calibration(case: Case, primary: Finding) -> str:
    """The systematic error measured on these data, in words, or why none could be."""
    if primary.rate_ratio is None:
        return ""
    if primary.raw_ratio is None:
        return (
            "The interval is exact for so few contacts and is not calibrated: too few happened to measure the method's"
            " own error."
        )
    known = case.systematic[primary.kind]
    if known.controls < FEWEST:
        return (
            f"{_hidden(case, primary.kind)}The interval is not calibrated by sham cohorts: too few people were left"
            " unenrolled to measure what the method finds among them."
        )
    raw = primary.raw_ratio
    return (
        f"{_hidden(case, primary.kind)}Tried where nothing was done ({known.controls} sham cohorts and sham outcomes),"
        f" the method was off by {np.expm1(known.mean):+.1%} on average and varied by {np.expm1(known.sd):.1%} from one"
        f" to the next; the range is widened for that too. Before these steps the ratio was {raw.mid:.2f}"
        f" ({raw.low:.2f} to {raw.high:.2f})."
    )


def _hidden(case: Case, kind: str) -> str:
    """How unlike the enrolled are in what no record shows, and what was made of it."""
    hidden = case.hidden[kind]
    if not hidden.sd:
        return "The protocol rules out that the enrolled differ in anything that no record shows. "
    if not hidden.places:
        return (
            "Whether the enrolled differ in what no record shows could not be measured: few were observed two years"
            f" before, and no sham outcome was seen. The interval allows for {np.expm1(1.96 * hidden.sd):.0%} to either"
            " side. "
        )
    return (
        "Those enrolled may differ from those compared in ways that no record shows. Where the programme cannot have"
        f" changed anything (the second year before, sham outcomes), they differ by {np.expm1(hidden.mean):+.1%}. The"
        " result is corrected for that, and its range widened by the doubt about it. Another"
        f" {np.expm1(1.96 * hidden.sd):.0%} either way may still be hidden: a rise is called harm only beyond that, and"
        " a fall within it is graded moderate at best. "
    )


def kept_share(case: Case) -> float:
    """The share of all on the list who could be compared."""
    listed = people_matched(case) + len(case.sets.unmatched) + sum(case.design.left_out.values())
    return people_matched(case) / max(listed, 1)


def _early(case: Case) -> str:
    """People taken on before the programme began: costs and follow-up would run by two calendars."""
    if not (early := case.people.listed.early):
        return ""
    said = share(early, int((case.people.enrolled < NEVER).sum())).capitalize()
    return (
        f"{said} of those enrolled were enrolled before the programme's first day, {case.protocol.start}: put right"
        " start in the protocol, or the enrolment list."
    )


def _again(case: Case) -> str:
    if not case.people.listed.again:
        return ""
    return "Some people stand on the enrolment list more than once; each counts once, from their first day."


def _together(case: Case) -> str:
    """Another programme on most of the same people: what is told of, and for how long."""
    people = case.people
    if people.joined is not None:
        both = by_both(people, case.design.units.person[_ours(case)]).capitalize()
        return (
            f"{both} of those enrolled were taken on by another programme from {BEFORE} days before to {AFTER} days"
            " after their enrolment. What is told is what both did together, beside people whom neither took on;"
            " nothing here tells the one from the other."
        )
    if people.followed_days is not None:
        return (
            f"Another programme took most of those enrolled on later. Everybody is followed for {people.followed_days}"
            " days, until it had taken on a tenth of them; what came after is the work of both and is not told."
        )
    return ""


def _without_match(case: Case) -> str:
    """Common support: how many could not be compared, and how many contacts they had."""
    lost, ours = case.sets.unmatched, _ours(case)
    if not len(lost):
        return ""
    if not len(ours):
        return "Nobody of those enrolled had anybody similar to be compared with."
    at = case.design.kinds.index(case.protocol.primary_kind)
    said = share(len(lost), len(lost) + len(ours)).capitalize()
    if elsewhere(case.people, case.design.units)[lost].mean() > MOST:
        return (
            f"{said} of those enrolled had nobody similar to be compared with, most of them because they were in"
            " another programme already and nearly everybody in it was enrolled here; nothing is said about them."
        )
    if len(lost) < FEW_LOST:
        return f"{said} of those enrolled had nobody similar to be compared with; this result says nothing about them."
    had = [float(case.design.before[rows, at, :4].sum(axis=1).mean()) if len(rows) else 0.0 for rows in (lost, ours)]
    return (
        f"{said} of those enrolled had nobody similar to be compared with; this result says nothing about them. "
        f"They had {had[0]:.1f} contacts each in the year before, the others {had[1]:.1f}."
    )


def _too_small(primary: Finding) -> str:
    if primary.rate_ratio is None:
        return "Too few could be matched, or too few contacts happened, for a rate ratio."
    if primary.verdict is not Verdict.CANNOT_TELL or primary.detectable is None:
        return ""
    return f"A fall of less than {1 - primary.detectable:.0%} could not have been told from none."


def _enrolled_later(case: Case) -> str:
    later = case.design.units.enrolled_later[case.sets.row]
    if not later.any():
        return ""
    said = share(float(later.sum()), len(later)).capitalize()
    return (
        f"{said} of those followed were enrolled later themselves and were followed only until then; "
        "others like them, who were not, stand for the time after."
    )
