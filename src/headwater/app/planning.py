"""Before launch: protocols from templates, their lock, and what a plan can expect."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater import capacity, governance, sources
from headwater.app import answers
from headwater.app.acting import acting, signed
from headwater.app.evaluating import protocol_file, protocol_of, protocols, question_of
from headwater.app.reading import linked, names_of, need_data
from headwater.app.valuing import price_book
from headwater.app.version import code_version
from headwater.domain.collaboration import Protocol, Role
from headwater.domain.errors import Usage
from headwater.domain.money import at_most_pounds
from headwater.domain.progress import silent
from headwater.domain.release import Count
from headwater.domain.uncertainty import Interval
from headwater.report.kinds import capital, named
from headwater.report.words import chance
from headwater.store.expr import _, date, interval
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.capacity import BreakEven, PlanPage
    from headwater.domain.collaboration import Standing
    from headwater.domain.progress import Progress
    from headwater.store import Store

PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
HOPED = Interval(0.6, 0.8, 1.0)
"""What is hoped for where the protocol names no detectable effect: a fall of a fifth, perhaps none, perhaps two
fifths."""


def plan(place: Place, collaboration: str, progress: Progress = silent) -> Answer:
    """Power, the regression to the mean to expect, break-even per payer, what more evidence would be worth."""
    protocol = protocol_of(place, collaboration)
    if protocol.unit != "person":
        return _plan_of_places(place, protocol, progress)
    page, _ambition_held = planned_page(place, protocol, progress)
    place.note("plan", collaboration)
    return place.answer(
        "plan",
        {"collaboration": collaboration, **_page(page), "sentences": _sentences(page, protocol, _names(place))},
        (page.figure,),
        page,
    )


def planned_page(place: Place, protocol: Protocol, progress: Progress = silent) -> tuple[PlanPage, capacity.Ambition]:
    """The page of a plan for people, and the ambition it was made for. Raises Usage for a protocol of places."""
    if protocol.unit != "person":
        raise Usage(
            f"{protocol.id} enrols places",
            given=protocol.unit,
            allowed="person",
            next_step=f"headwater plan {protocol.id}",
        )
    with place.store() as store:
        need_data(store)
        linked(place, store, progress)
        counts = before_start(store, protocol)
        people = _people(store, protocol, counts)
    prices, ambition = price_book(place, protocol).for_kinds(protocol.prices), _ambition(protocol, people)
    return capacity.plan_page(protocol, counts, prices, ambition), ambition


def before_start(store: Store, protocol: Protocol) -> np.ndarray[Any, np.dtype[np.float64]]:
    """float64[person]: contacts of the entry kind in the rule's days before the start, noughts for everybody else.

    A start that lies beyond the data is planned on the rule's days before their end.
    """
    entry = protocol.entry
    if entry is None:
        raise Usage(f"{protocol.id} has no [entry] rule", next_step="add [entry] to the protocol")
    contacts = store.table("person_contact")
    (seen,) = store.arrow(contacts.agg(last=contacts.start.max()))["last"].to_pylist()
    last = date((min(protocol.start, seen.date() + timedelta(days=1)) if seen else protocol.start).isoformat())
    inside = contacts.filter(
        (contacts.kind == entry.kind)
        & (contacts.start < last)
        & (contacts.start >= last - interval(days=entry.within_days))
    )
    each = store.arrow(inside.group_by("person").agg(n=_.count()).order_by("person"))["n"].to_numpy()
    return np.concatenate([each.astype(np.float64), np.zeros(max(store.rows("person") - len(each), 0))])


def _people(store: Store, protocol: Protocol, counts: np.ndarray[Any, Any]) -> int:
    """How many would be enrolled: those on the list, else half of who meets the rule at the start."""
    enrolled = store.table("person_enrolment")
    listed = store.arrow(enrolled.filter(enrolled.collaboration == protocol.id).agg(n=_.count()))["n"][0].as_py()
    return int(listed or max(1, (counts >= (protocol.entry.at_least if protocol.entry else 1)).sum() // 2))


def _ambition(protocol: Protocol, people: int) -> capacity.Ambition:
    hoped = HOPED if protocol.detectable is None else Interval(protocol.detectable**2, protocol.detectable, 1.0)
    from headwater.evidence.people.shams import SPREAD

    return capacity.Ambition(people, hoped, controls_per_person=protocol.comparison.per_unit, lasting=SPREAD)


def _page(page: PlanPage) -> dict[str, Any]:
    plain = {name: value for name, value in answers.plain(page).items() if name not in {"figure", "eligible"}}
    return {"eligible": Count(page.eligible), **plain}


def _names(place: Place) -> dict[str, str]:
    with place.store() as store:
        return names_of(store)


def _sentences(page: PlanPage, protocol: Protocol, names: Mapping[str, str]) -> list[str]:
    before = f"in the {protocol.entry.within_days} days before" if protocol.entry else "before"
    found = [
        (
            f"Those enrolled had {page.before:.1f} {page.kind} each {before}. If nothing is done,"
            f" {page.expected_without:.1f} each are expected over the {protocol.follow_up_days} days of the follow-up."
        ),
        f"Day for day, people chosen by this rule will fall back by {page.regression_to_the_mean:.0%} on their own.",
        (
            f"A fall of less than {1 - page.detectable:.0%} will probably look the same as no change."
            if page.detectable
            else "With so few people, no change can be told from none."
        ),
        (
            f"If what is hoped for is true, the chance of finding it is {page.power:.0%}. With this many people the"
            f" best method could do {chance(page.information_limit)}."
        ),
    ]
    if page.people_needed:
        found.append(f"To have four chances in five of finding it, {page.people_needed:,.0f} people are needed.")
    else:
        found.append("No number of people gives four chances in five: the method itself may err by as much.")
    for row in page.break_even:
        found.append(_break_even(row, page.kind, names))
    return [*found, _worth_knowing(page)]


def _worth_knowing(page: PlanPage) -> str:
    """What the evaluation is worth to whoever decides on the money, and why it is nothing where it is."""
    if page.net_benefit_gbp < 0 and page.evaluation_worth_gbp < 1:
        return (
            "For the money alone, no evaluation is needed: even the best result hoped for would not cover the cost"
            " through this kind of contact."
        )
    return (
        f"What this evaluation would teach is worth {at_most_pounds(page.evaluation_worth_gbp)}; knowing exactly would"
        f" be worth {at_most_pounds(page.perfect_information_gbp)}."
    )


def _break_even(row: BreakEven, kind: str, names: Mapping[str, str]) -> str:
    """Who would need how many people to break even, and counting what."""
    together = row.payer == "all together"
    who, verb = ("All budgets together", "") if together else (capital(named(row.payer, names)), "s")
    told = "never break{}" if row.people is None else "break{} even once {:,.0f} people take part"
    words = told.format(verb, row.people or 0) + (" even" if row.people is None else "")
    counted = "cash alone" if row.counting == "cash" else "cash and released capacity"
    return f"{who} {words}, counting {counted} from {kind}."


def _plan_of_places(place: Place, protocol: Protocol, progress: Progress) -> Answer:
    """The order of places by lot and its power, from the places design."""
    from headwater.evidence.places.plan import plan_places

    with place.store() as store:
        need_data(store)
        found = plan_places(store, protocol, progress=progress)
    place.note("plan", protocol.id)
    content = {"collaboration": protocol.id, "sentences": list(found.sentences), **answers.plain(found.numbers)}
    return place.answer("plan", content, found.figures, found)


# The protocol and its lock


def listing(place: Place) -> Answer:
    """Every protocol with how it stands; a tampered one is named as such rather than hiding the others."""
    rows = [
        {"id": p.id, "style": p.style.value, "start": p.start.isoformat(), "status": _status(place, p)}
        for p in protocols(place)
    ]
    return place.answer("protocol-list", {"protocols": rows})


def _status(place: Place, protocol: Protocol) -> str:
    from headwater.domain.errors import ProtocolBreach

    try:
        return governance.standing(place.workspace, protocol.id).status.value
    except ProtocolBreach:
        return "changed since its lock"


def told(place: Place, collaboration: str) -> Answer:
    """What a protocol says, for reading."""
    protocol = protocol_of(place, collaboration)
    return place.answer(
        "protocol-show", {**answers.plain(_dated(protocol)), "toml": governance.write_protocol(protocol)}
    )


def _dated(protocol: Protocol) -> dict[str, Any]:
    """The fields by name, days as text."""
    agreements = [
        {**answers.plain(one), "signed": _day(one.signed), "expires": _day(one.expires)} for one in protocol.agreements
    ]
    named = {name: getattr(protocol, name) for name in protocol.__dataclass_fields__}
    return {**named, "start": _day(protocol.start), "end": _day(protocol.end), "agreements": agreements}


def _day(day: Any) -> str:
    return day.isoformat() if day else ""


def new_protocol(place: Place, collaboration: str, template: str) -> Answer:
    """A protocol file from a template; an existing file is never overwritten."""
    if not PLAIN_ID.fullmatch(collaboration):
        raise Usage(
            "this is no id of a collaboration",
            given=repr(collaboration),
            allowed="letters, digits, - and _",
            next_step="choose a short name, as in home-visits",
        )
    file = place.workspace.collaborations / f"{collaboration}.toml"
    if file.exists():
        raise Usage("this protocol exists already", given=str(file), next_step="choose another id, or edit the file")
    write_atomically(file, governance.template(template).replace('id = "example"', f'id = "{collaboration}"', 1))
    return place.answer("protocol-new", {"file": str(file)})


def checked(place: Place, collaboration: str) -> Answer:
    """Whether a protocol's file reads, and what a reader should know before it is locked; every problem of the file at
    once."""
    protocol = protocol_of(place, collaboration)
    unpriced = [
        kind for kind in protocol.outcome_kinds() if kind not in price_book(place, protocol).for_kinds(protocol.prices)
    ]
    advice = [
        told
        for told, holds in (
            (
                "no negative control outcome is named, so nothing would show a comparison that is unlike",
                not any(one.role is Role.NEGATIVE_CONTROL for one in protocol.outcomes),
            ),
            ("no cost is named, so the collaboration looks free", not protocol.costs),
            ("no share is cashable, so no cash will be counted", not protocol.cashable),
            (f"without a price: {', '.join(unpriced)}", bool(unpriced)),
            ("no agreement is named", not protocol.agreements),
            ("no phases are named, so there are no gates", not protocol.phases),
        )
        if holds
    ]
    status = _status(place, protocol)
    return place.answer(
        "protocol-check", {"collaboration": protocol.id, "reads": True, "status": status, "advice": advice}
    )


def save_text(place: Place, collaboration: str, text: str) -> None:
    """Write a protocol's text, or headwater.toml's where no id is given, if it reads; otherwise nothing is written."""
    file = protocol_file(place, collaboration) if collaboration else place.workspace.settings
    with TemporaryDirectory() as folder:
        draft = Path(folder) / file.name
        write_atomically(draft, text)
        read = governance.read_protocol(draft) if collaboration else sources.read_settings(Path(folder))
    if isinstance(read, Protocol) and read.id != collaboration:
        raise Usage(
            "the id in the text is not the file's name",
            given=repr(read.id),
            allowed=repr(collaboration),
            next_step="put the id back",
        )
    write_atomically(file, text)
    place.__dict__.pop("settings", None)
    place.note("save", collaboration or "headwater.toml")


def lock(place: Place, collaboration: str, role: str, reason: str) -> Answer:
    """Freeze the protocol, and with it the question as the workspace asks it, before outcomes are read."""
    return _frozen(place, "lock", collaboration, role, reason)


def amend(place: Place, collaboration: str, role: str, reason: str) -> Answer:
    """Take over changes to a locked protocol, with the reason."""
    return _frozen(place, "amend", collaboration, role, reason)


def _frozen(place: Place, verb: str, collaboration: str, role: str, reason: str) -> Answer:
    signed(verb, role, reason)
    protocol = protocol_of(place, collaboration)
    price_book(place, protocol).for_kinds(protocol.prices)  # A price that nobody knows is refused before it is locked.
    freeze = governance.lock if verb == "lock" else governance.amend
    with acting(
        place, verb, collaboration, (collaboration, role, reason, governance.protocol_sha256(protocol)), role
    ) as act:
        said = governance.Signed(role, reason, act.at, code_version(), act.request)
        with place.store() as store:
            question = question_of(place, store, protocol)
        if not governance.was_locked(place.workspace, collaboration):
            governance.note_locked(place.workspace, collaboration)
        before = len(governance.lock_history(place.workspace, collaboration))
        held = freeze(place.workspace, collaboration, said, question)
        changed = act.resumed or len(governance.lock_history(place.workspace, collaboration)) > before
    return place.answer(verb, {**_held(collaboration, held), "changed": changed}, value=held)


def difference(place: Place, collaboration: str) -> Answer:
    """What the file says now against what was locked."""
    changes = governance.difference(place.workspace, collaboration)
    return place.answer("protocol-diff", {"collaboration": collaboration, "changes": changes})


def _held(collaboration: str, held: Standing) -> dict[str, Any]:
    return {
        "collaboration": collaboration,
        "status": held.status.value,
        "sha256": held.sha256,
        "deviations": list(held.deviations),
    }
