"""What the data can show, kind by kind, and which segments can therefore be told; why not, where not.

Absent data is never absent contact: a condition whose reasons, ages, ends or places are not in the data drops its line,
and a segment without a line left is told as what it needs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.partners.segments.definitions import Among, Before, Coded, Segment, Within, Worded
from headwater.partners.segments.stages import DAY, reason_rows
from headwater.store.expr import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headwater.partners.segments.definitions import Condition, Line
    from headwater.store import Store

SEEN = 0.02
"""Share of a kind's contacts from which a column counts as filled: below it a stray value would speak for all."""
SHORTEST_DAYS = 90
"""What must be left to count in after the first window of a history is taken off."""
WORDS = {
    "age": "birth dates",
    "nights": "days of leaving",
    "hours": "times of day",
    "frailty": "icd10 reasons",
    "person": "people (a record number)",
    "place": "places",
    "place_name": "names of places",
    "text": "reasons or outcomes in words",
}
FREQUENT = ((365, 4), (182, 3), (90, 3), (30, 2))
"""(days, contacts): the setting for kinds without a national definition; the longest window of which the data hold
two."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of contact. shares: part of its contacts with each sort of figure; systems: with a reason in each coding
    system."""

    kind: str
    contacts: int
    shares: dict[str, float]
    systems: dict[str, float]
    first: int
    last: int
    """Seconds since 1970 of its first and last contact: agencies begin at different times."""


@dataclass(frozen=True, slots=True)
class Presence:
    """The data by kind. own: the kinds that the asking body's contacts are of."""

    kinds: dict[str, Kind]
    own: frozenset[str]

    def of(self, kinds: Sequence[str]) -> list[Kind]:
        return [self.kinds[kind] for kind in kinds if kind in self.kinds]

    def span(self, kinds: Sequence[str]) -> tuple[int, int]:
        """Seconds from the first to the last contact of any of these kinds."""
        found = self.of(kinds)
        return min(one.first for one in found), max(one.last for one in found)

    def days(self, kinds: Sequence[str], looked: Sequence[str]) -> float:
        """Days in which the kinds are seen with the others that a history looks at."""
        begins = max([self.span(kinds)[0], *(one.first for one in self.of(looked))])
        return (self.span(kinds)[1] - begins) / DAY


