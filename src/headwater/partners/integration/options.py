"""Integration options: pairs of unlike agencies that share more people than chance, and what that costs them both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.options import Option, Reason
from headwater.partners.integration.shared import STAGE, Joint, amounts, bands, joint_months, strata
from headwater.partners.integration.sites import colocations
from headwater.partners.integration.together import Together, together
from headwater.stats.overlap import Overlap, discoveries, overlaps, ratios
from headwater.store.expr import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.money import Price
    from headwater.domain.workspace import Settings
    from headwater.partners.question import Question
    from headwater.store import Store

# The share of the cost of the excess that working together could avoid: an assumption of this tool, nothing measured,
# Beta(1, 19), mean 5 %, with most of its weight near nothing. Changed in headwater.toml, [partners]
# integration_avoidable.
AVOIDABLE = 0.05
CERTAINTY = 20.0
# A coordinator's time for the two together, as a share of the benefit's middle; an assumption of the same kind.
COORDINATION = 0.25
LEAST_JOINT_GBP = 10_000.0
"""Joint cost a year below which a pair is not worth a meeting."""

GRADE = Grade(
    1, "low", "More shared people than chance is known; what working together would avoid is assumed, not measured."
)
RISKS = (
    "Cultures and lines of command differ.",
    "Sharing data needs an agreement and an impact assessment.",
    "One partner may pay while another gains.",
)


@dataclass(frozen=True, slots=True)
class Shared:
    """One pair with what they share: people, and the pounds both spend a year in the months in which both see them."""

    one: str
    other: str
    people: Overlap
    joint: Joint
    """A year."""
    banded: float = float("nan")
    """Observed ÷ expected within bands of age, area and caseload decile: shown beside the tested figure, not tested."""


def options(
    store: Store, prices: Mapping[str, Price], settings: Settings, question: Question, seed: int
) -> tuple[Option, ...]:
    """Pairs whose excess of shared people survives false-discovery control, then buildings; these need no contact of
    anybody."""
    people = _sharing_people(store, prices, settings, question, seed) if store.has("person_contact") else ()
    return (*people, *colocations(store, settings, question.draws, seed))


def _sharing_people(
    store: Store, prices: Mapping[str, Price], settings: Settings, question: Question, seed: int
) -> tuple[Option, ...]:
    """Dearest excess first."""
    store.run((STAGE,), amounts(prices))
    pairs = shared_people(store, settings)
    kept = discoveries([pair.people.p for pair in pairs])
    rng = np.random.default_rng(seed)
    avoidable = float(str(settings.partners.get("integration_avoidable", AVOIDABLE)))
    share = rng.beta(avoidable * CERTAINTY, (1 - avoidable) * CERTAINTY, question.draws)
    real = [
        pair
        for pair, holds in zip(pairs, kept, strict=True)
        if holds
        # Where two agencies truly share more, the other agencies seem to share more among themselves as well, because
        # who is known to a given number is known to somebody; within bands of caseload they do not. So both must say
        # it.
        and pair.banded > 1
        and pair.joint.gbp >= LEAST_JOINT_GBP
    ]
    met = together(store, [(pair.one, pair.other) for pair in real])
    both = [pair for pair in real if not met[pair.one, pair.other].one_way]
    return tuple(_option(pair, met[pair.one, pair.other], share, rng) for pair in both)


def shared_people(store: Store, settings: Settings) -> list[Shared]:
    """Every pair of unlike agencies with records, in order of code."""
    agencies = sorted(_agencies(store))
    if len(agencies) < 2:
        return []
    sorts, years, joint = _sorts(store), _years(store), joint_months(store)
    found = strata(store, agencies)
    pairs = overlaps(found.people, found.degree, found.known, found.both)
    named = (((agencies[one], agencies[other]), people) for (one, other), people in pairs.items())
    beside = bands(store, agencies)
    banded = ratios(beside.people, beside.known, beside.both)
    at = {agency: number for number, agency in enumerate(agencies)}
    return [
        Shared(*pair, people, joint.get(pair, Joint()).per_year(years), float(banded[at[pair[0]], at[pair[1]]]))
        for pair, people in named
        if not sorts.get(pair[0]) or sorts.get(pair[0]) != sorts.get(pair[1])
    ]


def _agencies(store: Store) -> list[str]:
    rows = store.arrow(store.table("person_agency").select("agency").distinct()).to_pylist()
    return [str(row["agency"]) for row in rows]


def _sorts(store: Store) -> dict[str, str]:
    rows = store.arrow(store.table("organisation").select("organisation", "sort")).to_pylist()
    return {row["organisation"]: row["sort"] or "" for row in rows}


def _years(store: Store) -> float:
    months = store.table("person_agency").agg(n=_.month.nunique())
    return float(max(store.arrow(months)["n"][0].as_py(), 1)) / 12


def _option(
    pair: Shared, met: Together, share: np.ndarray[tuple[int], np.dtype[np.float64]], rng: np.random.Generator
) -> Option:
    people = pair.people
    excess = people.excess_draws(len(share), rng) / max(people.observed, 1.0)
    benefit = share * excess * pair.joint.freed_gbp
    cost = COORDINATION * float(np.median(benefit))
    return Option(
        id=f"integration:{pair.one}+{pair.other}",
        style=Style.INTEGRATION,
        partners=(pair.one, pair.other),
        service="people known to both",
        benefit_gbp=benefit,
        yearly_cost_gbp=cost,
        one_off_cost_gbp=0.0,
        gains=(pair.one, pair.other),
        pays=(pair.one, pair.other),
        staff_transferred=0.0,
        months_to_benefit=6.0,
        grade=GRADE,
        reasons=_reasons(pair, float(np.mean(excess)), float(np.mean(benefit)), cost),
        would_change=(
            "A trial of joint working with a matched comparison would replace the assumed share that can be avoided.",
        ),
        risks=RISKS,
        counted=_counted(pair, met),
        scales=True,
        fiscal_share=pair.joint.cash_gbp / pair.joint.freed_gbp if pair.joint.freed_gbp else 0.0,
    )


def _counted(pair: Shared, met: Together) -> tuple[tuple[str, float], ...]:
    """What stands behind the pair; every number passes disclosure control on its way out."""
    return (
        ("shared_people", pair.people.observed),
        ("expected_by_chance", pair.people.expected),
        ("within_30_days", float(met.concurrent)),
        ("further_apart", max(pair.people.observed - met.concurrent, 0.0)),
        ("on_one_day", float(met.same_day)),
        ("assessed_by_both", float(met.assessed_twice)),
        ("shared_places", float(met.places)),
        ("buildings_next_door", float(met.next_door)),
    )


def _reasons(pair: Shared, excess: float, benefit: float, cost: float) -> tuple[Reason, ...]:
    """Pounds that add up to the mean net benefit a year."""
    joint, freed = pair.joint.gbp, pair.joint.freed_gbp
    return (
        Reason("joint cost", joint, f"in months in which both see a person they spend £{joint:,.0f} a year"),
        Reason(
            "cost that stays", freed - joint, f"{1 - freed / joint:.0%} of that is fixed and leaves nobody's budget"
        ),
        Reason(
            "expected by chance",
            -freed * (1 - excess),
            f"they share {pair.people.ratio:.1f} times as many people as chance, need held equal ({pair.banded:.1f}"
            " times within bands of age, area and caseload)",
        ),
        Reason(
            "not avoidable",
            benefit - freed * excess,
            f"{benefit / max(freed * excess, 1.0):.0%} of the excess is assumed to be avoidable by working together",
        ),
        Reason("coordination", -cost, f"a coordinator's time, taken as {COORDINATION:.0%} of what is avoided"),
    )
