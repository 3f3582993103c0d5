"""Which organisations could share what: the fields of service, the groups in each with their draws, and the best partitions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from headwater.partners.mirror.bodies import organisations
from headwater.partners.mirror.likeness import Likeness, likeness, nearest
from headwater.partners.mirror.management import Change, Depth, Layer, change, layers
from headwater.partners.mirror.saving import Assumptions, assumptions, one_off_gbp, realised, value_gbp, yearly_gbp
from headwater.stats.partition import Partition, best_partitions, connected_groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Organisation
    from headwater.domain.workspace import Settings
    from headwater.store import Store

NEAREST = 5
FIRST_TEN = 10
"""Partners listed for an organisation whose posts nobody gave: all that is known of them is how alike they are."""
LARGEST = 4
CORPORATE = "leadership and management"
BEST = 5
"""Partitions shown: the best alone would hide how little lies between it and the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A set of organisations that could share, with its draws."""

    members: tuple[int, ...]
    depth: Depth
    change: Change
    yearly_gbp: NDArray[np.float64]
    once_gbp: float
    value_gbp: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One kind of service with the organisations that provide it. `basis`: posts, spend, or neither (likeness alone)."""

    service: str
    at: tuple[int, ...]
    layers: tuple[Mapping[int, Layer], ...]
    depths: tuple[Depth, ...]
    basis: str = "posts"


@dataclass(frozen=True)
class Scene:
    """What mirror options are judged in: the bodies, how alike they are, and the worlds of η that all groups share."""

    bodies: tuple[Organisation, ...]
    alike: Likeness
    assumed: Assumptions
    eta: NDArray[np.float64]
    fields: tuple[Field, ...]

    @cached_property
    def product(self) -> NDArray[np.float64]:
        return self.alike.product

    def codes(self, field: Field, members: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.alike.organisations[field.at[member]] for member in members)


def scene(store: Store, settings: Settings, draws: int, seed: int, asking: str | None = None) -> Scene | None:
    """Everything the groups are made from; None where fewer than two organisations are known."""
    bodies = organisations(store, asking)
    if len(bodies) < 2:
        return None
    alike, assumed = likeness(bodies, standards(store)), assumptions(settings.partners)
    fields = _fields(store, alike, assumed, asking)
    return Scene(tuple(bodies), alike, assumed, realised(assumed, draws, seed), fields)


def standards(store: Store) -> dict[str, frozenset[str]]:
    """Organisation → standard codes of its services, or their kinds of contact where they have no code."""
    rows = store.arrow(store.table("service").select("organisation", "standard", "kind")).to_pylist()
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row["organisation"]].add(row["standard"] or row["kind"] or "")
    return {organisation: frozenset(codes - {""}) for organisation, codes in found.items()}


def _fields(store: Store, alike: Likeness, assumed: Assumptions, asking: str | None) -> tuple[Field, ...]:
    """Kinds of service with posts in two organisations or more; one of all bodies' spend where the one that asks has no posts."""
    found = _by_posts(store, alike, assumed.on_costs)
    here = alike.organisations.index(asking) if asking in alike.organisations else None
    if found and (here is None or any(here in field.at for field in found)):
        return tuple(found)
    return (*found, _by_spend(store, alike, assumed))


def _by_spend(store: Store, alike: Likeness, assumed: Assumptions) -> Field:
    """Every body with an assumed share of its latest year's spend as the cost of its management: one set, one layer."""
    latest: dict[str, tuple[str, float]] = {}
    for row in store.arrow(store.table("spend")).to_pylist():
        year, gbp = latest.get(row["organisation"], ("", 0.0))
        if row["year"] >= year:
            latest[row["organisation"]] = (row["year"], row["gbp"] + (gbp if row["year"] == year else 0.0))
    spent = [max(latest.get(code, ("", 0.0))[1], 0.0) for code in alike.organisations]
    held = tuple({1: Layer(1.0, assumed.management_share * gbp)} if gbp else {} for gbp in spent)
    basis = "spend" if any(spent) else "neither"
    return Field(CORPORATE, tuple(range(len(held))), held, (Depth.TEAM,), basis)


