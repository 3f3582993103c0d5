"""The evaluation of a collaboration that enrols people: risk sets, matching, estimate, calibration, checks, grade. Read
top to bottom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Evaluation, Finding, sham_verdict, verdict
from headwater.domain.progress import silent
from headwater.evidence.checks.people_all import people_checks
from headwater.evidence.grade import capped, graded
from headwater.evidence.people.amounts import amounts_of, used
from headwater.evidence.people.case import Case
from headwater.evidence.people.design import designed
from headwater.evidence.people.estimate import detectable, rate_ratio, seen_after
from headwater.evidence.people.few import few_ratio
from headwater.evidence.people.figures import figures_of
from headwater.evidence.people.likelihood import likelihoods_of
from headwater.evidence.people.matching import matched
from headwater.evidence.people.partitions import over_partitions
from headwater.evidence.people.reading import entry_contacts, in_engine, kinds_of, need_outcome, population
from headwater.evidence.people.severity import Hidden, hidden_difference
from headwater.evidence.people.shams import own_error, sham_cohorts
from headwater.evidence.people.subgroups import subgroups
from headwater.evidence.people.told import (
    averted_per_year,
    caveats_of,
    cohort_of,
    comparison_of,
    effect_of,
    kept_share,
    naive_of,
    people_matched,
)
from headwater.evidence.people.trial import flow_of, trial_of

if TYPE_CHECKING:
    from headwater.domain.collaboration import Outcome, Protocol, Standing
    from headwater.domain.evidence import Check
    from headwater.domain.progress import Progress
    from headwater.domain.uncertainty import Interval
    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched
    from headwater.stats.calibration import SystematicError
    from headwater.stats.poisson import RateModel
    from headwater.store import Store

FEW = 20
"""Below this many of the enrolled in matched sets the sandwich is not to be trusted, and the ratio is the exact one."""
ENOUGH = 50
"""Below this many the ratio is given and the verdict is *cannot tell*. Clusters may be too few up to fifty (Cameron &
Miller 2015, J. Human Resources 50:317), and what stands out from so few overstates the effect (Gelman & Carlin 2014,
Perspectives on Psychological Science 9:641): thirty matched people tell only a halving from none."""


def evaluate_people(
    store: Store, protocol: Protocol, standing: Standing, observed: tuple[str, str], progress: Progress = silent
) -> Evaluation:
    """observed: ISO days between which all data are complete. Raises DataProblem where nobody can be compared."""
    progress("who could have been enrolled", 0, 5)
    people = population(store, protocol)
    assert protocol.entry is not None
    contacts = entry_contacts(store, people, protocol.entry)
    need_outcome(store, protocol.primary_kind)
    kinds = tuple(sorted({*kinds_of(store), *protocol.outcome_kinds(), protocol.entry.kind}))
    progress("histories", 1, 5)
    design = designed(people, contacts, protocol, kinds, window_of(observed), in_engine(store, people, kinds))
    progress("matching", 2, 5)
    case = estimated(protocol, design, matched(design, protocol))
    counted = used(store, design, case.sets)
    linked = over_partitions(store, design, case.sets, case.raw)
    case = replace(case, raw=linked.models, relinked=linked.seen, used=counted)
    progress("sham cohorts", 3, 5)
    case = calibrated(case)
    progress("checks", 4, 5)
    found = concluded(case, people_checks(case), standing)
    progress("", 5, 5)
    return found


def window_of(observed: tuple[str, str]) -> tuple[int, int]:
    """First and last day as numbers since 1970."""
    return tuple((date.fromisoformat(day) - date(1970, 1, 1)).days for day in observed)  # type: ignore[return-value]


def estimated(protocol: Protocol, design: Design, sets: Matched) -> Case:
    """A rate model for each outcome; the exact interval where there is none."""
    enough = design.units.treated[sets.row].sum() >= FEW
    kinds = protocol.outcome_kinds()
    raw = {kind: rate_ratio(design, sets, kind) if enough else None for kind in kinds}
    exact = {kind: few_ratio(design, sets, kind, protocol.level) if raw[kind] is None else None for kind in kinds}
    return Case(protocol, design, sets, raw, raw, exact)


def calibrated(case: Case) -> Case:
    """The case with what the method finds where nothing was done and how unlike the enrolled are in what is hidden, and
    every outcome's interval widened by the one and moved and widened by the other."""
    protocol, kinds = case.protocol, case.protocol.outcome_kinds()
    shams = sham_cohorts(case.design, protocol, kinds)
    controls = {
        kind: model for kind in protocol.outcome_kinds(Role.NEGATIVE_CONTROL) if (model := case.raw[kind]) is not None
    }
    known, hidden, models = {}, {}, {}
    for kind in kinds:
        others = [model for control, model in controls.items() if control != kind]
        estimates = np.concatenate([shams[kind].estimates, [model.beta[0] for model in others]])
        errors = np.concatenate([shams[kind].errors, [model.se[0] for model in others]])
        known[kind] = own_error(estimates, errors)
        hidden[kind] = hidden_difference(case.design, case.sets, protocol, kind, case.raw)
        # A control is judged as it was estimated: it tells of the error itself.
        raw = case.raw[kind]
        models[kind] = raw if raw is None or kind in controls else _moved(_widened(raw, known[kind]), hidden[kind])
    return replace(case, shams=shams, systematic=known, hidden=hidden, models=models)


def _widened(model: RateModel, error: SystematicError) -> RateModel:
    """The model with its doubt wider by the error's spread and by as much of its mean as chance does not explain.

    The middle stays: the shams stand in a smaller pool than the enrolled, so that their mean tells how large an error
    is, not its sign.
    """
    covariance = model.covariance.copy()
    covariance[0, 0] += error.sd**2 + max(error.mean**2 - error.mean_se**2, 0.0)
    return replace(model, covariance=covariance)