@dataclass(frozen=True, slots=True)
class Untold:
    """A segment of a kind that is in the data and cannot be told, with what it needs."""

    segment: Segment
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A segment that can be counted. left_out: parts of its definition for which data lack; history_days as it was
    used."""

    segment: Segment
    left_out: tuple[str, ...] = ()


def presence(store: Store, agencies: Sequence[str] = ()) -> Presence:
    """Counts by kind, from segment_contact and the reasons; two questions to the engine. agencies: whose are own, none
    for all."""
    rows = store.table("segment_contact")
    asked = rows.group_by("kind").agg(
        contacts=_.count(),
        person=_.person.count(),
        place=_.place.count(),
        place_name=_.place_name.count(),
        age=_.age.count(),
        nights=_.until.count(),
        hours=_.timed.sum(),
        text=_.told.sum(),
        first=_["at"].min(),
        last=_["at"].max(),
        own=(rows.agency.isin(agencies) if agencies else rows.agency.notnull()).any(),
    )
    found = store.arrow(asked).to_pylist()
    systems = _systems(store)
    kinds = {one["kind"]: _kind(one, systems.get(one["kind"], {})) for one in found}
    return Presence(kinds, frozenset(one["kind"] for one in found if one["own"]))


def _kind(row: dict[str, int], systems: dict[str, int]) -> Kind:
    many = row["contacts"]
    names = ("person", "place", "place_name", "age", "nights", "hours", "text")
    shares = {name: (row[name] or 0) / many for name in names}
    return Kind(
        str(row["kind"]), many, shares, {name: n / many for name, n in systems.items()}, row["first"], row["last"]
    )


def _systems(store: Store) -> dict[str, dict[str, int]]:
    reasons = reason_rows({name: store.table(name) for name in ("contact", "contact_reason")})
    kinds = store.table("contact").select("contact", "agency", "kind")
    known = reasons.inner_join(kinds, ["contact", "agency"]).select("kind", "system", "contact", "agency").distinct()
    found: dict[str, dict[str, int]] = {}
    for row in store.arrow(known.group_by("kind", "system").agg(n=_.count())).to_pylist():
        found.setdefault(row["kind"], {})[row["system"]] = row["n"]
    return found


def told(segments: Sequence[Segment], here: Presence) -> tuple[tuple[Told, ...], tuple[Untold, ...]]:
    """Every segment of the kinds in the data, as it can be told or as what it needs; then the frequent groups that fall
    back."""
    can: list[Told] = []
    cannot: list[Untold] = []
    for segment in segments:
        if set(segment.kinds) & here.own:
            one = _told(segment, here)
            can += [one] if isinstance(one, Told) else []
            cannot += [one] if isinstance(one, Untold) else []
    return (*can, *fallbacks([one.segment for one in can], here)), tuple(cannot)


def _told(segment: Segment, here: Presence) -> Told | Untold:
    if segment.needs:
        return Untold(segment, (segment.needs,))
    lacking = [tuple(dict.fromkeys(_lacks(line, segment, here))) for line in segment.where]
    if all(lacking):
        return Untold(segment, tuple(dict.fromkeys(what for line in lacking for what in line)))
    kept = tuple(line for line, lacks in zip(segment.where, lacking, strict=True) if not lacks)
    left_out = tuple(dict.fromkeys(what for lacks in lacking for what in lacks))
    return Told(replace(segment, where=kept), left_out)


def _lacks(line: Line, segment: Segment, here: Presence) -> Iterator[str]:
    """What the data would have to hold for this line, in words."""
    kinds = here.of(segment.kinds)
    for one in line:
        if isinstance(one, Before):
            yield from _history_lacks(one, segment, here)
        else:
            yield from _lack(one, kinds)


def _lack(one: Condition, kinds: Sequence[Kind]) -> Iterator[str]:
    if isinstance(one, Coded):
        if not any(kind.systems.get(one.system, 0.0) >= SEEN for kind in kinds):
            yield f"{one.system} reasons"
        return
    name = _column(one)
    if name == "frailty":
        if not any(kind.systems.get("icd10", 0.0) >= SEEN for kind in kinds):
            yield WORDS[name]
    elif name and not any(kind.shares[name] >= SEEN for kind in kinds):
        yield WORDS[name]


def _column(one: Condition) -> str:
    if isinstance(one, Worded):
        return {"text": "text", "place": "place_name", "kind": ""}[one.of]
    return one.what if isinstance(one, Within) else one.by if isinstance(one, Among | Before) else ""


def _history_lacks(one: Before, segment: Segment, here: Presence) -> Iterator[str]:
    wanted = one.kinds or segment.kinds
    kinds = here.of(wanted)
    if not kinds:
        yield f"contacts of the kind {' or '.join(wanted)} of the same people"
        return
    for group in (kinds, here.of(segment.kinds)):
        if not any(kind.shares[one.by] >= SEEN for kind in group):
            yield WORDS[one.by]
    if one.ended and not any(kind.shares["nights"] >= SEEN for kind in kinds):
        yield WORDS["nights"]
    days = here.days(segment.kinds, one.kinds)
    if days < one.days + SHORTEST_DAYS:
        yield f"{one.days + SHORTEST_DAYS:,.0f} days of data (there are {days:,.0f})"
    for part in one.prior:
        if not isinstance(part, Before):
            yield from _lack(part, kinds)


# Frequent groups without a national definition


def fallbacks(can: Sequence[Segment], here: Presence) -> tuple[Told, ...]:
    """A frequent group for each kind that no told segment gives one; by place where the data name no people. It says
    what it is."""
    covered = {kind for one in can if _is_frequent(one) for kind in one.kinds}
    return tuple(
        made
        for name, kind in sorted(here.kinds.items())
        if name in here.own and name not in covered and (made := _fallback(kind, here))
    )


def _is_frequent(segment: Segment) -> bool:
    """Many contacts of whatever reason, of one person or place."""

    def many(one: Condition) -> bool:
        return isinstance(one, Among) or (
            isinstance(one, Before)
            and not (one.prior or one.same or one.ended or one.kinds)
            and one.at_least + (not one.including) >= 3
        )

    return any(
        all(isinstance(one, Within) or many(one) for one in line) and any(map(many, line)) for line in segment.where
    )


def _fallback(kind: Kind, here: Presence) -> Told | None:
    unit = next((name for name in ("person", "place") if kind.shares[name] >= SEEN), None)
    window = next(((days, many) for days, many in FREQUENT if here.days([kind.kind], ()) >= 2 * days), None)
    if unit is None or window is None:
        return None
    days, many = window
    whose = "people" if unit == "person" else "places"
    made = Segment(
        f"frequent-{kind.kind}",
        f"Frequent {whose}: {kind.kind.replace('_', ' ')}",
        (kind.kind,),
        ((Before(days, many, "person" if unit == "person" else "place", including=True),),),
        "substitution",
        (),
        "setting of this tool",
        "none",
        "part",
        setting=True,
        note=(
            f"No national definition of a frequent group of this kind can be told from these data: {many} or more"
            f" within {days} days is a setting. Write a segment of your own in segments.toml to change it."
        ),
    )
    return Told(made)
