"""What the data as loaded can and cannot answer, per question and style, and the one line or file that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from headwater.app import mapping
from headwater.app.reading import kinds as kinds_of
from headwater.app.reading import linked, need_data, orphans
from headwater.app.valuing import price_book
from headwater.domain.errors import Usage, one_of
from headwater.domain.progress import silent
from headwater.domain.release import Count
from headwater.store.expr import _

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.progress import Progress
    from headwater.store import Store

WORDS = {
    "ae_attendance": ("a&e", "ae", "ed", "emergency department", "emergency care", "accident", "attendance", "ecds"),
    "emergency_admission": ("admission", "inpatient", "ward", "nonelective", "apc"),
    "gp_contact": ("gp", "surgery", "consultation", "general practice", "primary care"),
    "ambulance_call": ("ambulance", "999", "cad", "paramedic"),
    "fire_incident": ("fire", "irs", "dwelling"),
    "police_incident": ("police", "crime", "rms", "niche", "occurrence", "nominal"),
    "community_nursing": ("community", "nursing", "nurse", "district nurse"),
    "mental_health_contact": ("mental", "camhs", "psychiatry", "iapt", "therapies"),
    "foster_care_week": ("foster", "looked after"),
    "claimant_year": ("benefit", "claimant"),
}
"""Priced kind → words that agencies use for it."""
WIDE = {"admission", "attendance", "accident", "ward", "community", "fire", "therapies"}
"""Words that mean one priced kind alone where nothing stands beside them: a maternity admission is no emergency."""
LIKELY = 0.8
SPANS = {"hour", "day", "night", "week", "month", "year"}
"""Words of priced kinds that are so much time, whatever number of contacts falls into it."""


@dataclass(frozen=True, slots=True)
class Held:
    """What there is. kinds: (kind, contacts, priced); early: kinds that act before the demand; orphans: agency →
    (contacts of nobody on file, all)."""

    kinds: tuple[tuple[str, int, bool], ...]
    early: frozenset[str]
    agencies: tuple[str, ...]
    shared: tuple[tuple[str, str, int], ...]
    orphans: dict[str, tuple[int, int]]
    rows: dict[str, int]
    located: int

    def priced(self, *, early: bool) -> list[str]:
        return [kind for kind, _n, priced in self.kinds if (kind in self.early) == early and (priced or early)]


def ready(place: Place, organisation: str | None = None, progress: Progress = silent) -> Answer:
    """What can be asked of the data as loaded. Nothing is looked for; records are linked where they were not."""
    priced = frozenset(price_book(place).by_kind)
    with place.store() as store:
        if organisation is not None:
            _known(store, organisation)
        if not any(store.has(name) for name in ("contact", "count", "organisation")):
            need_data(store)
        if store.has("contact"):
            linked(place, store, progress)
        held = _held(store, priced)
    kinds = [
        {
            "kind": kind,
            "contacts": Count(n, "contacts"),
            "priced": known,
            "upstream": kind in held.early,
            "like": "" if known or kind in held.early else like(kind, priced),
        }
        for kind, n, known in held.kinds
    ]
    questions = [
        _mirror(held),
        _integration(held, organisation),
        _upstream(held, organisation),
        _segments(held),
        _people(held),
        _places(held),
        _money(held),
    ]
    content = {
        "for": organisation,
        "kinds": kinds,
        "agencies": list(held.agencies),
        "shared": [{"one": one, "other": other, "people": Count(n)} for one, other, n in held.shared],
        "orphans": [
            {"agency": agency, "contacts": Count(lost, "contacts"), "most": 2 * lost > whole}
            for agency, (lost, whole) in held.orphans.items()
        ],
        "questions": questions,
    }
    return place.answer("ready", content, value=held)


def accept(place: Place, kind: str, priced: str) -> Answer:
    """A kind of the agencies' own words said to be a priced one; written into headwater.toml, and read with the next
    load."""
    known = tuple(price_book(place).by_kind)
    with place.store() as store:
        given = kinds_of(store)
    if kind not in given:
        raise one_of("no such kind in the data", kind, given, "headwater ready")
    if priced not in known:
        raise one_of("no such priced kind", priced, known, "headwater prices")
    if not mapping.rename_kind(place, kind, priced):
        raise Usage("no [[source]] gives this kind", given=kind, next_step="headwater ready")
    return place.answer("accept", {"kind": kind, "is": priced})


def like(kind: str, priced: frozenset[str]) -> str:
    """The priced kind that a word most likely means; '' where none is likely."""
    plain = kind.lower().replace("_", " ").replace("-", " ")
    words = set(plain.split())
    # An episode is no week: it lasts as many as it lasts, and none of them would be counted.
    priced = frozenset(one for one in priced if SPANS & set(one.split("_")) <= words)
    for ours, theirs in WORDS.items():
        if ours in priced and any(one == plain or (one not in WIDE and set(one.split()) <= words) for one in theirs):
            return ours
    near = get_close_matches(kind.lower(), sorted(priced), n=2, cutoff=LIKELY)
    # Two that are as near say nothing: a maternity admission is none of emergencies, an incident may be a fire or a
    # crime.
    return near[0] if len(near) == 1 else ""


def _known(store: Store, organisation: str) -> None:
    rows = store.arrow(store.table("organisation").select("organisation")).to_pylist()
    codes = [str(row["organisation"]) for row in rows]
    if organisation not in codes:
        raise one_of("no such organisation", organisation, codes, "headwater ready")


# What there is


def _held(store: Store, priced: frozenset[str]) -> Held:
    counted: dict[str, int] = {}
    for table in ("contact", "count"):
        for row in store.arrow(store.table(table).group_by("kind").agg(n=_.count())).to_pylist():
            counted[row["kind"]] = counted.get(row["kind"], 0) + row["n"]
    services = store.table("service")
    early = store.arrow(services.filter(services["eligible_upstream"]).select("kind").distinct()).to_pylist()
    contacts = store.table("contact")
    agencies = store.arrow(contacts.select("agency").distinct().order_by("agency")).to_pylist()
    rows = {
        name: store.rows(name) if store.has(name) else 0
        for name in (
            "contact",
            "count",
            "organisation",
            "service",
            "post",
            "spend",
            "place",
            "person",
            "enrolment",
            "contact_reason",
        )
    }
    located = store.arrow(contacts.filter(contacts["place"].notnull()).agg(n=_.count()))["n"][0].as_py()
    return Held(
        tuple((kind, n, kind in priced) for kind, n in sorted(counted.items())),
        frozenset(row["kind"] for row in early),
        tuple(row["agency"] for row in agencies),
        shared_people(store),
        orphans(store),
        rows,
        located,
    )


def shared_people(store: Store) -> tuple[tuple[str, str, int], ...]:
    """Pairs of agencies and how many people both see."""
    if not store.has("person_contact"):
        return ()
    seen = store.table("person_contact").select("person", "agency").distinct()
    other = seen.view()
    pairs = seen.inner_join(other, [seen.person == other.person, seen.agency < other.agency])
    found = pairs.group_by(one="agency", other="agency_right").agg(n=_.count()).order_by("one", "other")
    return tuple((row["one"], row["other"], row["n"]) for row in store.arrow(found).to_pylist())


# What it bears


def _told(question: str, style: str, lacking: list[tuple[str, str]]) -> dict[str, Any]:
    """lacking: (why not, what mends it), the first of which is told."""
    why, mend = lacking[0] if lacking else ("", "")
    return {"question": question, "style": style, "can": not lacking, "why": why, "mend": mend}


def _mirror(held: Held) -> dict[str, Any]:
    lacking = []
    if held.rows["organisation"] < 2:
        lacking.append(
            (
                "fewer than two organisations are known",
                "add a register of the bodies around: headwater add REGISTER.csv",
            )
        )
    if not (held.rows["post"] or held.rows["spend"]):
        lacking.append(
            (
                "nothing says what they spend or who works there",
                "add a file of posts or of spending: headwater add POSTS.csv",
            )
        )
    return _told("Who is alike enough to share a team?", "mirror", lacking)


def _together(held: Held, organisation: str | None) -> list[tuple[str, str]]:
    if not held.rows["contact"]:
        return [("there are no contacts", "add a file of contacts: headwater add CONTACTS.csv, headwater load")]
    if len(held.agencies) < 2:
        return [
            (
                f"only {', '.join(held.agencies)} gave contacts",
                "add another agency's contacts, with a number, or names and birth dates, that both hold",
            )
        ]
    most = [agency for agency, (lost, whole) in held.orphans.items() if 2 * lost > whole]
    if most:
        return [
            (
                f"most contacts of {', '.join(most)} bear a number that none of its records has",
                f'map the column that both of its files share: record = "..." in the [[source]] of {most[0]}',
            )
        ]
    mine = [pair for pair in held.shared if organisation is None or organisation in pair[:2]]
    if not mine:
        return [
            (
                "no person is known to two agencies",
                "add each agency's file of people (NHS number, or names and birth date), then headwater load and link",
            )
        ]
    return []


def _integration(held: Held, organisation: str | None) -> dict[str, Any]:
    return _told(
        "Who shares our people?",
        "integration",
        _together(held, organisation if organisation in held.agencies else None),
    )


def _upstream(held: Held, organisation: str | None) -> dict[str, Any]:
    lacking = _together(held, organisation if organisation in held.agencies else None)
    if not held.priced(early=False):
        lacking.append(("no kind of the demand that is to be averted has a price", _price_line(held)))
    if not held.priced(early=True):
        lacking.append(
            (
                "no service acts before the demand arises",
                "say which could: a file of services with the column eligible_upstream, headwater add SERVICES.csv",
            )
        )
    return _told("Who upstream could prevent our demand?", "upstream", lacking)


def _price_line(held: Held) -> str:
    kind = next((kind for kind, _n, known in held.kinds if not known and kind not in held.early), "KIND")
    return f'headwater ready --accept {kind}=PRICED says which priced kind it is; or prices = ["data/our_prices.csv"]'


def _segments(held: Held) -> dict[str, Any]:
    lacking = [] if held.rows["contact"] else [("there are no contacts", "headwater add CONTACTS.csv, headwater load")]
    if not held.rows["contact_reason"]:
        lacking.append(
            ("no contact says why it came", '[source.reasons] names the columns of codes, as icd10 = ["DIAG_*"]')
        )
    return _told("What of our own demand could others meet earlier?", "upstream", lacking)


def _people(held: Held) -> dict[str, Any]:
    lacking = [] if held.rows["person"] else [("no contact names a person", 'map the person\'s number: record = "..."')]
    if not held.rows["enrolment"]:
        lacking.append(
            (
                "nobody is enrolled in a collaboration",
                'add the list of those taken on, with the day: table = "enrolment"',
            )
        )
    return _told("What did a programme for people change?", "", lacking)


def _places(held: Held) -> dict[str, Any]:
    lacking = (
        []
        if held.rows["count"] or held.located
        else [
            (
                "nothing is counted by place or organisation",
                "add counts a month (headwater add COUNTS.csv), or coordinates: [source.at]",
            )
        ]
    )
    return _told("What did a programme in a place change?", "", lacking)


def _money(held: Held) -> dict[str, Any]:
    unpriced = [kind for kind, _n, known in held.kinds if not known]
    lacking = (
        [("no kind has a price: " + ", ".join(unpriced[:5]), _price_line(held))]
        if unpriced and len(unpriced) == len(held.kinds)
        else []
    )
    return _told("What is it worth?", "", lacking)
