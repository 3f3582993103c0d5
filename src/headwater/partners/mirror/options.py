"""Mirror options: for each shared kind of service the groups that are worth looking at, at the depth that suits them best."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.domain.collaboration import Organisation, Style
from headwater.domain.evidence import Grade
from headwater.domain.figures import FigureData
from headwater.domain.options import Option, Reason
from headwater.partners.mirror.likeness import Likeness, likeness, nearest
from headwater.partners.mirror.management import Change, Depth, Layer, change, layers
from headwater.partners.mirror.saving import Assumptions, assumptions, one_off_gbp, realised, value_gbp, yearly_gbp
from headwater.stats.partition import best_partitions, connected_groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.domain.money import Price
    from headwater.domain.workspace import Settings
    from headwater.partners.question import Question
    from headwater.store import Store

NEAREST = 5
LARGEST = 4
CORPORATE = "leadership and management"

GRADE = Grade(2, "low", "The cost of posts is known; whether such savings come true is not: most studies of shared management found none.")  # fmt: skip
RISKS = (
    "Staff move to another employer (TUPE) in a full shared service.",
    "Pay is harmonised upward.",
    "Service levels slip while two sets of systems are joined.",
    "One chief serves two councils with one pair of eyes.",
)


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
    """One kind of service with the organisations that provide it."""

    service: str
    at: tuple[int, ...]
    layers: tuple[Mapping[int, Layer], ...]
    depths: tuple[Depth, ...]


def options(
    store: Store, prices: Mapping[str, Price], settings: Settings, question: Question, seed: int
) -> tuple[Option, ...]:
    """Groups of the best partitions, and for an asking organisation its nearest partners, for every shared service."""
    bodies = _organisations(store)
    if len(bodies) < 2:
        return ()
    alike = likeness(bodies, _standards(store))
    assumed = assumptions(settings.partners)
    eta = realised(assumed, question.draws, seed)
    found: list[Option] = []
    for field in _fields(store, alike, assumed.on_costs):
        groups = _wanted(field, alike, eta, assumed, question.organisation)
        found += [_option(group, field, alike, assumed) for group in groups]
    return tuple(found)


def _organisations(store: Store) -> list[Organisation]:
    """Living organisations by code."""
    rows = store.arrow(store.table("organisation").order_by("organisation")).to_pylist()
    return [_organisation(row) for row in rows if row["end"] is None]


def _organisation(row: Mapping[str, Any]) -> Organisation:
    words = ("name", "sort", "tier", "upper_tier", "region", "successor")
    known = {name: value for name, value in row.items() if name in Organisation.__dataclass_fields__}
    return Organisation(**{**known, **{word: row[word] or "" for word in words}})


def _standards(store: Store) -> dict[str, frozenset[str]]:
    rows = store.arrow(store.table("service").select("organisation", "standard", "kind")).to_pylist()
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row["organisation"]].add(row["standard"] or row["kind"] or "")
    return {organisation: frozenset(codes - {""}) for organisation, codes in found.items()}


def _fields(store: Store, alike: Likeness, on_costs: float) -> list[Field]:
    """Kinds of service with posts in two organisations or more; leadership itself is one of them."""
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


def _wanted(
    field: Field, alike: Likeness, eta: NDArray[np.float64], assumed: Assumptions, asking: str | None
) -> list[Group]:
    """The groups of the best partition; where there are none, or somebody asks, each organisation's best pairs."""
    near = [_near(field, alike, member) for member in range(len(field.at))]
    both = [
        sorted({*near[one], *(other for other in range(len(near)) if one in near[other])}) for one in range(len(near))
    ]
    every = connected_groups(both, LARGEST if len(field.at) <= 40 else 2)
    groups = [_best_depth(members, field, alike, eta, assumed) for members in every if len(members) > 1]
    if asking is not None:
        mine = [group for group in groups if asking in {alike.organisations[field.at[m]] for m in group.members}]
        return sorted(mine, key=_rank, reverse=True)[:NEAREST]
    singles = [(member,) for member in range(len(field.at))]
    values = np.array([0.0] * len(singles) + [float(group.value_gbp.mean()) for group in groups])
    best = best_partitions(len(field.at), [*singles, *(group.members for group in groups)], values, 1)
    chosen = {members for partition in best for members in partition.groups if len(members) > 1}
    pairs = sorted(groups, key=_rank, reverse=True)[:NEAREST]
    return [group for group in groups if group.members in chosen or any(group is pair for pair in pairs)]


