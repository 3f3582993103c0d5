"""What a question about mirror partners is answered with beside the options: who is most alike, and the best
partitions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from headwater.domain.release import FigureData
from headwater.domain.uncertainty import Interval
from headwater.partners.mirror.grouping import FIRST_TEN, Field, Group, Scene, groups_of, partitions, scene
from headwater.partners.mirror.likeness import nearest, within
from headwater.partners.mirror.signals import joint_posts, shared_hosts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.domain.collaboration import Organisation
    from headwater.domain.workspace import Settings
    from headwater.partners.question import Question
    from headwater.stats.partition import Partition
    from headwater.store import Store

Signs: TypeAlias = "Mapping[str, Sequence[tuple[str, str]]]"
NO_SIGNS: Signs = {}


@dataclass(frozen=True, slots=True)
class Alike:
    """One of the ten organisations most like the one that asks, then those above or within it; `likeness` is the
    product of the factors.

    relation: alike, above, within, shares already or partner of a partner (as the register says), one website, joint
    post. A county and its districts share over the same streets, whoever else is like either.
    """

    rank: int
    organisation: str
    name: str
    likeness: float
    factors: Mapping[str, float | None]
    """None where what a factor compares is not known of both: then it is neither for nor against."""
    relation: str = "alike"


@dataclass(frozen=True, slots=True)
class Grouping:
    """One of the best partitions of a service: who would share with whom, the net it would bring a year, and the chance
    that it is worth anything."""

    service: str
    rank: int
    groups: tuple[tuple[str, ...], ...]
    net_gbp_per_year: Interval
    chance_worth_it: float


@dataclass(frozen=True, slots=True)
class Mirrors:
    alike: tuple[Alike, ...] = ()
    groupings: tuple[Grouping, ...] = ()
    figures: tuple[FigureData, ...] = ()


def mirrors(store: Store, settings: Settings, question: Question) -> Mirrors:
    """For one organisation the ten most alike; for everybody the five best partitions of each service, with their
    map."""
    at = scene(store, settings, question.draws, question.seed, question.organisation)
    if at is None:
        return Mirrors()
    if question.organisation is not None:
        signs = {"one website": shared_hosts(at.bodies), "joint post": joint_posts(store, at.bodies)}
        return Mirrors(alike=most_alike(at, question.organisation, question.ties, signs))
    found: list[Grouping] = []
    maps: list[FigureData] = []
    for field in at.fields:
        groups = groups_of(field, at)
        if not groups:
            continue
        best = partitions(field, groups)
        found += [_grouping(field, rank, one, groups, at) for rank, one in enumerate(best, 1)]
        maps += [_map(field, best[0], at)] if best and any(len(group) > 1 for group in best[0].groups) else []
    return Mirrors((), tuple(found), tuple(maps))


def most_alike(
    at: Scene, asking: str, ties: Sequence[tuple[str, str]] = (), signs: Signs = NO_SIGNS, count: int = FIRST_TEN
) -> tuple[Alike, ...]:
    """The `count` organisations most like the one that asks, best first, then those above or within it and those that
    it, or a partner of its, shares with already or by signs; nothing for one that is not known. signs: relation → pairs
    of codes.
    """
    codes = at.alike.organisations
    if asking not in codes:
        return ()
    here = codes.index(asking)
    alike = nearest(at.alike, here, count)
    direct, further = tied(asking, ties)
    signed: dict[str, str] = {}
    for relation, pairs in signs.items():
        signed = {**dict.fromkeys(tied(asking, pairs)[0], relation), **signed}
    known = [codes.index(code) for code in (*direct, *signed, *further) if code in codes]
    beside = [other for other in dict.fromkeys((*within(at.bodies, here), *known)) if other not in alike]
    return tuple(
        Alike(
            rank,
            at.bodies[other].organisation,
            at.bodies[other].name,
            round(float(at.product[here, other]), 4),
            {name: None if value is None else round(value, 4) for name, value in at.alike.told(here, other).items()},
            _relation(at.bodies[here], at.bodies[other], (direct, signed, further)),
        )
        for rank, other in enumerate((*alike, *beside), 1)
    )


def tied(asking: str, ties: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(whom it shares with already, whom those share with besides), by code."""
    beside: dict[str, set[str]] = defaultdict(set)
    for one, other in ties:
        beside[one].add(other)
        beside[other].add(one)
    direct = beside[asking]
    further = {code for partner in direct for code in beside[partner]} - direct - {asking}
    return tuple(sorted(direct)), tuple(sorted(further))


def _relation(
    one: Organisation, other: Organisation, shares: tuple[Sequence[str], Mapping[str, str], Sequence[str]]
) -> str:
    direct, signed, further = shares
    if other.organisation in direct:
        return "shares already"
    if other.organisation == one.upper_tier:
        return "above"
    if one.organisation == other.upper_tier:
        return "within"
    if other.organisation in signed:
        return signed[other.organisation]
    return "partner of a partner" if other.organisation in further else "alike"


def _grouping(field: Field, rank: int, one: Partition, groups: list[Group], at: Scene) -> Grouping:
    value = {group.members: group.net_gbp for group in groups}
    shared = [members for members in one.groups if len(members) > 1]
    draws = np.sum([value[members] for members in shared], axis=0) if shared else np.zeros(len(at.eta))
    chance = float((draws > 0).mean())
    return Grouping(
        field.service, rank, tuple(at.codes(field, members) for members in shared), Interval.around_mean(draws), chance
    )


def _map(field: Field, best: Partition, at: Scene) -> FigureData:
    rows = []
    for number, members in enumerate((group for group in best.groups), 1):
        for member in members:
            body = at.bodies[field.at[member]]
            if body.easting is not None and body.northing is not None:
                group = f"group {number}" if len(members) > 1 else ""
                rows.append((body.name, body.easting, body.northing, group))
    return FigureData(
        f"mirror-groups-{field.service}".replace(" ", "-"),
        "group-map",
        f"Who might share {field.service}",
        "Organisations on the ground; those of one group of the best partition are joined by lines, those that stay"
        " alone are not.",
        ("place", "easting", "northing", "group"),
        tuple(rows),
    )
