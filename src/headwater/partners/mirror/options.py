"""Mirror options: for each shared kind of service the groups that are worth looking at, at the depth that suits them best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.figures import FigureData
from headwater.domain.options import SPREAD_YEARS, Option, Reason
from headwater.domain.uncertainty import Interval
from headwater.partners.mirror.grouping import (
    CORPORATE,
    NEAREST,
    Field,
    Group,
    Scene,
    expected,
    group_at,
    groups_of,
    partitions,
    scene,
)  # fmt: skip
from headwater.partners.mirror.saving import value_gbp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.money import Price
    from headwater.domain.workspace import Settings
    from headwater.partners.question import Question
    from headwater.store import Store

GRADE = Grade(2, "low", "The cost of posts is known; whether such savings come true is not: most studies of shared management found none.")  # fmt: skip
BY_SPEND = Grade(1, "very low", "No posts were given: management is taken as a fixed share of all spending, and a share of that as its saving.")  # fmt: skip
BY_LIKENESS = Grade(0, "none", "Neither posts nor spending were given: how alike they are is all that is known.")
GRADES = {"posts": GRADE, "spend": BY_SPEND, "neither": BY_LIKENESS}
RISKS = (
    "Staff move to another employer (TUPE) in a full shared service.",
    "Pay is harmonised upward.",
    "Service levels slip while two sets of systems are joined.",
    "One chief serves two councils with one pair of eyes.",
)


def options(
    store: Store, prices: Mapping[str, Price], settings: Settings, question: Question, seed: int
) -> tuple[Option, ...]:
    """Groups of the best partitions, and for an asking organisation its nearest partners, for every shared service."""
    at = scene(store, settings, question.draws, seed, question.organisation)
    if at is None:
        return ()
    return tuple(
        _option(group, field, at) for field in at.fields for group in _wanted(field, at, question.organisation)
    )


def _wanted(field: Field, at: Scene, asking: str | None) -> list[Group]:
    """The groups of the best partition and the best pairs; where somebody asks, that organisation's own."""
    if asking is not None and asking not in at.codes(field, range(len(field.at))):
        return []
    groups = groups_of(field, at, asking)
    if asking is not None:
        mine = [group for group in groups if asking in at.codes(field, group.members)]
        return sorted(mine, key=expected, reverse=True)[: NEAREST if field.basis == "posts" else len(mine)]
    best = partitions(field, groups, 1)
    chosen = {members for partition in best for members in partition.groups if len(members) > 1}
    pairs = sorted(groups, key=expected, reverse=True)[:NEAREST]
    return [group for group in groups if group.members in chosen or any(group is pair for pair in pairs)]


def _option(group: Group, field: Field, at: Scene) -> Option:
    codes = at.codes(field, group.members)
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
        months_to_benefit=12.0 * at.assumed.ramp_years / 2,
        grade=GRADES[field.basis],
        reasons=_reasons(group, field, at),
        would_change=_would_change(group, field, at),
        risks=RISKS,
        figures=(_waterfall(group), *_depths(codes, at)),
    )


def _reasons(group: Group, field: Field, at: Scene) -> tuple[Reason, ...]:
    """Pounds that add up to the net benefit a year; the likeness is that of the least alike pair, as for the group."""
    numbers = [field.at[member] for member in group.members]
    pairs = [(one, other) for one in numbers for other in numbers if one < other]
    change, expected_gbp = group.change, float(at.eta.mean()) * group.change.paper_gbp
    return (
        Reason("one set", change.paper_gbp, f"leading it costs £{change.before_gbp:,.0f} a year apart and £{change.after_gbp:,.0f} on paper as one set"),
        Reason("not coming true", expected_gbp - change.paper_gbp, f"{at.assumed.realised:.0%} of a saving on paper is expected to come true (Elston & Dixon 2020 found none)"),
        *at.alike.reasons(*min(pairs, key=lambda pair: float(at.product[pair])), expected_gbp - float(group.yearly_gbp.mean())),
        Reason("one-off cost", -group.once_gbp / SPREAD_YEARS, f"£{group.once_gbp:,.0f} once (redundancy, pensions, systems), spread over {SPREAD_YEARS} years"),
    )  # fmt: skip


def _would_change(group: Group, field: Field, at: Scene) -> tuple[str, ...]:
    paper, assumed = group.change.paper_gbp, at.assumed
    if not group.change.before_gbp:
        return ("Posts or spending of these organisations would say what there is to save; without them nothing can.",)
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


def _depths(codes: tuple[str, ...], at: Scene) -> tuple[FigureData, ...]:
    """What each depth of sharing would bring these organisations a year, one-off cost spread over the horizon."""
    rows = []
    for field in at.fields:
        here = at.codes(field, range(len(field.at)))
        members = tuple(here.index(code) for code in codes if code in here)
        rows += [
            _depth_row(field, group_at(members, depth, field, at), at)
            for depth in field.depths
            if len(members) == len(codes)
        ]
    if len(rows) < 2:
        return ()
    figure = FigureData(
        "mirror-depths", "options", "What each depth of sharing is expected to bring a year",
        "Net saving a year with its interval: a shared chief executive, a shared team, and each service shared in full.",
        ("label", "style", "low", "mid", "high", "measure"), tuple(rows),
    )  # fmt: skip
    return (figure,)


def _depth_row(field: Field, group: Group, at: Scene) -> tuple[str, str, float, float, float, str]:
    net = Interval.of_draws(group.yearly_gbp - group.once_gbp / at.assumed.horizon_years)
    label = group.depth.value if field.service == CORPORATE else f"{group.depth.value}: {field.service}"
    return label, Style.MIRROR.value, round(net.low), round(net.mid), round(net.high), "£ a year, net"
