"""Which organisations could share what: the fields of service, the groups in each with their draws, and the best
partitions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import one_of
from headwater.partners.mirror.bodies import organisations
from headwater.partners.mirror.likeness import Likeness, likeness, nearest
from headwater.partners.mirror.management import Change, Depth, Layer, change, layers
from headwater.partners.mirror.saving import (
    Assumptions,
    assumptions,
    line_management_gbp,
    management_gbp,
    net_gbp,
    one_off_gbp,
    realised,
    yearly_gbp,
)
from headwater.partners.spend import doubts, post_doubts, service_of, spending
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
    net_gbp: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One kind of service with the organisations whose posts, or whose spending on it, are known. `basis`: posts or
    spend."""

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
    unknown: tuple[int, ...] = ()
    """Bodies of which neither posts nor spending are known."""
    whole_only: tuple[int, ...] = ()
    """Bodies of which what they spend is known, and not on what."""
    doubts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Organisation → service ('' for its whole) → why figures that were given are not used."""
    nought: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(organisation, service) → what was given of it, where that is nought or less."""

    @cached_property
    def product(self) -> NDArray[np.float64]:
        return self.alike.product

    def codes(self, field: Field, members: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.alike.organisations[field.at[member]] for member in members)


def scene(store: Store, settings: Settings, draws: int, seed: int, asking: str | None = None) -> Scene | None:
    """Everything the groups are made from; None where fewer than two organisations are known."""
    bodies = compared(organisations(store, asking), settings, asking)
    if len(bodies) < 2:
        return None
    alike, assumed = likeness(bodies, standards(store)), assumptions(settings.partners)
    fields = (*_by_posts(store, alike, assumed.on_costs), *_by_spend(store, alike, assumed))
    known = {number for field in fields if field.service == CORPORATE for number in field.at}
    unknown = tuple(number for number in range(len(bodies)) if number not in known)
    spent = spending(store)
    whole = tuple(
        at for at, one in enumerate(bodies) if one.organisation in spent and not spent[one.organisation].lines
    )
    return Scene(
        tuple(bodies),
        alike,
        assumed,
        realised(assumed, draws, seed),
        fields,
        unknown,
        whole,
        doubts(store),
        {(code, service): _given(gbp, one.year) for code, one in spent.items() for service, gbp in one.nought.items()},
    )


def _given(gbp: float, year: str) -> str:
    return f"£0 in {year}" if gbp == 0 else f"−£{-gbp:,.0f} in {year}, below nought"


def compared(bodies: list[Organisation], settings: Settings, asking: str | None) -> list[Organisation]:
    """`comparison_group` of [partners]: the codes of the neighbours that users know (of like deprivation, of like
    rurality, a family of forces), and of them alone, beside whoever asks; all bodies where it is not given. Raises
    Usage for a code that nobody has.
    """
    named = settings.partners.get("comparison_group", ())
    chosen = set(named) if isinstance(named, list | tuple) else set()
    for code in sorted(chosen - {one.organisation for one in bodies}):
        raise one_of(
            "headwater.toml, [partners] comparison_group: no such organisation",
            code,
            [one.organisation for one in bodies],
        )
    return [one for one in bodies if not chosen or one.organisation in chosen or one.organisation == asking]


def standards(store: Store) -> dict[str, frozenset[str]]:
    """Organisation → standard codes of its services, or their kinds of contact where they have no code."""
    rows = store.arrow(store.table("service").select("organisation", "standard", "kind")).to_pylist()
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row["organisation"]].add(row["standard"] or row["kind"] or "")
    return {organisation: frozenset(codes - {""}) for organisation, codes in found.items()}


def _by_spend(store: Store, alike: Likeness, assumed: Assumptions) -> list[Field]:
    """Leadership by what a body spends, and each service that two or more akin bodies spend on, by its own line."""
    at = {code: number for number, code in enumerate(alike.organisations)}
    spent = {at[code]: found for code, found in spending(store).items() if code in at}
    lines: dict[str, dict[int, float]] = defaultdict(dict)
    for number, found in sorted(spent.items()):
        for service, gbp in found.lines.items():
            lines[service][number] = gbp
    led = {at: management_gbp(found.led_gbp, assumed) for at, found in sorted(spent.items()) if found.led_gbp}
    fields = [_spent(CORPORATE, led, Depth.TEAM)]
    fields += [
        _spent(name, {number: line_management_gbp(gbp, assumed) for number, gbp in held.items()}, Depth.LINE)
        for name, held in sorted(lines.items())
    ]
    return [field for field in fields if field.at]


def _spent(service: str, managed_gbp: Mapping[int, float], depth: Depth) -> Field:
    held = tuple({1: Layer(1.0, gbp)} for gbp in managed_gbp.values())
    return Field(service, tuple(managed_gbp), held, (depth,), "spend")


def _by_posts(store: Store, alike: Likeness, on_costs: float) -> list[Field]:
    doubted = {one.organisation for one in post_doubts(store)}
    posts = [
        row
        for row in store.arrow(store.table("post").order_by("post")).to_pylist()
        if row["organisation"] not in doubted
    ]
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
    """Service code → the name under which organisations' equal services are one: function, kind or standard code, as
    lines of spending are."""
    rows = store.arrow(store.table("service").select("service", "function", "kind", "standard", "name")).to_pylist()
    return {
        row["service"]: service_of(row["function"] or row["kind"] or row["standard"] or row["name"]) for row in rows
    }


def near(field: Field, alike: Likeness, member: int) -> list[int]:
    inside = {number: at for at, number in enumerate(field.at)}
    order = nearest(alike, field.at[member], len(alike.organisations))
    return [inside[number] for number in order if number in inside][: NEAREST if field.basis == "posts" else FIRST_TEN]


def expected(group: Group) -> float:
    return float(group.net_gbp.mean())


def groups_of(field: Field, at: Scene, asking: str | None = None) -> list[Group]:
    """Connected groups of near and alike members, each at the depth worth most; by spending pairs alone, of whoever
    asks."""
    count = len(field.at)
    lists: list[list[int]] = [near(field, at.alike, member) for member in range(count)]
    both = [sorted({*lists[one], *(other for other in range(count) if one in lists[other])}) for one in range(count)]
    if field.basis == "posts":
        every = list(connected_groups(both, LARGEST if count <= 40 else 2))
    else:
        every = _pairs(field, at, (lists, both), asking)
    return [_best_depth(members, field, at) for members in every if len(members) > 1]


def _pairs(
    field: Field, at: Scene, lists: tuple[list[list[int]], list[list[int]]], asking: str | None
) -> list[tuple[int, ...]]:
    """Pairs whose posts are not known for both of them: where they are, the posts speak."""
    near_to, both = lists
    told = {
        number
        for other in at.fields
        if other.basis == "posts" and other.service == field.service
        for number in other.at
    }
    here = [member for member, number in enumerate(field.at) if asking in (None, at.alike.organisations[number])]
    among = near_to if asking is not None else both
    pairs = {tuple(sorted((one, other))) for one in here for other in among[one]}
    return [pair for pair in sorted(pairs) if not {field.at[member] for member in pair} <= told]


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
    return Group(members, depth, moved, yearly, once, net_gbp(yearly, once))


def _together(members: tuple[int, ...], field: Field, at: Scene) -> float:
    """The likeness of a group is that of its least alike pair."""
    numbers = [field.at[member] for member in members]
    return min(float(at.product[one, other]) for one in numbers for other in numbers if one != other)
