"""The opportunity board: who saw the demand first, often enough, early enough; and who was seen by nobody. No causal
claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.options import Option, Reason
from headwater.partners.upstream import plots
from headwater.partners.upstream.boards import foretelling, unmet
from headwater.partners.upstream.case import RISKS, seeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.release import FigureData
    from headwater.partners.upstream.case import Case

SHOWN = 3
SURELY = 2.0
"""Standard errors by which the number seen first must be beyond chance."""
AVOIDABLE = (1.0, 19.0)
"""Beta prior of the share of an untested opportunity that could be averted: mean 5 %, an assumption of this tool."""
OFTEN = 2.0
"""Contacts of the demand a year from which a person seen by nobody upstream counts as unmet."""
CALLED = 1.5
"""Times as much of the demand within a week of a contact from which it may be said that the coming demand calls it."""
FEWEST_PEOPLE = 20
ROUNDED = 5
SEEN = Grade(1, "very low", "It only says who saw the demand first. Seeing is not averting.")
UNSEEN = Grade(
    1, "very low", "It only says that nobody upstream saw these people. What seeing them would avert is not known."
)
ASSUMED = "one in twenty of them is assumed to be avoidable; nothing shows that any is"


def opportunities(case: Case, draws: int, seed: int, shared: tuple[FigureData, ...]) -> list[Option]:
    """The services that saw most of the demand first, surely beyond chance. Not blended with the evidence."""
    called = set(_called(case))
    best = [service for service in _first(case) if service not in called][:SHOWN]
    return [
        _seen(case, service, draws, seeded(seed, "seen", case.name(service), case.kind), shared) for service in best
    ]


def too_late(case: Case) -> list[int]:
    """Services that see much of the demand first, because it calls them: no opportunity, however much of it they
    see."""
    called = set(_called(case))
    return [service for service in _first(case) if service in called]


def _first(case: Case) -> list[int]:
    """Services that saw some of the demand first, surely beyond chance, those that saw most at the head."""
    seen, at = case.fits.seen, case.at
    beyond, error = seen.beyond[at], np.maximum(seen.error[at], 1e-9)
    able = (one for one in case.usable if beyond[one] > SURELY * error[one])
    return sorted(able, key=lambda service: (-beyond[service], service))


def _called(case: Case) -> list[int]:
    """Whoever is called because a demand is coming, of whatever kind, sees it too late to act."""
    return [int(one) for one in np.flatnonzero(np.any([foretelling(fit) for fit in case.fits.fits], axis=0))]


def _seen(case: Case, service: int, draws: int, rng: np.random.Generator, shared: tuple[FigureData, ...]) -> Option:
    seen, at, upstream = case.fits.seen, case.at, case.name(service)
    years = max(case.found.years, 1e-9)
    beyond = seen.beyond[at, service] / years
    error = seen.error[at, service] / years
    share, many = rng.beta(*AVOIDABLE, draws), np.maximum(rng.normal(beyond, error, draws), 0.0)
    benefit = share * many * case.freed
    reach, days = seen.observed[at, service] / max(seen.events[at], 1.0), case.median_lead_days(service)
    whole = beyond * case.price
    why = (
        Reason(
            "Seen first",
            whole,
            f"{beyond:,.0f} (± {1.96 * error:,.0f}) {case.kind} a year come within 180 days after one of its contacts,"
            " beyond what the same people's contacts give when they are shifted, in season or out of it; it sees"
            f" {reach:.0%} of all, half of them within {days:.0f} days, at £{case.price:,.0f} each",
        ),
        case.stays(whole),
        Reason("Not avoidable", float(benefit.mean()) - beyond * case.freed, ASSUMED),
    )
    return Option(
        id=f"opportunity:{upstream}:{case.kind}",
        style=Style.UPSTREAM,
        partners=case.partners(service),
        service=f"{case.kind} seen first by {upstream}",
        benefit_gbp=benefit,
        yearly_cost_gbp=0.0,
        one_off_cost_gbp=0.0,
        gains=case.ours,
        pays=case.theirs(service),
        staff_transferred=0.0,
        months_to_benefit=12.0,
        grade=SEEN,
        reasons=why,
        would_change=(_what_evidence_says(case, service),),
        risks=RISKS,
        board="opportunity",
        act=f"opportunity:{upstream}",
        scales=True,
        fiscal_share=case.prices[case.kind].cash_share,
        figures=(plots.lead_time(case, service), plots.windows(case, service), *shared),
    )


def _what_evidence_says(case: Case, service: int) -> str:
    """The other board's word on the same pair, so that seeing first is not taken for averting."""
    if service not in case.board.used:
        return "Too few contacts to tell whether they avert anything. A trial of acting on them would tell."
    place, judged = case.board.place(service), case.board.averaged
    ratio = float(np.exp(case.board.beta[service, 0]))
    if service in case.board.diagnoses and not case.averts(service):
        return (
            "Less of the demand follows its contacts, but that does not show that they avert it:"
            f" {case.board.diagnoses[service].reasons[0]}. A trial would tell."
        )
    if case.averts(service):
        return "Its contacts do avert this demand: see the option with evidence."
    if judged.lower()[place] < 0.5 and ratio > CALLED:
        return (
            f"Within a week of its contacts there is {ratio:.1f} times as much of the demand: it is called because the"
            " demand is coming. A trial would tell whether acting on the call averts any."
        )
    return (
        "As far as the data can tell its own contacts do not lower the demand. A trial of acting on them would tell"
        " whether seeing can become averting."
    )


def missed(case: Case, averting: Sequence[int], draws: int, rng: np.random.Generator) -> list[Option]:
    """People with much of the demand whom no service that could act earlier has seen; nothing where they are few."""
    if not case.usable:
        return []  # Without records of anybody who could act earlier nobody can say who was seen by nobody.
    people, contacts = unmet(case.found.course, case.board.kind, case.usable, OFTEN)
    if people < FEWEST_PEOPLE:
        return []
    yearly = contacts / max(case.found.years, 1e-9)
    benefit = rng.beta(*AVOIDABLE, draws) * yearly * case.freed
    about = ROUNDED * round(people / ROUNDED)
    partners = tuple(dict.fromkeys((*case.ours, *(one for at in averting for one in case.theirs(at)))))
    whole = yearly * case.price
    return [
        Option(
            id=f"unmet:{case.kind}",
            style=Style.UPSTREAM,
            partners=partners,
            service=f"{case.kind} of people whom nobody upstream sees",
            benefit_gbp=benefit,
            yearly_cost_gbp=0.0,
            one_off_cost_gbp=0.0,
            gains=case.ours,
            pays=tuple(one for one in partners if one not in case.ours),
            staff_transferred=0.0,
            months_to_benefit=12.0,
            grade=UNSEEN,
            reasons=(
                Reason(
                    "Seen by nobody",
                    whole,
                    f"about {about:,} people have two or more {case.kind} a year and no contact with any service that"
                    f" could act earlier; theirs are {ROUNDED * round(yearly / ROUNDED):,} a year, at"
                    f" £{case.price:,.0f} each",
                ),
                case.stays(whole),
                Reason("Not avoidable", float(benefit.mean()) - yearly * case.freed, ASSUMED),
            ),
            would_change=("Offer the service that averts most to some of these people, chosen at random, and see.",),
            risks=("Reaching people who do not come by themselves costs more than seeing those who do.", *RISKS),
            board="opportunity",
            act="unmet",
            scales=True,
            fiscal_share=case.prices[case.kind].cash_share,
        )
    ]