def _by_posts(store: Store, alike: Likeness, on_costs: float) -> list[Field]:
    posts = store.arrow(store.table("post").order_by("post")).to_pylist()
    label = _labels(store)
    by: dict[str, dict[str, list[Mapping[str, object]]]] = defaultdict(lambda: defaultdict(list))
    for post in posts:
        by[label.get(post["service"] or "", post["service"] or CORPORATE)][post["organisation"]].append(post)
    at = {organisation: number for number, organisation in enumerate(alike.organisations)}
    return [
        Field(
            service=service,
            at=tuple(at[one] for one in sorted(held) if one in at),
            layers=tuple(layers(held[one], on_costs) for one in sorted(held) if one in at),
            depths=(Depth.CHIEF, Depth.TEAM) if service == CORPORATE else (Depth.FULL,),
        )
        for service, held in sorted(by.items())
        if sum(one in at for one in held) > 1
    ]


def _labels(store: Store) -> dict[str, str]:
    """Service code → the name under which organisations' equal services are one: function, kind or standard code."""
    rows = store.arrow(store.table("service").select("service", "function", "kind", "standard", "name")).to_pylist()
    return {row["service"]: row["function"] or row["kind"] or row["standard"] or row["name"] for row in rows}


def near(field: Field, alike: Likeness, member: int) -> list[int]:
    inside = {number: at for at, number in enumerate(field.at)}
    order = nearest(alike, field.at[member], len(alike.organisations))
    return [inside[number] for number in order if number in inside][: NEAREST if field.basis == "posts" else FIRST_TEN]


def expected(group: Group) -> float:
    return float(group.value_gbp.mean())


def groups_of(field: Field, at: Scene, asking: str | None = None) -> list[Group]:
    """Connected groups of near and alike members, each at the depth worth most; an asking member's own where one asks."""
    count = len(field.at)
    lists: list[list[int]] = [near(field, at.alike, member) for member in range(count)]
    if field.basis != "posts" and asking is not None:
        here = at.alike.organisations.index(asking)
        return [_best_depth(tuple(sorted((here, other))), field, at) for other in lists[here]]
    both = [sorted({*lists[one], *(other for other in range(count) if one in lists[other])}) for one in range(count)]
    every = connected_groups(both, LARGEST if count <= 40 else 2)
    return [_best_depth(members, field, at) for members in every if len(members) > 1]


def partitions(field: Field, groups: Sequence[Group], count: int = BEST) -> tuple[Partition, ...]:
    """The best partitions of all members, those who share with nobody among them."""
    singles = [(member,) for member in range(len(field.at))]
    values = np.array([0.0] * len(singles) + [expected(group) for group in groups])
    return best_partitions(len(field.at), [*singles, *(group.members for group in groups)], values, count)


def _best_depth(members: tuple[int, ...], field: Field, at: Scene) -> Group:
    """Each depth has its own M and K; the one with the greatest expected value stands for the group."""
    return max((group_at(members, depth, field, at) for depth in field.depths), key=expected)


def group_at(members: tuple[int, ...], depth: Depth, field: Field, at: Scene) -> Group:
    """One group at one depth, with its draws."""
    moved = change([field.layers[member] for member in members], depth)
    yearly = yearly_gbp(moved, _together(members, field, at), at.eta, at.assumed)
    once = one_off_gbp(moved, len(members), depth is Depth.FULL, at.assumed)
    return Group(members, depth, moved, yearly, once, value_gbp(yearly, once, at.assumed))


def _together(members: tuple[int, ...], field: Field, at: Scene) -> float:
    """The likeness of a group is that of its least alike pair."""
    numbers = [field.at[member] for member in members]
    return min(float(at.product[one, other]) for one in numbers for other in numbers if one != other)