def _near(field: Field, alike: Likeness, member: int) -> list[int]:
    inside = {number: at for at, number in enumerate(field.at)}
    order = nearest(alike, field.at[member], len(alike.organisations))
    return [inside[number] for number in order if number in inside][:NEAREST]


def _rank(group: Group) -> float:
    return float(group.value_gbp.mean())


def _best_depth(
    members: tuple[int, ...], field: Field, alike: Likeness, eta: NDArray[np.float64], assumed: Assumptions
) -> Group:
    """Each depth has its own M and K; the one with the greatest expected value stands for the group."""
    groups = [_group(members, depth, field, alike, (eta, assumed)) for depth in field.depths]
    return max(groups, key=_rank)


def _group(
    members: tuple[int, ...], depth: Depth, field: Field, alike: Likeness,
    worlds: tuple[NDArray[np.float64], Assumptions],
) -> Group:  # fmt: skip
    eta, assumed = worlds
    moved = change([field.layers[member] for member in members], depth)
    yearly = yearly_gbp(moved, _together(members, field, alike), eta, assumed)
    once = one_off_gbp(moved, len(members), depth is Depth.FULL, assumed)
    return Group(members, depth, moved, yearly, once, value_gbp(yearly, once, assumed))


def _together(members: tuple[int, ...], field: Field, alike: Likeness) -> float:
    """The likeness of a group is that of its least alike pair."""
    at = [field.at[member] for member in members]
    product = alike.product
    return min(float(product[one, other]) for one in at for other in at if one != other)


def _option(group: Group, field: Field, alike: Likeness, assumed: Assumptions) -> Option:
    codes = tuple(alike.organisations[field.at[member]] for member in group.members)
    return Option(
        id=f"mirror:{field.service}:{'+'.join(codes)}".replace(" ", "-"),
        style=Style.MIRROR,
        partners=codes,
        service=f"{field.service}, {group.depth.value}" if field.service != CORPORATE else group.depth.value,
        benefit_gbp=group.yearly_gbp,
        yearly_cost_gbp=0.0,
        one_off_cost_gbp=group.once_gbp,
        gains=codes,
        pays=codes,
        staff_transferred=round(group.change.transferred),
        months_to_benefit=12.0 * assumed.ramp_years / 2,
        grade=GRADE,
        reasons=_reasons(group, field, alike),
        would_change=_would_change(group, assumed),
        risks=RISKS,
        figures=(_waterfall(group),),
    )


def _reasons(group: Group, field: Field, alike: Likeness) -> tuple[Reason, ...]:
    at = [field.at[member] for member in group.members]
    pairs = [(one, other) for one in at for other in at if one < other]
    worst = min(pairs, key=lambda pair: float(alike.product[pair]))
    return alike.reasons(*worst)


def _would_change(group: Group, assumed: Assumptions) -> tuple[str, ...]:
    paper = group.change.paper_gbp
    if paper <= 0:
        return ("No saving is expected: the dearer pay of a shared post eats what fewer posts would save.",)
    factor = float((value_gbp(np.ones(1), 0.0, assumed))[0])
    needed = (group.once_gbp / factor - float((group.yearly_gbp - assumed.realised * paper).mean())) / paper
    chance = float((group.value_gbp > 0).mean())
    return (
        f"It breaks even if {max(needed, 0):.0%} of the saving on paper comes true; {assumed.realised:.0%} is expected here.",
        f"The chance that it is worth more than it costs is {chance:.0%}.",
    )


def _waterfall(group: Group) -> FigureData:
    after = float(group.yearly_gbp.mean())
    rows = (
        ("each its own", group.change.before_gbp, "total", "£ a year"),
        ("one set, on paper", -group.change.paper_gbp, "step", "£ a year"),
        ("not coming true", group.change.paper_gbp - after, "step", "£ a year"),
        ("left to pay", group.change.before_gbp - after, "total", "£ a year"),
    )
    return FigureData(
        name="mirror-waterfall", kind="waterfall",
        title=f"Sharing is expected to change management cost by £{-after:,.0f} a year",
        alt="Management cost of each on its own, the saving on paper, the part not expected to come true, and what is left to pay.",
        columns=("label", "value", "role", "measure"), rows=rows,
    )  # fmt: skip
