"""The evaluation of a collaboration that enrols people: risk sets, matching, estimate, checks, grade. Read top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.coarse import share
from headwater.domain.collaboration import Role
from headwater.domain.evidence import Cohort, Comparison, Effect, Evaluation, Finding, Naive, Verdict, verdict
from headwater.domain.progress import silent
from headwater.domain.uncertainty import Interval
from headwater.evidence.checks.people_all import people_checks
from headwater.evidence.grade import graded
from headwater.evidence.people.design import designed, matched
from headwater.evidence.people.estimate import averted, detectable, rate_ratio, rates
from headwater.evidence.people.figures import figures_of
from headwater.evidence.people.partitions import over_partitions
from headwater.evidence.people.reading import QUARTER, entry_contacts, in_engine, kinds_of, population
from headwater.evidence.people.subgroups import subgroups
from headwater.stats.balance import balance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Outcome, Protocol, Standing
    from headwater.domain.evidence import Check
    from headwater.domain.progress import Progress
    from headwater.evidence.people.design import Design, Matched
    from headwater.evidence.people.reading import Population
    from headwater.stats.poisson import RateModel
    from headwater.store import Store

SMD_LIMIT = 0.1
FEW = 20
"""Below this many of the enrolled in matched sets the sandwich is not to be trusted, and no ratio is given."""
ENOUGH = 50
"""Below this many the ratio is given and the verdict is *cannot tell*. Clusters may be too few up to fifty (Cameron & Miller 2015,
J. Human Resources 50:317), and what stands out from so few overstates the effect (Gelman & Carlin 2014, Perspectives on
Psychological Science 9:641): thirty matched people tell only a halving from none."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Everything a check may look at."""

    protocol: Protocol
    people: Population
    design: Design
    sets: Matched
    models: dict[str, RateModel | None]


def evaluate_people(
    store: Store, protocol: Protocol, standing: Standing, observed: tuple[str, str], progress: Progress = silent
) -> Evaluation:
    """observed: ISO days between which all data are complete. Raises DataProblem where nobody can be compared."""
    progress("who could have been enrolled", 0, 4)
    people = population(store, protocol)
    assert protocol.entry is not None
    contacts = entry_contacts(store, people, protocol.entry)
    kinds = tuple(sorted({*kinds_of(store), *protocol.outcome_kinds(), protocol.entry.kind}))
    progress("histories", 1, 4)
    design = designed(people, contacts, protocol, kinds, window_of(observed), in_engine(store, people, kinds))
    progress("matching", 2, 4)
    case = estimated(protocol, people, design, matched(design, protocol))
    case = replace(case, models=over_partitions(store, people, design, case.sets, case.models))
    progress("checks", 3, 4)
    found = concluded(case, people_checks(case), standing)
    progress("", 4, 4)
    return found


def window_of(observed: tuple[str, str]) -> tuple[int, int]:
    """First and last day as numbers since 1970."""
    return tuple((date.fromisoformat(day) - date(1970, 1, 1)).days for day in observed)  # type: ignore[return-value]


def estimated(protocol: Protocol, people: Population, design: Design, sets: Matched) -> Case:
    """A rate model for each outcome; None where it cannot be estimated."""
    enough = design.units.treated[sets.row].sum() >= FEW
    models = {kind: rate_ratio(design, sets, kind) if enough else None for kind in protocol.outcome_kinds()}
    return Case(protocol, people, design, sets, models)


def concluded(case: Case, checks: tuple[Check, ...], standing: Standing) -> Evaluation:
    """The findings with everything that stands beside them."""
    protocol = case.protocol
    withheld = _withheld(case, checks)
    findings = tuple(_finding(case, outcome, withheld) for outcome in protocol.outcomes)
    told = findings[0].rate_ratio is not None
    return Evaluation(
        collaboration=protocol.id,
        design=f"risk-set matching on history ({protocol.comparison.method}, {protocol.comparison.distance})",
        status=standing.status,
        protocol_sha256=standing.sha256,
        cohort=_cohort(case),
        comparison=_comparison(case),
        effect=_effect(case),
        findings=findings,
        checks=checks,
        grade=graded("matched", checks, told=told),
        caveats=_caveats(case, findings),
        figures=(*figures_of(case, findings), *subgroups(case)),
    )


def _withheld(case: Case, checks: tuple[Check, ...]) -> tuple[str, ...]:
    """Why no word may be given, whatever the intervals say: the comparison was shown to be wrong, or is too small."""
    failed = [check.name.replace("-", " ") for check in checks if check.essential and check.passed is False]
    told = (f"a check that has to pass failed ({name})" for name in failed)
    small = (f"fewer than {ENOUGH} of those enrolled could be matched",) if _treated(case) < ENOUGH else ()
    return (*told, *small)


def _finding(case: Case, outcome: Outcome, withheld: tuple[str, ...]) -> Finding:
    model, level = case.models[outcome.kind], case.protocol.level
    ratio = None if model is None else model.ratio(0, level)
    # A control that moved is the very reason why the others are withheld; its own word is left standing.
    why = () if ratio is None or outcome.role is Role.NEGATIVE_CONTROL else withheld
    return Finding(
        kind=outcome.kind,
        role=outcome.role,
        verdict=verdict(ratio, outcome.worthwhile, why),
        rate_ratio=ratio,
        averted_per_year=_per_year(case, outcome.kind),
        naive=_naive(case, outcome.kind),
        detectable=detectable(model, level=level),
        withheld=why,
    )


