"""Own contacts made ready for segments, in the engine: reasons judged a code at a time, then a row a contact with what
it shows.

A condition on a reason is tried on each distinct code (some thousands), not on each row of reasons (millions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.partners.segments.definitions import Before, Coded, Worded
from headwater.store import Stage
from headwater.store.expr import _, coalesce, first_of_month, greatest, ifelse, joined_by, literal, null, union

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from headwater.partners.segments.definitions import Condition, Segment
    from headwater.store.expr import Table, Value

OUTCOME = "outcome"
"""The system under which a contact's outcome stands among its reasons."""
CODES_ONLY = ("icd10", "opcs4")
"""Systems in whose codes no words are looked for."""
DAY = 86_400
DAYS_PER_YEAR = 365.25


def reason_conditions(segments: Sequence[Segment]) -> tuple[Coded | Worded, ...]:
    """Every condition on reasons, once each and never turned round, in the order of their columns r0, r1, ..."""
    found = (_plain(one) for segment in segments for one in _all(segment.conditions()))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _all(conditions: Iterator[Condition] | Sequence[Condition]) -> Iterator[Condition]:
    for one in conditions:
        yield one
        if isinstance(one, Before):
            yield from _all(one.prior)


def _plain(one: Condition) -> Coded | Worded | None:
    if isinstance(one, Coded):
        return Coded(one.system, one.code, one.at, one.but)
    return Worded(one.word) if isinstance(one, Worded) and one.of == "text" else None


def column_of(one: Coded | Worded, among: Sequence[Coded | Worded]) -> str:
    return f"r{among.index(_plain(one))}"


def reason_rows(tables: Mapping[str, Table]) -> Table:
    """Reasons with the outcomes beside them: contact, agency, system, code, position (1 where the agency gives no
    order)."""
    reasons, contacts = tables["contact_reason"], tables["contact"]
    coded = reasons.select(
        "contact",
        "agency",
        system=reasons.system.lower(),
        code=reasons.code,
        position=coalesce(reasons.position, literal(1)),
    )
    ended = contacts.filter(contacts.outcome.notnull())
    outcomes = ended.select(
        "contact", "agency", system=literal(OUTCOME), code=ended.outcome, position=literal(1).cast("int64")
    )
    return union(coded.mutate(position=coded.position.cast("int64")), outcomes)


def segment_reason(tables: Mapping[str, Table], settings: Mapping[str, Any]) -> Table:
    """One row a contact that has a reason or an outcome: whether any of its codes satisfies each condition."""
    rows, conditions = reason_rows(tables), reason_conditions(settings["segments"])
    codes = rows.select("system", "code").distinct()
    judged = codes.mutate(**{f"r{at}": _judged(codes, one) for at, one in enumerate(conditions)})
    known = rows.inner_join(judged, ["system", "code"])
    hits = {f"r{at}": _placed(known, f"r{at}", one).any() for at, one in enumerate(conditions)}
    return known.group_by("contact", "agency").agg(reasons=_.count(), **hits)


def _judged(codes: Table, one: Coded | Worded) -> Value:
    if isinstance(one, Worded):
        words = codes.code.lower().replace("_", " ")
        return words.re_search(one.word) & codes.system.notin(CODES_ONLY)
    bare = codes.code.upper().replace(".", "").replace(" ", "")
    found = (codes.system == one.system) & bare.re_search(f"^({one.code.upper()})")
    return found & ~bare.re_search(f"^({one.but.upper()})") if one.but else found


def _placed(rows: Table, column: str, one: Coded | Worded) -> Value:
    if isinstance(one, Worded) or one.at == "any":
        return rows[column]
    return rows[column] & ((rows.position == 1) if one.at == "first" else (rows.position > 1))


def segment_contact(tables: Mapping[str, Table], settings: Mapping[str, Any]) -> Table:
    """Every contact with who, where, when, how old, how long, and what its reasons satisfy; rows of places only stay
    in.

    at, until: seconds since 1970; age in years, nights in days; person: the linked one, else the agency's own record.
    """
    contacts = _with_person(tables["contact"], tables["person_link"])
    # By the month of birth, which is what is left of it once records are linked.
    born = tables["record"].select("agency", "record", birth_date=first_of_month(_.birth_date))
    known = contacts.left_join(born, ["agency", "record"]).drop("agency_right", "record_right")
    named = tables["place"].select("place", place_name=_.name)
    known = known.left_join(named, "place").drop("place_right")
    known = known.left_join(tables["segment_reason"], ["contact", "agency"]).drop("contact_right", "agency_right")
    first = known.start
    flags = {name: known[name].fill_null(False) for name in known.columns if name[:1] == "r" and name[1:].isdigit()}
    return known.select(
        "contact",
        "agency",
        "kind",
        "person",
        "place",
        "place_name",
        at=first.epoch_seconds().cast("int64"),
        until=known.end.epoch_seconds().cast("int64"),
        hour=first.hour(),
        month=first.truncate("M").date(),
        age=(first.date().epoch_days() - known.birth_date.epoch_days()) / DAYS_PER_YEAR,
        nights=greatest(known.end.date().epoch_days() - first.date().epoch_days(), literal(0)),
        told=known.reasons.notnull(),
        timed=ifelse(known.precision == "second", True, False),
        **flags,
    )


def _with_person(contacts: Table, links: Table) -> Table:
    best = links.filter(links.run == 0).select("agency", "record", found="person")
    joined = contacts.left_join(best, ["agency", "record"]).drop("agency_right", "record_right")
    own = ifelse(joined.record.notnull(), joined_by(" ", joined.agency, joined.record), null("string"))
    return joined.mutate(person=coalesce(joined.found, joined.person, own))


STAGES = (
    Stage("segment_reason", ("contact", "contact_reason"), segment_reason, "reasons by contact", ("agency", "contact")),
    Stage(
        "segment_contact",
        ("contact", "person_link", "record", "place", "segment_reason"),
        segment_contact,
        "contacts with what their reasons show",
        ("person", "at", "agency", "contact"),
    ),
)
