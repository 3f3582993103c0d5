"""The evaluation as the trial it stands for: the table of its parts, and the way of the people through it.

Hernán & Robins 2016, American Journal of Epidemiology 183:758 (the table); the flow follows the steps of STROBE (von
Elm et al. 2007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import FlowStep, TrialPart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.evidence.people.case import Case


def trial_of(protocol: Protocol) -> tuple[TrialPart, ...]:
    """The target trial and its emulation, part by part."""
    entry, plan = protocol.entry, protocol.comparison
    assert entry is not None
    rule = f"at least {entry.at_least} contacts ({entry.kind}) within {entry.within_days} days{_narrowed(protocol)}"
    outcomes = ", ".join(f"{outcome.kind} ({outcome.role.value})" for outcome in protocol.outcomes)
    exact = f", exactly alike in {', '.join(plan.exact)}" if plan.exact else ""
    caliper = "" if plan.caliper is None else f" within a caliper of {plan.caliper:g} standard deviations"
    rows = (
        (
            "Who may take part",
            f"People with {rule}.",
            "The same rule, held on the day by the records, for enrolled and compared alike.",
        ),
        (
            "What is compared",
            f"Being taken on by {protocol.name}, against care as usual.",
            "The enrolment list; people who were not on it that day, who may be enrolled later.",
        ),
        (
            "How people are allotted",
            "At random, on the day the rule holds.",
            (
                f"Matching on history to that day: {plan.per_unit} compared to one enrolled by"
                f" {plan.distance}{caliper}{exact}."
            ),
        ),
        (
            "When the clock starts",
            "On the day of the draw.",
            (
                "On the day of enrolment; of the compared as long after a contact at which the rule held as enrolled"
                " people waited after theirs."
            ),
        ),
        (
            "How long they are followed",
            f"{protocol.follow_up_days} days, or until death or moving.",
            (
                f"{protocol.follow_up_days} days, the end of the data, death, moving, or another programme; who is"
                " enrolled later is followed until then and stood for by their like."
            ),
        ),
        ("What is counted", outcomes + ".", "The same, as the agencies recorded them."),
        (
            "What is estimated",
            "The rate ratio among those allotted to the programme.",
            "The rate ratio among those enrolled who could be matched.",
        ),
        (
            "How it is worked out",
            "Rates of the two arms.",
            (
                "Poisson pseudo-likelihood within matched sets, adjusted for what matching left, errors by set and by"
                " person, calibrated by sham cohorts, sham outcomes and the second year before."
            ),
        ),
    )
    return tuple(TrialPart(*row) for row in rows)


def _narrowed(protocol: Protocol) -> str:
    entry = protocol.entry
    assert entry is not None
    ages = {
        (True, True): f", aged {entry.minimum_age} to {entry.maximum_age}",
        (True, False): f", aged {entry.minimum_age} or over",
        (False, True): f", aged {entry.maximum_age} or under",
        (False, False): "",
    }[entry.minimum_age is not None, entry.maximum_age is not None]
    return ages + (f", living in {', '.join(entry.areas)}" if entry.areas else "")


def flow_of(case: Case) -> tuple[FlowStep, ...]:
    """Enrolled: listed, eligible, matched, followed to the end. Compared: eligible, matched, followed to the end.
    People, each once."""
    units, sets = case.design.units, case.sets
    left_out, unmatched = case.design.left_out, len(sets.unmatched)
    eligible, matched = int(units.treated.sum()), int(units.treated[sets.row].sum())
    listed = eligible + sum(left_out.values())
    theirs = sets.row[~units.treated[sets.row]]
    could, were = (len(np.unique(units.person[rows])) for rows in (np.flatnonzero(~units.treated), theirs))
    return (
        FlowStep("enrolled", "on the enrolment list", listed, dict(left_out)),
        FlowStep("enrolled", "eligible on the day", eligible, {"nobody alike to be compared with": unmatched}),
        FlowStep("enrolled", "matched", matched, _ended(case, sets.row[units.treated[sets.row]])),
        FlowStep("enrolled", "followed to the end", _whole(case, sets.row[units.treated[sets.row]])),
        FlowStep("compared", "eligible on a day", could, {"nobody enrolled was like them": could - were}),
        FlowStep("compared", "matched", were, _ended(case, theirs)),
        FlowStep("compared", "followed to the end", _whole(case, theirs)),
    )


def _whole(case: Case, rows: NDArray[np.int64]) -> int:
    """People of whom at least one follow-up ran to its planned end."""
    units = case.design.units
    return len(np.unique(units.person[rows[units.end[rows] >= units.planned[rows]]]))


def _ended(case: Case, rows: NDArray[np.int64]) -> dict[str, int]:
    """Why none of a person's follow-ups ran to its end, by the first reason that holds of any; noughts left away."""
    units = case.design.units
    whole = np.unique(units.person[rows[units.end[rows] >= units.planned[rows]]])
    cut = rows[~np.isin(units.person[rows], whole)]
    reasons = {
        "died or moved": units.lost[cut],
        "enrolled later": units.enrolled_later[cut],
        "taken on by another programme": units.elsewhere[cut],
        "no longer observed": np.ones(len(cut), dtype=bool),
    }
    found, told = {}, np.empty(0, dtype=np.int64)
    for reason, holds in reasons.items():
        people = np.setdiff1d(units.person[cut[holds]], told)
        told = np.union1d(told, people)
        if len(people):
            found[reason] = len(people)
    return found
