"""From an option to a programme: a protocol to edit, what to ask each partner for, the risks to own, and the page of
its plan."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from headwater import governance
from headwater.app import choosing, segmenting
from headwater.app.place import today
from headwater.domain.collaboration import Agreement, Cost, Entry, Outcome, Role, Style
from headwater.domain.errors import Usage, one_of
from headwater.domain.progress import silent
from headwater.partners.published.options import BOARD, partners_of
from headwater.partners.segments.definitions import Before, Within
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.app.segmenting import DayOne
    from headwater.domain.collaboration import Protocol
    from headwater.domain.options import Option
    from headwater.domain.progress import Progress
    from headwater.partners.published.options import Expected
    from headwater.partners.segments.definitions import Segment

BEGINS_AFTER_MONTHS = 3
"""From a decision to the first person taken on: agreements, people, a list."""
TEMPLATES = {
    Style.MIRROR: "shared-management-team",
    Style.INTEGRATION: "joint-control-room",
    Style.UPSTREAM: "multidisciplinary-team",
}
WEEK, PEOPLE = "action-week", "multidisciplinary-team"
WORTHWHILE = 0.05
SLUG = 48


def adopt(place: Place, option: str, name: str = "", progress: Progress = silent) -> Answer:
    """Write the draft protocol, a data request for each partner and the typical risks; name what is still open.

    Nothing that stands is overwritten: an id that is taken is refused. Raises Usage for an unknown option.
    """
    if option.partition(":")[0] == BOARD:
        draft, left = _of_published(place, option, name, progress)
    else:
        draft, left = _of_option(place, option, name, progress)
    file = place.workspace.collaborations / f"{draft.id}.toml"
    if file.exists():
        raise Usage(
            "a collaboration of this name exists already",
            given=draft.id,
            next_step=f"headwater adopt {option} --as ANOTHER-NAME",
        )
    write_atomically(file, governance.write_protocol(draft))
    files = {"protocol": str(file), **_requests(place, draft), "risks": str(_risks(place, draft))}
    place.note("adopt", f"{option} as {draft.id}")
    content = {
        "option": option,
        "collaboration": draft.id,
        "files": files,
        "plan_page": f"/plan/{draft.id}",
        "open": left,
        "next": f"headwater plan {draft.id}, then headwater lock {draft.id} before anybody reads an outcome",
    }
    return place.answer("adopt", content, (), draft)


def _requests(place: Place, draft: Protocol) -> dict[str, str]:
    """A workbook for each partner: only what the evaluation of this protocol reads."""
    made: dict[str, str] = {}
    for partner in draft.partners:
        file: Path = place.workspace.releases / f"{draft.id}-request-{_slug(partner)}.xlsx"
        write_atomically(file, governance.data_request(draft, partner))
        made[f"request to {partner}"] = str(file)
    return made


def _risks(place: Place, draft: Protocol) -> Path:
    held = {risk.risk for risk in governance.read_risks(place.workspace)}
    return governance.add_risks(
        place.workspace, [risk for risk in governance.suggested_risks(draft) if risk.risk not in held]
    )


# From a published effect


def _of_published(place: Place, option: str, name: str, progress: Progress) -> tuple[Protocol, list[str]]:
    found = segmenting.day_one(place, None, progress)
    known = {one.id: one for one in found.expected}
    if option not in known:
        raise one_of("no such option", option, known, "headwater segments lists them")
    one = known[option]
    segment, approach = one.volume.segment, one.prior.approach
    kind = next(kind for kind in segment.kinds if kind in found.demand.here.kinds)
    unit = "person" if one.volume.people else "place"
    base = _template(Style(approach.style) if unit == "person" else Style.INTEGRATION, unit)
    draft = replace(
        _stripped(base, unit),
        id=_slug(name or f"{approach.id}-{segment.id}"),
        name=f"{approach.name}: {segment.name}",
        style=Style(approach.style),
        lead=found.demand.agencies[0],
        partners=_partners(found, one),
        start=_start(),
        theory=f"{approach.name} meet this demand before it arises ({segment.mechanism}).",
        outcomes=(Outcome(kind, Role.PRIMARY, WORTHWHILE),),
        entry=_entry(segment, kind) if unit == "person" else None,
    )
    return draft, _open(draft, segment, one)


def _partners(found: DayOne, one: Expected) -> tuple[str, ...]:
    """Who would act; whose demand it is leads until somebody else says so."""
    return tuple(code for code in partners_of(one, found.here) if code != found.demand.agencies[0])


def _entry(segment: Segment, kind: str) -> Entry:
    """The rule of the segment as far as a protocol can say it: how many contacts within how many days, and ages."""
    frequent = next(
        (one for one in segment.conditions() if isinstance(one, Before) and not (one.ended or one.kinds)), None
    )
    ages = next((one for one in segment.conditions() if isinstance(one, Within) and one.what == "age"), None)
    at_least = 1 if frequent is None else frequent.at_least + (not frequent.including)
    return Entry(
        kind,
        at_least,
        365 if frequent is None else int(frequent.days),
        None if ages is None or ages.low <= 0 else int(ages.low),
        None if ages is None or ages.high >= 120 else int(ages.high),
    )


def _open(draft: Protocol, segment: Segment, one: Expected) -> list[str]:
    """What the draft leaves to people, each with where it goes."""
    told = [
        (
            "no negative control is named: add a kind of contact that this cannot change ([[outcome]], role ="
            " negative-control)"
        ),
        "no cost is named: until one is, nothing can be said to pay ([[cost]])",
        "no data-sharing agreement is signed ([[agreement]])",
        (
            "what studies elsewhere found is not evidence here: keep some who are eligible for later, chosen at random,"
            " and compare"
        ),
    ]
    if draft.unit == "person":
        told.insert(
            0,
            f"the entry rule says how many and how old; reasons are for whoever makes the list: {segment.name},"
            f" {segment.source}",
        )
    else:
        told.insert(0, "the places treated are not named (treated = [...])")
    return [*told, *([one.said] if one.said else [])]


# From an option of `partners`


def _of_option(place: Place, option_id: str, name: str, progress: Progress) -> tuple[Protocol, list[str]]:
    option = choosing.option(place, option_id, progress)
    kind = option.id.rpartition(":")[2] if option.style is Style.UPSTREAM else ""
    with place.store() as store:
        kinds = set(store.arrow(store.table("contact").select("kind").distinct())["kind"].to_pylist())
    known = kind if kind in kinds else ""
    unit = "person" if option.style is Style.UPSTREAM else "place" if "week" in option.id else "organisation"
    base = _template(option.style, unit)
    outcomes = (Outcome(known, Role.PRIMARY, WORTHWHILE),) if known else base.outcomes
    draft = replace(
        _stripped(base, unit),
        id=_slug(name or option.id),
        name=option.service[:1].upper() + option.service[1:],
        style=option.style,
        lead=option.partners[0],
        partners=option.partners[1:],
        start=_start(),
        theory=option.reasons[0].text if option.reasons else option.service,
        outcomes=outcomes,
        entry=Entry(known or base.outcomes[0].kind, 2, 365) if unit == "person" else None,
        treated=option.partners if unit == "organisation" else (),
        costs=_costs(option),
        agreements=(Agreement("data-sharing", option.partners),),
    )
    return draft, [
        *option.would_change,
        *option.risks,
        *(
            []
            if known
            else [f"the outcome {outcomes[0].kind} is the template's: name the kind of contact that is meant to fall"]
        ),
    ]


def _costs(option: Option) -> tuple[Cost, ...]:
    bearer = (option.pays or option.partners)[0]
    made = []
    if option.one_off_cost_gbp > 0:
        made.append(Cost(bearer, "set-up", round(option.one_off_cost_gbp)))
    if option.yearly_cost_gbp > 0:
        made.append(Cost(bearer, "running", round(option.yearly_cost_gbp), yearly=True))
    return tuple(made)


def _template(style: Style, unit: str) -> Protocol:
    name = PEOPLE if unit == "person" else WEEK if unit == "place" else TEMPLATES[style]
    return governance.parse_protocol(tomllib.loads(governance.template(name)), f"template {name}")


def _stripped(base: Protocol, unit: str) -> Protocol:
    """The template without what is its example's own: costs, shares, agreements and units."""
    return replace(base, unit=unit, costs=(), agreements=(), cashable={}, backfill={}, treated=(), detectable=None)


def _start() -> date:
    """The first of the month, three months on."""
    now = date.fromisoformat(today())
    at = now.year * 12 + now.month - 1 + BEGINS_AFTER_MONTHS
    return date(at // 12, at % 12 + 1, 1)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:SLUG].strip("-")
