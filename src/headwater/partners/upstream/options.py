"""Upstream options: further contacts of services whose contacts are followed by less of our demand; and who saw it
first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.options import COST, Option, Reason
from headwater.partners.upstream import plots
from headwater.partners.upstream.boards import evidence, foretelling, series
from headwater.partners.upstream.case import FURTHER, RISKS, Case, seeded
from headwater.partners.upstream.courses import agencies_of, courses, eligible, place_courses, wrong_links
from headwater.partners.upstream.diagnostics import RARE
from headwater.partners.upstream.opportunities import missed, opportunities, too_late

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.money import Price
    from headwater.domain.release import FigureData
    from headwater.domain.workspace import Settings
    from headwater.partners.question import Question
    from headwater.partners.upstream.courses import Courses
    from headwater.partners.upstream.evidence import Series
    from headwater.store import Store

    Vector = NDArray[np.float64]

SURE = Grade(
    3,
    "moderate",
    "The same people's or places' own other times are the comparison, calibrated by pairs in which nothing should"
    " change; a trial is still due.",
)
UNCALIBRATED = Grade(
    2,
    "low",
    "The same people's or places' own other times are the comparison, but fewer than ten negative controls are"
    " declared, so a bias common to all is not taken out.",
)
UNTOLD = Grade(
    2,
    "low",
    "The same people's or places' own other times are the comparison, calibrated; but too few contacts to tell whether"
    " every condition of that holds.",
)
REFUSED = Grade(
    1, "very low", "Less of the demand follows its contacts, for a reason of another kind than that they avert it."
)
SECOND_OPINION = "A staggered start under a locked protocol would give a firmer answer."


def options(
    store: Store, prices: Mapping[str, Price], settings: Settings, question: Question, seed: int
) -> tuple[Option, ...]:
    """For each priced downstream kind: the evidence board, then the opportunity board; then the evidence board of
    places."""
    people = courses(store) if store.has("person_contact") else None
    places = place_courses(store) if store.has("contact") else None
    return tuple(
        one
        for found in (people, places)
        if found
        for one in _boards(store, prices, settings, (found, question.draws, seed))
    )


def _boards(
    store: Store, prices: Mapping[str, Price], settings: Settings, asked_of: tuple[Courses, int, int]
) -> list[Option]:
    found, draws, seed = asked_of
    able = eligible(store)
    told = cases(store, prices, settings, found)
    return [one for case in told for one in _of(case, case.kind not in able, draws, seed)]


def cases(store: Store, prices: Mapping[str, Price], settings: Settings, found: Courses) -> Iterator[Case]:
    """Each downstream kind with its board and the services that could act earlier."""
    able, agencies = eligible(store), agencies_of(store)
    declared = _declared(settings)
    controls = [kind for kind in declared if kind in found.kinds]
    # Every kind, whoever asks: the calibration rests on all of them, so that one body's answer is everybody's.
    asked = _downstream(found, prices, controls)
    if not asked:
        return
    codes = [found.kinds.index(kind) for kind in (*asked, *controls)]
    wrong = _link_error(store, settings)
    fits = series(found, codes, wrong)
    pairs = control_pairs(found, declared, [found.kinds.index(kind) for kind in asked])
    for code in own_demand(fits, codes[: len(asked)], found.kinds, able):
        usable = tuple(
            at for at, name in enumerate(found.kinds) if name in able and at != code and name not in controls
        )
        board = evidence(fits, code, pairs, found.kinds)
        yield Case(board, fits, found, agencies, prices, usable, wrong)


def own_demand(fits: Series, codes: Sequence[int], kinds: Sequence[str], able: frozenset[str]) -> list[int]:
    """Of the kinds those that are a demand of their own. What could act earlier and is called because another demand is
    coming is none:

    whoever averts that demand averts the calls before it, and would be told to avert both.
    """
    called = np.any([foretelling(fit) for fit in fits.fits], axis=0)
    return [code for code in codes if not (called[code] and kinds[code] in able)]


def control_pairs(found: Courses, declared: Sequence[str], asked: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """(service, kind) that are declared to have nothing to do with each other.

    A declared kind is no consequence of any service and no cause of any demand; `service > kind` declares one pair.
    """
    known = {name: at for at, name in enumerate(found.kinds)}
    kinds = [known[name] for name in declared if name in known]
    pairs = [(service, kind) for kind in kinds for service in known.values() if service not in kinds]
    pairs += [(kind, demand) for kind in kinds for demand in asked]
    for one in declared:
        service, _, kind = (word.strip() for word in one.partition(">"))
        if service in known and kind in known:
            pairs.append((known[service], known[kind]))
    # A demand and a control are one pair and not two, whichever stands first.
    return tuple(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


def _declared(settings: Settings) -> tuple[str, ...]:
    named = settings.partners.get("negative_controls", ())
    return tuple(named) if isinstance(named, list | tuple) else ()


def _link_error(store: Store, settings: Settings) -> float | None:
    """`link_error` of [partners]: the share of pairs of contacts that are not of one person, as a clerical check found
    it; else as the links say."""
    found = settings.partners.get("link_error")
    if isinstance(found, int | float):
        return float(found)
    return wrong_links(store) if store.has("person_link") else None


def _downstream(found: Courses, prices: Mapping[str, Price], controls: Sequence[str]) -> list[str]:
    """Kinds that cost something and are no negative control: a role belongs to a pair, and who averts may be averted
    too."""
    kinds = [kind for kind in found.kinds if kind in prices and kind not in controls]
    if found.units == "people":
        return kinds
    # Where the demand comes on many days a day's rate is no rate, and a service is never away for long enough to be
    # missed.
    course = found.course
    place = np.repeat(np.arange(course.people), np.diff(course.first))
    days = course.end[:1].astype(np.float64) - course.start[:1] + 1
    often = {
        kind: (mine := course.service == found.kinds.index(kind)).sum() / (len(np.unique(place[mine])) * days)
        for kind in kinds
    }
    return [kind for kind in kinds if often[kind][0] <= RARE]


def _of(case: Case, demand: bool, draws: int, seed: int) -> list[Option]:
    """demand: whether the kind only meets need that has arisen; what also acts earlier itself is told where it is
    surely averted.

    A pair that is not surely averted adds nothing to what its service is told to avert: beside a true effect of one
    kind the help that comes with a crisis shows as more of every other.
    """
    judged = [at for at in case.usable if at in case.board.used]
    each = {
        at: case.board.averted_further(at, draws, seeded(seed, case.name(at), case.kind), case.link_error)
        for at in judged
    }
    worth = {at: 1000 * case.freed * found for at, found in each.items()}
    of_people = case.found.units == "people"
    shared = (*([plots.journey(case)] if of_people else []), *([plots.board(case, worth)] if worth else []))
    averting = [at for at in judged if case.averts(at)]
    made = [
        tested(case, at, each[at], shared) if case.own_cost(at) is not None else unpriced(case, at, each[at])
        for at in averting
    ]
    refused = [at for at in judged if at in case.board.diagnoses and not case.averts(at)]
    made += [not_shown(case, at) for at in refused]
    if demand and of_people:
        made += [called_late(case, at) for at in too_late(case) if at not in (*averting, *refused)]
        made += opportunities(case, draws, seed, shared)
        made += missed(case, averting, draws, seeded(seed, "unmet", case.kind))
    return made


def tested(case: Case, service: int, each: Vector, shared: tuple[FigureData, ...]) -> Option:
    """A tenth more contacts of a service that averts. each: float64[draw], events that one contact averts."""
    upstream = case.name(service)
    return Option(
        id=f"{case.board_id(service)}:{case.kind}",
        style=Style.UPSTREAM,
        partners=case.partners(service),
        service=f"{case.kind} averted by {upstream}{case.where}",
        benefit_gbp=each * case.further(service) * case.freed,
        yearly_cost_gbp=case.own_cost(service) or 0.0,
        one_off_cost_gbp=0.0,
        gains=case.ours,
        pays=case.theirs(service),
        staff_transferred=0.0,
        months_to_benefit=3.0,
        grade=grade_of(case, service),
        reasons=reasons(case, service, each),
        would_change=_would_change(case, service, each),
        risks=RISKS,
        board="evidence",
        act=case.board_id(service),
        idea=f"upstream:{upstream}",
        scales=case.found.units == "people",
        fiscal_share=case.prices[case.kind].cash_share,
        figures=(plots.windows(case, service), plots.lead_time(case, service), *shared),
    )


def unpriced(case: Case, service: int, each: Vector) -> Option:
    """A service that averts and of which nobody says what it costs: below which cost it pays, and no net."""
    upstream, gbp = case.name(service), case.freed * float(each.mean())
    wanted = (
        f"a price of {upstream} (a row of a file named in prices of headwater.toml): a further contact frees"
        f" £{gbp:,.0f} of {case.kind}, and pays below that"
    )
    return _without_figures(case, service, (wanted,), grade_of(case, service), f"upstream:{upstream}")


def not_shown(case: Case, service: int) -> Option:
    """A service whose contacts are followed by less of the demand for a reason of another kind: named with it, and
    never ranked."""
    return _without_figures(
        case, service, tuple(f"a trial, because {reason}" for reason in case.board.diagnoses[service].reasons), REFUSED
    )


def called_late(case: Case, service: int) -> Option:
    """A service that sees the demand when it is already coming: named, so that nobody looks for it in vain, and never
    ranked."""
    reason = (
        "a trial: people turn to it when the demand is already on its way, so far more of that demand follows within a"
        " week of its contacts than at other times"
    )
    return _without_figures(case, service, (reason,), REFUSED)


def _without_figures(case: Case, service: int, needs: tuple[str, ...], grade: Grade, idea: str = "") -> Option:
    upstream = case.name(service)
    return Option(
        id=f"{case.board_id(service)}:{case.kind}",
        style=Style.UPSTREAM,
        partners=case.partners(service),
        service=f"{case.kind} averted by {upstream}{case.where}",
        benefit_gbp=np.empty(0),
        yearly_cost_gbp=0.0,
        one_off_cost_gbp=0.0,
        gains=case.ours,
        pays=case.theirs(service),
        staff_transferred=0.0,
        months_to_benefit=3.0,
        grade=grade,
        reasons=(),
        would_change=(SECOND_OPINION,),
        risks=RISKS,
        board="evidence",
        figures=(plots.windows(case, service),),
        needs=needs,
        idea=idea,
    )


def grade_of(case: Case, service: int) -> Grade:
    if not case.board.calibrated:
        return UNCALIBRATED
    return SURE if case.board.diagnoses[service].told else UNTOLD


def reasons(case: Case, service: int, each: Vector) -> tuple[Reason, ...]:
    """Steps in pounds a year that add up to the mean of the draws, less cost."""
    upstream, further, price = case.name(service), case.further(service), case.price
    seen, raw, mean = case.seen_each(service), case.raw_each(service), float(each.mean())
    average = raw * case.further_share(service)
    per_thousand = [1000 * case.freed * float(np.quantile(each, at)) for at in (0.025, 0.5, 0.975)]
    told = [
        Reason(
            "Demand without it",
            further * price * (seen + raw),
            f"{further:,.0f} further contacts a year (a tenth more) reach {case.found.units} that would have"
            f" {seen + raw:.2f} {case.kind} each in the half year after, at £{price:,.0f} on average",
        ),
        Reason(
            "Comes anyway",
            -further * price * seen,
            f"{seen:.2f} of them come all the same: {raw / max(seen + raw, 1e-9):.0%} fewer than at other times of the"
            f" same {case.found.units}",
        ),
        Reason(
            "Covered already",
            further * price * (average - raw),
            "a further contact falls partly on days on which an earlier one is still at work: it averts"
            f" {case.further_share(service):.0%} of what the average one does",
        ),
        Reason(
            "Allowance for uncertainty",
            further * price * (mean - average),
            "corrected for what pairs in which nothing should change show, and for the winner's curse:"
            f" £{per_thousand[1]:,.0f} (£{per_thousand[0]:,.0f} to £{per_thousand[2]:,.0f}) are freed per 1,000 further"
            " contacts",
        ),
        case.stays(further * price * mean),
    ]
    cost = case.own_cost(service) or 0.0
    return (
        *told,
        Reason(COST, -cost, f"one more contact upstream ({upstream}) costs £{cost / max(further, 1e-9):,.0f}"),
    )


def _would_change(case: Case, service: int, each: Vector) -> tuple[str, ...]:
    worth, upstream = case.freed * float(each.mean()), case.name(service)
    own = (case.own_cost(service) or 0.0) / max(case.further(service), 1e-9)
    side = "pays" if own < worth else "does not pay by this demand alone"
    first = (
        f"One more contact upstream ({upstream}) frees £{worth:,.0f} of {case.kind} and costs £{own:,.0f}: it {side}."
        " The answer turns where the two are equal."
    )
    doubt = 1 - case.board.averaged.lower()[case.board.place(service)]
    return (
        first,
        f"There is still a chance of {max(doubt, 0.001):.1%} that its contacts avert nothing. {SECOND_OPINION}",
    )


__all__ = ["FURTHER", "cases", "control_pairs", "options", "reasons", "tested"]
