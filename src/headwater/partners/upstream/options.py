"""Upstream options: further contacts of services whose contacts are followed by less of our demand; and who saw it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.figures import FigureData
from headwater.domain.options import Option, Reason
from headwater.partners.upstream.boards import Evidence, evidence, excess, median_lead_weeks
from headwater.partners.upstream.courses import agencies_of, courses, eligible
from headwater.stats.sccs import POST, WEEKS_OF, joint_sccs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.domain.money import Price
    from headwater.domain.workspace import Settings
    from headwater.partners.question import Question
    from headwater.partners.upstream.courses import Courses
    from headwater.store import Store

FURTHER = 0.10
"""Options are reckoned for a tenth more contacts of the service than now; the effect is per contact, so it scales."""
OPPORTUNITIES = 3
AVOIDABLE = (1.0, 19.0)
"""Beta prior of the share of an untested opportunity that could be averted: mean 5 %, an assumption of this tool."""

SURE = Grade(3, "moderate", "The same people's own other times are the comparison, calibrated by outcomes nothing should change; a trial is still due.")  # fmt: skip
SEEN = Grade(1, "very low", "It only says who saw the demand first. Seeing is not averting.")
RISKS = (
    "Who pays is not who gains (wrong pocket).",
    "Several programmes may claim the same averted contacts.",
    "The effect may fade, or other demand may fill what is freed.",
)


def options(
    store: Store, prices: Mapping[str, Price], settings: Settings, question: Question, seed: int
) -> tuple[Option, ...]:
    """For each priced downstream kind (of the asking organisation, or all): the evidence board, then the opportunity board."""
    found = courses(store)
    able, agencies = eligible(store), agencies_of(store)
    controls = [kind for kind in _named(settings) if kind in found.kinds]
    series = [(kind, joint_sccs(*found.of(kind))) for kind in controls]
    made: list[Option] = []
    for kind in _downstream(found, prices, able, controls):
        ours = agencies.get(kind, ())
        if question.organisation is not None and question.organisation not in ours:
            continue
        board = evidence(found, kind, series)
        rng = np.random.default_rng((seed, found.kinds.index(kind)))
        case = (board, found, ours, agencies, prices)
        usable = [at for at, name in enumerate(found.kinds) if name in able and name != kind and name not in controls]
        made += [_tested(case, at, question.draws, rng) for at in usable if board.discovered[at]]
        made += _opportunities(case, usable, question.draws, rng)
    return tuple(made)


Case = tuple[Evidence, "Courses", tuple[str, ...], "Mapping[str, tuple[str, ...]]", "Mapping[str, Price]"]


def _named(settings: Settings) -> tuple[str, ...]:
    named = settings.partners.get("negative_controls", ())
    return tuple(named) if isinstance(named, list | tuple) else ()


def _downstream(found: Courses, prices: Mapping[str, Price], able: frozenset[str], controls: list[str]) -> list[str]:
    """Kinds that cost something, are nobody's upstream service and no negative control."""
    return [kind for kind in found.kinds if kind in prices and kind not in able and kind not in controls]


def _further(found: Courses, service: int) -> float:
    """A tenth of the service's contacts a year."""
    return FURTHER * float((found.course.service == service).sum()) / max(found.years, 1e-9)


def _tested(case: Case, service: int, draws: int, rng: np.random.Generator) -> Option:
    board, found, ours, agencies, prices = case
    upstream = found.kinds[service]
    further = _further(found, service)
    each = board.averted_each(service, draws, rng)
    benefit = each * further * prices[board.kind].gbp
    own = prices.get(upstream)
    return Option(
        id=f"upstream:{upstream}:{board.kind}",
        style=Style.UPSTREAM,
        partners=_partners(ours, agencies.get(upstream, ())),
        service=f"{board.kind} averted by {upstream}",
        benefit_gbp=benefit,
        yearly_cost_gbp=further * own.gbp if own else 0.0,
        one_off_cost_gbp=0.0,
        gains=ours,
        pays=agencies.get(upstream, ()),
        staff_transferred=0.0,
        months_to_benefit=3.0,
        grade=SURE,
        reasons=_reasons(board, found, service, prices),
        would_change=_would_change(upstream, further, own),
        risks=RISKS,
        board="evidence",
        figures=(lead_time(board, service), windows(board, service)),
    )


def _partners(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ours, *theirs)))