def _draws(case: Case, kind: str) -> NDArray[np.float64]:
    """float64[draw, quarter]; NaN where nothing could be estimated, never nought."""
    model = case.models[kind]
    quarters = case.design.after.shape[2]
    if model is None:
        return np.full((case.protocol.draws, quarters), np.nan)
    # One stream a kind, so that an outcome added to the protocol does not move the draws of the others.
    rng = np.random.default_rng((case.protocol.seed, sum(map(ord, kind))))
    return averted(case.design, case.sets, kind, model.draws(case.protocol.draws, rng))


def _per_year(case: Case, kind: str) -> Interval | None:
    if case.models[kind] is None:
        return None
    years = _years(case) / max(_treated(case), 1)
    return Interval.of_draws(_draws(case, kind).sum(axis=1) / max(years, 1e-9), case.protocol.level)


def _naive(case: Case, kind: str) -> Naive | None:
    """The enrolled's own change, and the share of it that the compared show without any programme."""
    before, after, their_before, their_after = rates(case.design, case.sets, kind)
    if before <= 0 or their_before <= 0:
        return None
    change, theirs = after / before - 1, their_after / their_before - 1
    return Naive(change, theirs / change if abs(change) > 1e-9 else 0.0)


def _ours(case: Case) -> NDArray[np.int64]:
    return case.sets.row[case.design.units.treated[case.sets.row]]


def _treated(case: Case) -> int:
    return len(_ours(case))


def _years(case: Case) -> float:
    return float(case.design.exposure[_ours(case)].sum())


def _effect(case: Case) -> Effect:
    kinds = case.protocol.outcome_kinds()
    first = date(1970, 1, 1) + timedelta(days=int(case.design.units.index[_ours(case)].min(initial=NOT_SOON)))
    quarters = case.design.after.shape[2]
    periods = tuple((first + timedelta(days=QUARTER * at)).isoformat() for at in range(quarters))
    ratios = tuple(
        None if (model := case.models[kind]) is None else model.ratio(0, case.protocol.level) for kind in kinds
    )
    draws = np.stack([_draws(case, kind) for kind in kinds], axis=1)
    return Effect(case.protocol.id, kinds, periods, draws, ratios, _treated(case), _years(case), case.protocol.seed)


NOT_SOON = 40_000
"""A day no index reaches; only read when there is no matched set at all."""


def _cohort(case: Case) -> Cohort:
    ours = _ours(case)
    names = case.people.pseudonym[case.design.units.person[ours]].astype(str)
    order = np.argsort(names)
    index = case.design.units.index[ours].astype("datetime64[D]")
    left_out = dict(case.design.left_out)
    if len(case.sets.unmatched):
        left_out["nobody alike within the caliper"] = len(case.sets.unmatched)
    return Cohort(names[order], index[order], left_out)


def _comparison(case: Case) -> Comparison:
    treated = case.design.units.treated[case.sets.row]
    found = balance(case.design.covariates[case.sets.row], treated, case.sets.weight)
    smd = np.nan_to_num(np.abs(found.smd))
    over = tuple(name for name, value in zip(case.design.names, smd, strict=True) if value > SMD_LIMIT)
    controls = len(np.unique(case.design.units.person[case.sets.row[~treated]]))
    return Comparison(
        case.protocol.comparison.method, int(case.design.units.treated.sum()), _treated(case), controls,
        len(case.sets.unmatched), float(smd.max(initial=0.0)), over,
    )  # fmt: skip


def _caveats(case: Case, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    said = (_no_word(findings[0]), _again(case), _without_match(case), _too_small(findings[0]), _enrolled_later(case))
    return tuple(sentence for sentence in said if sentence)


def _no_word(primary: Finding) -> str:
    if not primary.withheld:
        return ""
    return f"The interval says what was seen, not what the programme did: {'; '.join(primary.withheld)}."


def _again(case: Case) -> str:
    if not case.people.listed.again:
        return ""
    return "Some people stand on the enrolment list more than once; each counts once, from their first day."


def _without_match(case: Case) -> str:
    """Common support: how many could not be compared, and how many contacts they had."""
    lost, ours = case.sets.unmatched, _ours(case)
    if not len(lost):
        return ""
    at = case.design.kinds.index(case.protocol.outcome_kinds()[0])
    said = share(len(lost), len(lost) + len(ours))
    if len(lost) < FEW:
        return (
            f"{said.capitalize()} of those enrolled had nobody alike to be compared with; nothing is said about them."
        )
    had = [float(case.design.before[rows, at, :4].sum(axis=1).mean()) if len(rows) else 0.0 for rows in (lost, ours)]
    return (
        f"{said.capitalize()} of those enrolled had nobody alike to be compared with; nothing is said about them. "
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
    return f"{said} of those followed were enrolled later themselves and were followed only until then."
