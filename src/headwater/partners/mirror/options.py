"""Mirror options: for each shared kind of service the groups that are worth looking at, at the depth that suits them
best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.evidence import Grade
from headwater.domain.money import in_pounds
from headwater.domain.options import SPREAD_YEARS, Option, Reason
from headwater.domain.release import FigureData
from headwater.domain.uncertainty import Interval
from headwater.partners.mirror.grouping import (
    CORPORATE,
    FIRST_TEN,
    NEAREST,
    Field,
    Group,
    Scene,
    expected,
    group_at,
    groups_of,
    partitions,
    scene,
)
from headwater.partners.mirror.likeness import nearest
from headwater.partners.mirror.management import Depth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.domain.money import Price
    from headwater.domain.workspace import Settings
    from headwater.partners.question import Question
    from headwater.store import Store

GRADE = Grade(
    2,
    "low",
    "The cost of posts is known; whether such savings come true is not: most studies of shared management found none.",
)
BY_SPEND = Grade(
    1,
    "very low",
    "No posts were given: management is taken by what the bodies spend, and a share of that as its saving.",
)
BY_LIKENESS = Grade(0, "none", "Neither posts nor spending were given: how alike they are is all that is known.")
GRADES = {"posts": GRADE, "spend": BY_SPEND}
MONTHS = 18.0
WHOLE_COUNCILS = ("unitary", "metropolitan", "london-borough")
"""Tiers of councils that do all that one council does, as the one whose posts are the measure."""
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
    known = [_option(group, field, at) for field in at.fields for group in _wanted(field, at, question.organisation)]
    return (*known, *_unknown(at, question.organisation))


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


def _unknown(at: Scene, asking: str | None) -> list[Option]:
    """Pairs of akin bodies of which one's figures are not known: what it would take to tell, and no pounds."""
    made = _needed(at, asking, at.unknown, CORPORATE, tuple(range(len(at.bodies))))
    for field in at.fields:
        if field.depths == (Depth.LINE,):
            doubted = [
                number for number, body in enumerate(at.bodies) if field.service in at.doubts.get(body.organisation, {})
            ]
            lacking = tuple(one for one in dict.fromkeys((*at.whole_only, *doubted)) if one not in field.at)
            made += _needed(at, asking, lacking, field.service, (*field.at, *lacking))
    return made


def _needed(at: Scene, asking: str | None, missing: Sequence[int], service: str, among: Sequence[int]) -> list[Option]:
    codes, lacking, inside = at.alike.organisations, set(missing), set(among)
    here = codes.index(asking) if asking in codes else -1
    if asking is not None and here not in inside:
        return []

    def others(one: int, count: int) -> list[int]:
        order = [other for other in nearest(at.alike, one, len(codes)) if other in inside]
        return [other for other in order if one in lacking or other in lacking][:count]

    pairs = [(here, others(here, FIRST_TEN))] if asking is not None else [(one, others(one, 1)) for one in missing]
    both = dict.fromkeys(tuple(sorted((one, other))) for one, near in pairs for other in near)
    # Of a service on which neither is known to spend anything nobody can say that it is one of theirs.
    told = [pair for pair in both if service == CORPORATE or not set(pair) <= lacking]
    return [_needing(at, pair, [one for one in pair if one in lacking], service) for pair in told]


def _needing(at: Scene, pair: Sequence[int], missing: Sequence[int], service: str) -> Option:
    codes = tuple(at.alike.organisations[one] for one in pair)
    lacking = [at.alike.organisations[one] for one in missing]
    likeness = float(at.product[pair[0], pair[1]])
    what = "posts or spending" if service == CORPORATE else f"posts in, or spending on, {service}"
    return Option(
        id=f"mirror:{service}:{'+'.join(codes)}".replace(" ", "-"),
        style=Style.MIRROR,
        partners=codes,
        service=_named(service, Depth.TEAM),
        benefit_gbp=np.zeros(0),
        yearly_cost_gbp=0.0,
        one_off_cost_gbp=0.0,
        gains=codes,
        pays=codes,
        staff_transferred=None,
        months_to_benefit=MONTHS,
        grade=BY_LIKENESS,
        reasons=(Reason("likeness", 0.0, f"of all that is known they are {likeness:.2f} alike (1 is the same)"),),
        would_change=(
            "Posts or spending of these organisations would say what there is to save; without them nothing can.",
        ),
        risks=RISKS,
        needs=tuple(_lacking(at, code, service, what) for code in lacking),
        idea=f"mirror:{service}",
    )


def _lacking(at: Scene, code: str, service: str, what: str) -> str:
    """What is missing of a body: figures that were not given, or given and cannot be used."""
    told = [text for line, text in at.doubts.get(code, {}).items() if line in ("", service) or service == CORPORATE]
    if told:
        return f"figures of {code} in pounds a year, as its peers': {'; '.join(told)}"
    if (code, service) in at.nought:
        return (
            f"spending above nought on {service} of {code}: given is {at.nought[code, service]}, which is no cost that"
            " could be shared"
        )
    here = at.alike.organisations.index(code)
    if service == CORPORATE and any(here in field.at and field.depths == (Depth.LINE,) for field in at.fields):
        return (
            f"the whole of what {code} spends, of which only lines are given (a line all of the table spend), or its"
            " posts"
        )
    return f"{what} of {code} (a file for the table post or spend)"


def _named(service: str, depth: Depth) -> str:
    if service == CORPORATE:
        return depth.value
    return f"{service}, {(Depth.LINE if depth is Depth.TEAM else depth).value}"


