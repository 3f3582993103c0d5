"""What an evaluation of people shows: love plot, trajectories, event study, forest with sham outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.release import Count, Derived, FigureData, Rate
from headwater.evidence.people.estimate import fitted, follow, rates, seen_after
from headwater.evidence.people.reading import LAGS, QUARTER
from headwater.stats.balance import balance

if TYPE_CHECKING:
    from headwater.domain.evidence import Finding
    from headwater.domain.release import Mark
    from headwater.domain.uncertainty import Interval
    from headwater.evidence.people.case import Case

LOVE_ROWS = 20


def figures_of(case: Case, findings: tuple[Finding, ...]) -> tuple[FigureData, ...]:
    kind = case.protocol.primary_kind
    if not len(case.sets.row):
        return ()
    made = (love(case), trajectories(case, kind), event_study(case, kind), forest(findings), decomposition(case, kind))
    return tuple(figure for figure in made if figure is not None)


def love(case: Case) -> FigureData:
    """Balance before and after matching, the covariates that were worst before first; the table has the variance ratios
    too."""
    design, sets = case.design, case.sets
    before = balance(design.covariates, design.units.treated)
    after = balance(design.covariates[sets.row], design.units.treated[sets.row], sets.weight)
    worst = np.argsort(-np.abs(before.smd), kind="stable")[:LOVE_ROWS]
    over = int((np.abs(after.smd) > 0.1).sum())
    title = (
        "After matching the two groups are alike"
        if not over
        else f"After matching {over} of {len(after.smd)} measures still differ"
    )
    measures = (np.abs(before.smd), np.abs(after.smd), before.variance_ratio, after.variance_ratio)
    behind = [_having(case, at) for at in worst]
    return FigureData(
        "love",
        "love",
        title,
        "Standardised differences between enrolled and compared people, before and after matching, by measure.",
        ("covariate", "before", "after", "variance_ratio_before", "variance_ratio_after"),
        tuple(
            (design.names[at], *(Derived(float(one[at]), had) for one in measures))
            for at, had in zip(worst, behind, strict=True)
        ),
    )


def _having(case: Case, at: int) -> tuple[Count, ...]:
    """How many of the enrolled, matched and compared have the measure and have it not: a variance tells both."""
    design, sets = case.design, case.sets
    has = design.covariates[:, at] > design.covariates[:, at].min(initial=np.inf)
    treated = design.units.treated
    groups = (treated, ~treated, treated[sets.row], ~treated[sets.row])
    of = (has, has, has[sets.row], has[sets.row])
    return tuple(
        Count(float(part))
        for arm, one in zip(groups, of, strict=True)
        for part in ((one & arm).sum(), (~one & arm).sum())
    )


def trajectories(case: Case, kind: str) -> FigureData:
    """Contacts a person a year of both groups, by window before and quarter after the index day."""
    rows = []
    for group, arm in (("enrolled", True), ("compared", False)):
        members = case.design.units.treated[case.sets.row] == arm
        rows += [(middle, group, rate) for middle, rate in _course(case, kind, members)]
    return FigureData(
        "trajectories",
        "trajectories",
        "Both groups fall back after their peak; the gap between them is the effect",
        f"Contacts ({kind}) per person and year of enrolled and compared people, around the day of enrolment.",
        ("period", "group", "value", "measure", "start", "x_measure"),
        tuple((*row, "contacts a person a year", 0, "Months since enrolment") for row in rows),
    )


def _course(case: Case, kind: str, members: np.ndarray) -> list[tuple[float, Rate]]:
    """(months since enrolment, contacts a person a year) of each window before and quarter after, told from rounded
    contacts."""
    at = case.design.kinds.index(kind)
    row, weight = case.sets.row[members], case.sets.weight[members]
    course = []
    for window in reversed(range(len(LAGS) - 1)):
        if LAGS[window + 1] <= case.protocol.history_days:
            years = (LAGS[window + 1] - LAGS[window]) / 365.25
            seen = float((case.design.before[row, at, window] * weight).sum())
            course.append(
                (-(LAGS[window] + LAGS[window + 1]) / 2 / 30.44, Rate(Count(seen), years * float(weight.sum())))
            )
    for quarter in range(case.design.after.shape[2]):
        risk = float((case.design.exposure[row, quarter] * weight).sum())
        if risk > 0:
            seen = float((case.design.after[row, at, quarter] * weight).sum())
            course.append(((quarter + 0.5) * QUARTER / 30.44, Rate(Count(seen), risk)))
    return [(round(month, 1), rate) for month, rate in course]


def event_study(case: Case, kind: str) -> FigureData | None:
    """The rate ratio quarter by quarter of follow-up."""
    rows = []
    for quarter in range(case.design.after.shape[2]):
        found = follow(case.design, case.sets, kind, slice(quarter, quarter + 1))
        model = fitted(found, case.design, case.sets) if case.models[kind] is not None else None
        if model is not None:
            ratio, seen = model.ratio(0, case.protocol.level), float(found.counts[found.treated].sum())
            rows.append((quarter + 1, *beside_counts(ratio, seen), "rate ratio", 1.0, "Quarter since enrolment"))
    if not rows:
        return None
    return FigureData(
        "event-study",
        "event-study",
        "The rate ratio by quarter since enrolment",
        f"Rate ratio of {kind} of enrolled to compared people in each quarter since enrolment, with its interval; 1 is"
        " no change.",
        ("period", "low", "mid", "high", "measure", "reference", "x_measure"),
        tuple(rows),
    )


def beside_counts(ratio: Interval, seen: float | None) -> tuple[Mark | Derived, ...]:
    """Low, mid and high of a ratio, hidden where few contacts of the enrolled are behind it: times what the compared
    had, it tells them."""
    told = (ratio.low, ratio.mid, ratio.high)
    return tuple(round(one, 4) if seen is None else Derived(one, (Count(seen, "contacts"),), digits=4) for one in told)


def forest(findings: tuple[Finding, ...]) -> FigureData:
    """Every outcome's rate ratio, the ones that nothing should change among them."""
    rows = tuple(
        (
            found.kind,
            *beside_counts(ratio, None if found.naive is None else found.naive.seen),
            found.role.value,
            "rate ratio",
        )
        for found in findings
        if (ratio := found.rate_ratio) is not None
    )
    return FigureData(
        "forest",
        "forest",
        "Every outcome with its interval, the sham ones among them",
        "Rate ratios by outcome with their intervals; negative controls should lie at 1.",
        ("label", "low", "mid", "high", "role", "measure"),
        rows,
    )


def decomposition(case: Case, kind: str) -> FigureData | None:
    """The naive fall split into what happened to everybody alike and what is left for the programme."""
    before, after, their_before, their_after = rates(case.design, case.sets, kind)
    if before <= 0 or their_before <= 0:
        return None
    would, seen = before * their_after / their_before, (Count(seen_after(case.design, case.sets, kind)),)
    return FigureData(
        "regression-to-the-mean",
        "waterfall",
        "How much of the fall would have come by itself",
        "Contacts a person a year before, the change that the compared show too, what is left for the programme, and"
        " after.",
        ("label", "value", "role", "measure"),
        (
            ("year before", round(before, 4), "total", "contacts a person a year"),
            (
                "came back by itself (regression to the mean)",
                round(would - before, 4),
                "anyway",
                "contacts a person a year",
            ),
            (
                "left for the work to have changed",
                Derived(after - would, seen, digits=4),
                "effect",
                "contacts a person a year",
            ),
            ("follow-up", Derived(after, seen, digits=4), "total", "contacts a person a year"),
        ),
    )
