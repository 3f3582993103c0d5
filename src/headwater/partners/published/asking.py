"""Whose records to ask for first: what each body's records could settle about our own demand, in pounds a year of
better decisions.

For every segment that names a body, the decision is whether to act with it. Today's belief is the prior of the best
known approach (the sceptic's alone where no study tells); linked records of two years would tell the ratio between
those it saw and others to about 2 / √contacts. The value of that sample (Raiffa and Schlaifer 1961, normal) is the
body's worth; segments add up, each once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.partners.published.bodies import bodies_of
from headwater.partners.published.library import Approach
from headwater.partners.published.options import DRAWS, SEED, expected, plannable
from headwater.partners.published.prior import prior
from headwater.stats.voi import value_of_sample

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from headwater.partners.published.bodies import Body
    from headwater.partners.published.options import Expected
    from headwater.partners.segments.found import Volume

UNSTUDIED = 0.3
"""Share of a segment that a body is assumed to reach where no study is known: an assumption of this tool."""
LINKED_YEARS = 2.0
COST_SHARE = 0.5
"""What acting is taken to cost, of what it would free at a ratio of 0.8: nobody has told the cost, and a free act needs
no study."""
NAIVE_RATIO = 0.8


@dataclass(frozen=True, slots=True)
class Settles:
    """What a body's records could settle about one segment. approach: '' where no study is known; gbp: of freed cost a
    year."""

    segment: str
    name: str
    approach: str
    contacts_a_year: float
    worth_gbp: float | None
    low_gbp: float | None
    high_gbp: float | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One body, how much its records are worth asking for, and what they would settle."""

    body: Body
    organisations: tuple[str, ...]
    worth_gbp: float | None
    """None where no segment that it could settle has a price: it is then ordered by contacts."""
    contacts_a_year: float
    settles: tuple[Settles, ...]


def whose_first(
    volumes: Sequence[Volume],
    kinds_here: Collection[str],
    own: Collection[str] = (),
    here: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Asked, ...]:
    """Bodies by what their records could settle, best first; none whose kinds of contact are loaded already.

    own: organisations that ask; here: sort of organisation → codes.
    """
    place = here or {}
    found: dict[Body, list[Settles]] = {}
    best = _best_by_body(expected(volumes))
    for volume in volumes:
        for body in bodies_of(_named(volume, best)):
            if plannable(volume) and not set(body.kinds) & set(kinds_here):
                found.setdefault(body, []).append(_settles(volume, best.get((volume.segment.id, body))))
    asked = [_asked(body, settles, place, own) for body, settles in found.items()]
    return tuple(sorted(asked, key=lambda one: (-(one.worth_gbp or 0.0), -one.contacts_a_year, one.body.name)))


def _best_by_body(every: Sequence[Expected]) -> dict[tuple[str, Body], Expected]:
    """(segment, body) → the approach of it that is worth most; `expected` stands in that order."""
    found: dict[tuple[str, Body], Expected] = {}
    for one in every:
        for body in bodies_of(one.prior.approach.by):
            found.setdefault((one.volume.segment.id, body), one)
    return found


def _named(volume: Volume, best: Mapping[tuple[str, Body], Expected]) -> tuple[str, ...]:
    acting = tuple(body.name for segment, body in best if segment == volume.segment.id)
    return (*volume.segment.upstream, *acting)


def _settles(volume: Volume, one: Expected | None) -> Settles:
    found = (
        one.prior
        if one
        else prior(Approach("", "", "upstream", (), UNSTUDIED, ()), (), volume.segment.kinds, DRAWS, SEED)
    )
    approach = found.approach.id
    if volume.gbp_each is None or volume.shares is None:
        return Settles(volume.segment.id, volume.segment.name, approach, volume.yearly, None, None, None)
    freed = volume.yearly * volume.gbp_each * sum(volume.shares)
    gross = freed * found.averted_share
    reach = float(found.reach.mean())
    net = gross - COST_SHARE * freed * reach * (1 - NAIVE_RATIO)
    error = freed * reach * 2 / np.sqrt(max(volume.yearly * LINKED_YEARS * reach, 1.0))
    worth = value_of_sample(float(net.mean()), float(net.std()), float(error))
    low, high = (float(part) for part in np.quantile(gross, (0.025, 0.975)))
    return Settles(volume.segment.id, volume.segment.name, approach, volume.yearly, worth, low, high)


def _asked(body: Body, settles: Sequence[Settles], here: Mapping[str, tuple[str, ...]], own: Collection[str]) -> Asked:
    priced = [one.worth_gbp for one in settles if one.worth_gbp is not None]
    codes = tuple(dict.fromkeys(code for sort in body.sorts for code in here.get(sort, ()) if code not in own))
    ordered = tuple(sorted(settles, key=lambda one: (-(one.worth_gbp or 0.0), -one.contacts_a_year, one.segment)))
    return Asked(body, codes, sum(priced) if priced else None, sum(one.contacts_a_year for one in settles), ordered)