def _reasons(board: Evidence, found: Courses, service: int, prices: Mapping[str, Price]) -> tuple[Reason, ...]:
    """Logarithms that add up to the logarithm of the yearly benefit at its middle, in pounds."""
    upstream, ratio = found.kinds[service], float(np.exp(board.theta[service]))
    rate = float(board.raw.exposed_rate[service] * WEEKS_OF[POST].sum())
    further, price = _further(found, service), prices[board.kind].gbp
    return (
        Reason("effect", float(np.log(max(1 - ratio, 1e-9))), f"after a {upstream} contact there are {1 - ratio:.0%} fewer {board.kind} than at the same people's other times"),
        Reason("reach", float(np.log(max(rate, 1e-9))), f"people who get it would have {rate:.2f} {board.kind} in the half year after"),
        Reason("volume", float(np.log(max(further, 1e-9))), f"a tenth more would be {further:,.0f} contacts a year"),
        Reason("price", float(np.log(max(price, 1e-9))), f"one {board.kind} costs £{price:,.0f} on average"),
    )  # fmt: skip


def _would_change(upstream: str, further: float, own: Price | None) -> tuple[str, ...]:
    cost = (
        f"It pays while a further {upstream} costs less than what it averts; it is priced at £{own.gbp:,.0f}."
        if own
        else f"{upstream} has no price in the tables, so its cost is not counted here: {further:,.0f} contacts a year must be paid for."
    )
    return (cost, "A staggered start with a locked protocol would replace this estimate.")


def lead_time(board: Evidence, service: int) -> FigureData:
    """How long before the demand the latest contact lay."""
    counts = board.raw.lead[service]
    total = max(int(counts.sum()), 1)
    rows = tuple((7 * week, round(int(counts[week]) / total, 4), "share of contacts") for week in range(1, len(counts)))
    return FigureData(
        "lead-time", "lead-time", f"Half of the {board.kind} seen before came within {7 * median_lead_weeks(board.raw, service):.0f} days",
        f"Share of {board.kind} by days since the latest contact with {board.kinds[service]}.", ("days", "share", "measure"), rows,
    )  # fmt: skip


def windows(board: Evidence, service: int) -> FigureData:
    """The rate ratio window by window, before any calibration or shrinkage."""
    words = ("before and same week", "1 week after", "2 to 4 weeks", "5 to 13 weeks", "14 to 26 weeks")
    beta, variance = board.raw.beta[service], np.diag(board.raw.covariance[service])
    rows = []
    for label, mid, error in zip(words, beta, np.sqrt(np.maximum(variance, 0)), strict=True):
        low, high = (round(float(np.exp(mid + sign * 1.96 * error)), 4) for sign in (-1, 1))
        rows.append((label, low, round(float(np.exp(mid)), 4), high, "rate ratio"))
    return FigureData(
        "windows", "forest", f"{board.kind} around a {board.kinds[service]} contact",
        "Rate ratio of the demand in each window around a contact, against the same people's other weeks.",
        ("label", "low", "mid", "high", "measure"), tuple(rows),
    )  # fmt: skip


def _opportunities(case: Case, usable: list[int], draws: int, rng: np.random.Generator) -> list[Option]:
    """The services that saw most of the demand first, beyond chance. Not blended with the evidence."""
    board = case[0]
    beyond = excess(board.raw)
    best = sorted((at for at in usable if beyond[at] > 0), key=lambda at: (-beyond[at], at))[:OPPORTUNITIES]
    return [_seen(case, at, rng.beta(*AVOIDABLE, draws)) for at in best]


def _seen(case: Case, service: int, share: NDArray[np.float64]) -> Option:
    board, found, ours, agencies, prices = case
    upstream = found.kinds[service]
    beyond = float(excess(board.raw)[service]) / max(found.years, 1e-9)
    reach = board.raw.observed[service] / max(board.raw.events, 1)
    price = prices[board.kind].gbp
    return Option(
        id=f"opportunity:{upstream}:{board.kind}",
        style=Style.UPSTREAM,
        partners=_partners(ours, agencies.get(upstream, ())),
        service=f"{board.kind} seen first by {upstream}",
        benefit_gbp=share * beyond * price,
        yearly_cost_gbp=0.0,
        one_off_cost_gbp=0.0,
        gains=ours,
        pays=agencies.get(upstream, ()),
        staff_transferred=0.0,
        months_to_benefit=12.0,
        grade=SEEN,
        reasons=(
            Reason("seen first", float(np.log(max(beyond, 1e-9))), f"{beyond:,.0f} {board.kind} a year come after one of its contacts, beyond chance; it reaches {reach:.0%} of them"),
            Reason("price", float(np.log(price)), f"one {board.kind} costs £{price:,.0f} on average"),
            Reason("avoidable", float(np.log(np.median(share))), "one in twenty of them is assumed to be avoidable; nothing shows that any is"),
        ),
        would_change=(f"Its own contacts do not lower the demand as far as the data can tell ({np.exp(board.theta[service]):.2f} times as much after them)." if board.theta[service] > 0 else "A trial of acting on these contacts would tell whether seeing can become averting.",),
        risks=RISKS,
        board="opportunity",
        figures=(lead_time(board, service),),
    )  # fmt: skip