def _option(group: Group, field: Field, at: Scene) -> Option:
    codes = at.codes(field, group.members)
    return Option(
        id=f"mirror:{field.service}:{'+'.join(codes)}".replace(" ", "-"),
        style=Style.MIRROR,
        partners=codes,
        service=_named(field.service, group.depth),
        benefit_gbp=group.yearly_gbp,
        yearly_cost_gbp=0.0,
        one_off_cost_gbp=group.once_gbp,
        gains=codes,
        pays=codes,
        staff_transferred=None if field.basis == "spend" else round(group.change.transferred or 0.0),
        months_to_benefit=MONTHS,
        grade=GRADES[field.basis],
        reasons=_reasons(group, field, at),
        would_change=_would_change(group, field, at),
        risks=RISKS if group.change.transferred else RISKS[1:],
        figures=(_waterfall(group), *_depths(codes, at)),
        idea=f"mirror:{field.service}",
        benefit_shares=_shares(group, field, at),
        posts_removed=None if field.basis == "spend" else round(group.change.posts_removed, 1),
    )


def _shares(group: Group, field: Field, at: Scene) -> tuple[tuple[str, float], ...]:
    """By what each spends on what would be one set."""
    cost = [sum(layer.gbp for layer in field.layers[member].values()) for member in group.members]
    whole = sum(cost)
    return tuple(zip(at.codes(field, group.members), (gbp / whole for gbp in cost), strict=True)) if whole else ()


def _reasons(group: Group, field: Field, at: Scene) -> tuple[Reason, ...]:
    """Pounds that add up to the net benefit a year; the likeness is that of the least alike pair, as for the group."""
    numbers = [field.at[member] for member in group.members]
    pairs = [(one, other) for one in numbers for other in numbers if one < other]
    change, expected_gbp = group.change, float(at.eta.mean()) * group.change.paper_gbp
    return (
        Reason(
            "one set",
            change.paper_gbp,
            f"leading it costs £{change.before_gbp:,.0f} a year apart and £{change.after_gbp:,.0f} on paper as one"
            f" set{_whence(group, field, at)}",
        ),
        Reason(
            "not coming true",
            expected_gbp - change.paper_gbp,
            f"{at.assumed.realised:.0%} of a saving on paper is expected to come true (Elston & Dixon 2020 found none)",
        ),
        *at.alike.reasons(
            *min(pairs, key=lambda pair: float(at.product[pair])), expected_gbp - float(group.yearly_gbp.mean())
        ),
        Reason(
            "one-off cost",
            -group.once_gbp / SPREAD_YEARS,
            f"£{group.once_gbp:,.0f} once (redundancy, pensions, systems), spread over {SPREAD_YEARS} years",
        ),
    )


def _whence(group: Group, field: Field, at: Scene) -> str:
    """Where the cost of leading comes from, so that what is assumed is not taken for what was counted."""
    if field.basis == "posts":
        return "; counted from their posts"
    if field.service != CORPORATE:
        return (
            f"; assumed: {at.assumed.line_share:.0%} of what a small service spends goes on its managers, and no source"
            " is known"
        )
    bodies = [at.bodies[field.at[member]] for member in group.members]
    if all((one.tier or one.sort).removeprefix("council-") in WHOLE_COUNCILS for one in bodies):
        return "; taken from what they spend by one unitary council's published posts (Trafford, July 2025)"
    return (
        "; assumed: one unitary council's published posts (Trafford, July 2025) are carried over to another tier or"
        " sort, of which no source is known"
    )


def _posts(many: float) -> str:
    said = f"{many:,.1f}".removesuffix(".0")
    return f"{said} post{'' if said == '1' else 's'}"


def _would_change(group: Group, field: Field, at: Scene) -> tuple[str, ...]:
    paper, assumed = group.change.paper_gbp, at.assumed
    if paper <= 0:
        return ("No saving is expected: the dearer pay of a shared post eats what fewer posts would save.",)
    apart = float((at.eta * paper - group.yearly_gbp).mean())
    needed = (group.once_gbp / SPREAD_YEARS + apart) / paper
    posts = (
        f"{_posts(group.change.posts_removed)} would go and {group.change.transferred or 0:,.0f} staff would get"
        " another employer."
        if field.basis == "posts"
        else "Their posts would say how many would go; by spending alone nobody can."
    )
    return (
        (
            f"It breaks even if {max(needed, 0):.0%} of the saving on paper comes true; {assumed.realised:.0%} is"
            " expected here."
        ),
        f"The chance that it brings more than it costs is {float((group.net_gbp > 0).mean()):.0%}.",
        posts,
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
        name="mirror-waterfall",
        kind="waterfall",
        title=f"Sharing is expected to change management cost by {in_pounds(-after)} a year",
        alt=(
            "Management cost of each on its own, the saving on paper, the part not expected to come true, and what is"
            " left to pay."
        ),
        columns=("label", "value", "role", "measure"),
        rows=rows,
    )


def _depths(codes: tuple[str, ...], at: Scene) -> tuple[FigureData, ...]:
    """What each depth of sharing would bring these organisations a year, one-off cost spread as for every option."""
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
        "mirror-depths",
        "options",
        "What each depth of sharing is expected to bring a year",
        "Net saving a year with its interval: a shared chief executive, a shared team, and each service shared in"
        " full.",
        ("label", "style", "low", "mid", "high", "measure"),
        tuple(rows),
    )
    return (figure,)


def _depth_row(field: Field, group: Group, at: Scene) -> tuple[str, str, float, float, float, str]:
    net = Interval.around_mean(group.net_gbp)
    label = group.depth.value if field.service == CORPORATE else f"{group.depth.value}: {field.service}"
    return label, Style.MIRROR.value, round(net.low), round(net.mid), round(net.high), "£ a year, net"
