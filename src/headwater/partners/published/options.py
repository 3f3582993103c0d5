"""What studies elsewhere lead one to expect of each segment here: options on a board of their own, behind local
evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.options import Option, Reason
from headwater.domain.uncertainty import Interval
from headwater.partners.published.bodies import bodies_of
from headwater.partners.published.library import for_segment, of_approach
from headwater.partners.published.prior import Prior, prior, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.partners.segments.found import Volume

    Vector = NDArray[np.float64]

BOARD = "published"
DRAWS, SEED = 2000, 20240101
RISKS = (
    "An effect found elsewhere is a reason to ask, not a forecast: most do not repeat at their size.",
    "People who come often come less by themselves afterwards; only a comparison tells that from an effect.",
)
MONTHS_TO_BENEFIT = 12.0
FEWEST = 20
"""Segments with fewer people (or places) or contacts carry no expectation: nothing can be planned on them, and
sentences would show them."""
NO_PLACE: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """One approach on one segment. averted: float64[draw], contacts a year; gbp: float64[draw], what they cost, of
    which only cash and released."""

    volume: Volume
    prior: Prior
    averted: Vector
    gbp: Vector | None

    @property
    def id(self) -> str:
        return f"{BOARD}:{self.volume.segment.id}:{self.prior.approach.id}"

    @property
    def said(self) -> str:
        return said(self.prior.shown)

    @property
    def averted_of_100_reached(self) -> Interval:
        return Interval.of_draws(100 * (1 - self.prior.ratio))

    @property
    def grade(self) -> Grade:
        """Never above low: what it stands on was not seen here."""
        used = self.prior.used
        if not used:
            return Grade(
                1, "very low", "No study with a comparison and a figure; nothing is expected until somebody looks."
            )
        best = self.prior.strongest
        text = (
            f"{len(used)} stud{'y' if len(used) == 1 else 'ies'} elsewhere, the strongest of grade {best}. Nothing was"
            " seen here."
        )
        return Grade(2 if best >= 4 else 1, "low" if best >= 4 else "very low", text)


def expected(volumes: Sequence[Volume], draws: int = DRAWS, seed: int = SEED) -> tuple[Expected, ...]:
    """Every approach that the library knows for each segment found, the largest expected fall of a segment first."""
    made = [one for volume in volumes for one in _of(volume, draws, seed)]
    return tuple(sorted(made, key=lambda one: (-_worth(one), one.id)))


def _worth(one: Expected) -> float:
    return float(one.gbp.mean()) if one.gbp is not None else float(one.averted.mean())


def _of(volume: Volume, draws: int, seed: int) -> Iterator[Expected]:
    for approach in for_segment(volume.segment.id) if plannable(volume) else ():
        found = prior(approach, of_approach(approach.id), volume.segment.kinds, draws, seed)
        averted = volume.yearly * found.averted_share
        yield Expected(volume, found, averted, _gbp(volume, averted))


def plannable(volume: Volume) -> bool:
    """Large enough to plan on, and no cut over other segments, whose contacts are theirs."""
    return not volume.segment.split and min(volume.contacts, max(volume.people, volume.places)) >= FEWEST


def _gbp(volume: Volume, averted: Vector) -> Vector | None:
    """Cash and released capacity of the averted contacts, at this kind's shares; None where it has no price."""
    if volume.gbp_each is None or volume.shares is None:
        return None
    worth: Vector = averted * volume.gbp_each * sum(volume.shares)
    return worth


def options(
    found: Sequence[Expected], ours: Sequence[str], here: Mapping[str, tuple[str, ...]] = NO_PLACE
) -> tuple[Option, ...]:
    """The expectations as options. ours: whose demand it is; here: sort of organisation → its codes in this place.

    An approach without a price of the contact is no option yet (it is in `expected`); what an approach costs is
    nobody's figure here, so that no cost is counted and each option says below which cost it would pay.
    """
    return tuple(_option(one, tuple(ours), here) for one in found if one.gbp is not None)


def _option(one: Expected, ours: tuple[str, ...], here: Mapping[str, tuple[str, ...]]) -> Option:
    approach, volume = one.prior.approach, one.volume
    theirs = tuple(code for code in partners_of(one, here) if code not in ours)
    assert one.gbp is not None and volume.shares is not None
    return Option(
        id=one.id,
        style=Style(approach.style),
        partners=(*ours, *theirs),
        service=f"{volume.segment.name}: {approach.name[0].lower()}{approach.name[1:]}",
        benefit_gbp=one.gbp,
        yearly_cost_gbp=0.0,
        one_off_cost_gbp=0.0,
        gains=ours,
        pays=theirs,
        staff_transferred=0.0,
        months_to_benefit=MONTHS_TO_BENEFIT,
        grade=one.grade,
        reasons=_reasons(one),
        would_change=_would_change(one),
        risks=RISKS,
        board=BOARD,
        fiscal_share=volume.shares[0] / sum(volume.shares) if sum(volume.shares) else 0.0,
        counted=(("contacts_a_year", volume.yearly), ("people", float(volume.people))),
    )


def partners_of(one: Expected, here: Mapping[str, tuple[str, ...]] = NO_PLACE) -> tuple[str, ...]:
    """Who would act: the codes of such organisations in this place, else the body's name."""
    found: list[str] = []
    for body in bodies_of(one.prior.approach.by):
        codes = [code for sort in body.sorts for code in here.get(sort, ())]
        found += codes[:1] or [body.name]
    return tuple(dict.fromkeys(found))


def _reasons(one: Expected) -> tuple[Reason, ...]:
    """Steps in pounds a year that add up to the mean of the draws."""
    volume, found = one.volume, one.prior
    assert one.gbp is not None and volume.gbp_each is not None and volume.shares is not None
    whole = volume.yearly * volume.gbp_each
    freed = whole * sum(volume.shares)
    reached, mean = freed * float(found.reach.mean()), float(one.gbp.mean())
    ratio = Interval.of_draws(found.ratio)
    return (
        Reason(
            "The demand",
            whole,
            f"{round(volume.yearly, -1):,.0f} contacts a year are of this segment, at £{volume.gbp_each:,.0f} on"
            " average",
        ),
        Reason(
            "Cost that stays",
            freed - whole,
            f"{1 - sum(volume.shares):.0%} of the price is fixed and leaves nobody's budget",
        ),
        Reason("Not reached", reached - freed, f"a programme is assumed to take on {found.reach.mean():.0%} of them"),
        Reason(
            "Comes anyway",
            mean - reached,
            f"{_studies(found)} of those reached {ratio.mid:.0%} of contacts come all the same ({ratio.low:.0%} to"
            f" {ratio.high:.0%})",
        ),
    )


def _studies(found: Prior) -> str:
    if not found.used:
        return "no study tells, and a sceptic expects that"
    several = len(found.used) > 1
    return (
        f"{len(found.used)} stud{'ies' if several else 'y'} elsewhere, with an allowance for uncertainty,"
        f" let{'' if several else 's'} one expect that"
    )


def _would_change(one: Expected) -> tuple[str, ...]:
    assert one.gbp is not None
    gbp, averted = float(one.gbp.mean()), float(one.averted.mean())
    cost = (
        f"What it costs is not counted: it pays below £{gbp:,.0f} a year, or £{gbp / averted:,.0f} for each contact"
        " averted."
        if gbp > 0 and averted > 0
        else "On average nothing is expected of it here: local records would have to show otherwise."
    )
    asked = ", ".join(body.name for body in bodies_of(one.prior.approach.by))
    told = (one.said,) if one.said else ()
    return (cost, f"The records of {asked} would tell whether it holds here.", *told)