def _moved(model: RateModel, hidden: Hidden) -> RateModel:
    """The model less the hidden difference of the enrolled, with the errors of what it was measured by."""
    beta, covariance = model.beta.copy(), model.covariance.copy()
    beta[0] -= hidden.mean
    covariance[0, 0] += hidden.told
    return replace(model, beta=beta, covariance=covariance)


def _doubted(model: RateModel, hidden: Hidden) -> RateModel:
    """The model of the interval that is told, wider by what may still be hidden."""
    covariance = model.covariance.copy()
    covariance[0, 0] += hidden.variance + hidden.sd**2 - hidden.told
    return replace(model, covariance=covariance)


def concluded(case: Case, checks: tuple[Check, ...], standing: Standing) -> Evaluation:
    """The findings with everything that stands beside them."""
    protocol = case.protocol
    findings = tuple(_finding(case, outcome, _about(outcome.kind, checks)) for outcome in protocol.outcomes)
    first = next(one for one in findings if one.kind == case.kind)
    assert first.grade is not None
    return Evaluation(
        collaboration=protocol.id,
        design=f"risk-set matching on history ({protocol.comparison.method}, {protocol.comparison.distance})",
        status=standing.status,
        protocol_sha256=standing.sha256,
        cohort=cohort_of(case),
        comparison=comparison_of(case),
        effect=effect_of(case),
        findings=findings,
        checks=first.checks,
        grade=first.grade,
        caveats=caveats_of(case, findings),
        figures=(*figures_of(case, findings), *subgroups(case)),
        likelihoods=likelihoods_of(case),
        trial=trial_of(protocol),
        flow=flow_of(case),
        amounts=amounts_of(case),
        together=case.people.joined is not None,
    )


def _about(kind: str, checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The checks that judge an outcome or all of them."""
    return tuple(check for check in checks if check.outcome in ("", kind))


def _withheld(case: Case, checks: tuple[Check, ...]) -> tuple[str, ...]:
    """Why no word may be given, whatever the intervals say: the comparison was shown to be wrong, or is too small."""
    failed = [check.name.replace("-", " ") for check in checks if check.essential and check.passed is False]
    told = (f"a check that has to pass failed ({name})" for name in failed)
    small = (f"fewer than {ENOUGH} of those enrolled could be matched",) if people_matched(case) < ENOUGH else ()
    return (*told, *small)


def _finding(case: Case, outcome: Outcome, checks: tuple[Check, ...]) -> Finding:
    """The outcome's line by its own checks and those of the comparison of all; each has its own grade and word."""
    withheld = _withheld(case, checks)
    kind, ratio, raw = outcome.kind, case.ratio(outcome.kind), case.raw[outcome.kind]
    # A control that moved is the very reason why the others are withheld; its own word is left standing.
    sham = outcome.role is Role.NEGATIVE_CONTROL
    why = () if sham else _nothing_told(case, kind) if ratio is None else (withheld or _explained(case, kind, ratio))
    word = sham_verdict(ratio) if sham else verdict(ratio, outcome.smallest, why)
    grade = graded("matched", checks, told=ratio is not None, kept=kept_share(case))
    return Finding(
        kind=kind,
        role=outcome.role,
        verdict=word,
        rate_ratio=ratio,
        averted_per_year=averted_per_year(case, kind),
        naive=naive_of(case, kind),
        detectable=detectable(case.models[kind], level=case.protocol.level),
        withheld=why,
        checks=checks,
        grade=(
            grade
            if sham or not explained_fall(case, kind)
            else capped(grade, "a hidden difference would explain the fall")
        ),
        raw_ratio=None if raw is None else raw.ratio(0, case.protocol.level),
        seen=seen_after(case.design, case.sets, kind),
    )


def _nothing_told(case: Case, kind: str) -> tuple[str, ...]:
    """Why there is no ratio at all."""
    said = replace(case, judged=kind).unmodelled.rstrip(".")
    return (said[:1].lower() + said[1:],) if said else ()


def _explained(case: Case, kind: str, ratio: Interval) -> tuple[str, ...]:
    """Why a rise, or a change of which nothing could be measured, is not yet the programme's: the enrolled may be
    others than their records say. A fall that was moved by what was measured is told, and graded lower where the rest
    would explain it.
    """
    raw, hidden, level = case.raw[kind], case.hidden.get(kind), case.protocol.level
    if raw is None or hidden is None:
        return ()
    seen, model = _widened(raw, case.systematic[kind]).ratio(0, level), case.models[kind]
    doubted = ratio if model is None else _doubted(model, hidden).ratio(0, level)
    # Harm has to survive what may still be hidden as a doubt, and as a difference of that size on top of all other
    # doubt.
    rise = (seen.low > 1 or ratio.low > 1) and min(doubted.low, ratio.low * float(np.exp(-hidden.sd))) <= 1
    fall = seen.high < 1 and ratio.high >= 1
    if not rise and not fall:
        return ()
    return (
        (
            "people enrolled may differ from those compared in ways that no record shows, "
            f"and that alone could explain the {'rise' if rise else 'fall'}"
        ),
    )


def explained_fall(case: Case, kind: str) -> bool:
    """Whether an interval below 1 would hold it if as much were hidden as may still be."""
    model, hidden = case.models[kind], case.hidden.get(kind)
    if model is None or hidden is None:
        return False
    level = case.protocol.level
    return model.ratio(0, level).high < 1 <= _doubted(model, hidden).ratio(0, level).high
