"""Between which days each person was seen: stretches of the agencies' windows, joined where they touch.

An agency that loses sight of somebody ends nothing while another goes on; between two stretches nobody would have seen
a contact, so that what lies beyond a gap is missing, not nought. Of several stretches one is kept: the one in which the
person was enrolled, else the longest, else the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.tables import PERSON_OBSERVATION
from headwater.link.people import linked_records, with_person
from headwater.store import Stage
from headwater.store.expr import (
    _,
    coalesce,
    date,
    desc,
    greatest,
    ifelse,
    interval,
    least,
    literal,
    null,
    row_number,
    union,
    window,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.store.expr import Table, Value

ENDS = ("death", "moved", "custody", "withdrew")
DEATH = "death"


def person_observation(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """One stretch of days a person; of whom no agency says it, the whole of the observed time."""
    windows = with_person(tables["observation"], tables["person_link"]).filter(_.person.notnull())
    start, end = date(str(settings["from"])), date(str(settings["to"]))
    died = deaths(windows, linked_records(tables["record"], tables["person_link"]))
    seen = stretch(windows, tables["person_enrolment"], died, (start, end))
    unseen = tables["person"].select("person").anti_join(windows.select("person"), "person")
    whole = _until_death(unseen.mutate(first=start, last=end, why=null("string")), died)
    people = tables["person"].select("person")
    found = union(seen, whole).semi_join(people, "person")
    why = coalesce(found.why, ifelse(found["last"] >= end, literal("study-end"), literal("unknown")))
    return found.select("person", **{"from": found["first"], "to": found["last"]}, why_ended=why).select(
        *PERSON_OBSERVATION.names
    )


def deaths(windows: Table, records: Table) -> Table:
    """person, died: the first day that any agency tells, as the end of its window or among what it knows of the
    person."""
    ended = windows.filter(windows["why_ended"] == DEATH).select("person", died="to")
    known = records.filter(records.death_date.notnull()).select("person", died="death_date")
    return union(ended, known).group_by("person").agg(died=_.died.min())


def stretch(windows: Table, enrolled: Table, died: Table, observed: tuple[Value, Value]) -> Table:
    """person, first, last, why: one stretch a person with a window that reaches into the observed time.

    windows: person, from, to (null while it goes on), why_ended; enrolled: person, start; died: person, died; observed:
    the first and the last day.
    """
    within = _within(windows, *observed)
    stretches = _stretches(within)
    alive = _until_death(stretches.inner_join(_why(within, stretches), ["person", "at"]), died)
    first = enrolled.group_by("person").agg(enrolled=_.start.min())
    joined = alive.left_join(first, "person").drop("person_right")
    holds = coalesce((joined.first <= joined.enrolled) & (joined.enrolled <= joined.last), literal(False))
    ranked = joined.mutate(holds=holds, days=joined.last.delta(joined.first, unit="day"))
    best = window(group_by="person", order_by=[desc("holds"), desc("days"), "first"])
    return ranked.mutate(nth=row_number().over(best)).filter(_["nth"] == 0).select("person", "first", "last", "why")


def _within(windows: Table, start: Value, end: Value) -> Table:
    """The windows cut to the observed time, each with the number of its stretch: a new one begins where a day lies
    between."""
    cut = windows.mutate(first=greatest(windows["from"], start), last=least(coalesce(windows["to"], end), end))
    cut = cut.filter(cut["first"] <= cut["last"]).select("person", "first", "last", "why_ended")
    order = ["first", "last", "why_ended"]
    so_far = window(group_by="person", order_by=order, following=0)
    reach = cut.mutate(reach=cut["last"].max().over(so_far))
    before = reach.mutate(before=reach["reach"].lag(1).over(window(group_by="person", order_by=order)))
    apart = before["before"].isnull() | (before["first"] > before["before"] + interval(days=1))
    begun = before.mutate(begins=apart.ifelse(literal(1), literal(0)))
    return begun.mutate(at=begun["begins"].sum().over(so_far)).select("person", "first", "last", "why_ended", "at")


def _stretches(within: Table) -> Table:
    return within.group_by("person", "at").agg(first=_["first"].min(), last=_["last"].max())


def _why(within: Table, stretches: Table) -> Table:
    """Why each stretch ended, by the windows that reach its last day; a stated reason goes before none."""
    ends = stretches.select(whose="person", which="at", until="last")
    last = within.inner_join(ends, [within.person == ends.whose, within.at == ends.which, within["last"] == ends.until])
    named = last["why_ended"].isin(ENDS)
    return last.group_by("person", "at").agg(why=coalesce(last["why_ended"].min(where=named), last["why_ended"].min()))


def _until_death(stretches: Table, died: Table) -> Table:
    """Nothing goes on after a death, whoever tells of it."""
    joined = stretches.left_join(died, "person").drop("person_right")
    joined = joined.filter(joined.died.isnull() | (joined["first"] <= joined.died))
    over = joined.died.notnull() & (joined.died <= joined["last"])
    return joined.mutate(
        why=ifelse(over, literal(DEATH), joined["why"]), last=ifelse(over, joined.died, joined["last"])
    ).select("person", "first", "last", "why")


STAGE = Stage(
    "person_observation",
    ("observation", "record", "person_link", "person", "person_enrolment"),
    person_observation,
    "when each person was observed",
    ("person",),
)
